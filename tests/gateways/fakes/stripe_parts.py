"""What lies in Stripe: objects by id, how they hang together, and how a request expands them."""

import itertools
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

Thing = dict[str, Any]


def unfold(pairs: Iterable[tuple[str, str]]) -> Thing:
    """A form's `a[b][0]=c` as nested objects."""
    whole: Thing = {}
    for name, value in pairs:
        first, *rest = name.replace("]", "").split("[")
        place = whole
        for step in rest:
            place, first = place.setdefault(first, {}), step or str(len(place.get(first, {})))
        place[first] = value
    return whole


class Store:
    """All objects of all accounts."""

    def __init__(self) -> None:
        self.sessions: dict[str, Thing] = {}
        self.subscriptions: dict[str, Thing] = {}
        self.invoices: dict[str, Thing] = {}
        self.payments: dict[str, Thing] = {}
        self.intents: dict[str, Thing] = {}
        self.charges: dict[str, Thing] = {}
        self.disputes: dict[str, Thing] = {}
        self.owners: dict[str, str] = {}  # the account's key by the object's id
        self.fresh: list[Thing] = []  # invoices nobody was told of
        self._numbers = itertools.count(1)

    def id(self, prefix: str) -> str:
        """A new id."""
        return f"{prefix}_test{next(self._numbers):06}"

    def session(self, asked: Thing, url: str) -> Thing:
        """A new Checkout Session."""
        price = asked["line_items"]["0"]["price_data"]
        found = {
            "id": self.id("cs"),
            "object": "checkout.session",
            "mode": asked["mode"],
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": int(price["unit_amount"]),
            "currency": price["currency"],
            "metadata": asked.get("metadata", {}),
            "payment_intent": None,
            "subscription": None,
            "expires_at": int(asked.get("expires_at", 0)),
            "asked": asked,
        }
        found["url"] = f"{url}/pay/{found['id']}"
        self.sessions[found["id"]] = found
        return found

    def intent(self, amount: int, currency: str, customer: str | None, now: int) -> Thing:
        """A PaymentIntent that was paid, with its charge."""
        charge = {
            "id": self.id("ch"),
            "object": "charge",
            "amount": amount,
            "currency": currency,
            "amount_refunded": 0,
            "refunded": False,
            "disputed": False,
            "created": now,
        }
        intent = {
            "id": self.id("pi"),
            "object": "payment_intent",
            "status": "succeeded",
            "amount_received": amount,
            "currency": currency,
            "customer": customer,
            "latest_charge": charge["id"],
        }
        charge["payment_intent"] = intent["id"]
        self.charges[charge["id"]], self.intents[intent["id"]] = charge, intent
        return intent

    def subscribe(self, session: Thing, amount: int, now: int) -> tuple[str, Thing]:
        """The subscription a paid session begins, and its first PaymentIntent."""
        found = {
            "id": self.id("sub"),
            "object": "subscription",
            "status": "active",
            "customer": self.id("cus"),
            "metadata": session["asked"]["subscription_data"]["metadata"],
            "cancel_at": None,
            "cancel_at_period_end": False,
            "cancellation_details": {"reason": None},
            "amount": amount,
            "currency": session["currency"],
            "session": session["id"],
        }
        self.subscriptions[found["id"]] = found
        self.owners[found["id"]] = self.owners[session["id"]]
        _, intent = self.invoice(found, "subscription_create", now)
        return str(found["id"]), intent

    def invoice(self, subscription: Thing, reason: str, now: int) -> tuple[Thing, Thing]:
        """A paid invoice of a subscription, and its PaymentIntent."""
        intent = self.intent(subscription["amount"], subscription["currency"], subscription["customer"], now)
        details = {"subscription": subscription["id"], "metadata": subscription["metadata"]}
        invoice = {
            "id": self.id("in"),
            "object": "invoice",
            "status": "paid",
            "billing_reason": reason,
            "parent": {"type": "subscription_details", "subscription_details": details},
        }
        payment = {
            "id": self.id("inpay"),
            "object": "invoice_payment",
            "status": "paid",
            "invoice": invoice["id"],
            "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
        }
        self.invoices[invoice["id"]], self.payments[payment["id"]] = invoice, payment
        self.owners[invoice["id"]] = self.owners[subscription["id"]]
        self.fresh.append(invoice)
        return invoice, intent

    def charge_of(self, intent: str) -> Thing:
        """The charge of a PaymentIntent."""
        return self.charges[self.intents[intent]["latest_charge"]]

    def session_of(self, subscription: str) -> str:
        """The session that began a subscription."""
        return str(self.subscriptions[subscription]["session"])

    def find(self, id: str) -> Thing | None:
        """Whatever has that id."""
        kinds = (self.sessions, self.subscriptions, self.invoices, self.intents, self.charges)
        return next((kind[id] for kind in kinds if id in kind), None)

    def listed(self, kind: str, query: Thing) -> list[Thing]:
        """What a list of that kind holds, the newest first, by the filters Stripe knows."""
        kinds = {
            "checkout/sessions": self.sessions,
            "invoices": self.invoices,
            "invoice_payments": self.payments,
            "payment_intents": self.intents,
            "disputes": self.disputes,
        }
        found = list(reversed(kinds[kind].values()))
        if isinstance(wanted := query.get("payment"), dict):
            found = [one for one in found if one["payment"] == wanted]
        for name in ("payment_intent", "customer", "invoice", "status"):
            if name in query:
                found = [one for one in found if one[name] == query[name]]
        if "subscription" in query:
            found = [one for one in found if self._subscription_of(one) == query["subscription"]]
        return found

    def _subscription_of(self, thing: Thing) -> Any:
        if thing["object"] == "invoice":
            return thing["parent"]["subscription_details"]["subscription"]
        return thing["subscription"]

    def expanded(self, thing: Thing, wishes: list[str]) -> Thing:
        """A copy with ids replaced by what they name, where that was wished; nothing else is."""
        shown = dict(thing)
        for wish in wishes:
            name, _, rest = wish.partition(".")
            if thing["object"] == "invoice" and name == "payments":
                paid = [one for one in self.payments.values() if one["invoice"] == thing["id"]]
                shown[name] = {"object": "list", "data": paid, "has_more": False, "url": "/v1/x"}
            elif isinstance(inner := shown.get(name), dict):
                shown[name] = self.expanded({"object": name, **inner}, [rest])
            elif isinstance(inner, str):
                named = self.find(inner)
                assert named is not None
                shown[name] = self.expanded(named, [rest] if rest else [])
        return shown


def event(kind: str, about: dict[str, Any]) -> bytes:
    """An event's bytes."""
    about = {name: value for name, value in about.items() if name != "asked"}  # ours alone
    return json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": about}}).encode()


def listed(data: list[dict[str, Any]], path: str, *, more: bool = False) -> dict[str, Any]:
    """A page of a list."""
    return {"object": "list", "data": data, "has_more": more, "url": path}


def wishes(request: web.Request, prefix: str = "") -> list[str]:
    """What a request wants expanded."""
    wished = [value for name, value in parse_qsl(request.query_string) if name.startswith("expand")]
    assert all(wish.count(".") < 4 for wish in wished), "no deeper than four levels"
    assert all(wish.startswith(prefix) for wish in wished)
    return [wish.removeprefix(prefix) for wish in wished]


def written(body: bytes) -> str | None:
    """The body as text, where it is one."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
