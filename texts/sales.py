"""Wording about orders, for the owner: the list, one order, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.actor import Translator
from domain.durations import parse
from domain.money import Money
from domain.orders import Kind, Order, Payment, Status, Which
from domain.page import Button, Page, page
from texts.errors import REASONS
from texts.formats import amount, duration, moment, price
from texts.markup import bold, code, esc, mention, plain, shorten
from texts.memberships import until
from texts.orders import method_name, status
from texts.pager import pager

_MARKS = {
    Status.PENDING: "⏳", Status.COMPLETED: "✅", Status.REFUNDED: "↩️", Status.EXPIRED: "⌛️",
    Status.CANCELED: "✖️", Status.DISPUTED: "⚠️",
}  # fmt: skip

REASONS |= {
    "order_not_open": lambda t, e: t("Nobody is to pay this order any more. Send /orders to see how it is."),
}


class ListedLike(Protocol):
    """An order in the list."""

    @property
    def order(self) -> Order: ...

    @property
    def name(self) -> str | None: ...

    @property
    def trouble(self) -> bool: ...


class OwedLike(Protocol):
    """A refund."""

    @property
    def state(self) -> str: ...

    @property
    def words(self) -> str | None: ...


class GivenLike(Protocol):
    """What a payment gave."""

    @property
    def end_at(self) -> datetime | None: ...

    @property
    def revoked(self) -> bool: ...


class PaidLike(Protocol):
    """A payment with its refund and what it gave."""

    @property
    def payment(self) -> Payment: ...

    @property
    def refund(self) -> OwedLike | None: ...

    @property
    def given(self) -> GivenLike | None: ...


class SaleLike(Protocol):
    """One order."""

    @property
    def order(self) -> Order: ...

    @property
    def name(self) -> str | None: ...

    @property
    def paid(self) -> Sequence[PaidLike]: ...

    @property
    def coupon(self) -> str | None: ...


def _which(t: Translator, which: Which) -> str:
    return {
        Which.ALL: t("All"),
        Which.PAID: t("Paid"),
        Which.WAITING: t("Waiting"),
        Which.TROUBLE: t("Trouble"),
    }[which]


def _buyer(t: Translator, order: Order, name: str | None) -> str:
    """Who buys. Plain text."""
    return plain(name or "") or order.email or (str(order.member_id) if order.member_id else t("Somebody"))


def listing(
    t: Translator,
    found: Sequence[ListedLike],
    which: Which,
    member_id: int | None,
    number: int,
    more: bool,
) -> Page:
    """One page of the orders."""
    whose = member_id or 0
    filters = [
        Button(
            f"· {_which(t, one)} ·" if one is which else _which(t, one), action=f"sales:list:{one}:{whose}:0"
        )
        for one in Which
    ]
    tools = [Button(t("🔎 Find"), action="sales:ask"), Button(t("📄 CSV"), action="sales:export")]
    if not found and number == 0:
        return page(t("There are no such orders."), filters[:2], filters[2:], tools)
    lines = [t("Orders, the newest first. Tap one to see it."), ""]
    rows = []
    for one in found:
        order = one.order
        mark = "⚠️" if one.trouble else _MARKS[order.status]
        who, costs = shorten(_buyer(t, order, one.name), 24), price(t, order.amount)
        at = moment(t, order.created_at)
        lines.append(f"{mark} {esc(who)} · {esc(order.plan_name)} · {esc(costs)} · {esc(at)}")
        label = f"{mark} {who} · {order.plan_name} · {costs}"
        rows.append([Button(shorten(label, 60), action=f"sales:open:{order.id}")])
    turn = pager(f"sales:list:{which}:{whose}", number, more)
    return page("\n".join(lines), *rows, turn, filters[:2], filters[2:], tools)


def ask_what(t: Translator) -> Page:
    """What to look for."""
    text = t("Send the order's key (it begins with GH-), or the buyer's @username or Telegram id.")
    return page(text, [Button(t("Cancel"), action="start:cancel")])


def _kind(t: Translator, kind: Kind) -> str:
    return {
        Kind.NEW: t("new"),
        Kind.RENEWAL: t("renewal"),
        Kind.RECURRING: t("charged again by itself"),
        Kind.GIFT: t("without payment"),
        Kind.DONATION: t("donation"),
    }[kind]


def panel(t: Translator, sale: SaleLike) -> Page:
    """One order."""
    rows: list[list[Button]] = []
    lines = _head(t, sale)
    for one in sale.paid:
        lines += ["", *_payment(t, one)]
        rows += _payment_rows(t, one)
    if sale.order.status is Status.PENDING:
        rows.append([Button(t("✖️ Cancel the order"), action=f"sales:cancel:{sale.order.id}")])
    if sale.order.member_id is not None:
        rows.append([Button(t("👤 The buyer"), action=f"subscribers:open:{sale.order.member_id}")])
    rows.append([Button(t("‹ Back"), action="sales:list:all:0:0")])
    return page("\n".join(lines), *rows)


def _head(t: Translator, sale: SaleLike) -> list[str]:
    order = sale.order
    who = _buyer(t, order, sale.name)
    lines = [
        t("Order {key}", key=code(order.key)),
        f"{_MARKS[order.status]} {status(t, order)} · {_kind(t, order.kind)}",
        "",
        t("Buyer: {who}", who=mention(order.member_id, who) if order.member_id else esc(who)),
    ]
    if order.email:
        lines.append(t("E-mail: {address}", address=code(order.email)))
    length = duration(t, parse(order.length))
    lines.append(t("Plan: {plan}", plan=f"{esc(order.plan_name)} · {esc(length)}"))
    if sale.coupon is not None:
        off = amount(t, order.discount)
        lines.append(t("Coupon: {coupon}, {off} off", coupon=code(sale.coupon), off=esc(off)))
    method = method_name(t, order.gateway, order.gateway)
    lines.append(t("To pay: {amount} by {method}", amount=esc(price(t, order.amount)), method=esc(method)))
    lines.append(t("Made: {moment}", moment=moment(t, order.created_at)))
    if order.status is Status.PENDING:
        lines.append(t("It holds its place until {moment}.", moment=moment(t, order.expires_at)))
    return lines


def _payment(t: Translator, one: PaidLike) -> list[str]:
    """What came, line by line."""
    payment = one.payment
    paid, at = esc(amount(t, payment.paid)), moment(t, payment.paid_at)
    lines = [t("💰 {amount} came {moment}", amount=paid, moment=at), code(payment.charge_id)]
    if payment.disputed_at is not None:
        lines.append(t("⚠️ Disputed {moment}.", moment=moment(t, payment.disputed_at)))
    if payment.refunded and payment.refunded_at is not None:
        back = esc(amount(t, Money(payment.refunded, payment.paid.currency)))
        lines.append(t("↩️ {amount} went back {moment}.", amount=back, moment=moment(t, payment.refunded_at)))
    elif one.refund is not None and one.refund.state == "owed":
        lines.append(t("↩️ A refund is on its way."))
    elif one.refund is not None and one.refund.state == "failed":
        lines.append(t("⚠️ The refund was not possible: {words}", words=esc(one.refund.words or "")))
    if not payment.accepted and not payment.refunded and payment.disputed_at is None:
        lines.append(t("⚠️ It is not what was asked for, so it gave nothing. You decide."))
    if one.given is not None and one.given.revoked:
        lines.append(t("What it gave was taken back."))
    elif one.given is not None:
        lines.append(t("It gave access {end}.", end=until(t, one.given.end_at)))
    return lines


def _payment_rows(t: Translator, one: PaidLike) -> list[list[Button]]:
    payment = one.payment
    if payment.refunded >= payment.paid.minor or payment.disputed_at is not None:
        return []
    if one.refund is not None and one.refund.state == "owed":
        return []
    rows = []
    if not payment.accepted:
        rows.append([Button(t("✅ Give access anyway"), action=f"sales:accept:{payment.id}")])
    words = t("↩️ Refund {amount}", amount=amount(t, payment.paid))
    rows.append([Button(words, action=f"sales:refund:{payment.id}")])
    if one.refund is not None:
        rows.append([Button(t("I gave it back myself"), action=f"sales:returned:{payment.id}")])
    return rows


def ask_refund(t: Translator, sale: SaleLike, one: PaidLike) -> Page:
    """Ask before giving money back."""
    payment = one.payment
    text = t(
        "Give {amount} back to {who}? What it gave is taken back, too.",
        amount=bold(amount(t, payment.paid)),
        who=bold(_buyer(t, sale.order, sale.name)),
    )
    return _sure(text, Button(t("Yes, refund"), action=f"sales:refunded:{payment.id}"), t, payment)


def ask_returned(t: Translator, sale: SaleLike, one: PaidLike) -> Page:
    """Ask before believing that it went back."""
    payment = one.payment
    text = t(
        "You gave {amount} back to {who} yourself? Then what it gave is taken back now.",
        amount=bold(amount(t, payment.paid)),
        who=bold(_buyer(t, sale.order, sale.name)),
    )
    return _sure(text, Button(t("Yes, I did"), action=f"sales:gone:{payment.id}"), t, payment)


def _sure(text: str, yes: Button, t: Translator, payment: Payment) -> Page:
    return page(text, [yes, Button(t("No"), action=f"sales:open:{payment.order_id}")])


def exported(t: Translator, count: int) -> Page:
    """The caption of the file."""
    return page(t.plural("{n} row, the newest first.", "{n} rows, the newest first.", count))
