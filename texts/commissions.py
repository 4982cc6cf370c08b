"""Wording about the terms of commissions, for the owner."""

from __future__ import annotations

from domain.actor import Translator
from domain.commissions import MOST_LEVELS, Level, Terms
from domain.coupons import plain_decimal
from domain.money import Money
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.formats import price
from texts.markup import bold, code, esc

_HOLDS = (0, 7, 14, 30)  # days

REASONS |= {
    "commission": lambda t, e: t(
        "Send one or two numbers from 0 to 100, for example “20 10”: percent of the first order, then of "
        "later ones. All levels together get at most 100 percent."
    ),
    "commission_hold": lambda t, e: t("Commissions are held 0 to 365 days. Please choose again."),
    "no_level": lambda t, e: t("There is no such level. Open /affiliates again to see which there are."),
}


def _percent(t: Translator, level: Level) -> str:
    return t(
        "{first}% of first orders, {renewal}% of later ones",
        first=plain_decimal(level.first),
        renewal=plain_decimal(level.renewal),
    )


def panel(t: Translator, terms: Terms) -> Page:
    """What affiliates get."""
    lines = [bold(t("Commissions")), ""]
    if not terms.levels:
        lines.append(
            t("Affiliates earn nothing so far. Tap ➕ to give them a share of what their friends pay.")
        )
    for number, level in enumerate(terms.levels, start=1):
        who = t("Who brought the payer") if number == 1 else t("Level {n}", n=number)
        lines.append(f"{who}: {_percent(t, level)}")
    if terms.levels:
        held = t.plural("{n} day", "{n} days", terms.hold_days)
        lines += [
            "",
            t("A commission is held for {days}, and taken back when the payment is refunded.", days=held),
            t("Smallest payout: {amounts}. Less than that adds up.", amounts=_least(t, terms)),
            t(
                "What is due they ask for with /affiliate, and you pay it with /payouts, or they take it as "
                "credit."
            ),
        ]
    rows = [
        [Button(t("✏️ Level {n}", n=number), action=f"commissions:level:{number}")]
        for number in range(1, len(terms.levels) + 1)
    ]
    more = []
    if len(terms.levels) < MOST_LEVELS:
        more.append(Button(t("➕ Level"), action=f"commissions:level:{len(terms.levels) + 1}"))
    if terms.levels:
        more.append(Button(t("➖ Last level"), action="commissions:less"))
    holds = [
        Button(("✅ " if days == terms.hold_days else "") + str(days), action=f"commissions:hold:{days}")
        for days in _HOLDS
    ]
    least = [Button(t("✏️ Smallest payout"), action="commissions:minimum")]
    back = [Button(t("‹ Back"), action="affiliates:list:0")]
    if not terms.levels:
        return page("\n".join(lines), more, back)
    lines += ["", t("The row of numbers: days on hold.")]
    return page("\n".join(lines), *rows, more, holds, least, back)


def _least(t: Translator, terms: Terms) -> str:
    found = [Money(minor, code_) for code_, minor in sorted(terms.minimum.items())]
    return ", ".join(esc(price(t, one)) for one in found) or t("none")


def ask_level(t: Translator, terms: Terms, level: int) -> Page:
    """Ask for a level's share."""
    lines = [
        t("What percent of the first order, and what percent of later ones? Send for example “20 10”."),
    ]
    if level > 1:
        lines.append(t("Level {n} is who brought level {below}.", n=level, below=level - 1))
    if level <= len(terms.levels):
        now = terms.levels[level - 1]
        value = f"{plain_decimal(now.first)} {plain_decimal(now.renewal)}"
        lines += ["", t("Now: {value}", value=code(value))]
    return page("\n".join(lines), [Button(t("Cancel"), action="start:cancel")])


def ask_minimum(t: Translator, terms: Terms) -> Page:
    """Ask for the smallest payout."""
    lines = [
        t("From what amount on do you make payouts? Send for example “10 USD”; “0 USD” for any amount."),
        t("Each currency has its own."),
        "",
        t("Now: {value}", value=_least(t, terms)),
    ]
    return page("\n".join(lines), [Button(t("Cancel"), action="start:cancel")])
