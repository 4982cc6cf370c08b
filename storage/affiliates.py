"""Affiliates, who clicked their links, and whose invitee somebody is."""

from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, exists, func, literal, select, true, update

from domain.affiliates import Counts, Ranked
from storage.database import Tx
from storage.statements import insert
from storage.tables.core import person
from storage.tables.membership import affiliate, affiliate_visit, membership, membership_grant, referral
from storage.types import Instant


async def id_of(tx: Tx, bot_id: int, member_id: int) -> str | None:
    """The affiliate id of a member."""
    found: str | None = (
        await tx.execute(
            select(affiliate.c.affiliate_id).where(
                affiliate.c.bot_id == bot_id, affiliate.c.member_id == member_id
            )
        )
    ).scalar_one_or_none()
    return found


async def whose(tx: Tx, bot_id: int, affiliate_id: str) -> int | None:
    """The member behind an affiliate id, in any case of letters."""
    found: int | None = (
        await tx.execute(
            select(affiliate.c.member_id).where(
                affiliate.c.bot_id == bot_id, affiliate.c.key == affiliate_id.lower()
            )
        )
    ).scalar_one_or_none()
    return found


async def take_id(tx: Tx, bot_id: int, member_id: int, affiliate_id: str, now: datetime) -> bool:
    """Give a member an id, in place of an earlier one; False when somebody else has it."""
    key = affiliate_id.lower()
    free = ~exists(
        select(affiliate.c.member_id)
        .where(affiliate.c.bot_id == bot_id, affiliate.c.key == key, affiliate.c.member_id != member_id)
        .correlate(None)
    )
    changed = await tx.execute(
        update(affiliate)
        .where(affiliate.c.bot_id == bot_id, affiliate.c.member_id == member_id, free)
        .values(affiliate_id=affiliate_id, key=key)
    )
    if changed.rowcount:
        return True
    statement = insert(tx, affiliate).values(
        bot_id=bot_id, member_id=member_id, affiliate_id=affiliate_id, key=key, created_at=now
    )
    return bool((await tx.execute(statement.on_conflict_do_nothing())).rowcount)


async def note_click(tx: Tx, bot_id: int, affiliate_member: int, visitor: int, now: datetime) -> None:
    """Somebody followed an affiliate's link."""
    statement = insert(tx, affiliate_visit).values(
        bot_id=bot_id, affiliate_member_id=affiliate_member, visitor_id=visitor, clicks=1, first_at=now,
        last_at=now,
    )  # fmt: skip
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["bot_id", "affiliate_member_id", "visitor_id"],
            set_={"clicks": affiliate_visit.c.clicks + 1, "last_at": now},
        )
    )


async def attribute(
    tx: Tx, bot_id: int, member_id: int, affiliate_member: int, now: datetime, *, first_wins: bool
) -> bool:
    """Make somebody an affiliate's invitee, unless he has or had a membership; False when nothing changed.

    With `first_wins` the affiliate he came by first keeps him.
    """
    had = exists().where(
        membership_grant.c.bot_id == bot_id, membership_grant.c.member_id == member_id
    ) | exists().where(membership.c.bot_id == bot_id, membership.c.member_id == member_id)
    fresh = select(
        literal(bot_id), literal(member_id), literal(affiliate_member), literal(now, Instant)
    ).where(~had)
    statement = insert(tx, referral).from_select(["bot_id", "member_id", "affiliate_member_id", "at"], fresh)
    if first_wins:
        statement = statement.on_conflict_do_nothing()
    else:
        statement = statement.on_conflict_do_update(
            index_elements=["bot_id", "member_id"],
            set_={"affiliate_member_id": affiliate_member, "at": now},
            where=referral.c.affiliate_member_id != affiliate_member,
        )
    return bool((await tx.execute(statement)).rowcount)


async def counts(tx: Tx, bot_id: int, member_id: int) -> Counts:
    """What came of one affiliate's link."""
    found = await top(tx, bot_id, 0, 1, member_id)
    return found[0].counts if found else Counts(0, 0, 0, 0)


async def top(tx: Tx, bot_id: int, offset: int, limit: int, member_id: int | None = None) -> list[Ranked]:
    """Affiliates with what came of their links, those with the most members and invitees first."""
    visits, invited = _visits(bot_id, member_id), _invitees(bot_id, member_id)
    members = _invitees(bot_id, member_id, only_members=True)
    clicks, visitors, brought, joined = (
        func.coalesce(column, 0)
        for column in (visits.c.clicks, visits.c.visitors, invited.c.people, members.c.people)
    )
    statement = (
        select(
            affiliate.c.member_id, affiliate.c.affiliate_id, person.c.first_name, person.c.last_name,
            person.c.username, clicks.label("clicks"), visitors.label("visitors"),
            brought.label("invited"), joined.label("members"),
        )
        .join(visits, visits.c.who == affiliate.c.member_id, isouter=True)
        .join(invited, invited.c.who == affiliate.c.member_id, isouter=True)
        .join(members, members.c.who == affiliate.c.member_id, isouter=True)
        .join(
            person,
            (person.c.bot_id == affiliate.c.bot_id) & (person.c.user_id == affiliate.c.member_id),
            isouter=True,
        )
        .where(affiliate.c.bot_id == bot_id)
        .order_by(joined.desc(), brought.desc(), clicks.desc(), affiliate.c.member_id)
        .offset(offset)
        .limit(limit)
    )  # fmt: skip
    if member_id is not None:
        statement = statement.where(affiliate.c.member_id == member_id)
    return [_ranked(row) for row in await tx.execute(statement)]


def _ranked(row: Any) -> Ranked:
    name = " ".join(filter(None, (row.first_name, row.last_name))) or str(row.member_id)
    counts = Counts(int(row.clicks), row.visitors, row.invited, row.members)
    return Ranked(row.member_id, row.affiliate_id, name, row.username, counts)


def _visits(bot_id: int, member_id: int | None) -> Subquery:
    """Clicks and different visitors per affiliate, or of one affiliate."""
    who = affiliate_visit.c.affiliate_member_id
    return (
        select(
            who.label("who"),
            func.sum(affiliate_visit.c.clicks).label("clicks"),
            func.count().label("visitors"),
        )
        .where(affiliate_visit.c.bot_id == bot_id, true() if member_id is None else who == member_id)
        .group_by(who)
        .subquery()
    )


def _invitees(bot_id: int, member_id: int | None, *, only_members: bool = False) -> Subquery:
    """Invitees per affiliate (or of one affiliate), or those of them who became members."""
    who = referral.c.affiliate_member_id
    statement = (
        select(who.label("who"), func.count().label("people"))
        .where(referral.c.bot_id == bot_id, true() if member_id is None else who == member_id)
        .group_by(who)
    )
    if only_members:
        statement = statement.where(
            exists().where(
                membership_grant.c.bot_id == bot_id,
                membership_grant.c.member_id == referral.c.member_id,
                membership_grant.c.revoked_at.is_(None),
            )
        )
    return statement.subquery()
