"""Wording about broadcasts: their panels and lists, and the way to have no more of them."""

from __future__ import annotations

from collections.abc import Sequence

from domain.actor import Translator
from domain.broadcasts import Broadcast, BroadcastStatus, FollowUp, Shown, statuses_of
from domain.creatives import Creative, MediaType
from domain.page import Button, Page, page
from texts.broadcast_rows import rows
from texts.errors import REASONS
from texts.formats import moment
from texts.leads import ICONS, status_name
from texts.markup import bold, code, esc, plain, shorten
from texts.pager import pager

REASONS |= {
    "broadcast_state": lambda t, e: t(
        "That is not possible now: the broadcast is somewhere else by now. Open it with /broadcasts."
    ),
    "nothing_to_send": lambda t, e: t(
        "There is nothing to send yet. First send me a text, a photo or a video."
    ),
    "no_preview": lambda t, e: t("Start the service bot first: only then may it write to you."),
    "broadcast_name": lambda t, e: t("A name has up to {limit} characters. Please send a shorter one.",
                                     limit=e.details.get("limit")),
    "no_broadcast": lambda t, e: t(
        "This broadcast is not there any more. Send /broadcasts to see the others."
    ),
    "no_media": lambda t, e: t("I do not have this picture or video any more. Send it again."),
    "media_kind": lambda t, e: t(
        "Send a photo ({photos}) or a video ({videos}).", photos="JPEG, PNG, WebP", videos="MP4"
    ),
    "media_big": lambda t, e: t("This file is too big: {limit} MB at most. Send a smaller one.",
                                limit=e.details.get("limit")),
    "media_gone": lambda t, e: t("Telegram does not give me this file any more. Please send it again."),
}  # fmt: skip
_BAR = 10  # signs


def title(t: Translator, one: Broadcast) -> str:
    """A broadcast's name, or its number. Not escaped."""
    return plain(one.name) or t("Broadcast {id}", id=one.id)


def state(t: Translator, status: BroadcastStatus) -> str:
    """Where a broadcast is."""
    match status:
        case BroadcastStatus.DRAFT:
            return t("📝 Draft")
        case BroadcastStatus.RUNNING:
            return t("📤 Going out")
        case BroadcastStatus.DONE:
            return t("✅ Done")
        case BroadcastStatus.CANCELLED:
            return t("⏹ Stopped")
        case _:
            return t("⏸ Paused")


def listing(t: Translator, found: Sequence[Shown], number: int, more: bool) -> Page:
    """A page of the owner's broadcasts."""
    new = [Button(t("➕ New broadcast"), action="newbroadcast:begin")]
    if not found and number == 0:
        return page(t("You have no broadcasts yet. A broadcast writes to many of your leads at once:"), new)
    lines = [t("Your broadcasts, the newest first. Tap one to open it."), ""]
    rows = []
    for shown in found:
        one, counts = shown.broadcast, shown.counts
        name = shorten(title(t, one), 40)
        figures = f" · {counts.sent}/{counts.total}" if counts.total else ""
        lines.append(f"{state(t, one.status)} · {esc(name)}{figures}")
        rows.append([Button(name, action=f"broadcasts:open:{one.id}")])
    return page("\n".join(lines), *rows, pager("broadcasts:list", number, more), new)


