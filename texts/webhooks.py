"""Wording about webhooks, for the owner of a bot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from domain.actor import Translator
from domain.bots import Bot
from domain.page import Button, Page, page
from domain.webhooks import Attempt, Delivery, State, Webhook, Why
from texts.deliveries import mark, outcome, tries
from texts.errors import REASONS
from texts.formats import moment
from texts.markup import bold, code, esc, plain, shorten
from texts.pager import pager
from texts.urls import no_answer

_SHOWN_URL = 300  # characters

REASONS |= {
    "webhooks_full": lambda t, e: t(
        "A bot can have {most} webhooks at most. Remove one with /webhooks first.", most=e.details["most"]
    ),
    "webhook_no_200": lambda t, e: t(
        "I sent a test there, and the answer was {status} instead of 200. Let the address answer POST "
        "requests with 200, then send it again.",
        status=e.details["status"],
    ),
    "webhook_no_answer": lambda t, e: t(
        "I sent a test there, and it did not work: {why}. Please check the address and send it again.",
        why=no_answer(t, str(e.details["why"])),
    ),
    "webhook_off": lambda t, e: t(
        "This webhook is switched off. Switch it on again first: send /webhooks and choose it."
    ),
    "no_webhook": lambda t, e: t("This webhook is not there any more. Send /webhooks to see the others."),
    "no_delivery": lambda t, e: t("This delivery is not there any more. Send /webhooks to see what is kept."),
}


class PanelLike(Protocol):
    """A webhook, and how many deliveries to it were given up."""

    @property
    def webhook(self) -> Webhook: ...

    @property
    def dead(self) -> int: ...


class LogLike(Protocol):
    """A page of what was sent."""

    @property
    def webhook(self) -> Webhook: ...

    @property
    def deliveries(self) -> Sequence[Delivery]: ...

    @property
    def page(self) -> int: ...

    @property
    def more(self) -> bool: ...


class SentLike(Protocol):
    """One delivery with its last attempts."""

    @property
    def delivery(self) -> Delivery: ...

    @property
    def attempts(self) -> Sequence[Attempt]: ...


def _host(url: str) -> str:
    return shorten(plain(urlsplit(url).netloc), 40)


def _state(t: Translator, webhook: Webhook) -> str:
    if webhook.enabled:
        if webhook.failing_since is None:
            return t("✅ works")
        return t("⚠️ nothing arrives since {moment}", moment=moment(t, webhook.failing_since))
    if webhook.why_disabled is Why.GONE:
        return t("⛔️ switched off: it answered that it is gone (410)")
    return t("⛔️ switched off: nothing arrived for five days")


def _cancel(t: Translator) -> list[Button]:
    return [Button(t("Cancel"), action="start:cancel")]


def listing(t: Translator, webhooks: Sequence[Webhook]) -> Page:
    """The webhooks of a bot."""
    add = [Button(t("➕ New webhook"), action="webhooks:add")]
    if not webhooks:
        text = t(
            "A webhook tells a program of yours what happens here: payments, memberships, who joins and "
            "who leaves. Give me an address, and I send every event there, signed."
        )
        return page(text, add)
    lines = [t("Events of this bot are sent to:"), ""]
    rows = []
    for one in webhooks:
        lines += [code(shorten(one.url, _SHOWN_URL)), _state(t, one), ""]
        rows.append([Button(_host(one.url), action=f"webhooks:open:{one.id}")])
    return page("\n".join(lines).rstrip(), *rows, add)


def ask_url(t: Translator) -> Page:
    """Where events shall be sent."""
    text = t(
        "Send me the address, as in https://example.org/hook\n\nI try it at once: it has to answer a POST "
        "request with 200."
    )
    return page(text, _cancel(t))


def registered(t: Translator, webhook: Webhook, secret: str) -> Page:
    """A webhook, with the secret it is signed with."""
    lines = [
        t("✅ Events are sent to {url}", url=code(shorten(webhook.url, _SHOWN_URL))),
        "",
        t("They are signed with this secret (Standard Webhooks), so your program knows them from others:"),
        code(secret),
        "",
        t("Keep it where your program finds it and nobody else does, and delete this message."),
    ]
    return page("\n".join(lines), [Button(t("‹ Webhooks"), action="webhooks:list")])


def panel(t: Translator, shown: PanelLike) -> Page:
    """One webhook."""
    one = shown.webhook
    lines = [code(shorten(one.url, _SHOWN_URL)), _state(t, one)]
    if shown.dead:
        lines += ["", t.plural("{n} delivery was given up.", "{n} deliveries were given up.", shown.dead)]
    rows = [[Button(t("📜 Deliveries"), action=f"webhooks:log:{one.id}:0")]]
    if one.enabled:
        rows.append([Button(t("🧪 Send a test"), action=f"webhooks:test:{one.id}")])
        if shown.dead:
            rows.append([Button(t("🔁 Send them again"), action=f"webhooks:failed:{one.id}")])
    else:
        rows.append([Button(t("▶️ Switch on again"), action=f"webhooks:enable:{one.id}")])
    rows += [
        [
            Button(t("🔑 New secret"), action=f"webhooks:ask_rotate:{one.id}"),
            Button(t("🗑 Remove"), action=f"webhooks:ask_drop:{one.id}"),
        ],
        [Button(t("‹ Back"), action="webhooks:list")],
    ]
    return page("\n".join(lines), *rows)


def ask_rotate(t: Translator, shown: PanelLike) -> Page:
    """Make a new secret?"""
    text = t(
        "A new secret for {url}? For a day, the old one signs, too: time enough to change your program.",
        url=code(shorten(shown.webhook.url, _SHOWN_URL)),
    )
    return page(text, *_sure(t, t("🔑 Yes, a new secret"), "rotate", shown.webhook.id))


def rotated(t: Translator, secret: str, until: datetime) -> Page:
    """A new secret."""
    lines = [
        t("The new secret:"),
        code(secret),
        "",
        t("Until {moment}, the old one signs, too.", moment=moment(t, until)),
        t("Put it into your program, and delete this message."),
    ]
    return page("\n".join(lines))


def ask_drop(t: Translator, shown: PanelLike) -> Page:
    """Remove a webhook?"""
    text = t(
        "Remove {url}? Nothing is sent there any more, and the list of deliveries goes, too.",
        url=code(shorten(shown.webhook.url, _SHOWN_URL)),
    )
    return page(text, *_sure(t, t("🗑 Yes, remove it"), "drop", shown.webhook.id))


def _sure(t: Translator, yes: str, verb: str, webhook_id: int) -> list[list[Button]]:
    return [
        [Button(yes, action=f"webhooks:{verb}:{webhook_id}")],
        [Button(t("‹ Back"), action=f"webhooks:open:{webhook_id}")],
    ]


def _outcome(t: Translator, one: Delivery) -> str:
    return outcome(t, one.state, one.status, one.error)


def log(t: Translator, shown: LogLike) -> Page:
    """What was sent to a webhook, the newest first."""
    at = f"webhooks:log:{shown.webhook.id}"
    bottom = [
        Button(t("🔄 Refresh"), action=f"{at}:{shown.page}"),
        Button(t("‹ Back"), action=f"webhooks:open:{shown.webhook.id}"),
    ]
    lines = [code(shorten(shown.webhook.url, _SHOWN_URL)), ""]
    if not shown.deliveries:
        lines.append(t("Nothing was sent yet."))
    rows = []
    for one in shown.deliveries:
        lines.append(f"{_outcome(t, one)} · {esc(one.kind)} · {moment(t, one.created_at)}")
        rows.append(Button(f"{mark(one.state)} {one.kind}", action=f"webhooks:delivery:{one.id}"))
    paired = [rows[index : index + 2] for index in range(0, len(rows), 2)]
    return page("\n".join(lines), *paired, pager(at, shown.page, shown.more), bottom)


def delivery(t: Translator, shown: SentLike) -> Page:
    """One delivery with its attempts."""
    one = shown.delivery
    lines = [bold(one.kind), code(one.event_id), _outcome(t, one)]
    if one.state is State.WAITING and shown.attempts:
        lines.append(t("Next attempt: {moment}", moment=moment(t, one.due_at)))
    lines += tries(t, shown.attempts)
    return page(
        "\n".join(lines),
        [Button(t("🔁 Send again"), action=f"webhooks:again:{one.id}")],
        [Button(t("‹ Back"), action=f"webhooks:log:{one.webhook_id}:0")],
    )


def switched_off(t: Translator, bot: Bot, url: str, why: Why) -> Page:
    """To the owner: a webhook gets nothing any more."""
    shown = code(shorten(url, _SHOWN_URL))
    if why is Why.GONE:
        text = t(
            "I have switched off the webhook {url} of @{bot}: it answered that it is gone (410).",
            url=shown, bot=esc(bot.username),
        )  # fmt: skip
    else:
        text = t(
            "I have switched off the webhook {url} of @{bot}: nothing arrived there for five days.",
            url=shown, bot=esc(bot.username),
        )  # fmt: skip
    then = t(
        "What could not be delivered is kept. Send /webhooks to @{bot} to switch it on again.",
        bot=esc(bot.username),
    )
    return page(text + "\n\n" + then)
