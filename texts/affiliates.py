"""Wording about affiliates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import urlencode

from domain.actor import Translator
from domain.affiliates import Counts, Ranked
from domain.bots import Bot
from domain.commissions import Account
from domain.memberships import Settings
from domain.money import Money
from domain.page import Button, Page, page
from texts import payouts
from texts.errors import REASONS
from texts.markup import bold, code, esc, plain, shorten
from texts.pager import pager

REASONS |= {
    "affiliate_id": lambda t, e: t(
        "An id begins with a letter and has 3 to 12 letters and digits, nothing else. Please send another."
    ),
    "affiliate_taken": lambda t, e: t("Somebody has this id already. Please send another one."),
    "affiliate_self": lambda t, e: t("This is your own link. Share it with friends: it counts for you then."),
    "affiliates_off": lambda t, e: t("Inviting friends is switched off here. Ask the owner about it."),
}


class LinkLike(Protocol):
    """A member's link with what came of it."""

    @property
    def affiliate_id(self) -> str: ...

    @property
    def link(self) -> str: ...

    @property
    def counts(self) -> Counts: ...

    @property
    def accounts(self) -> Sequence[Account]: ...

    @property
    def credit(self) -> Sequence[Money]: ...

    @property
    def minimum(self) -> Mapping[str, int]: ...


def mine(t: Translator, bot: Bot, shown: LinkLike) -> Page:
    """A member's own link."""
    counts = shown.counts
    lines = [
        t("Invite friends to {bot} with your link:", bot=bold(bot.name)),
        code(shown.link),
        "",
        t("Clicks: {n}", n=counts.clicks),
        t("Invited: {n}", n=counts.invited),
        t("Became members: {n}", n=counts.members),
    ]
    if earned := payouts.figures(t, shown.accounts, shown.credit):
        lines += ["", *earned]
    words = t("Come and see {bot}!", bot=plain(bot.name))
    share = "https://t.me/share/url?" + urlencode({"url": shown.link, "text": words})
    return page(
        "\n".join(lines),
        [Button(t("📣 Share"), url=share), Button(t("📋 Copy"), copy=shown.link)],
        [Button(t("✏️ Choose my own id"), action="affiliates:ask")],
        *payouts.ways_out(t, shown.accounts, shown.minimum),
    )


def money(
    t: Translator, accounts: Sequence[Account], credit: Sequence[Money], minimum: Mapping[str, int]
) -> Page:
    """What a member earned before inviting friends was switched off."""
    lines = [t("Inviting friends is switched off here. What you earned stays yours:"), ""]
    lines += payouts.figures(t, accounts, credit)
    return page("\n".join(lines), *payouts.ways_out(t, accounts, minimum))


def ask_id(t: Translator) -> Page:
    """Ask for an id of one's own."""
    text = t(
        "Send the id you would like: a letter first, 3 to 12 letters and digits. Links with your present id "
        "stop counting for you."
    )
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def top(t: Translator, found: Sequence[Ranked], number: int, more: bool, rules: Settings) -> Page:
    """One page of the affiliates, for the owner."""
    lines = [bold(t("Affiliates"))]
    if not rules.affiliates:
        lines.append(t("Switched off: links count nothing, and nobody gets one."))
    if found:
        lines += [t("clicks / people / invited / members"), ""]
    elif number == 0:
        lines.append(t("Nobody has asked for a link yet. Members get one with /affiliate."))
    for place, one in enumerate(found, start=number * 10 + 1):
        c = one.counts
        numbers = f"{c.clicks} / {c.visitors} / {c.invited} / {c.members}"
        lines.append(f"{place}. {esc(shorten(one.name, 40))} · {code(one.affiliate_id)} · {numbers}")
    rows = [pager("affiliates:list", number, more)]
    if found:
        rows.append([Button(t("📄 CSV document"), action="affiliates:export")])
    terms = Button(t("💰 Commissions"), action="commissions:panel")
    rows.append([terms, Button(t("💸 Payouts"), action="payouts:list:0")])
    switch = t("⏸ Switch off") if rules.affiliates else t("▶️ Switch on")
    rows.append([Button(switch, action=f"affiliates:turn:{int(not rules.affiliates)}")])
    if rules.first_link_wins:
        winner = Button(t("Who used several links: the first counts"), action="affiliates:first:0")
    else:
        winner = Button(t("Who used several links: the last counts"), action="affiliates:first:1")
    return page("\n".join(lines), *rows, [winner])


def exported(t: Translator, count: int) -> Page:
    """The caption of the CSV document."""
    return page(t.plural("{n} affiliate", "{n} affiliates", count))
