"""The journal as it is read: somebody's movements in a chat, and lists for owners."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, cast, func, literal, select

from domain.movements import Movement, MovementKind
from storage.database import Tx
from storage.tables.bots import admin_chat, bot, journal
from storage.tables.tracker import campaign, lead, lead_entry

ALL_OF_ONE = 200  # movements of one person in one chat that are looked at


async def of_person(
    tx: Tx, bot_id: int, chat_id: int, user_id: int, limit: int = ALL_OF_ONE
) -> list[Movement]:
    """Somebody's movements in a chat, the newest first."""
    rows = await tx.execute(
        select(journal)
        .where(journal.c.bot_id == bot_id, journal.c.user_id == user_id, journal.c.chat_id == chat_id)
        .order_by(journal.c.at.desc(), journal.c.update_id.desc())
        .limit(limit)
    )
    return [_movement(row) for row in rows]


def _movement(row: Any) -> Movement:
    """The movement in a row; names of people and chats are not kept there."""
    return Movement(
        bot_id=row.bot_id, owner_id=0, chat_id=row.chat_id, chat_type="", chat_title="", user_id=row.user_id,
        name="", username=None, language_code=None, is_bot=row.is_bot, kind=MovementKind(row.kind),
        actor_id=row.actor_id, source=row.source, invite_link=row.invite_link, link_name=row.link_name,
        via_request=row.via_request, at=row.at, update_id=row.update_id,
        was_inside=row.kind == MovementKind.JOIN or row.change != 0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which movements are wanted. `organic` means that no campaign's lead stands behind them.

    `before` is the id of the last row of the page before; `until` is exclusive.
    """

    bot_id: int | None = None
    chat_id: int | None = None
    campaign_id: int | None = None
    user_id: int | None = None
    kinds: Collection[MovementKind] = ()
    source: str | None = None
    organic: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One movement with the lead's step it stands for, if it stands for any."""

    id: int
    movement: Movement
    chat_title: str
    campaign_id: int | None
    lead_id: int | None

    @property
    def organic(self) -> bool:
        return self.lead_id is None


async def listing(tx: Tx, owner_id: int, wanted: JournalFilter, limit: int) -> list[JournalRow]:
    """Movements in chats of the owner's bots, the newest first."""
    # The fact of a movement is called after its update (`services.leads`), and a step after its fact.
    key = literal("u").concat(cast(journal.c.update_id, String))
    step = (
        select(func.max(lead_entry.c.id))
        .join(lead, lead.c.id == lead_entry.c.lead_id)
        .where(
            lead.c.bot_id == journal.c.bot_id,
            lead.c.user_id == journal.c.user_id,
            lead_entry.c.key == key,
            lead_entry.c.stands,
        )
        .scalar_subquery()
    )
    title = func.coalesce(admin_chat.c.title, "").label("chat_title")
    here = and_(admin_chat.c.bot_id == journal.c.bot_id, admin_chat.c.chat_id == journal.c.chat_id)
    statement = (
        select(journal, title, lead_entry.c.campaign_id, lead_entry.c.lead_id)
        .join(admin_chat, here, isouter=True)
        .join(lead_entry, lead_entry.c.id == step, isouter=True)
        .where(journal.c.bot_id.in_(select(bot.c.id).where(bot.c.owner_id == owner_id)))
    )
    for name in ("bot_id", "chat_id", "user_id", "source"):
        if (value := getattr(wanted, name)) is not None:
            statement = statement.where(journal.c[name] == value)
    if wanted.kinds:
        statement = statement.where(journal.c.kind.in_([kind.value for kind in wanted.kinds]))
    if wanted.campaign_id is not None:
        mine = select(campaign.c.chat_id).where(
            campaign.c.id == wanted.campaign_id,
            campaign.c.owner_id == owner_id,
            campaign.c.bot_id == journal.c.bot_id,
        )
        statement = statement.where(journal.c.chat_id.in_(mine))
    if wanted.organic is not None:
        statement = statement.where(
            lead_entry.c.lead_id.is_(None) if wanted.organic else lead_entry.c.lead_id.is_not(None)
        )
    if wanted.since is not None:
        statement = statement.where(journal.c.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(journal.c.at < wanted.until)
    if wanted.before is not None:
        statement = statement.where(journal.c.id < wanted.before)
    rows = await tx.execute(statement.order_by(journal.c.id.desc()).limit(limit))
    return [JournalRow(row.id, _movement(row), row.chat_title, row.campaign_id, row.lead_id) for row in rows]
