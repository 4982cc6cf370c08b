"""Sales counted and added up by day. What was refunded as a whole or disputed is no sale."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    distinct,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
)

from domain.reports import UserCount
from storage.database import Tx
from storage.memberships import opens
from storage.statements import insert
from storage.tables.core import person
from storage.tables.membership import membership, plan
from storage.tables.orders import payment, purchase_order
from storage.tables.rates import revenue_told
from storage.types import DAY, from_microseconds


@dataclass(frozen=True, slots=True)
class Sold:
    """Sales of one UTC day in one currency, at one rate (`payment.rate`); `minor` units less what was
    refunded. `plan_id` and `gateway` are set where sales are counted by them."""

    day: date
    currency: str
    rate: str | None
    minor: int
    sales: int
    plan_id: int = 0
    gateway: str = ""


_BY: dict[str, Any] = {"plan_id": purchase_order.c.plan_id, "gateway": payment.c.gateway}


async def sold(
    tx: Tx,
    bot_id: int,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    by: Collection[str] = (),
    member_id: int | None = None,
) -> list[Sold]:
    """Sales from `since` to just before `before`, by day, also by `plan_id` and `gateway` where wanted, of
    everybody or of one member."""
    # The length is written into the statement: PostgreSQL would not see that two parameters are the same.
    day = (type_coerce(payment.c.paid_at, BigInteger) // literal_column(str(DAY), BigInteger)).label("day")
    parts = [(_BY[name] if name in by else null()).label(name) for name in _BY]
    conditions = [payment.c.bot_id == bot_id, _stands()]
    if since is not None:
        conditions.append(payment.c.paid_at >= since)
    if before is not None:
        conditions.append(payment.c.paid_at < before)
    if member_id is not None:
        conditions.append(payment.c.member_id == member_id)
    source: Any = payment
    if "plan_id" in by:
        same_order = (purchase_order.c.id == payment.c.order_id) & (purchase_order.c.bot_id == bot_id)
        source = payment.join(purchase_order, same_order)
    rows = await tx.execute(
        select(
            day,
            payment.c.currency,
            payment.c.rate,
            func.sum(payment.c.amount - payment.c.refunded),
            func.count(),
            *parts,
        )
        .select_from(source)
        .where(*conditions)
        .group_by("day", payment.c.currency, payment.c.rate, *(_BY[name] for name in _BY if name in by))
    )
    return [
        Sold(from_microseconds(at * DAY).date(), code, rate, int(minor), sales, plan_id or 0, gateway or "")
        for at, code, rate, minor, sales, plan_id, gateway in rows
    ]


def _stands() -> ColumnElement[bool]:
    """`domain.orders.Payment.stands`."""
    return (
        payment.c.accepted.is_(True)
        & payment.c.disputed_at.is_(None)
        & (payment.c.refunded < payment.c.amount)
    )


async def bounds(tx: Tx, bot_id: int) -> tuple[datetime, datetime] | None:
    """When the first and the last sale were; None without sales."""
    row = (
        await tx.execute(
            select(func.min(payment.c.paid_at), func.max(payment.c.paid_at)).where(
                payment.c.bot_id == bot_id, _stands()
            )
        )
    ).one()
    return None if row[0] is None else (row[0], row[1])


async def refunds(tx: Tx, bot_id: int, since: datetime, before: datetime) -> int:
    """How many payments went back or were disputed from `since` to just before `before`."""
    gone = or_(
        *((column >= since) & (column < before) for column in (payment.c.refunded_at, payment.c.disputed_at))
    )
    found = await tx.execute(select(func.count()).where(payment.c.bot_id == bot_id, gone))
    return int(found.scalar_one())


async def claim_morning(tx: Tx, bot_id: int, day: date) -> bool:
    """Take the word of a morning upon this transaction; False when it was taken before."""
    statement = insert(tx, revenue_told).values(bot_id=bot_id, day=day.isoformat())
    statement = statement.on_conflict_do_update(
        index_elements=["bot_id"],
        set_={"day": statement.excluded.day},
        where=revenue_told.c.day < statement.excluded.day,
    ).returning(revenue_told.c.bot_id)
    return (await tx.execute(statement)).first() is not None


async def plan_names(tx: Tx, bot_id: int, plan_ids: Collection[int]) -> dict[int, str]:
    """What plans are called; one that is gone by the name it was last ordered under."""
    last = (
        select(func.max(purchase_order.c.id))
        .where(purchase_order.c.bot_id == bot_id, purchase_order.c.plan_id.in_(plan_ids))
        .group_by(purchase_order.c.plan_id)
    )
    ordered = await tx.execute(
        select(purchase_order.c.plan_id, purchase_order.c.plan_name).where(purchase_order.c.id.in_(last))
    )
    names: dict[int, str] = {row.plan_id: row.plan_name for row in ordered}
    present = await tx.execute(
        select(plan.c.id, plan.c.name).where(plan.c.bot_id == bot_id, plan.c.id.in_(plan_ids))
    )
    return names | {row.id: row.name for row in present}


async def users(tx: Tx, bot_id: int, now: datetime) -> UserCount:
    """People by whether they have a membership (days of grace included), had one, or never had."""
    known = await _count(
        tx,
        select(func.count()).select_from(person).where(person.c.bot_id == bot_id),
    )
    held = select(func.count(distinct(membership.c.member_id))).where(membership.c.bot_id == bot_id)
    met = exists().where(person.c.bot_id == bot_id, person.c.user_id == membership.c.member_id)
    ever, members = await _count(tx, held), await _count(tx, held.where(opens(now)))
    unknown = await _count(tx, held.where(~met))
    return UserCount(known + unknown, known + unknown - ever, ever - members, members)


async def _count(tx: Tx, statement: Any) -> int:
    return int((await tx.execute(statement)).scalar_one())
