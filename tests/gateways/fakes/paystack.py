"""Paystack, as its API reference describes it: transactions, refunds, disputes, signed events."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from aiohttp import web

from domain.gateways import Notification
from domain.money import Money
from tests.gateways.fakes.abilities import Disputing, RefundsByHand
from tests.gateways.fakes.base import Account


@dataclass
class Transaction:
    """A transaction; `state` in Paystack's words."""

    id: int
    reference: str
    account: Account
    wanted: Money
    metadata: Any
    state: str = "abandoned"
    paid: Money | None = None
    paid_at: str | None = None
    refunds: list[dict[str, Any]] = field(default_factory=list)
    disputes: list[dict[str, Any]] = field(default_factory=list)


class PaystackFake(RefundsByHand, Disputing):
    """Serves api.paystack.co."""

    name = "paystack"
    credentials: ClassVar[Account] = {"secret_key": "sk_test_d10560c705c1c402ff1e2406d88135e698261251"}
    other: ClassVar[Account] = {"secret_key": "sk_test_0000000000000000000000000000000000000002"}
    secrets = frozenset({"secret_key"})
    price = Money(500_000, "NGN")
    opening = "initialize"
    second_currency = "GHS"
    idempotent = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.sales: dict[str, Transaction] = {}
        self.shown_amount: Any = ...  # a nonsense amount to show
        self.says_no_politely = False

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/balance", self._balance)
        router.add_post("/transaction/initialize", self._initialize)
        router.add_get("/transaction/verify/{reference}", self._verify)
        router.add_get("/transaction/{id}", self._fetch)
        router.add_get("/refund", self._list_refunds)
        router.add_post("/refund", self._refund)
        router.add_get("/dispute/transaction/{id}", self._disputes)

    def refusal(self, words: str, status: int = 400, code: str = "invalid_params") -> web.Response:
        return web.json_response({"status": False, "message": words, "code": code}, status=status)

    def sign(self, body: bytes, account: Account) -> Notification:
        signature = hmac.new(account["secret_key"].encode(), body, hashlib.sha512).hexdigest()
        return Notification({"x-paystack-signature": signature, "content-type": "application/json"}, body)

    def checkouts(self) -> list[str]:
        return list(self.sales)

    def account_of(self, ref: str) -> Account:
        return self.sales[ref].account

    # What people do.

    def pay(self, ref: str, amount: str | None = None, currency: str | None = None) -> str:
        sale = self.sales[ref]
        sale.state, sale.paid = "success", self.in_whole(amount, currency, sale.wanted)
        sale.paid_at = self.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.tell({"event": "charge.success", "data": self._shown(sale)}, sale.account)
        return str(sale.id)

    def expire(self, ref: str) -> None:
        self.sales[ref].state = "failed"
        self.tell({"event": "charge.failed", "data": self._shown(self.sales[ref])}, self.sales[ref].account)

    def refund(self, charge_id: str, amount: str | None = None) -> None:
        sale = self._by_id(charge_id)
        assert sale is not None
        assert sale.paid is not None
        back = self.in_whole(amount, None, sale.paid)
        self._give_back(sale, back.minor)

    def dispute(self, charge_id: str) -> None:
        sale = self._by_id(charge_id)
        assert sale is not None
        sale.disputes.append(
            {"id": self.number(), "status": "awaiting-merchant-feedback", "resolution": None}
        )
        self._tell_dispute("charge.dispute.create", sale)

    def settle(self, charge_id: str, *, won: bool) -> None:
        sale = self._by_id(charge_id)
        assert sale is not None
        sale.disputes[-1] |= {
            "status": "resolved",
            "resolution": "declined" if won else "merchant-accepted",
        }
        if not won:
            sale.state = "reversed"
        self._tell_dispute("charge.dispute.resolve", sale)

    def paid_back(self, charge_id: str) -> Money:
        sale = self._by_id(charge_id)
        assert sale is not None
        assert sale.paid is not None
        return Money(sum(one["amount"] for one in sale.refunds), sale.paid.currency)

    def lie(self, ref: str) -> bytes:
        shown = self._shown(self.sales[ref]) | {"status": "success", "amount": 500_000}
        return json.dumps({"event": "charge.success", "data": shown}).encode()

    def stray(self) -> bytes:
        data = {"id": 99, "reference": "somebody-elses", "status": "success", "amount": 1, "currency": "NGN"}
        return json.dumps({"event": "charge.success", "data": data}).encode()

    # What Paystack answers.

    def _caller(self, request: web.Request) -> Account | None:
        given = request.headers.get("Authorization", "")
        return next(
            (one for one in (self.credentials, self.other) if given == f"Bearer {one['secret_key']}"), None
        )

    def _mine(self, request: web.Request, sale: Transaction | None) -> web.Response | None:
        if (caller := self._caller(request)) is None:
            return self.refusal("Invalid key", 401, "invalid_Key")
        if sale is None or sale.account != caller:
            return self.refusal("Transaction reference not found", 404, "transaction_not_found")
        return None

    def _by_id(self, charge_id: str) -> Transaction | None:
        return next((sale for sale in self.sales.values() if str(sale.id) == charge_id), None)

    def _shown(self, sale: Transaction) -> dict[str, Any]:
        shown = sale.paid or sale.wanted
        return {
            "id": sale.id,
            "domain": "test",
            "status": sale.state,
            "reference": sale.reference,
            "amount": shown.minor if self.shown_amount is ... else self.shown_amount,
            "currency": shown.currency,
            "paid_at": sale.paid_at,
            "metadata": sale.metadata,
            "requested_amount": sale.wanted.minor,
        }

    def _tell_dispute(self, kind: str, sale: Transaction) -> None:
        data = {**sale.disputes[-1], "transaction": self._shown(sale), "transaction_reference": None}
        self.tell({"event": kind, "data": data}, sale.account)

    def _give_back(self, sale: Transaction, amount: int) -> dict[str, Any]:
        refund = {
            "id": self.number(),
            "transaction": sale.id,
            "amount": amount,
            "currency": sale.wanted.currency,
            "status": "processed",
        }
        sale.refunds.append(refund)
        assert sale.paid is not None
        if sum(one["amount"] for one in sale.refunds) >= sale.paid.minor:
            sale.state = "reversed"
        told = {"status": "processed", "transaction_reference": sale.reference, "amount": str(amount)}
        self.tell({"event": "refund.processed", "data": told}, sale.account)
        return refund

    async def _balance(self, request: web.Request) -> web.Response:
        if self._caller(request) is None:
            return self.refusal("Invalid key", 401, "invalid_Key")
        if self.says_no_politely:
            return web.json_response({"status": False, "message": "No, said politely"})
        return _fine([{"currency": "NGN", "balance": 1000}])

    async def _initialize(self, request: web.Request) -> web.Response:
        if (caller := self._caller(request)) is None:
            return self.refusal("Invalid key", 401, "invalid_Key")
        asked: Mapping[str, Any] = await request.json()
        if "@" not in asked["email"]:
            return self.refusal("Invalid Email Address Passed")
        if not str(asked["amount"]).isdecimal() or int(asked["amount"]) == 0:
            return self.refusal("Invalid Amount Sent")
        reference = asked["reference"]
        if not reference.replace("-", "").replace(".", "").replace("=", "").isalnum():
            return self.refusal("Invalid character in transaction reference")
        if reference in self.sales:
            return self.refusal("Duplicate Transaction Reference", code="duplicate_reference")
        wanted = Money(int(asked["amount"]), asked["currency"])
        sale = Transaction(4_099_260_000 + self.number(), reference, caller, wanted, asked["metadata"])
        self.sales[reference] = sale
        return _fine(
            {"authorization_url": f"{self.url}/pay/{reference}", "access_code": "x", "reference": reference}
        )

    async def _verify(self, request: web.Request) -> web.Response:
        sale = self.sales.get(request.match_info["reference"])
        if (no := self._mine(request, sale)) is not None or sale is None:
            return no or web.Response(status=500)
        return _fine(self._shown(sale))

    async def _fetch(self, request: web.Request) -> web.Response:
        sale = self._by_id(request.match_info["id"])
        if (no := self._mine(request, sale)) is not None or sale is None:
            return no or web.Response(status=500)
        return _fine(self._shown(sale))

    async def _list_refunds(self, request: web.Request) -> web.Response:
        caller = self._caller(request)
        # Those of other transactions as well: nobody can rely on the filter alone.
        return _fine([one for sale in self.sales.values() if sale.account == caller for one in sale.refunds])

    async def _refund(self, request: web.Request) -> web.Response:
        asked = await request.json()
        sale = self._by_id(str(asked["transaction"]))
        if (no := self._mine(request, sale)) is not None or sale is None:
            return no or web.Response(status=500)
        if sale.state == "reversed":
            return self.refusal("Transaction has been fully reversed", code="transaction_reversed")
        if sale.paid is None:
            return self.refusal("Transaction is not successful")
        amount = int(asked.get("amount", sale.paid.minor))
        if amount + sum(one["amount"] for one in sale.refunds) > sale.paid.minor:
            return self.refusal("Refund amount cannot be more than the transaction amount")
        return _fine(self._give_back(sale, amount))

    async def _disputes(self, request: web.Request) -> web.Response:
        sale = self._by_id(request.match_info["id"])
        if (no := self._mine(request, sale)) is not None or sale is None:
            return no or web.Response(status=500)
        return _fine(sale.disputes)


def _fine(data: Any) -> web.Response:
    return web.json_response({"status": True, "message": "Done", "data": data})
