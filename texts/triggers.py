"""Wording about triggered blocks: what is said to leads by itself, by status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.actor import Translator
from domain.campaigns import Campaign
from domain.page import Button, Page, page
from domain.triggers import Block, JobState
from texts.broadcasts import body
from texts.errors import REASONS
from texts.leads import ICONS, status_name
from texts.markup import bold, plain, shorten

REASONS["trigger_delay"] = lambda t, e: t(
    "Send a time such as “30 min”, “2 hours” or “3 days”, up to {days} days; 0 for at once.",
    days=e.details.get("days"),
)


class PanelLike(Protocol):
    """A block with its campaign, and what became of its messages (`services.triggers.BlockPanel`)."""

    @property
    def campaign(self) -> Campaign: ...
    @property
    def block(self) -> Block: ...
    @property
    def counts(self) -> Mapping[JobState, int]: ...


def delay(t: Translator, seconds: int) -> str:
    """How long after the step a message is sent."""
    if not seconds:
        return t("at once")
    if seconds % 86_400 == 0:
        return t.plural("{n} day", "{n} days", seconds // 86_400)
    if seconds % 3_600 == 0:
        return t.plural("{n} hour", "{n} hours", seconds // 3_600)
    if seconds % 60 == 0:
        return t.plural("{n} minute", "{n} minutes", seconds // 60)
    return t.plural("{n} second", "{n} seconds", seconds)


def overview(t: Translator, blocks: Sequence[PanelLike]) -> Page:
    """The five blocks of a campaign."""
    campaign = blocks[0].campaign
    text = t("A message goes out by itself some time after somebody gets to a status. Choose one:")
    rows = []
    for shown in blocks:
        one = shown.block
        mark = "🔔" if one.on else "🔕"
        sent = shown.counts.get(JobState.SENT, 0)
        label = f"{mark} {ICONS[one.status]} {status_name(t, one.status)}"
        label += f" · {sent}" if sent else ""
        rows.append([Button(label, action=f"triggers:open:{campaign.id}:{int(one.status)}")])
    title = bold(shorten(plain(campaign.name), 60))
    return page(f"{title}\n{text}", *rows, [Button(t("‹ Back"), action=f"campaigns:open:{campaign.id}")])


def block(t: Translator, shown: PanelLike) -> Page:
    """One block."""
    one, campaign, counts = shown.block, shown.campaign, shown.counts
    name = f"{ICONS[one.status]} {status_name(t, one.status)}"
    lines = [
        bold(name),
        t("On: sent by itself") if one.on else t("Off"),
        t("When: {delay}", delay=_when(t, one.delay)),
        *body(t, one.creative),
    ]
    if counts:
        waiting = counts.get(JobState.QUEUED, 0) + counts.get(JobState.SENDING, 0)
        lines += ["", t("Sent: {n}", n=counts.get(JobState.SENT, 0)), t("Waiting: {n}", n=waiting)]
    if counts.get(JobState.FAILED):
        lines.append(t("Failed: {n}", n=counts[JobState.FAILED]))
    if counts.get(JobState.UNKNOWN):
        lines.append(t("May have arrived or not: {n}", n=counts[JobState.UNKNOWN]))
    where = f"{campaign.id}:{int(one.status)}"
    turn = Button(t("🔕 Turn off"), action=f"triggers:turn:{where}:0")
    if not one.on:
        turn = Button(t("🔔 Turn on"), action=f"triggers:turn:{where}:1")
    rows = [
        [turn],
        [
            Button(t("✏️ Message"), action=f"triggers:ask:{where}:body"),
            Button(t("🔗 Button"), action=f"triggers:ask:{where}:button"),
        ],
        [
            Button(t("⏱ When"), action=f"triggers:ask:{where}:delay"),
            Button(t("👁 Show me"), action=f"triggers:test:{where}"),
        ],
        [Button(t("‹ Back"), action=f"triggers:of:{campaign.id}")],
    ]
    return page("\n".join(lines), *rows)


def _when(t: Translator, seconds: int) -> str:
    if not seconds:
        return t("at once")
    time = delay(t, seconds)
    return t("{time} later", time=time)


def ask(t: Translator, what: str, shown: PanelLike) -> Page:
    """Ask for a part of a block."""
    where = f"{shown.campaign.id}:{int(shown.block.status)}"
    back = [Button(t("‹ Back"), action=f"triggers:open:{where}")]
    match what:
        case "body":
            text = t("Send me the message as it is to be: a text, a photo or a video with a caption.")
            more = t("Placeholders are filled in for each reader: {first_name}, {title}, {click}.",
                     first_name="{first_name}", title="{title}", click="{click}")  # fmt: skip
            return page(f"{text}\n{more}", back)
        case "button":
            text = t("A button below it? Send its words and, on the next line, its address. For example:\n\n"
                     "Open\nhttps://example.com/?click={click}", click="{click}")  # fmt: skip
            return page(text, [Button(t("No button"), action=f"triggers:no_button:{where}")], back)
        case _:
            text = t("How long after they get there? Choose, or send for example “30 min” or “2 days”.")
            choices = [0, 60, 1_800, 3_600, 86_400, 259_200]
            quick = [
                Button(delay(t, seconds), action=f"triggers:delay:{where}:{seconds}") for seconds in choices
            ]
            return page(text, quick[:3], quick[3:], back)
