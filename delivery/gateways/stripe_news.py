"""What Stripe knows: sessions, invoices, subscriptions and PaymentIntents turned into proofs.

Everything here asks Stripe. An object of the owner's that is not one of ours has no `ORDER` in its metadata
and gives no news.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import stripe

from delivery.gateways.reading import dig, instant, text
from delivery.gateways.stripe_money import amount
from domain.gateways import News, Proof, State, SubscriptionNews

ORDER = "gatehouse_order"  # the metadata that holds our order's key
_MOST = 2000  # charges of one subscription that are looked at
# An inquiry ("warning") moves no money; in all the others the money is gone, or held back until the end.
_HARMLESS = frozenset(
    {"won", "prevented", "warning_needs_response", "warning_under_review", "warning_closed"}
)


class StripeNews:
    """Asks with one owner's client. To be used inside `stripe_wire.asking`."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._v1 = client.v1

    async def of_session(self, ref: str) -> list[News]:
        """A Checkout Session, with every charge that came of it."""
        found = await _found(
            self._v1.checkout.sessions.retrieve_async(ref, {"expand": ["payment_intent.latest_charge"]})
        )
        key = _order_key(found)
        if found is None or key is None:
            return []
        if found["status"] == "expired":
            return [Proof(State.CLOSED, ref, key)]
        if found["mode"] == "subscription":
            subscription = found["subscription"]
            news = await self.of_subscription(subscription) if subscription else []
            return (
                news if any(isinstance(one, Proof) for one in news) else [Proof(State.OPEN, ref, key), *news]
            )
        intent = found["payment_intent"]
        if found["payment_status"] == "paid" and intent:
            return await self._charge(intent, Proof(State.OPEN, ref, key))
        # A transfer that is on its way leaves the session complete and unpaid; one that failed as well.
        failed = found["status"] == "complete" and dig(intent, "status") in (
            "requires_payment_method",
            "canceled",
        )
        return [Proof(State.CLOSED if failed else State.OPEN, ref, key)]

    async def of_intent(self, intent: str) -> list[News]:
        """The charge of a PaymentIntent, wherever it comes from."""
        sessions = await self._v1.checkout.sessions.list_async({"payment_intent": intent, "limit": 1})
        if sessions.data:
            return await self.of_session(sessions.data[0].id)
        paid = await self._v1.invoice_payments.list_async(
            {"payment": {"type": "payment_intent", "payment_intent": intent}, "limit": 1}
        )
        if not paid.data:
            return []
        return await self.of_invoice(text(paid.data[0].to_dict()["invoice"]))

    async def of_invoice(self, ref: str) -> list[News]:
        """The charges of one invoice of a subscription."""
        found = await _found(self._v1.invoices.retrieve_async(ref))
        details = dig(found, "parent", "subscription_details")
        key = _order_key(details)
        if found is None or key is None:
            return []
        blank = await self._blank(text(details["subscription"]), key)
        paid = await self._v1.invoice_payments.list_async(
            {
                "invoice": ref,
                "status": "paid",
                "limit": 100,
                "expand": ["data.payment.payment_intent.latest_charge"],
            }
        )
        news: list[News] = []
        for one in paid.to_dict()["data"]:
            intent = dig(one, "payment", "payment_intent")
            if isinstance(intent, Mapping):
                news += await self._charge(intent, _later(blank, found))
        return news

    async def of_subscription(self, ref: str) -> list[News]:
        """A subscription, with all its charges.

        Its invoices name their PaymentIntents; these are read a hundred at a time through the customer,
        whom Checkout makes anew for every subscription.
        """
        found = await _found(self._v1.subscriptions.retrieve_async(ref))
        key = _order_key(found)
        if found is None or key is None:
            return []
        blank = await self._blank(ref, key)
        intents = {
            one["id"]: one
            async for one in _all(
                await self._v1.payment_intents.list_async(
                    {"customer": text(found["customer"]), "limit": 100, "expand": ["data.latest_charge"]}
                )
            )
        }
        news: list[News] = []
        invoices = await self._v1.invoices.list_async(
            {"subscription": ref, "status": "paid", "limit": 100, "expand": ["data.payments"]}
        )
        async for invoice in _all(invoices):
            for one in dig(invoice, "payments", "data") or ():
                intent = intents.get(str(dig(one, "payment", "payment_intent")))
                if intent is not None:
                    news += await self._charge(intent, _later(blank, invoice))
        return news + _standing(found)

    async def of_standing(self, ref: str) -> list[News]:
        """Whether a subscription goes on."""
        found = await _found(self._v1.subscriptions.retrieve_async(ref))
        return _standing(found) if found is not None and _order_key(found) else []

    async def _blank(self, subscription: str, key: str) -> Proof:
        """What all charges of a subscription have in common: its checkout and its order. Should Stripe know
        the checkout no longer, the order's key still says whose money it is."""
        sessions = await self._v1.checkout.sessions.list_async({"subscription": subscription, "limit": 1})
        ref = sessions.data[0].id if sessions.data else subscription
        return Proof(State.OPEN, ref, key, subscription=subscription)

    async def _charge(self, intent: Mapping[str, Any], blank: Proof) -> list[News]:
        """What became of the money of a PaymentIntent; nothing while it has not come."""
        charge = intent["latest_charge"]
        if intent["status"] != "succeeded" or not isinstance(charge, Mapping):
            return [] if blank.subscription else [blank]
        came = replace(
            blank,
            state=State.PAID,
            charge_id=text(intent["id"]),
            paid=amount(intent["amount_received"], intent["currency"]),
            at=instant(charge["created"]),
        )
        if charge["disputed"] and await self._lost(text(intent["id"])):
            return [came, replace(came, state=State.DISPUTED)]
        if charge["amount_refunded"]:
            back = amount(charge["amount_refunded"], charge["currency"])
            return [came, replace(came, state=State.REFUNDED, paid=back)]
        return [came]

    async def _lost(self, intent: str) -> bool:
        """Whether a dispute holds the money: `disputed` stays true of a charge whose dispute was won."""
        disputes = await self._v1.disputes.list_async({"payment_intent": intent, "limit": 100})
        return any(one.status not in _HARMLESS for one in disputes.data)


