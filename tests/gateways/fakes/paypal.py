"""PayPal, as its API reference describes it: orders, captures, refunds, disputes.

Tokens and events are in `paypal_app`, subscriptions in `paypal_billing`.
"""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from domain.money import Money
from tests.gateways.fakes.abilities import Disputing, RefundsByHand
from tests.gateways.fakes.base import Account
from tests.gateways.fakes.paypal_billing import Billing
from tests.gateways.fakes.paypal_parts import amount_of, moment


@dataclass
class Order:
    """An order; `status` in PayPal's words. It has one capture at most."""

    id: str
    account: Account
    unit: dict[str, Any]
    wanted: Money
    status: str = "PAYER_ACTION_REQUIRED"
    came: Money | None = None  # what a capture will take
    decline: str = ""  # the issue a capture is answered with
    capture: dict[str, Any] | None = None
    refunds: list[dict[str, Any]] = field(default_factory=list)


class PayPalFake(Billing, RefundsByHand, Disputing):
    """Serves api-m.paypal.com."""

    name = "paypal"
    secrets = frozenset({"client_secret"})
    price = Money(999, "USD")
    opening = "/v2/checkout/orders"
    unsigned_headers = frozenset({"content-type", "paypal-cert-url"})
    late = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.orders: dict[str, Order] = {}
        self.disputes_by_id: dict[str, dict[str, Any]] = {}
        self.sees_disputes = True  # whether the app has the permission

    def routes(self, router: web.UrlDispatcher) -> None:
        self.app_routes(router)
        router.add_post("/v2/checkout/orders", self.once(self._make_order))
        router.add_get("/v2/checkout/orders/{id}", self._get_order)
        router.add_post("/v2/checkout/orders/{id}/capture", self._capture)
        router.add_get("/v2/payments/captures/{id}", self._get_capture)
        router.add_post("/v2/payments/captures/{id}/refund", self.once(self._refund))
        router.add_get("/v2/payments/refunds/{id}", self._get_refund)
        router.add_get("/v1/customer/disputes", self._list_disputes)
        router.add_get("/v1/customer/disputes/{id}", self._get_dispute)
        self.billing_routes(router)

    def checkouts(self) -> list[str]:
        return [*self.orders, *self.agreements]

    def account_of(self, ref: str) -> Account:
        return self.orders[ref].account if ref in self.orders else self.agreements[ref].account

    # What people do.

    def pay(self, ref: str, amount: str | None = None, currency: str | None = None) -> str:
        if ref in self.agreements:
            return self.approve_agreement(ref, amount, currency)
        order = self.orders[ref]
        assert order.status != "VOIDED", "PayPal takes no money for a voided order"
        order.came, order.status = self.in_whole(amount, currency, order.wanted), "APPROVED"
        self._tell("CHECKOUT.ORDER.APPROVED", self._shown(order), order.account)
        return f"CAP{order.id}"

    def expire(self, ref: str) -> None:
        self.orders[ref].status = "VOIDED"
        self._tell("CHECKOUT.ORDER.VOIDED", self._shown(self.orders[ref]), self.orders[ref].account)

    def refund(self, charge_id: str, amount: str | None = None) -> None:
        if (sale := self.sale(charge_id)) is not None:
            self.give_sale_back(sale, self.in_whole(amount, None, sale.paid))
            return
        order = self.orders[charge_id.removeprefix("CAP")]
        self._captured(order)
        assert order.came is not None
        self._give_back(order, self.in_whole(amount, None, order.came))

    def dispute(self, charge_id: str) -> None:
        order = self.orders.get(charge_id.removeprefix("CAP"))
        if order is not None:
            self._captured(order)
        dispute = {
            "dispute_id": f"PP-D-{self.number()}",
            "status": "WAITING_FOR_SELLER_RESPONSE",
            "dispute_life_cycle_stage": "CHARGEBACK",
            "disputed_transactions": [{"seller_transaction_id": charge_id}],
        }
        self.disputes_by_id[dispute["dispute_id"]] = dispute  # type: ignore[index]
        self._tell("CUSTOMER.DISPUTE.CREATED", dispute, self._owner(charge_id))

    def settle(self, charge_id: str, *, won: bool) -> None:
        dispute = next(one for one in self.disputes_by_id.values() if _about(one) == charge_id)
        outcome = "RESOLVED_SELLER_FAVOUR" if won else "RESOLVED_BUYER_FAVOUR"
        dispute |= {"status": "RESOLVED", "dispute_outcome": {"outcome_code": outcome}}
        self._tell("CUSTOMER.DISPUTE.RESOLVED", dispute, self._owner(charge_id))

    def paid_back(self, charge_id: str) -> Money:
        if (sale := self.sale(charge_id)) is not None:
            return sale.back
        order = self.orders[charge_id.removeprefix("CAP")]
        return _total(order, order.came or order.wanted)

    def lie(self, ref: str) -> bytes:
        order = self.orders[ref]
        capture = {"id": f"CAP{ref}", "status": "COMPLETED", "amount": amount_of(order.wanted)}
        related = {"supplementary_data": {"related_ids": {"order_id": ref}}}
        return self.event("PAYMENT.CAPTURE.COMPLETED", capture | related)

    def stray(self) -> bytes:
        return self.event("CHECKOUT.ORDER.APPROVED", {"id": "5O190127TN364715T", "status": "APPROVED"})

    def _captured(self, order: Order) -> None:
        """Take the money of an approved order, as our own asking would."""
        if order.capture is None:
            assert order.came is not None
            order.status = "COMPLETED"
            order.capture = {
                "id": f"CAP{order.id}",
                "status": "COMPLETED",
                "amount": amount_of(order.came),
                "custom_id": order.unit["custom_id"],
                "create_time": moment(self.clock),
                "supplementary_data": {"related_ids": {"order_id": order.id}},
            }
            self._tell("PAYMENT.CAPTURE.COMPLETED", order.capture, order.account)

    def _give_back(self, order: Order, amount: Money) -> dict[str, Any]:
        assert order.capture is not None
        assert order.came is not None
        up = {"rel": "up", "href": f"{self.url}/v2/payments/captures/{order.capture['id']}"}
        refund = {
            "id": f"REF{self.number()}",
            "status": "COMPLETED",
            "amount": amount_of(amount),
            "links": [{"rel": "self", "href": "x"}, up],
        }
        order.refunds.append(refund)
        whole = _total(order, order.came) == order.came
        order.capture["status"] = "REFUNDED" if whole else "PARTIALLY_REFUNDED"
        self._tell("PAYMENT.CAPTURE.REFUNDED", refund, order.account)
        return refund

    def _owner(self, charge_id: str) -> Account:
        sale = self.sale(charge_id)
        return sale.agreement.account if sale else self.orders[charge_id.removeprefix("CAP")].account

    def _shown(self, order: Order) -> dict[str, Any]:
        unit = dict(order.unit)
        if order.capture is not None:
            unit["payments"] = {"captures": [order.capture], "refunds": order.refunds}
        links = [{"rel": "payer-action", "href": f"{self.url}/pay/{order.id}"}]
        return {"id": order.id, "status": order.status, "purchase_units": [unit], "links": links}

    # What PayPal answers.

    async def _make_order(self, request: web.Request, caller: Account) -> web.Response:
        asked = await request.json()
        unit = asked["purchase_units"][0]
        wanted = amount_of(unit["amount"])
        if unit["amount"]["currency_code"] in ("JPY", "HUF", "TWD") and "." in unit["amount"]["value"]:
            return self.refusal("The currency does not support decimals.", 422, "DECIMALS_NOT_SUPPORTED")
        order = Order(f"5O{self.number():015}", caller, unit, wanted)
        self.orders[order.id] = order
        return web.json_response(self._shown(order), status=201)

    def _mine(self, request: web.Request) -> Order | web.Response:
        order = self.orders.get(request.match_info["id"].removeprefix("CAP"))
        if (caller := self.caller(request)) is None:
            return self.stranger()
        return self.missing() if order is None or order.account != caller else order

    async def _get_order(self, request: web.Request) -> web.Response:
        found = self._mine(request)
        return found if isinstance(found, web.Response) else web.json_response(self._shown(found))

    async def _capture(self, request: web.Request) -> web.Response:
        order = self._mine(request)
        if isinstance(order, web.Response):
            return order
        if order.capture is not None:
            return self.refusal("Order already captured.", 422, "ORDER_ALREADY_CAPTURED")
        if order.status != "APPROVED":
            return self.refusal("Payer has not yet approved the Order.", 422, "ORDER_NOT_APPROVED")
        same = [one for one in self.orders.values() if one.unit["invoice_id"] == order.unit["invoice_id"]]
        if any(one.capture for one in same):
            return self.refusal("Duplicate Invoice ID detected.", 422, "DUPLICATE_INVOICE_ID")
        if order.decline:
            return self.refusal("The instrument was declined.", 422, order.decline)
        self._captured(order)
        return web.json_response(self._shown(order), status=201)

    async def _get_capture(self, request: web.Request) -> web.Response:
        order = self._mine(request)
        if isinstance(order, web.Response):
            return order
        return self.missing() if order.capture is None else web.json_response(order.capture)

    async def _refund(self, request: web.Request, caller: Account) -> web.Response:
        sale = self.sale(request.match_info["id"])
        if sale is not None and sale.agreement.account == caller:
            return self.refund_sale(sale)
        order = self._mine(request)
        if isinstance(order, web.Response):
            return order
        if order.capture is None or order.came is None:
            return self.missing()
        left = order.came.minor - _total(order, order.came).minor
        if not left:
            return self.refusal("The capture has already been fully refunded", 422, "CAPTURE_FULLY_REFUNDED")
        return web.json_response(self._give_back(order, Money(left, order.came.currency)), status=201)

    async def _get_refund(self, request: web.Request) -> web.Response:
        found = self.refund_of_sale(request.match_info["id"])
        return self.missing() if found is None else web.json_response(found)

    async def _list_disputes(self, request: web.Request) -> web.Response:
        if self.caller(request) is None:
            return self.stranger()
        if not self.sees_disputes:
            return self.refusal("Not authorized.", 403, "NOT_AUTHORIZED")
        about = request.query["disputed_transaction_id"]
        found = [dict(one) for one in self.disputes_by_id.values() if _about(one) == about]
        for one in found:
            one.pop("dispute_outcome", None)  # the list leaves it out
        return web.json_response({"items": found, "links": []})

    async def _get_dispute(self, request: web.Request) -> web.Response:
        if self.caller(request) is None:
            return self.stranger()
        found = self.disputes_by_id.get(request.match_info["id"])
        return self.missing() if found is None else web.json_response(found)


def _about(dispute: dict[str, Any]) -> str:
    return str(dispute["disputed_transactions"][0]["seller_transaction_id"])


def _total(order: Order, of: Money) -> Money:
    return Money(sum(amount_of(one["amount"]).minor for one in order.refunds), of.currency)
