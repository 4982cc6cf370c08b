"""Telegram's news about money: may it move, it has moved, it went back, a subscription turned."""

from datetime import UTC, datetime
from typing import Any

from aiogram.types import BotSubscriptionUpdated, Message, PreCheckoutQuery

from domain.actor import Actor
from domain.bots import Bot
from domain.gateways import Proof, State
from domain.money import STARS, Money
from domain.orders import STARS as STARS_GATEWAY
from domain.orders import TELEGRAM
from handlers.routing import Feature
from services.checkout import CheckoutService
from services.payments import PaymentService


def checkout_feature() -> Feature:
    """What Telegram says around a payment."""
    feature = Feature("checkout")

    @feature.events.pre_checkout_query()
    async def may_it(event: PreCheckoutQuery, actor: Actor, tenant: Bot, checkout: CheckoutService) -> None:
        asked = Money(event.total_amount, event.currency)
        await checkout.answer(actor, tenant.id, event.id, event.invoice_payload, asked)

    @feature.events.message(_has_payment)
    async def paid(message: Message, actor: Actor, tenant: Bot, taking: PaymentService) -> None:
        payment = message.successful_payment
        if payment is None:
            return
        proof = Proof(
            State.PAID,
            ref=payment.invoice_payload,
            order_key=payment.invoice_payload,
            charge_id=payment.telegram_payment_charge_id,
            paid=Money(payment.total_amount, payment.currency),
            at=_utc(message.date),
            subscription=payment.telegram_payment_charge_id if payment.is_recurring else None,
            recurring=bool(payment.is_recurring and not payment.is_first_recurring),
            payer=actor.user_id if actor.user_id > 0 else None,
        )
        await taking.paid(actor.as_house(), tenant.id, _gateway(payment.currency), proof)

    @feature.events.message(_has_refund)
    async def refunded(message: Message, actor: Actor, tenant: Bot, taking: PaymentService) -> None:
        refund = message.refunded_payment
        if refund is None:
            return
        proof = Proof(
            State.REFUNDED,
            ref=refund.invoice_payload,
            order_key=refund.invoice_payload,
            charge_id=refund.telegram_payment_charge_id,
            paid=Money(refund.total_amount, refund.currency),
            at=_utc(message.date),
        )
        await taking.paid(actor.as_house(), tenant.id, _gateway(refund.currency), proof)

    @feature.events.subscription()
    async def turned(
        event: BotSubscriptionUpdated, actor: Actor, tenant: Bot, taking: PaymentService
    ) -> None:
        await taking.subscription_turned(
            actor.as_house(),
            tenant.id,
            event.invoice_payload,
            event.user.id,
            active=event.state == "active",
            failed=event.state == "failed",
        )

    return feature


async def _has_payment(message: Message, **_: Any) -> bool:
    return message.successful_payment is not None


async def _has_refund(message: Message, **_: Any) -> bool:
    return message.refunded_payment is not None


def _gateway(currency: str) -> str:
    return STARS_GATEWAY if currency == STARS else TELEGRAM


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
