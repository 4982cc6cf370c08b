"""Paystack: cards, bank transfer and mobile money in Nigeria, Ghana, South Africa and Kenya.

Rules from paystack.com/docs: API reference (Transaction, Refund, Dispute), "Webhooks", "Verify payments".
The checkout is a transaction; its reference (`ref`) is the order key, its numeric id the charge id. One
transaction takes one payment. Paystack has no idempotency keys: a reference taken before gets a suffix,
since the page it opened cannot be asked for again, so nobody has it. Notifications carry no time; what they
name is asked anew, so an old one that is played again says nothing but what is true now.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import aiohttp

from delivery.gateways.http import TIMEOUT, Refusal, Wire, path
from delivery.gateways.reading import dig, from_units, instant, parse, posted, reading, text, to_units
from domain.errors import BadSignature, GatewayRefused
from domain.gateways import (
    Charge,
    Checkout,
    Credentials,
    Field,
    News,
    Notification,
    Proof,
    State,
    Traits,
    Wanted,
)
from domain.money import Money

ADDRESS = "https://api.paystack.co"
NAME = "paystack"
PLACES = 2  # every currency here is counted in hundredths
ORDER = "gatehouse_order"  # the metadata that holds our order's key
TRIES = 5  # references for one order
_OPEN_DISPUTES = frozenset({"awaiting-merchant-feedback", "awaiting-bank-feedback", "pending"})
_LOST_DISPUTES = frozenset({"merchant-accepted", "auto-accepted"})


class PaystackGateway:
    """`domain.gateways.Gateway` for Paystack."""

    traits = Traits(
        name=NAME,
        display_name="Paystack",
        fields=(Field("secret_key"),),
        requires_email=True,
        currencies=frozenset({"NGN", "GHS", "ZAR", "KES", "USD"}),
    )

    def __init__(
        self, session: aiohttp.ClientSession, address: str = ADDRESS, timeout: float = TIMEOUT
    ) -> None:
        self._wire = Wire(session, NAME, address, words=lambda body: body["message"], timeout=timeout)

    async def verify(self, credentials: Credentials) -> str:
        """Paystack names no accounts: says which mode the key is for, and the currencies it holds."""
        answer = await self._ask(credentials, "GET", "/balance")
        with reading(NAME):
            held = ", ".join(text(one["currency"]) for one in answer["data"])
        mode = "test" if credentials["secret_key"].startswith("sk_test_") else "live"
        return f"Paystack {mode} ({held})"

    async def checkout(self, credentials: Credentials, wanted: Wanted) -> Checkout:
        asked = {
            "email": wanted.email or "",
            "amount": str(to_units(NAME, wanted.amount, PLACES)),
            "currency": wanted.amount.currency,
            "callback_url": wanted.return_url,
            # Paystack reads `cancel_action` out of the metadata: where its Cancel leads.
            "metadata": {ORDER: wanted.key, "cancel_action": wanted.cancel_url},
        }
        for reference in _references(wanted.key):
            try:
                answer = await self._ask(
                    credentials, "POST", "/transaction/initialize", {**asked, "reference": reference}
                )
            except Refusal as no:
                if "duplicate" in no.words.casefold():
                    continue
                raise
            with reading(NAME):
                data = answer["data"]
                return Checkout(text(data["reference"]), text(data["authorization_url"]))
        raise GatewayRefused(NAME, "too many tries for one order")

    async def notified(self, credentials: Credentials, notification: Notification) -> Sequence[News]:
        _check(credentials, notification)
        event = posted(NAME, notification.body)
        data = event.get("data")
        # A refund names its transaction's reference, a dispute holds the transaction.
        reference = (
            dig(data, "transaction_reference")
            or dig(data, "transaction", "reference")
            or dig(data, "reference")
        )
        kind = str(event.get("event", ""))
        if not isinstance(reference, str) or not kind.startswith(("charge.", "refund.")):
            return ()
        return await self.look(credentials, reference)

    async def look(self, credentials: Credentials, ref: str) -> Sequence[News]:
        try:
            asked = path("transaction", "verify", ref)
        except ValueError:
            return ()
        try:
            data = (await self._ask(credentials, "GET", asked)).get("data")
        except Refusal as no:
            if _unknown(no):
                return ()
            raise
        with reading(NAME):
            return await self._news(credentials, data)

    async def _news(self, credentials: Credentials, data: dict[str, Any]) -> list[News]:
        ref, key = text(data["reference"]), _order_key(data)
        if key is None:
            return []
        if (status := text(data["status"])) not in ("success", "reversed"):
            return [Proof(State.CLOSED if status == "failed" else State.OPEN, ref, key)]
        charge_id, paid = str(data["id"]), from_units(data["amount"], data["currency"], PLACES)
        moment = data.get("paid_at") or data.get("paidAt")
        at = None if moment is None else instant(moment)
        news: list[News] = [Proof(State.PAID, ref, key, charge_id, paid, at)]
        back = paid.minor if status == "reversed" else await self._given_back(credentials, data)
        if await self._disputed(credentials, charge_id):
            news.append(Proof(State.DISPUTED, ref, key, charge_id, paid, at))
        elif back:
            news.append(_refunded(ref, key, charge_id, Money(min(back, paid.minor), paid.currency), at))
        return news

    async def _given_back(self, credentials: Credentials, data: dict[str, Any]) -> int:
        """Hundredths that went back or are on their way. A refund that failed is back with the owner."""
        answer = await self._ask(
            credentials, "GET", "/refund", query={"transaction": str(data["id"]), "perPage": "100"}
        )
        return sum(
            _hundredths(one["amount"])
            for one in answer["data"]
            if str(dig(one["transaction"], "id") or one["transaction"]) == str(data["id"])
            and one["status"] != "failed"
        )

    async def _disputed(self, credentials: Credentials, transaction: str) -> bool:
        try:
            answer = await self._ask(credentials, "GET", path("dispute", "transaction", transaction))
        except Refusal as no:
            if _unknown(no):
                return False
            raise
        found = answer["data"]
        return any(
            one["status"] in _OPEN_DISPUTES or one.get("resolution") in _LOST_DISPUTES
            for one in (found if isinstance(found, list) else [found])
            if one
        )

    async def look_subscription(self, credentials: Credentials, subscription: str) -> Sequence[News]:
        """There are none."""
        return ()

    async def refund(self, credentials: Credentials, charge: Charge) -> None:
        """What is left of the charge goes back. Two tries at once give no more than was paid: Paystack
        refuses what goes beyond."""
        with reading(NAME):
            answer = await self._ask(credentials, "GET", path("transaction", charge.id))
            data = answer["data"]
            given, paid = await self._given_back(credentials, data), _hundredths(data["amount"])
            if data["status"] == "reversed" or given >= paid:
                return
        asked = {"transaction": charge.id, "amount": str(paid - given), "merchant_note": charge.key}
        try:
            await self._ask(credentials, "POST", "/refund", asked)
        except Refusal as no:
            if dig(no.body, "code") != "transaction_reversed" and "fully reversed" not in no.words:
                raise

    async def end_subscription(
        self, credentials: Credentials, subscription: str, member_id: int | None
    ) -> None:
        """There are none."""

    async def _ask(
        self,
        credentials: Credentials,
        method: str,
        path: str,
        json: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
    ) -> Any:
        key = credentials["secret_key"]
        answer = await self._wire.ask(
            method,
            path,
            secrets=(key,),
            headers={"Authorization": f"Bearer {key}"},
            json=json,
            query=query,
        )
        with reading(NAME):
            if answer["status"] is not True:
                raise GatewayRefused(NAME, str(answer["message"]))
        return answer


def _references(key: str) -> list[str]:
    return [key, *(f"{key}.{count}" for count in range(2, TRIES + 1))]


def _check(credentials: Credentials, notification: Notification) -> None:
    """HMAC-SHA512 of the body under the secret key, in hex ("Webhooks: Verify event origin")."""
    right = hmac.new(credentials["secret_key"].encode(), notification.body, hashlib.sha512).hexdigest()
    given = notification.headers.get("x-paystack-signature", "")
    if not hmac.compare_digest(right.encode(), given.encode("utf-8", "replace")):
        raise BadSignature(NAME, "the signature is wrong")


def _order_key(data: dict[str, Any]) -> str | None:
    """Ours, where the transaction is one of ours. Paystack gives metadata as an object or as JSON."""
    metadata = data.get("metadata")
    if isinstance(metadata, str) and metadata:
        try:
            metadata = parse(metadata)
        except (ValueError, RecursionError):
            return None
    key = dig(metadata, ORDER)
    return key if isinstance(key, str) and data["reference"] in _references(key) else None


def _refunded(ref: str, key: str, charge_id: str, back: Money, at: datetime | None) -> Proof:
    return Proof(State.REFUNDED, ref, key, charge_id, back, at)


def _hundredths(value: object) -> int:
    """Refunds come with their amount as a number or as digits."""
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("an amount is no integer")


def _unknown(no: Refusal) -> bool:
    return no.status == 404 or "not found" in no.words.casefold()
