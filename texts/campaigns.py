"""Wording about campaigns, for their owners; and the greeting where an owner wrote none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.actor import Translator
from domain.campaigns import Campaign, CampaignLink, CampaignStatus
from domain.leads import LeadStatus
from domain.macros import from_micros
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.leads import ICONS
from texts.markup import bold, esc, plain, shorten
from texts.pager import pager

_LABEL = 32


class CardLike(Protocol):
    """A campaign in a list."""

    @property
    def campaign(self) -> Campaign: ...
    @property
    def leads(self) -> int: ...


class PanelLike(Protocol):
    """A campaign as its owner sees it (`services.campaign_panels.CampaignPanel`)."""

    @property
    def campaign(self) -> Campaign: ...
    @property
    def username(self) -> str: ...
    @property
    def chat_title(self) -> str: ...
    @property
    def own(self) -> CampaignLink | None: ...
    @property
    def links(self) -> Sequence[CampaignLink]: ...
    @property
    def counts(self) -> Mapping[LeadStatus, int]: ...
    @property
    def start_link(self) -> str: ...
    @property
    def redirect(self) -> str: ...


def welcome(t: Translator, title: str) -> str:
    """What newcomers are told where the owner wrote nothing. Telegram HTML."""
    return t("👋 Welcome! Tap the button to get to {title}.", title=bold(title))


def join_label(t: Translator) -> str:
    """The button into the chat."""
    return t("➡️ Join")


def listing(t: Translator, cards: Sequence[CardLike], more: bool, number: int) -> Page:
    """A page of an owner's campaigns."""
    rows = [[Button(_card(one), action=f"campaigns:open:{one.campaign.id}")] for one in cards]
    text = (
        t("Your campaigns. Choose one:")
        if rows or number
        else t(
            "A campaign counts who comes to a chat by your ads, and tells your tracker. Make your first one:"
        )
    )
    return page(
        text,
        *rows,
        pager("campaigns:list", number, more),
        [Button(t("➕ New campaign"), action="newcampaign:begin")],
    )


def _card(one: CardLike) -> str:
    icon = "▶️" if one.campaign.active else "⏸"
    return f"{icon} {shorten(plain(one.campaign.name), _LABEL)} · {one.leads}"


def panel(t: Translator, shown: PanelLike) -> Page:
    """One campaign."""
    campaign = shown.campaign
    one = campaign.id
    if campaign.status is CampaignStatus.DELETED:
        return deleted(t, campaign)
    text = "\n".join([bold(campaign.name), *_facts(t, shown)])
    return page(
        text,
        [
            Button(t("🔗 Links"), action=f"campaigns:links:{one}"),
            Button(t("👥 Leads"), action=f"leads:list:{one}:9:0"),
        ],
        [
            Button(t("📈 Figures"), action=f"stats:of:{one}"),
            Button(t("📮 Postbacks"), action=f"postbacks:of:{one}"),
        ],
        [Button(t("⚡ Messages by status"), action=f"triggers:of:{one}")],
        [
            Button(t("✏️ Greeting"), action=f"campaigns:message:{one}"),
            Button(t("👁 Preview"), action=f"campaigns:preview:{one}"),
        ],
        [
            Button(t("✏️ Button"), action=f"campaigns:ask:{one}:button"),
            Button(t("✏️ Name"), action=f"campaigns:ask:{one}:name"),
        ],
        [
            Button(t("✏️ Leaves count"), action=f"campaigns:ask:{one}:window"),
            Button(t("✏️ Cost"), action=f"campaigns:ask:{one}:cost"),
        ],
        [_approves(t, campaign)],
        [
            Button(t("⏸ Pause"), action=f"campaigns:pause:{one}")
            if campaign.active
            else Button(t("▶️ Resume"), action=f"campaigns:resume:{one}"),
            Button(t("🗑 Delete"), action=f"campaigns:drop:{one}"),
        ],
        [Button(t("‹ Back"), action="campaigns:list:0")],
    )


def _facts(t: Translator, shown: PanelLike) -> list[str]:
    campaign = shown.campaign
    counts = " · ".join(f"{ICONS[status]} {shown.counts.get(status, 0)}" for status in LeadStatus)
    lines = [
        t("Chat: {title} · bot: @{username}", title=esc(shown.chat_title), username=esc(shown.username)),
        counts,
        "",
        _window(t, campaign.unsub_window),
    ]
    if campaign.cost_micros is not None:
        lines.append(
            t(
                "Spent: {amount} {currency}",
                amount=from_micros(campaign.cost_micros),
                currency=campaign.currency,
            )
        )
    if not campaign.active:
        lines += ["", t("⏸ Paused: no new leads, no postbacks.")]
    return lines


