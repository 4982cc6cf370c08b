"""Crypto Pay, the payment system of @CryptoBot: invoices in fiat money, paid in coins inside Telegram.

Rules are from https://help.send.tg/en/articles/10279948-crypto-pay-api (API 1.5.2). Why no client library:
docs/decisions/0011.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import aiohttp

from delivery.gateways.http import TIMEOUT, Refusal, Wire, kept_quiet, mention, path
from delivery.gateways.reading import dig, from_decimal, instant, posted, reading, text, to_decimal
from domain.errors import BadSignature, GatewayRefused, GatewayUnreachable
from domain.gateways import (
    Charge,
    Checkout,
    Coin,
    Credentials,
    Field,
    News,
    Notification,
    Proof,
    State,
    Traits,
    Wanted,
)

NAME: Final = "cryptopay"
MAINNET = "https://pay.crypt.bot"
TESTNET = "https://testnet-pay.crypt.bot"

# Fiat money that invoices can be in; the buyer chooses the coin.
_FIATS = "USD EUR RUB BYN UAH GBP CNY KZT UZS GEL TRY AMD THB INR BRL IDR AZN AED PLN ILS KGS TJS"
_BITCOIN = "BTC"  # the one coin that prices can be in, too
_COINS = (
    Coin("USDT", "Tether USDT"),
    Coin("TON", "Toncoin"),
    Coin("BTC", "Bitcoin"),
    Coin("ETH", "Ethereum"),
    Coin("LTC", "Litecoin"),
    Coin("BNB", "BNB"),
    Coin("TRX", "TRON"),
    Coin("USDC", "USD Coin"),
)
TRAITS: Final = Traits(
    NAME,
    "Crypto Pay",
    fields=(Field("token"), Field("network", secret=False, choices=("mainnet", "testnet"))),
    currencies=frozenset([*_FIATS.split(), _BITCOIN]),
    coins=_COINS,
)

_DESCRIPTION = 1024  # characters
_OPEN_FOR = 2_678_400  # seconds, the longest an invoice may be open

Invoice = dict[str, Any]


class CryptoPayGateway:
    """`domain.gateways.Gateway` for Crypto Pay.

    A checkout's `ref` and its charge's id are both the invoice's id: an invoice is paid once or never, and
    always in full. The order's key travels in `payload`. Creating an invoice knows no idempotency: a
    repetition makes a second invoice of the same order, and either may be paid.

    There are no refunds. What came is sent back, in the coin it came in, as a transfer to the member's own
    account at @CryptoBot (the owner has to allow transfers in his app's security settings). Its `spend_id`
    is made of the invoice's id, so there can only ever be one for an invoice.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        mainnet: str = MAINNET,
        testnet: str = TESTNET,
        timeout: float = TIMEOUT,
    ) -> None:
        self._wires = {
            "mainnet": Wire(session, NAME, mainnet, words=_words, timeout=timeout),
            "testnet": Wire(session, NAME, testnet, words=_words, timeout=timeout),
        }

    @property
    def traits(self) -> Traits:
        return TRAITS

    async def verify(self, credentials: Credentials) -> str:
        app = await self._call(credentials, "getMe")
        with reading(NAME):
            name = text(app["name"])
        return f"{name} (testnet)" if _network(credentials) == "testnet" else name

    async def checkout(self, credentials: Credentials, wanted: Wanted) -> Checkout:
        invoice = await self._call(credentials, "createInvoice", **_invoice(wanted))
        with reading(NAME):
            return Checkout(str(_id(invoice["invoice_id"])), _https(invoice["bot_invoice_url"]))

    async def notified(self, credentials: Credentials, notification: Notification) -> Sequence[News]:
        _check_signature(credentials["token"], notification)
        update = posted(NAME, notification.body)
        if update.get("update_type") != "invoice_paid":
            return []
        try:
            ref = str(_id(dig(update, "payload", "invoice_id")))
        except ValueError:
            raise BadSignature(NAME, "the update names no invoice") from None
        return await self.look(credentials, ref)

    async def look(self, credentials: Credentials, ref: str) -> Sequence[News]:
        invoice = await self._invoice(credentials, ref)
        if invoice is None:
            return []
        proof = _proof(invoice)
        if proof.order_key is None:  # of another program that uses the same app
            return []
        if proof.state is State.PAID and await self._sent_back(credentials, ref):
            return [proof, replace(proof, state=State.REFUNDED)]
        return [proof]

    async def look_subscription(self, credentials: Credentials, subscription: str) -> Sequence[News]:
        return []

    async def refund(self, credentials: Credentials, charge: Charge) -> None:
        invoice = await self._invoice(credentials, charge.id)
        if invoice is None or invoice.get("status") != "paid":
            raise GatewayRefused(NAME, "Crypto Pay knows no such payment.")
        if await self._sent_back(credentials, charge.id):
            return
        if charge.member_id is None:
            raise GatewayRefused(
                NAME,
                "Nobody knows who at Telegram paid this, so Crypto Pay cannot send it back by itself. "
                "Please pay it back by hand.",
            )
        try:
            await self._call(credentials, "transfer", **_transfer(invoice, charge.member_id))
        except GatewayRefused:
            # Another try may have come before this one: then its name was refused, and all is well.
            if not await self._sent_back(credentials, charge.id):
                raise

    async def end_subscription(
        self, credentials: Credentials, subscription: str, member_id: int | None
    ) -> None:
        """There are none."""

    async def _invoice(self, credentials: Credentials, ref: str) -> Invoice | None:
        if not (ref.isascii() and ref.isdigit()):
            return None
        answer = await self._call(credentials, "getInvoices", invoice_ids=ref)
        with reading(NAME):
            for invoice in answer["items"]:
                if str(_id(invoice["invoice_id"])) == ref:
                    return dict(invoice)
        return None

    async def _sent_back(self, credentials: Credentials, ref: str) -> bool:
        answer = await self._call(credentials, "getTransfers", spend_id=_spend_id(ref))
        with reading(NAME):
            # The name is looked at, too: an API of before 1.5 does not know this filter, and answers all.
            return any(transfer.get("spend_id") == _spend_id(ref) for transfer in answer["items"])

    async def _call(self, credentials: Credentials, method: str, **params: str | int | bool) -> Any:
        """The `result` of a method."""
        token = credentials["token"]
        body = await self._wires[_network(credentials)].ask(
            "POST",
            path("api", method),
            secrets=[token],
            headers={"Crypto-Pay-API-Token": token},
            json=params,
        )
        with reading(NAME):
            if body["ok"] is True:
                return body["result"]
            code, words = body["error"]["code"], kept_quiet(_words(body) or mention(200), [token])
        if isinstance(code, int) and 400 <= code < 500 and code != 429:
            raise Refusal(NAME, words, code, body)
        raise GatewayUnreachable(NAME, words)


