"""Taking in everybody of a chat: who may be in it and was not looked at yet."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, union

from domain.imports import State
from domain.movements import MovementKind
from domain.plans import EVERY_CHAT
from storage.database import Tx
from storage.imports import Job
from storage.statements import insert
from storage.tables.bots import activity, chat_admin, journal
from storage.tables.core import person
from storage.tables.membership import import_row as row
from storage.tables.membership import membership


async def came_later(tx: Tx, one: Job, user_id: int) -> bool:
    """Whether somebody came to the chat after its import had begun."""
    found = await tx.execute(
        select(journal.c.id)
        .where(
            journal.c.bot_id == one.bot_id,
            journal.c.user_id == user_id,
            journal.c.chat_id == one.chat_id,
            journal.c.kind == MovementKind.JOIN.value,
            journal.c.id > one.mark,
        )
        .limit(1)
    )
    return found.first() is not None


async def look_at(tx: Tx, one: Job, user_id: int, who: str) -> bool:
    """Somebody of the chat is looked at; False when he was before."""
    statement = insert(tx, row).values(
        job_id=one.id, number=user_id, who=who[:64], member_id=user_id, project_id=one.project_id, plan_id=0,
        length="", state=State.LEFT.value,
    )  # fmt: skip
    return bool((await tx.execute(statement.on_conflict_do_nothing())).rowcount)


def _unseen(bot_id: int, chat_id: int, projects: Collection[int], job_id: int | None) -> Any:
    """People who may be in a chat: they came to it, wrote there, or started the bot; and neither have nor
    had a membership that opens it, nor run the chat, nor were looked at before."""
    people = union(
        select(journal.c.user_id).where(
            journal.c.bot_id == bot_id, journal.c.chat_id == chat_id, journal.c.is_bot.is_(False)
        ),
        select(activity.c.user_id).where(
            activity.c.bot_id == bot_id, activity.c.chat_id == chat_id, activity.c.user_id > 0
        ),
        select(person.c.user_id).where(person.c.bot_id == bot_id, person.c.started_at.is_not(None)),
    ).subquery()
    held = exists().where(
        membership.c.bot_id == bot_id,
        membership.c.member_id == people.c.user_id,
        membership.c.project_id.in_([*projects, EVERY_CHAT]),
    )
    runs_it = exists().where(
        chat_admin.c.bot_id == bot_id,
        chat_admin.c.chat_id == chat_id,
        chat_admin.c.user_id == people.c.user_id,
    )
    conditions: list[ColumnElement[bool]] = [~held, ~runs_it]
    if job_id is not None:
        conditions.append(~exists().where(row.c.job_id == job_id, row.c.number == people.c.user_id))
    return people, conditions


async def candidates(
    tx: Tx, bot_id: int, chat_id: int, projects: Collection[int], job_id: int, limit: int
) -> list[int]:
    """People of a chat to look at next. `projects` are those that open it."""
    people, conditions = _unseen(bot_id, chat_id, projects, job_id)
    rows = await tx.execute(
        select(people.c.user_id).where(*conditions).order_by(people.c.user_id).limit(limit)
    )
    return list(rows.scalars())


async def count_candidates(tx: Tx, bot_id: int, chat_id: int, projects: Collection[int]) -> int:
    """How many there are to look at."""
    people, conditions = _unseen(bot_id, chat_id, projects, None)
    statement = select(func.count()).select_from(people).where(*conditions)
    return int((await tx.execute(statement)).scalar_one())
