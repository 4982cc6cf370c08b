"""PayPal's subscriptions: products, plans, agreements and the transactions that come of them."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from domain.money import Money
from tests.gateways.fakes.abilities import Recurring
from tests.gateways.fakes.base import Account
from tests.gateways.fakes.paypal_app import PayPalApp
from tests.gateways.fakes.paypal_parts import amount_of, moment


@dataclass
class Agreement:
    """A subscription."""

    id: str
    account: Account
    asked: dict[str, Any]
    begun: str
    status: str = "APPROVAL_PENDING"
    failed: int = 0
    transactions: list["Transaction"] = field(default_factory=list)


@dataclass
class Transaction:
    """A charge of a subscription."""

    id: str
    agreement: Agreement
    paid: Money
    at: str
    back: Money
    refunds: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        """In the words of the list of transactions."""
        if not self.back.minor:
            return "COMPLETED"
        return "REFUNDED" if self.back == self.paid else "PARTIALLY_REFUNDED"


class Billing(PayPalApp, Recurring):
    """The part of PayPal that charges again."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.products: dict[str, dict[str, Any]] = {}
        self.plans: dict[str, dict[str, Any]] = {}
        self.agreements: dict[str, Agreement] = {}
        self.lagging: set[str] = set()  # transactions the list does not show yet

    def billing_routes(self, router: web.UrlDispatcher) -> None:
        """Add the endpoints."""
        router.add_post("/v1/catalogs/products", self.once(self._make_product))
        router.add_get("/v1/billing/plans", self._list_plans)
        router.add_post("/v1/billing/plans", self.once(self._make_plan))
        router.add_post("/v1/billing/subscriptions", self.once(self._make_agreement))
        router.add_get("/v1/billing/subscriptions/{id}", self._get_agreement)
        router.add_post("/v1/billing/subscriptions/{id}/cancel", self._cancel)
        router.add_get("/v1/billing/subscriptions/{id}/transactions", self._list_transactions)
        router.add_get("/v1/payments/sale/{id}", self._get_sale)

    # What people do.

    def approve_agreement(self, ref: str, amount: str | None, currency: str | None) -> str:
        """The payer approves, and PayPal charges for the first time."""
        found = self.agreements[ref]
        found.status = "ACTIVE"
        self._tell("BILLING.SUBSCRIPTION.ACTIVATED", self._told(found), found.account)
        return self._charge(found, self.in_whole(amount, currency, self._price(found)))

    def charge_again(self, subscription: str) -> str:
        found = self.agreements[subscription]
        return self._charge(found, self._price(found))

    def cancel(self, subscription: str, *, failed: bool = False) -> None:
        found = self.agreements[subscription]
        found.status, found.failed = ("SUSPENDED", 1) if failed else ("CANCELLED", 0)
        self._tell(f"BILLING.SUBSCRIPTION.{found.status}", self._told(found), found.account)

    def active(self, subscription: str) -> bool:
        return self.agreements[subscription].status == "ACTIVE"

    def sale(self, charge_id: str) -> Transaction | None:
        """A transaction by its id."""
        found = (one for agreement in self.agreements.values() for one in agreement.transactions)
        return next((one for one in found if one.id == charge_id), None)

    def give_sale_back(self, sale: Transaction, amount: Money) -> dict[str, Any]:
        """Money of a transaction goes back."""
        sale.back = Money(sale.back.minor + amount.minor, amount.currency)
        total = {"total_refunded_amount": amount_of(sale.back)}
        refund = {"id": f"REF{self.number()}", "status": "COMPLETED", "amount": amount_of(amount)}
        sale.refunds.append(refund | {"seller_payable_breakdown": total})
        told = {"id": refund["id"], "sale_id": sale.id, "amount": {"total": f"-{amount.amount:f}"}}
        self._tell("PAYMENT.SALE.REFUNDED", told, sale.agreement.account)
        return refund

    def refund_sale(self, sale: Transaction) -> web.Response:
        """Give back what is left."""
        left = sale.paid.minor - sale.back.minor
        if not left:
            return self.refused("The capture has already been fully refunded", "CAPTURE_FULLY_REFUNDED")
        return web.json_response(self.give_sale_back(sale, Money(left, sale.paid.currency)), status=201)

    def refund_of_sale(self, ref: str) -> dict[str, Any] | None:
        """A refund by its id."""
        sales = (one for agreement in self.agreements.values() for one in agreement.transactions)
        return next((refund for one in sales for refund in one.refunds if refund["id"] == ref), None)

    def _charge(self, found: Agreement, paid: Money) -> str:
        at = moment(self.clock, len(found.transactions))
        sale = Transaction(f"SALE{self.number():013}", found, paid, at, Money(0, paid.currency))
        found.transactions.append(sale)
        told = {"id": sale.id, "billing_agreement_id": found.id, "custom": found.asked["custom_id"]}
        self._tell("PAYMENT.SALE.COMPLETED", told | {"state": "completed"}, found.account)
        return sale.id

    def _price(self, found: Agreement) -> Money:
        cycle = self.plans[found.asked["plan_id"]]["billing_cycles"][0]
        return amount_of(cycle["pricing_scheme"]["fixed_price"])

    def _told(self, found: Agreement) -> dict[str, Any]:
        return {
            "id": found.id,
            "status": found.status,
            "plan_id": found.asked["plan_id"],
            "custom_id": found.asked["custom_id"],
            "create_time": found.begun,
            "billing_info": {"failed_payments_count": found.failed},
            "links": [{"rel": "approve", "href": f"{self.url}/pay/{found.id}"}],
        }

    # What PayPal answers.

    async def _make_product(self, request: web.Request, caller: Account) -> web.Response:
        asked = await request.json()
        assert 6 <= len(asked["id"]) <= 50
        if asked["id"] in self.products:
            return self.refused("Duplicate resource identifier", "DUPLICATE_RESOURCE_IDENTIFIER")
        self.products[asked["id"]] = asked
        return web.json_response(asked, status=201)

    async def _list_plans(self, request: web.Request) -> web.Response:
        if (caller := self.caller(request)) is None:
            return self.stranger()
        if request.query["product_id"] not in self.products:
            return self.missing()
        found = [
            one
            for one in self.plans.values()
            if one["product_id"] == request.query["product_id"] and one["account"] == caller["client_id"]
        ]
        return web.json_response({"plans": found})

    async def _make_plan(self, request: web.Request, caller: Account) -> web.Response:
        asked = await request.json()
        made = asked | {"id": f"P-{self.number():024}", "account": caller["client_id"]}
        self.plans[made["id"]] = made
        return web.json_response(made, status=201)

    async def _make_agreement(self, request: web.Request, caller: Account) -> web.Response:
        asked = await request.json()
        if self.plans.get(asked["plan_id"], {}).get("account") != caller["client_id"]:
            return self.missing()
        made = Agreement(f"I-{self.number():012}", caller, asked, moment(self.clock))
        self.agreements[made.id] = made
        return web.json_response(self._told(made), status=201)

    def _mine_of(self, request: web.Request) -> Agreement | web.Response:
        if (caller := self.caller(request)) is None:
            return self.stranger()
        found = self.agreements.get(request.match_info["id"])
        return self.missing() if found is None or found.account != caller else found

    async def _get_agreement(self, request: web.Request) -> web.Response:
        found = self._mine_of(request)
        return found if isinstance(found, web.Response) else web.json_response(self._told(found))

    async def _cancel(self, request: web.Request) -> web.Response:
        found = self._mine_of(request)
        if isinstance(found, web.Response):
            return found
        if found.status != "ACTIVE":
            words = "Invalid subscription status for cancel action"
            return self.refused(words, "SUBSCRIPTION_STATUS_INVALID")
        self.cancel(found.id)
        return web.Response(status=204)

    async def _list_transactions(self, request: web.Request) -> web.Response:
        found = self._mine_of(request)
        if isinstance(found, web.Response):
            return found
        assert request.query["start_time"] < found.begun < request.query["end_time"]
        listed = [
            {
                "id": one.id,
                "status": one.status,
                "time": one.at,
                "amount_with_breakdown": {"gross_amount": amount_of(one.paid)},
            }
            for one in reversed(found.transactions)
            if one.id not in self.lagging
        ]
        # Short pages, so that whoever does not turn them is found out.
        page = int(request.query.get("page", "1"))
        answer: dict[str, Any] = {"transactions": listed[2 * page - 2 : 2 * page], "links": []}
        if len(listed) > 2 * page:
            query = "&".join(f"{name}={value}" for name, value in request.query.items() if name != "page")
            answer["links"] = [{"rel": "next", "href": f"{self.url}{request.path}?{query}&page={page + 1}"}]
        return web.json_response(json.loads(json.dumps(answer)))

    async def _get_sale(self, request: web.Request) -> web.Response:
        found = self.sale(request.match_info["id"])
        if (caller := self.caller(request)) is None:
            return self.stranger()
        if found is None or found.agreement.account != caller:
            return self.missing()
        return web.json_response({"id": found.id, "billing_agreement_id": found.agreement.id})
