"""Wording about one coupon, for its owner: its panel, and changing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.actor import Translator
from domain.coupons import Coupon, Direction, plain_decimal
from domain.orders import CREDIT
from domain.page import Button, Page, page
from domain.plans import Plan
from texts.coupons import CountedLike, cancel_row, discount
from texts.formats import moment
from texts.markup import bold, code, esc, plain, shorten


class PanelLike(CountedLike, Protocol):
    """A coupon as its owner sees it."""

    @property
    def plans(self) -> Sequence[Plan]: ...

    @property
    def gateways(self) -> Sequence[tuple[str, str]]: ...


def _titles(t: Translator, shown: PanelLike) -> dict[str, str]:
    """The ways to pay by their names: the bot's, and those the coupon is for."""
    titles = {name: name for name in sorted(shown.coupon.gateways)} | dict(shown.gateways)
    return titles | {CREDIT: t("Credit")}


def _limits(t: Translator, shown: PanelLike) -> list[str]:
    """What narrows a coupon down, line by line."""
    coupon = shown.coupon
    lines = []
    if coupon.expires_at is not None:
        lines.append(t("Until: {moment}", moment=moment(t, coupon.expires_at)))
    if coupon.min_amount:
        lines.append(t("For orders of at least {amount}", amount=plain_decimal(coupon.min_amount)))
    if coupon.max_amount:
        lines.append(t("For orders of at most {amount}", amount=plain_decimal(coupon.max_amount)))
    if (revenue := coupon.revenue) is not None:
        amount = f"{plain_decimal(revenue.amount)} {revenue.currency}"
        if revenue.direction is Direction.ABOVE:
            lines.append(t("For members who have paid more than {amount} so far", amount=esc(amount)))
        else:
            lines.append(t("For members who have paid less than {amount} so far", amount=esc(amount)))
    if coupon.plans:
        names = [plain(one.name) for one in shown.plans if one.id in coupon.plans]
        lines.append(t("For the plans: {names}", names=esc(shorten(", ".join(names), 200)) or "—"))
    if coupon.gateways:
        titles = _titles(t, shown)
        names = [titles[name] for name in sorted(coupon.gateways)]
        lines.append(t("When paid by: {names}", names=esc(", ".join(names))))
    return lines


def panel(t: Translator, shown: PanelLike) -> Page:
    """One coupon, for its owner."""
    coupon = shown.coupon
    limit = t("no limit") if not coupon.uses else str(coupon.uses)
    lines = [
        code(coupon.name),
        discount(t, coupon) + ("" if coupon.percent else " · " + t("in the currency of the plan")),
        t("Used: {used} of {limit}", used=shown.used, limit=limit),
        *_limits(t, shown),
    ]
    if not coupon.enabled:
        lines += ["", t("⏸ Disabled: nobody can use it.")]
    base = f"coupons:ask:{coupon.id}"
    enable = t("⏸ Disable") if coupon.enabled else t("▶️ Enable")
    return page(
        "\n".join(lines),
        [Button(t("✏️ Discount"), action=f"{base}:discount"), Button(t("✏️ Uses"), action=f"{base}:uses")],
        [Button(t("✏️ End"), action=f"{base}:expires"), Button(t("✏️ Paid so far"), action=f"{base}:revenue")],
        [
            Button(t("✏️ Smallest order"), action=f"{base}:min_amount"),
            Button(t("✏️ Largest order"), action=f"{base}:max_amount"),
        ],
        [
            Button(t("✏️ Plans"), action=f"coupons:plans:{coupon.id}"),
            Button(t("✏️ Ways to pay"), action=f"coupons:gateways:{coupon.id}"),
        ],
        *_switches(t, coupon),
        [Button(t("🔗 Link and QR code"), action=f"coupons:link:{coupon.id}")],
        [
            Button(enable, action=f"coupons:turn:{coupon.id}:enabled"),
            Button(t("🗑 Delete"), action=f"coupons:drop:{coupon.id}"),
        ],
        [Button(t("‹ Back"), action="coupons:list:0")],
    )


