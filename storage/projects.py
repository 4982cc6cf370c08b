"""Projects and the chats they open."""

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, false, func, select, true, update

from domain.plans import EVERY_CHAT, Project
from storage.database import Tx
from storage.statements import Hot, insert
from storage.tables.bots import admin_chat
from storage.tables.membership import project, project_chat

_COLUMNS = (project.c.id, project.c.name, project.c.sort_order, project.c.is_hidden)


async def create(tx: Tx, bot_id: int, name: str, now: datetime) -> int:
    """A new project; returns its id."""
    values = {"bot_id": bot_id, "name": name, "sort_order": 0, "is_hidden": False, "created_at": now}
    return int((await tx.execute(project.insert().values(**values).returning(project.c.id))).scalar_one())


async def of_bot(tx: Tx, bot_id: int, *, with_hidden: bool = True) -> list[Project]:
    """A bot's projects, those with the higher `sort_order` first."""
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(project.c.bot_id == bot_id, true() if with_hidden else project.c.is_hidden.is_(false()))
        .order_by(project.c.sort_order.desc(), project.c.id)
    )
    return [Project(**row._mapping) for row in rows]


async def page(tx: Tx, bot_id: int, offset: int, limit: int, project_id: int | None = None) -> list[Project]:
    """So many of a bot's projects in the order of `of_bot`; only the one of an id, where one is given."""
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(project.c.bot_id == bot_id, true() if project_id is None else project.c.id == project_id)
        .order_by(project.c.sort_order.desc(), project.c.id)
        .offset(offset)
        .limit(limit)
    )
    return [Project(**row._mapping) for row in rows]


async def get(tx: Tx, bot_id: int, project_id: int) -> Project | None:
    """One project of the bot."""
    row = (
        await tx.execute(select(*_COLUMNS).where(project.c.bot_id == bot_id, project.c.id == project_id))
    ).one_or_none()
    return None if row is None else Project(**row._mapping)


async def rename(tx: Tx, bot_id: int, project_id: int, name: str) -> bool:
    """Another name; False when the bot has no such project."""
    return await _change(tx, bot_id, project_id, name=name)


async def hide(tx: Tx, bot_id: int, project_id: int, hidden: bool) -> bool:
    """Show it to members, or not; False when the bot has no such project."""
    return await _change(tx, bot_id, project_id, is_hidden=hidden)


async def _change(tx: Tx, bot_id: int, project_id: int, **values: object) -> bool:
    done = await tx.execute(
        update(project).where(project.c.bot_id == bot_id, project.c.id == project_id).values(**values)
    )
    return bool(done.rowcount)


async def toggle_chat(tx: Tx, bot_id: int, project_id: int, chat_id: int) -> bool:
    """Let the project open the chat, or no longer; returns whether it does now."""
    done = await tx.execute(
        delete(project_chat).where(
            project_chat.c.bot_id == bot_id,
            project_chat.c.project_id == project_id,
            project_chat.c.chat_id == chat_id,
        )
    )
    if done.rowcount:
        return False
    statement = insert(tx, project_chat).values(bot_id=bot_id, project_id=project_id, chat_id=chat_id)
    await tx.execute(statement.on_conflict_do_nothing())
    return True


def opens(project_id: int) -> ColumnElement[bool]:
    """Rows of `project_chat` that a membership of the project opens: for project 0 all of them."""
    return true() if project_id == EVERY_CHAT else project_chat.c.project_id == project_id


async def chats(tx: Tx, bot_id: int, project_id: int) -> list[tuple[int, str]]:
    """(id, title) of the chats a membership of the project opens, by title."""
    rows = await tx.execute(
        select(project_chat.c.chat_id, func.max(func.coalesce(admin_chat.c.title, "")).label("title"))
        .join(
            admin_chat,
            (admin_chat.c.bot_id == project_chat.c.bot_id) & (admin_chat.c.chat_id == project_chat.c.chat_id),
            isouter=True,
        )
        .where(project_chat.c.bot_id == bot_id, opens(project_id))
        .group_by(project_chat.c.chat_id)
        .order_by("title", project_chat.c.chat_id)
    )
    return [(row.chat_id, row.title or str(row.chat_id)) for row in rows]


async def marked(tx: Tx, bot_id: int, project_id: int) -> set[int]:
    """Chats put into exactly this project."""
    rows = await tx.execute(
        select(project_chat.c.chat_id).where(
            project_chat.c.bot_id == bot_id, project_chat.c.project_id == project_id
        )
    )
    return set(rows.scalars())


_OF_CHAT = Hot(
    lambda dialect: select(project_chat.c.project_id).where(
        project_chat.c.bot_id == bindparam("bot"), project_chat.c.chat_id == bindparam("chat")
    )
)


async def of_chat(tx: Tx, bot_id: int, chat_id: int) -> set[int]:
    """Projects a chat belongs to; empty when it is not a paid chat."""
    return {project for (project,) in (await _OF_CHAT.run(tx, bot=bot_id, chat=chat_id)).rows}
