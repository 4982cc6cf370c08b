"""What administrators taught about spam, by owner: one row for each text they decided about."""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import delete, func, select

from domain.antispam.fingerprints import Fingerprint
from domain.antispam.lessons import Learned, Lesson
from storage.database import Tx
from storage.statements import insert
from storage.tables.bots import bot
from storage.tables.moderation import lesson

_LESSON = (lesson.c.key, lesson.c.spam, lesson.c.at, lesson.c.mark)


def _lesson(row: Any) -> Lesson:
    return Lesson(row.key, row.spam, row.at, msgspec.convert(row.mark, Fingerprint))


async def put(tx: Tx, owner_id: int, one: Lesson) -> None:
    """Keep a lesson, in place of an earlier one about the same text."""
    values = {"spam": one.spam, "at": one.at, "mark": msgspec.to_builtins(one.mark)}
    statement = insert(tx, lesson).values(owner_id=owner_id, key=one.key, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["owner_id", "key"], set_=values))


async def trim(tx: Tx, owner_id: int, most: int) -> list[str]:
    """Keep the newest `most` lessons; returns the keys of those that went."""
    older = (
        select(lesson.c.key)
        .where(lesson.c.owner_id == owner_id)
        .order_by(lesson.c.at.desc(), lesson.c.key.desc())
        .offset(most)
    )
    statement = delete(lesson).where(lesson.c.owner_id == owner_id, lesson.c.key.in_(older))
    return list((await tx.execute(statement.returning(lesson.c.key))).scalars())


async def withdraw(tx: Tx, owner_id: int, key: str, *, spam: bool) -> bool:
    """Drop the lesson about a text if it says so; False when there is no such lesson."""
    statement = delete(lesson).where(
        lesson.c.owner_id == owner_id, lesson.c.key == key, lesson.c.spam == spam
    )
    return bool((await tx.execute(statement)).rowcount)


async def forget(tx: Tx, owner_id: int) -> None:
    """Drop all lessons of an owner."""
    await tx.execute(delete(lesson).where(lesson.c.owner_id == owner_id))


async def every(tx: Tx, owner_id: int) -> list[Lesson]:
    """All lessons of an owner, the oldest first."""
    statement = select(*_LESSON).where(lesson.c.owner_id == owner_id).order_by(lesson.c.at, lesson.c.key)
    return [_lesson(row) for row in await tx.execute(statement)]


async def some(tx: Tx, owner_id: int, keys: Collection[str]) -> list[Lesson]:
    """An owner's lessons with these keys, as far as there are such."""
    statement = select(*_LESSON).where(lesson.c.owner_id == owner_id, lesson.c.key.in_(keys))
    return [_lesson(row) for row in await tx.execute(statement)]


async def learned(tx: Tx, bot_id: int) -> Learned:
    """How many lessons of either kind there are from the owner of a bot and his administrators."""
    owner = select(bot.c.owner_id).where(bot.c.id == bot_id).scalar_subquery()
    rows = await tx.execute(
        select(lesson.c.spam, func.count().label("texts"))
        .where(lesson.c.owner_id == owner)
        .group_by(lesson.c.spam)
    )
    found = {row.spam: row.texts for row in rows}
    return Learned(found.get(True, 0), found.get(False, 0))
