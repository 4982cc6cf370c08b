"""Subscriptions: agreements by which a provider charges again by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, true, update

from domain.money import Money
from domain.subscriptions import Standing, Subscription
from storage.database import Tx
from storage.statements import insert
from storage.tables.orders import subscription

_PLAIN = (
    "id", "bot_id", "gateway", "ref", "order_id", "member_id", "plan_id", "project_id", "paid_until",
    "created_at", "ended_at",
)  # fmt: skip


def _subscription(row: Any) -> Subscription:
    return Subscription(
        amount=Money(row.amount, row.currency), state=Standing(row.state),
        **{name: getattr(row, name) for name in _PLAIN},
    )  # fmt: skip


async def begin(
    tx: Tx,
    bot_id: int,
    gateway: str,
    ref: str,
    *,
    order_id: int,
    member_id: int,
    plan_id: int,
    project_id: int,
    amount: Money,
    paid_until: datetime | None,
    now: datetime,
) -> int:
    """Write a subscription down, once; returns its id. What is paid further moves `paid_until`."""
    statement = insert(tx, subscription).values(
        bot_id=bot_id, gateway=gateway, ref=ref, order_id=order_id, member_id=member_id, plan_id=plan_id,
        project_id=project_id, amount=amount.minor, currency=amount.currency, state=Standing.ACTIVE.value,
        paid_until=paid_until, created_at=now,
    )  # fmt: skip
    done = await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["bot_id", "gateway", "ref"], set_={"paid_until": paid_until}
        ).returning(subscription.c.id)
    )
    return int(done.scalar_one())


async def paid(tx: Tx, bot_id: int, subscription_id: int, until: datetime | None) -> None:
    """It was charged again, until then; one that was thought to have ended goes on."""
    await tx.execute(
        update(subscription)
        .where(subscription.c.bot_id == bot_id, subscription.c.id == subscription_id)
        .values(paid_until=until, state=Standing.ACTIVE.value, ended_at=None)
    )


async def get(tx: Tx, bot_id: int, subscription_id: int) -> Subscription | None:
    """One subscription."""
    return await _one(
        tx,
        select(subscription).where(subscription.c.bot_id == bot_id, subscription.c.id == subscription_id),
    )


async def by_ref(tx: Tx, bot_id: int, gateway: str, ref: str) -> Subscription | None:
    """The subscription of a provider's id."""
    return await _one(
        tx,
        select(subscription).where(
            subscription.c.bot_id == bot_id, subscription.c.gateway == gateway, subscription.c.ref == ref
        ),
    )


async def of_order(tx: Tx, bot_id: int, order_id: int) -> Subscription | None:
    """The newest subscription an order began."""
    return await _one(
        tx,
        select(subscription)
        .where(subscription.c.bot_id == bot_id, subscription.c.order_id == order_id)
        .order_by(subscription.c.id.desc())
        .limit(1),
    )


async def of_member(tx: Tx, bot_id: int, member_id: int) -> list[Subscription]:
    """Somebody's subscriptions that have not ended."""
    rows = await tx.execute(
        select(subscription)
        .where(
            subscription.c.bot_id == bot_id,
            subscription.c.member_id == member_id,
            subscription.c.state != Standing.ENDED.value,
        )
        .order_by(subscription.c.id)
    )
    return [_subscription(row) for row in rows]


async def turn(
    tx: Tx,
    bot_id: int,
    subscription_id: int,
    state: Standing,
    now: datetime,
    *,
    only_from: Standing | None = None,
) -> bool:
    """Another state; False when it is in it already, or was not in `only_from` where that is given."""
    before = true() if only_from is None else subscription.c.state == only_from.value
    done = await tx.execute(
        update(subscription)
        .where(
            subscription.c.bot_id == bot_id,
            subscription.c.id == subscription_id,
            subscription.c.state != state.value,
            before,
        )
        .values(state=state.value, ended_at=now if state is Standing.ENDED else None)
    )
    return bool(done.rowcount)


async def charged_for(tx: Tx, bot_id: int, plan_id: int) -> bool:
    """Whether anybody is charged again and again for a plan."""
    found = await tx.execute(
        select(subscription.c.id)
        .where(
            subscription.c.bot_id == bot_id,
            subscription.c.plan_id == plan_id,
            subscription.c.state == Standing.ACTIVE.value,
        )
        .limit(1)
    )
    return found.first() is not None


async def running_by(tx: Tx, bot_id: int, gateway: str) -> int:
    """How many subscriptions of a gateway are charged again and again."""
    return int(
        (
            await tx.execute(
                select(func.count()).where(
                    subscription.c.bot_id == bot_id,
                    subscription.c.gateway == gateway,
                    subscription.c.state == Standing.ACTIVE.value,
                )
            )
        ).scalar_one()
    )


async def to_ask(
    tx: Tx, gateways: list[str], due: datetime, before: datetime, limit: int
) -> list[Subscription]:
    """Running subscriptions of these gateways that should be charged by `due`, not asked about lately."""
    rows = await tx.execute(
        select(subscription)
        .where(
            subscription.c.gateway.in_(gateways),
            subscription.c.state != Standing.ENDED.value,
            subscription.c.paid_until <= due,
            or_(subscription.c.asked_at.is_(None), subscription.c.asked_at < before),
        )
        .order_by(subscription.c.asked_at)
        .limit(limit)
    )
    return [_subscription(row) for row in rows]


async def mark_asked(tx: Tx, bot_id: int, subscription_id: int, now: datetime) -> None:
    """The provider was asked about it just now."""
    await tx.execute(
        update(subscription)
        .where(subscription.c.bot_id == bot_id, subscription.c.id == subscription_id)
        .values(asked_at=now)
    )


async def _one(tx: Tx, statement: Any) -> Subscription | None:
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _subscription(row)
