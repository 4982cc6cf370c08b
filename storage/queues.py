"""Queues of calls to servers of owners: who sends to which, what is next, and what became of it.

There are two kinds, with tables of the same shape: events for webhooks, and postbacks. Each server
(`receivers`) is held by one process at a time, which sends one call after the other (`items`). When that
process dies, the hold ends by itself and what it may have sent is sent again, with the same id.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from domain.webhooks import Attempt, State
from storage.database import Tx
from storage.types import Instant

_PRUNED = 1_000  # rows in one transaction


class Parcel(Protocol):
    """A call that is due. `receiver_id` names the server's row, `tenant_id` whoever owns it, `attempts` are
    those made so far; `failures` are the receiver's, in a row."""

    @property
    def id(self) -> int: ...

    @property
    def receiver_id(self) -> int: ...

    @property
    def tenant_id(self) -> int: ...

    @property
    def attempts(self) -> int: ...

    @property
    def failures(self) -> int: ...

    @property
    def failing_since(self) -> datetime | None: ...


P = TypeVar("P", bound=Parcel)


def newest_attempt(items: Table, item: Column[Any]) -> ColumnElement[bool]:
    """Joins to each of the items its newest attempt; `item` is the attempts' column that names it."""
    tried = item.table.alias()
    last = (
        select(func.max(tried.c.id))
        .where(tried.c[item.name] == items.c.id)
        .correlate(items)
        .scalar_subquery()
    )
    return item.table.c.id == last


