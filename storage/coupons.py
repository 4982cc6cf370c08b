"""Coupons, who has which in hand, and the orders that use them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, delete, exists, false, func, or_, select, true, update

from domain.coupons import Coupon, Direction, Revenue, Taken, plain_decimal
from domain.orders import CLOSING, CREDIT, STARS, TELEGRAM, Status
from storage.database import Tx
from storage.statements import insert
from storage.tables.orders import coupon, coupon_in_hand, payment, purchase_order

_ASKED_FIRST = (STARS, TELEGRAM)  # Telegram asks before the money moves: an open order can be refused then
_USED = (Status.COMPLETED.value, Status.DISPUTED.value)
_UNPAID = (Status.PENDING.value, Status.EXPIRED.value, Status.CANCELED.value)


def coupon_of(row: Any) -> Coupon:
    """The coupon in a row."""
    revenue = None
    if row.revenue_direction is not None:
        amount = Decimal(row.revenue_amount)
        revenue = Revenue(Direction(row.revenue_direction), amount, row.revenue_currency)
    return Coupon(
        id=row.id,
        name=row.name,
        percent=Decimal(row.percent),
        amount=Decimal(row.amount),
        min_amount=Decimal(row.min_amount),
        max_amount=Decimal(row.max_amount),
        uses=row.uses,
        plans=frozenset(row.plans),
        gateways=frozenset(row.gateways),
        revenue=revenue,
        newcomers=row.newcomers,
        singleuse=row.singleuse,
        invitee_only=row.invitee_only,
        auto_apply=row.auto_apply,
        enabled=row.enabled,
        expires_at=row.expires_at,
    )


async def create(tx: Tx, bot_id: int, name: str, values: Mapping[str, Any], now: datetime) -> int | None:
    """A new coupon for everybody and every plan; None when the bot has one of that name, in any case of
    letters. `values` are columns: see `columns`."""
    full: dict[str, Any] = {
        "percent": "0", "amount": "0", "min_amount": "0", "max_amount": "0", "uses": 0, "plans": [],
        "gateways": [], "newcomers": False, "singleuse": False, "invitee_only": False, "auto_apply": False,
        "enabled": True, "expires_at": None,
    }  # fmt: skip
    statement = insert(tx, coupon).values(
        bot_id=bot_id, name=name, key=name.lower(), created_at=now, **full | columns(values)
    )
    made: int | None = (
        await tx.execute(statement.on_conflict_do_nothing().returning(coupon.c.id))
    ).scalar_one_or_none()
    return made


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """A coupon's fields (`domain.coupons.Coupon`) as columns."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name == "revenue":
            found["revenue_direction"] = value.direction.value if value else None
            found["revenue_amount"] = plain_decimal(value.amount) if value else None
            found["revenue_currency"] = value.currency if value else None
        elif isinstance(value, Decimal):
            found[name] = plain_decimal(value)
        else:
            found[name] = sorted(value) if isinstance(value, frozenset) else value
    return found


