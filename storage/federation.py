"""Owners whose bans count in all their chats, and which chats those are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, delete, exists, select

from domain.actor import Right
from domain.bots import BotStatus
from storage.database import Tx
from storage.statements import insert
from storage.tables.bots import admin_chat, bot, chat_admin
from storage.tables.moderation import banned, federation


@dataclass(frozen=True, slots=True)
class Place:
    """A group in which a ban counts, and the bot that bans there."""

    bot_id: int
    chat_id: int


async def switch(tx: Tx, owner_id: int, on: bool, now: datetime) -> None:
    """Let the bans of an owner's chats count in all of them, or each where it was made."""
    if on:
        row = insert(tx, federation).values(owner_id=owner_id, since=now)
        await tx.execute(row.on_conflict_do_nothing(index_elements=["owner_id"]))
    else:
        await tx.execute(delete(federation).where(federation.c.owner_id == owner_id))


async def is_on(tx: Tx, bot_id: int) -> bool:
    """Whether bans of a bot count in all chats of its owner."""
    statement = select(federation.c.owner_id).where(federation.c.owner_id == _owner_of(bot_id))
    return (await tx.execute(statement)).first() is not None


async def places(tx: Tx, bot_id: int, user_id: int) -> list[Place]:
    """The groups in which a ban by a bot counts: its own, or all of its owner's; one bot for each.

    Only those in which the bot may restrict members, and that the person does not administer.
    """
    mine = bot.c.owner_id == _owner_of(bot_id) if await is_on(tx, bot_id) else bot.c.id == bot_id
    administers = exists().where(
        chat_admin.c.bot_id == admin_chat.c.bot_id,
        chat_admin.c.chat_id == admin_chat.c.chat_id,
        chat_admin.c.user_id == user_id,
    )
    rows = await tx.execute(
        select(admin_chat.c.bot_id, admin_chat.c.chat_id, admin_chat.c.rights)
        .join(bot, bot.c.id == admin_chat.c.bot_id)
        .where(
            mine,
            bot.c.status != int(BotStatus.DELETED),
            admin_chat.c.admin,
            admin_chat.c.type != "channel",
            ~administers,
        )
        .order_by(bot.c.id != bot_id, bot.c.id, admin_chat.c.chat_id)
    )
    found: dict[int, Place] = {}
    for row in rows:
        if Right.RESTRICT_MEMBERS in row.rights:
            found.setdefault(row.chat_id, Place(row.bot_id, row.chat_id))
    return list(found.values())


async def of_one_decision(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> list[Place]:
    """Where else the decision that banned somebody from this chat banned him: it has one moment."""
    moment = (
        select(banned.c.at)
        .where(banned.c.bot_id == bot_id, banned.c.chat_id == chat_id, banned.c.user_id == user_id)
        .scalar_subquery()
    )
    rows = await tx.execute(
        select(banned.c.bot_id, banned.c.chat_id)
        .join(bot, bot.c.id == banned.c.bot_id)
        .where(
            bot.c.owner_id == _owner_of(bot_id),
            banned.c.user_id == user_id,
            banned.c.at == moment,
            banned.c.chat_id != 0,
        )
    )
    return [Place(row.bot_id, row.chat_id) for row in rows]


async def forget_person(tx: Tx, bot_ids: Iterable[int], user_id: int) -> bool:
    """Forget every ban of somebody by these bots; False when there was none."""
    done = await tx.execute(
        delete(banned).where(banned.c.bot_id.in_(sorted(set(bot_ids))), banned.c.user_id == user_id)
    )
    return bool(done.rowcount)


def _owner_of(bot_id: int) -> ScalarSelect[int]:
    this = bot.alias()
    return select(this.c.owner_id).where(this.c.id == bot_id).scalar_subquery()
