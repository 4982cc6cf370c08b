"""The history of a membership: what was given, what was taken back, and when an owner ended it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from storage.database import Tx
from storage.tables.membership import membership_closing, membership_grant


@dataclass(frozen=True, slots=True)
class Grant:
    """One line. `length` is a duration's stored form; empty for lines older than that column."""

    id: int
    plan_id: int
    length: str
    end_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Revoked:
    """Whose line was taken back, and in which project."""

    member_id: int
    project_id: int


async def revoke(tx: Tx, bot_id: int, grant_id: int, now: datetime) -> Revoked | None:
    """Take back what was given; None when it was taken back before."""
    statement = (
        update(membership_grant)
        .where(
            membership_grant.c.bot_id == bot_id,
            membership_grant.c.id == grant_id,
            membership_grant.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(membership_grant.c.member_id, membership_grant.c.project_id)
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else Revoked(row.member_id, row.project_id)


async def standing(tx: Tx, bot_id: int, member_id: int, project_id: int) -> list[Grant]:
    """What counts of somebody's history in a project, oldest first: not taken back, and given since an
    owner last ended the membership. What came before which is seen by the ids: clocks go back."""
    closed: int | None = (
        await tx.execute(
            select(func.max(membership_closing.c.last_grant)).where(
                membership_closing.c.bot_id == bot_id,
                membership_closing.c.member_id == member_id,
                membership_closing.c.project_id == project_id,
            )
        )
    ).scalar_one()
    rows = await tx.execute(
        select(
            membership_grant.c.id, membership_grant.c.plan_id, membership_grant.c.length,
            membership_grant.c.end_at, membership_grant.c.at,
        )
        .where(
            membership_grant.c.bot_id == bot_id,
            membership_grant.c.member_id == member_id,
            membership_grant.c.project_id == project_id,
            membership_grant.c.revoked_at.is_(None),
            membership_grant.c.id > (closed or 0),
        )
        .order_by(membership_grant.c.id)
    )  # fmt: skip
    return [Grant(**row._mapping) for row in rows]


async def note_closing(tx: Tx, bot_id: int, member_id: int, project_id: int, now: datetime) -> None:
    """The membership was ended before its time."""
    last = (
        select(func.coalesce(func.max(membership_grant.c.id), 0))
        .where(
            membership_grant.c.bot_id == bot_id,
            membership_grant.c.member_id == member_id,
            membership_grant.c.project_id == project_id,
        )
        .scalar_subquery()
    )
    await tx.execute(
        membership_closing.insert().values(
            bot_id=bot_id, member_id=member_id, project_id=project_id, at=now, last_grant=last
        )
    )
