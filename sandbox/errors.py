"""Errors in Telegram's own words."""

from __future__ import annotations

from typing import Any


class TelegramError(Exception):
    """An unsuccessful Bot API answer: HTTP status, description and optional parameters."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The JSON object Telegram answers with."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class SandboxError(Exception):
    """A person tried what Telegram's client would not offer, or a story is written wrongly.

    Args:
        sentence: English, with ``{name}`` for each fact: the page finds its translation under it.
        facts: what stands in the sentence's places.
    """

    def __init__(self, sentence: str, **facts: str | int | None) -> None:
        super().__init__(sentence.format(**facts))
        self.sentence = sentence
        self.facts = facts


def bad_request(words: str, **parameters: Any) -> TelegramError:
    """400 with Telegram's words."""
    return TelegramError(400, f"Bad Request: {words}", parameters or None)


def forbidden(words: str) -> TelegramError:
    """403 with Telegram's words."""
    return TelegramError(403, f"Forbidden: {words}")


def too_many_requests(retry_after: int) -> TelegramError:
    """429 that asks to wait ``retry_after`` seconds."""
    return TelegramError(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})
