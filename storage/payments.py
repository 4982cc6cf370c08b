"""Payments and refunds: one charge of a provider is written once, whatever is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from domain.money import Money
from domain.orders import Payment
from storage.database import Tx
from storage.statements import insert
from storage.tables.orders import payment, refund, star_cursor

_PLAIN = (
    "id", "bot_id", "order_id", "gateway", "charge_id", "member_id", "paid_at", "accepted", "grant_id",
    "refunded", "refunded_at", "disputed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owed:
    """A refund we owe, or owed. `state`: owed | done | failed; `words` of the provider where it failed."""

    id: int
    bot_id: int
    payment_id: int
    reason: str
    by: int
    state: str
    attempts: int
    words: str | None


def _payment(row: Any) -> Payment:
    return Payment(paid=Money(row.amount, row.currency), **{name: getattr(row, name) for name in _PLAIN})


async def note(
    tx: Tx,
    bot_id: int,
    order_id: int,
    gateway: str,
    charge_id: str,
    *,
    member_id: int | None,
    paid: Money,
    rate: str | None,
    paid_at: datetime,
    accepted: bool,
    now: datetime,
) -> Payment | None:
    """Write a charge down; None when it was written before."""
    statement = (
        insert(tx, payment)
        .values(
            bot_id=bot_id, order_id=order_id, gateway=gateway, charge_id=charge_id, member_id=member_id,
            amount=paid.minor, currency=paid.currency, rate=rate, paid_at=paid_at, at=now,
            accepted=accepted, refunded=0,
        )
        .on_conflict_do_nothing(index_elements=["bot_id", "gateway", "charge_id"])
        .returning(payment)
    )  # fmt: skip
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _payment(row)


async def find(tx: Tx, bot_id: int, gateway: str, charge_id: str) -> Payment | None:
    """The payment of a charge."""
    return await _one(
        tx,
        select(payment).where(
            payment.c.bot_id == bot_id, payment.c.gateway == gateway, payment.c.charge_id == charge_id
        ),
    )


async def by_charge(tx: Tx, bot_id: int, gateway: str, charge_id: str) -> Payment | None:
    """The payment of a charge, held until the transaction ends."""
    return await _one(
        tx,
        select(payment)
        .where(payment.c.bot_id == bot_id, payment.c.gateway == gateway, payment.c.charge_id == charge_id)
        .with_for_update(),
    )


async def lock(tx: Tx, bot_id: int, payment_id: int) -> Payment | None:
    """One payment, held until the transaction ends."""
    return await _one(
        tx,
        select(payment).where(payment.c.bot_id == bot_id, payment.c.id == payment_id).with_for_update(),
    )


async def get(tx: Tx, bot_id: int, payment_id: int) -> Payment | None:
    """One payment."""
    return await _one(tx, select(payment).where(payment.c.bot_id == bot_id, payment.c.id == payment_id))


async def of_order(tx: Tx, bot_id: int, order_id: int) -> list[Payment]:
    """What came for an order, oldest first."""
    rows = await tx.execute(
        select(payment)
        .where(payment.c.bot_id == bot_id, payment.c.order_id == order_id)
        .order_by(payment.c.id)
    )
    return [_payment(row) for row in rows]


async def of_orders(tx: Tx, bot_id: int, order_ids: Sequence[int]) -> dict[int, list[Payment]]:
    """What came for each of these orders, oldest first."""
    rows = await tx.execute(
        select(payment)
        .where(payment.c.bot_id == bot_id, payment.c.order_id.in_(order_ids))
        .order_by(payment.c.id)
    )
    found: dict[int, list[Payment]] = {}
    for row in rows:
        found.setdefault(row.order_id, []).append(_payment(row))
    return found


async def change(tx: Tx, bot_id: int, payment_id: int, **values: Any) -> None:
    """Set some columns."""
    await tx.execute(
        update(payment).where(payment.c.bot_id == bot_id, payment.c.id == payment_id).values(**values)
    )


async def unfinished(tx: Tx, bot_id: int, limit: int) -> list[Payment]:
    """Money that came and was not what was asked for, and was neither accepted nor given back."""
    rows = await tx.execute(
        select(payment)
        .where(
            payment.c.bot_id == bot_id, payment.c.accepted.is_(False), payment.c.refunded == 0,
            payment.c.disputed_at.is_(None),
        )
        .order_by(payment.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [_payment(row) for row in rows]


async def count_before(tx: Tx, bot_id: int, member_id: int, payment_id: int) -> int:
    """How many payments of somebody's were accepted before this one."""
    return int(
        (
            await tx.execute(
                select(func.count()).where(
                    payment.c.bot_id == bot_id, payment.c.member_id == member_id,
                    payment.c.accepted.is_(True), payment.c.id < payment_id,
                )
            )
        ).scalar_one()
    )  # fmt: skip


