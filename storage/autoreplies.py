"""Rules of automatic replies, and who is not to be answered again yet."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select, update

from domain.autoreplies import Rule, from_document, to_document
from storage.database import Tx
from storage.statements import insert
from storage.tables.moderation import auto_reply, auto_reply_pause

_COLUMNS = (
    auto_reply.c.id, auto_reply.c.chat_id, auto_reply.c.private, auto_reply.c.enabled, auto_reply.c.rule,
)  # fmt: skip


def _rule(row: Any) -> Rule:
    return from_document(row.rule, id=row.id, chat_id=row.chat_id, private=row.private, enabled=row.enabled)


async def _all(tx: Tx, statement: Select[Any]) -> list[Rule]:
    return [_rule(row) for row in await tx.execute(statement.order_by(auto_reply.c.id))]


async def of_bot(tx: Tx, bot_id: int) -> list[Rule]:
    """All rules of a bot, in the order they are asked."""
    return await _all(tx, select(*_COLUMNS).where(auto_reply.c.bot_id == bot_id))


async def of_scope(tx: Tx, bot_id: int, chat_id: int, private: bool) -> list[Rule]:
    """The rules of one scope: a group, all groups (0), or the private chat (0, private)."""
    return await _all(
        tx,
        select(*_COLUMNS).where(
            auto_reply.c.bot_id == bot_id,
            auto_reply.c.chat_id == chat_id,
            auto_reply.c.private == private,
        ),
    )


async def heard_in(tx: Tx, bot_id: int, chats: Sequence[int]) -> list[Rule]:
    """Enabled rules that listen in a group: its own and, with 0 among `chats`, those of all groups, as far as
    they are not kept to others."""
    found = await _all(
        tx,
        select(*_COLUMNS).where(
            auto_reply.c.bot_id == bot_id,
            auto_reply.c.chat_id.in_(chats),
            auto_reply.c.private.is_(False),
            auto_reply.c.enabled,
        ),
    )
    return [rule for rule in found if all(rule.listens_in(chat_id) for chat_id in chats)]


async def move(tx: Tx, bot_id: int, old: int, new: int) -> None:
    """A group has another id now: rules that are kept to it among others stay with it."""
    for rule in await of_scope(tx, bot_id, 0, False):
        if old in rule.chats:
            chats = {new if chat_id == old else chat_id for chat_id in rule.chats}
            await replace(tx, bot_id, dataclasses.replace(rule, chats=tuple(sorted(chats))))


async def get(tx: Tx, bot_id: int, chat_id: int, rule_id: int, *, lock: bool = False) -> Rule | None:
    """One rule of a chat; with `lock` held until the transaction ends, for whoever is to change it."""
    statement = select(*_COLUMNS).where(
        auto_reply.c.bot_id == bot_id, auto_reply.c.chat_id == chat_id, auto_reply.c.id == rule_id
    )
    found = await _all(tx, statement.with_for_update() if lock else statement)
    return found[0] if found else None


async def find(tx: Tx, bot_id: int, rule_id: int) -> Rule | None:
    """One rule of a bot, whichever chat it is for."""
    found = await _all(tx, select(*_COLUMNS).where(auto_reply.c.bot_id == bot_id, auto_reply.c.id == rule_id))
    return found[0] if found else None


async def add(tx: Tx, bot_id: int, rule: Rule, most: int, now: datetime) -> int | None:
    """Save a new rule; its id, or None when the bot has `most` rules already."""
    count = select(func.count()).select_from(auto_reply).where(auto_reply.c.bot_id == bot_id)
    if int((await tx.execute(count)).scalar_one()) >= most:
        return None
    statement = auto_reply.insert().values(
        bot_id=bot_id,
        chat_id=rule.chat_id,
        private=rule.private,
        enabled=rule.enabled,
        rule=to_document(rule),
        created_at=now,
    )
    return int((await tx.execute(statement.returning(auto_reply.c.id))).scalar_one())


async def replace(tx: Tx, bot_id: int, rule: Rule) -> bool:
    """Save a changed rule; False when it is gone."""
    done = await tx.execute(
        update(auto_reply)
        .where(
            auto_reply.c.bot_id == bot_id,
            auto_reply.c.chat_id == rule.chat_id,
            auto_reply.c.id == rule.id,
        )
        .values(enabled=rule.enabled, rule=to_document(rule))
    )
    return bool(done.rowcount)


async def remove(tx: Tx, bot_id: int, chat_id: int, rule_id: int) -> bool:
    """Delete a rule; False when it was gone already."""
    done = await tx.execute(
        delete(auto_reply).where(
            auto_reply.c.bot_id == bot_id, auto_reply.c.chat_id == chat_id, auto_reply.c.id == rule_id
        )
    )
    return bool(done.rowcount)


async def begin_pause(
    tx: Tx, bot_id: int, chat_id: int, rule_id: int, user_id: int, seconds: int, now: datetime
) -> bool:
    """Start the rule's cooldown for a person; False while an earlier one lasts."""
    until = now + timedelta(seconds=seconds)
    statement = insert(tx, auto_reply_pause).values(
        bot_id=bot_id, chat_id=chat_id, rule_id=rule_id, user_id=user_id, until=until
    )
    statement = statement.on_conflict_do_update(
        index_elements=["bot_id", "chat_id", "rule_id", "user_id"],
        set_={"until": until},
        where=auto_reply_pause.c.until <= now,
    ).returning(auto_reply_pause.c.until)
    return (await tx.execute(statement)).first() is not None


async def forget_pauses(tx: Tx, now: datetime) -> int:
    """Drop cooldowns that are over; returns how many."""
    return int((await tx.execute(delete(auto_reply_pause).where(auto_reply_pause.c.until <= now))).rowcount)
