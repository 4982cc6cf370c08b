"""Whose delivery is ours: on PostgreSQL one process at a time sends for a bot, so that its pace is local."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import uuid4

from storage import leases, outbox
from storage.database import Database

LEASE = timedelta(seconds=30)
MARGIN = timedelta(seconds=5)  # a lease that ends sooner is not trusted to take new calls


class Holding:
    """The leases of this process. On SQLite there is nobody else, and none are needed."""

    def __init__(self, db: Database) -> None:
        self._db, self._alone = db, db.dialect == "sqlite"
        self.me = uuid4().hex
        self._held: dict[int, datetime] = {}

    @property
    def holder(self) -> str | None:
        """Whose rows to look for; None for everybody's."""
        return None if self._alone else self.me

    def holds(self, bot_id: int, now: datetime) -> bool:
        """Whether delivery for the bot is surely ours for a while."""
        return self._alone or self._held.get(bot_id, now) > now + MARGIN

    def took(self, bots: Iterable[int], now: datetime) -> None:
        """Leases were taken."""
        self._held |= dict.fromkeys(bots, now + LEASE)

    async def renew(self, now: datetime, busy: Collection[int]) -> list[int]:
        """Keep the leases of the bots that are `busy`; let the others go to whoever asks.

        Returns those lost: we stood still for too long, and another process delivers for the bot now.
        """
        soon = now + LEASE / 2
        due = [bot_id for bot_id, until in self._held.items() if until <= soon]
        lost: list[int] = []
        if not due:
            return lost
        async with self._db.write() as tx:
            for bot_id in due:
                if bot_id not in busy:
                    if self._held[bot_id] <= now:
                        del self._held[bot_id]
                elif await leases.acquire(tx, outbox.lease_of(bot_id), self.me, now, LEASE):
                    self._held[bot_id] = now + LEASE
                else:
                    del self._held[bot_id]
                    lost.append(bot_id)
        return lost

    async def release(self) -> None:
        """Give everything back."""
        if not self._alone:
            async with self._db.write() as tx:
                await leases.release(tx, self.me)