class Queue(ABC, Generic[P]):
    """The statements of one kind. `P` is what `parcel` makes of a row of `wanted`."""

    def __init__(
        self,
        receivers: Table,
        items: Table,
        attempts: Table,
        *,
        receiver: Column[Any],
        item: Column[Any],
        tenant: str,
        open_for: ColumnElement[bool] | None = None,
    ) -> None:
        """`receiver` is the items' column that names their receiver, `item` that of the attempts, `tenant`
        the column of receivers and items that names the owner. `open_for`: only those are sent to."""
        self._receivers, self._items, self._attempts = receivers, items, attempts
        self._receiver, self._item, self._tenant = receiver, item, tenant
        self._open = true() if open_for is None else open_for

    @abstractmethod
    def _columns(self) -> Sequence[ColumnElement[Any]]:
        """What a parcel is made of, by the names `_parcel` knows it by."""

    @abstractmethod
    def _parcel(self, row: Any, now: datetime) -> P:
        """The parcel that a row of these columns is."""

    def _due(self, now: datetime) -> tuple[ColumnElement[bool], ...]:
        return self._items.c.state == State.WAITING, self._items.c.due_at <= now

    def _doubtful(self) -> ColumnElement[bool]:
        return or_(self._receivers.c.failing_since.is_not(None), self._receivers.c.slow)

    def _ready(self, now: datetime) -> Select[Any]:
        """Ids of receivers that nobody holds and that something can be sent to."""
        return select(self._receivers.c.id).where(
            self._open,
            self._receivers.c.held_until <= now,
            self._receivers.c.paused_until <= now,
            exists().where(self._receiver == self._receivers.c.id, *self._due(now)),
        )

    def _this(self, parcel: P) -> tuple[ColumnElement[bool], ...]:
        """The receiver of a parcel."""
        return (
            self._receivers.c.id == parcel.receiver_id,
            self._receivers.c[self._tenant] == parcel.tenant_id,
        )

    async def any_ready(self, tx: Tx, now: datetime) -> bool:
        """Whether anything can be sent."""
        waiting = select(self._items.c.id).where(*self._due(now)).limit(1)
        if (await tx.execute(waiting)).first() is None:
            return False
        return (await tx.execute(self._ready(now).limit(1))).first() is not None

    async def hold(
        self,
        tx: Tx,
        holder: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        *,
        doubtful: bool,
        busy: Collection[int] = (),
    ) -> list[P]:
        """Take up to `limit` receivers with something to send, those served longest ago first, and return
        the first parcel of each. `doubtful` ones are those that have failed or were slow the last time;
        `busy` ones are left out."""
        chosen = (
            self._ready(now)
            .where(
                self._doubtful() if doubtful else ~self._doubtful(), self._receivers.c.id.not_in(list(busy))
            )
            .order_by(self._receivers.c.held_until, self._receivers.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        taken = await tx.execute(
            update(self._receivers)
            .where(self._receivers.c.id.in_(chosen))
            .values(holder=holder, held_until=now + lease)
            .returning(self._receivers.c.id)
        )
        found = [await self.first(tx, receiver_id, now) for receiver_id in taken.scalars().all()]
        return [one for one in found if one is not None]

    async def first(self, tx: Tx, receiver_id: int, now: datetime) -> P | None:
        """What is to be sent to a receiver next."""
        row = (
            await tx.execute(
                select(*self._columns())
                .select_from(self._items.join(self._receivers, self._receivers.c.id == self._receiver))
                .where(self._receiver == receiver_id, self._open, *self._due(now))
                .order_by(self._items.c.due_at, self._items.c.id)
                .limit(1)
            )
        ).one_or_none()
        return None if row is None else self._parcel(row, now)

    async def lock(self, tx: Tx, parcel: P) -> bool:
        """Hold a receiver's row until the transaction ends; False when the receiver is gone.

        Whoever writes both a receiver and its items takes the receiver first, so nobody waits in a circle.
        """
        statement = select(self._receivers.c.id).where(*self._this(parcel)).with_for_update()
        return (await tx.execute(statement)).first() is not None

    async def note(
        self, tx: Tx, parcel: P, attempt: Attempt, state: State, due_at: datetime, now: datetime
    ) -> bool:
        """Write down what became of an attempt; False when the item is gone or was settled by another
        process meanwhile: then nothing is written."""
        done = await tx.execute(
            update(self._items)
            .where(
                self._items.c.id == parcel.id,
                self._items.c[self._tenant] == parcel.tenant_id,
                self._items.c.state == State.WAITING,
                self._items.c.attempts == parcel.attempts,
            )
            .values(
                state=state.value,
                attempts=parcel.attempts + 1,
                due_at=due_at,
                done_at=None if state is State.WAITING else now,
            )
        )
        if not done.rowcount:
            return False
        values = {self._item.name: parcel.id, **asdict(attempt)}
        if self._tenant in self._attempts.c:
            values[self._tenant] = parcel.tenant_id
        await tx.execute(self._attempts.insert().values(values))
        return True

    async def note_health(
        self, tx: Tx, parcel: P, *, ok: bool, slow: bool, pause_until: datetime, now: datetime
    ) -> None:
        """Keep how a receiver is doing: what fails in a row, since when, and how long it is left alone."""
        since = func.coalesce(self._receivers.c.failing_since, literal(now, Instant))
        await tx.execute(
            update(self._receivers)
            .where(*self._this(parcel))
            .values(
                failures=0 if ok else self._receivers.c.failures + 1,
                failing_since=None if ok else since,
                slow=slow,
                paused_until=pause_until,
            )
        )

    async def renew(self, tx: Tx, receiver_id: int, holder: str, until: datetime) -> bool:
        """Hold a receiver on; with a moment that is over, let it go. False when somebody else holds it."""
        done = await tx.execute(
            update(self._receivers)
            .where(self._receivers.c.id == receiver_id, self._receivers.c.holder == holder)
            .values(held_until=until)
        )
        return bool(done.rowcount)

    async def let_go(self, tx: Tx, now: datetime, holder: str | None = None) -> None:
        """Let go of everything a process holds; without a name, of everything: there is one process only."""
        mine = self._receivers.c.held_until > now
        if holder is not None:
            mine = and_(mine, self._receivers.c.holder == holder)
        await tx.execute(update(self._receivers).where(mine).values(held_until=now, holder=None))

    async def forget_before(self, tx: Tx, before: datetime) -> int:
        """Drop a batch of what was delivered, and of attempts, before then; returns how many rows.

        What was given up is kept.
        """
        tried, sent = self._attempts, self._items
        attempts = select(tried.c.id).where(tried.c.at < before).limit(_PRUNED)
        done = await tx.execute(delete(tried).where(tried.c.id.in_(attempts)))
        delivered = (
            select(sent.c.id).where(sent.c.state == State.DELIVERED, sent.c.due_at < before).limit(_PRUNED)
        )
        more = await tx.execute(delete(sent).where(sent.c.id.in_(delivered)))
        return int(done.rowcount) + int(more.rowcount)
