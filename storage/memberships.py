"""Memberships: one row per member and project, with the history of what was given behind it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from domain.durations import Term
from domain.memberships import Membership
from domain.plans import EVERY_CHAT, Origin
from storage.database import Tx
from storage.statements import insert
from storage.tables.bots import bot
from storage.tables.core import person
from storage.tables.membership import membership, membership_grant, project_chat
from storage.types import to_microseconds

COLUMNS = (
    membership.c.member_id, membership.c.project_id, membership.c.plan_id, membership.c.started_at,
    membership.c.anchor_at, membership.c.months, membership.c.end_at, membership.c.access_until,
    membership.c.ended_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A membership as lists show it."""

    membership: Membership
    name: str
    username: str | None


async def lock_member(tx: Tx, bot_id: int, member_id: int) -> bool:
    """Hold a person until the transaction ends: what is given to one person is given one after the other.

    False when the bot has never met him.
    """
    statement = (
        select(person.c.user_id)
        .where(person.c.bot_id == bot_id, person.c.user_id == member_id)
        .with_for_update()
    )
    return (await tx.execute(statement)).first() is not None


async def get(tx: Tx, bot_id: int, member_id: int, project_id: int) -> Membership | None:
    """One membership."""
    row = (
        await tx.execute(
            select(*COLUMNS).where(
                membership.c.bot_id == bot_id,
                membership.c.member_id == member_id,
                membership.c.project_id == project_id,
            )
        )
    ).one_or_none()
    return None if row is None else Membership(**row._mapping)


async def of_member(tx: Tx, bot_id: int, member_id: int) -> list[Membership]:
    """All memberships somebody has or had, by project."""
    rows = await tx.execute(
        select(*COLUMNS)
        .where(membership.c.bot_id == bot_id, membership.c.member_id == member_id)
        .order_by(membership.c.project_id)
    )
    return [Membership(**row._mapping) for row in rows]


async def put(
    tx: Tx,
    bot_id: int,
    member_id: int,
    project_id: int,
    *,
    plan_id: int,
    started_at: datetime,
    term: Term,
    access_until: datetime | None,
    next_notice_at: datetime | None,
    now: datetime,
) -> None:
    """Set somebody's membership of a project, in place of what it was before."""
    values: dict[str, Any] = {
        "plan_id": plan_id, "started_at": started_at, "anchor_at": term.anchor, "months": term.months,
        "end_at": term.end, "access_until": access_until, "ended_at": None, "agreed_at": now,
        "next_notice_at": next_notice_at,
    }  # fmt: skip
    statement = insert(tx, membership).values(
        bot_id=bot_id, member_id=member_id, project_id=project_id, **values
    )
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["bot_id", "member_id", "project_id"], set_=values)
    )


async def note_grant(
    tx: Tx,
    bot_id: int,
    member_id: int,
    project_id: int,
    *,
    plan_id: int,
    origin: Origin,
    source_id: int | None,
    length: str,
    start_at: datetime,
    end_at: datetime | None,
    now: datetime,
) -> int:
    """Write what was given into the history; returns the line's id. `length` is a duration's stored form."""
    statement = (
        membership_grant.insert()
        .values(
            bot_id=bot_id, member_id=member_id, project_id=project_id, plan_id=plan_id, origin=origin.value,
            source_id=source_id, length=length, start_at=start_at, end_at=end_at, at=now,
        )
        .returning(membership_grant.c.id)
    )  # fmt: skip
    return int((await tx.execute(statement)).scalar_one())


