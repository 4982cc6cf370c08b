"""Wording about paying: the ways to pay, an order's state, and what became of money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.actor import Translator
from domain.bots import Bot
from domain.memberships import Membership
from domain.money import STARS, Money
from domain.orders import BY_TELEGRAM, CREDIT, FREE, Order, Payment, Settled, Status
from domain.page import Button, Page, page
from domain.plans import Plan
from domain.subscriptions import Subscription
from texts.errors import REASONS
from texts.formats import duration, moment, price
from texts.markup import bold, code, esc, plain
from texts.memberships import WayLike, doors, until

REASONS |= {
    "no_order": lambda t, e: t("There is no such order any more. Send /plans to choose again."),
    "no_payment": lambda t, e: t("There is no such payment. Send /orders to see what there is."),
    "no_gateway": lambda t, e: t("This way to pay is not installed. Send /payments to see what is."),
    "order_not_yours": lambda t, e: t("This order is somebody else's. Send /plans to make your own."),
    "order_paid": lambda t, e: t("This is paid already. To go on for longer, send /plans."),
    "order_closed": lambda t, e: t("This order is closed already. Send /memberships to see what you have."),
    "price_changed": lambda t, e: t(
        "This offer has changed since you opened it, and nothing was paid. Send /plans to see it as it is."
    ),
    "method_gone": lambda t, e: t(
        "This way to pay is not offered any more, and nothing was paid. Send /plans to see the others."
    ),
    "coupon_gone": lambda t, e: t(
        "The coupon cannot be used any more, and nothing was paid. Send /plans to see the price without it."
    ),
    "credit_short": lambda t, e: t("Your credit is not enough for this. Send /plans for other ways to pay."),
    "email": lambda t, e: t("That does not look like an e-mail address. Send it as name@example.com."),
    "order_member": lambda t, e: t("An order that costs nothing needs a member to give it to."),
    "refunded": lambda t, e: t("This payment went back already."),
    "payment_settled": lambda t, e: t("This payment is settled already. Send /orders to see how."),
}


class MethodLike(Protocol):
    """A way to pay for a plan."""

    @property
    def gateway(self) -> str: ...

    @property
    def display_name(self) -> str: ...

    @property
    def amount(self) -> Money: ...

    @property
    def recurring(self) -> bool: ...

    @property
    def coupon(self) -> str | None: ...


def about(t: Translator, plan: Plan, bot: Bot) -> str:
    """What is sold, plain, for the invoice."""
    return t("{bot}: {length}", bot=plain(bot.name), length=duration(t, plan.duration))


def method_name(t: Translator, gateway: str, display_name: str) -> str:
    """How a way to pay is called."""
    names = {CREDIT: t("My credit"), "telegram": t("Card, inside Telegram"), "telegram_stars": t("Stars")}
    return names.get(gateway, display_name)


def pay_rows(t: Translator, plan_id: int, methods: Sequence[MethodLike]) -> list[list[Button]]:
    """A button for each way to pay."""
    rows = []
    for method in methods:
        amount = price(t, method.amount)
        if method.gateway == FREE:
            words = t("✅ Take it, free of charge")
        elif method.amount.currency == STARS:
            words = (
                t("{amount} every 30 days", amount=amount)
                if method.recurring
                else t("Pay {amount}", amount=amount)
            )
        else:
            name = method_name(t, method.gateway, method.display_name)
            words = t("💳 {method} · {amount}", method=name, amount=amount)
        rows.append([Button(words, action=f"orders:pay:{plan_id}:{method.gateway}")])
    return rows


def ask_email(t: Translator, method: MethodLike) -> Page:
    """The provider wants an address for the receipt."""
    name = method_name(t, method.gateway, method.display_name)
    text = t("{method} sends the receipt by e-mail. Send me your address:", method=bold(name))
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def checkout(t: Translator, order: Order, method: MethodLike) -> Page:
    """The way to the provider's page."""
    name = method_name(t, method.gateway, method.display_name)
    lines = [
        bold(order.plan_name),
        t("To pay: {amount} by {method}", amount=esc(price(t, order.amount)), method=esc(name)),
        "",
    ]
    if order.recurring:
        lines.append(t("It is charged again by itself until you cancel it with /memberships."))
    lines.append(t("Tap to pay. I tell you here as soon as the money has come."))
    rows = [[Button(t("💳 Pay {amount}", amount=price(t, order.amount)), url=order.checkout_url)]]
    if order.gateway not in BY_TELEGRAM:
        rows.append([Button(t("🔄 I have paid"), action=f"orders:check:{order.id}")])
    rows.append([Button(t("Cancel"), action=f"orders:cancel:{order.id}")])
    return page("\n".join(lines), *rows)


