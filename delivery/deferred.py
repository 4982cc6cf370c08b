"""Deferred calls: fed into the outbox a few at a time, looked up when they are made, their fate told."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from domain.calls import Call
from domain.clock import Clock
from services.deferred import DEFERRED, PAID_ROOM, ROOM, DeferredSource, Fate, Room, Settled
from services.signals import Signals
from storage import outbox
from storage.database import Database, Tx
from storage.outbox import Row

log = logging.getLogger(__name__)


class DeferredCalls:
    """Stands between delivery and those who have calls to defer (`services.deferred`)."""

    def __init__(
        self, db: Database, sources: Sequence[DeferredSource], signals: Signals, wake: Callable[[], None]
    ) -> None:
        """`wake` is called when there may be something to feed."""
        self._db = db
        self._sources = {source.name: source for source in sources}
        self.hungry = True
        self._wake = wake
        self._feeding = asyncio.Lock()
        signals.on(DEFERRED, lambda _: self.look())

    def look(self) -> None:
        """There may be calls to feed."""
        self.hungry = True
        self._wake()

    async def feed(self) -> int:
        """Have every source put what is due into the outbox, as far as there is room. Returns how many calls.

        A source that fails keeps neither the others nor delivery from their work.
        """
        async with self._feeding:  # who feeds beside another one counts the same room
            self.hungry = False
            fed, room = 0, None
            for source in self._sources.values():
                try:
                    if room is None:
                        room = await self._room()
                    if (new := await source.feed(room)) > 0:
                        fed, room = fed + new, None
                except Exception:
                    log.exception("nothing fed", extra={"source": source.name})
            return fed

    async def _room(self) -> Room:
        async with self._db.read() as tx:
            depths = await outbox.deferred_depth(tx)
        return Room(
            {bot_id: ROOM - depth.get(False, 0) for bot_id, depth in depths.items()},
            {bot_id: PAID_ROOM - depth.get(True, 0) for bot_id, depth in depths.items()},
        )

    async def resolve(self, rows: Iterable[Row]) -> dict[int, Call]:
        """What the rows say now, by row id; a row that is not wanted any more is missing."""
        found: dict[int, Call] = {}
        for source, group in self._by_source(rows):
            ids = {row.ref: row.id for row in group if row.ref is not None}
            calls = await source.resolve(list(ids))
            found |= {ids[ref]: call for ref, call in calls.items()}
        return found

    async def intend(self, tx: Tx, rows: Iterable[Row], now: datetime) -> set[int]:
        """Commit that the rows go out now; returns the ids of those that may."""
        may: set[int] = set()
        for source, group in self._by_source(rows):
            ids = {row.ref: row.id for row in group if row.ref is not None}
            may |= {ids[ref] for ref in await source.intend(tx, list(ids), now)}
        return may

    async def settle(self, tx: Tx, fates: Mapping[str, Sequence[Settled]], now: datetime) -> None:
        """Tell each source, by name, what became of its calls."""
        for name, settled in fates.items():
            if (source := self._sources.get(name)) is not None:
                await source.settle(tx, settled, now)

    async def settle_all(self, tx: Tx, rows: Iterable[Row], fate: Fate, now: datetime) -> None:
        """Tell the same of all these rows."""
        fates: dict[str, list[Settled]] = {}
        for row in rows:
            if row.source is not None and row.ref is not None:
                fates.setdefault(row.source, []).append(Settled(row.ref, row.bot_id, fate))
        await self.settle(tx, fates, now)

    async def park(self, tx: Tx, rows: Sequence[Row], now: datetime) -> None:
        """Rows found in flight after a crash may have arrived."""
        await outbox.park_all(tx, [row.id for row in rows if row.source is None])
        await self.settle_all(tx, rows, Fate.UNKNOWN, now)
        await outbox.done(tx, [row.id for row in rows if row.source is not None])

    def _by_source(self, rows: Iterable[Row]) -> Iterable[tuple[DeferredSource, Iterable[Row]]]:
        def name(row: Row) -> str:
            return row.source or ""

        for source, group in groupby(sorted(rows, key=name), key=name):
            if source in self._sources:
                yield self._sources[source], group


async def park_unfinished(db: Database, clock: Clock, sources: Sequence[DeferredSource] = ()) -> int:
    """At the start of a single process: `once` calls found in flight become `unknown`. Returns how many."""
    async with db.write() as tx:
        rows = await outbox.unfinished(tx)
        await DeferredCalls(db, sources, Signals(), lambda: None).park(tx, rows, clock.now())
    return len(rows)
