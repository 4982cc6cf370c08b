"""Text from people, rid of what would do more than be read."""

import re

# Bidi embeddings, overrides and isolates (UAX #9): a name with one of them turns the rest of a line around.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")

# Letters that show nothing: Hangul fillers and the braille blank; the rest follows from `str.isprintable`.
_BLANK = re.compile("[\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\ufe00-\ufe0f]")


def plain(text: object) -> str:
    """The text without control characters and bidi controls."""
    return _CONTROL.sub("", _BIDI.sub("", str(text)))


def is_visible(text: str) -> bool:
    """False for a text made to look empty; Telegram takes none such as a message or a button's label."""
    return any(char.isprintable() and not char.isspace() for char in _BLANK.sub("", text))
