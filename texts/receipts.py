"""Wording about one's own orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.actor import Translator
from domain.money import Money
from domain.orders import Order, Payment, Status
from domain.page import Button, Page, page
from texts.formats import amount, moment, price
from texts.markup import bold, code, esc, shorten
from texts.orders import method_name, status
from texts.pager import pager

_MARKS = {
    Status.PENDING: "⏳", Status.COMPLETED: "✅", Status.REFUNDED: "↩️", Status.EXPIRED: "⌛️",
    Status.CANCELED: "✖️", Status.DISPUTED: "⚠️",
}  # fmt: skip


class ReceiptLike(Protocol):
    """An order of one's own with what was paid for it."""

    @property
    def order(self) -> Order: ...

    @property
    def payments(self) -> Sequence[Payment]: ...


def listing(t: Translator, found: Sequence[Order], number: int, more: bool) -> Page:
    """One page of what somebody bought."""
    back = [Button(t("‹ Back"), action="memberships:list")]
    if not found and number == 0:
        return page(
            t("You have not bought anything here yet."), [Button(t("Plans"), action="plans:list")], back
        )
    lines = [bold(t("Your payments")), ""]
    rows = []
    for order in found:
        costs, mark = price(t, order.amount), _MARKS[order.status]
        what = f"{esc(order.plan_name)} · {esc(costs)} · {status(t, order)}"
        lines.append(f"{mark} {what} · {esc(moment(t, order.created_at))}")
        label = shorten(f"{mark} {order.plan_name} · {costs}", 60)
        rows.append([Button(label, action=f"receipts:open:{order.id}")])
    return page("\n".join(lines), *rows, pager("receipts:list", number, more), back)


def panel(t: Translator, receipt: ReceiptLike) -> Page:
    """One order."""
    order = receipt.order
    lines = [
        t("Order {key}", key=code(order.key)),
        f"{bold(order.plan_name)} · {esc(price(t, order.amount))}",
        t("State: {status}", status=status(t, order)),
        t("Made: {moment}", moment=moment(t, order.created_at)),
    ]
    for one in receipt.payments:
        paid, method = esc(amount(t, one.paid)), esc(method_name(t, one.gateway, one.gateway))
        lines += [
            "",
            t(
                "Paid: {amount} by {method}, {moment}",
                amount=paid,
                method=method,
                moment=moment(t, one.paid_at),
            ),
            code(one.charge_id),
        ]
        if one.refunded and one.refunded_at is not None:
            back = esc(amount(t, Money(one.refunded, one.paid.currency)))
            lines.append(t("↩️ {amount} went back {moment}.", amount=back, moment=moment(t, one.refunded_at)))
    rows = []
    if order.status is Status.PENDING and order.checkout_url:
        rows.append([Button(t("💳 Pay {amount}", amount=price(t, order.amount)), url=order.checkout_url)])
        rows.append([Button(t("🔄 I have paid"), action=f"orders:check:{order.id}")])
    rows.append([Button(t("❓ Ask the owner"), action="support:ask")])
    return page("\n".join(lines), *rows, [Button(t("‹ Back"), action="receipts:list:0")])
