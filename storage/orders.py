"""Orders: made once by key, locked when their state may change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update

from domain.money import Money
from domain.orders import NO_SALE, STARS, Kind, Order, Status
from storage.database import Tx
from storage.tables.core import person
from storage.tables.orders import purchase_order as order

_PLAIN = (
    "id", "bot_id", "key", "member_id", "email", "plan_id", "plan_name", "project_id", "length", "gateway",
    "ref", "checkout_url", "coupon_id", "subscription_id", "recurring", "created_at", "expires_at",
    "completed_at", "closed_at",
)  # fmt: skip


def order_of(row: Any) -> Order:
    """The order in a row."""
    return Order(
        kind=Kind(row.kind),
        status=Status(row.status),
        price=Money(row.price, row.price_currency),
        discount=Money(row.discount, row.price_currency),
        amount=Money(row.amount, row.currency),
        **{name: getattr(row, name) for name in _PLAIN},
    )


async def create(
    tx: Tx,
    bot_id: int,
    key: str,
    *,
    kind: Kind,
    status: Status,
    member_id: int | None,
    plan_id: int,
    plan_name: str,
    project_id: int,
    length: str,
    gateway: str,
    price: Money,
    amount: Money,
    now: datetime,
    expires_at: datetime,
    email: str | None = None,
    ref: str | None = None,
    checkout_url: str | None = None,
    coupon_id: int | None = None,
    discount: int = 0,
    subscription_id: int | None = None,
    recurring: bool = False,
) -> Order:
    """Write an order down. `discount` is in minor units of the price's currency."""
    statement = (
        order.insert()
        .values(
            bot_id=bot_id, key=key, kind=kind.value, status=status.value, member_id=member_id, email=email,
            plan_id=plan_id, plan_name=plan_name, project_id=project_id, length=length, gateway=gateway,
            ref=ref, checkout_url=checkout_url, price=price.minor, price_currency=price.currency,
            discount=discount, amount=amount.minor, currency=amount.currency, coupon_id=coupon_id,
            subscription_id=subscription_id, recurring=recurring, created_at=now, expires_at=expires_at,
            completed_at=now if status is Status.COMPLETED else None,
        )
        .returning(order)
    )  # fmt: skip
    return order_of((await tx.execute(statement)).one())


async def get(tx: Tx, bot_id: int, order_id: int) -> Order | None:
    """One order."""
    return await _one(tx, _of(bot_id).where(order.c.id == order_id))


async def by_key(tx: Tx, bot_id: int, key: str) -> Order | None:
    """The order of a key."""
    return await _one(tx, _of(bot_id).where(order.c.key == key))


async def by_ref(tx: Tx, bot_id: int, gateway: str, ref: str) -> Order | None:
    """The order of a checkout at a provider."""
    return await _one(tx, _of(bot_id).where(order.c.gateway == gateway, order.c.ref == ref))


async def star_bots(tx: Tx) -> list[int]:
    """Bots that somebody ordered something of for Stars."""
    rows = await tx.execute(
        select(order.c.bot_id).where(order.c.gateway == STARS).distinct().order_by(order.c.bot_id)
    )
    return [row.bot_id for row in rows]


async def lock(tx: Tx, bot_id: int, order_id: int) -> Order | None:
    """One order, held until the transaction ends: what becomes of it is decided by one at a time."""
    return await _one(tx, _of(bot_id).where(order.c.id == order_id).with_for_update())


async def change(tx: Tx, bot_id: int, order_id: int, **values: Any) -> None:
    """Set some columns."""
    await tx.execute(update(order).where(order.c.bot_id == bot_id, order.c.id == order_id).values(**values))


async def last_email(tx: Tx, bot_id: int, member_id: int) -> str | None:
    """The address somebody gave with an earlier order."""
    found: str | None = (
        await tx.execute(
            select(order.c.email)
            .where(order.c.bot_id == bot_id, order.c.member_id == member_id, order.c.email.is_not(None))
            .order_by(order.c.id.desc())
            .limit(1)
        )
    ).scalar_one_or_none()
    return found


def held(now: datetime) -> ColumnElement[bool]:
    """Orders that keep a place and a coupon for their buyer."""
    return (order.c.status == Status.PENDING.value) & (order.c.expires_at > now)


