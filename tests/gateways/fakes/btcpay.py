"""A BTCPay Server 2 as its swagger files and its `InvoiceWatcher.cs` describe it: invoices that get
payments, run out and are settled, webhooks, refunds by pull payment."""

import hashlib
import hmac
import json
from decimal import ROUND_UP, Decimal
from typing import Any, ClassVar, Self

from aiohttp import web

from domain.gateways import Notification
from domain.money import Money, money
from tests.gateways.fakes.abilities import RefundsByHand
from tests.gateways.fakes.base import Account
from tests.gateways.fakes.btcpay_invoices import COIN_DIGITS, RATE, Invoice, Paid, mistakes

STORE = "/api/v1/stores/{store}"


class BTCPayFake(RefundsByHand):
    """A server with two stores. Payments are settled at once, unless `unconfirmed`."""

    name = "cryptonokyc"
    credentials: ClassVar[Account] = {
        "url": "",
        "store": "9CiNzKoANXxmk5ayZngSXrHTiVvvgCrwrpFQd4m2K776",
        "key": "ee8a2d4dbcd19e6f0e9d3ba8d1ad4a33a8e0f1ce",
        "secret": "whsecret-4f3a",
    }
    other: ClassVar[Account] = {
        "url": "",
        "store": "2KxSpc9V5zDWfUbvgYiZuAfka4wUhGF96F75Ao8y4zHP",
        "key": "1111111111111111111111111111111111111111",
        "secret": "whsecret-0000",
    }
    secrets = frozenset({"key"})
    price = Money(999, "USD")
    opening = "/invoices"
    refunding = "/refund"
    other_currency = False
    partial_refunds = False
    coin = "BTC.LN"
    enabled = frozenset({"BTC-CHAIN", "BTC-LN", "LTC-CHAIN"})

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.sales: dict[str, Invoice] = {}
        self.pulls: list[dict[str, Any]] = []
        self.unconfirmed = False
        self.may_see_refunds = True

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        # The owner says where his server is: the address is one of the credentials.
        self.credentials = {**type(self).credentials, "url": self.url}
        self.other = {**type(self).other, "url": self.url + "/"}
        return self

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get(f"{STORE}/invoices", self._list)
        router.add_post(f"{STORE}/invoices", self._create)
        router.add_get(f"{STORE}/invoices/{{id}}", self._show)
        router.add_get(f"{STORE}/invoices/{{id}}/payment-methods", self._methods)
        router.add_post(f"{STORE}/invoices/{{id}}/refund", self._refund)
        router.add_get(f"{STORE}/pull-payments", self._pull_payments)

    def refusal(self, words: str, status: int = 400, code: str = "generic-error") -> web.Response:
        return web.json_response({"code": code, "message": words}, status=status)

    def sign(self, body: bytes, account: Account) -> Notification:
        signature = hmac.new(account["secret"].encode(), body, hashlib.sha256).hexdigest()
        return Notification({"btcpay-sig": f"sha256={signature}"}, body)

    def checkouts(self) -> list[str]:
        return list(self.sales)

    def account_of(self, ref: str) -> Account:
        return self.sales[ref].account

    # What people do.

    def pay(self, ref: str, amount: str | None = None, currency: str | None = None) -> str:
        sale = self.sales[ref]
        came = self.in_whole(amount, currency, sale.wanted)
        coins = (came.amount / RATE).quantize(COIN_DIGITS, ROUND_UP)
        methods = sale.asked["checkout"].get("paymentMethods") or ["BTC-CHAIN"]
        sale.payments.append(
            Paid(coins, methods[0], self._now(), "Processing" if self.unconfirmed else "Settled")
        )
        self._tell(sale, "InvoiceReceivedPayment", afterExpiration=sale.status == "Expired")
        if not self.unconfirmed:
            self._tell(sale, "InvoicePaymentSettled", afterExpiration=sale.status == "Expired")
        self._watch(sale)
        return ref

    def confirm(self, ref: str) -> None:
        """The network settles what came."""
        sale = self.sales[ref]
        for payment in sale.payments:
            payment.status = "Settled"
        self._tell(sale, "InvoicePaymentSettled", afterExpiration=sale.status == "Expired")
        self._watch(sale)

    def expire(self, ref: str) -> None:
        sale = self.sales[ref]
        sale.status = "Expired"
        self._tell(sale, "InvoiceExpired", partiallyPaid=bool(sale.payments))

    def mark(self, ref: str, status: str) -> None:
        """The owner marks an invoice as `Settled` or `Invalid` on the server's pages."""
        sale = self.sales[ref]
        sale.status, sale.more = status, "Marked"
        self._tell(sale, f"Invoice{status}", manuallyMarked=True)

    def refund(self, charge_id: str, amount: str | None = None) -> None:
        """On the server's pages; `amount` in coins."""
        sale = self.sales[charge_id.removesuffix("/part")]
        came = sale.came("Settled", "Processing")
        self._pull(sale, f"Refund {sale.id}", Decimal(amount) if amount else came)

    def paid_back(self, charge_id: str) -> Money:
        sale = self.sales[charge_id.removesuffix("/part")]
        back = sum(Decimal(one["amount"]) for one in self.pulls if one["name"].endswith(sale.id))
        worth = (back * RATE).quantize(Decimal("0.01"), rounding="ROUND_FLOOR")
        return money(f"{worth:f}", sale.wanted.currency)

    def lie(self, ref: str) -> bytes:
        sale = self.sales[ref]
        return json.dumps(self._event(sale, "InvoiceSettled", overPaid=False)).encode()

    def stray(self) -> bytes:
        event = {"type": "InvoiceSettled", "storeId": self.credentials["store"], "invoiceId": "SomebodyElses"}
        return json.dumps(event).encode()

    def _watch(self, sale: Invoice) -> None:
        for kind, more in sale.watch():
            self._tell(sale, kind, **more)

    def _event(self, sale: Invoice, kind: str, **more: Any) -> dict[str, Any]:
        delivery = f"delivery-{self.number()}"
        return {
            "deliveryId": delivery,
            "webhookId": "hook-1",
            "originalDeliveryId": delivery,
            "isRedelivery": False,
            "type": kind,
            "timestamp": self._now(),
            "storeId": sale.account["store"],
            "invoiceId": sale.id,
            "metadata": sale.asked["metadata"],
            **more,
        }

    def _tell(self, sale: Invoice, kind: str, **more: Any) -> None:
        self.tell(self._event(sale, kind, **more), sale.account)

    def _now(self) -> int:
        return int(self.clock.now().timestamp())

    # What the server answers.

    def _caller(self, request: web.Request) -> Account | web.Response:
        token = request.headers.get("Authorization", "").removeprefix("token ")
        caller = next((one for one in (self.credentials, self.other) if one["key"] == token), None)
        if caller is None:
            return self.refusal("Authentication is required", 401, "unauthenticated")
        if request.match_info["store"] != caller["store"]:
            return self.refusal("Insufficient API Permissions.", 403, "missing-permission")
        return caller

    def _sale(self, request: web.Request) -> Invoice | web.Response:
        caller = self._caller(request)
        if isinstance(caller, web.Response):
            return caller
        sale = self.sales.get(request.match_info["id"])
        if sale is None or sale.account != caller:
            return self.refusal("The invoice was not found", 404, "invoice-not-found")
        return sale

    def _shown(self, sale: Invoice) -> dict[str, Any]:
        return {"checkoutLink": f"{self.url}/i/{sale.id}", **sale.shown}

    async def _list(self, request: web.Request) -> web.Response:
        caller = self._caller(request)
        if isinstance(caller, web.Response):
            return caller
        order = request.query.get("orderId")
        found = [one for one in self.sales.values() if one.account == caller]
        return web.json_response(
            [self._shown(one) for one in found if order in (None, one.asked["metadata"].get("orderId"))]
        )

    async def _create(self, request: web.Request) -> web.Response:
        caller = self._caller(request)
        if isinstance(caller, web.Response):
            return caller
        asked = await request.json()
        wrong = mistakes(asked, self.enabled)
        if wrong:
            return web.json_response([{"path": name, "message": "Wrong"} for name in wrong], status=422)
        ref = f"Inv{self.number():019d}"
        self.sales[ref] = Invoice(ref, caller, asked, self._now())
        return web.json_response(self._shown(self.sales[ref]))

    async def _show(self, request: web.Request) -> web.Response:
        sale = self._sale(request)
        return sale if isinstance(sale, web.Response) else web.json_response(self._shown(sale))

    async def _methods(self, request: web.Request) -> web.Response:
        sale = self._sale(request)
        if isinstance(sale, web.Response):
            return sale
        names = sale.asked["checkout"].get("paymentMethods") or ["BTC-CHAIN", "BTC-LN"]
        return web.json_response([sale.method(name) for name in names])

    async def _refund(self, request: web.Request) -> web.Response:
        sale = self._sale(request)
        if isinstance(sale, web.Response):
            return sale
        asked = await request.json()
        late = sale.status == "Expired" and sale.more != "None"
        if not late and sale.status not in ("Settled", "Invalid"):
            return self.refusal("Cannot refund this invoice", code="non-refundable")
        if asked["payoutMethodId"] not in self.enabled or asked["refundVariant"] != "RateThen":
            return web.json_response([{"path": "payoutMethodId", "message": "Wrong"}], status=422)
        return web.json_response(self._pull(sale, asked["name"], sale.came("Settled", "Processing")))

    def _pull(self, sale: Invoice, name: str, coins: Decimal) -> dict[str, Any]:
        ref = f"pull{self.number()}"
        made = {
            "id": ref,
            "name": name,
            "currency": "BTC",
            "amount": f"{coins:f}",
            "archived": False,
            "viewLink": f"{self.url}/pull-payments/{ref}",
        }
        self.pulls.append({**made, "store": sale.account["store"]})
        return made

    async def _pull_payments(self, request: web.Request) -> web.Response:
        caller = self._caller(request)
        if isinstance(caller, web.Response):
            return caller
        if not self.may_see_refunds:
            return self.refusal("Insufficient API Permissions.", 403, "missing-permission")
        return web.json_response([one for one in self.pulls if one["store"] == caller["store"]])
