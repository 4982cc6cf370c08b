"""Wording about what affiliates earn and are paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from domain.actor import Translator
from domain.bots import Bot
from domain.commissions import Account, How, Payout, State
from domain.money import Money
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.formats import moment, price
from texts.markup import bold, code, esc, mention, plain, shorten
from texts.pager import pager

REASONS |= {
    "payout_open": lambda t, e: t(
        "You have asked for a payout already. The owner answers it first; what you earn meanwhile waits for "
        "the next one."
    ),
    "payout_nothing": lambda t, e: t(
        "There is nothing to pay out yet. Send /affiliate to see what is on hold, and until when."
    ),
    "payout_minimum": lambda t, e: t(
        "A payout begins at {minimum}. Until then it adds up; nothing is lost.",
        minimum=price(t, _money(e.details.get("minimum"))),
    ),
    "payout_settled": lambda t, e: t("This request is settled already. Send /payouts to see the others."),
    "payout_changed": lambda t, e: t(
        "The amount is another one by now, because a payment was refunded. Open the request again before you "
        "pay it."
    ),
    "payout_reason": lambda t, e: t("Send the reason in 1 to 200 characters, please."),
    "no_payout": lambda t, e: t("This payout is not there any more. Send /payouts to see the others."),
}


def _money(value: object) -> Money:
    return value if isinstance(value, Money) else Money(0, "USD")


def amounts(t: Translator, money: Iterable[Money]) -> str:
    """Several amounts, those of nothing left out; "0" when nothing is left."""
    return ", ".join(esc(price(t, one)) for one in money if one.minor) or "0"


def figures(t: Translator, accounts: Sequence[Account], credit: Sequence[Money]) -> list[str]:
    """An affiliate's money, line by line; nothing where he never earned any."""

    def each(attribute: str) -> list[Money]:
        return [Money(max(getattr(one, attribute), 0), one.currency) for one in accounts]

    lines = []
    if accounts:
        lines.append(t("💰 Earned: {amounts}", amounts=amounts(t, each("earned"))))
    for words, attribute in (
        (t("On hold, while it can still be refunded: {amounts}"), "held"),
        (t("Ready for you: {amounts}"), "due"),
        (t("Asked for: {amounts}"), "requested"),
        (t("Paid out: {amounts}"), "paid"),
    ):
        if any(one.minor for one in each(attribute)):
            lines.append(words.replace("{amounts}", amounts(t, each(attribute))))
    debts = [Money(-one.due, one.currency) for one in accounts if one.due < 0]
    if debts:
        lines.append(
            t("Paid out before a refund: {amounts}. What you earn next makes up for it.",
              amounts=amounts(t, debts))
        )  # fmt: skip
    if credit:
        lines.append(t("💳 Credit for plans: {amounts}", amounts=amounts(t, credit)))
    return lines


def ways_out(t: Translator, accounts: Sequence[Account], minimum: Mapping[str, int]) -> list[list[Button]]:
    """Buttons for what is due, a row per currency."""
    rows = []
    for one in accounts:
        if one.due <= 0:
            continue
        due = price(t, Money(one.due, one.currency))
        row = [Button(t("💳 {amount} as credit", amount=due), action=f"payouts:credit:{one.currency}")]
        if not one.requested and one.due >= minimum.get(one.currency, 0):
            ask = Button(t("💸 Ask for {amount}", amount=due), action=f"payouts:request:{one.currency}")
            row.insert(0, ask)
        rows.append(row)
    return rows


def _back(t: Translator) -> list[Button]:
    return [Button(t("‹ Back"), action="affiliates:mine")]


def earned(t: Translator, bot: Bot, amount: Money, payments: int, held_until: datetime | None) -> Page:
    """Somebody he brought has paid."""
    much = bold(price(t, amount))
    lines = [
        t.plural(
            "💰 Somebody you invited to {bot} has paid. You earn {amount}.",
            "💰 People you invited to {bot} have paid {n} times. You earn {amount}.",
            payments,
            bot=bold(bot.name),
            amount=much,
        )
    ]
    if held_until is not None:
        lines.append(t("It is yours to have from {moment}.", moment=moment(t, held_until)))
    return page("\n".join(lines), [Button(t("My earnings"), action="affiliates:mine")])


def asked(t: Translator, amount: Money) -> Page:
    """The request is made."""
    text = t("✅ You asked for {amount}. The owner knows, and I tell you what becomes of it.",
             amount=bold(price(t, amount)))  # fmt: skip
    return page(text, _back(t))


def turned_to_credit(t: Translator, amount: Money, held: Sequence[Money]) -> Page:
    """What was due is credit now."""
    lines = [
        t("✅ {amount} are credit now: pay plans with it.", amount=bold(price(t, amount))),
        t("💳 Credit for plans: {amounts}", amounts=amounts(t, held)),
    ]
    return page("\n".join(lines), [Button(t("Plans"), action="plans:list")], _back(t))


