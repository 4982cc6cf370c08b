"""Stripe: cards, wallets and local ways to pay, once or again by itself.

Rules from docs.stripe.com: "Checkout Sessions", "Fulfill orders", "Webhooks: Check signatures",
"Subscription webhooks", "Idempotent requests", "Disputes: How disputes work". `ref` is the Checkout
Session's id, the charge id that of its PaymentIntent; charges of a subscription are found through its
invoices.

A notification is read for the id it names and for nothing else, so it does not matter which version of the
API the owner's webhook speaks.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import aiohttp
import stripe

from delivery.gateways.http import TIMEOUT, Refusal
from delivery.gateways.reading import dig, posted, text
from delivery.gateways.stripe_money import CURRENCIES, units
from delivery.gateways.stripe_news import ORDER, StripeNews
from delivery.gateways.stripe_wire import NAME, StripeWire, asking, client
from domain.clock import Clock
from domain.errors import BadSignature, GatewayRefused
from domain.gateways import Charge, Checkout, Credentials, Field, News, Notification, Traits, Wanted

ADDRESS = "https://api.stripe.com"
EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "invoice.paid",
    "charge.refunded",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
    "customer.subscription.updated",
    "customer.subscription.deleted",
)
LONGEST = 24  # hours a Checkout Session can stay open, and does unless told otherwise
_LOCALES = (
    "bg cs da de el en es et fi fil fr hr hu id it ja ko lt lv ms mt nb nl pl pt ro ru sk sl sv th tr vi zh"
)
_ID = re.compile(r"[A-Za-z0-9_]{1,255}")


class StripeGateway:
    """`domain.gateways.Gateway` and `HookMaker` for Stripe."""

    traits = Traits(
        name=NAME,
        display_name="Stripe",
        fields=(Field("secret_key"), Field("webhook_secret", hook=True)),
        recurring=True,
        currencies=CURRENCIES,
    )
    events = EVENTS

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        address: str = ADDRESS,
        timeout: float = TIMEOUT,
    ) -> None:
        self._clock, self._address = clock, address
        self._wire = StripeWire(session, address, timeout)

    def _client(self, credentials: Credentials) -> stripe.StripeClient:
        return client(self._wire, credentials["secret_key"], self._address)

    async def verify(self, credentials: Credentials) -> str:
        """A restricted key may not be allowed to name its account; then it has to know about checkouts."""
        secret = credentials.get("webhook_secret", "")
        if secret and not secret.startswith("whsec_"):
            raise GatewayRefused(NAME, "the signing secret begins with whsec_")
        known, key = self._client(credentials), credentials["secret_key"]
        name = NAME.capitalize()
        with asking(_secrets(credentials)):
            try:
                account = (await known.v1.accounts.retrieve_current_async()).to_dict()
                name = str(dig(account, "settings", "dashboard", "display_name") or account["id"])
            except stripe.PermissionError:
                await known.v1.checkout.sessions.list_async({"limit": 1})
        return f"{name[:100]} (test)" if "_test_" in key else name[:100]

    async def make_hook(self, credentials: Credentials, notify_url: str) -> Credentials:
        """An endpoint's secret is shown when it is made and never again: one that is there is made anew."""
        endpoints = self._client(credentials).v1.webhook_endpoints
        with asking(_secrets(credentials)):
            async for one in (await endpoints.list_async({"limit": 100})).auto_paging_iter():
                if one.url == notify_url:
                    await endpoints.delete_async(one.id)
            made = await endpoints.create_async(
                {"url": notify_url, "enabled_events": list(cast(Any, EVENTS))}
            )
            return {**credentials, "webhook_secret": text(made.secret)}

    async def checkout(self, credentials: Credentials, wanted: Wanted) -> Checkout:
        asked, closing = _asked(wanted), None
        if wanted.hours < LONGEST:
            closing = _closing(self._clock.now(), wanted.hours)
            asked["expires_at"] = closing
        # The same key must come with the same parameters, or Stripe refuses.
        key = wanted.key if closing is None else f"{wanted.key}-{closing}"
        with asking(_secrets(credentials)):
            made = await self._client(credentials).v1.checkout.sessions.create_async(
                cast(Any, asked), {"idempotency_key": key}
            )
            return Checkout(text(made.id), text(made.url))

    async def notified(self, credentials: Credentials, notification: Notification) -> Sequence[News]:
        _check(credentials, notification)
        event = posted(NAME, notification.body)
        kind, about = event.get("type"), dig(event, "data", "object")
        intent, own = dig(about, "payment_intent"), dig(about, "id")
        if not isinstance(kind, str):
            return ()
        with asking(_secrets(credentials)):
            news = StripeNews(self._client(credentials))
            if kind.startswith("checkout.session.") and _is_id(own):
                return await news.of_session(own)
            if kind.startswith("invoice.") and _is_id(own):
                return await news.of_invoice(own)
            if kind.startswith("customer.subscription.") and _is_id(own):
                return await news.of_standing(own)
            if kind.startswith(("charge.", "refund.")) and _is_id(intent):
                return await news.of_intent(intent)
        return ()

    async def look(self, credentials: Credentials, ref: str) -> Sequence[News]:
        with asking(_secrets(credentials)):
            return await StripeNews(self._client(credentials)).of_session(ref) if _is_id(ref) else ()

    async def look_subscription(self, credentials: Credentials, subscription: str) -> Sequence[News]:
        if not _is_id(subscription):
            return ()
        with asking(_secrets(credentials)):
            return await StripeNews(self._client(credentials)).of_subscription(subscription)

    async def refund(self, credentials: Credentials, charge: Charge) -> None:
        """What is left of the charge goes back. There is no idempotency key on purpose: no charge gives
        back more than was paid, while a key would repeat the first no for a day."""
        try:
            with asking(_secrets(credentials)):
                made = await self._client(credentials).v1.refunds.create_async(
                    {"payment_intent": charge.id, "metadata": {ORDER: charge.key}}
                )
        except Refusal as no:
            if dig(no.body, "error", "code") != "charge_already_refunded":
                raise
            return
        if made.status in ("failed", "canceled"):
            raise GatewayRefused(NAME, f"the refund is {made.status}: {made.failure_reason or 'no reason'}")

    async def end_subscription(
        self, credentials: Credentials, subscription: str, member_id: int | None
    ) -> None:
        """At once: Stripe then charges nothing more, not even what was due, and gives nothing back."""
        known = self._client(credentials).v1.subscriptions
        try:
            with asking(_secrets(credentials)):
                await known.cancel_async(subscription, {"invoice_now": False, "prorate": False})
        except Refusal:
            with asking(_secrets(credentials)):
                if (await known.retrieve_async(subscription)).status not in (
                    "canceled",
                    "incomplete_expired",
                ):
                    raise


