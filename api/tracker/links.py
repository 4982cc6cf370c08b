"""Invite links of campaigns, one for each source."""

from typing import Annotated

import msgspec

from api.table import Endpoint, Scope
from api.tracker.bots import LARGEST_ID
from api.tracker.campaign_inputs import CampaignId, WhichCampaign
from api.tracker.campaigns import FUNC, NOT_YOURS
from domain.actor import Actor
from domain.campaigns import LONGEST_SOURCE, CampaignLink
from services.house import House


class LinkRow(msgspec.Struct):
    """An invite link of a campaign. `source` is empty for its own one, behind the button."""

    id: int
    url: str
    source: str
    request: Annotated[int, msgspec.Meta(description="1: whoever follows it asks to join.")]
    created: int


class NewLink(msgspec.Struct):
    """A new invite link."""

    id: CampaignId
    source: Annotated[
        str,
        msgspec.Meta(description="Joins are counted under it.", max_length=LONGEST_SOURCE, examples=["blog"]),
    ]
    request: Annotated[int, msgspec.Meta(ge=0, le=1, description="1: whoever follows it asks to join.")] = 0


class WhichLink(msgspec.Struct):
    """A link of a campaign."""

    id: CampaignId
    link: Annotated[int, msgspec.Meta(description="Link id.", ge=1, le=LARGEST_ID, examples=[3])]


async def list_links(house: House, actor: Actor, given: WhichCampaign) -> list[LinkRow]:
    """A campaign's links in use, its own first."""
    shown = await house.campaigns.get(actor, given.id)
    return [_link(one) for one in ([shown.own] if shown.own else []) + shown.links]


async def add_link(house: House, actor: Actor, given: NewLink) -> LinkRow:
    """Make an invite link for a source."""
    return _link(await house.campaigns.add_link(actor, given.id, given.source, asks=bool(given.request)))


async def revoke_link(house: House, actor: Actor, given: WhichLink) -> None:
    """Take a link out of use."""
    await house.campaigns.revoke_link(actor, given.id, given.link)


def _link(one: CampaignLink) -> LinkRow:
    return LinkRow(one.id, one.invite_link, one.source, int(one.asks), int(one.created_at.timestamp()))


_LINK = LinkRow(3, "https://t.me/+AbCdEf", "blog", 0, 1717500000)
LINKS = (
    Endpoint(
        "GET", "/api/camp/links.json", Scope.ACCOUNT, list_links,
        "List links", input=WhichCampaign, result=list[LinkRow], section="Campaigns",
        details="Invite links in use. The one without `source` is behind the button of the greeting.",
        example=[_LINK], errors={"access": NOT_YOURS},
    ),
    Endpoint(
        "POST", "/api/camp/link.json", Scope.ACCOUNT, add_link,
        "Make a link for a source", input=NewLink, result=LinkRow, section="Campaigns",
        details="Joins by it are counted under `source`, without a `/start`.", example=_LINK,
        errors={
            "access": NOT_YOURS, "func": FUNC,
            "state": "There is a link of this name, or the bot may not invite users to the chat.",
        },
    ),
    Endpoint(
        "POST", "/api/camp/unlink.json", Scope.ACCOUNT, revoke_link,
        "Revoke a link", input=WhichLink, section="Campaigns",
        details="Nobody can join by it any more. Whoever came by it stays what he is.",
        errors={
            "access": "There is no such campaign or link of yours.",
            "state": "It is the campaign's own link, behind the button.",
        },
    ),
)  # fmt: skip
