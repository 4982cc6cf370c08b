"""Wording about coupons: for members, and the owner's list and new coupons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.actor import Translator
from domain.bots import Bot
from domain.coupons import Coupon, coupon_link, plain_decimal
from domain.errors import Refused
from domain.money import Money
from domain.page import Button, Page, page
from domain.plans import Plan
from texts.errors import REASONS, sentence
from texts.formats import duration, moment, price
from texts.markup import bold, code, esc, plain, strike
from texts.pager import pager

REASONS |= {
    "no_coupon": lambda t, e: t("This coupon is not there any more. Send /coupons to see the others."),
    "coupon_name": lambda t, e: t(
        "A code has 3 to 32 letters (A–Z), digits, _ and -, nothing else. Please send another."
    ),
    "coupon_taken": lambda t, e: t("You have a coupon of this code already. Please send another code."),
    "coupon_discount": lambda t, e: t(
        "Send the discount as percent, for example “10%”, or as an amount, for example “5” or “2.50”."
    ),
    "coupon_uses": lambda t, e: t("Send a whole number up to 1000000, 0 for no limit."),
    "coupon_amount": lambda t, e: t(
        "Send an amount without a currency, for example “10” or “9.50”; 0 for none."
    ),
    "coupon_revenue_form": lambda t, e: t(
        "Send for example “above 100 USD” or “below 50 EUR”; 0 when it does not matter."
    ),
    "coupon_ordered": lambda t, e: t(
        "People have ordered with this coupon, so it stays for the record. Disable it instead: then nobody "
        "can use it."
    ),
    "coupon_tries": lambda t, e: t("That were many wrong codes. Please try again in an hour."),
    "coupon_disabled": lambda t, e: t("This coupon does not count any more. Ask the owner for another one."),
    "coupon_expired": lambda t, e: t("This coupon has expired. Ask the owner for another one."),
    "coupon_used_up": lambda t, e: t("This coupon is used up. Ask the owner for another one."),
    "coupon_once": lambda t, e: t(
        "This coupon can be used once, and you have used it, or an open order of yours holds it. Pay that "
        "order, or cancel it."
    ),
    "coupon_newcomers": lambda t, e: t("This coupon is for newcomers only."),
    "coupon_invited": lambda t, e: t("This coupon is for people who were invited by a friend's link."),
    "coupon_revenue": lambda t, e: t("This coupon is not for you right now. Ask the owner about it."),
    "coupon_plan": lambda t, e: t("Your coupon is not for this plan. Choose another plan."),
    "coupon_gateway": lambda t, e: t("Your coupon is not for this way to pay. Choose another one."),
    "coupon_min": lambda t, e: t("Your coupon is for bigger orders. Choose another plan."),
    "coupon_max": lambda t, e: t("Your coupon is for smaller orders. Choose another plan."),
    "coupon_nothing": lambda t, e: t("Your coupon takes nothing off this price. Choose another plan."),
    "coupon_not_here": lambda t, e: _not_here(t, str(e.details.get("coupon")), str(e.details.get("why"))),
}


def _not_here(t: Translator, coupon: str, why: str) -> str:
    """The coupon in hand does not fit what is ordered."""
    away = t("To pay without {coupon}, put it away with /coupon.", coupon=coupon)
    return f"{sentence(t, Refused(why))} {away}"


class CountedLike(Protocol):
    """A coupon, and how many orders use it."""

    @property
    def coupon(self) -> Coupon: ...

    @property
    def used(self) -> int: ...


def discount(t: Translator, coupon: Coupon) -> str:
    """What a coupon takes off."""
    if coupon.percent:
        return t("{percent}% off", percent=plain_decimal(coupon.percent))
    return t("{amount} off", amount=plain_decimal(coupon.amount))


def cancel_row(t: Translator) -> list[Button]:
    """The way out of a question."""
    return [Button(t("Cancel"), action="start:cancel")]


def ask_code(t: Translator, held: Coupon | None) -> Page:
    """Ask for a code; `held` is the coupon in hand."""
    text = t("Send me the code of your coupon, or its link.")
    if held is None:
        return page(text, cancel_row(t))
    now = t("You have {coupon} in hand: {discount}.", coupon=code(held.name), discount=discount(t, held))
    return page(
        f"{now}\n\n{text}",
        [Button(t("🏷 See the prices"), action="plans:list")],
        [Button(t("✖️ Put it away"), action="coupons:away")],
        cancel_row(t),
    )


def unknown(t: Translator) -> Page:
    """There is no such coupon."""
    return page(t("I do not know this coupon. Check the code, and send it again with /coupon."))


def in_hand(t: Translator, coupon: Coupon, costs: Sequence[tuple[Plan, Money]]) -> Page:
    """The coupon counts for the next order: what plans cost with it."""
    lines = [
        t("🏷 The coupon {coupon} is yours: {discount}. It counts for your next order.",
          coupon=bold(coupon.name), discount=discount(t, coupon))
    ]  # fmt: skip
    if coupon.expires_at is not None:
        lines.append(t("Use it before {moment}.", moment=moment(t, coupon.expires_at)))
    away = [Button(t("✖️ Put it away"), action="coupons:away")]
    if not costs:
        lines += [
            "",
            t("It is for none of the plans in the list. Perhaps you were given a link to another one."),
        ]
        return page("\n".join(lines), [Button(t("Plans"), action="plans:list")], away)
    lines.append("")
    rows = []
    for plan, amount in costs:
        length = duration(t, plan.duration)
        lines.append(
            f"• {esc(plan.name)} · {esc(length)} · {strike(price(t, plan.price))} {bold(price(t, amount))}"
        )
        label = f"{plain(plan.name)} · {length} · {price(t, amount)}"
        rows.append([Button(label, action=f"plans:show:{plan.id}")])
    return page("\n".join(lines), *rows, away)


def put_away(t: Translator) -> Page:
    """The hand is empty."""
    text = t("Your hand is empty: plans cost what they cost. Enter a coupon again with /coupon.")
    return page(text, [Button(t("Plans"), action="plans:list")])


def listing(t: Translator, found: Sequence[CountedLike], more: bool, number: int) -> Page:
    """One page of the coupons, for their owner."""
    new = [Button(t("➕ New coupon"), action="newcoupon:begin")]
    if not found and number == 0:
        text = t("You have no coupons yet. A coupon takes something off the price for whoever has its code:")
        return page(text, new)
    lines = [t("Your coupons, the newest first. Tap one to change it."), ""]
    rows = []
    for one in found:
        coupon = one.coupon
        mark = "" if coupon.enabled else "⏸ "
        uses = f"{one.used}/{coupon.uses}" if coupon.uses else str(one.used)
        states = [discount(t, coupon), t("used {uses}", uses=uses)]
        states += [t("by itself")] if coupon.auto_apply else []
        lines.append(" · ".join([mark + code(coupon.name), *states]))
        rows.append(Button(f"{mark}{coupon.name}", action=f"coupons:open:{coupon.id}"))
    paired = [rows[index : index + 2] for index in range(0, len(rows), 2)]
    return page("\n".join(lines), *paired, pager("coupons:list", number, more), new)


def ask(t: Translator, step: str) -> Page:
    """Ask for a field of the new coupon."""
    match step:
        case "name":
            text = t(
                "Let's make a coupon. What is its code? 3 to 32 letters, digits, _ and -, for example SPRING."
            )
            return page(text, [Button(t("🎲 Make one up"), action="newcoupon:random")], cancel_row(t))
        case "discount":
            text = t(
                "What does it take off? Choose, or send a percentage like “15%”, or an amount like “5” in "
                "the currency of the plan."
            )
            return page(text, _choices("discount", ("10%", "20%", "50%", "100%")), cancel_row(t))
        case "uses":
            text = t("How often can it be used, by everybody together? Choose, or send a number.")
            row = _choices("uses", ("1", "10", "100"))
            return page(text, row, [Button(t("No limit"), action="newcoupon:uses:0")], cancel_row(t))
        case _:
            text = t("Until when? Choose, or send for example “10 days” or the last day, “31.12.2030”.")
            row = [
                Button(t.plural("{n} day", "{n} days", days), action=f"newcoupon:expires:{days} days")
                for days in (7, 30)
            ]
            return page(text, row, [Button(t("No end"), action="newcoupon:expires:0")], cancel_row(t))


def _choices(step: str, values: Sequence[str]) -> list[Button]:
    return [Button(value, action=f"newcoupon:{step}:{value}") for value in values]


def created(t: Translator, bot: Bot, coupon: Coupon) -> Page:
    """The coupon is there: what comes next."""
    lines = [
        t(
            "✅ The coupon {coupon} is there: {discount}.",
            coupon=bold(coupon.name),
            discount=discount(t, coupon),
        ),
        t("It counts for every plan. Pass on its link, or narrow it down:"),
        code(coupon_link(bot.username, coupon.name)),
    ]
    return page(
        "\n".join(lines),
        [Button(t("⚙️ Narrow it down"), action=f"coupons:open:{coupon.id}")],
        [Button(t("🔗 Link and QR code"), action=f"coupons:link:{coupon.id}")],
        [Button(t("All coupons"), action="coupons:list:0")],
    )


def link(t: Translator, bot: Bot, coupon: Coupon) -> Page:
    """A coupon's link: the caption of its QR picture."""
    lines = [
        t("Coupon {coupon}: {discount}", coupon=bold(coupon.name), discount=discount(t, coupon)),
        "",
        code(coupon_link(bot.username, coupon.name)),
        "",
        t(
            "Whoever opens the link has the coupon in hand. Or they send /coupon {code}",
            code=esc(coupon.name),
        ),
    ]
    return page("\n".join(lines))