async def get(tx: Tx, bot_id: int, coupon_id: int, *, lock: bool = False) -> Coupon | None:
    """One coupon of the bot. With `lock` it is held until the transaction ends: whoever counts its uses
    waits here."""
    statement = select(coupon).where(coupon.c.bot_id == bot_id, coupon.c.id == coupon_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else coupon_of(row)


async def by_name(tx: Tx, bot_id: int, name: str) -> Coupon | None:
    """The coupon of a name, in any case of letters."""
    row = (
        await tx.execute(select(coupon).where(coupon.c.bot_id == bot_id, coupon.c.key == name.lower()))
    ).one_or_none()
    return None if row is None else coupon_of(row)


async def listing(tx: Tx, bot_id: int, offset: int, limit: int) -> list[Coupon]:
    """A bot's coupons, the newest first."""
    rows = await tx.execute(
        select(coupon)
        .where(coupon.c.bot_id == bot_id)
        .order_by(coupon.c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [coupon_of(row) for row in rows]


async def of_bot(tx: Tx, bot_id: int) -> list[Coupon]:
    """All coupons of a bot, the oldest first."""
    rows = await tx.execute(select(coupon).where(coupon.c.bot_id == bot_id).order_by(coupon.c.id))
    return [coupon_of(row) for row in rows]


async def change(tx: Tx, bot_id: int, coupon_id: int, values: Mapping[str, Any]) -> bool:
    """Set some fields; False when the bot has no such coupon."""
    done = await tx.execute(
        update(coupon).where(coupon.c.bot_id == bot_id, coupon.c.id == coupon_id).values(**columns(values))
    )
    return bool(done.rowcount)


async def remove(tx: Tx, bot_id: int, coupon_id: int) -> bool:
    """Delete a coupon no order was ever made with; False when there is such an order, or no such coupon.

    It is held first: an order being made with it at this moment is waited for, and then seen.
    """
    if await get(tx, bot_id, coupon_id, lock=True) is None:
        return False
    ordered = exists().where(purchase_order.c.bot_id == bot_id, purchase_order.c.coupon_id == coupon_id)
    mine = (coupon.c.bot_id == bot_id, coupon.c.id == coupon_id)
    gone = bool((await tx.execute(delete(coupon).where(*mine, ~ordered))).rowcount)
    if gone:
        await tx.execute(
            delete(coupon_in_hand).where(
                coupon_in_hand.c.bot_id == bot_id, coupon_in_hand.c.coupon_id == coupon_id
            )
        )
    return gone


async def candidates(
    tx: Tx, bot_id: int, member_id: int | None, *, lock: bool = False
) -> tuple[int | None, list[Coupon]]:
    """What an order of somebody could be made with: the id of the coupon in his hand, and that one with
    all that apply by themselves, by id. With `lock` they are held until the transaction ends."""
    hand = await in_hand(tx, bot_id, member_id) if member_id is not None else None
    statement = (
        select(coupon)
        .where(
            coupon.c.bot_id == bot_id,
            or_(
                and_(coupon.c.auto_apply, coupon.c.enabled),
                coupon.c.id == hand if hand is not None else false(),
            ),
        )
        .order_by(coupon.c.id)  # everybody takes the locks in this order
    )
    rows = await tx.execute(statement.with_for_update() if lock else statement)
    return hand, [coupon_of(row) for row in rows]


async def taken(
    tx: Tx,
    bot_id: int,
    coupon_ids: Collection[int],
    member_id: int | None,
    now: datetime,
    *,
    but: int | None = None,
) -> dict[int, Taken]:
    """The orders that use coupons, or hold them while they are open; `but` one order.

    Open orders of `member_id` himself that Telegram has yet to ask about do not count: he turns from one
    plan to another, and only the first that is asked about is agreed to. Those on a provider's page may be
    paid any moment, and hold the coupon for him as they do for others.
    """
    if not coupon_ids:
        return {}
    order = purchase_order.c
    held = and_(order.status == Status.PENDING.value, order.expires_at > now)
    if member_id is not None:
        others = or_(order.member_id.is_(None), order.member_id != member_id)
        held = and_(held, or_(others, order.gateway.not_in(_ASKED_FIRST)))
    coming = and_(order.status.in_(_UNPAID), order.agreed_at > now - CLOSING)
    his = case((order.member_id == member_id, 1), else_=0) if member_id is not None else 0
    rows = await tx.execute(
        select(order.coupon_id, func.count().label("every"), func.sum(his).label("his"))
        .where(
            order.bot_id == bot_id,
            order.coupon_id.in_(sorted(coupon_ids)),
            or_(order.status.in_(_USED), held, coming),
            order.id != but if but is not None else true(),
        )
        .group_by(order.coupon_id)
    )
    return {row.coupon_id: Taken(row.every, int(row.his)) for row in rows}


async def used(tx: Tx, bot_id: int, coupon_ids: Collection[int], now: datetime) -> dict[int, int]:
    """How many orders use coupons, or hold them while they are open; those without are missing."""
    return {one: found.all for one, found in (await taken(tx, bot_id, coupon_ids, None, now)).items()}


async def agree(tx: Tx, bot_id: int, order_id: int, now: datetime) -> None:
    """Telegram is told yes about an order: its money may come any moment."""
    await tx.execute(
        update(purchase_order)
        .where(purchase_order.c.bot_id == bot_id, purchase_order.c.id == order_id)
        .values(agreed_at=now)
    )


async def spent(tx: Tx, bot_id: int, member_id: int) -> dict[str, int]:
    """What somebody has paid and not got back, in minor units by currency. Credit is no money."""
    rows = await tx.execute(
        select(payment.c.currency, func.sum(payment.c.amount - payment.c.refunded).label("minor"))
        .where(
            payment.c.bot_id == bot_id, payment.c.member_id == member_id, payment.c.accepted,
            payment.c.disputed_at.is_(None), payment.c.gateway != CREDIT,
        )
        .group_by(payment.c.currency)
    )  # fmt: skip
    return {row.currency: int(row.minor) for row in rows}


async def in_hand(tx: Tx, bot_id: int, member_id: int) -> int | None:
    """The coupon somebody entered and has not used."""
    found: int | None = (
        await tx.execute(
            select(coupon_in_hand.c.coupon_id).where(
                coupon_in_hand.c.bot_id == bot_id, coupon_in_hand.c.member_id == member_id
            )
        )
    ).scalar_one_or_none()
    return found


async def take(tx: Tx, bot_id: int, member_id: int, coupon_id: int, now: datetime) -> None:
    """Put a coupon into somebody's hand, in place of another."""
    statement = insert(tx, coupon_in_hand).values(
        bot_id=bot_id, member_id=member_id, coupon_id=coupon_id, at=now
    )
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["bot_id", "member_id"], set_={"coupon_id": coupon_id, "at": now}
        )
    )


async def put_away(tx: Tx, bot_id: int, member_id: int, coupon_id: int | None = None) -> bool:
    """Take a coupon (None: whichever) out of somebody's hand; False when it was not there."""
    done = await tx.execute(
        delete(coupon_in_hand).where(
            coupon_in_hand.c.bot_id == bot_id,
            coupon_in_hand.c.member_id == member_id,
            coupon_in_hand.c.coupon_id == coupon_id if coupon_id is not None else true(),
        )
    )
    return bool(done.rowcount)
