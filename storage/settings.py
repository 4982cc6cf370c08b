"""Settings of features per bot and chat, as JSON documents; chat 0 is `_default`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, or_, select

from storage.database import Tx
from storage.statements import Hot, insert
from storage.tables.core import setting

DEFAULT_CHAT = 0


async def get(tx: Tx, bot_id: int, chat_id: int, feature: str) -> dict[str, Any]:
    """One document as it is stored; empty when there is none."""
    found: dict[str, Any] | None = (
        await tx.execute(
            select(setting.c.data).where(
                setting.c.bot_id == bot_id, setting.c.chat_id == chat_id, setting.c.feature == feature
            )
        )
    ).scalar_one_or_none()
    return found or {}


_MERGED = Hot(
    lambda dialect: select(setting.c.chat_id, setting.c.data).where(
        setting.c.bot_id == bindparam("bot"),
        or_(setting.c.chat_id == DEFAULT_CHAT, setting.c.chat_id == bindparam("chat")),
        setting.c.feature == bindparam("what"),
    )
)


async def merged(tx: Tx, bot_id: int, chat_id: int, feature: str) -> dict[str, Any]:
    """The chat's document over `_default`'s: a missing field inherits."""
    found = await _MERGED.run(tx, bot=bot_id, chat=chat_id, what=feature)
    documents: dict[int, dict[str, Any]] = {chat: msgspec.json.decode(data) for chat, data in found.rows}
    return {**documents.get(DEFAULT_CHAT, {}), **documents.get(chat_id, {})}


async def of_bot(tx: Tx, bot_id: int, feature: str) -> dict[int, dict[str, Any]]:
    """All documents of a feature: chat id → document."""
    rows = await tx.execute(
        select(setting.c.chat_id, setting.c.data).where(
            setting.c.bot_id == bot_id, setting.c.feature == feature
        )
    )
    return {row.chat_id: row.data for row in rows}


async def everywhere(tx: Tx, feature: str) -> dict[int, dict[str, Any]]:
    """A feature's document for all chats, of every bot that has one: bot id → document."""
    rows = await tx.execute(
        select(setting.c.bot_id, setting.c.data).where(
            setting.c.chat_id == DEFAULT_CHAT, setting.c.feature == feature
        )
    )
    return {row.bot_id: row.data for row in rows}


async def put(
    tx: Tx, bot_id: int, chat_id: int, feature: str, data: Mapping[str, Any], now: datetime
) -> None:
    """Replace one document."""
    statement = insert(tx, setting).values(
        bot_id=bot_id, chat_id=chat_id, feature=feature, data=dict(data), changed_at=now
    )
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["bot_id", "chat_id", "feature"], set_={"data": dict(data), "changed_at": now}
        )
    )


async def change(
    tx: Tx, bot_id: int, chat_id: int, feature: str, changes: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Set some fields of a document (None removes one, so that it inherits again); returns the result.

    The upsert takes the row's lock, so that of two changes at once each keeps what the other set.
    """
    statement = insert(tx, setting).values(
        bot_id=bot_id, chat_id=chat_id, feature=feature, data={}, changed_at=now
    )
    statement = statement.on_conflict_do_update(
        index_elements=["bot_id", "chat_id", "feature"], set_={"changed_at": now}
    ).returning(setting.c.data)
    data = (await tx.execute(statement)).scalar_one() | dict(changes)
    data = {name: value for name, value in data.items() if value is not None}
    await put(tx, bot_id, chat_id, feature, data, now)
    return data


async def remove(tx: Tx, bot_id: int, chat_id: int, feature: str) -> bool:
    """Drop one document; False when there was none."""
    done = await tx.execute(
        delete(setting).where(
            setting.c.bot_id == bot_id, setting.c.chat_id == chat_id, setting.c.feature == feature
        )
    )
    return bool(done.rowcount)
