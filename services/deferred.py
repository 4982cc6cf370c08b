"""Calls whose content is looked up when they are made, and whose fate is told to whoever asked for them.

Broadcasts and triggered messages wait in tables of their own, as many as there are. Only the next few of each
bot stand in the outbox, so that one line (`delivery.lines`) decides which of all the bot's calls goes next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from domain.calls import Call
from storage.database import Tx

DEFERRED = "deferred"  # topic: there may be calls to feed (something was started, resumed, or became due)
ROOM = 90  # deferred calls of one bot that stand in the outbox: three seconds at Telegram's pace
PAID_ROOM = 2_000  # … and of those that go at the pace one pays for: two seconds


class Fate(StrEnum):
    """What became of a deferred call."""

    TAKEN_BACK = "taken back"  # it was meant, but surely did not arrive: it stays in line and is meant again
    SENT = "sent"
    FAILED = "failed"  # Telegram will never take it
    WITHDRAWN = "withdrawn"  # not wanted any more (`resolve` or `intend` left it out): it is out of the line
    UNKNOWN = "unknown"  # may have arrived


@dataclass(frozen=True, slots=True)
class Settled:
    """The fate of one call. `error` are Telegram's words, `status` its code; `blocked`: the person cannot be
    written to. `answer` is what Telegram returned (a message)."""

    ref: int
    bot_id: int
    fate: Fate
    message_id: int | None = None
    error: str | None = None
    status: int | None = None
    blocked: bool = False
    answer: Any = None


@dataclass(frozen=True, slots=True)
class Room:
    """How many more calls each bot may have in the outbox; one that is not named has all its room."""

    left: Mapping[int, int] = field(default_factory=dict)
    paid: Mapping[int, int] = field(default_factory=dict)

    def of(self, bot_id: int, *, paid: bool = False) -> int:
        """The room of one bot."""
        return max(0, self.paid.get(bot_id, PAID_ROOM) if paid else self.left.get(bot_id, ROOM))


class DeferredSource(Protocol):
    """Whoever has calls to defer. `name` is kept in the outbox rows, `ref` is his own row's id."""

    @property
    def name(self) -> str: ...

    async def feed(self, room: Room) -> int:
        """Put calls that are due into the outbox (`storage.outbox.put_deferred`, or a statement of one's
        own), for each bot as many as there is room for. Returns how many. Called about once a second, and
        soon after a signal on `DEFERRED`: with nothing to feed it must cost no more than a look."""
        ...

    async def resolve(self, refs: Sequence[int]) -> Mapping[int, Call]:
        """The calls as they are to be made now; those not wanted any more are left out.

        One that was meant before counts as waiting: that it was taken back is perhaps not written yet.
        """
        ...

    async def intend(self, tx: Tx, refs: Sequence[int], now: datetime) -> set[int]:
        """Commit, with the outbox, that these `once` calls go out now; returns those that may.

        The last word: whatever forbids a call (a pause, a limit) is decided here, within the statement.
        """
        ...

    async def settle(self, tx: Tx, settled: Sequence[Settled], now: datetime) -> None:
        """Write down what became of calls, in the transaction in which the outbox does."""
        ...
