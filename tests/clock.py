"""A clock tests can move."""

from datetime import UTC, datetime, timedelta


class TestClock:
    """Runs with the real time, moved by whatever a test adds to it."""

    __test__ = False

    def __init__(self) -> None:
        self._moved = timedelta(0)

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC) + self._moved

    def advance(self, **delta: float) -> None:
        """Move on (or back, with negative values), in the words of `timedelta`."""
        self._moved += timedelta(**delta)
