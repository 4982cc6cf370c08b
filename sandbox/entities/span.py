"""Entities as spans over UTF-16 code units."""

from __future__ import annotations

from typing import Any

from sandbox.limits import utf16_length
from sandbox.model import Json


def text_of(content: Json) -> str:
    """The text or caption of a message's content."""
    return str(content.get("text") or content.get("caption") or "")


def entities_of(content: Json) -> list[Json]:
    """The entities of a message's text or caption."""
    found: list[Json] = content.get("entities") or content.get("caption_entities") or []
    return found


NESTING = (
    "blockquote",
    "expandable_blockquote",
    "text_link",
    "text_mention",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "code",
    "pre",
    "custom_emoji",
)
"""From the outermost kind to the innermost, for entities over the same span."""


class Builder:
    """Collects plain text and the entities over it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.offset = 0
        self.entities: list[Json] = []

    def add(self, text: str) -> None:
        """Append plain text."""
        self._parts.append(text)
        self.offset += utf16_length(text)

    def close(self, kind: str, start: int, **extra: Any) -> None:
        """An entity from ``start`` to here; an empty one is dropped, as Telegram does."""
        if self.offset > start:
            self.entities.append({"type": kind, "offset": start, "length": self.offset - start, **extra})

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def result(self) -> tuple[str, list[Json]]:
        """Text and entities in Telegram's order."""
        return self.text, sorted(self.entities, key=order)


def order(entity: Json) -> tuple[int, int, int]:
    """Sort key: by start, the longer first, outer kinds first."""
    kind = entity["type"]
    rank = NESTING.index(kind) if kind in NESTING else len(NESTING)
    return entity["offset"], -entity["length"], rank


def trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Cut white space at both ends, as Telegram does with every message."""
    body = text.lstrip(" \n\t\r\v\f")
    cut = utf16_length(text) - utf16_length(body)
    body = body.rstrip()
    size = utf16_length(body)
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - cut)
        end = min(size, entity["offset"] + entity["length"] - cut)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return body, sorted(kept, key=order)


def merge(given: list[Json], detected: list[Json]) -> list[Json]:
    """Add detected entities where the given ones leave room (never in links or code)."""
    closed = [e for e in given if e["type"] in ("text_link", "text_mention", "code", "pre")]
    free = [
        found
        for found in detected
        if not any(
            found["offset"] < e["offset"] + e["length"] and e["offset"] < found["offset"] + found["length"]
            for e in closed
        )
    ]
    return sorted([*given, *free], key=order)
