"""Campaigns: listed, made, changed, paused, deleted."""

from typing import Annotated, Any

import msgspec

from api.table import Endpoint, Scope
from api.tracker.campaign_inputs import AddCampaign, EditCampaign, WhichCampaign, WhichCampaigns
from domain.actor import Actor
from domain.campaigns import CampaignStatus
from domain.creatives import Creative, MediaType
from domain.leads import LeadStatus
from domain.macros import from_micros, to_micros
from services.campaign_making import NewCampaign
from services.campaign_panels import CampaignCard, CampaignPanel
from services.house import House

_KINDS = {0: MediaType.NONE, 1: MediaType.PHOTO, 2: MediaType.VIDEO}


class CampaignRow(msgspec.Struct):
    """A campaign, as the list shows it. `leads` are counts by status, 0 wait … 4 trash."""

    id: int
    bot: int
    chat: int
    code: str
    name: str
    status: Annotated[
        int,
        msgspec.Meta(
            description="0 active · 1 paused: no new leads, no postbacks · 2 deleted (softly).",
            extra_json_schema={"enum": [0, 1, 2]},
        ),
    ]
    leads: list[int]
    created: int


class FullCampaign(CampaignRow):
    """A campaign with everything that is set."""

    text: str
    media: str
    media_type: int
    button: str
    link: str
    unsub_window: int
    auto_approve: int
    cost: str
    currency: str
    start_link: Annotated[str, msgspec.Meta(description="Append `-` and your click id.")]
    redirect: Annotated[
        str,
        msgspec.Meta(
            description="Takes `click` (or `clickid`, `click_id`, `fbclid`, `gclid`), `sub1` … `sub5` and "
            "`cost`; empty when this installation has no public address."
        ),
    ]
    invite_link: Annotated[str, msgspec.Meta(description="Its own, behind the button.")]


class Made(msgspec.Struct):
    """What was made."""

    id: int


async def list_campaigns(house: House, actor: Actor, given: WhichCampaigns) -> list[CampaignRow]:
    """The account's campaigns, the newest first."""
    return [
        CampaignRow(**_row(card))
        for card in await house.campaigns.all(actor)
        if given.bot in (None, card.campaign.bot_id) and (given.deleted or card.campaign.live)
    ]


async def get_campaign(house: House, actor: Actor, given: WhichCampaign) -> FullCampaign:
    """One campaign with everything that is set."""
    return _full(await house.campaigns.get(actor, given.id))


async def add_campaign(house: House, actor: Actor, given: AddCampaign) -> Made:
    """Make a campaign."""
    creative = Creative(given.text, given.media, _KINDS[given.media_type], given.button, given.link)
    made = await house.campaigns.add(
        actor,
        NewCampaign(
            bot_id=given.bot,
            chat_id=given.chat,
            name=given.name,
            creative=creative,
            unsub_window=given.unsub_window,
            auto_approve=bool(given.auto_approve),
            asks=bool(given.request),
            cost_micros=to_micros(given.cost) if given.cost else None,
            currency=given.currency,
        ),
    )
    return Made(made.id)


async def edit_campaign(house: House, actor: Actor, given: EditCampaign) -> None:
    """Change a campaign."""
    changes = _given(given, "name", "unsub_window", "currency", "text", "media", "button", "link")
    if "media" in changes or given.media_type is not None:
        changes["media_type"] = _KINDS[given.media_type or 0]
    if given.auto_approve is not None:
        changes["auto_approve"] = bool(given.auto_approve)
    if given.cost is not msgspec.UNSET:
        changes["cost_micros"] = to_micros(given.cost) if given.cost else None
    await house.campaigns.edit(actor, given.id, changes)


def _given(given: EditCampaign, *names: str) -> dict[str, Any]:
    values = {name: getattr(given, name) for name in names}
    return {name: value for name, value in values.items() if value not in (None, msgspec.UNSET)}


async def pause_campaign(house: House, actor: Actor, given: WhichCampaign) -> None:
    """Pause a campaign."""
    await house.campaigns.pause(actor, given.id)


async def resume_campaign(house: House, actor: Actor, given: WhichCampaign) -> None:
    """Resume a campaign."""
    await house.campaigns.resume(actor, given.id)


async def delete_campaign(house: House, actor: Actor, given: WhichCampaign) -> None:
    """Delete a campaign."""
    await house.campaigns.delete(actor, given.id)


