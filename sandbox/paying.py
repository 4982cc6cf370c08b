"""Paying: invoices, pre-checkout, charges, refunds. Subscriptions go on in `sandbox.subscriptions`."""

from __future__ import annotations

import secrets
from decimal import Decimal

from sandbox.errors import SandboxError
from sandbox.model import Bot, Chat, Json, Message, Query, User
from sandbox.money import STARS, Invoice, Payment, Subscription, Transaction
from sandbox.posting import post_service
from sandbox.render import user_json
from sandbox.world import World

INVOICE_PREFIX = "https://t.me/$"
INVOICE_ADDRESSES = (INVOICE_PREFIX, "t.me/$", "https://t.me/invoice/")
"""The ways an invoice link is written."""
# From Telegram's currencies.json, where it is not two.
MINOR_DIGITS = {"XTR": 0, "CLP": 0, "ISK": 0, "JPY": 0, "KRW": 0, "PYG": 0, "UGX": 0, "VND": 0}


class PaymentRefusedError(SandboxError):
    """The bot said no at pre-checkout, or said nothing in time."""


def new_invoice(
    world: World,
    bot: Bot,
    title: str,
    description: str,
    payload: str,
    currency: str,
    amount: int,
    subscription_period: int = 0,
) -> Invoice:
    """An invoice that can be paid through its message or its link."""
    slug = secrets.token_urlsafe(12)
    invoice = Invoice(bot, title, description, payload, currency, amount, slug, subscription_period)
    world.invoices[slug] = invoice
    return invoice


def invoice_link(invoice: Invoice) -> str:
    """The ``https://t.me/$…`` address of an invoice."""
    return INVOICE_PREFIX + invoice.slug


def find_invoice(world: World, link: str) -> Invoice | None:
    """The invoice an address leads to."""
    for prefix in INVOICE_ADDRESSES:
        if link.startswith(prefix):
            return world.invoices.get(link.removeprefix(prefix))
    return None


def display_amount(currency: str, amount: int) -> str:
    """An amount for people's eyes: ``5 ⭐`` or ``9.99 EUR``."""
    if currency == STARS:
        return f"{amount} ⭐"
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{Decimal(amount).scaleb(-digits):.{digits}f} {currency}"


def open_pre_checkout(world: World, invoice: Invoice, user: User) -> Query:
    """Ask the bot whether the payment may go on.

    Raises:
        SandboxError: the person lacks Stars.
    """
    require_stars(invoice, user)
    query = Query(
        str(8_000_000_000 + world.new_uid()),
        "pre_checkout",
        invoice.bot,
        user,
        world.clock.time(),
    )
    world.queries[query.id] = query
    body: Json = {
        "id": query.id,
        "from": user_json(user),
        "currency": invoice.currency,
        "total_amount": invoice.amount,
        "invoice_payload": invoice.payload,
    }
    invoice.bot.feed.push("pre_checkout_query", body, ("user", user.id))
    return query


def require_stars(invoice: Invoice, user: User) -> None:
    """Refuse when the person lacks Stars for the invoice."""
    if invoice.currency == STARS and user.stars < invoice.amount:
        raise SandboxError(
            "{name} has {stars} Stars, but {title} costs {price}.",
            name=user.full_name,
            stars=user.stars,
            title=invoice.title,
            price=invoice.amount,
        )


def complete(
    world: World,
    invoice: Invoice,
    user: User,
    chat: Chat,
    *,
    message: Message | None = None,
    renews: Subscription | None = None,
) -> Payment:
    """Move the money and tell the bot with ``successful_payment``.

    Args:
        message: the invoice's message, when it is paid through one.
        renews: the subscription whose next period is paid.

    Raises:
        SandboxError: the Stars went elsewhere after the bot had said yes.
    """
    require_stars(invoice, user)
    payment = _charged(world, invoice, user)
    if invoice.subscription_period:
        _extend(world, payment, renews)
    if message is not None:
        _show(world, payment, message)  # its Pay button turns into a receipt
    body = {"successful_payment": _successful_payment(payment, first=renews is None)}
    _show(world, payment, post_service(world, chat, user, "successful_payment", body))
    return payment


def _show(world: World, payment: Payment, message: Message) -> None:
    payment.shown_in.append(message)
    message.payments.append(payment)
    world.notify("message", message)


def _charged(world: World, invoice: Invoice, user: User) -> Payment:
    stars = invoice.currency == STARS
    payment = Payment(
        charge_id=f"stx{secrets.token_urlsafe(24)}" if stars else f"{user.id}_{secrets.token_hex(8)}",
        provider_charge_id=f"{user.id}_{secrets.token_hex(4)}" if stars else f"ch_{secrets.token_hex(12)}",
        user=user,
        invoice=invoice,
        date=world.clock.unix(),
    )
    world.payments[payment.charge_id] = payment
    if stars:
        user.stars -= invoice.amount
        world.notify("user", user)
    _book(world, payment, incoming=True)
    return payment


def _extend(world: World, payment: Payment, renews: Subscription | None) -> None:
    """Begin a subscription with its first charge, or add a period to it."""
    invoice = payment.invoice
    subscription = renews or Subscription(payment.charge_id, payment.user, invoice, expires=0)
    # An overdue renewal pays for the time from now on.
    payment.expires = max(payment.date, subscription.expires) + invoice.subscription_period
    payment.subscription = subscription
    subscription.expires, subscription.failed = payment.expires, False
    subscription.payments.append(payment)
    world.subscriptions[subscription.id] = subscription
    world.notify("subscription", subscription)


def _successful_payment(payment: Payment, *, first: bool) -> Json:
    content = _payment_json(payment) | {"provider_payment_charge_id": payment.provider_charge_id}
    if payment.subscription is not None:
        content |= {"subscription_expiration_date": payment.expires, "is_recurring": True}
        if first:
            content["is_first_recurring"] = True
    return content


def _payment_json(payment: Payment) -> Json:
    return {
        "currency": payment.currency,
        "total_amount": payment.amount,
        "invoice_payload": payment.payload,
        "telegram_payment_charge_id": payment.charge_id,
    }


def refund(world: World, payment: Payment) -> None:
    """The bot gives the Stars back; the person sees a service message, and so does the bot."""
    payment.user.stars += payment.amount
    world.notify("user", payment.user)
    _went_back(world, payment)


def take_back(world: World, payment: Payment) -> None:
    """The shop the Stars were bought in takes them back: out of the bot's balance, which may fall below zero.

    The person gets money there, not Stars here.

    Raises:
        SandboxError: no Stars, or they went back before.
    """
    if payment.currency != STARS:
        raise SandboxError("Only Stars can be taken back.")
    if payment.refunded:
        raise SandboxError("That payment went back before.")
    _went_back(world, payment)


def _went_back(world: World, payment: Payment) -> None:
    payment.refunded, payment.refund_date = True, world.clock.unix()
    _book(world, payment, incoming=False)
    chat = world.private_chat(payment.user, payment.bot)
    body = {"refunded_payment": _payment_json(payment)}
    post_service(world, chat, payment.user, "refunded_payment", body)
    for message in payment.shown_in:
        world.notify("message", message)  # its receipt says so


def _book(world: World, payment: Payment, *, incoming: bool) -> None:
    row = Transaction(payment, world.clock.unix(), incoming)
    if row.in_stars:
        payment.bot.stars += payment.amount if incoming else -payment.amount
    world.transactions.append(row)
    world.notify("ledger", payment.bot)