def _secrets(credentials: Credentials) -> list[str]:
    return [credentials["secret_key"], credentials.get("webhook_secret", "")]


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _check(credentials: Credentials, notification: Notification) -> None:
    """By the SDK: HMAC-SHA256 over time and body, no older than five minutes, compared in constant time."""
    try:
        stripe.WebhookSignature.verify_header(
            notification.body,
            notification.headers.get("stripe-signature"),
            credentials.get("webhook_secret"),
            stripe.Webhook.DEFAULT_TOLERANCE,
        )
    except (stripe.SignatureVerificationError, ValueError, TypeError) as error:
        words = error.user_message if isinstance(error, stripe.SignatureVerificationError) else None
        raise BadSignature(NAME, words or "the body is no text") from None


def _closing(now: datetime, hours: int) -> int:
    """When the checkout closes, in Unix seconds: a full hour, so that asking again soon asks the same."""
    end = now + timedelta(hours=max(hours, 1))
    return int((end.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)).timestamp())


def _asked(wanted: Wanted) -> dict[str, Any]:
    metadata = {ORDER: wanted.key}
    product = {"name": wanted.title} | ({"description": wanted.description} if wanted.description else {})
    price: dict[str, Any] = {
        "currency": wanted.amount.currency.lower(),
        "unit_amount": units(wanted.amount),
        "product_data": product,
    }
    asked: dict[str, Any] = {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "client_reference_id": wanted.key,
        "metadata": metadata,
        "success_url": wanted.return_url,
        "cancel_url": wanted.cancel_url,
        "locale": wanted.locale if wanted.locale in _LOCALES.split() else "auto",
        # Else Stripe could ask for the payer's own currency, and the price is in the plan's.
        "adaptive_pricing": {"enabled": False},
    }
    if wanted.email:
        asked["customer_email"] = wanted.email
    if repeated := _repeated(wanted):
        price["recurring"] = repeated
        return asked | {"mode": "subscription", "subscription_data": {"metadata": metadata}}
    return asked | {"payment_intent_data": {"metadata": metadata, "description": wanted.title}}


def _repeated(wanted: Wanted) -> Mapping[str, Any] | None:
    """How often it is charged; Stripe counts up to three years."""
    if wanted.every_months:
        return {"interval": "month", "interval_count": wanted.every_months}
    if wanted.every_days:
        return {"interval": "day", "interval_count": wanted.every_days}
    return None
