"""Calls promised to Telegram: written with the state they tell of, kept until they are made."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, cast, delete, exists, func, literal, select, update

from domain.calls import Policy, Priority
from storage.database import Tx
from storage.statements import Hot, insert, insert_for
from storage.tables.core import kept_message, lease, outbox

QUEUED, SENDING, UNKNOWN, FAILED = "queued", "sending", "unknown", "failed"


@dataclass(frozen=True, slots=True)
class NewRow:
    """A call on its way into the outbox; `payload` is the encoded call, sealed if `sealed`."""

    bot_id: int
    chat_id: int
    method: str
    payload: bytes
    sealed: bool
    policy: Policy
    priority: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Deferred:
    """A call on its way into the outbox whose content is looked up when it is made (`services.deferred`)."""

    bot_id: int
    chat_id: int
    source: str
    ref: int
    priority: Priority
    policy: Policy = Policy.ONCE


@dataclass(frozen=True, slots=True)
class Row:
    """A call in the outbox. `source` and `ref` say whose a deferred one is; its payload is empty."""

    id: int
    bot_id: int
    chat_id: int
    method: str
    payload: bytes
    sealed: bool
    policy: Policy
    priority: int
    attempts: int
    due_at: datetime
    source: str | None = None
    ref: int | None = None


_COLUMNS = (
    outbox.c.id, outbox.c.bot_id, outbox.c.chat_id, outbox.c.method, outbox.c.payload, outbox.c.sealed,
    outbox.c.policy, outbox.c.priority, outbox.c.attempts, outbox.c.due_at, outbox.c.source, outbox.c.ref,
)  # fmt: skip


def _row(values: Any) -> Row:
    return Row(**{**values._mapping, "policy": Policy(values.policy)})


_VALUES = (
    "bot_id", "chat_id", "method", "payload", "sealed", "policy", "priority", "state", "attempts", "due_at",
    "created_at",
)  # fmt: skip
_PUT = Hot(
    lambda dialect: outbox.insert().values({name: bindparam(name) for name in _VALUES}).returning(outbox.c.id)
)
_DONE = Hot(lambda dialect: delete(outbox).where(outbox.c.id == bindparam("row_id")))


async def put(tx: Tx, rows: Sequence[NewRow], now: datetime) -> list[Row]:
    """Add calls in order; they become visible to delivery when the transaction commits."""
    put_rows = []
    for r in rows:
        result = await _PUT.run(
            tx, bot_id=r.bot_id, chat_id=r.chat_id, method=r.method, payload=r.payload, sealed=r.sealed,
            policy=r.policy.value, priority=int(r.priority), state=QUEUED, attempts=0, due_at=r.due_at,
            created_at=now,
        )  # fmt: skip
        (row_id,) = result.rows[0]
        put_rows.append(
            Row(row_id, r.bot_id, r.chat_id, r.method, r.payload, r.sealed, r.policy, r.priority, 0, r.due_at)
        )
    return put_rows


DEFERRED_METHOD = "sendMessage"  # of a call nobody has looked up yet: it counts as a message
_DEFER = Hot(
    lambda dialect: (
        insert_for(dialect, outbox)
        .values({name: bindparam(name) for name in (*_VALUES, "source", "ref")})
        .on_conflict_do_nothing(index_elements=["source", "ref"])
        .returning(outbox.c.id)
    )
)


async def put_deferred(tx: Tx, calls: Sequence[Deferred], now: datetime) -> int:
    """Put deferred calls in line, those that stand there already left alone; returns how many are new."""
    new = 0
    for one in calls:
        result = await _DEFER.run(
            tx, bot_id=one.bot_id, chat_id=one.chat_id, method=DEFERRED_METHOD, payload=b"", sealed=False,
            policy=one.policy.value, priority=int(one.priority), state=QUEUED, attempts=0, due_at=now,
            created_at=now, source=one.source, ref=one.ref,
        )  # fmt: skip
        new += len(result.rows)
    return new


async def drop_deferred(tx: Tx, source: str, refs: Any) -> None:
    """Take deferred calls out of the line that are not being made yet; `refs`: ids, or a query of ids."""
    await tx.execute(
        delete(outbox).where(outbox.c.source == source, outbox.c.state == QUEUED, outbox.c.ref.in_(refs))
    )


async def deferred_depth(tx: Tx) -> dict[int, dict[bool, int]]:
    """How many deferred calls of each bot wait in line: by bot id, and by whether they are paid for."""
    rows = await tx.execute(
        select(outbox.c.bot_id, outbox.c.priority, func.count())
        .where(outbox.c.source.is_not(None), outbox.c.state == QUEUED)
        .group_by(outbox.c.bot_id, outbox.c.priority)
    )
    depths: dict[int, dict[bool, int]] = {}
    for bot_id, priority, waiting in rows:
        depth, paid = depths.setdefault(bot_id, {}), priority == Priority.PAID
        depth[paid] = depth.get(paid, 0) + waiting
    return depths


_LEASE = "delivery:"


def lease_of(bot_id: int) -> str:
    """The lease whose holder delivers for a bot, where there are several processes."""
    return f"{_LEASE}{bot_id}"


async def due(
    tx: Tx,
    now: datetime,
    after_id: int,
    limit: int,
    holder: str | None = None,
    without: Collection[int] = (),
) -> list[Row]:
    """Queued calls that are due, by id, from `after_id` on.

    With `holder`, those of bots whose delivery another one holds are left out, and so are those of the bots
    `without`: however many there are, they must not hide the others.
    """
    statement = (
        select(*_COLUMNS)
        .where(outbox.c.state == QUEUED, outbox.c.due_at <= now, outbox.c.id > after_id)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    if without:
        statement = statement.where(outbox.c.bot_id.not_in(without))
    if holder is not None:
        name = literal(_LEASE) + cast(outbox.c.bot_id, String)
        statement = statement.where(
            ~exists().where(lease.c.name == name, lease.c.holder != holder, lease.c.until > now)
        )
    return [_row(values) for values in await tx.execute(statement)]


async def begin_sending(tx: Tx, ids: Iterable[int]) -> set[int]:
    """Commit the intent to send `once` calls; returns the ids that were still queued."""
    statement = (
        update(outbox)
        .where(outbox.c.id.in_(list(ids)), outbox.c.state == QUEUED)
        .values(state=SENDING)
        .returning(outbox.c.id)
    )
    return set((await tx.execute(statement)).scalars())


_TAKE_BACK = Hot(
    lambda dialect: (
        update(outbox)
        .where(outbox.c.id == bindparam("row_id"), outbox.c.state == SENDING)
        .values(state=QUEUED)
        .returning(outbox.c.id)
    )
)


async def take_back(tx: Tx, ids: Sequence[int]) -> set[int]:
    """The calls surely did not arrive: they wait again, and may still be withdrawn. Returns those that were
    still ours to take back."""
    return {row_id for one in ids for (row_id,) in (await _TAKE_BACK.run(tx, row_id=one)).rows}


async def unfinished(tx: Tx, bot_id: int | None = None, ours: Collection[int] = ()) -> list[Row]:
    """`once` calls in flight (of one bot, and not `ours`): after a crash, they may have arrived."""
    statement = select(*_COLUMNS).where(outbox.c.state == SENDING)
    if bot_id is not None:
        statement = statement.where(outbox.c.bot_id == bot_id)
    return [_row(values) for values in await tx.execute(statement) if values.id not in ours]


async def park_all(tx: Tx, ids: Sequence[int]) -> None:
    """Calls in flight at a crash become `unknown`."""
    for start in range(0, len(ids), 500):
        here = outbox.c.id.in_(ids[start : start + 500]), outbox.c.state == SENDING
        await tx.execute(update(outbox).where(*here).values(state=UNKNOWN))


async def done(tx: Tx, ids: Sequence[int]) -> None:
    """Forget calls that were made."""
    await _DONE.run_many(tx, [{"row_id": row_id} for row_id in ids])


async def fail(tx: Tx, row_id: int, error: str) -> None:
    """Keep a call that can never be made, with Telegram's words; its content is not needed any more."""
    await tx.execute(
        update(outbox)
        .where(outbox.c.id == row_id)
        .values(state=FAILED, error=error, payload=b"", sealed=False)
    )