async def _found(asked: Any) -> dict[str, Any] | None:
    """An object, None where Stripe knows none of that id."""
    try:
        found: dict[str, Any] = (await asked).to_dict()
    except stripe.InvalidRequestError as error:
        if error.http_status == 404:
            return None
        raise
    return found


async def _all(page: Any) -> AsyncIterator[dict[str, Any]]:
    """A list and what follows it, up to a bound."""
    count = 0
    async for one in page.auto_paging_iter():
        yield one.to_dict()
        if (count := count + 1) >= _MOST:
            return


def _order_key(thing: object) -> str | None:
    key = dig(thing, "metadata", ORDER)
    return key if isinstance(key, str) and key else None


def _later(blank: Proof, invoice: Mapping[str, Any]) -> Proof:
    """The first invoice of a subscription is made with it, the others are recurring."""
    return replace(blank, recurring=invoice["billing_reason"] != "subscription_create")


def _standing(found: Mapping[str, Any]) -> list[News]:
    """Past due: Stripe goes on trying, so it goes on. Unpaid or canceled: it tries no more."""
    ref, status = text(found["id"]), found["status"]
    if status == "incomplete":
        return []
    goes_on = status in ("active", "trialing", "past_due")
    failed = status in ("unpaid", "incomplete_expired") or (
        dig(found, "cancellation_details", "reason") in ("payment_failed", "payment_disputed")
    )
    if goes_on and (found["cancel_at_period_end"] or found["cancel_at"]):
        return [SubscriptionNews(ref, active=False)]
    return [SubscriptionNews(ref, active=goes_on, failed=failed and not goes_on)]