async def close(tx: Tx, bot_id: int, member_id: int, project_id: int, now: datetime) -> Membership | None:
    """End a running membership now; None when there is none to end."""
    statement = (
        update(membership)
        .where(
            membership.c.bot_id == bot_id,
            membership.c.member_id == member_id,
            membership.c.project_id == project_id,
            membership.c.ended_at.is_(None),
        )
        .values(ended_at=now, end_at=now, access_until=now, anchor_at=now, months=0, next_notice_at=None)
        .returning(*COLUMNS)
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else Membership(**row._mapping)


async def set_grace(tx: Tx, bot_id: int, grace: timedelta) -> None:
    """Another grace period, also for the memberships that run."""
    microseconds = grace // timedelta(microseconds=1)
    await tx.execute(
        update(membership)
        .where(
            membership.c.bot_id == bot_id, membership.c.ended_at.is_(None), membership.c.end_at.is_not(None)
        )
        .values(access_until=membership.c.end_at + _instant(microseconds))
    )


async def rethink_notices(tx: Tx, bot_id: int, now: datetime) -> None:
    """Other reminders are set: when the next one of each running membership is due is found out anew."""
    await tx.execute(
        update(membership)
        .where(membership.c.bot_id == bot_id, membership.c.ended_at.is_(None), membership.c.end_at > now)
        .values(next_notice_at=now)
    )


def _instant(microseconds: int) -> Any:
    """A length of time in the unit of `Instant` columns, which arithmetic with them needs bare."""
    return literal(microseconds, BigInteger)


def opens(now: datetime) -> ColumnElement[bool]:
    """Memberships that open their chats now, grace included."""
    return membership.c.ended_at.is_(None) & or_(
        membership.c.access_until.is_(None), membership.c.access_until > now
    )


async def entitled(tx: Tx, bot_id: int, chat_id: int, member_id: int, now: datetime) -> bool:
    """Whether somebody may be in a paid chat at this moment; False for a chat that is not paid."""
    covered = exists().where(
        project_chat.c.bot_id == bot_id,
        project_chat.c.chat_id == chat_id,
        or_(membership.c.project_id == EVERY_CHAT, project_chat.c.project_id == membership.c.project_id),
    )
    found = await tx.execute(
        select(membership.c.member_id)
        .where(membership.c.bot_id == bot_id, membership.c.member_id == member_id, opens(now), covered)
        .limit(1)
    )
    return found.first() is not None


async def is_customer(tx: Tx, owner_id: int, user_id: int, now: datetime) -> bool:
    """Whether somebody has a membership that opens chats now, with any bot of an owner."""
    bots = select(bot.c.id).where(bot.c.owner_id == owner_id)
    found = await tx.execute(
        select(membership.c.member_id)
        .where(membership.c.bot_id.in_(bots), membership.c.member_id == user_id, opens(now))
        .limit(1)
    )
    return found.first() is not None


async def page(
    tx: Tx,
    bot_id: int,
    now: datetime,
    offset: int,
    limit: int,
    *,
    member_id: int | None = None,
    plan_id: int | None = None,
    project_id: int | None = None,
) -> list[Membership]:
    """So many of the running memberships, the longest running first; only those of the ids that are given.

    A membership that is extended keeps its place, so that whoever turns the pages misses none.
    """
    statement = select(*COLUMNS).where(membership.c.bot_id == bot_id, opens(now))
    for column, wanted in (
        (membership.c.member_id, member_id),
        (membership.c.plan_id, plan_id),
        (membership.c.project_id, project_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    rows = await tx.execute(
        statement.order_by(membership.c.started_at, membership.c.member_id, membership.c.project_id)
        .offset(offset)
        .limit(limit)
    )
    return [Membership(**row._mapping) for row in rows]


async def listing(tx: Tx, bot_id: int, now: datetime, offset: int, limit: int) -> list[Listed]:
    """Running memberships, the next to end first and those for life last."""
    forever = to_microseconds(datetime.max.replace(tzinfo=now.tzinfo))
    rows = await tx.execute(
        select(*COLUMNS, person.c.first_name, person.c.last_name, person.c.username)
        .join(
            person,
            (person.c.bot_id == membership.c.bot_id) & (person.c.user_id == membership.c.member_id),
            isouter=True,
        )
        .where(membership.c.bot_id == bot_id, opens(now))
        .order_by(func.coalesce(membership.c.end_at, _instant(forever)), membership.c.member_id)
        .offset(offset)
        .limit(limit)
    )
    return [
        Listed(
            Membership(**{column.name: getattr(row, column.name) for column in COLUMNS}),
            " ".join(filter(None, (row.first_name, row.last_name))) or str(row.member_id),
            row.username,
        )
        for row in rows
    ]
