"""Wording about credit."""

from __future__ import annotations

from collections.abc import Sequence

from domain.actor import Translator
from domain.bots import Bot
from domain.money import Money
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.formats import price
from texts.markup import bold, esc, shorten
from texts.payouts import amounts

REASONS |= {
    "credit_less": lambda t, e: t("They have less credit than that. Send a smaller amount."),
    "credit_nothing": lambda t, e: t("Send an amount with its currency, for example “10 USD”."),
}


def line(t: Translator, held: Sequence[Money]) -> str:
    """What somebody has."""
    return t("💳 Credit for plans: {amounts}", amounts=amounts(t, held))


def ask(t: Translator, name: str, held: Sequence[Money]) -> Page:
    """Ask the owner how much to give."""
    text = t(
        "How much credit do you give {name}? Send for example “10 USD”; “-10 USD” takes it back. Plans of "
        "that currency can be paid with it.",
        name=bold(shorten(name, 60)),
    )
    return page(f"{text}\n\n{line(t, held)}", [Button(t("Cancel"), action="start:cancel")])


def done(t: Translator, name: str, member_id: int, amount: Money, held: Sequence[Money]) -> Page:
    """Tells the owner that it is given, or taken back."""
    back = [Button(t("‹ Back"), action=f"subscribers:open:{member_id}")]
    if amount.minor < 0:
        taken = Money(-amount.minor, amount.currency)
        first = t("✅ You took {amount} back from {name}.", amount=bold(price(t, taken)), name=bold(name))
    else:
        first = t("✅ {name} has {amount} more.", amount=bold(price(t, amount)), name=bold(name))
    return page(f"{first}\n{line(t, held)}", back)


def given(t: Translator, bot: Bot, amount: Money, held: Sequence[Money]) -> Page:
    """Tells the member."""
    if amount.minor < 0:
        taken = Money(-amount.minor, amount.currency)
        first = t("The owner of {bot} has taken {amount} of your credit back.",
                  bot=esc(bot.name), amount=bold(price(t, taken)))  # fmt: skip
    else:
        first = t("🎁 The owner of {bot} gives you {amount} of credit. Pay plans with it.",
                  bot=bold(bot.name), amount=bold(price(t, amount)))  # fmt: skip
    return page(f"{first}\n{line(t, held)}", [Button(t("Plans"), action="plans:list")])