def new_request(t: Translator, bot: Bot, name: str, amount: Money, payout_id: int | None) -> Page:
    """Tells the owner; `payout_id` where the request can be opened right here."""
    text = t(
        "💸 {name} asks for a payout of {amount} for inviting members to {bot}.",
        name=bold(shorten(name, 60)),
        amount=bold(price(t, amount)),
        bot=esc(bot.name),
    )
    if payout_id is None:
        return page(text + "\n" + t("Send /payouts to @{bot} to answer.", bot=esc(bot.username)))
    return page(text, [Button(t("Open"), action=f"payouts:open:{payout_id}")])


def paid(t: Translator, bot: Bot, amount: Money) -> Page:
    """Tells the affiliate that the owner has paid."""
    text = t("💸 The owner of {bot} has paid you {amount}. Thank you for inviting members!",
             bot=bold(bot.name), amount=bold(price(t, amount)))  # fmt: skip
    return page(text, [Button(t("My earnings"), action="affiliates:mine")])


def declined(t: Translator, bot: Bot, amount: Money, reason: str) -> Page:
    """Tells the affiliate that the owner did not pay."""
    lines = [
        t("The owner of {bot} did not pay out the {amount} you asked for. They stay on your account: ask "
          "again any time.", bot=bold(bot.name), amount=bold(price(t, amount)))
    ]  # fmt: skip
    if reason:
        lines.append(t("Why: {reason}", reason=esc(reason)))
    return page("\n".join(lines), [Button(t("My earnings"), action="affiliates:mine")])


def state(t: Translator, payout: Payout) -> str:
    """What became of a payout."""
    if payout.state is State.REQUESTED:
        return t("⏳ asked for")
    if payout.state is State.DECLINED:
        return t("✖️ declined")
    return t("💳 as credit") if payout.how is How.CREDIT else t("✅ paid")


def listing(t: Translator, found: Sequence[Payout], number: int, more: bool) -> Page:
    """One page of the payouts, for the owner."""
    back = [Button(t("‹ Back"), action="affiliates:list:0")]
    if not found and number == 0:
        text = t(
            "Nobody has asked for a payout yet. Affiliates do it with /affiliate, once something is due."
        )
        return page(text, back)
    lines = [bold(t("Payouts")), t("Open requests come first. Tap one to answer it."), ""]
    rows = []
    for one in found:
        name = shorten(one.name, 40)
        amount = price(t, one.amount)
        lines.append(f"• {esc(name)} · {esc(amount)} · {state(t, one)}")
        if one.state is State.REQUESTED:
            rows.append([Button(f"{shorten(plain(name), 30)} · {amount}", action=f"payouts:open:{one.id}")])
    export = [Button(t("📄 CSV document"), action="payouts:export")]
    return page("\n".join(lines), *rows, pager("payouts:list", number, more), export, back)


def panel(t: Translator, payout: Payout, left: int) -> Page:
    """One payout; `left` minor units of it are still due after refunds."""
    lines = [
        bold(price(t, payout.amount)),
        mention(payout.member_id, payout.name),
        code(payout.member_id),
        state(t, payout) + " · " + moment(t, payout.settled_at or payout.at),
    ]
    if payout.note:
        lines.append(t("Why: {reason}", reason=esc(payout.note)))
    back = [Button(t("‹ Back"), action="payouts:list:0")]
    if payout.state is not State.REQUESTED:
        return page("\n".join(lines), back)
    now = Money(left, payout.amount.currency)
    rows = []
    if left != payout.amount.minor:
        lines.append(t("After refunds {amount} of it are left.", amount=bold(price(t, now) if left else "0")))
    if left:
        lines += ["", t("Send the money as you agreed, then say so here: they are told.")]
        words = t("✅ I have paid {amount}", amount=price(t, now))
        rows.append([Button(words, action=f"payouts:pay:{payout.id}:{left}")])
    rows.append([Button(t("✖️ Decline"), action=f"payouts:decline:{payout.id}")])
    return page("\n".join(lines), *rows, back)


def ask_reason(t: Translator, payout: Payout) -> Page:
    """Why a request is declined."""
    text = t(
        "Why don't you pay {name} the {amount}? Send a sentence; I pass it on. What they earned stays "
        "theirs.",
        name=bold(shorten(payout.name, 60)),
        amount=bold(price(t, payout.amount)),
    )
    return page(
        text,
        [Button(t("Decline without a reason"), action=f"payouts:declined:{payout.id}")],
        [Button(t("Cancel"), action="start:cancel")],
    )


def exported(t: Translator, count: int) -> Page:
    """The caption of the CSV document."""
    return page(t.plural("{n} payout", "{n} payouts", count))
