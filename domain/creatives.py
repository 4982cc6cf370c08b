"""Creatives: what owners write to be sent — a text, at most one picture or video, at most one button."""

import re
from dataclasses import dataclass
from enum import IntEnum

from domain.errors import Invalid

LONGEST_BUTTON = 64  # characters


class MediaType(IntEnum):
    """The numbers of the wire contract."""

    NONE = 0
    PHOTO = 1
    VIDEO = 2


@dataclass(frozen=True, slots=True)
class Creative:
    """`text` is Telegram Markdown with macros, `media` a ref of `media/upload`, `link` the button's URL with
    macros."""

    text: str = ""
    media: str = ""
    media_type: MediaType = MediaType.NONE
    button: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sent to be a creative: a text or caption in Telegram Markdown, and the file with it by
    Telegram's id (`size` in bytes, 0 where Telegram does not say)."""

    text: str = ""
    media_type: MediaType = MediaType.NONE
    file_id: str = ""
    size: int = 0


_ONE_LINE = re.compile(r"(\S.*?)(?:\s+[-–—|]\s+|\s*\n\s*|\s+)(\S+)", re.S)


def read_button(text: str) -> tuple[str, str]:
    """A caption and the address behind it, as people type them: on two lines, or `Open - https://…` on one.

    Raises `Invalid` (button).
    """
    found = _ONE_LINE.fullmatch(text.strip())
    if found is None:
        raise Invalid("button", "button_form")
    return " ".join(found[1].split()), found[2]
