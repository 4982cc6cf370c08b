"""What PayPal is asked for: orders, and the plans that its subscriptions need.

A subscription needs a plan, and a plan a product. Both are shared by all orders of one title, price and
period: the product's id says which these are, and it has one plan.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from delivery.gateways.http import Refusal
from delivery.gateways.paypal_news import OURS, places
from delivery.gateways.paypal_wire import NAME, PayPalWire, issue
from delivery.gateways.reading import reading, text, to_decimal
from domain.gateways import Credentials, Wanted

_LONGEST = 127  # characters of a name or a description


def order(wanted: Wanted) -> dict[str, Any]:
    """An order to be paid once. Its key as invoice id stops a second payment even where PayPal has
    forgotten the idempotency key."""
    unit = {
        "reference_id": wanted.key,
        "custom_id": OURS + wanted.key,
        "invoice_id": wanted.key,
        "description": (wanted.description or wanted.title)[:_LONGEST],
        "amount": _amount(wanted),
    }
    context = {
        "shipping_preference": "NO_SHIPPING",
        "user_action": "PAY_NOW",
        "return_url": wanted.return_url,
        "cancel_url": wanted.cancel_url,
    }
    return {
        "intent": "CAPTURE",
        "purchase_units": [unit],
        "payment_source": {"paypal": {"experience_context": context}},
    }


async def subscription(wire: PayPalWire, credentials: Credentials, wanted: Wanted) -> dict[str, Any]:
    """A subscription to be approved; its plan is made where there is none yet."""
    return {
        "plan_id": await _plan(wire, credentials, wanted),
        "custom_id": OURS + wanted.key,
        "application_context": {
            "shipping_preference": "NO_SHIPPING",
            "user_action": "SUBSCRIBE_NOW",
            "return_url": wanted.return_url,
            "cancel_url": wanted.cancel_url,
        },
    }


async def _plan(wire: PayPalWire, credentials: Credentials, wanted: Wanted) -> str:
    cycle, title = _cycle(wanted), wanted.title[:_LONGEST]
    shared = hashlib.sha256(msgspec.json.encode([title, cycle])).hexdigest()[:32]
    product = f"GATEHOUSE-{shared}"
    if (known := await _known(wire, credentials, product)) is not None:
        return known
    named = {"id": product, "name": title, "type": "DIGITAL"}
    try:
        await wire.ask(credentials, "POST", "/v1/catalogs/products", json=named, once=f"{product}-p")
    except Refusal as no:
        if issue(no) != "DUPLICATE_RESOURCE_IDENTIFIER":
            raise
    asked = {
        "product_id": product,
        "name": title,
        "status": "ACTIVE",
        "billing_cycles": [cycle],
        # What could not be charged is not added to the next charge; a failed one, which PayPal has tried
        # again by itself, suspends the subscription.
        "payment_preferences": {"auto_bill_outstanding": False, "payment_failure_threshold": 1},
    }
    made = await wire.ask(credentials, "POST", "/v1/billing/plans", json=asked, once=f"{product}-b")
    with reading(NAME):
        return text(made["id"])


async def _known(wire: PayPalWire, credentials: Credentials, product: str) -> str | None:
    query = {"product_id": product, "page_size": "20"}
    try:
        found = await wire.ask(credentials, "GET", "/v1/billing/plans", query=query)
    except Refusal as no:
        if no.status in (400, 404, 422):  # PayPal knows no such product
            return None
        raise
    with reading(NAME):
        plans = found.get("plans") or ()
        return next((text(one["id"]) for one in plans if one["status"] == "ACTIVE"), None)


def _amount(wanted: Wanted) -> dict[str, str]:
    currency = wanted.amount.currency
    return {"currency_code": currency, "value": to_decimal(NAME, wanted.amount, places(currency))}


def _cycle(wanted: Wanted) -> Mapping[str, Any]:
    """How often how much; PayPal counts up to a year."""
    if wanted.every_months:
        years, rest = divmod(wanted.every_months, 12)
        unit, count = ("MONTH", wanted.every_months) if rest else ("YEAR", years)
    else:
        unit, count = "DAY", wanted.every_days or 0
    return {
        "frequency": {"interval_unit": unit, "interval_count": count},
        "tenure_type": "REGULAR",
        "sequence": 1,
        "total_cycles": 0,
        "pricing_scheme": {"fixed_price": _amount(wanted)},
    }
