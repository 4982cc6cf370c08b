"""Making the queue of a broadcast: everybody of its audience whom it has not reached yet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from domain.broadcasts import STARTABLE, Audience, Broadcast
from domain.clock import Clock
from storage import broadcasts, leads, recipients
from storage.database import Database, Tx
from storage.leads import LeadFilter
from storage.recipients import enqueue, enqueue_some

STEP = 5_000  # leads looked at in one transaction


class BroadcastQueue:
    """Queues are made where the broadcast starts, in the transaction in which it does.

    On SQLite, where everybody else who writes would wait for a long one, it is made in steps beforehand, and
    the start only adds who is missing. A queue without its start (after a crash) means nothing: nothing of
    it is sent, and the next start throws it away.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._starting: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def ahead(self, owner_id: int, broadcast_id: int) -> AsyncIterator[Audience | None]:
        """Make a long queue in steps, as long as one start of the broadcast lasts; others wait. The audience
        it was made for; None when there was nothing to do beforehand."""
        lock = self._starting.setdefault(broadcast_id, asyncio.Lock())
        async with lock:
            made = await self._make(owner_id, broadcast_id)
            try:
                yield made
            except Exception:
                if made is not None:  # it was refused: nobody waits
                    async with self._db.write() as tx:
                        await recipients.drop_queued(tx, broadcast_id)
                raise

    async def _make(self, owner_id: int, broadcast_id: int) -> Audience | None:
        if self._db.dialect != "sqlite":
            return None
        async with self._db.read() as tx:
            one = await broadcasts.get(tx, owner_id, broadcast_id)
            if one is None or one.status not in STARTABLE:
                return None
            if await leads.count(tx, owner_id, LeadFilter()) <= STEP:
                return None
        async with self._db.write() as tx:
            await recipients.drop_queued(tx, broadcast_id)
        last: int | None = 0
        while last is not None:
            async with self._db.write() as tx:
                last = await enqueue_some(tx, one, last, STEP, self._clock.now())
        return one.audience

    async def fill(self, tx: Tx, one: Broadcast, ahead: Audience | None) -> int:
        """Complete the queue of a broadcast that does not run; returns how many wait in it."""
        if ahead != one.audience:
            await recipients.drop_queued(tx, one.id)
        await enqueue(tx, one, self._clock.now())
        return await recipients.count_queued(tx, one.id)