async def owe_refund(tx: Tx, bot_id: int, payment_id: int, reason: str, by: int, now: datetime) -> bool:
    """Promise a refund; False when it was promised before. One that had failed is tried again."""
    statement = insert(tx, refund).values(
        bot_id=bot_id, payment_id=payment_id, reason=reason, by=by, state="owed", attempts=0, due_at=now,
        at=now,
    )  # fmt: skip
    done = await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["payment_id"],
            set_={"state": "owed", "due_at": now, "words": None, "attempts": 0},
            where=refund.c.state == "failed",
        )
    )
    return bool(done.rowcount)


async def refund_of(tx: Tx, bot_id: int, payment_id: int) -> Owed | None:
    """The refund of a payment, whatever its state."""
    row = (
        await tx.execute(select(refund).where(refund.c.bot_id == bot_id, refund.c.payment_id == payment_id))
    ).one_or_none()
    return None if row is None else _owed(row)


async def refunds_due(tx: Tx, now: datetime, limit: int) -> list[Owed]:
    """Refunds of all bots that are to be asked for now."""
    rows = await tx.execute(
        select(refund)
        .where(refund.c.state == "owed", refund.c.due_at <= now)
        .order_by(refund.c.due_at)
        .limit(limit)
    )
    return [_owed(row) for row in rows]


async def claim_refund(tx: Tx, refund_id: int, now: datetime, until: datetime) -> bool:
    """Take a due refund for oneself until then; False when another process has it."""
    done = await tx.execute(
        update(refund)
        .where(refund.c.id == refund_id, refund.c.state == "owed", refund.c.due_at <= now)
        .values(due_at=until)
    )
    return bool(done.rowcount)


async def put_off(tx: Tx, refund_id: int, due_at: datetime, words: str) -> None:
    """Nobody knows whether the provider did it: ask again then, with the same key."""
    await tx.execute(
        update(refund)
        .where(refund.c.id == refund_id, refund.c.state == "owed")
        .values(due_at=due_at, attempts=refund.c.attempts + 1, words=words[:500])
    )


async def end_refund(tx: Tx, payment_id: int, state: str, words: str | None = None) -> bool:
    """It is done, or the provider said no; False when that is known already."""
    done = await tx.execute(
        update(refund)
        .where(refund.c.payment_id == payment_id, refund.c.state == "owed")
        .values(state=state, words=words[:500] if words else None, attempts=refund.c.attempts + 1)
    )
    return bool(done.rowcount)


async def star_position(tx: Tx, bot_id: int) -> int:
    """How many of the bot's Star transactions have been read."""
    found: int | None = (
        await tx.execute(select(star_cursor.c.position).where(star_cursor.c.bot_id == bot_id))
    ).scalar_one_or_none()
    return found or 0


async def move_star_position(tx: Tx, bot_id: int, position: int, now: datetime) -> None:
    """So many have been read; it never goes back."""
    statement = insert(tx, star_cursor).values(bot_id=bot_id, position=position, read_at=now)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["bot_id"],
            set_={"position": position, "read_at": now},
            where=star_cursor.c.position <= position,
        )
    )


def _owed(row: Any) -> Owed:
    return Owed(row.id, row.bot_id, row.payment_id, row.reason, row.by, row.state, row.attempts, row.words)


async def _one(tx: Tx, statement: Any) -> Payment | None:
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else _payment(row)
