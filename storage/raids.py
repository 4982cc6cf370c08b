"""Joins by which a raid is told, and the lockdowns of chats."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, select, update

from domain.movements import Movement
from domain.raids import Raid
from storage.database import Tx
from storage.statements import insert
from storage.tables.verification import raid


def _here(bot_id: int, chat_id: int) -> ColumnElement[bool]:
    return and_(raid.c.bot_id == bot_id, raid.c.chat_id == chat_id)


def _raid(row: Any) -> Raid | None:
    return None if row.until is None else Raid(row.since, row.until, row.acts)


async def lock(tx: Tx, bot_id: int, chat_id: int) -> tuple[list[Movement], Raid | None]:
    """The recent joins of a chat and its lockdown; joins of one chat take turns from here on."""
    key = {"bot_id": bot_id, "chat_id": chat_id}
    statement = insert(tx, raid).values(**key, recent=[], acts=False)
    statement = statement.on_conflict_do_update(index_elements=list(key), set_={"acts": raid.c.acts})
    row = (
        await tx.execute(statement.returning(raid.c.recent, raid.c.since, raid.c.until, raid.c.acts))
    ).one()
    return msgspec.convert(row.recent, list[Movement]), _raid(row)


async def keep_recent(tx: Tx, bot_id: int, chat_id: int, joins: Sequence[Movement]) -> None:
    """Replace the recent joins."""
    await tx.execute(update(raid).where(_here(bot_id, chat_id)).values(recent=msgspec.to_builtins(joins)))


async def begin(tx: Tx, bot_id: int, chat_id: int, one: Raid) -> None:
    """A raid has begun."""
    values = {"recent": [], "since": one.since, "until": one.until, "acts": one.acts}
    await tx.execute(update(raid).where(_here(bot_id, chat_id)).values(values))


async def end(tx: Tx, bot_id: int, chat_id: int, *, only_due: datetime | None = None) -> datetime | None:
    """End a chat's lockdown (`only_due`: if it is over by then); since when it was, else None."""
    where = [_here(bot_id, chat_id), raid.c.until.is_not(None)]
    if only_due is not None:
        where.append(raid.c.until <= only_due)
    ended = update(raid).where(*where).values(until=None, recent=[]).returning(raid.c.since)
    since: datetime | None = (await tx.execute(ended)).scalar_one_or_none()
    return since


async def active(tx: Tx, bot_id: int, chat_id: int, now: datetime) -> Raid | None:
    """The raid that is on in a chat."""
    row = (
        await tx.execute(
            select(raid.c.since, raid.c.until, raid.c.acts).where(_here(bot_id, chat_id), raid.c.until > now)
        )
    ).one_or_none()
    return None if row is None else _raid(row)


async def since(tx: Tx, bot_id: int, chat_id: int) -> datetime | None:
    """When the newest raid on a chat began, also when it is over."""
    moment: datetime | None = (
        await tx.execute(select(raid.c.since).where(_here(bot_id, chat_id)))
    ).scalar_one_or_none()
    return moment


async def over(tx: Tx, now: datetime) -> list[tuple[int, int]]:
    """(bot, chat) whose lockdown is over by the clock."""
    rows = await tx.execute(select(raid.c.bot_id, raid.c.chat_id).where(raid.c.until <= now))
    return [(row.bot_id, row.chat_id) for row in rows]


async def left(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> None:
    """Somebody went before a raid was told: he is not asked anything when it is."""
    found = await tx.execute(select(raid.c.recent).where(_here(bot_id, chat_id)).with_for_update())
    joins = msgspec.convert(found.scalar_one_or_none() or [], list[Movement])
    stayed = [one for one in joins if one.user_id != user_id]
    if len(stayed) < len(joins):
        await keep_recent(tx, bot_id, chat_id, stayed)
