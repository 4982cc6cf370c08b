"""A clock tests can move."""

from datetime import UTC, datetime, timedelta


class TestClock:
    """Runs with the real time, as Telegram's does, moved by whatever a test adds to it."""

    __test__ = False

    def __init__(self) -> None:
        self._moved = timedelta(0)
        self._stands: datetime | None = None

    def now(self) -> datetime:
        """The time."""
        return (self._stands or datetime.now(UTC)) + self._moved

    def advance(self, **delta: float) -> None:
        """Move on (or back, with negative values), in the words of `timedelta`."""
        self._moved += timedelta(**delta)

    def stand(self) -> None:
        """Stand still from now on: where a test counts what is allowed in a second, each machine has one."""
        self._stands = datetime.now(UTC)
