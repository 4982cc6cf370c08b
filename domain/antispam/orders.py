"""What moderators write after a command: whom, for how long, and why."""

import re
from dataclasses import dataclass

from domain.errors import Invalid
from domain.time_words import is_forever, unit_of

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_PART = re.compile(r"\s*(\d{1,6})\s*([^\W\d_]+)\.?")
_LIKE_DURATION = re.compile(r"\d+[A-Za-zА-Яа-я]{1,3}")
_ALSO_PREPOSITIONS = {"с"}  # "2 с матом" is a reason, not two seconds
SHORTEST, LONGEST = 30, 366 * 86_400  # https://core.telegram.org/bots/api#banchatmember: outside is for ever
LONGEST_REASON = 200


def duration_of(text: str) -> int | None:
    """Seconds of `10m 2h 3d 1w` (also joined: `1d12h`) or `10 минут`, in English or Russian; None when the
    text is no duration.
    """
    seconds, at = 0, 0
    text = text.strip()
    while at < len(text):
        part = _PART.match(text, at)
        unit = unit_of(part[2]) if part is not None else None
        if part is None or unit not in _SECONDS:
            return None
        seconds, at = seconds + int(part[1]) * _SECONDS[unit], part.end()
    return seconds if text else None


@dataclass(frozen=True, slots=True)
class Order:
    """A command's words. `who` is an @username or an id, None when a message was replied to."""

    who: str | None
    seconds: int = 0  # 0: no end was named
    reason: str = ""


def parse_order(args: str, *, replied: bool, timed: bool) -> Order:
    """Read `[@username|id] [duration] [reason]`; `timed` commands know a duration.

    Raises `Invalid`: `order_target` (nobody is named), `order_duration` (unreadable, or outside 30 s to
    366 days).
    """
    words = args.split()
    who = None
    if words and _names_somebody(words[0], replied):
        who = words.pop(0)
    if who is None and not replied:
        raise Invalid("target", "order_target")
    seconds = 0
    if timed:
        seconds, words = _take_duration(words)
    return Order(who, seconds, " ".join(words)[:LONGEST_REASON])


def _take_duration(words: list[str]) -> tuple[int, list[str]]:
    """The seconds that the first words name (0: none, or for ever), and the words after them."""
    if words and is_forever(words[0]):
        return 0, words[1:]
    seconds, rest = 0, words
    while (width := _width(rest)) > 0:
        seconds, rest = seconds + (duration_of(" ".join(rest[:width])) or 0), rest[width:]
    taken = len(rest) < len(words)
    if taken and not SHORTEST <= seconds <= LONGEST:
        raise Invalid("duration", "order_duration")
    if not taken and rest and (_LIKE_DURATION.fullmatch(rest[0]) or _counts_time(rest)):
        raise Invalid("duration", "order_duration")
    return seconds, rest


def _width(words: list[str]) -> int:
    """How many of the first words are one length of time: `10m`, `10 minutes`."""
    if words and duration_of(words[0]) is not None:
        return 1
    return 2 if _counts_time(words) and duration_of(" ".join(words[:2])) is not None else 0


def _counts_time(words: list[str]) -> bool:
    return (
        len(words) > 1
        and words[0].isdecimal()
        and words[1].casefold() not in _ALSO_PREPOSITIONS
        and unit_of(words[1].rstrip(".")) is not None
    )


def _names_somebody(word: str, replied: bool) -> bool:
    if word.startswith("@"):
        return True
    number = word.removeprefix("-")
    # In a reply, a bare number begins the reason ("3rd time"), unless it is as long as an id.
    return number.isascii() and number.isdigit() and len(number) >= (5 if replied else 1)
