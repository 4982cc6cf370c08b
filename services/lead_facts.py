"""What Telegram tells of people, as facts of a campaign.

A fact is called after its update, so told again it is the same one: `u` and the update for movements, `s` for
starts, `r` and the second for requests.
"""

from dataclasses import replace
from datetime import datetime

from domain.campaigns import Campaign, CampaignLink
from domain.leads import Fact, FactKind, Origin
from domain.movements import Movement, MovementKind
from storage import campaigns, movements
from storage.database import Tx

_KINDS = {
    MovementKind.JOIN: FactKind.JOIN,
    MovementKind.LEAVE: FactKind.LEAVE,
    MovementKind.KICK: FactKind.REMOVE,
    MovementKind.BAN: FactKind.REMOVE,
}


async def movement_fact(tx: Tx, campaign: Campaign, movement: Movement) -> Fact | None:
    """A movement in the campaign's chat; None for one that changes nothing about a lead."""
    kind = _KINDS.get(movement.kind)
    if kind is None:
        return None
    link = await link_of(tx, campaign, movement.invite_link) if kind is FactKind.JOIN else None
    key = f"u{movement.update_id}"
    return Fact(key, kind, movement.at, movement.update_id, _by(link), movement.actor_id)


def request_fact(at: datetime, user_id: int, link: CampaignLink | None) -> Fact:
    """A join request. Of the same second, it comes before the join it leads to: hence no update id."""
    return Fact(f"r{int(at.timestamp())}", FactKind.REQUEST, at, 0, _by(link), user_id)


async def claimed(tx: Tx, campaign: Campaign, user_id: int, at: datetime) -> list[Fact]:
    """The movements journalled of somebody who becomes a lead by something dated `at`: those at or after it,
    which it claims, and the last one before it, which tells whether he was inside."""
    facts = []
    for movement in await movements.of_person(tx, campaign.bot_id, campaign.chat_id, user_id):
        fact = await movement_fact(tx, campaign, movement)
        if fact is None:
            continue
        if movement.at < at:  # nobody's conversion, by whichever link he came
            facts.append(replace(fact, origin=Origin()))
            break
        facts.append(fact)
    return facts


async def link_of(tx: Tx, campaign: Campaign, invite_link: str | None) -> CampaignLink | None:
    """The campaign's link somebody came by; None when it is not one of the campaign's."""
    if invite_link is None:
        return None
    found = await campaigns.link_by_url(tx, campaign.bot_id, invite_link)
    return found if found is not None and found.campaign_id == campaign.id else None


def _by(link: CampaignLink | None) -> Origin:
    return Origin() if link is None else Origin(source=link.source, invite=link.invite_link)
