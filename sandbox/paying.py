"""Paying invoices: pre-checkout, the Stars ledger, refunds, subscriptions."""

from __future__ import annotations

import secrets

from sandbox.errors import SandboxError
from sandbox.model import Bot, Chat, Invoice, Json, Payment, Query, User
from sandbox.posting import Draft, post, post_service
from sandbox.render import user_json
from sandbox.world import World

INVOICE_PREFIX = "https://t.me/$"
MINOR_DIGITS = {"XTR": 0, "JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3, "JOD": 3}


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


def display_amount(currency: str, amount: int) -> str:
    """An amount for people's eyes: ``5 ⭐`` or ``9.99 EUR``."""
    if currency == "XTR":
        return f"{amount} ⭐"
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{amount / 10**digits:.{digits}f} {currency}"


def open_pre_checkout(world: World, invoice: Invoice, user: User) -> Query:
    """Ask the bot whether the payment may go on.

    Raises:
        SandboxError: the person lacks Stars.
    """
    if invoice.currency == "XTR" and user.stars < invoice.amount:
        raise SandboxError(
            "{name} has {stars} Stars, but {title} costs {price}.",
            name=user.full_name,
            stars=user.stars,
            title=invoice.title,
            price=invoice.amount,
        )
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


def complete(
    world: World,
    invoice: Invoice,
    user: User,
    chat: Chat,
    *,
    recurring_of: Payment | None = None,
) -> Payment:
    """Move the money and tell the bot with ``successful_payment``."""
    payment = Payment(
        charge_id=f"stx{secrets.token_urlsafe(24)}",
        provider_charge_id=f"{user.id}_{secrets.token_hex(4)}",
        bot=invoice.bot,
        user=user,
        currency=invoice.currency,
        amount=invoice.amount,
        payload=invoice.payload,
        date=world.clock.unix(),
        subscription_period=invoice.subscription_period,
        invoice=invoice,
    )
    if invoice.currency == "XTR":
        user.stars -= invoice.amount
        invoice.bot.stars += invoice.amount
    content: Json = {
        "currency": payment.currency,
        "total_amount": payment.amount,
        "invoice_payload": payment.payload,
        "telegram_payment_charge_id": payment.charge_id,
        "provider_payment_charge_id": payment.provider_charge_id,
    }
    if payment.subscription_period:
        start = max(payment.date, recurring_of.expires if recurring_of else 0)
        payment.expires = start + payment.subscription_period
        content["subscription_expiration_date"] = payment.expires
        content["is_recurring"] = True
        if recurring_of is None:
            content["is_first_recurring"] = True
    invoice.paid_by.append(user.id)
    world.payments[payment.charge_id] = payment
    body = {"successful_payment": content}
    post_service(world, chat, user, "successful_payment", body, invoice=invoice)
    world.notify("user", user)
    return payment


def refund(world: World, payment: Payment) -> None:
    """Give Stars back; the person sees a service message, and so does the bot."""
    payment.refunded, payment.refund_date = True, world.clock.unix()
    payment.user.stars += payment.amount
    payment.bot.stars -= payment.amount
    chat = world.private_chat(payment.user, payment.bot)
    content = {
        "refunded_payment": {
            "currency": payment.currency,
            "total_amount": payment.amount,
            "invoice_payload": payment.payload,
            "telegram_payment_charge_id": payment.charge_id,
        }
    }
    post(world, chat, payment.user, Draft(content, service="refunded_payment"))
    world.notify("user", payment.user)


def set_subscription(payment: Payment, state: str) -> None:
    """The person cancels, restores, or fails to pay a subscription; the bot hears of it.

    ``state`` is ``canceled``, ``active`` or ``failed``, as in ``BotSubscriptionUpdated``.
    """
    payment.canceled = state == "canceled"
    body = {
        "user": user_json(payment.user),
        "invoice_payload": payment.payload,
        "state": state,
    }
    payment.bot.feed.push("subscription", body, ("user", payment.user.id))