def _window(t: Translator, seconds: int) -> str:
    if not seconds:
        return t("Leaves are told to your tracker whenever they happen.")
    if seconds % 86_400:
        hours = max(1, seconds // 3600)
        return t.plural(
            "Leaves are told to your tracker for {n} hour after the join.",
            "Leaves are told to your tracker for {n} hours after the join.",
            hours,
        )
    return t.plural(
        "Leaves are told to your tracker for {n} day after the join.",
        "Leaves are told to your tracker for {n} days after the join.",
        seconds // 86_400,
    )


def _approves(t: Translator, campaign: Campaign) -> Button:
    label = t("Join requests: I let them in") if campaign.auto_approve else t("Join requests: left to you")
    return Button(label, action=f"campaigns:approve:{campaign.id}:{int(not campaign.auto_approve)}")


def ask_drop(t: Translator, campaign: Campaign) -> Page:
    """Really?"""
    text = t(
        "Delete {name}? Its leads and figures stay, but nothing new is counted, and no messages go out.",
        name=bold(campaign.name),
    )
    return page(
        text,
        [Button(t("🗑 Delete"), action=f"campaigns:dropped:{campaign.id}")],
        [Button(t("‹ Back"), action=f"campaigns:open:{campaign.id}")],
    )


def deleted(t: Translator, campaign: Campaign) -> Page:
    """It is gone."""
    return page(
        t("🗑 {name} is deleted. Its leads and figures are still there.", name=bold(campaign.name)),
        [Button(t("👥 Leads"), action=f"leads:list:{campaign.id}:9:0")],
        [Button(t("‹ Back"), action="campaigns:list:0")],
    )


def ask_field(t: Translator, field: str, campaign: Campaign) -> Page:
    """Ask for another value of a field."""
    text = {
        "name": t("What is the campaign to be called? Only you see the name."),
        "button": t("Send the button’s words, and below them, on a line of its own, an address if it is not "
                    "to lead into the chat. {macro} and the other macros work in it. 0: back to our own "
                    "button.", macro="{click}"),
        "window": t("For how long after a join is your tracker told of a leave? Send for example “3 days”; "
                    "0: always."),
        "cost": t("What have you spent on it so far, in all? Send for example “250 USD”; 0: not said."),
    }[field]  # fmt: skip
    return page(text, _cancel(t, campaign.id))


def ask_message(t: Translator) -> Page:
    """Ask for the greeting."""
    text = t(
        "Send what newcomers are to be told: a text, a picture or a video with a caption. Bold, italic, code "
        "and links work, and so do macros such as {macro}.",
        macro="{first_name}",
    )
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def _cancel(t: Translator, campaign_id: int) -> list[Button]:
    return [
        Button(t("Cancel"), action="start:cancel"),
        Button(t("‹ Back"), action=f"campaigns:open:{campaign_id}"),
    ]


REASONS["no_campaign"] = lambda t, e: t("This campaign is not there any more. See /campaigns.")
REASONS["no_link"] = lambda t, e: t("This link is revoked already.")
REASONS["campaign_exists"] = lambda t, e: t("This chat has a campaign already. See /campaigns.")
REASONS["campaign_state"] = lambda t, e: t("The campaign is in another state by now. See /campaigns.")
REASONS["campaign_name"] = lambda t, e: t(
    "Please send a name of 1 to {limit} characters.", limit=e.details.get("limit", "")
)
REASONS["source"] = lambda t, e: t(
    "Please send a name of 1 to {limit} characters.", limit=e.details.get("limit", "")
)
REASONS["source_exists"] = lambda t, e: t("There is a link of this name already. Please send another name.")
REASONS["own_link"] = lambda t, e: t(
    "This link stands behind the greeting’s button. It can only be replaced."
)
REASONS["window"] = lambda t, e: t(
    "Please send a number of days or weeks, for example “3 days”, up to {days} days; 0: always.",
    days=e.details.get("days", ""),
)
REASONS["cannot_invite"] = lambda t, e: t(
    "I may not make invite links in {title}. Give me the right to invite users there, then try again.",
    title=e.details.get("title", ""),
)
REASONS["not_sendable"] = lambda t, e: t("Please send a text, a picture or a video.")
