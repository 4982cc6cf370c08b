"""Credit of members: entries that are only ever added."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, func, select

from domain.money import Money
from storage.database import Tx
from storage.statements import insert
from storage.tables.earnings import credit_entry


class Reason(StrEnum):
    """What an entry is for; but for gifts, each reason counts once per source."""

    GIFT = "gift"  # the owner's; negative when he takes some back
    PAYOUT = "payout"  # what he earned as an affiliate
    ORDER = "order"  # spent on an order
    REFUND = "refund"  # of a payment


async def balance(tx: Tx, bot_id: int, member_id: int) -> list[Money]:
    """What somebody has, by currency, where it is more than nothing."""
    total = func.sum(credit_entry.c.amount)
    rows = await tx.execute(
        select(credit_entry.c.currency, total.label("minor"))
        .where(credit_entry.c.bot_id == bot_id, credit_entry.c.member_id == member_id)
        .group_by(credit_entry.c.currency)
        .having(total > 0)
        .order_by(credit_entry.c.currency)
    )
    return [Money(int(row.minor), row.currency) for row in rows]


async def has(tx: Tx, bot_id: int, member_id: int, reason: Reason, source_id: int) -> bool:
    """Whether there is the entry for a source."""
    found = exists().where(
        credit_entry.c.bot_id == bot_id, credit_entry.c.member_id == member_id,
        credit_entry.c.reason == reason.value, credit_entry.c.source_id == source_id,
    )  # fmt: skip
    return bool((await tx.execute(select(found))).scalar_one())


async def add(
    tx: Tx, bot_id: int, member_id: int, amount: Money, reason: Reason, source_id: int | None, now: datetime
) -> bool:
    """Add an entry, negative for what is spent; False when its source was counted before."""
    statement = insert(tx, credit_entry).values(
        bot_id=bot_id, member_id=member_id, amount=amount.minor, currency=amount.currency,
        reason=reason.value, source_id=source_id, at=now,
    )  # fmt: skip
    return bool((await tx.execute(statement.on_conflict_do_nothing())).rowcount)
