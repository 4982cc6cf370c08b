"""Campaigns and their invite links."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update

from domain.campaigns import Campaign, CampaignLink, CampaignStatus
from domain.creatives import Creative, MediaType
from storage.database import Tx
from storage.statements import Hot, insert
from storage.tables.tracker import campaign, campaign_link

_CREATIVE = ("text", "media", "media_type", "button", "link")
_PLAIN = (
    "id", "owner_id", "bot_id", "chat_id", "code", "name", "unsub_window", "auto_approve", "cost_micros",
    "currency", "created_at",
)  # fmt: skip


def campaign_of(row: Any) -> Campaign:
    """The campaign in a row."""
    creative = Creative(row.text, row.media, MediaType(row.media_type), row.button, row.link)
    plain = {name: getattr(row, name) for name in _PLAIN}
    return Campaign(**plain, status=CampaignStatus(row.status), creative=creative)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """A campaign's fields as columns; a `creative` becomes its five."""
    found = {name: value for name, value in values.items() if name != "creative"}
    if (creative := values.get("creative")) is not None:
        found |= {name: getattr(creative, name) for name in _CREATIVE}
        found["media_type"] = int(creative.media_type)
    return found


async def create(
    tx: Tx,
    owner_id: int,
    bot_id: int,
    chat_id: int,
    *,
    code: str,
    name: str,
    creative: Creative,
    unsub_window: int = 0,
    auto_approve: bool = False,
    cost_micros: int | None = None,
    currency: str = "",
    now: datetime,
) -> Campaign | None:
    """A new campaign; None when the bot has a live one for the chat already (or the code is taken)."""
    values = _columns({"creative": creative})
    statement = insert(tx, campaign).values(
        owner_id=owner_id, bot_id=bot_id, chat_id=chat_id, code=code, name=name,
        status=CampaignStatus.ACTIVE, unsub_window=unsub_window, auto_approve=auto_approve,
        cost_micros=cost_micros, currency=currency, created_at=now, **values,
    )  # fmt: skip
    row = (await tx.execute(statement.on_conflict_do_nothing().returning(*campaign.c))).one_or_none()
    return None if row is None else campaign_of(row)