def _row(card: CampaignCard | CampaignPanel) -> dict[str, Any]:
    one = card.campaign
    return {
        "id": one.id,
        "bot": one.bot_id,
        "chat": one.chat_id,
        "code": one.code,
        "name": one.name,
        "status": int(one.status),
        "leads": [card.counts.get(status, 0) for status in LeadStatus],
        "created": int(one.created_at.timestamp()),
    }


def _full(shown: CampaignPanel) -> FullCampaign:
    one, creative = shown.campaign, shown.campaign.creative
    return FullCampaign(
        **_row(shown),
        text=creative.text,
        media=creative.media,
        media_type=int(creative.media_type),
        button=creative.button,
        link=creative.link,
        unsub_window=one.unsub_window,
        auto_approve=int(one.auto_approve),
        cost="" if one.cost_micros is None else from_micros(one.cost_micros),
        currency=one.currency,
        start_link=shown.start_link,
        redirect=shown.redirect,
        invite_link=shown.own.invite_link if shown.own is not None else "",
    )


NOT_YOURS = "There is no campaign of yours with this id."
_ROW: dict[str, Any] = {
    "id": 12, "bot": 7, "chat": -1001234567890, "code": "goAbC23dEf", "name": "Spring",
    "status": int(CampaignStatus.ACTIVE), "leads": [40, 3, 120, 9, 2], "created": 1717500000,
}  # fmt: skip
FUNC = "A parameter is missing or unusable; texts are checked as Telegram would."
CAMPAIGNS = (
    Endpoint(
        "GET", "/api/camp/list.json", Scope.ACCOUNT, list_campaigns,
        "List campaigns", input=WhichCampaigns, result=list[CampaignRow], section="Campaigns",
        details="The newest first. Deleted ones are left out unless you ask for them.",
        example=[CampaignRow(**_ROW)],
    ),
    Endpoint(
        "GET", "/api/camp/get.json", Scope.ACCOUNT, get_campaign,
        "Get a campaign", input=WhichCampaign, result=FullCampaign, section="Campaigns",
        details="Everything about it: what is said after /start, its links, and how many leads stand where.",
        example=FullCampaign(
            **_ROW, text="Welcome, {first_name}!", media="", media_type=0, button="Join", link="",
            unsub_window=259200, auto_approve=0, cost="250", currency="USD",
            start_link="https://t.me/mytrackbot?start=goAbC23dEf",
            redirect="https://gatehouse.example.com/go/goAbC23dEf", invite_link="https://t.me/+QwErTy",
        ),
        errors={"access": NOT_YOURS},
    ),
    Endpoint(
        "POST", "/api/camp/add.json", Scope.ACCOUNT, add_campaign,
        "Make a campaign", input=AddCampaign, result=Made, section="Campaigns",
        details="A bot can have one campaign for each chat it administers. The campaign's own invite link is "
        "made at once, for which the bot needs the right to invite users.",
        example=Made(12),
        errors={
            "access": "The bot is not yours, or does not administer the chat.",
            "exists": "The bot has a campaign for this chat already.",
            "func": FUNC,
            "state": "The bot may not invite users to the chat, or your tariff has no room for one more.",
            "unpaid": "Your subscription is inactive.",
        },
    ),
    Endpoint(
        "POST", "/api/camp/edit.json", Scope.ACCOUNT, edit_campaign,
        "Change a campaign", input=EditCampaign, section="Campaigns",
        details="What you leave out stays as it is. With another `media` give its `media_type`, too.",
        errors={"access": NOT_YOURS, "func": FUNC},
    ),
    Endpoint(
        "POST", "/api/camp/pause.json", Scope.ACCOUNT, pause_campaign,
        "Pause a campaign", input=WhichCampaign, section="Campaigns",
        details="No new leads, no postbacks. Statuses of its leads go on.",
        errors={"access": NOT_YOURS, "state": "It is not active."},
    ),
    Endpoint(
        "POST", "/api/camp/resume.json", Scope.ACCOUNT, resume_campaign,
        "Resume a campaign", input=WhichCampaign, section="Campaigns",
        details="What happened while it was paused is told to nobody.",
        errors={"access": NOT_YOURS, "state": "It is not paused."},
    ),
    Endpoint(
        "POST", "/api/camp/del.json", Scope.ACCOUNT, delete_campaign,
        "Delete a campaign", input=WhichCampaign, section="Campaigns",
        details="Softly: its leads and figures stay, and its chat can have another campaign.",
        errors={"access": NOT_YOURS, "state": "It is deleted already."},
    ),
)  # fmt: skip
