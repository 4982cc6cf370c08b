"""The books of the outbox: what has become of calls, gathered until it is written in one transaction."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from delivery.outcomes import Dead, Done, Outcome, Unknown
from domain import calls
from domain.calls import Call, Policy, Priority
from storage import leases, outbox
from storage.database import Tx
from storage.outbox import NewRow, Row

LONGEST_ERROR = 300  # characters kept of Telegram's words

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Entry:
    """What became of one row. `message_id` is the sent message's."""

    row: Row
    outcome: Outcome
    call: Call | None = None
    message_id: int | None = None

    @property
    def names_message(self) -> bool:
        """True when the chat's next call may be about this message: it waits for the books."""
        return self.call is not None and self.call.keep_as is not None


@dataclass(slots=True)
class Books:
    """What is to be written.

    `intents` are `once` calls about to be made, with who waits for the permission; `taken_back` those
    that surely did not arrive; `wanted` bots with rows whose delivery nobody here holds yet.
    """

    entries: list[Entry] = field(default_factory=list)
    intents: list[tuple[Row, asyncio.Future[bool]]] = field(default_factory=list)
    taken_back: list[int] = field(default_factory=list)
    wanted: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.entries or self.intents or self.taken_back or self.wanted)

    def put_before(self, older: "Books") -> None:
        """Books that could not be written come first."""
        self.entries[:0], self.intents[:0] = older.entries, older.intents
        self.taken_back[:0] = older.taken_back
        self.wanted |= older.wanted

    async def write(
        self, tx: Tx, holder: str, lease: timedelta, known: Collection[int], now: datetime
    ) -> tuple[set[int], set[int]]:
        """Write everything; returns the row ids that may be sent once, and the bots now held.

        `known` are the rows in this process's lines: other unfinished ones of a bot it takes over were
        left by a holder that died.
        """
        await outbox.done(tx, [entry.row.id for entry in self.entries if isinstance(entry.outcome, Done)])
        for entry in self.entries:
            await _write(tx, entry, now)
        await outbox.take_back(tx, self.taken_back)
        meant: set[int] = set()
        if self.intents:
            meant = await outbox.begin_sending(tx, [row.id for row, _ in self.intents])
        held: set[int] = set()
        for bot_id in self.wanted:
            if await leases.acquire(tx, outbox.lease_of(bot_id), holder, now, lease):
                held.add(bot_id)
                await outbox.park_unfinished(tx, bot_id, known)
        return meant, held


async def _write(tx: Tx, entry: Entry, now: datetime) -> None:
    row, call = entry.row, entry.call
    match entry.outcome:
        case Dead(reason):
            await outbox.fail(tx, row.id, reason[:LONGEST_ERROR])
        case Unknown(reason):
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