def _switches(t: Translator, coupon: Coupon) -> list[list[Button]]:
    words = {
        "newcomers": (t("For: everybody"), t("For: newcomers only")),
        "singleuse": (t("Each person: any number of times"), t("Each person: once")),
        "invitee_only": (t("Invited by a friend: does not matter"), t("Invited by a friend: required")),
        "auto_apply": (t("Counts: for whoever enters it"), t("Counts: by itself, for everybody it is for")),
    }
    return [
        [Button(states[getattr(coupon, name)], action=f"coupons:turn:{coupon.id}:{name}")]
        for name, states in words.items()
    ]


def ask_field(t: Translator, field: str, coupon: Coupon) -> Page:
    """Ask for another value of a field."""
    text = {
        "discount": t("What does it take off? Send for example “15%”, or “5” in the currency of the plan."),
        "uses": t("How often can it be used, by everybody together? Send a number, 0 for no limit."),
        "expires": t("Until when? Send for example “10 days” or the last day, “31.12.2030”; 0 for no "
                     "end."),
        "min_amount": t("From what price on does it count? Send for example “10”, in the currency of the "
                        "plan; 0 for any price."),
        "max_amount": t("Up to what price does it count? Send for example “100”, in the currency of the "
                        "plan; 0 for any price."),
        "revenue": t("For members who have paid how much so far, all in all? Send for example “above 100 "
                     "USD” or “below 50 EUR”; 0 when it does not matter."),
    }[field]  # fmt: skip
    revenue = coupon.revenue
    now = {
        "discount": f"{plain_decimal(coupon.percent)}%" if coupon.percent else plain_decimal(coupon.amount),
        "uses": str(coupon.uses),
        "expires": moment(t, coupon.expires_at) if coupon.expires_at else "0",
        "min_amount": plain_decimal(coupon.min_amount),
        "max_amount": plain_decimal(coupon.max_amount),
        "revenue": f"{revenue.direction} {plain_decimal(revenue.amount)} {revenue.currency}"
        if revenue
        else "0",
    }[field]
    return page(f"{text}\n\n" + t("Now: {value}", value=code(now)), cancel_row(t))


def choose_plans(t: Translator, shown: PanelLike) -> Page:
    """Which plans a coupon is for."""
    coupon = shown.coupon
    rows = [
        [
            Button(
                ("✅ " if plan.id in coupon.plans else "") + plain(plan.name),
                action=f"coupons:plan:{coupon.id}:{plan.id}",
            )
        ]
        for plan in shown.plans
    ]
    text = t(
        "Which plans is {coupon} for? Tap to choose; with none chosen it is for all.",
        coupon=code(coupon.name),
    )
    every = Button(("" if coupon.plans else "✅ ") + t("All plans"), action=f"coupons:plan:{coupon.id}:0")
    return page(text, [every], *rows, [Button(t("‹ Back"), action=f"coupons:open:{coupon.id}")])


def choose_gateways(t: Translator, shown: PanelLike) -> Page:
    """By which ways to pay a coupon counts."""
    coupon = shown.coupon
    titles = _titles(t, shown)
    rows = [
        [
            Button(
                ("✅ " if name in coupon.gateways else "") + plain(title),
                action=f"coupons:gateway:{coupon.id}:{name}",
            )
        ]
        for name, title in titles.items()
    ]
    text = t(
        "By which ways to pay does {coupon} count? Tap to choose; with none chosen it counts by all.",
        coupon=code(coupon.name),
    )
    words = ("" if coupon.gateways else "✅ ") + t("All ways to pay")
    every = Button(words, action=f"coupons:gateway:{coupon.id}:all")
    return page(text, [every], *rows, [Button(t("‹ Back"), action=f"coupons:open:{coupon.id}")])


def ask_drop(t: Translator, shown: PanelLike) -> Page:
    """Ask before deleting."""
    coupon = shown.coupon
    return page(
        t("Delete the coupon {coupon}?", coupon=bold(coupon.name)),
        [
            Button(t("Yes, delete"), action=f"coupons:dropped:{coupon.id}"),
            Button(t("No"), action=f"coupons:open:{coupon.id}"),
        ],
    )
