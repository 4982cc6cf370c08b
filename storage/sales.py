"""Orders as their owner looks through them: by what has become of them, with what was paid and given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select, true

from domain.orders import Order, Payment, Status, Which
from storage import payments
from storage.database import Tx
from storage.orders import order_of
from storage.payments import Owed
from storage.tables.core import person
from storage.tables.membership import membership_grant
from storage.tables.orders import coupon, payment, refund
from storage.tables.orders import purchase_order as order


@dataclass(frozen=True, slots=True)
class Listed:
    """An order in the list. `name` is its buyer's; `trouble`: the owner has to decide something."""

    order: Order
    name: str | None
    trouble: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What a payment gave. `end_at` None is for life; `revoked` when it was taken back."""

    end_at: datetime | None
    revoked: bool


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment with its refund and what it gave, where there are any."""

    payment: Payment
    refund: Owed | None
    given: Given | None


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: an order, with one of its payments where there are any."""

    order: Order
    name: str | None
    username: str | None
    coupon: str | None
    payment: Payment | None


def _mismatch() -> ColumnElement[bool]:
    """Money that was not what was asked for, and the owner has not decided."""
    return exists().where(
        payment.c.bot_id == order.c.bot_id,
        payment.c.order_id == order.c.id,
        payment.c.accepted.is_(False),
        payment.c.refunded < payment.c.amount,
        payment.c.disputed_at.is_(None),
    )


def _refund_failed() -> ColumnElement[bool]:
    return exists().where(
        payment.c.bot_id == order.c.bot_id,
        payment.c.order_id == order.c.id,
        payment.c.refunded < payment.c.amount,
        refund.c.payment_id == payment.c.id,
        refund.c.state == "failed",
    )


def _trouble() -> ColumnElement[bool]:
    return or_(order.c.status == Status.DISPUTED.value, _mismatch(), _refund_failed())


def _which(which: Which) -> ColumnElement[bool]:
    match which:
        case Which.PAID:
            return order.c.status == Status.COMPLETED.value
        case Which.WAITING:
            return order.c.status == Status.PENDING.value
        case Which.TROUBLE:
            return _trouble()
        case _:
            return true()


def _with_buyer(*columns: Any) -> Select[Any]:
    here = (person.c.bot_id == order.c.bot_id) & (person.c.user_id == order.c.member_id)
    return select(order, person.c.first_name, person.c.last_name, *columns).join(person, here, isouter=True)


async def listing(
    tx: Tx, bot_id: int, which: Which, member_id: int | None, offset: int, limit: int
) -> list[Listed]:
    """Orders, the newest first; only somebody's where `member_id` is given."""
    statement = _with_buyer(_trouble().label("trouble")).where(order.c.bot_id == bot_id, _which(which))
    if member_id is not None:
        statement = statement.where(order.c.member_id == member_id)
    rows = await tx.execute(statement.order_by(order.c.id.desc()).offset(offset).limit(limit))
    return [Listed(order_of(row), _name(row), bool(row.trouble)) for row in rows]


async def paid(tx: Tx, bot_id: int, order_id: int) -> list[Paid]:
    """What came for an order and what became of it, oldest first."""
    return [
        Paid(one, await payments.refund_of(tx, bot_id, one.id), await _given(tx, bot_id, one.grant_id))
        for one in await payments.of_order(tx, bot_id, order_id)
    ]


async def _given(tx: Tx, bot_id: int, grant_id: int | None) -> Given | None:
    if grant_id is None:
        return None
    row = (
        await tx.execute(
            select(membership_grant.c.end_at, membership_grant.c.revoked_at).where(
                membership_grant.c.bot_id == bot_id, membership_grant.c.id == grant_id
            )
        )
    ).one_or_none()
    return None if row is None else Given(row.end_at, row.revoked_at is not None)


async def coupon_name(tx: Tx, bot_id: int, coupon_id: int) -> str | None:
    """How a coupon is called."""
    found: str | None = (
        await tx.execute(select(coupon.c.name).where(coupon.c.bot_id == bot_id, coupon.c.id == coupon_id))
    ).scalar_one_or_none()
    return found


async def lines(tx: Tx, bot_id: int, before: int, limit: int) -> list[Line]:
    """Rows of the file for so many orders with ids below `before`, the newest first."""
    its_coupon = (coupon.c.bot_id == order.c.bot_id) & (coupon.c.id == order.c.coupon_id)
    found = (
        await tx.execute(
            _with_buyer(person.c.username, coupon.c.name.label("coupon"))
            .join(coupon, its_coupon, isouter=True)
            .where(order.c.bot_id == bot_id, order.c.id < before)
            .order_by(order.c.id.desc())
            .limit(limit)
        )
    ).all()
    came = await payments.of_orders(tx, bot_id, [row.id for row in found])
    found_lines: list[Line] = []
    for row in found:
        some: Sequence[Payment | None] = came.get(row.id) or (None,)
        found_lines += [Line(order_of(row), _name(row), row.username, row.coupon, one) for one in some]
    return found_lines


def _name(row: Any) -> str | None:
    return " ".join(filter(None, (row.first_name, row.last_name))) or None