def _network(credentials: Credentials) -> str:
    return "testnet" if credentials.get("network") == "testnet" else "mainnet"


def _words(body: Any) -> str | None:
    """Errors are `{"ok": false, "error": {"code": 400, "name": "AMOUNT_INVALID"}}`."""
    name = body["error"]["name"]
    return name if isinstance(name, str) else None


def _id(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError("an id is no number")
    return value


def _https(value: object) -> str:
    url = text(value)
    if not url.startswith("https://"):
        raise ValueError("an address is none")
    return url


def _invoice(wanted: Wanted) -> dict[str, str | int | bool]:
    currency = wanted.amount.currency
    if currency not in (TRAITS.currencies or ()):
        raise GatewayRefused(NAME, f"Crypto Pay has no invoices in {currency}.")
    params: dict[str, str | int | bool] = {
        "amount": to_decimal(NAME, wanted.amount),
        "description": f"{wanted.title}\n{wanted.description}".strip()[:_DESCRIPTION],
        "payload": wanted.key,
        "paid_btn_name": "openBot" if wanted.return_url.startswith("https://t.me/") else "callback",
        "paid_btn_url": wanted.return_url,
        "allow_comments": False,
        "expires_in": min(wanted.hours * 3600, _OPEN_FOR),
    }
    if currency == _BITCOIN:
        if wanted.coin not in (None, _BITCOIN):
            raise GatewayRefused(NAME, "A price in BTC is paid in BTC.")
        return params | {"currency_type": "crypto", "asset": currency}
    if wanted.coin is not None:
        if wanted.coin not in {coin.token for coin in _COINS}:
            raise GatewayRefused(NAME, f"Crypto Pay takes no {wanted.coin}.")
        params["accepted_assets"] = wanted.coin
    return params | {"currency_type": "fiat", "fiat": currency}


def _proof(invoice: Invoice) -> Proof:
    """What an invoice says. Crypto Pay calls it paid when all of it came."""
    with reading(NAME):
        ref, payload, status = str(_id(invoice["invoice_id"])), invoice.get("payload"), invoice["status"]
        key = payload if isinstance(payload, str) and payload else None
        match status:
            case "active":
                return Proof(State.OPEN, ref, key)
            case "expired":
                return Proof(State.CLOSED, ref, key)
            case "paid":
                currency = invoice["asset" if invoice["currency_type"] == "crypto" else "fiat"]
                return Proof(
                    State.PAID,
                    ref,
                    key,
                    charge_id=ref,
                    paid=from_decimal(invoice["amount"], currency),
                    at=instant(invoice["paid_at"]),
                )
            case _:
                raise ValueError("an unknown status")


def _transfer(invoice: Invoice, member_id: int) -> dict[str, str | int | bool]:
    """Exactly what came, back in the same coin."""
    with reading(NAME):
        crypto = invoice["currency_type"] == "crypto"
        return {
            "user_id": member_id,
            "asset": text(invoice["asset" if crypto else "paid_asset"]),
            "amount": text(invoice["amount" if crypto else "paid_amount"]),
            "spend_id": _spend_id(str(_id(invoice["invoice_id"]))),
            "comment": f"Refund of invoice {invoice['invoice_id']}",
        }


def _spend_id(ref: str) -> str:
    return f"refund-{ref}"


def _check_signature(token: str, notification: Notification) -> None:
    """`crypto-pay-api-signature` is HMAC-SHA256 of the body with SHA256 of the token, in hex. An old update
    is no lie: they come up to three days late, and the invoice is asked about anyway."""
    secret = hashlib.sha256(token.encode()).digest()
    wanted = hmac.new(secret, notification.body, hashlib.sha256).hexdigest()
    signature = notification.headers.get("crypto-pay-api-signature", "")
    if not hmac.compare_digest(wanted.encode(), signature.encode(errors="replace")):
        raise BadSignature(NAME, "wrong signature" if signature else "no signature")
