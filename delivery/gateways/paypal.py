"""PayPal: accounts and cards, once (Orders v2) or again by itself (Subscriptions).

Rules from developer.paypal.com/docs/api: Orders v2, Payments v2, Catalog Products, Subscriptions, Disputes,
Webhooks Management; "Currency codes"; "Idempotency". `ref` is the order's id, or the subscription's, which
begins with `I-`; the charge id is that of the capture, for subscriptions that of the transaction.

A payer only approves; the money is taken when we ask for it. We do so whenever we see an approved order,
told or not. PayPal takes the money of an order once.
"""

import re
from collections.abc import Sequence
from datetime import UTC

import aiohttp

from delivery.gateways import paypal_plans
from delivery.gateways.http import TIMEOUT, Refusal, path
from delivery.gateways.paypal_news import PayPalNews
from delivery.gateways.paypal_wire import NAME, PayPalWire, issue
from delivery.gateways.reading import dig, reading, text
from domain.clock import Clock
from domain.errors import GatewayRefused
from domain.gateways import Charge, Checkout, Credentials, Field, News, Notification, Traits, Wanted

LIVE, SANDBOX = "https://api-m.paypal.com", "https://api-m.sandbox.paypal.com"
EVENTS = (
    "CHECKOUT.ORDER.APPROVED",
    "PAYMENT.CAPTURE.COMPLETED",
    "PAYMENT.CAPTURE.DENIED",
    "PAYMENT.CAPTURE.REFUNDED",
    "PAYMENT.CAPTURE.REVERSED",
    "PAYMENT.SALE.COMPLETED",
    "PAYMENT.SALE.REFUNDED",
    "PAYMENT.SALE.REVERSED",
    "BILLING.SUBSCRIPTION.ACTIVATED",
    "BILLING.SUBSCRIPTION.SUSPENDED",
    "BILLING.SUBSCRIPTION.CANCELLED",
    "BILLING.SUBSCRIPTION.EXPIRED",
    "CUSTOMER.DISPUTE.CREATED",
    "CUSTOMER.DISPUTE.UPDATED",
    "CUSTOMER.DISPUTE.RESOLVED",
)
_CURRENCIES = (
    "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD"
)
SUBSCRIPTION = "I-"  # how ids of subscriptions begin
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_OVER = frozenset({"CANCELLED", "EXPIRED"})


