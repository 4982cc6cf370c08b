"""What Telegram's clients and servers recognise in plain text by themselves."""

from __future__ import annotations

import re

from sandbox.entities.span import entities_of, text_of
from sandbox.limits import utf16_length
from sandbox.model import Json

_TOP_LEVEL = (
    "com|net|org|info|biz|io|me|app|dev|ru|su|ua|by|kz|de|fr|es|it|pl|nl|uk|us|eu|cn|jp|in|br|"
    "tr|ir|online|site|store|shop|club|xyz|top|pro|live|link|gg|co|tv|cc|to|ly|ai|tech|space|"
    "website|click|fun|vip|win|bet|casino|рф"
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "email",
        re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b"),
    ),
    (
        "url",
        re.compile(
            r"(?:(?:https?|ftp|tg|ton|tonsite)://[^\s<>\"'«»]+"
            rf"|(?<![\w@.-])(?:[\w-]+\.)+(?:{_TOP_LEVEL})(?![\w-])(?::\d{{1,5}})?(?:[/?#][^\s<>\"«»]*)?)",
            re.IGNORECASE,
        ),
    ),
    ("bot_command", re.compile(r"(?<![\w/<>])/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{3,32}))?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z0-9_]{3,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#&])#(?=\w*[^\W\d])\w{1,256}(?:@[A-Za-z0-9_]{3,32})?")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?!\w)")),
)


def detect(text: str) -> list[Json]:
    """Entities Telegram adds to a text: commands, mentions, hashtags, links, addresses."""
    found: list[Json] = []
    taken: list[tuple[int, int]] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if kind == "url":
                end = start + len(match.group().rstrip(".,:;!?)]}'…"))
            if any(start < old_end and old_start < end for old_start, old_end in taken):
                continue
            taken.append((start, end))
            offset = utf16_length(text[:start])
            found.append({"type": kind, "offset": offset, "length": utf16_length(text[start:end])})
    return sorted(found, key=lambda entity: entity["offset"])


def entity_text(text: str, entity: Json) -> str:
    """The part of the text an entity covers."""
    raw = text.encode("utf-16-le")
    start = entity["offset"] * 2
    return raw[start : start + entity["length"] * 2].decode("utf-16-le", "ignore")


def bot_command_target(content: Json) -> str | None:
    """Whom the command at the start of a message addresses.

    Lower-case username for ``/cmd@name``, empty for a bare ``/cmd``, None without a command.
    """
    text = text_of(content)
    for entity in entities_of(content):
        if entity["type"] == "bot_command" and entity["offset"] == 0:
            return entity_text(text, entity).partition("@")[2].lower()
    return None


def mentions(content: Json) -> set[str]:
    """Lower-case usernames mentioned in a message."""
    text = text_of(content)
    return {
        entity_text(text, entity)[1:].lower()
        for entity in entities_of(content)
        if entity["type"] == "mention"
    }