async def expire(tx: Tx, bot_id: int, order_id: int, status: Status, now: datetime) -> Order | None:
    """Close a pending order without money; None when it is not pending any more."""
    statement = (
        update(order)
        .where(order.c.bot_id == bot_id, order.c.id == order_id, order.c.status == Status.PENDING.value)
        .values(status=status.value, closed_at=now)
        .returning(order)
    )
    return await _one(tx, statement)


async def overdue(tx: Tx, now: datetime, limit: int) -> list[Order]:
    """Pending orders of all bots that are past their time."""
    return await _all(
        tx,
        select(order)
        .where(order.c.status == Status.PENDING.value, order.c.expires_at <= now)
        .order_by(order.c.expires_at)
        .limit(limit),
    )


async def unasked(
    tx: Tx, gateways: Sequence[str], since: datetime, before: datetime, limit: int
) -> list[Order]:
    """Orders without money, made since then, whose provider was not asked lately: the longest unasked first.

    Expired and canceled ones are among them: money may come late.
    """
    waiting = (Status.PENDING.value, Status.EXPIRED.value, Status.CANCELED.value)
    return await _all(
        tx,
        select(order)
        .where(
            order.c.status.in_(waiting),
            order.c.gateway.in_(gateways),
            order.c.ref.is_not(None),
            order.c.created_at > since,
            or_(order.c.asked_at.is_(None), order.c.asked_at < before),
        )
        .order_by(func.coalesce(order.c.asked_at, order.c.created_at))
        .limit(limit),
    )


async def mark_asked(tx: Tx, bot_id: int, order_id: int, now: datetime) -> None:
    """The provider was asked about it just now."""
    await change(tx, bot_id, order_id, asked_at=now)


async def pending_of(tx: Tx, bot_id: int, member_id: int, plan_id: int, gateway: str) -> list[Order]:
    """Somebody's open orders of a plan by a gateway."""
    return await _all(
        tx,
        _of(bot_id)
        .where(
            order.c.member_id == member_id, order.c.plan_id == plan_id, order.c.gateway == gateway,
            order.c.status == Status.PENDING.value,
        )
        .order_by(order.c.id),
    )  # fmt: skip


async def waiting_by(tx: Tx, bot_id: int, gateway: str) -> int:
    """How many open orders are to be paid by a gateway."""
    statement = select(func.count()).where(
        order.c.bot_id == bot_id, order.c.gateway == gateway, order.c.status == Status.PENDING.value
    )
    return int((await tx.execute(statement)).scalar_one())


async def listing(
    tx: Tx,
    bot_id: int,
    offset: int,
    limit: int,
    *,
    member_id: int | None = None,
    plan_id: int | None = None,
    project_id: int | None = None,
    status: Status | None = None,
    only_sales: bool = False,
) -> list[tuple[Order, str | None]]:
    """Orders with their buyers' names, the newest first."""
    statement = (
        select(order, person.c.first_name, person.c.last_name)
        .join(
            person,
            (person.c.bot_id == order.c.bot_id) & (person.c.user_id == order.c.member_id),
            isouter=True,
        )
        .where(order.c.bot_id == bot_id)
        .order_by(order.c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    for column, wanted in ((order.c.member_id, member_id), (order.c.plan_id, plan_id)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if project_id is not None:
        statement = statement.where(order.c.project_id == project_id)
    if status is not None:
        statement = statement.where(order.c.status == status.value)
    if only_sales:
        statement = statement.where(order.c.gateway.not_in(NO_SALE))
    return [(order_of(row), _name(row)) for row in await tx.execute(statement)]


async def name_of(tx: Tx, bot_id: int, member_id: int) -> str | None:
    """How a buyer is called."""
    row = (
        await tx.execute(
            select(person.c.first_name, person.c.last_name).where(
                person.c.bot_id == bot_id, person.c.user_id == member_id
            )
        )
    ).one_or_none()
    return None if row is None else _name(row)


def _name(row: Any) -> str | None:
    return " ".join(filter(None, (row.first_name, row.last_name))) or None


def _of(bot_id: int) -> Select[Any]:
    return select(order).where(order.c.bot_id == bot_id)


async def _one(tx: Tx, statement: Any) -> Order | None:
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else order_of(row)


async def _all(tx: Tx, statement: Select[Any]) -> list[Order]:
    return [order_of(row) for row in await tx.execute(statement)]
