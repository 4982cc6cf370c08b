"""Wording about what became of money, for the owner."""

from domain.actor import Translator
from domain.orders import Order, Payment, Settled
from domain.page import Button, Page, page
from texts.formats import price
from texts.markup import bold, esc


def to_owner(
    t: Translator,
    settled: Settled,
    order: Order,
    payment: Payment,
    name: str | None,
    collect: str | None = None,
    link: str | None = None,
) -> Page | None:
    """What the owner has to know; None for nothing. `collect`: where the payer collects what went back;
    `link` to the order, for another bot than the order's: its buttons could not say which bot is meant."""
    who = esc(name or order.email or t("Somebody"))
    amount = bold(price(t, payment.paid))
    plan = bold(order.plan_name)
    open_order = [_the_order(t, order.id, link)]
    match settled:
        case Settled.CREDITED:
            return page(t("💰 {who} paid {amount} for {plan}.", who=who, amount=amount, plan=plan))
        case Settled.UNCLAIMED:
            text = t(
                "💰 {amount} came for {plan}. Who paid has not opened the bot yet: access waits behind the "
                "order's link.",
                amount=amount,
                plan=plan,
            )
            return page(text, open_order)
        case Settled.MISMATCH:
            text = t(
                "⚠️ {who} paid {amount} for {plan}, but {wanted} was asked for. I gave no access. You decide:",
                who=who,
                amount=amount,
                plan=plan,
                wanted=bold(price(t, order.amount)),
            )
            if link is not None:
                return page(text, open_order)
            accept = Button(t("✅ Give access anyway"), action=f"sales:accept:{payment.id}")
            refund = Button(t("↩️ Refund"), action=f"sales:refund:{payment.id}")
            return page(text, [accept], [refund])
        case Settled.REVOKED if payment.disputed_at is None:
            text = t(
                "↩️ {amount} went back to {who}; {plan} was taken back.", amount=amount, who=who, plan=plan
            )
            if collect is not None and order.member_id is None:
                where = t(
                    "I do not know who it is. Please send him this page, where he collects it: {page}",
                    page=esc(collect),
                )
                text = f"{text}\n\n{where}"
            return page(text)
        case Settled.REVOKED:
            text = t(
                "⚠️ The payment of {amount} for {plan} by {who} is disputed. I took back what it gave. Answer "
                "the dispute at your provider.",
                amount=amount,
                plan=plan,
                who=who,
            )
            return page(text, open_order)
        case _:
            return None


def _the_order(t: Translator, order_id: int, link: str | None) -> Button:
    if link is not None:
        return Button(t("The order"), url=link)
    return Button(t("The order"), action=f"sales:open:{order_id}")


def outcome(t: Translator, settled: Settled, order: Order | None, payment: Payment | None) -> Page:
    """What a press of the owner has brought about."""
    words = {
        Settled.CREDITED: t("✅ Done: access was given."),
        Settled.UNCLAIMED: t("✅ Done: access waits behind the order's link."),
        Settled.REVOKED: t("↩️ Done: what it gave was taken back."),
    }
    rows = [[Button(t("The order"), action=f"sales:open:{order.id}")]] if order else []
    return page(words.get(settled, t("Nothing was left to do.")), *rows)


def refund_promised(t: Translator, payment: Payment) -> Page:
    """The refund is on its way."""
    text = t(
        "↩️ {amount} goes back. What it gave is taken back as soon as the provider has confirmed it.",
        amount=bold(price(t, payment.paid)),
    )
    return page(text, [Button(t("‹ Back"), action=f"sales:open:{payment.order_id}")])


def refund_failed(t: Translator, payment: Payment, words: str, link: str | None = None) -> Page:
    """The provider does not give it back. `link` as in `to_owner`."""
    text = t(
        "⚠️ The refund of {amount} was not possible: {words}. Give it back at the provider's own site, then "
        "tell me:",
        amount=bold(price(t, payment.paid)),
        words=esc(words),
    )
    if link is not None:
        return page(text, [_the_order(t, payment.order_id, link)])
    done = Button(t("I gave it back myself"), action=f"sales:returned:{payment.id}")
    again = Button(t("🔄 Try again"), action=f"sales:refund:{payment.id}")
    return page(text, [done], [again])
