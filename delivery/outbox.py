"""Makes the calls that services promised, and keeps the books about them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any

from delivery.books import Books, Entry
from delivery.deferred import DeferredCalls
from delivery.holding import LEASE, Holding
from delivery.lines import BotLine
from delivery.outcomes import Later, Moved, Withdrawn
from delivery.pacing import PAID_RATE, BotPace, ChatPaces
from delivery.preparing import Preparer, Then
from delivery.sending import Listeners, Sender
from domain.calls import Policy
from domain.clock import Clock
from domain.telegram import Telegram
from services.deferred import PAID_ROOM, ROOM, DeferredSource
from services.signals import Signals
from services.vault import Vault
from services.work import OUTBOX
from storage import outbox
from storage.database import Database
from storage.outbox import Row

__all__ = ["LEASE", "Listeners", "OutboxDelivery"]

POLL = 1.0  # seconds between looks for calls that became due or were promised by another process
FEED_AGAIN = 0.1  # seconds at least between two looks for calls to feed
IN_MEMORY = 10_000  # calls waiting in lines; the rest waits in the database
WINDOW, NARROW = 500, 50  # … those of one bot, while there is memory and when there is little
LOOK = 1_000  # new calls read at a time
STOP_LOOK = 0.05  # seconds between looks at the books while a stop waits for calls in flight
PREPARE_AGAIN = 1.0  # seconds until what could not be looked up is looked up again

Paces = Callable[[], tuple[BotPace, ChatPaces]]


class OutboxDelivery:
    """Sends outbox rows. On PostgreSQL one process at a time delivers for a bot, so that pacing is local."""

    def __init__(
        self,
        db: Database,
        telegram: Telegram,
        vault: Vault,
        clock: Clock,
        signals: Signals,
        listeners: Listeners,
        new_pace: Paces = lambda: (BotPace(), ChatPaces()),
        sources: Sequence[DeferredSource] = (),
    ) -> None:
        self._db, self._clock, self._new_pace = db, clock, new_pace
        self._sender = Sender(db, telegram, vault, listeners)
        self._wake = asyncio.Event()
        self._deferred = DeferredCalls(db, sources, signals, self._wake.set)
        self._lines: dict[int, BotLine] = {}
        self._known: set[int] = set()  # rows in lines, until the books about them are committed
        self._books = Books()
        self._tasks: set[asyncio.Task[None]] = set()
        then = Then(
            self._run, self._intend, self._is_prepared, self._unwanted, self._not_prepared, self._take_back
        )
        self._preparer = Preparer(self._deferred, then)
        self._holding = Holding(db)
        self._accepting = False
        # Rows that are ours but wait in the database: those committed now must not overtake them. `_behind`:
        # of bots we do not know of; `_late`: of these bots.
        self._behind = True
        self._late: set[int] = set()
        self._skipped = 0
        signals.on(OUTBOX, self._promised)

    async def run(self) -> None:
        """Deliver until cancelled."""
        loop = asyncio.get_running_loop()
        self._accepting = True
        next_poll = next_feed = loop.time()
        while True:
            await self._keep_books()
            if loop.time() >= next_feed + POLL or (self._deferred.hungry and loop.time() >= next_feed):
                self._behind |= await self._deferred.feed() > 0
                next_feed = loop.time() + FEED_AGAIN
            if loop.time() >= next_poll or self._behind or self._has_room(self._late):
                await self._poll()
                next_poll = loop.time() + POLL
                if self._behind:
                    continue
            until = min(next_poll, next_feed if self._deferred.hungry else next_feed + POLL)
            try:
                async with asyncio.timeout_at(until):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def stop(self, seconds: float) -> None:
        """Start no more calls, give those in flight `seconds` to end, and close the books."""
        loop = asyncio.get_running_loop()
        self._accepting = False
        until = loop.time() + seconds
        while self._tasks and loop.time() < until:
            await self._keep_books()  # somebody may wait for them
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=STOP_LOOK, return_when=asyncio.FIRST_COMPLETED)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._books.intents.clear()  # nobody is left to act on them
        self._give_up(row for line in self._lines.values() for row in line.drop_waiting())
        await self._keep_books()
        await self._holding.release()

    async def idle(self) -> bool:
        """True when nothing that is due waits to be sent (for tests and for a calm shutdown)."""
        if self._tasks or self._known:
            return False
        fed = await self._deferred.feed()
        async with self._db.read() as tx:
            waiting = fed or await outbox.due(tx, self._clock.now(), 0, 1)
        if fed:
            self._behind = True
            self._wake.set()
        return not waiting and not self._tasks and not self._known

    def _promised(self, rows: list[Row] | None) -> None:
        """Calls were committed: here (their rows), or by another process (None)."""
        now = self._clock.now()
        for row in rows or []:
            if row.due_at > now:
                continue  # the poll finds it when it is due
            if not self._holding.holds(row.bot_id, now):
                self._books.wanted.add(row.bot_id)
                self._behind = True
            late = not self._accepting or self._behind or row.bot_id in self._late
            if not late and self._room(row.bot_id) > 0:
                self._take(row)
            else:
                self._late.add(row.bot_id)
                self._skipped += 1
        if rows is None:
            self._behind = True
        if self._behind or self._has_room(self._late):
            self._wake.set()
        self._pump({row.bot_id for row in rows or []})

    def _room(self, bot_id: int) -> int:
        """How many more calls the bot's line takes. Deferred ones do not count: they are few anyway."""
        line = self._lines.get(bot_id)
        window = WINDOW if len(self._known) < IN_MEMORY else NARROW
        return window - (0 if line is None else len(line) - sum(line.deferred.values()))

    def _has_room(self, bots: Iterable[int]) -> bool:
        return any(self._room(bot_id) >= NARROW // 2 for bot_id in bots)

    def _pump(self, bots: set[int]) -> None:
        for bot_id in bots:
            if self._accepting and (line := self._lines.get(bot_id)) is not None:
                line.pump()

    def _take(self, row: Row) -> None:
        if row.id in self._known:
            return
        self._known.add(row.id)
        line = self._lines.get(row.bot_id)
        if line is None:
            (pace, chats), paid = self._new_pace(), BotPace(PAID_RATE)
            line = BotLine(self._preparer.add, self._preparer.drop, self._start, pace, chats, paid)
            self._lines[row.bot_id] = line
        line.add(row)

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)  # noqa: TID251 - held in _tasks, ended by stop()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _intend(self, rows: list[Row]) -> set[int]:
        """Commit the intent to make calls that must not be repeated; returns those that may be made."""
        written: asyncio.Future[set[int]] = asyncio.get_running_loop().create_future()
        self._books.intents.append((rows, written))
        self._wake.set()
        return await written

    def _is_prepared(self, row: Row) -> None:
        """Its call may be made: in its turn, if it is still here."""
        if not self._accepting or not self._lines[row.bot_id].prepared(row):
            self._give_up([row])

    def _unwanted(self, row: Row) -> None:
        self._finish(Entry(row, Withdrawn()))

    def _not_prepared(self, row: Row) -> None:
        self._lines[row.bot_id].retry(row, row, PREPARE_AGAIN, flood=False)

    def _start(self, row: Row) -> None:
        if self._accepting:
            self._run(self._send(row))
        else:  # room has come up while we stop: the row stays in the database
            self._give_up([row])

    async def _send(self, row: Row) -> None:
        line, call = self._lines[row.bot_id], self._preparer.take(row)
        try:
            entry = await self._sender.send(row, call, lambda: line.answered(row))
        except asyncio.CancelledError:
            return  # shutting down: the row stays as it is in the database
        self._finish(entry)

    def _finish(self, entry: Entry) -> None:
        row, line = entry.row, self._lines[entry.row.bot_id]
        match entry.outcome:
            case Later(seconds, flood):
                self._take_back(row)
                line.retry(row, replace(row, attempts=row.attempts + 1), seconds, flood)
            case Moved(chat_id):
                self._take_back(row)
                line.move(row.chat_id, chat_id)
            case _:
                self._books.entries.append(entry)
                self._wake.set()
                if self._accepting and not entry.names_message:
                    line.finished(row)
        if row.source is not None and (
            line.deferred[False] < ROOM // 2 or 0 < line.deferred[True] < PAID_ROOM // 2
        ):
            self._deferred.look()

    def _take_back(self, row: Row) -> None:
        """It did not arrive: the intent to make it is taken back."""
        if row.policy is Policy.ONCE:
            self._books.taken_back.append(row)
            self._wake.set()

    def _give_up(self, rows: Iterable[Row]) -> None:
        """Rows that were in line wait in the database again."""
        for row in rows:
            self._known.discard(row.id)
            self._preparer.drop(row)

    async def _keep_books(self) -> None:
        """Write down in one transaction all that has happened since the last time."""
        self._wake.clear()
        books, self._books = self._books, Books()
        if not books:
            return
        now = self._clock.now()
        try:
            async with self._db.write() as tx:
                meant, held = await books.write(tx, self._deferred, self._holding.me, LEASE, self._known, now)
        except BaseException:  # a stop may cut us off here, too
            self._books.put_before(books)  # not lost: they are written with the next ones
            raise
        for _, written in books.intents:
            if not written.done():
                written.set_result(meant)
        self._known.difference_update(entry.row.id for entry in books.entries)
        for entry in books.entries:
            if entry.names_message and self._accepting:
                self._lines[entry.row.bot_id].finished(entry.row)
        if held:
            self._behind = True  # what waited for the lease comes first
            self._holding.took(held, now)

    async def _poll(self) -> None:
        """Take what is due and not in a line yet, for bots whose delivery is ours and whose line has room."""
        now = self._clock.now()
        for bot_id in await self._holding.renew(
            now, {bot_id for bot_id, line in self._lines.items() if line}
        ):
            self._give_up(self._lines[bot_id].drop_waiting())
        if not self._accepting:
            return
        full = {bot_id for bot_id in self._lines if self._room(bot_id) <= 0}
        skipped, limit = self._skipped, len(self._known) + LOOK
        async with self._db.read() as tx:
            rows = await outbox.due(tx, now, 0, limit, self._holding.holder, full)
        late: set[int] = set()
        for row in rows:
            if row.id in self._known:
                continue
            if not self._holding.holds(row.bot_id, now):
                self._books.wanted.add(row.bot_id)
            elif row.bot_id not in late and (row.source is not None or self._room(row.bot_id) > 0):
                self._take(row)
            else:
                late.add(row.bot_id)
        self._behind = len(rows) >= limit
        if self._skipped == skipped:
            self._late = full | late
        else:  # what was promised while we looked may not be among what we found
            self._late |= full | late
            self._behind = True
        if self._books.wanted:
            self._wake.set()
        self._pump({row.bot_id for row in rows})
