"""Commissions of affiliates: one per payment and level."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import case, func, literal, select, update

from domain.commissions import Account, State
from domain.coupons import plain_decimal
from domain.money import Money
from storage.database import Tx
from storage.statements import insert
from storage.tables.earnings import commission, payout
from storage.tables.membership import referral
from storage.types import Instant


@dataclass(frozen=True, slots=True)
class Reversed:
    """A commission that was taken back."""

    affiliate_id: int
    amount: Money


async def upline(tx: Tx, bot_id: int, member_id: int, levels: int) -> list[int]:
    """Who brought somebody, who brought that one, and so on; it ends where it would go round."""
    found: list[int] = []
    seen = {member_id}
    while len(found) < levels:
        above: int | None = (
            await tx.execute(
                select(referral.c.affiliate_member_id).where(
                    referral.c.bot_id == bot_id, referral.c.member_id == member_id
                )
            )
        ).scalar_one_or_none()
        if above is None or above in seen:
            break
        found.append(above)
        seen.add(above)
        member_id = above
    return found


async def add(
    tx: Tx,
    bot_id: int,
    payment_id: int,
    level: int,
    *,
    affiliate_id: int,
    invitee_id: int,
    percent: Decimal,
    amount: Money,
    due_at: datetime,
    now: datetime,
) -> bool:
    """A commission; False when the payment's of this level is there already. One that was taken back counts
    again: a dispute about the payment was won."""
    statement = insert(tx, commission).values(
        bot_id=bot_id, affiliate_member_id=affiliate_id, invitee_id=invitee_id, payment_id=payment_id,
        level=level, percent=plain_decimal(percent), amount=amount.minor, currency=amount.currency, at=now,
        due_at=due_at,
    )  # fmt: skip
    done = await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["payment_id", "level"],
            set_={"reversed_at": None},
            where=commission.c.reversed_at.is_not(None),
        )
    )
    return bool(done.rowcount)


async def take_back(tx: Tx, bot_id: int, payment_id: int, now: datetime) -> Sequence[Reversed]:
    """Take back a payment's commissions; those taken back before are not among them."""
    rows = await tx.execute(
        update(commission)
        .where(
            commission.c.bot_id == bot_id,
            commission.c.payment_id == payment_id,
            commission.c.reversed_at.is_(None),
        )
        .values(reversed_at=now, told_at=func.coalesce(commission.c.told_at, literal(now, Instant)))
        .returning(commission.c.affiliate_member_id, commission.c.amount, commission.c.currency)
    )
    return [Reversed(row.affiliate_member_id, Money(row.amount, row.currency)) for row in rows]


async def accounts(tx: Tx, bot_id: int, member_id: int, now: datetime) -> list[Account]:
    """An affiliate's money, by currency."""
    held = case((commission.c.due_at > now, commission.c.amount), else_=0)
    earnings = await tx.execute(
        select(
            commission.c.currency,
            func.sum(commission.c.amount).label("earned"),
            func.sum(held).label("held"),
        )
        .where(
            commission.c.bot_id == bot_id,
            commission.c.affiliate_member_id == member_id,
            commission.c.reversed_at.is_(None),
        )
        .group_by(commission.c.currency)
    )
    payouts = await tx.execute(
        select(payout.c.currency, payout.c.state, func.sum(payout.c.amount).label("minor"))
        .where(payout.c.bot_id == bot_id, payout.c.member_id == member_id)
        .group_by(payout.c.currency, payout.c.state)
    )
    earned = {row.currency: (int(row.earned), int(row.held)) for row in earnings}
    out = {(row.currency, row.state): int(row.minor) for row in payouts}
    return [
        Account(
            code,
            *earned.get(code, (0, 0)),
            out.get((code, State.REQUESTED), 0),
            out.get((code, State.PAID), 0),
        )
        for code in sorted({*earned, *(code for code, _ in out)})
    ]


async def account(tx: Tx, bot_id: int, member_id: int, currency: str, now: datetime) -> Account:
    """An affiliate's money in one currency."""
    found = await accounts(tx, bot_id, member_id, now)
    return next((one for one in found if one.currency == currency), Account(currency, 0, 0, 0, 0))