async def park(tx: Tx, row_id: int, error: str) -> None:
    """A `once` call nobody knows the fate of."""
    await tx.execute(update(outbox).where(outbox.c.id == row_id).values(state=UNKNOWN, error=error))


async def move_chat(tx: Tx, bot_id: int, old: int, new: int) -> None:
    """A group became a supergroup: what waits for it goes to the new id."""
    await tx.execute(
        update(outbox).where(outbox.c.bot_id == bot_id, outbox.c.chat_id == old).values(chat_id=new)
    )


async def drop_bot(tx: Tx, bot_id: int) -> None:
    """A disconnected bot sends nothing more."""
    await tx.execute(delete(outbox).where(outbox.c.bot_id == bot_id, outbox.c.state == QUEUED))


async def forget_failed(tx: Tx, before: datetime) -> int:
    """Drop failed calls older than `before`."""
    done_ = await tx.execute(delete(outbox).where(outbox.c.state == FAILED, outbox.c.created_at < before))
    return int(done_.rowcount)


async def depth(tx: Tx) -> int:
    """How many calls wait."""
    return int((await tx.execute(select(func.count()).where(outbox.c.state == QUEUED))).scalar_one())


async def keep_message(tx: Tx, bot_id: int, chat_id: int, name: str, message_id: int, now: datetime) -> None:
    """Remember a sent message under a name, in place of an earlier one."""
    statement = insert(tx, kept_message).values(
        bot_id=bot_id, chat_id=chat_id, name=name, message_id=message_id, at=now
    )
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["bot_id", "chat_id", "name"], set_={"message_id": message_id, "at": now}
        )
    )


async def kept(tx: Tx, bot_id: int, chat_id: int, name: str) -> int | None:
    """The message remembered under a name."""
    message_id: int | None = (
        await tx.execute(
            select(kept_message.c.message_id).where(
                kept_message.c.bot_id == bot_id,
                kept_message.c.chat_id == chat_id,
                kept_message.c.name == name,
            )
        )
    ).scalar_one_or_none()
    return message_id