class PayPalGateway:
    """`domain.gateways.Gateway` and `HookMaker` for PayPal."""

    traits = Traits(
        name=NAME,
        display_name="PayPal",
        fields=(
            Field("mode", secret=False, choices=("live", "sandbox")),
            Field("client_id", secret=False),
            Field("client_secret"),
            Field("webhook_id", secret=False, hook=True),
        ),
        recurring=True,
        currencies=frozenset(_CURRENCIES.split()),
    )
    events = EVENTS

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        live: str = LIVE,
        sandbox: str = SANDBOX,
        timeout: float = TIMEOUT,
    ) -> None:
        self._clock = clock
        self._wire = PayPalWire(session, {"live": live, "sandbox": sandbox}, timeout)

    async def verify(self, credentials: Credentials) -> str:
        """PayPal names no accounts to an app: says which app it is. Asking for webhooks shows that the
        keys are good."""
        await self._wire.ask(credentials, "GET", "/v1/notifications/webhooks")
        client = credentials["client_id"]
        return f"PayPal {credentials['mode']} ({client[:12]}{'…' * (len(client) > 12)})"

    async def make_hook(self, credentials: Credentials, notify_url: str) -> Credentials:
        """One that is there for the same address is made anew, so that it has all the events."""
        known = await self._wire.ask(credentials, "GET", "/v1/notifications/webhooks")
        with reading(NAME):
            same = [text(one["id"]) for one in known["webhooks"] if one["url"] == notify_url]
        for one in same:
            await self._wire.ask(credentials, "DELETE", path("v1", "notifications", "webhooks", one))
        asked = {"url": notify_url, "event_types": [{"name": event} for event in EVENTS]}
        made = await self._wire.ask(credentials, "POST", "/v1/notifications/webhooks", json=asked)
        with reading(NAME):
            return {**credentials, "webhook_id": text(made["id"])}

    async def checkout(self, credentials: Credentials, wanted: Wanted) -> Checkout:
        if wanted.every_days or wanted.every_months:
            where = "/v1/billing/subscriptions"
            asked = await paypal_plans.subscription(self._wire, credentials, wanted)
        else:
            where, asked = "/v2/checkout/orders", paypal_plans.order(wanted)
        made = await self._wire.ask(credentials, "POST", where, json=asked, once=wanted.key)
        with reading(NAME):
            pages = {one["rel"]: one["href"] for one in made["links"]}
            return Checkout(text(made["id"]), text(pages.get("payer-action") or pages.get("approve")))

    async def notified(self, credentials: Credentials, notification: Notification) -> Sequence[News]:
        event = await self._wire.event(credentials, notification)
        kind, about = str(event.get("event_type")), event.get("resource")
        own = dig(about, "id")
        news = self._news(credentials)
        if kind.startswith("CHECKOUT.ORDER."):
            return await news.of_order(own) if _is_id(own) else ()
        if kind.startswith("PAYMENT.CAPTURE."):
            # A refund links up to what it refunds.
            capture = _up(about) or own
            return await news.of_charge(capture) if _is_id(capture) else ()
        if kind == "PAYMENT.SALE.COMPLETED":
            agreement = dig(about, "billing_agreement_id")
            if not _is_id(agreement) or not _is_id(own):
                return ()
            return await news.of_transaction(agreement, own)
        if kind.startswith("PAYMENT.SALE."):
            sale, back = (dig(about, "sale_id"), own) if dig(about, "sale_id") else (own, None)
            return await news.of_charge(sale, back if _is_id(back) else None) if _is_id(sale) else ()
        if kind.startswith("BILLING.SUBSCRIPTION."):
            return await news.of_standing(own) if _is_id(own) else ()
        if kind.startswith("CUSTOMER.DISPUTE."):
            dispute = dig(about, "dispute_id")
            return await news.of_dispute(dispute) if _is_id(dispute) else ()
        return ()

    async def look(self, credentials: Credentials, ref: str) -> Sequence[News]:
        if not _is_id(ref):
            return ()
        news = self._news(credentials)
        return await (news.of_subscription(ref) if ref.startswith(SUBSCRIPTION) else news.of_order(ref))

    async def look_subscription(self, credentials: Credentials, subscription: str) -> Sequence[News]:
        if not _is_id(subscription):
            return ()
        return await self._news(credentials).of_subscription(subscription)

    def _news(self, credentials: Credentials) -> PayPalNews:
        return PayPalNews(self._wire, credentials, self._clock.now().astimezone(UTC))

    async def refund(self, credentials: Credentials, charge: Charge) -> None:
        """Without an amount PayPal gives back what is left."""
        asked = path("v2", "payments", "captures", charge.id, "refund")
        try:
            made = await self._wire.ask(credentials, "POST", asked, json={}, once=charge.key)
        except Refusal as no:
            if issue(no) != "CAPTURE_FULLY_REFUNDED":
                raise
            return
        if dig(made, "status") in ("FAILED", "CANCELLED"):
            raise GatewayRefused(NAME, f"the refund is {str(dig(made, 'status')).lower()}")

    async def end_subscription(
        self, credentials: Credentials, subscription: str, member_id: int | None
    ) -> None:
        where = path("v1", "billing", "subscriptions", subscription)
        try:
            await self._wire.ask(credentials, "POST", where + "/cancel", json={"reason": "Ended in Telegram"})
        except Refusal:
            found = await self._wire.ask(credentials, "GET", where)
            if dig(found, "status") not in _OVER:
                raise


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _up(about: object) -> str | None:
    """The capture that a refund links up to."""
    links = dig(about, "links")
    for one in links if isinstance(links, list) else ():
        if dig(one, "rel") == "up":
            return str(dig(one, "href")).rpartition("/")[2]
    return None
