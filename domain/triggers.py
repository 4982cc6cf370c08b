"""Triggered blocks: what is said to leads by itself, some time after they enter a status."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.creatives import Creative
from domain.errors import Invalid
from domain.leads import LeadStatus
from domain.time_words import unit_of

LONGEST_DELAY = 366 * 86_400  # seconds


class JobState(StrEnum):
    """How far the message of one block to one lead is."""

    QUEUED = "queued"
    SENDING = "sending"  # the intent is committed: after a crash nobody knows
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"  # the lead moved on, said no, or the block was turned off
    UNKNOWN = "unknown"  # may have arrived: never sent again by itself


@dataclass(frozen=True, slots=True)
class Block:
    """The block of one status. `delay` is in seconds after the lead has entered it."""

    status: LeadStatus
    on: bool = False
    delay: int = 0
    creative: Creative = field(default_factory=Creative)

    @property
    def empty(self) -> bool:
        """True when there is nothing to send."""
        return not self.creative.text.strip() and not self.creative.media

    def turned(self, on: bool) -> "Block":
        """The same block switched on or off. Raises `Invalid` (text) for one that says nothing."""
        if on and self.empty:
            raise Invalid("text", "nothing_to_send")
        return replace(self, on=on)


def check_delay(seconds: int) -> int:
    """Raise `Invalid` (delay) unless it is a delay we keep."""
    if not 0 <= seconds <= LONGEST_DELAY:
        raise Invalid("delay", "trigger_delay", days=LONGEST_DELAY // 86_400)
    return seconds


_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_WRITTEN = re.compile(r"(\d{1,6})\s*(\w+)")


def read_delay(text: str) -> int:
    """A delay as people type it, in seconds: `30 min`, `2 hours`; `0` is at once.

    Raises `Invalid` (delay).
    """
    text = text.strip()
    if text == "0":
        return 0
    found = _WRITTEN.fullmatch(text)
    unit = _SECONDS.get(unit_of(found[2]) or "") if found is not None else None
    if found is None or unit is None:
        raise Invalid("delay", "trigger_delay", days=LONGEST_DELAY // 86_400)
    return check_delay(int(found[1]) * unit)
