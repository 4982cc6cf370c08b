"""Updates that never come, and updates that come late: what a bot must find out by itself."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.model import Bot, Json
from sandbox.updates import Lane


@dataclass(frozen=True, slots=True)
class _Held:
    bot: Bot
    kind: str
    payload: Json
    lane: Lane
    due: float


class LateUpdates:
    """Stands between the world and the update queues."""

    def __init__(self, clock: Clock, faults: Faults) -> None:
        self._clock, self._faults = clock, faults
        self._held: list[_Held] = []
        clock.when_due(self._next, self.release)

    def __len__(self) -> int:
        return len(self._held)

    def stops(self, bot: Bot, kind: str, payload: Json, lane: Lane) -> bool:
        """Whether an update goes no further now: a fault takes it, or keeps it for later."""
        fault = self._faults.strike_update(bot.id, kind, payload)
        if fault is None:
            return False
        if fault.kind == "delay":
            due = self._clock.time() + fault.seconds
            self._held.append(_Held(bot, kind, payload, lane, due))
        return True

    def release(self, moment: float = float("inf")) -> None:
        """Deliver what is due by a moment of the sandbox's clock (unix); everything by default."""
        ready = sorted((one for one in self._held if one.due <= moment), key=lambda one: one.due)
        self._held = [one for one in self._held if one.due > moment]
        for one in ready:
            one.bot.feed.push(one.kind, one.payload, one.lane, late=True)

    def _next(self) -> float | None:
        return min((one.due for one in self._held), default=None)
