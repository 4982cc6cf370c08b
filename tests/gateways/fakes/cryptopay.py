"""Crypto Pay as its API page describes it: invoices, transfers, one signed update for what was paid."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from aiohttp import web

from domain.gateways import Notification
from domain.money import Money, money
from tests.gateways.fakes.base import Account, Fake

FIATS = frozenset({"USD", "EUR", "RUB", "GBP", "KZT", "TRY", "INR", "BRL", "PLN"})  # and some more
ASSETS = frozenset({"USDT", "TON", "BTC", "ETH", "LTC", "BNB", "TRX", "USDC"})
RATE = Decimal("0.9991")  # of a USDT in any fiat money


@dataclass
class Sale:
    """An invoice; `shown` as the API shows it."""

    account: Account
    shown: dict[str, Any]


class CryptoPayFake(Fake):
    """Serves pay.crypt.bot. People pay in USDT."""

    name = "cryptopay"
    credentials: ClassVar[Account] = {
        "token": "31337:AAzQcZWQqQAbsfgPnOLr4FHC8Doa4L7KryC",
        "network": "mainnet",
    }
    other: ClassVar[Account] = {"token": "4242:BBzQcZWQqQAbsfgPnOLr4FHC8Doa4L7KryD", "network": "mainnet"}
    secrets = frozenset({"token"})
    price = Money(999, "USD")
    opening = "/createInvoice"
    refunding = "/transfer"
    idempotent = False
    late = False
    coin = "USDT"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.sales: dict[str, Sale] = {}
        self.transfers: list[tuple[Account, dict[str, Any]]] = []
        self.transfers_allowed = True
        self.filters_transfers = True  # since 1.5 of the API

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/api/{method}", self._answer)

    def refusal(self, words: str, status: int = 400) -> web.Response:
        error = {"code": status, "name": words}
        return web.json_response({"ok": False, "error": error}, status=status)

    def sign(self, body: bytes, account: Account) -> Notification:
        secret = hashlib.sha256(account["token"].encode()).digest()
        signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
        return Notification({"crypto-pay-api-signature": signature}, body)

    def checkouts(self) -> list[str]:
        return list(self.sales)

    def account_of(self, ref: str) -> Account:
        return self.sales[ref].account

    # What people do.

    def pay(self, ref: str, amount: str | None = None, currency: str | None = None) -> str:
        sale = self.sales[ref]
        invoice = sale.shown
        fiat = "asset" not in invoice
        name = "fiat" if fiat else "asset"
        came = self.in_whole(amount, currency, money(invoice["amount"], invoice[name]))
        invoice |= {
            "status": "paid",
            "amount": f"{came.amount:f}",
            name: came.currency,
            "paid_at": self._now(),
        }
        if fiat:
            coins = (came.amount / RATE).quantize(Decimal("1e-8"))
            invoice |= {"paid_asset": "USDT", "paid_amount": f"{coins:f}", "paid_fiat_rate": f"{RATE}"}
        self._tell(sale)
        return ref

    def expire(self, ref: str) -> None:
        self.sales[ref].shown["status"] = "expired"

    def paid_back(self, charge_id: str) -> Money:
        invoice = self.sales[charge_id].shown
        back = sum(
            Decimal(shown["amount"])
            for _, shown in self.transfers
            if shown["comment"].endswith(f" {charge_id}") and shown["asset"] == invoice["paid_asset"]
        )
        worth = Decimal(invoice["amount"]) * back / Decimal(invoice["paid_amount"])
        return money(f"{worth.quantize(Decimal('0.01')):f}", invoice["fiat"])

    def lie(self, ref: str) -> bytes:
        shown = self.sales[ref].shown | {"status": "paid", "paid_at": self._now(), "paid_amount": "9.99"}
        return json.dumps(self._update(shown)).encode()

    def stray(self) -> bytes:
        return json.dumps(self._update({"invoice_id": 1, "status": "paid", "amount": "1"})).encode()

    def _tell(self, sale: Sale) -> None:
        self.tell(self._update(sale.shown), sale.account)

    def _update(self, shown: dict[str, Any]) -> dict[str, Any]:
        update = {"update_id": self.number(), "update_type": "invoice_paid", "request_date": self._now()}
        return update | {"payload": shown}

    def _now(self) -> str:
        return self.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    # What Crypto Pay answers.

    async def _answer(self, request: web.Request) -> web.Response:
        token = request.headers.get("Crypto-Pay-API-Token")
        caller = next((one for one in (self.credentials, self.other) if one["token"] == token), None)
        if caller is None:
            return self.refusal("UNAUTHORIZED", 401)
        asked = await request.json()
        match request.match_info["method"]:
            case "getMe":
                app = {"app_id": int(caller["token"].split(":")[0]), "name": "Chess club"}
                return _fine(app | {"payment_processing_bot_username": "CryptoBot"})
            case "createInvoice":
                return self._create(caller, asked)
            case "getInvoices":
                ids = str(asked["invoice_ids"]).split(",")
                found = [
                    sale.shown for ref, sale in self.sales.items() if sale.account == caller and ref in ids
                ]
                return _fine({"items": found})
            case "transfer":
                return self._transfer(caller, asked)
            case "getTransfers":
                spend = asked["spend_id"] if self.filters_transfers else None
                made = [
                    one
                    for whose, one in self.transfers
                    if whose == caller and spend in (one["spend_id"], None)
                ]
                return _fine({"items": made})
            case _:
                return self.refusal("METHOD_NOT_FOUND", 405)

    def _create(self, caller: Account, asked: dict[str, Any]) -> web.Response:
        crypto = asked["currency_type"] == "crypto"
        if not isinstance(asked["amount"], str) or Decimal(asked["amount"]) <= 0:
            return self.refusal("AMOUNT_INVALID")
        if crypto and asked["asset"] not in ASSETS:
            return self.refusal("ASSET_INVALID")
        if not crypto and asked["fiat"] not in FIATS:
            return self.refusal("FIAT_INVALID")
        if not set(asked.get("accepted_assets", "USDT").split(",")) <= ASSETS:
            return self.refusal("ACCEPTED_ASSETS_INVALID")
        if len(asked["description"]) > 1024 or len(asked["payload"].encode()) > 4096:
            return self.refusal("TEXT_TOO_LONG")
        if not 1 <= asked["expires_in"] <= 2_678_400:
            return self.refusal("EXPIRES_IN_INVALID")
        if asked["paid_btn_name"] not in ("viewItem", "openChannel", "openBot", "callback"):
            return self.refusal("PAID_BTN_NAME_INVALID")
        ref = str(70_000 + self.number())
        link = f"https://t.me/CryptoBot?start=IV{ref}"
        kept = ("currency_type", "asset", "fiat", "amount", "description", "payload")
        self.sales[ref] = Sale(
            caller,
            {name: asked[name] for name in kept if name in asked}
            | {
                "invoice_id": int(ref),
                "hash": f"IV{ref}",
                "status": "active",
                "bot_invoice_url": link,
                "mini_app_invoice_url": f"https://t.me/CryptoBot/app?startapp=invoice-IV{ref}",
                "web_app_invoice_url": f"https://app.send.tg/invoices/IV{ref}",
                "created_at": self._now(),
                "allow_comments": asked.get("allow_comments", True),
                "allow_anonymous": True,
                "paid_btn_name": asked["paid_btn_name"],
                "paid_btn_url": asked["paid_btn_url"],
            },
        )
        return _fine(self.sales[ref].shown)

    def _transfer(self, caller: Account, asked: dict[str, Any]) -> web.Response:
        if not self.transfers_allowed:
            return self.refusal("METHOD_DISABLED", 403)
        if any(one["spend_id"] == asked["spend_id"] for whose, one in self.transfers if whose == caller):
            return self.refusal("SPEND_ID_ALREADY_USED")
        if len(asked["spend_id"]) > 64 or asked["asset"] not in ASSETS or Decimal(asked["amount"]) <= 0:
            return self.refusal("PARAMETERS_INVALID")
        shown = asked | {"transfer_id": self.number(), "status": "completed", "completed_at": self._now()}
        self.transfers.append((caller, shown))
        return _fine({name: value for name, value in shown.items() if name != "spend_id"})


def _fine(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})