def length(t: Translator, seconds: int) -> str:
    """About how long something takes."""
    if seconds < 60:
        return t("less than a minute")
    if seconds < 3600:
        return t.plural("about {n} minute", "about {n} minutes", -(-seconds // 60))
    return t.plural("about {n} hour", "about {n} hours", -(-seconds // 3600))


def bar(done: int, total: int) -> str:
    """How much of something is done."""
    full = _BAR * done // total if total else 0
    return "▰" * full + "▱" * (_BAR - full)


def panel(t: Translator, shown: Shown) -> Page:
    """One broadcast, for its owner: what it is, how far it is, and what can be done."""
    one = shown.broadcast
    lines = [bold(title(t, one)), state(t, one.status)]
    if one.status in (BroadcastStatus.RUNNING, BroadcastStatus.PAUSED):
        lines += ["", *_progress(t, shown)]
    else:
        lines += ["", *whom(t, one), *body(t, one.creative), *_forecast(t, shown)]
        if shown.counts.total:
            lines += ["", *_figures(t, shown)]
    if shown.counts.unknown:
        lines += ["", t.plural(
            "❓ {n} message may have arrived or not: the line broke while it was sent. It is not sent again "
            "by itself.",
            "❓ {n} messages may have arrived or not: the line broke while they were sent. They are not sent "
            "again by themselves.",
            shown.counts.unknown,
        )]  # fmt: skip
    return page("\n".join(lines), *rows(t, shown))


def whom(t: Translator, one: Broadcast) -> list[str]:
    """Whom a broadcast is for, line by line."""
    audience = one.audience
    names = [f"{ICONS[status]} {status_name(t, status)}" for status in statuses_of(audience.statuses)]
    statuses = ", ".join(names) if names else t("nobody yet")
    lines = [t("For: {statuses}", statuses=esc(statuses))]
    if audience.campaigns:
        number = len(audience.campaigns)
        lines.append(t.plural("Of {n} campaign", "Of {n} campaigns", number))
    return [*lines, *_dates(t, one)]


def _dates(t: Translator, one: Broadcast) -> list[str]:
    said, lines = one.audience, []
    if said.created_from is not None:
        lines.append(t("Came since {moment}", moment=moment(t, said.created_from)))
    if said.created_to is not None:
        lines.append(t("Came before {moment}", moment=moment(t, said.created_to)))
    if said.status_from is not None:
        lines.append(t("Status changed since {moment}", moment=moment(t, said.status_from)))
    if said.status_to is not None:
        lines.append(t("Status unchanged since {moment}", moment=moment(t, said.status_to)))
    return lines


def body(t: Translator, creative: Creative) -> list[str]:
    """What a message says, in short."""
    lines = []
    if creative.media_type is MediaType.PHOTO:
        lines.append(t("🖼 With a photo"))
    if creative.media_type is MediaType.VIDEO:
        lines.append(t("🎞 With a video"))
    text = shorten(plain(creative.text), 200)
    if text:
        lines.append(t("Text: {text}", text=code(text)))
    elif not creative.media:
        lines.append(t("It says nothing yet."))
    if creative.button:
        link = shorten(plain(creative.link), 100) or "—"
        lines.append(t("Button: {button} → {link}", button=esc(creative.button), link=code(link)))
    return lines


def _forecast(t: Translator, shown: Shown) -> list[str]:
    """How many it would go to, how long it takes, and what it costs at most."""
    if not shown.remaining:
        return [t("There is nobody to write to now.")] if not shown.counts.total else []
    outlook, paid = shown.outlook, shown.broadcast.paid
    takes = length(t, outlook.seconds(paid))
    lines = ["", t.plural("It would go to {n} person, in {time}.", "It would go to {n} people, in {time}.",
                          shown.remaining, time=takes)]  # fmt: skip
    if outlook.cap:
        lines.append(t("Today you have sent {used} of {cap} messages.", used=outlook.used, cap=outlook.cap))
    if paid:
        lines.append(
            t(
                "⚡ Paid: up to 1000 a second, for ⭐ {stars} of the bot's Stars at most. Telegram lets only "
                "bots with 100000 Stars and as many users a month do it.",
                stars=outlook.stars,
            )
        )
    return lines


def _progress(t: Translator, shown: Shown) -> list[str]:
    one, counts, outlook = shown.broadcast, shown.counts, shown.outlook
    done = counts.total - counts.queued
    lines = [f"{bar(done, counts.total)} {100 * done // counts.total if counts.total else 0}%"]
    lines += _figures(t, shown)
    if one.reason:
        lines += ["", t("It has paused by itself. Telegram says: {words}", words=code(one.reason)),
                  t("Send another message with “✏️ Message”, look at it, and resume.")]  # fmt: skip
    elif outlook.capped:
        lines.append(t("Today's {cap} messages are sent. It goes on at 00:00 UTC.", cap=outlook.cap))
    elif one.status is BroadcastStatus.RUNNING:
        lines.append(t("Time left: {time}", time=length(t, outlook.seconds(one.paid))))
    return lines


def _figures(t: Translator, shown: Shown) -> list[str]:
    counts = shown.counts
    lines = [t("Sent: {n}", n=counts.sent)]
    if counts.queued:
        lines.append(t("Left: {n}", n=counts.queued))
    if counts.failed:
        lines.append(t("Failed: {n}", n=counts.failed))
    if counts.skipped:
        lines.append(t("Skipped: {n} (unsubscribed, or the bot is blocked)", n=counts.skipped))
    return lines


def ask_sure(t: Translator, what: str, shown: Shown) -> Page:
    """Ask whether the owner means it."""
    one, sent = shown.broadcast, shown.counts.sent
    match what:
        case "drop":
            text = t(
                "Delete {name}, with all that is known of whom it has reached?", name=bold(title(t, one))
            )
            yes = t("Yes, delete")
        case "reset":
            text = t("Begin anew? It becomes a draft that has reached nobody: the next start writes to "
                     "all of its people again.")  # fmt: skip
            yes = t("Yes, begin anew")
        case "recall":
            text = t.plural("Delete the {n} message that was sent? Telegram lets bots delete what is "
                            "younger than 48 hours.",
                            "Delete the {n} messages that were sent? Telegram lets bots delete what is "
                            "younger than 48 hours.", sent)  # fmt: skip
            yes = t("Yes, take it back")
        case _:
            text = t.plural(
                "Change the {n} message that was sent to what the broadcast says now?",
                "Change the {n} messages that were sent to what the broadcast says now?",
                sent,
            )
            yes = t("Yes, change it")
    return page(
        text,
        [Button(yes, action=f"broadcasts:{what}:{one.id}")],
        [Button(t("‹ Back"), action=f"broadcasts:open:{one.id}")],
    )


def nobody_new(t: Translator, one: Broadcast) -> Page:
    """A start that found nobody."""
    text = t("There is nobody new to write to: {name} stays as it is. Choose another audience, or wait for "
             "more leads.", name=bold(title(t, one)))  # fmt: skip
    return page(text)


def deleted(t: Translator, one: Broadcast) -> Page:
    """It is gone."""
    text = t("🗑 {name} is deleted.", name=bold(title(t, one)))
    return page(text, [Button(t("‹ Back"), action="broadcasts:list:0")])


def following_up(t: Translator, what: FollowUp, number: int) -> Page:
    """Messages that were sent are being changed or deleted."""
    if what is FollowUp.EDIT:
        return page(t.plural("✍️ {n} message is being changed.", "✍️ {n} messages are being changed.", number))
    return page(
        t.plural("↩️ {n} message is being taken back.", "↩️ {n} messages are being taken back.", number)
    )


def only_media(t: Translator) -> str:
    """Instead of a picture, in a preview that has none."""
    return t("🖼 Here your picture or video would be.")


def unsubscribed(t: Translator, about: str, campaign_id: int) -> Page:
    """Somebody wants no more of these messages."""
    text = t("🔕 You get no more of these messages about {chat}.", chat=bold(about))
    return page(text, [Button(t("Undo"), action=f"broadcasts:on:{campaign_id}")])


def subscribed(t: Translator, about: str) -> Page:
    """He has changed his mind."""
    return page(t("🔔 You get messages about {chat} again.", chat=bold(about)))
