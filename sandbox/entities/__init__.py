"""Formatting: from markup to text and entities, and what Telegram finds in plain text itself."""

from __future__ import annotations

from typing import Any

from sandbox.entities.detect import bot_command_target, detect, mentions
from sandbox.entities.html import parse_html
from sandbox.entities.markdown import parse_markdown
from sandbox.entities.markdown_v2 import parse_markdown_v2
from sandbox.entities.span import entities_of, merge, text_of, trim
from sandbox.entities.unparse import to_html
from sandbox.errors import bad_request
from sandbox.model import Json

__all__ = ["bot_command_target", "detect", "entities_of", "formatted", "mentions", "text_of", "to_html"]

_PARSERS = {
    "html": parse_html,
    "markdown": parse_markdown,
    "markdownv2": parse_markdown_v2,
}


def formatted(
    text: str, parse_mode: str | None = None, entities: list[Json] | None = None
) -> tuple[str, list[Json]]:
    """Text and entities of a bot's message, with links and commands found as Telegram does.

    Raises:
        TelegramError: markup that cannot be parsed, in Telegram's words.
    """
    found: list[Json]
    if parse_mode:
        parser = _PARSERS.get(parse_mode.lower())
        if parser is None:
            raise bad_request("unsupported parse_mode")
        try:
            text, found = parser(text)
        except ValueError as error:
            raise bad_request(f"can't parse entities: {error}") from None
    else:
        found = [_checked(entity) for entity in entities or []]
    text, found = trim(text, found)
    return text, merge(found, detect(text))


def _checked(entity: Any) -> Json:
    if not isinstance(entity, dict) or "type" not in entity:
        raise bad_request("can't parse entities: an Object expected")
    return entity
