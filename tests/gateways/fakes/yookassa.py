"""YooKassa as its API reference describes it: payments, refunds, notifications without a signature."""

import base64
import dataclasses
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from aiohttp import web

from domain.gateways import Notification
from domain.money import Money, money
from tests.gateways.fakes.abilities import RefundsByHand
from tests.gateways.fakes.base import Account

PEER = "185.71.76.5"


@dataclass
class Payment:
    """A payment; `shown` as the API shows it, `asked` as it was asked for."""

    account: Account
    asked: dict[str, Any]
    shown: dict[str, Any]
    refunds: list[dict[str, Any]] = field(default_factory=list)

    def money(self, name: str) -> Money:
        """An amount of the payment."""
        amount = self.shown[name]
        return money(amount["value"], amount["currency"])


class YooKassaFake(RefundsByHand):
    """Serves api.yookassa.ru. `receipts_needed`: the shop works under 54-FZ; `next_refund` is the status
    that the next refund gets."""

    name = "yookassa"
    credentials: ClassVar[Account] = {
        "shop": "100500",
        "key": "test_Fh8hUAVVBGUGbjmlzba6TB0iyUbos_lueTHE-axOwM0",
        "vat": "1",
    }
    other: ClassVar[Account] = {"shop": "100700", "key": "test_otherkey_0000000000000000", "vat": "none"}
    secrets = frozenset({"key"})
    price = Money(99_900, "RUB")
    opening = "/payments"
    refunding = "/refunds"
    signed = False
    late = False
    second_currency = "USD"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.sales: dict[str, Payment] = {}
        self.keys: dict[tuple[str, str], tuple[int, Any]] = {}  # what was answered to a shop's keys
        self.receipts_needed = True
        self.next_refund = "succeeded"

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/me", self._me)
        router.add_post("/payments", self._create)
        router.add_get("/payments/{id}", self._show)
        router.add_post("/refunds", self._refund)
        router.add_get("/refunds", self._refunds)

    def refusal(self, words: str, status: int = 400, code: str = "invalid_request") -> web.Response:
        return web.json_response(_error(words, code), status=status)

    def sign(self, body: bytes, account: Account) -> Notification:
        # The header is what a reverse proxy in front of the application would say.
        return Notification({"x-forwarded-for": PEER}, body, peer=PEER)

    def forgeries(self, true: Notification) -> dict[str, Notification]:
        peers = (
            "",
            "127.0.0.1",
            "185.71.76.32",
            "77.75.156.12",
            "2a02:5181::1",
            "::ffff:10.0.0.1",
            PEER + " ",
        )
        return {f"sent from {peer!r}": dataclasses.replace(true, peer=peer) for peer in peers}

    def checkouts(self) -> list[str]:
        return list(self.sales)

    def account_of(self, ref: str) -> Account:
        return self.sales[ref].account

    # What people do.

    def pay(self, ref: str, amount: str | None = None, currency: str | None = None) -> str:
        sale = self.sales[ref]
        assert sale.shown["status"] == "pending", "a canceled payment stays canceled"
        came = self.in_whole(amount, currency, sale.money("amount"))
        sale.shown |= {
            "status": "succeeded",
            "paid": True,
            "amount": _written(came),
            "captured_at": self._now(),
        }
        del sale.shown["confirmation"]
        self._tell(sale)
        return ref

    def expire(self, ref: str) -> None:
        sale = self.sales[ref]
        sale.shown["status"] = "canceled"
        sale.shown["cancellation_details"] = {"party": "yoo_money", "reason": "expired_on_confirmation"}
        sale.shown.pop("confirmation", None)
        self._tell(sale)

    def refund(self, charge_id: str, amount: str | None = None) -> None:
        sale = self.sales[charge_id]
        left = sale.money("amount").minor - self.paid_back(charge_id).minor
        whole = Money(left, sale.money("amount").currency)
        self._give_back(sale, self.in_whole(amount, None, whole), "succeeded")

    def paid_back(self, charge_id: str) -> Money:
        sale = self.sales[charge_id]
        done = [one for one in sale.refunds if one["status"] == "succeeded"]
        minor = sum(money(one["amount"]["value"], one["amount"]["currency"]).minor for one in done)
        return Money(minor, sale.money("amount").currency)

    def lie(self, ref: str) -> bytes:
        shown = self.sales[ref].shown | {"status": "succeeded", "paid": True}
        return json.dumps({"type": "notification", "event": "payment.succeeded", "object": shown}).encode()

    def stray(self) -> bytes:
        shown = {"id": "22e12f66-000f-5000-8000-18db351245c7", "status": "succeeded", "paid": True}
        return json.dumps({"type": "notification", "event": "payment.succeeded", "object": shown}).encode()

    def _tell(self, sale: Payment) -> None:
        event = f"payment.{sale.shown['status']}"
        self.tell({"type": "notification", "event": event, "object": sale.shown}, sale.account)

    def _now(self) -> str:
        return self.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    # What YooKassa answers.

    def _caller(self, request: web.Request) -> Account | None:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        pair = base64.b64decode(given).decode() if kind == "Basic" else ""
        accounts = (self.credentials, self.other)
        return next((one for one in accounts if pair == f"{one['shop']}:{one['key']}"), None)

    def _nobody(self) -> web.Response:
        return self.refusal("Authentication by given credentials failed", 401, "invalid_credentials")

    def _seen(self, request: web.Request, caller: Account) -> web.Response | tuple[str, str]:
        """What was answered to this Idempotence-Key before, or under which name to keep the answer."""
        key = request.headers.get("Idempotence-Key", "")
        if not 1 <= len(key) <= 64:
            return self.refusal("Idempotence key is wrong")
        name = (caller["shop"], f"{request.path} {key}")
        if name in self.keys:
            status, body = self.keys[name]
            return web.json_response(body, status=status)
        return name

    def _kept(self, name: tuple[str, str], body: Any, status: int = 200) -> web.Response:
        self.keys[name] = (status, body)
        return web.json_response(body, status=status)

    async def _me(self, request: web.Request) -> web.Response:
        if (caller := self._caller(request)) is None:
            return self._nobody()
        shop = {"account_id": caller["shop"], "status": "enabled", "test": caller["key"].startswith("test_")}
        needed = self.receipts_needed and caller == self.credentials
        return web.json_response(shop | {"fiscalization_enabled": needed})

    async def _create(self, request: web.Request) -> web.Response:
        if (caller := self._caller(request)) is None:
            return self._nobody()
        name = self._seen(request, caller)
        if isinstance(name, web.Response):
            return name
        asked = await request.json()
        if (no := _wrong(asked, needed=self.receipts_needed and caller == self.credentials)) is not None:
            return self._kept(name, _error(no), 400)
        ref = f"22e12f66-000f-5000-8000-{self.number():012x}"
        pay = f"https://yoomoney.ru/checkout/payments/v2/contract?orderId={ref}"
        self.sales[ref] = Payment(
            caller,
            asked,
            {
                "id": ref,
                "status": "pending",
                "paid": False,
                "amount": asked["amount"],
                "confirmation": {"type": "redirect", "confirmation_url": pay},
                "created_at": self._now(),
                "description": asked["description"],
                "metadata": asked["metadata"],
                "recipient": {"account_id": caller["shop"], "gateway_id": "1"},
                "refundable": False,
                "test": True,
            },
        )
        return self._kept(name, self.sales[ref].shown)

    async def _show(self, request: web.Request) -> web.Response:
        if (caller := self._caller(request)) is None:
            return self._nobody()
        sale = self.sales.get(request.match_info["id"])
        if sale is None or sale.account != caller:
            return self.refusal("Payment doesn't exist", 404, "not_found")
        return web.json_response(sale.shown)

    async def _refunds(self, request: web.Request) -> web.Response:
        if (caller := self._caller(request)) is None:
            return self._nobody()
        sale = self.sales.get(request.query["payment_id"])
        found = sale.refunds if sale is not None and sale.account == caller else []
        return web.json_response({"type": "list", "items": found})

    async def _refund(self, request: web.Request) -> web.Response:
        if (caller := self._caller(request)) is None:
            return self._nobody()
        name = self._seen(request, caller)
        if isinstance(name, web.Response):
            return name
        asked = await request.json()
        sale = self.sales.get(asked["payment_id"])
        if sale is None or sale.account != caller or sale.shown["status"] != "succeeded":
            return self._kept(name, _error("Payment can't be refunded"), 400)
        back = money(asked["amount"]["value"], asked["amount"]["currency"])
        if back.minor > sale.money("amount").minor - self.paid_back(sale.shown["id"]).minor:
            return self._kept(name, _error("Refund is greater than the payment"), 400)
        status, self.next_refund = self.next_refund, "succeeded"
        return self._kept(name, self._give_back(sale, back, status))

    def _give_back(self, sale: Payment, back: Money, status: str) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": f"refund-{self.number()}",
            "payment_id": sale.shown["id"],
            "status": status,
            "amount": _written(back),
            "created_at": self._now(),
        }
        if status == "canceled":
            made["cancellation_details"] = {"party": "yoo_money", "reason": "insufficient_funds"}
        sale.refunds.append(made)
        if status == "succeeded":
            sale.shown["refunded_amount"] = _written(self.paid_back(sale.shown["id"]))
            self.tell({"type": "notification", "event": "refund.succeeded", "object": made}, sale.account)
        return made


