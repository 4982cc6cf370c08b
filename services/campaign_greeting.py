"""What a campaign says to whoever follows its start link."""

from collections.abc import Mapping
from dataclasses import replace

from domain.actor import Actor
from domain.calls import Call
from domain.campaigns import Campaign, CampaignLink
from services.creatives import compose
from services.media import attach
from texts import campaigns as wording


def greeting(
    actor: Actor,
    chat_id: int,
    campaign: Campaign,
    values: Mapping[str, str],
    own: CampaignLink | None,
    title: str,
) -> Call:
    """The campaign's creative with a button into the chat; a greeting of ours where it says nothing.

    The button leads where the owner wants, else by the campaign's `own` link.
    """
    creative = replace(campaign.creative, button=campaign.creative.button or wording.join_label(actor.t))
    page = compose(creative, values, actor.t, fallback_link=own.invite_link if own is not None else "")
    if not creative.text and not creative.media:
        page = replace(page, text=wording.welcome(actor.t, title))
    return attach(chat_id, page, creative)
