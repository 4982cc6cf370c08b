"""What moderators write after a command: whom, for how long, and why."""

import re
from dataclasses import dataclass

from domain.errors import Invalid

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(?:\d{1,6}[smhdw])+")
_PART = re.compile(r"(\d{1,6})([smhdw])")
_LIKE_DURATION = re.compile(r"\d+[A-Za-zА-Яа-я]{1,3}")
SHORTEST, LONGEST = 30, 366 * 86_400  # https://core.telegram.org/bots/api#banchatmember: outside is for ever
LONGEST_REASON = 200


def duration_of(text: str) -> int | None:
    """Seconds of `10m 2h 3d 1w` (also joined: `1d12h`); None when the text is no duration."""
    parts = text.lower().split()
    if not parts or not all(_DURATION.fullmatch(part) for part in parts):
        return None
    return sum(int(number) * _UNITS[unit] for part in parts for number, unit in _PART.findall(part))


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
        taken = 0
        while taken < len(words) and (more := duration_of(words[taken])) is not None:
            seconds, taken = seconds + more, taken + 1
        words = words[taken:]
        if (taken and not SHORTEST <= seconds <= LONGEST) or (
            not taken and words and _LIKE_DURATION.fullmatch(words[0])
        ):
            raise Invalid("duration", "order_duration")
    return Order(who, seconds, " ".join(words)[:LONGEST_REASON])


def _names_somebody(word: str, replied: bool) -> bool:
    if word.startswith("@"):
        return True
    number = word.removeprefix("-")
    # In a reply, a bare number begins the reason ("3rd time"), unless it is as long as an id.
    return number.isascii() and number.isdigit() and len(number) >= (5 if replied else 1)
