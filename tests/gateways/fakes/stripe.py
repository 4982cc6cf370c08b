"""Stripe, as its API reference describes it (version 2026-10-28.endive): Checkout, Billing, signed events.

An invoice has no PaymentIntent of its own since 2025-03-31: it has payments, which have one.
"""

import json
import time
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import stripe
from aiohttp import web

from delivery.gateways.stripe_money import amount as counted
from delivery.gateways.stripe_money import units
from domain.gateways import Notification
from domain.money import Money
from tests.gateways.fakes.abilities import Disputing, Recurring, RefundsByHand
from tests.gateways.fakes.base import Account
from tests.gateways.fakes.stripe_parts import Store, event, listed, unfold, wishes, written


class StripeFake(RefundsByHand, Disputing, Recurring):
    """Serves api.stripe.com."""

    name = "stripe"
    credentials: ClassVar[Account] = {
        "secret_key": "sk_test_51Hxyz0123456789abcdefghij",
        "webhook_secret": "whsec_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    }
    other: ClassVar[Account] = {
        "secret_key": "sk_test_51Other456789abcdefghijklm",
        "webhook_secret": "whsec_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    }
    secrets = frozenset({"secret_key"})
    price = Money(999, "USD")
    opening = "/v1/checkout/sessions"
    late = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.store = Store()
        self.done: dict[tuple[str, str], tuple[bytes, web.Response]] = {}  # by account and idempotency key
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.restricted = False  # the keys may not read their account
        self.refund_status = "succeeded"
        self.balance_is_empty = False
        self.key_in_use = False  # a request with the same key is on its way

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/v1/account", self._account)
        router.add_post("/v1/checkout/sessions", self._once(self._create_session))
        router.add_post("/v1/refunds", self._once(self._create_refund))
        router.add_post("/v1/webhook_endpoints", self._once(self._create_endpoint))
        router.add_get("/v1/webhook_endpoints", self._list_endpoints)
        router.add_delete("/v1/webhook_endpoints/{id}", self._delete_endpoint)
        router.add_delete("/v1/subscriptions/{id}", self._cancel)
        for kind in ("checkout/sessions", "invoices", "subscriptions"):
            router.add_get(f"/v1/{kind}/{{id}}", self._retrieve)
        for kind in ("checkout/sessions", "invoices", "invoice_payments", "payment_intents", "disputes"):
            router.add_get(f"/v1/{kind}", self._list)

    def refusal(self, words: str, status: int = 400, code: str = "parameter_invalid") -> web.Response:
        error = {"type": "invalid_request_error", "message": words, "code": code}
        return web.json_response({"error": error}, status=status)

    def sign(self, body: bytes, account: Account, at: int | None = None) -> Notification:
        moment = int(time.time()) if at is None else at
        secret = account["webhook_secret"]
        signature = stripe.WebhookSignature._compute_signature(f"{moment}.{body.decode('latin-1')}", secret)
        if (clean := written(body)) is not None:
            signature = stripe.WebhookSignature._compute_signature(f"{moment}.{clean}", secret)
        return Notification({"stripe-signature": f"t={moment},v1={signature}"}, body)

    def forgeries(self, true: Notification) -> dict[str, Notification]:
        old = self.sign(true.body, self.credentials, int(time.time()) - 2 * 86_400)
        return {**super().forgeries(true), "two days old": old}

    def checkouts(self) -> list[str]:
        return list(self.store.sessions)

    def account_of(self, ref: str) -> Account:
        return next(
            one for one in (self.credentials, self.other) if one["secret_key"] == self.store.owners[ref]
        )

    # What people do.

    def pay(self, ref: str, amount: str | None = None, currency: str | None = None) -> str:
        session = self.store.sessions[ref]
        assert session["status"] == "open", "Stripe takes no money for a closed session"
        came = self.in_whole(amount, currency, counted(session["amount_total"], session["currency"]))
        session |= {"status": "complete", "payment_status": "paid"}
        now = int(self.clock.now().timestamp())
        if session["mode"] == "payment":
            intent = self.store.intent(units(came), came.currency.lower(), None, now)
            session["payment_intent"] = intent["id"]
        else:
            session["subscription"], intent = self.store.subscribe(session, units(came), now)
        self._own(ref, intent["id"])
        for invoice in self._new_invoices():
            self._tell("invoice.paid", invoice, ref)
        self._tell("checkout.session.completed", session, ref)
        return str(intent["id"])

    def charge_again(self, subscription: str) -> str:
        store = self.store
        now = int(self.clock.now().timestamp())
        invoice, intent = store.invoice(store.subscriptions[subscription], "subscription_cycle", now)
        self._own(store.session_of(subscription), intent["id"])
        self._new_invoices()
        self._tell("invoice.paid", invoice, store.session_of(subscription))
        return str(intent["id"])

    def expire(self, ref: str) -> None:
        self.store.sessions[ref]["status"] = "expired"
        self._tell("checkout.session.expired", self.store.sessions[ref], ref)

    def refund(self, charge_id: str, amount: str | None = None) -> None:
        charge = self.store.charge_of(charge_id)
        whole = counted(charge["amount"], charge["currency"])
        self._give_back(charge, units(self.in_whole(amount, None, whole)))

    def dispute(self, charge_id: str) -> None:
        charge = self.store.charge_of(charge_id)
        charge["disputed"] = True
        dispute = {
            "id": self.store.id("dp"),
            "object": "dispute",
            "status": "needs_response",
            "payment_intent": charge_id,
            "amount": charge["amount"],
        }
        self.store.disputes[dispute["id"]] = dispute
        self._tell("charge.dispute.created", dispute, charge_id)

    def settle(self, charge_id: str, *, won: bool) -> None:
        dispute = next(one for one in self.store.disputes.values() if one["payment_intent"] == charge_id)
        dispute["status"] = "won" if won else "lost"
        self._tell("charge.dispute.closed", dispute, charge_id)

    def paid_back(self, charge_id: str) -> Money:
        charge = self.store.charge_of(charge_id)
        return counted(charge["amount_refunded"], charge["currency"])

    def cancel(self, subscription: str, *, failed: bool = False) -> None:
        found = self.store.subscriptions[subscription]
        reason = "payment_failed" if failed else "cancellation_requested"
        found |= {"status": "canceled", "cancellation_details": {"reason": reason}}
        self._tell("customer.subscription.deleted", found, self.store.session_of(subscription))

    def active(self, subscription: str) -> bool:
        return bool(self.store.subscriptions[subscription]["status"] == "active")

    def lie(self, ref: str) -> bytes:
        told = self.store.sessions[ref] | {"status": "complete", "payment_status": "paid"}
        return event("checkout.session.completed", told)

    def stray(self) -> bytes:
        return event("checkout.session.completed", {"id": "cs_test_unknown", "payment_status": "paid"})

    def _own(self, of: str, id: str) -> None:
        self.store.owners[id] = self.store.owners[of]

    def _tell(self, kind: str, about: dict[str, Any], of: str) -> None:
        self.tell(json.loads(event(kind, about)), self.account_of(of))

    def _new_invoices(self) -> list[dict[str, Any]]:
        fresh, self.store.fresh = self.store.fresh, []
        return fresh

    def _give_back(self, charge: dict[str, Any], amount: int) -> dict[str, Any]:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self._tell("charge.refunded", charge, charge["payment_intent"])
        status = self.refund_status
        return {"id": self.store.id("re"), "object": "refund", "status": status, "failure_reason": None}

    # What Stripe answers.

    def _caller(self, request: web.Request) -> str | None:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return key if key in (self.credentials["secret_key"], self.other["secret_key"]) else None

    def _stranger(self) -> web.Response:
        return self.refusal("Invalid API Key provided: sk_test_****", 401, "api_key_invalid")

    def _missing(self, what: str) -> web.Response:
        return self.refusal(f"No such object: '{what}'", 404, "resource_missing")

    def _once(self, handler: Any) -> Any:
        """Idempotency: the first answer for a key is the answer, and other parameters are an error."""

        async def answer(request: web.Request) -> web.Response:
            if (caller := self._caller(request)) is None:
                return self._stranger()
            body = await request.read()
            mark = (caller, request.headers["Idempotency-Key"])
            if self.key_in_use:
                return self.refusal("Another request is using this key.", 409, "idempotency_key_in_use")
            known = self.done.get(mark)
            if known is not None and known[0] != body:
                error = {"type": "idempotency_error", "message": "Keys for idempotent requests can only be…"}
                return web.json_response({"error": error}, status=400)
            if known is None:
                made = await handler(caller, unfold(parse_qsl(body.decode())))
                self.done[mark] = known = (body, made)
            return web.Response(body=known[1].body, status=known[1].status, content_type="application/json")

        return answer

    async def _account(self, request: web.Request) -> web.Response:
        if self._caller(request) is None:
            return self._stranger()
        if self.restricted:
            return self.refusal("The provided key does not have the required permissions.", 403)
        named = {"dashboard": {"display_name": "Olga's club"}}
        return web.json_response({"id": "acct_1", "object": "account", "settings": named})

    async def _create_session(self, caller: str, asked: dict[str, Any]) -> web.Response:
        price = asked["line_items"]["0"]["price_data"]
        if not price["unit_amount"].isdecimal() or int(price["unit_amount"]) < 50:
            return self.refusal("The Checkout Session's total amount must convert to at least 50 cents.")
        session = self.store.session(asked, self.url)
        self.store.owners[session["id"]] = caller
        return web.json_response(session)

    async def _create_refund(self, caller: str, asked: dict[str, Any]) -> web.Response:
        intent = asked["payment_intent"]
        if self.store.owners.get(intent) != caller:
            return self._missing(intent)
        charge = self.store.charge_of(intent)
        if self.balance_is_empty:
            return self.refusal("Insufficient funds in your Stripe balance.", code="balance_insufficient")
        if charge["refunded"]:
            return self.refusal("Charge has already been refunded.", code="charge_already_refunded")
        return web.json_response(self._give_back(charge, charge["amount"] - charge["amount_refunded"]))

    async def _create_endpoint(self, caller: str, asked: dict[str, Any]) -> web.Response:
        made = {"id": self.store.id("we"), "object": "webhook_endpoint", "url": asked["url"]}
        self.endpoints[made["id"]] = made | {"events": sorted(asked["enabled_events"].values())}
        return web.json_response(made | {"secret": self.credentials["webhook_secret"]})

    async def _list_endpoints(self, request: web.Request) -> web.Response:
        return web.json_response(listed([dict(one) for one in self.endpoints.values()], request.path))

    async def _delete_endpoint(self, request: web.Request) -> web.Response:
        del self.endpoints[request.match_info["id"]]
        return web.json_response({"id": request.match_info["id"], "deleted": True})

    async def _cancel(self, request: web.Request) -> web.Response:
        found = self.store.subscriptions.get(request.match_info["id"])
        if (caller := self._caller(request)) is None:
            return self._stranger()
        if found is None or self.store.owners.get(found["id"]) != caller or found["status"] == "canceled":
            return self._missing(request.match_info["id"])
        self.cancel(found["id"])
        return web.json_response(found)

    async def _retrieve(self, request: web.Request) -> web.Response:
        if (caller := self._caller(request)) is None:
            return self._stranger()
        found = self.store.find(request.match_info["id"])
        if found is None or self.store.owners.get(found["id"]) != caller:
            return self._missing(request.match_info["id"])
        return web.json_response(self.store.expanded(found, wishes(request)))

    async def _list(self, request: web.Request) -> web.Response:
        if (caller := self._caller(request)) is None:
            return self._stranger()
        kind = request.path.removeprefix("/v1/")
        query = unfold(parse_qsl(request.query_string))
        found = [
            one
            for one in self.store.listed(kind, query)
            if self.store.owners.get(one["id"], caller) == caller
        ]
        # Short pages, so that whoever does not turn them is found out.
        limit = min(int(query.get("limit", 10)), 2)
        after = query.get("starting_after")
        start = next((place + 1 for place, one in enumerate(found) if one["id"] == after), 0)
        part = [self.store.expanded(one, wishes(request, "data.")) for one in found[start : start + limit]]
        return web.json_response(listed(part, request.path, more=start + limit < len(found)))
