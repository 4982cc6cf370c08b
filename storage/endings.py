"""Memberships that come to their end: what is to be said, and whose time is over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from domain.memberships import Membership
from storage.database import Tx
from storage.memberships import COLUMNS
from storage.statements import insert
from storage.tables.membership import membership, membership_notice


@dataclass(frozen=True, slots=True)
class Due:
    """A membership something is due about."""

    bot_id: int
    membership: Membership
    agreed_at: datetime


async def to_notify(tx: Tx, now: datetime, limit: int) -> list[Due]:
    """Memberships whose next notice is due, the longest overdue first."""
    rows = await tx.execute(
        select(membership.c.bot_id, membership.c.agreed_at, *COLUMNS)
        .where(membership.c.next_notice_at <= now)
        .order_by(membership.c.next_notice_at)
        .limit(limit)
    )
    return [_due(row) for row in rows]


def _due(row: object) -> Due:
    values = dict(row._mapping)  # type: ignore[attr-defined]
    return Due(values.pop("bot_id"), agreed_at=values.pop("agreed_at"), membership=Membership(**values))


async def claim_notice(
    tx: Tx,
    due: Due,
    before: timedelta | None,
    skipped: Iterable[timedelta],
    next_at: datetime | None,
    now: datetime,
) -> bool:
    """Take the notice `before` the end upon this transaction; False when it was given, or the end moved.

    Notices that were missed (`skipped`) are marked as given, too. With `before` None nothing is to be said
    now, and only the next moment is noted.
    """
    one = due.membership
    current = await tx.execute(
        update(membership)
        .where(
            membership.c.bot_id == due.bot_id,
            membership.c.member_id == one.member_id,
            membership.c.project_id == one.project_id,
            membership.c.end_at == one.end_at,
            membership.c.next_notice_at <= now,
        )
        .values(next_notice_at=next_at)
    )
    if not current.rowcount or before is None:
        return False
    key = {
        "bot_id": due.bot_id, "member_id": one.member_id, "project_id": one.project_id,
        "end_at": one.end_at, "at": now,
    }  # fmt: skip
    for other in skipped:
        await tx.execute(
            insert(tx, membership_notice)
            .values(**key, before=int(other.total_seconds()))
            .on_conflict_do_nothing()
        )
    done = await tx.execute(
        insert(tx, membership_notice)
        .values(**key, before=int(before.total_seconds()))
        .on_conflict_do_nothing()
    )
    return bool(done.rowcount)


async def over(tx: Tx, now: datetime, limit: int) -> list[Due]:
    """Memberships whose access is over and not closed yet, the longest overdue first."""
    rows = await tx.execute(
        select(membership.c.bot_id, membership.c.agreed_at, *COLUMNS)
        .where(membership.c.access_until <= now, membership.c.ended_at.is_(None))
        .order_by(membership.c.access_until)
        .limit(limit)
    )
    return [_due(row) for row in rows]


async def close_over(tx: Tx, due: Due, now: datetime) -> bool:
    """Close a membership whose access is over; False when it was closed or extended meanwhile."""
    one = due.membership
    done = await tx.execute(
        update(membership)
        .where(
            membership.c.bot_id == due.bot_id,
            membership.c.member_id == one.member_id,
            membership.c.project_id == one.project_id,
            membership.c.ended_at.is_(None),
            membership.c.access_until <= now,
        )
        .values(ended_at=now)
    )
    return bool(done.rowcount)


async def forget_notices(tx: Tx, before: datetime) -> None:
    """Drop marks of notices given long ago."""
    await tx.execute(delete(membership_notice).where(membership_notice.c.at < before))
