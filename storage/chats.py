"""The cache of chats a bot is in, and of who administers them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update

from domain.bots import AdminChat
from storage.database import Tx
from storage.statements import Hot, insert, insert_for
from storage.tables.bots import admin_chat, chat_admin

_COLUMNS = (
    admin_chat.c.chat_id, admin_chat.c.type, admin_chat.c.title, admin_chat.c.username,
    admin_chat.c.present, admin_chat.c.admin, admin_chat.c.rights, admin_chat.c.lost_rights,
    admin_chat.c.members, admin_chat.c.linked_chat_id, admin_chat.c.added_by, admin_chat.c.standing_at,
)  # fmt: skip
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # `checked_at` of what was forgotten and waits to be looked at again


def _chat(row: Any) -> AdminChat:
    return AdminChat(**{**row._mapping, "rights": frozenset(row.rights)})


async def put(tx: Tx, bot_id: int, chat: AdminChat, now: datetime) -> None:
    """Store what is known of a chat; what `chat` leaves open (None) keeps its old value."""
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
    known = {
        "members": chat.members,
        "linked_chat_id": chat.linked_chat_id,
        "added_by": chat.added_by,
        "standing_at": chat.standing_at,
    }
    values |= {name: value for name, value in known.items() if value is not None}
    statement = insert(tx, admin_chat).values(bot_id=bot_id, chat_id=chat.chat_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["bot_id", "chat_id"], set_=values))


async def get(tx: Tx, bot_id: int, chat_id: int, *, lock: bool = False) -> AdminChat | None:
    """One chat; with `lock` held until the transaction ends, for whoever decides by it what it will be."""
    statement = select(*_COLUMNS).where(admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
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


async def claim_checks(tx: Tx, bot_id: int, not_since: datetime, now: datetime, most: int) -> list[AdminChat]:
    """Administered chats (and forgotten ones) last verified before `not_since`, the longest ago first.

    Whoever gets them is the one to verify them: for everybody else they count as verified `now`.
    """
    due = (
        select(admin_chat.c.chat_id)
        .where(
            admin_chat.c.bot_id == bot_id,
            admin_chat.c.checked_at < not_since,
            or_(admin_chat.c.admin, admin_chat.c.checked_at == NEVER),
        )
        .order_by(admin_chat.c.checked_at)
        .limit(most)
    )
    rows = await tx.execute(
        update(admin_chat)
        .where(
            admin_chat.c.bot_id == bot_id,
            admin_chat.c.chat_id.in_(due),
            admin_chat.c.checked_at < not_since,
        )
        .values(checked_at=now)
        .returning(*_COLUMNS)
    )
    return [_chat(row) for row in rows]


async def check_again(tx: Tx, bot_id: int, chat_id: int) -> None:
    """A forgotten chat could not be verified: it stays forgotten, and due."""
    await tx.execute(
        update(admin_chat)
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id, ~admin_chat.c.present)
        .values(checked_at=NEVER)
    )


def _learn(dialect: str) -> Any:
    learnt = {"present": True, "admin": True, "lost_rights": False}
    named: dict[str, Any] = {
        name: bindparam(f"new_{name}") for name in ("type", "title", "username", "rights")
    }
    statement = insert_for(dialect, admin_chat).values(
        bot_id=bindparam("bot"), chat_id=bindparam("chat"), checked_at=bindparam("never"), **named, **learnt
    )
    return statement.on_conflict_do_update(
        index_elements=["bot_id", "chat_id"],
        set_={**learnt, "rights": statement.excluded.rights},
        where=(admin_chat.c.checked_at == statement.excluded.checked_at) & ~admin_chat.c.present,
    )


_LEARN = Hot(_learn)


async def notice(tx: Tx, bot_id: int, chat_id: int, type_: str, title: str, username: str | None) -> bool:
    """The chat sent news that only its administrators get: keep its name; True when that changed anything.

    A chat nobody told us of (the bot administered it before it was connected) is learnt by it, and due
    for verification. What is known of the bot's standing stays: these news come through other queues.
    """
    done = await _LEARN.run(
        tx, bot=bot_id, chat=chat_id, never=NEVER, new_type=type_, new_title=title, new_username=username,
        new_rights=[],
    )  # fmt: skip
    renamed = await rename(tx, bot_id, chat_id, type_, title, username)
    return bool(done.rowcount) or renamed


_THIS = (admin_chat.c.bot_id == bindparam("bot"), admin_chat.c.chat_id == bindparam("chat"))
_NAMES = ("type", "title", "username")
_RENAME = Hot(
    lambda dialect: (
        update(admin_chat)
        .where(
            *_THIS, or_(*(admin_chat.c[name].is_distinct_from(bindparam(f"new_{name}")) for name in _NAMES))
        )
        .values({name: bindparam(f"new_{name}") for name in _NAMES})
    )
)


async def rename(tx: Tx, bot_id: int, chat_id: int, type_: str, title: str, username: str | None) -> bool:
    """Take over how an update names the chat; False when it is named so already (or unknown)."""
    done = await _RENAME.run(
        tx, bot=bot_id, chat=chat_id, new_type=type_, new_title=title, new_username=username
    )
    return bool(done.rowcount)


async def upgrade(tx: Tx, bot_id: int, chat_id: int) -> None:
    """The group under this id is a supergroup now."""
    await tx.execute(
        update(admin_chat)
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id)
        .values(type="supergroup")
    )


_COUNT = Hot(
    lambda dialect: (
        update(admin_chat)
        .where(*_THIS, admin_chat.c.members.is_not(None))
        .values(members=admin_chat.c.members + bindparam("moved"))
    )
)


async def count_members(tx: Tx, bot_id: int, chat_id: int, change: int) -> None:
    """Move the member count by a join (+1) or a leave (-1)."""
    await _COUNT.run(tx, bot=bot_id, chat=chat_id, moved=change)


async def leave(tx: Tx, bot_id: int, chat_id: int) -> AdminChat | None:
    """The bot is not in the chat any more; what was known until now, None when that is no news."""
    before = await get(tx, bot_id, chat_id, lock=True)
    if before is None or not before.present:
        return None
    await tx.execute(
        update(admin_chat)
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id)
        .values(
            present=False, admin=False, rights=[], lost_rights=admin_chat.c.admin | admin_chat.c.lost_rights
        )
    )
    return before


async def lost(tx: Tx, bot_id: int) -> list[AdminChat]:
    """Chats in which the bot lost its rights, by title."""
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.lost_rights)
        .order_by(admin_chat.c.title, admin_chat.c.chat_id)
    )
    return [_chat(row) for row in rows]


async def accept_loss(tx: Tx, bot_id: int, chat_id: int) -> bool:
    """The owner knows that the rights are lost, and does not want to be warned; False when none are."""
    done = await tx.execute(
        update(admin_chat)
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id, admin_chat.c.lost_rights)
        .values(lost_rights=False)
    )
    return bool(done.rowcount)


async def forget_bot(tx: Tx, bot_id: int) -> None:
    """Clear the caches of a disconnected bot. Names of chats stay: history and a return refer to them."""
    await tx.execute(
        update(admin_chat)
        .where(admin_chat.c.bot_id == bot_id)
        .values(
            present=False, admin=False, rights=[], lost_rights=False, members=None, admins_at=None,
            standing_at=None, checked_at=NEVER,
        )
    )  # fmt: skip
    await tx.execute(delete(chat_admin).where(chat_admin.c.bot_id == bot_id))


async def put_admins(
    tx: Tx, bot_id: int, chat_id: int, admins: Iterable[tuple[int, bool, frozenset[str]]], now: datetime
) -> None:
    """Replace the chat's administrators: (user id, is creator, rights).

    The chat's row comes first, so that two who fetched them at once take turns; for a chat we know nothing
    of, the upserts (in one order) do.
    """
    await tx.execute(
        update(admin_chat)
        .where(admin_chat.c.bot_id == bot_id, admin_chat.c.chat_id == chat_id)
        .values(admins_at=now)
    )
    await tx.execute(delete(chat_admin).where(chat_admin.c.bot_id == bot_id, chat_admin.c.chat_id == chat_id))
    for user_id, creator, rights in sorted(admins, key=lambda one: one[0]):
        await put_admin(tx, bot_id, chat_id, user_id, creator, rights)


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