async def get(tx: Tx, owner_id: int, campaign_id: int, *, lock: bool = False) -> Campaign | None:
    """One campaign of the owner, deleted ones included. With `lock` it is held until the transaction ends."""
    statement = select(campaign).where(campaign.c.owner_id == owner_id, campaign.c.id == campaign_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else campaign_of(row)


async def several(tx: Tx, owner_id: int, campaign_ids: Collection[int]) -> dict[int, Campaign]:
    """Campaigns of the owner by their ids, deleted ones included."""
    rows = await tx.execute(
        select(campaign).where(campaign.c.owner_id == owner_id, campaign.c.id.in_(list(campaign_ids)))
    )
    return {row.id: campaign_of(row) for row in rows}


async def find(tx: Tx, campaign_id: int) -> Campaign | None:
    """A campaign by its id alone, for work that follows from one: no door to it for people."""
    row = (await tx.execute(select(campaign).where(campaign.c.id == campaign_id))).one_or_none()
    return None if row is None else campaign_of(row)


async def by_code(tx: Tx, code: str) -> Campaign | None:
    """The campaign of a code, deleted ones included."""
    row = (await tx.execute(select(campaign).where(campaign.c.code == code))).one_or_none()
    return None if row is None else campaign_of(row)


_LIVE_ID = Hot(
    lambda dialect: select(campaign.c.id).where(
        campaign.c.bot_id == bindparam("bot"),
        campaign.c.chat_id == bindparam("chat"),
        campaign.c.status != CampaignStatus.DELETED.value,
    )
)


async def get_live_by_chat(tx: Tx, bot_id: int, chat_id: int) -> Campaign | None:
    """The live campaign of a bot for a chat: there is at most one."""
    found = await _LIVE_ID.run(tx, bot=bot_id, chat=chat_id)
    return await find(tx, found.rows[0][0]) if found.rows else None


async def tracked(tx: Tx, bot_id: int) -> set[int]:
    """The chats that live campaigns of a bot are for."""
    rows = await tx.execute(
        select(campaign.c.chat_id).where(
            campaign.c.bot_id == bot_id, campaign.c.status != CampaignStatus.DELETED
        )
    )
    return set(rows.scalars())


async def listing(
    tx: Tx,
    owner_id: int,
    *,
    bot_id: int | None = None,
    deleted: bool = False,
    offset: int = 0,
    limit: int | None = None,
) -> list[Campaign]:
    """An owner's campaigns, the newest first; of one bot, or of all."""
    statement = select(campaign).where(campaign.c.owner_id == owner_id)
    if bot_id is not None:
        statement = statement.where(campaign.c.bot_id == bot_id)
    if not deleted:
        statement = statement.where(campaign.c.status != CampaignStatus.DELETED)
    rows = await tx.execute(statement.order_by(campaign.c.id.desc()).offset(offset).limit(limit))
    return [campaign_of(row) for row in rows]


async def count_live(tx: Tx, owner_id: int) -> int:
    """How many campaigns an owner has that are not deleted."""
    found = await tx.execute(
        select(func.count()).where(
            campaign.c.owner_id == owner_id, campaign.c.status != CampaignStatus.DELETED
        )
    )
    return int(found.scalar_one())


async def edit(tx: Tx, owner_id: int, campaign_id: int, values: Mapping[str, Any]) -> Campaign | None:
    """Set fields of a live campaign (`domain.campaigns.Campaign`); None when the owner has none such."""
    changes = _columns(values)
    if not changes:
        found = await get(tx, owner_id, campaign_id)
        return found if found is not None and found.live else None
    row = (
        await tx.execute(
            update(campaign)
            .where(
                campaign.c.owner_id == owner_id,
                campaign.c.id == campaign_id,
                campaign.c.status != CampaignStatus.DELETED,
            )
            .values(**changes)
            .returning(*campaign.c)
        )
    ).one_or_none()
    return None if row is None else campaign_of(row)


async def set_status(
    tx: Tx,
    owner_id: int,
    campaign_id: int,
    expected: Collection[CampaignStatus],
    status: CampaignStatus,
    now: datetime,
) -> Campaign | None:
    """Put a campaign into another status, if it is in one of those expected; None otherwise."""
    row = (
        await tx.execute(
            update(campaign)
            .where(
                campaign.c.owner_id == owner_id,
                campaign.c.id == campaign_id,
                campaign.c.status.in_([int(one) for one in expected]),
            )
            .values(status=int(status), deleted_at=now if status is CampaignStatus.DELETED else None)
            .returning(*campaign.c)
        )
    ).one_or_none()
    return None if row is None else campaign_of(row)


_LINK = (
    campaign_link.c.id, campaign_link.c.campaign_id, campaign_link.c.invite_link, campaign_link.c.source,
    campaign_link.c.asks, campaign_link.c.created_at, campaign_link.c.revoked_at,
)  # fmt: skip


async def add_link(
    tx: Tx, of: Campaign, invite_link: str, source: str, asks: bool, now: datetime
) -> CampaignLink:
    """Keep an invite link made for a campaign. A public chat's own address, which campaigns before may have
    had, goes over to this one."""
    values = {
        "campaign_id": of.id, "chat_id": of.chat_id, "source": source, "asks": asks, "created_at": now,
        "revoked_at": None,
    }  # fmt: skip
    statement = insert(tx, campaign_link).values(bot_id=of.bot_id, invite_link=invite_link, **values)
    row = (
        await tx.execute(
            statement.on_conflict_do_update(index_elements=["bot_id", "invite_link"], set_=values).returning(
                *_LINK
            )
        )
    ).one()
    return CampaignLink(**row._mapping)


async def links(tx: Tx, campaign_id: int, *, revoked: bool = False) -> list[CampaignLink]:
    """A campaign's links, its own first (the newest of them), then those by source as they were made."""
    statement = select(*_LINK).where(campaign_link.c.campaign_id == campaign_id)
    if not revoked:
        statement = statement.where(campaign_link.c.revoked_at.is_(None))
    rows = await tx.execute(statement.order_by(campaign_link.c.source != "", campaign_link.c.id))
    return [CampaignLink(**row._mapping) for row in rows]


async def own_link(tx: Tx, campaign_id: int) -> CampaignLink | None:
    """The link behind the campaign's button."""
    row = (
        await tx.execute(
            select(*_LINK)
            .where(
                campaign_link.c.campaign_id == campaign_id,
                campaign_link.c.source == "",
                campaign_link.c.revoked_at.is_(None),
            )
            .order_by(campaign_link.c.id.desc())
            .limit(1)
        )
    ).one_or_none()
    return None if row is None else CampaignLink(**row._mapping)


async def link_by_url(tx: Tx, bot_id: int, invite_link: str) -> CampaignLink | None:
    """The campaign's link with this address, revoked ones included: somebody may still be on his way."""
    row = (
        await tx.execute(
            select(*_LINK).where(campaign_link.c.bot_id == bot_id, campaign_link.c.invite_link == invite_link)
        )
    ).one_or_none()
    return None if row is None else CampaignLink(**row._mapping)


async def revoke_link(tx: Tx, campaign_id: int, link_id: int, now: datetime) -> CampaignLink | None:
    """Take a link out of use; None when the campaign has no such link in use."""
    row = (
        await tx.execute(
            update(campaign_link)
            .where(
                campaign_link.c.campaign_id == campaign_id,
                campaign_link.c.id == link_id,
                campaign_link.c.revoked_at.is_(None),
            )
            .values(revoked_at=now)
            .returning(*_LINK)
        )
    ).one_or_none()
    return None if row is None else CampaignLink(**row._mapping)
