"""People a message to leads goes to, with all that its macros may name."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, select, tuple_

from domain.campaigns import Campaign
from domain.leads import Lead
from domain.macros import values_of
from storage.campaigns import campaign_of
from storage.database import Tx
from storage.leads import lead_of
from storage.tables.bots import admin_chat
from storage.tables.core import person
from storage.tables.tracker import campaign, campaign_link, lead, lead_entry


@dataclass(frozen=True, slots=True)
class Addressee:
    """A lead of a campaign, and the person behind it.

    `met`: the bot knows him and he has not blocked it; `started`: he has pressed Start, too. `own_link` is
    the campaign's own invite link, or empty.
    """

    lead: Lead
    campaign: Campaign
    title: str
    first_name: str
    username: str | None
    languages: tuple[str | None, str | None]
    met: bool
    started: bool
    event_id: str
    own_link: str

    def values(self) -> dict[str, str]:
        """What every macro stands for."""
        return values_of(
            self.campaign,
            self.lead,
            status=self.lead.status,
            at=self.lead.status_at,
            event_id=self.event_id,
            title=self.title,
            username=self.username,
            first_name=self.first_name,
        )


async def of_leads(tx: Tx, lead_ids: Collection[int]) -> dict[int, Addressee]:
    """The people behind leads, by lead id; those that are gone are missing."""
    if not lead_ids:
        return {}
    rows = (await tx.execute(select(lead).where(lead.c.id.in_(lead_ids)))).all()
    found = [lead_of(row) for row in rows]
    campaigns = await _campaigns(tx, {one.campaign_id for one in found})
    people = await _people(tx, {(one.bot_id, one.user_id) for one in found})
    titles = await _titles(tx, {(one.bot_id, one.chat_id) for one in found})
    events = await _events(tx, [one.id for one in found])
    links = await _links(tx, campaigns.keys())
    return {
        one.id: Addressee(
            one,
            campaigns[one.campaign_id],
            titles.get((one.bot_id, one.chat_id), ""),
            *people.get((one.bot_id, one.user_id), _NOBODY),
            event_id=events.get(one.id, ""),
            own_link=links.get(one.campaign_id, ""),
        )
        for one in found
        if one.campaign_id in campaigns
    }


_Known = tuple[str, str | None, tuple[str | None, str | None], bool, bool]
_NOBODY: _Known = ("", None, (None, None), True, False)


async def _campaigns(tx: Tx, ids: Collection[int]) -> dict[int, Campaign]:
    rows = await tx.execute(select(campaign).where(campaign.c.id.in_(ids)))
    return {row.id: campaign_of(row) for row in rows}


async def _people(tx: Tx, keys: Collection[tuple[int, int]]) -> dict[tuple[int, int], _Known]:
    rows = await tx.execute(select(person).where(tuple_(person.c.bot_id, person.c.user_id).in_(list(keys))))
    return {
        (row.bot_id, row.user_id): (
            row.first_name,
            row.username,
            (row.language, row.language_code),
            row.blocked_at is None,
            row.blocked_at is None and row.started_at is not None,
        )
        for row in rows
    }


async def _titles(tx: Tx, keys: Collection[tuple[int, int]]) -> dict[tuple[int, int], str]:
    pairs = tuple_(admin_chat.c.bot_id, admin_chat.c.chat_id)
    rows = await tx.execute(
        select(admin_chat.c.bot_id, admin_chat.c.chat_id, admin_chat.c.title).where(pairs.in_(list(keys)))
    )
    return {(row.bot_id, row.chat_id): row.title for row in rows}


async def _events(tx: Tx, lead_ids: Collection[int]) -> dict[int, str]:
    """The event of the step each lead stands in."""
    here = and_(lead_entry.c.lead_id == lead.c.id, lead_entry.c.number == lead.c.entry)
    rows = await tx.execute(
        select(lead.c.id, lead_entry.c.event_id)
        .select_from(lead.join(lead_entry, here))
        .where(lead.c.id.in_(lead_ids))
    )
    return {row.id: row.event_id for row in rows}


async def _links(tx: Tx, campaign_ids: Collection[int]) -> dict[int, str]:
    rows = await tx.execute(
        select(campaign_link.c.campaign_id, campaign_link.c.invite_link)
        .where(
            campaign_link.c.campaign_id.in_(campaign_ids),
            campaign_link.c.source == "",
            campaign_link.c.revoked_at.is_(None),
        )
        .order_by(campaign_link.c.id)
    )
    return {row.campaign_id: row.invite_link for row in rows}
