"""Payouts to affiliates, and whom to tell of what he earned."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update

from domain.commissions import How, Payout, State
from domain.money import Money
from storage.database import Tx
from storage.tables.core import person
from storage.tables.earnings import commission, payout


@dataclass(frozen=True, slots=True)
class Earned:
    """What somebody earned by so many payments of his invitees, and was not told of."""

    bot_id: int
    member_id: int
    amount: Money
    payments: int
    due_at: datetime


async def add(
    tx: Tx, bot_id: int, member_id: int, amount: Money, state: State, how: How, now: datetime
) -> int:
    """A payout, or the request for one; returns its id."""
    statement = payout.insert().values(
        bot_id=bot_id, member_id=member_id, amount=amount.minor, currency=amount.currency,
        state=state.value, how=how.value, at=now, settled_at=None if state is State.REQUESTED else now,
    )  # fmt: skip
    return int((await tx.execute(statement.returning(payout.c.id))).scalar_one())


async def get(tx: Tx, bot_id: int, payout_id: int) -> Payout | None:
    """One payout of the bot."""
    row = (
        await tx.execute(_payouts().where(payout.c.bot_id == bot_id, payout.c.id == payout_id))
    ).one_or_none()
    return None if row is None else _payout(row)


async def listing(
    tx: Tx, bot_id: int, offset: int, limit: int, *, state: State | None = None
) -> list[Payout]:
    """A bot's payouts, open requests first, then the newest."""
    statement = _payouts().where(payout.c.bot_id == bot_id)
    if state is not None:
        statement = statement.where(payout.c.state == state.value)
    rows = await tx.execute(
        statement.order_by((payout.c.state != State.REQUESTED.value), payout.c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [_payout(row) for row in rows]


async def settle(
    tx: Tx, bot_id: int, payout_id: int, state: State, minor: int, now: datetime, note: str | None = None
) -> bool:
    """An open request is paid (so much of it) or declined; False when it is not open any more."""
    done = await tx.execute(
        update(payout)
        .where(payout.c.bot_id == bot_id, payout.c.id == payout_id, payout.c.state == State.REQUESTED.value)
        .values(state=state.value, amount=minor, settled_at=now, note=note)
    )
    return bool(done.rowcount)


async def untold(tx: Tx, limit: int) -> list[Earned]:
    """Affiliates of all bots who earned something and were not told."""
    rows = await tx.execute(
        select(
            commission.c.bot_id, commission.c.affiliate_member_id, commission.c.currency,
            func.sum(commission.c.amount).label("minor"), func.count().label("payments"),
            func.max(commission.c.due_at).label("due_at"),
        )
        .where(commission.c.told_at.is_(None), commission.c.reversed_at.is_(None))
        .group_by(commission.c.bot_id, commission.c.affiliate_member_id, commission.c.currency)
        .order_by(func.min(commission.c.id))
        .limit(limit)
    )  # fmt: skip
    return [
        Earned(
            row.bot_id, row.affiliate_member_id, Money(int(row.minor), row.currency), row.payments, row.due_at
        )
        for row in rows
    ]


async def mark_told(tx: Tx, about: Earned, now: datetime) -> Earned | None:
    """He is told now; returns what of, which may be more by now, or None when somebody else told him."""
    rows = await tx.execute(
        update(commission)
        .where(
            commission.c.bot_id == about.bot_id,
            commission.c.affiliate_member_id == about.member_id,
            commission.c.currency == about.amount.currency,
            commission.c.told_at.is_(None),
            commission.c.reversed_at.is_(None),
        )
        .values(told_at=now)
        .returning(commission.c.amount, commission.c.due_at)
    )
    if not (told := list(rows)):
        return None
    amount = Money(sum(row.amount for row in told), about.amount.currency)
    return Earned(about.bot_id, about.member_id, amount, len(told), max(row.due_at for row in told))


def _payouts() -> Select[Any]:
    return select(payout, person.c.first_name, person.c.last_name, person.c.username).join(
        person,
        (person.c.bot_id == payout.c.bot_id) & (person.c.user_id == payout.c.member_id),
        isouter=True,
    )


def _payout(row: Any) -> Payout:
    return Payout(
        id=row.id,
        member_id=row.member_id,
        name=" ".join(filter(None, (row.first_name, row.last_name))) or str(row.member_id),
        username=row.username,
        amount=Money(row.amount, row.currency),
        state=State(row.state),
        how=How(row.how),
        note=row.note,
        at=row.at,
        settled_at=row.settled_at,
    )
