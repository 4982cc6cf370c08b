"""Money on the page: its shapes, and what a person does with it; ``page_api.md`` describes both."""

from __future__ import annotations

from sandbox.errors import SandboxError
from sandbox.model import Bot, Json
from sandbox.money import STARS, Invoice, Payment, Subscription, Transaction
from sandbox.paying import display_amount, invoice_link
from sandbox.view_actions import Action, verb
from sandbox.world import World

NEWEST_ROWS = 100
"""Rows of a ledger that the page gets."""


def invoice_shape(invoice: Invoice) -> Json:
    """What is asked for, as a bill shows it."""
    return {
        "bot": invoice.bot.id,
        "title": invoice.title,
        "description": invoice.description,
        "currency": invoice.currency,
        "amount": invoice.amount,
        "display": display_amount(invoice.currency, invoice.amount),
        "card": invoice.currency != STARS,
        "period": invoice.subscription_period or None,
    }


def receipt_shape(payment: Payment) -> Json:
    """Receipt."""
    return {
        "charge": payment.charge_id,
        "provider_charge": payment.provider_charge_id,
        "person": payment.user.id,
        "bot": payment.bot.id,
        "title": payment.invoice.title,
        "display": display_amount(payment.currency, payment.amount),
        "card": payment.currency != STARS,
        "date": payment.date,
        "expires": payment.expires or None,
        "refunded": payment.refund_date or None,
    }


def ledger_shape(world: World, bot: Bot) -> Json:
    """Ledger."""
    rows = [row for row in world.transactions if row.bot is bot]
    return {"bot": bot.id, "stars": bot.stars, "rows": [_row(row) for row in rows[-NEWEST_ROWS:]]}


def _row(row: Transaction) -> Json:
    payment = row.payment
    return {
        "charge": payment.charge_id,
        "person": payment.user.id,
        "title": payment.invoice.title,
        "display": display_amount(payment.currency, payment.amount),
        "card": not row.in_stars,
        "date": row.date,
        "incoming": row.incoming,
        "returnable": row.incoming and row.in_stars and not payment.refunded,
    }


def subscription_shape(world: World, subscription: Subscription) -> Json:
    """Subscription."""
    invoice = subscription.invoice
    return {
        "id": subscription.id,
        "person": subscription.user.id,
        "bot": invoice.bot.id,
        "title": invoice.title,
        "display": display_amount(invoice.currency, invoice.amount),
        "expires": subscription.expires,
        "state": subscription.state(world.clock.time()),
        "by_bot": subscription.canceled_by_bot,
        "charges": len(subscription.payments),
        "link": invoice_link(invoice),
    }


@verb("pay")
async def pay(action: Action) -> Json:
    payment = await action.me.pay(action.text("link") or action.message())
    return {"receipt": receipt_shape(payment)}


@verb("cancel_subscription", "restore_subscription")
async def change_subscription(action: Action) -> None:
    wanted = action.text("subscription")
    subscription = next((one for one in action.me.subscriptions if one.id == wanted), None)
    if subscription is None:
        raise SandboxError("There is no such subscription.")
    payment = subscription.payments[-1]
    if action.body["do"] == "cancel_subscription":
        await action.me.cancel_subscription(payment)
    else:
        await action.me.restore_subscription(payment)
