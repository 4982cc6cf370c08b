"""The cache of chats a bot is in, and of who administers them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from domain.bots import AdminChat
from storage.database import Tx
from storage.statements import insert
from storage.tables.bots import admin_chat, chat_admin

_COLUMNS = (
    admin_chat.c.chat_id, admin_chat.c.type, admin_chat.c.title, admin_chat.c.username,
    admin_chat.c.present, admin_chat.c.admin, admin_chat.c.rights, admin_chat.c.lost_rights,
    admin_chat.c.members, admin_chat.c.linked_chat_id,
)  # fmt: skip


def _chat(row: Any) -> AdminChat:
    return AdminChat(**{**row._mapping, "rights": frozenset(row.rights)})


async def put(tx: Tx, bot_id: int, chat: AdminChat, now: datetime, added_by: int | None = None) -> None:
    """Store what is known of a chat; a missing member count or linked chat keeps the old one."""
    values: dict[str, Any] = {
        "type": chat.type,
        "title": chat.title,
        "username": chat.username,
        "present": chat.present,
        "admin": chat.admin,
        "rights": sorted(chat.rights),
        "lost_rights": chat.lost_rights,
        "checked_at": now,
    }
    known = {"members": chat.members, "linked_chat_id": chat.linked_chat_id, "added_by": added_by}
    values |= {name: value for name, value in known.items() if value is not None}
    statement = insert(tx, admin_chat).values(bot_id=bot_id, chat_id=chat.chat_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["bot_id", "chat_id"], set_=values))


async def get(tx: Tx, bot_id: int, chat_id: int) -> AdminChat | None:
    """One chat."""
    row = (
        await tx.execute(
            select(*_COLUMNS).where(admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id)
        )
    ).one_or_none()
    return None if row is None else _chat(row)


async def administered(tx: Tx, bot_id: int) -> list[AdminChat]:
    """Chats the bot administers, by title."""
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.admin)
        .order_by(admin_chat.c.title, admin_chat.c.chat_id)
    )
    return [_chat(row) for row in rows]


async def present(tx: Tx, bot_id: int) -> list[AdminChat]:
    """Chats the bot is in, with or without rights, by title."""
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.present)
        .order_by(admin_chat.c.title, admin_chat.c.chat_id)
    )
    return [_chat(row) for row in rows]


async def claim_check(tx: Tx, bot_id: int, chat_id: int, not_since: datetime, now: datetime) -> bool:
    """True when the chat was last verified before `not_since`; the caller is then the one to verify it."""
    done = await tx.execute(
        update(admin_chat)
        .where(
            admin_chat.c.bot_id == bot_id,
            admin_chat.c.chat_id == chat_id,
            admin_chat.c.checked_at < not_since,
        )
        .values(checked_at=now)
    )
    return bool(done.rowcount)


async def rename(tx: Tx, bot_id: int, chat_id: int, title: str, username: str | None) -> None:
    """The chat has a new title or username."""
    await tx.execute(
        update(admin_chat)
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id)
        .values(title=title, username=username)
    )


async def count_members(tx: Tx, bot_id: int, chat_id: int, change: int) -> None:
    """Move the member count by a join (+1) or a leave (-1)."""
    await tx.execute(
        update(admin_chat)
        .where(
            admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id, admin_chat.c.members.is_not(None)
        )
        .values(members=admin_chat.c.members + change)
    )


async def leave(tx: Tx, bot_id: int, chat_id: int) -> None:
    """The bot is not in the chat any more."""
    await tx.execute(
        update(admin_chat)
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id)
        .values(
            present=False, admin=False, rights=[], lost_rights=admin_chat.c.admin | admin_chat.c.lost_rights
        )
    )


async def forget_bot(tx: Tx, bot_id: int) -> None:
    """Clear the caches of a disconnected bot."""
    await tx.execute(delete(admin_chat).where(admin_chat.c.bot_id == bot_id))
    await tx.execute(delete(chat_admin).where(chat_admin.c.bot_id == bot_id))


async def put_admins(
    tx: Tx, bot_id: int, chat_id: int, admins: Iterable[tuple[int, bool, frozenset[str]]], now: datetime
) -> None:
    """Replace the chat's administrators: (user id, is creator, rights)."""
    await tx.execute(delete(chat_admin).where(chat_admin.c.bot_id == bot_id, chat_admin.c.chat_id == chat_id))
    rows = [
        {"bot_id": bot_id, "chat_id": chat_id, "user_id": user, "creator": creator, "rights": sorted(rights)}
        for user, creator, rights in admins
    ]
    if rows:
        await tx.execute(chat_admin.insert(), rows)
    await tx.execute(
        update(admin_chat)
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id)
        .values(admins_at=now)
    )


async def put_admin(
    tx: Tx, bot_id: int, chat_id: int, user_id: int, creator: bool, rights: frozenset[str] | None
) -> None:
    """One person became an administrator (or got other rights); None: is none any more."""
    if rights is None:
        await tx.execute(
            delete(chat_admin).where(
                chat_admin.c.bot_id == bot_id,
                chat_admin.c.chat_id == chat_id,
                chat_admin.c.user_id == user_id,
            )
        )
        return
    values = {"creator": creator, "rights": sorted(rights)}
    statement = insert(tx, chat_admin).values(bot_id=bot_id, chat_id=chat_id, user_id=user_id, **values)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["bot_id", "chat_id", "user_id"], set_=values)
    )


async def admins(
    tx: Tx, bot_id: int, chat_id: int, fresh_since: datetime
) -> dict[int, frozenset[str]] | None:
    """Administrators of a chat: user id → rights; None when they were not fetched since `fresh_since`."""
    known = (
        await tx.execute(
            select(admin_chat.c.admins_at).where(
                admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id
            )
        )
    ).scalar_one_or_none()
    if known is None or known < fresh_since:
        return None
    rows = await tx.execute(
        select(chat_admin.c.user_id, chat_admin.c.rights).where(
            chat_admin.c.bot_id == bot_id, chat_admin.c.chat_id == chat_id
        )
    )
    return {row.user_id: frozenset(row.rights) for row in rows}


async def administered_by(tx: Tx, bot_id: int, user_id: int) -> list[tuple[int, str, frozenset[str]]]:
    """Chats of the bot that a person administers: (chat id, title, his rights)."""
    rows = await tx.execute(
        select(admin_chat.c.chat_id, admin_chat.c.title, chat_admin.c.rights)
        .join(
            chat_admin,
            (chat_admin.c.bot_id == admin_chat.c.bot_id) & (chat_admin.c.chat_id == admin_chat.c.chat_id),
        )
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.present, chat_admin.c.user_id == user_id)
        .order_by(admin_chat.c.title)
    )
    return [(row.chat_id, row.title, frozenset(row.rights)) for row in rows]
