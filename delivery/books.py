"""The books of the outbox: what has become of calls, gathered until it is written in one transaction."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from delivery.deferred import DeferredCalls
from delivery.outcomes import Dead, Done, Outcome, Unknown, Withdrawn
from domain import calls
from domain.calls import Call, Policy, Priority
from services.deferred import Fate, Settled
from storage import leases, outbox
from storage.database import Tx
from storage.outbox import NewRow, Row

LONGEST_ERROR = 300  # characters kept of Telegram's words

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Entry:
    """What became of one row. `answer` is what Telegram said, `message_id` the sent message's."""

    row: Row
    outcome: Outcome
    call: Call | None = None
    message_id: int | None = None
    answer: Any = None

    @property
    def names_message(self) -> bool:
        """True when the chat's next call may be about this message: it waits for the books."""
        return self.call is not None and self.call.keep_as is not None

    @property
    def fate(self) -> Settled:
        """What its source is told."""
        row, outcome = self.row, self.outcome
        told = Settled(row.ref or 0, row.bot_id, Fate.SENT, self.message_id, answer=self.answer)
        match outcome:
            case Dead(reason, shut_out, status):
                told = Settled(
                    told.ref, row.bot_id, Fate.FAILED, error=reason, status=status, blocked=shut_out
                )
            case Unknown(reason):
                told = Settled(told.ref, row.bot_id, Fate.UNKNOWN, error=reason)
            case Withdrawn():
                told = Settled(told.ref, row.bot_id, Fate.WITHDRAWN)
        return told


@dataclass(slots=True)
class Books:
    """What is to be written.

    `intents` are `once` calls about to be made, with who waits for the permission; `taken_back` those
    that surely did not arrive; `wanted` bots with rows whose delivery nobody here holds yet.
    """

    entries: list[Entry] = field(default_factory=list)
    intents: list[tuple[list[Row], asyncio.Future[set[int]]]] = field(default_factory=list)
    taken_back: list[Row] = field(default_factory=list)
    wanted: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.entries or self.intents or self.taken_back or self.wanted)

    def put_before(self, older: "Books") -> None:
        """Books that could not be written come first.

        Perhaps they were, and only the answer was lost. Nothing suffers from being written twice but an
        intent, which would look as if it were somebody else's: it is taken back before it is written again.
        """
        self.entries[:0], self.intents[:0] = older.entries, older.intents
        meant = [row for rows, _ in older.intents for row in rows]
        self.taken_back[:0] = [*older.taken_back, *meant]
        self.wanted |= older.wanted

    async def write(
        self,
        tx: Tx,
        deferred: DeferredCalls,
        holder: str,
        lease: timedelta,
        known: Collection[int],
        now: datetime,
    ) -> tuple[set[int], set[int]]:
        """Write everything; returns the row ids that may be sent once, and the bots now held.

        `known` are the rows in this process's lines: other unfinished ones of a bot it takes over were
        left by a holder that died.
        """
        # What was taken back may be meant again by now, or not be wanted any more: it comes first.
        back = await outbox.take_back(tx, [row.id for row in self.taken_back])
        ours = [row for row in self.taken_back if row.id in back]
        await deferred.settle_all(tx, ours, Fate.TAKEN_BACK, now)
        await self._write_entries(tx, deferred, now)
        meant = await self._mean(tx, deferred, now)
        held: set[int] = set()
        for bot_id in self.wanted:
            if await leases.acquire(tx, outbox.lease_of(bot_id), holder, now, lease):
                held.add(bot_id)
                await deferred.park(tx, await outbox.unfinished(tx, bot_id, known), now)
        return meant, held

    async def _write_entries(self, tx: Tx, deferred: DeferredCalls, now: datetime) -> None:
        over = [
            one.row.id for one in self.entries if isinstance(one.outcome, Done) or one.row.source is not None
        ]
        fates: dict[str, list[Settled]] = {}
        for entry in self.entries:
            await _write(tx, entry, now)
            if entry.row.source is not None:
                fates.setdefault(entry.row.source, []).append(entry.fate)
        await deferred.settle(tx, fates, now)
        await outbox.done(tx, over)

    async def _mean(self, tx: Tx, deferred: DeferredCalls, now: datetime) -> set[int]:
        rows = {row.id: row for rows, _ in self.intents for row in rows}
        if not rows:
            return set()
        meant = await outbox.begin_sending(tx, rows)
        asked = [rows[row_id] for row_id in meant if rows[row_id].source is not None]
        if asked:
            refused = {row.id for row in asked} - await deferred.intend(tx, asked, now)
            await outbox.take_back(tx, list(refused))
            meant -= refused
        return meant


async def _write(tx: Tx, entry: Entry, now: datetime) -> None:
    row, call = entry.row, entry.call
    match entry.outcome:
        case Dead(reason) if row.source is None:
            await outbox.fail(tx, row.id, reason[:LONGEST_ERROR])
        case Unknown(reason) if row.source is None:
            await outbox.park(tx, row.id, reason[:LONGEST_ERROR])
    if entry.message_id is None or call is None:
        return
    if call.keep_as is not None:
        await outbox.keep_message(tx, row.bot_id, row.chat_id, call.keep_as, entry.message_id, now)
    if call.delete_after is not None:
        later = calls.delete(row.chat_id, entry.message_id)
        due = now + timedelta(seconds=call.delete_after)
        new = NewRow(
            row.bot_id, row.chat_id, later.method, _encode(later), False, Policy.REPEATABLE,
            Priority.MODERATION, due,
        )  # fmt: skip
        await outbox.put(tx, [new], now)
