"""Wording about writing a broadcast: whom it is for, what it says, its button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.actor import Translator
from domain.broadcasts import Broadcast, BroadcastStatus, Shown, statuses_of
from domain.campaigns import Campaign
from domain.leads import LeadStatus
from domain.page import Button, Page, page
from texts.broadcasts import title, whom
from texts.errors import REASONS
from texts.leads import ICONS, status_name
from texts.markup import bold, plain, shorten
from texts.pager import pager

REASONS["button_form"] = lambda t, e: t(
    "Send the words on the button and its address on the next line, for example:\nOpen\nhttps://example.com"
)


class ScopeLike(Protocol):
    """The campaigns a broadcast may be for."""

    @property
    def broadcast(self) -> Broadcast: ...
    @property
    def campaigns(self) -> Sequence[Campaign]: ...
    @property
    def number(self) -> int: ...
    @property
    def more(self) -> bool: ...


def audience(t: Translator, shown: Shown) -> Page:
    """Whom a broadcast is for, to be changed."""
    one = shown.broadcast
    lines = [bold(title(t, one)), t("Whom do you write to? Tap to choose, several are possible."), ""]
    lines += whom(t, one)
    if shown.audience is not None:
        lines += ["", t.plural("👥 Now {n} person.", "👥 Now {n} people.", shown.audience)]
    chosen = statuses_of(one.audience.statuses)
    toggles = [
        [Button(_mark(status in chosen, f"{ICONS[status]} {status_name(t, status)}"),
                action=f"newbroadcast:status:{one.id}:{int(status)}")]
        for status in LeadStatus
    ]  # fmt: skip
    onward = (
        [Button(t("Next ›"), action=f"newbroadcast:body:{one.id}")]
        if _is_new(one)
        else [Button(t("‹ Back"), action=f"broadcasts:open:{one.id}")]
    )
    return page(
        "\n".join(lines),
        *toggles,
        [Button(t("📣 Campaigns"), action=f"newbroadcast:scope:{one.id}:0"),
         Button(t("📅 Dates"), action=f"newbroadcast:dates:{one.id}")],
        onward,
        [Button(t("Cancel"), action=f"broadcasts:drop:{one.id}")] if _is_new(one) else [],
    )  # fmt: skip


def _is_new(one: Broadcast) -> bool:
    """A draft that says nothing yet: to leave it is to drop it."""
    return one.status is BroadcastStatus.DRAFT and not one.creative.text and not one.creative.media


def _mark(chosen: bool, label: str) -> str:
    return f"☑️ {label}" if chosen else f"⬜ {label}"


def scope(t: Translator, shown: ScopeLike) -> Page:
    """The campaigns whose leads it is for."""
    one, number = shown.broadcast, shown.number
    chosen = set(one.audience.campaigns)
    rows = [
        [Button(_mark(each.id in chosen, shorten(plain(each.name), 40)),
                action=f"newbroadcast:campaign:{one.id}:{each.id}:{number}")]
        for each in shown.campaigns
    ]  # fmt: skip
    every = Button(_mark(not chosen, t("All campaigns")), action=f"newbroadcast:campaign:{one.id}:0:{number}")
    text = t("Whose leads do you write to? Tap to choose, several are possible.")
    return page(
        text,
        [every],
        *rows,
        pager(f"newbroadcast:scope:{one.id}", number, shown.more),
        [Button(t("‹ Back"), action=f"newbroadcast:audience:{one.id}")],
    )


def dates(t: Translator, broadcast_id: int) -> Page:
    """Since when they must have come, or stand where they stand."""
    came = [
        ("last7", t("Came in the last 7 days")), ("last30", t("Came in the last 30 days")),
        ("before7", t("Came more than 7 days ago")), ("before30", t("Came more than 30 days ago")),
        ("any", t("Came at any time")),
    ]  # fmt: skip
    stands = [
        ("last1", t("Status changed in the last 24 hours")),
        ("last7", t("Status changed in the last 7 days")),
        ("before7", t("Status unchanged for 7 days")),
        ("before30", t("Status unchanged for 30 days")),
        ("any", t("Status changed at any time")),
    ]
    rows = [
        [Button(label, action=f"newbroadcast:date:{broadcast_id}:{which}:{preset}")]
        for which, choices in (("created", came), ("status", stands))
        for preset, label in choices
    ]
    back = [Button(t("‹ Back"), action=f"newbroadcast:audience:{broadcast_id}")]
    return page(t("When did they come, or get to where they are?"), *rows, back)


def ask(t: Translator, what: str, one: Broadcast) -> Page:
    """Ask for a part of it."""
    back = [Button(t("‹ Back"), action=f"broadcasts:open:{one.id}")]
    cancel = [Button(t("Cancel"), action=f"broadcasts:drop:{one.id}")] if _is_new(one) else []
    match what:
        case "body":
            lines = [t("Now send me the message as it is to be: a text, a photo or a video with a caption. "
                       "Formatting stays."),
                     t("Placeholders are filled in for each reader: {first_name}, {title}, {click}.",
                       first_name="{first_name}", title="{title}", click="{click}")]  # fmt: skip
            return page("\n".join(lines), cancel or back)
        case "button":
            text = t("A button below it? Send its words and, on the next line, its address. For example:\n\n"
                     "Open\nhttps://example.com/?click={click}", click="{click}")  # fmt: skip
            return page(text, [Button(t("No button"), action=f"newbroadcast:no_button:{one.id}")], back)
        case _:
            text = t("What do you call it? Only you see this. Send up to 128 characters.")
            return page(text, back)
