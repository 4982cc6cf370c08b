"""A clock that a story can move: real time plus an offset, or standing still."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Due = Callable[[], float | None]
"""The next moment something is to happen, unix; None when nothing is."""
STEP = 0.001
"""Seconds past a moment the clock stands while what is due there happens: sums of floats fall short."""


class Clock:
    """Sandbox time. Everything Telegram-side that expires reads it, so a month is one call.

    An application may be given it as its own clock, so that both go together.
    """

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen: float | None = None
        self._listeners: list[Callable[[], None]] = []
        self._appointments: list[tuple[Due, Callable[[float], None]]] = []

    @property
    def offset(self) -> float:
        """Seconds this clock is ahead of real time."""
        return self.time() - time.time()

    def time(self) -> float:
        """Unix time in seconds, with fraction."""
        real = time.time() if self._frozen is None else self._frozen
        return real + self._offset

    def unix(self) -> int:
        """Unix time in whole seconds, as in Telegram's ``date`` fields."""
        return int(self.time())

    def now(self) -> datetime:
        """Current time, aware, UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Move forward (or back, with negative values); returns the new time.

        What falls due on the way happens at its own moment.
        """
        delta = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._move(self.time() + delta.total_seconds())
        return self.now()

    def set(self, moment: datetime) -> None:
        """Jump to an aware moment."""
        self._move(moment.timestamp())

    def freeze(self) -> None:
        """Stand still until :meth:`reset`; :meth:`advance` still moves it."""
        self._frozen = self.time() - self._offset

    def reset(self) -> None:
        """Back to real time."""
        self._offset, self._frozen = 0.0, None
        self._changed()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after every jump; returns how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def when_due(self, due: Due, happen: Callable[[float], None]) -> None:
        """Call ``happen`` with the moment ``due`` names, whenever a jump reaches it.

        ``happen`` must see to it that ``due`` names another moment afterwards.
        """
        self._appointments.append((due, happen))

    def _move(self, target: float) -> None:
        while appointment := self._next_appointment(target):
            moment, happen = appointment
            self._offset += max(0.0, moment + STEP - self.time())
            happen(moment)
        self._offset += target - self.time()
        self._changed()

    def _next_appointment(self, until: float) -> tuple[float, Callable[[float], None]] | None:
        dues = [(due(), happen) for due, happen in self._appointments]
        found = [(moment, happen) for moment, happen in dues if moment is not None and moment <= until]
        return min(found, key=lambda one: one[0], default=None)

    def _changed(self) -> None:
        for listener in list(self._listeners):
            listener()
