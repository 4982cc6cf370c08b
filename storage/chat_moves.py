"""Telegram turned a group into a supergroup: its id changes everywhere, once."""

from sqlalchemy import Table, select, update

from storage.database import Tx
from storage.schema import metadata


def tables_with_chats() -> list[Table]:
    """Every table that keeps a chat id of a bot, except the outbox's running calls."""
    return [table for table in metadata.sorted_tables if {"bot_id", "chat_id"} <= set(table.c.keys())]


async def move(tx: Tx, bot_id: int, old: int, new: int) -> None:
    """Rewrite `old` to `new` in all tables of the bot.

    Where a row for the new id is there already (Telegram sent news of the supergroup first), the old
    one is dropped: the newer knowledge wins.
    """
    for table in tables_with_chats():
        others = [column for column in table.primary_key if column.name not in ("bot_id", "chat_id")]
        if "chat_id" in table.primary_key.columns:
            twin = table.alias()
            taken = select(twin.c.chat_id).where(
                twin.c.bot_id == bot_id,
                twin.c.chat_id == new,
                *(twin.c[column.name] == column for column in others),
            )
            await tx.execute(
                table.delete().where(table.c.bot_id == bot_id, table.c.chat_id == old, taken.exists())
            )
        await tx.execute(
            update(table).where(table.c.bot_id == bot_id, table.c.chat_id == old).values(chat_id=new)
        )