def _written(amount: Money) -> dict[str, str]:
    return {"value": f"{amount.amount:.2f}", "currency": amount.currency}


def _error(words: str, code: str = "invalid_request") -> dict[str, str]:
    return {"type": "error", "id": "e65a8f85", "code": code, "description": words, "parameter": "body"}


def _wrong(asked: dict[str, Any], *, needed: bool) -> str | None:
    """What is wrong with a payment that is asked for."""
    value = asked["amount"]["value"]
    if not isinstance(value, str) or Decimal(value) <= 0 or asked["capture"] is not True:
        return "Incorrect amount"
    if asked["confirmation"]["type"] != "redirect" or len(asked["confirmation"]["return_url"]) > 2048:
        return "Incorrect confirmation"
    if len(asked["description"]) > 128 or any(len(text) > 512 for text in asked["metadata"].values()):
        return "A text is too long"
    receipt = asked.get("receipt")
    if receipt is None:
        return "Receipt is missing or illegal" if needed else None
    total = sum(Decimal(item["amount"]["value"]) * Decimal(item["quantity"]) for item in receipt["items"])
    if "@" not in receipt["customer"]["email"] or total != Decimal(value):
        return "Receipt is missing or illegal"
    if not all(1 <= item["vat_code"] <= 12 and len(item["description"]) <= 128 for item in receipt["items"]):
        return "Receipt is missing or illegal"
    return None
