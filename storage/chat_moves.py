"""Telegram turned a group into a supergroup: its id changes everywhere, once."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Column, Table, UniqueConstraint, delete, func, select, update

from domain.campaigns import CampaignStatus
from storage import autoreplies
from storage.database import Tx
from storage.schema import metadata
from storage.tables.bots import activity, activity_day, admin_chat
from storage.tables.core import kept_message
from storage.tables.moderation import spam_hit
from storage.tables.tracker import campaign

_NUMBERED = (kept_message, spam_hit)  # messages by their number, which is another message's over there


def tables_with_chats() -> list[Table]:
    """Every table that keeps a chat id of a bot, except those whose content stays behind with the group."""
    return [
        table
        for table in metadata.sorted_tables
        if {"bot_id", "chat_id"} <= set(table.c.keys()) and table not in _NUMBERED
    ]


async def move(tx: Tx, bot_id: int, old: int, new: int, now: datetime) -> None:
    """Rewrite `old` to `new` in all tables of the bot. Doing it again changes nothing.

    Where a row for the new id is there already (Telegram sent news of the supergroup first), the old
    one is dropped, for the newer knowledge wins; only counts are added up. Messages are numbered anew in
    the supergroup, so the kept ones are forgotten, and hits stay with the messages they are about.
    """
    gone = delete(kept_message).where(kept_message.c.bot_id == bot_id, kept_message.c.chat_id == old)
    await tx.execute(gone)
    await _prefer_told(tx, bot_id, old, new)
    await _one_campaign(tx, bot_id, old, new, now)
    await autoreplies.move(tx, bot_id, old, new)
    for table in (activity, activity_day):
        await _add_up(tx, table, bot_id, old, new)
    for table in tables_with_chats():
        here = (table.c.bot_id == bot_id, table.c.chat_id == old)
        for others in _keys(table):
            twin = table.alias()
            taken = select(twin.c.chat_id).where(
                twin.c.bot_id == bot_id,
                twin.c.chat_id == new,
                *(twin.c[column.name] == column for column in others),
            )
            await tx.execute(delete(table).where(*here, taken.exists()))
        await tx.execute(update(table).where(*here).values(chat_id=new))


async def _prefer_told(tx: Tx, bot_id: int, old: int, new: int) -> None:
    """A supergroup we have only noticed so far gives way to what we were told about the group."""
    before = admin_chat.alias()
    known = select(before.c.chat_id).where(before.c.bot_id == bot_id, before.c.chat_id == old)
    await tx.execute(
        delete(admin_chat).where(
            admin_chat.c.bot_id == bot_id,
            admin_chat.c.chat_id == new,
            admin_chat.c.standing_at.is_(None),
            known.exists(),
        )
    )


async def _one_campaign(tx: Tx, bot_id: int, old: int, new: int, now: datetime) -> None:
    """Both chats have a live campaign: the supergroup's, the newer one, goes on. The leads of the other stay
    with it, as with every campaign that is deleted."""
    live = campaign.c.status != CampaignStatus.DELETED
    newer = campaign.alias()
    taken = select(newer.c.id).where(
        newer.c.bot_id == bot_id, newer.c.chat_id == new, newer.c.status != CampaignStatus.DELETED
    )
    await tx.execute(
        update(campaign)
        .where(campaign.c.bot_id == bot_id, campaign.c.chat_id == old, live, taken.exists())
        .values(status=int(CampaignStatus.DELETED), deleted_at=now)
    )


def _keys(table: Table) -> Iterator[Sequence[Column[object]]]:
    """What besides bot and chat makes a row of the table the only one of its kind, for each such rule."""
    rules = [table.primary_key.columns]
    rules += [rule.columns for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    # An index of some rows only says nothing about the others: see `_one_campaign`.
    whole = [index for index in table.indexes if index.dialect_options["sqlite"]["where"] is None]
    rules += [index.columns for index in whole if index.unique]
    for columns in rules:
        if "chat_id" in columns:
            yield [column for column in columns if column.name not in ("bot_id", "chat_id")]


async def _add_up(tx: Tx, table: Table, bot_id: int, old: int, new: int) -> None:
    """Add the counts of `old` to those `new` has begun: who wrote for years is no newcomer now."""
    before = table.alias()
    same = [
        before.c[column.name] == column
        for column in table.primary_key
        if column.name not in ("bot_id", "chat_id")
    ]
    earlier = select(before).where(before.c.bot_id == bot_id, before.c.chat_id == old, *same)
    values = {
        "messages": table.c.messages
        + earlier.with_only_columns(func.sum(before.c.messages)).scalar_subquery()
    }
    if "first_at" in table.c:
        values["first_at"] = earlier.with_only_columns(func.min(before.c.first_at)).scalar_subquery()
    await tx.execute(
        update(table).where(table.c.bot_id == bot_id, table.c.chat_id == new, earlier.exists()).values(values)
    )
