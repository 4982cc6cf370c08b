"""Campaigns as their owners look at them."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.campaigns import Campaign, CampaignLink, redirect_link, start_link
from domain.errors import NotFound
from domain.leads import LeadStatus
from storage import bots, campaigns, chats, leads
from storage.database import Tx


@dataclass(frozen=True, slots=True)
class CampaignCard:
    """A campaign in a list, with how many of its leads stand where."""

    campaign: Campaign
    counts: Mapping[LeadStatus, int]

    @property
    def leads(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class CampaignPanel:
    """A campaign with what it is shown with.

    `own` is the link behind its button (None: there is none now), `links` are the named ones. `start_link`
    and `redirect` are what ads lead to; `redirect` is empty without a public address of ours.
    """

    campaign: Campaign
    username: str
    chat_title: str
    own: CampaignLink | None
    links: list[CampaignLink]
    counts: Mapping[LeadStatus, int]
    start_link: str
    redirect: str


async def cards(tx: Tx, owner_id: int, found: list[Campaign]) -> list[CampaignCard]:
    """Campaigns of the owner with their counts."""
    counted = await leads.count_by_status(tx, owner_id, [one.id for one in found])
    return [
        CampaignCard(one, {status: counted.get((one.id, status), 0) for status in LeadStatus})
        for one in found
    ]


async def panel(tx: Tx, owner_id: int, campaign_id: int, public_url: str) -> CampaignPanel:
    """One campaign of the owner, deleted ones included. Raises `NotFound` (campaign)."""
    campaign = await campaigns.get(tx, owner_id, campaign_id)
    if campaign is None:
        raise NotFound("campaign")
    bot = await bots.get(tx, campaign.bot_id)
    chat = await chats.get(tx, campaign.bot_id, campaign.chat_id)
    own = await campaigns.own_link(tx, campaign_id)
    (card,) = await cards(tx, owner_id, [campaign])
    username = bot.username if bot is not None else ""
    return CampaignPanel(
        campaign=campaign,
        username=username,
        chat_title=chat.title if chat is not None else "",
        own=own,
        links=[one for one in await campaigns.links(tx, campaign_id) if one.source],
        counts=card.counts,
        start_link=start_link(username, campaign.code),
        redirect=redirect_link(public_url, campaign.code),
    )
