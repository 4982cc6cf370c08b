"""Makes the calls that services promised, and keeps the books about them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec

from delivery.books import Books, Entry
from delivery.lines import BotLine
from delivery.outcomes import Dead, Done, Later, Moved, Outcome, Withdrawn, classify
from delivery.pacing import BotPace, ChatPaces
from domain.calls import Call, Policy
from domain.clock import Clock
from domain.errors import NotFound, TelegramError
from domain.telegram import Telegram
from services.signals import Signals
from services.vault import Vault
from services.work import OUTBOX
from storage import leases, outbox
from storage.database import Database
from storage.outbox import Row

log = logging.getLogger(__name__)
POLL = 1.0  # seconds between looks for calls that became due or were promised by another process
IN_MEMORY = 5_000  # calls waiting in lines; the rest waits in the database
LEASE = timedelta(seconds=30)
POLL_MARGIN = timedelta(seconds=5)  # a lease that ends sooner is not trusted to take new calls
TELL_AGAIN = 5.0  # seconds until news that could not be kept is asked for again

_decode = msgspec.json.Decoder(Call).decode


@dataclass(slots=True)
class Listeners:
    """Whom delivery tells what only it learns: (bot id, chat id[, new chat id])."""

    shut_out: Callable[[int, int, str], Awaitable[None]]
    migrated: Callable[[int, int, int], Awaitable[None]]


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
        new_pace: Callable[[], tuple[BotPace, ChatPaces]] = lambda: (BotPace(), ChatPaces()),
    ) -> None:
        self._db, self._telegram, self._vault, self._clock = db, telegram, vault, clock
        self._listeners, self._new_pace = listeners, new_pace
        self._lines: dict[int, BotLine] = {}
        self._known: set[int] = set()  # rows in lines, until the books about them are committed
        self._held: dict[int, datetime] = {}
        self._books = Books()
        self._wake = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._me = uuid4().hex
        self._accepting = False
        # Rows that are ours but wait in the database: those committed now must not overtake them.
        self._behind = True
        self._skipped = 0
        signals.on(OUTBOX, self._promised)

    async def run(self) -> None:
        """Deliver until cancelled."""
        loop = asyncio.get_running_loop()
        self._accepting = True
        next_poll = loop.time()
        while True:
            await self._keep_books()
            if loop.time() >= next_poll or (self._behind and self._room() > 0):
                await self._poll()
                next_poll = loop.time() + POLL
            try:
                async with asyncio.timeout(max(0.0, next_poll - loop.time())):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def stop(self, seconds: float) -> None:
        """Start no more calls, give those in flight `seconds` to end, and close the books."""
        self._accepting = False
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        await self._keep_books()
        if self._db.dialect != "sqlite":
            async with self._db.write() as tx:
                await leases.release(tx, self._me)

    async def idle(self) -> bool:
        """True when nothing that is due waits to be sent (for tests and for a calm shutdown)."""
        async with self._db.read() as tx:
            waiting = await outbox.due(tx, self._clock.now(), 0, 1)
        return not waiting and not self._sending and not self._known

    def _promised(self, rows: list[Row] | None) -> None:
        """Calls were committed: here (their rows), or by another process (None)."""
        now = self._clock.now()
        for row in rows or []:
            if row.due_at > now:
                continue  # the poll finds it when it is due
            if not self._holds(row.bot_id, now):
                self._books.wanted.add(row.bot_id)
            if self._accepting and not self._behind and self._holds(row.bot_id, now) and self._room() > 0:
                self._take(row)
            else:
                self._behind, self._skipped = True, self._skipped + 1
        if rows is None:
            self._behind = True
        if self._behind:
            self._wake.set()
        self._pump({row.bot_id for row in rows or []})

    def _room(self) -> int:
        return IN_MEMORY - len(self._known)

    def _holds(self, bot_id: int, now: datetime) -> bool:
        """Whether delivery for the bot is surely ours for a while (on SQLite there is nobody else)."""
        return self._db.dialect == "sqlite" or self._held.get(bot_id, now) > now + POLL_MARGIN

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
            line = self._lines[row.bot_id] = BotLine(self._start, *self._new_pace())
        line.add(row)

    def _start(self, row: Row) -> None:
        if not self._accepting:
            return  # room has come up while we stop: the row stays in the database
        task = asyncio.create_task(self._send(row))  # noqa: TID251 - held in _sending, ended by stop()
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, row: Row) -> None:
        entry = Entry(row, Done())
        try:
            call = entry.call = _decode(self._vault.open(row.payload, OUTBOX) if row.sealed else row.payload)
            if row.policy is Policy.ONCE and not await self._intend(row):
                entry.outcome = Withdrawn()
                return self._finish(entry)
            answer = await self._make(row, call)
            if isinstance(answer, dict):
                entry.message_id = answer.get("message_id")
        except TelegramError as error:
            entry.outcome = classify(error, row.policy, row.attempts)
            log.info(
                "call not made",
                extra={"method": row.method, "error": str(error.details), "outcome": str(entry.outcome)},
            )
        except NotFound as error:
            entry.outcome = Dead(f"the bot is gone: {error.what}")
        except asyncio.CancelledError:
            return None  # shutting down: the row stays as it is in the database
        except Exception as error:
            log.exception("call failed", extra={"method": row.method})
            entry.outcome = Dead(f"{type(error).__name__}: {error}")
        entry.outcome = await self._tell(row, entry.outcome)
        return self._finish(entry)

    async def _tell(self, row: Row, outcome: Outcome) -> Outcome:
        """Tell what an answer means for the chat. Where that is not kept, the call is made again to hear it
        again: a chat whose call never ends would get nothing more."""
        try:
            match outcome:
                case Moved(chat_id):
                    await self._listeners.migrated(row.bot_id, row.chat_id, chat_id)
                case Dead(reason, shut_out=True):
                    await self._listeners.shut_out(row.bot_id, row.chat_id, reason)
        except Exception:
            log.exception("news of a chat not kept", extra={"bot": row.bot_id, "chat": row.chat_id})
            return Later(TELL_AGAIN)
        return outcome

    async def _make(self, row: Row, call: Call) -> Any:
        params = dict(call.params)
        if "chat_id" in params and params["chat_id"] != row.chat_id:  # the group moved since
            if "message_id" in params or "message_ids" in params:
                return None  # its messages stayed behind: the same number is another message now
            params["chat_id"] = row.chat_id
        if call.about is not None:
            async with self._db.read() as tx:
                message_id = await outbox.kept(tx, row.bot_id, row.chat_id, call.about)
            if message_id is None:
                return None
            params["message_id"] = message_id
        if call.files:
            return await self._telegram.ask_with_files(row.bot_id, call.method, params, call.files)
        return await self._telegram.ask(row.bot_id, call.method, **params)

    async def _intend(self, row: Row) -> bool:
        """Commit the intent to make a call that must not be repeated; False when it is not wanted."""
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._books.intents.append((row, written))
        self._wake.set()
        return await written

    def _finish(self, entry: Entry) -> None:
        row, line = entry.row, self._lines[entry.row.bot_id]
        match entry.outcome:
            case Later(seconds, flood):
                if row.policy is Policy.ONCE:  # it did not arrive: the intent is taken back
                    self._books.taken_back.append(row.id)
                    self._wake.set()
                line.retry(row, replace(row, attempts=row.attempts + 1), seconds, flood)
            case Moved(chat_id):
                line.move(row.chat_id, chat_id)
            case _:
                self._books.entries.append(entry)
                self._wake.set()
                if self._accepting and not entry.names_message:
                    line.finished(row)

    async def _keep_books(self) -> None:
        """Write down in one transaction all that has happened since the last time."""
        self._wake.clear()
        books, self._books = self._books, Books()
        if not books:
            return
        now = self._clock.now()
        try:
            async with self._db.write() as tx:
                meant, held = await books.write(tx, self._me, LEASE, self._known, now)
        except Exception:
            self._books.put_before(books)  # not lost: they are written with the next ones
            raise
        for row, written in books.intents:
            if not written.done():
                written.set_result(row.id in meant)
        self._known.difference_update(entry.row.id for entry in books.entries)
        for entry in books.entries:
            if entry.names_message and self._accepting:
                self._lines[entry.row.bot_id].finished(entry.row)
        if held:
            self._behind = True  # what waited for the lease comes first
            self._held |= dict.fromkeys(held, now + LEASE)

    async def _poll(self) -> None:
        """Take what is due and not in a line yet, for bots whose delivery is ours."""
        now = self._clock.now()
        if self._db.dialect != "sqlite":
            await self._renew(now)
        room = self._room()
        if room <= 0 or not self._accepting:
            return
        skipped, limit = self._skipped, len(self._known) + min(room, 1000)
        async with self._db.read() as tx:
            rows = await outbox.due(tx, now, 0, limit, None if self._db.dialect == "sqlite" else self._me)
        taken: set[int] = set()
        for row in rows:
            if self._holds(row.bot_id, now):
                self._take(row)
                taken.add(row.bot_id)
            else:
                self._books.wanted.add(row.bot_id)
        self._behind = len(rows) >= limit or self._skipped != skipped
        if self._books.wanted:
            self._wake.set()
        self._pump(taken)

    async def _renew(self, now: datetime) -> None:
        """Keep the leases of bots with calls in their lines; let the others go to whoever asks."""
        soon = now + LEASE / 2
        due = [bot_id for bot_id, until in self._held.items() if until <= soon]
        if not due:
            return
        async with self._db.write() as tx:
            for bot_id in due:
                line = self._lines.get(bot_id)
                if line is None or len(line) == 0:
                    if self._held[bot_id] <= now:
                        del self._held[bot_id]
                elif await leases.acquire(tx, outbox.lease_of(bot_id), self._me, now, LEASE):
                    self._held[bot_id] = now + LEASE
                else:  # we stood still for too long and another process delivers for the bot now
                    del self._held[bot_id]
                    self._known.difference_update(row.id for row in line.drop_waiting())


async def park_unfinished(db: Database) -> int:
    """At the start of a single process: `once` calls found in flight become `unknown`. Returns how many."""
    async with db.write() as tx:
        return await outbox.park_unfinished(tx)
