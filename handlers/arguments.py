"""Arguments of buttons: what comes back from a client is anything at all."""

from enum import StrEnum
from typing import TypeVar

from domain.errors import NotFound

E = TypeVar("E", bound=StrEnum)
_MOST = 2**62  # ids fit a signed 64-bit column
_LAST_PAGE = 100_000


def text(args: list[str], index: int) -> str:
    """One argument. Raises `NotFound` (button) when it is missing."""
    if index >= len(args):
        raise NotFound("button")
    return args[index]


def number(args: list[str], index: int) -> int:
    """One argument as a whole number. Raises `NotFound` (button) when it is none."""
    word = text(args, index)
    digits = word.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20) or int(digits) > _MOST:
        raise NotFound("button")
    return int(word)


def choice(kind: type[E], args: list[str], index: int) -> E:
    """One argument as a member of `kind`. Raises `NotFound` (button) when it is none."""
    try:
        return kind(text(args, index))
    except ValueError:
        raise NotFound("button") from None


def page_number(args: list[str]) -> int:
    """The first argument as the page of a list, from 0, kept within what a list may have."""
    return min(max(number(args, 0), 0), _LAST_PAGE)