def canceled(t: Translator) -> Page:
    """An order was let go."""
    return page(t("Canceled. Nothing was paid."), [Button(t("Plans"), action="plans:list")])


def status(t: Translator, order: Order) -> str:
    """What has become of an order, in a word or two."""
    return {
        Status.PENDING: t("waiting for payment"),
        Status.COMPLETED: t("paid"),
        Status.REFUNDED: t("refunded"),
        Status.EXPIRED: t("expired"),
        Status.CANCELED: t("canceled"),
        Status.DISPUTED: t("disputed"),
    }[order.status]


def state(t: Translator, order: Order) -> Page:
    """An order as its buyer sees it."""
    lines = [
        t("Order {key}", key=code(order.key)),
        f"{bold(order.plan_name)} · {esc(price(t, order.amount))}",
        t("State: {status}", status=status(t, order)),
    ]
    rows = []
    if order.status is Status.PENDING and order.checkout_url:
        rows.append([Button(t("💳 Pay {amount}", amount=price(t, order.amount)), url=order.checkout_url)])
        if order.gateway not in BY_TELEGRAM:
            rows.append([Button(t("🔄 I have paid"), action=f"orders:check:{order.id}")])
    elif order.status is Status.COMPLETED:
        rows.append([Button(t("My memberships"), action="memberships:list")])
    else:
        rows.append([Button(t("Plans"), action="plans:list")])
    return page("\n".join(lines), *rows)


def credited(
    t: Translator, order: Order, membership: Membership, ways: Sequence[WayLike], *, extended: bool
) -> Page:
    """Money came, and this is what it opens."""
    end = until(t, membership.end_at)
    if extended:
        first = t("✅ Paid. Your membership goes on: {plan}, {end}.", plan=bold(order.plan_name), end=end)
    else:
        first = t("🎉 Paid, thank you! You have {plan}, {end}.", plan=bold(order.plan_name), end=end)
    lines, rows = ([], []) if extended else doors(t, ways)  # whose membership went on is inside
    mine = [Button(t("My memberships"), action="memberships:list")]
    return page("\n".join([first, "", *lines]).rstrip(), *rows, mine)


def to_payer(
    t: Translator, settled: Settled, order: Order, payment: Payment | None, collect: str | None = None
) -> Page | None:
    """What the payer has to know; None for nothing. `collect`: where he collects what went back."""
    plans = [Button(t("Plans"), action="plans:list")]
    if payment is None:
        return None
    amount = esc(price(t, payment.paid))
    match settled:
        case Settled.MISMATCH:
            text = t(
                "Your payment of {amount} has come, but {wanted} was asked for. The owner has been told and "
                "will sort it out: send /paysupport to reach him.",
                amount=amount,
                wanted=esc(price(t, order.amount)),
            )
            return page(text)
        case Settled.SENT_BACK:
            return page(
                t(
                    "You paid {plan} twice: {amount} goes back to you.",
                    plan=bold(order.plan_name),
                    amount=amount,
                )
            )
        case Settled.REVOKED:
            text = t(
                "Your payment of {amount} for {plan} went back, and so did what it gave.",
                amount=amount,
                plan=bold(order.plan_name),
            )
            if collect is not None:
                where = t(
                    "Open this page and say where you want your money. Keep its address to yourself: {page}",
                    page=esc(collect),
                )
                text = f"{text}\n\n{where}"
            return page(text, plans)
        case _:
            return None


def subscription_turned(
    t: Translator, plan: Plan | None, subscription: Subscription, *, failed: bool
) -> Page:
    """A subscription goes on no longer, or again."""
    name = bold(plan.name if plan else t("All chats"))
    end = "" if subscription.paid_until is None else moment(t, subscription.paid_until)
    if failed:
        text = t(
            "Your subscription to {plan} could not be charged. You have access until {end}: renew to stay.",
            plan=name,
            end=end,
        )
        return page(text, [Button(t("Plans"), action="plans:list")])
    if subscription.ended_at is not None or subscription.state != "active":
        text = t("Your subscription to {plan} is canceled. You keep access until {end}.", plan=name, end=end)
        return page(text, [Button(t("My memberships"), action="memberships:list")])
    return page(t("Your subscription to {plan} goes on. Glad to have you!", plan=name))
