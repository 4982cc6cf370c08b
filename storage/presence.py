"""Looking after the members of paid chats: whom to look at next, and whom we removed by a ban."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Select, and_, func, literal, or_, select, union

from domain.plans import EVERY_CHAT
from storage.database import Tx
from storage.statements import insert
from storage.tables.bots import admin_chat, journal
from storage.tables.membership import gate, member_check, membership, project_chat


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be in a paid chat."""

    chat_id: int
    member_id: int


async def bots(tx: Tx) -> list[int]:
    """Bots with paid chats."""
    return list((await tx.execute(select(project_chat.c.bot_id).distinct())).scalars())


async def candidates(tx: Tx, bot_id: int, before: datetime, now: datetime, limit: int) -> list[Candidate]:
    """People to look for in the paid chats the bot administers and who were not looked at since `before`,
    the longest ago first: whoever has or had a membership there, and whoever let himself in, or was removed,
    while a chat was under the guard of one-use links.

    A look in the future (the clock was set back since) does not count.
    """
    people = union(_members(bot_id), _strangers(bot_id)).subquery()
    checked = member_check.c.checked_at
    rows = await tx.execute(
        select(people.c.chat_id, people.c.member_id)
        .join(admin_chat, (admin_chat.c.bot_id == bot_id) & (admin_chat.c.chat_id == people.c.chat_id))
        .join(
            member_check,
            (member_check.c.bot_id == bot_id)
            & (member_check.c.chat_id == people.c.chat_id)
            & (member_check.c.member_id == people.c.member_id),
            isouter=True,
        )
        .where(admin_chat.c.admin, or_(checked.is_(None), checked < before, checked > now))
        .order_by(func.coalesce(checked, literal(0, BigInteger)), people.c.chat_id, people.c.member_id)
        .limit(limit)
    )
    return [Candidate(row.chat_id, row.member_id) for row in rows]


def _members(bot_id: int) -> Select[tuple[int, int]]:
    covers = or_(membership.c.project_id == EVERY_CHAT, membership.c.project_id == project_chat.c.project_id)
    return (
        select(project_chat.c.chat_id, membership.c.member_id)
        .join(membership, (membership.c.bot_id == project_chat.c.bot_id) & covers)
        .where(project_chat.c.bot_id == bot_id)
    )


def _strangers(bot_id: int) -> Select[tuple[int, int]]:
    under_guard = and_(
        gate.c.bot_id == journal.c.bot_id,
        gate.c.chat_id == journal.c.chat_id,
        gate.c.one_use,
        gate.c.one_use_since <= journal.c.at,
    )
    paid = and_(project_chat.c.bot_id == gate.c.bot_id, project_chat.c.chat_id == gate.c.chat_id)
    by_himself = and_(journal.c.actor_id == journal.c.user_id, journal.c.via_request.is_(False))
    return (
        select(journal.c.chat_id, journal.c.user_id.label("member_id"))
        .join(gate, under_guard)
        .join(project_chat, paid)
        .where(
            journal.c.bot_id == bot_id,
            journal.c.is_bot.is_(False),
            or_(and_(journal.c.kind == "join", by_himself), journal.c.kind == "kick"),
        )
    )


async def fresh(tx: Tx, bot_id: int, one: Candidate, since: datetime, now: datetime) -> bool:
    """Whether somebody was looked at since then (by another process, meanwhile)."""
    found = await tx.execute(
        select(member_check.c.member_id).where(
            *_this(bot_id, one), member_check.c.checked_at.between(since, now)
        )
    )
    return found.first() is not None


async def checked(tx: Tx, bot_id: int, one: Candidate, now: datetime) -> None:
    """Somebody was looked at."""
    await _note(tx, bot_id, one, "checked_at", now)


async def note_ban(tx: Tx, bot_id: int, chat_id: int, member_id: int, now: datetime) -> None:
    """Somebody is about to be removed by a ban."""
    await _note(tx, bot_id, Candidate(chat_id, member_id), "banned_at", now)


async def _note(tx: Tx, bot_id: int, one: Candidate, column: str, now: datetime) -> None:
    statement = insert(tx, member_check).values(
        {"bot_id": bot_id, "chat_id": one.chat_id, "member_id": one.member_id, column: now}
    )
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["bot_id", "chat_id", "member_id"], set_={column: now})
    )


async def bans(tx: Tx, bot_id: int, member_id: int, chat_ids: Iterable[int]) -> dict[int, datetime]:
    """The chats we removed somebody from by a ban, and when. Basic groups are left out: Telegram knows no
    lasting bans there, nor a call to lift them.
    """
    rows = await tx.execute(
        select(member_check.c.chat_id, member_check.c.banned_at)
        .join(
            admin_chat,
            (admin_chat.c.bot_id == member_check.c.bot_id) & (admin_chat.c.chat_id == member_check.c.chat_id),
        )
        .where(
            member_check.c.bot_id == bot_id,
            member_check.c.member_id == member_id,
            member_check.c.chat_id.in_(list(chat_ids)),
            member_check.c.banned_at.is_not(None),
            admin_chat.c.type != "group",
        )
    )
    return {row.chat_id: row.banned_at for row in rows}


def _this(bot_id: int, one: Candidate) -> tuple[ColumnElement[bool], ...]:
    return (
        member_check.c.bot_id == bot_id,
        member_check.c.chat_id == one.chat_id,
        member_check.c.member_id == one.member_id,
    )
