"""A clock that a story can move: real time plus an offset, or standing still."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Sandbox time. Everything Telegram-side that expires reads it, so a month is one call."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen: float | None = None
        self._listeners: list[Callable[[], None]] = []

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
        """Move forward (or back, with negative values); returns the new time."""
        delta = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._offset += delta.total_seconds()
        self._changed()
        return self.now()

    def set(self, moment: datetime) -> None:
        """Jump to an aware moment."""
        self._offset += moment.timestamp() - self.time()
        self._changed()

    def freeze(self) -> None:
        """Stand still until :meth:`reset`; :meth:`advance` still moves it."""
        self._frozen = self.time() - self._offset

    def reset(self) -> None:
        """Back to real time."""
        self._offset, self._frozen = 0.0, None
        self._changed()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after every jump."""
        self._listeners.append(listener)

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()
