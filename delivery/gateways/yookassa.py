"""YooKassa, for cards, SBP and wallets in Russia: its REST API v3.

Rules are from https://yookassa.ru/developers: using-api/interaction-format, response-handling, webhooks,
payment-acceptance/getting-started/payment-process and payment-acceptance/receipts. Why not its SDK:
docs/decisions/0011.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

import aiohttp

from delivery.gateways.http import TIMEOUT, Refusal, Wire, basic, path
from delivery.gateways.reading import dig, from_decimal, instant, posted, reading, text, to_decimal
from domain.errors import BadSignature, GatewayRefused, GatewayUnreachable
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

NAME: Final = "yookassa"
API = "https://api.yookassa.ru/v3"

# Where notifications come from (using-api/webhooks#ip). They are not signed.
NETWORKS = tuple(
    ip_network(text)
    for text in (
        "185.71.76.0/27",
        "185.71.77.0/27",
        "77.75.153.0/25",
        "77.75.156.11/32",
        "77.75.156.35/32",
        "77.75.154.128/25",
        "2a02:5180::/32",
    )
)

NO_RECEIPTS = "none"
TRAITS: Final = Traits(
    NAME,
    "YooKassa",
    fields=(
        Field("shop", secret=False),
        Field("key"),
        # `vat_code` of receipts (developers/54fz/parameters-values), or that YooKassa sends none for us.
        Field("vat", secret=False, choices=(NO_RECEIPTS, *map(str, range(1, 13)))),
    ),
    requires_email=True,
    currencies=frozenset({"RUB", "USD", "EUR", "BYN", "CNY", "KZT", "UAH"}),
)

_DESCRIPTION = 128  # characters of a description, and of a receipt's line
_KEY = 64  # characters of an Idempotence-Key
_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)  # a payment's
_AGAIN = 5  # checkouts of one order, each opened after the one before had run out

Body = dict[str, Any]


class YooKassaGateway:
    """`domain.gateways.Gateway` for YooKassa.

    A checkout is a payment, so its `ref` and its charge's id are both the payment's id. The order's key
    travels in `metadata`, and is the Idempotence-Key (good for 24 hours). YooKassa closes its page after an
    hour; the order's checkout then opens a new payment.

    Notifications are believed only from YooKassa's addresses, and only as far as that the payment is asked
    about. It tells nobody of disputes by API. It charges again only when told to, which is not offered here.
    """

    def __init__(self, session: aiohttp.ClientSession, address: str = API, timeout: float = TIMEOUT) -> None:
        self._wire = Wire(session, NAME, address, words=_words, timeout=timeout)

    @property
    def traits(self) -> Traits:
        return TRAITS

    async def verify(self, credentials: Credentials) -> str:
        shop = await self._call(credentials, "GET", path("me"))
        with reading(NAME):
            account, test = text(shop["account_id"]), shop["test"] is True
            enabled, receipts = shop.get("status", "enabled") == "enabled", shop.get("fiscalization_enabled")
        if not enabled:
            raise GatewayRefused(NAME, "YooKassa has switched this shop off.")
        if receipts is True and _vat(credentials) is None:
            raise GatewayRefused(NAME, "This shop sends receipts (54-FZ), so its VAT rate is needed.")
        return f"{account} (test)" if test else account

    async def checkout(self, credentials: Credentials, wanted: Wanted) -> Checkout:
        body = _payment(credentials, wanted)
        for time in range(_AGAIN):
            payment = await self._call(
                credentials, "POST", path("payments"), json=body, key=_key(wanted.key, time)
            )
            with reading(NAME):
                ref, status = text(payment["id"]), text(payment["status"])
                if status == "pending":
                    return Checkout(ref, _https(dig(payment, "confirmation", "confirmation_url")))
            if status != "canceled":
                raise GatewayRefused(NAME, "This order is paid already.")
        raise GatewayRefused(NAME, "This order's checkout ran out too often. Please make a new order.")

    async def notified(self, credentials: Credentials, notification: Notification) -> Sequence[News]:
        if not from_yookassa(notification.peer):
            raise BadSignature(NAME, "this address is not YooKassa's")
        event = posted(NAME, notification.body)
        kind, about = str(event.get("event")), event.get("object")
        if event.get("type") != "notification" or not isinstance(about, dict):
            raise BadSignature(NAME, "this is no notification")
        if not kind.startswith(("payment.", "refund.")):
            return []
        ref = about.get("id" if kind.startswith("payment.") else "payment_id")
        if not isinstance(ref, str):
            raise BadSignature(NAME, "the notification names no payment")
        return await self.look(credentials, ref)

    async def look(self, credentials: Credentials, ref: str) -> Sequence[News]:
        payment = await self._payment(credentials, ref)
        return [] if payment is None else _news(payment)

    async def look_subscription(self, credentials: Credentials, subscription: str) -> Sequence[News]:
        return []

    async def refund(self, credentials: Credentials, charge: Charge) -> None:
        payment = await self._payment(credentials, charge.id)
        if payment is None or payment.get("status") != "succeeded":
            raise GatewayRefused(NAME, "YooKassa knows no such payment.")
        with reading(NAME):
            paid, back = _amount(payment["amount"]), _back(payment)
            if back.minor >= paid.minor:
                return
            answer = await self._call(
                credentials, "GET", path("refunds"), query={"payment_id": charge.id, "limit": "100"}
            )
            statuses = [text(refund["status"]) for refund in answer["items"]]
        if "pending" in statuses:
            raise GatewayUnreachable(NAME, "the refund is under way")
        left = Money(paid.minor - back.minor, paid.currency)
        made = await self._call(
            credentials,
            "POST",
            path("refunds"),
            # Nothing for the receipt: of a whole refund it is made from the payment's own.
            json={"payment_id": charge.id, "amount": _written(left)},
            # The key of one that was canceled would bring that one again.
            key=_key(charge.key, statuses.count("canceled")),
        )
        with reading(NAME):
            status, why = text(made["status"]), str(dig(made, "cancellation_details", "reason"))
        if status == "canceled":
            raise GatewayRefused(NAME, f"YooKassa canceled the refund: {why}")
        if status != "succeeded":
            raise GatewayUnreachable(NAME, "the refund is under way")

    async def end_subscription(
        self, credentials: Credentials, subscription: str, member_id: int | None
    ) -> None:
        """There are none."""

    async def _payment(self, credentials: Credentials, ref: str) -> Body | None:
        if not _ID.fullmatch(ref):
            return None
        try:
            payment = await self._call(credentials, "GET", path("payments", ref))
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise
        with reading(NAME):
            if payment["id"] != ref:
                raise ValueError("another payment")
            return dict(payment)

    async def _call(
        self,
        credentials: Credentials,
        method: str,
        where: str,
        *,
        json: Body | None = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Any:
        shop, secret = credentials["shop"], credentials["key"]
        return await self._wire.ask(
            method,
            where,
            secrets=[secret, basic((shop, secret))["Authorization"].removeprefix("Basic "), key or ""],
            auth=(shop, secret),
            headers={"Idempotence-Key": key} if key else None,
            query=query,
            json=json,
        )


def from_yookassa(peer: str) -> bool:
    """Whether an address is one that YooKassa sends notifications from."""
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return any(address.ipv4_mapped in network for network in NETWORKS)
    return any(address in network for network in NETWORKS)


def _words(body: Any) -> str | None:
    """Errors are `{"type": "error", "code": …, "description": …, "parameter": …}`."""
    said = body.get("description") or body["code"]
    where = body.get("parameter")
    return f"{said} ({where})" if where else str(said)


def _https(value: object) -> str:
    url = text(value)
    if not url.startswith("https://"):
        raise ValueError("an address is none")
    return url


def _key(key: str, time: int) -> str:
    """The Idempotence-Key of the first try (`time` 0) and of those that follow it."""
    made = f"{key}-{time + 1}" if time else key
    return made if len(made) <= _KEY else sha256(made.encode()).hexdigest()


def _vat(credentials: Credentials) -> int | None:
    code = credentials.get("vat", NO_RECEIPTS)
    return None if code == NO_RECEIPTS else int(code)


def _written(amount: Money) -> dict[str, str]:
    return {"value": to_decimal(NAME, amount, 2), "currency": amount.currency}


def _amount(value: Mapping[str, object]) -> Money:
    return from_decimal(value["value"], value["currency"])


def _back(payment: Body) -> Money:
    """How much of a payment went back."""
    amount = payment.get("refunded_amount")
    return Money(0, _amount(payment["amount"]).currency) if amount is None else _amount(amount)


def _payment(credentials: Credentials, wanted: Wanted) -> Body:
    if wanted.amount.currency not in (TRAITS.currencies or ()):
        raise GatewayRefused(NAME, f"YooKassa takes no {wanted.amount.currency}.")
    amount = _written(wanted.amount)
    body: Body = {
        "amount": amount,
        "capture": True,
        "description": wanted.title[:_DESCRIPTION],
        "metadata": {"order": wanted.key},
        "confirmation": {
            "type": "redirect",
            "return_url": wanted.return_url,
            "locale": "ru_RU" if wanted.locale.startswith("ru") else "en_US",
        },
    }
    vat = _vat(credentials)
    if vat is None:
        return body
    if not wanted.email:
        raise GatewayRefused(NAME, "A receipt (54-FZ) needs the buyer's email address.")
    line = {
        "description": wanted.title[:_DESCRIPTION],
        "quantity": "1.00",
        "amount": amount,
        "vat_code": vat,
        "payment_mode": "full_payment",
        "payment_subject": "service",
    }
    return body | {"receipt": {"customer": {"email": wanted.email}, "items": [line]}}


def _news(payment: Body) -> list[News]:
    """What a payment says; nothing where it is not one of ours. `waiting_for_capture` cannot be: all are
    captured at once."""
    with reading(NAME):
        ref, status, key = text(payment["id"]), payment["status"], dig(payment, "metadata", "order")
        if not isinstance(key, str) or not key:
            return []
        match status:
            case "pending" | "waiting_for_capture":
                return [Proof(State.OPEN, ref, key)]
            case "canceled":
                return [Proof(State.CLOSED, ref, key)]
            case "succeeded":
                at = instant(payment.get("captured_at") or payment["created_at"])
                paid, back = _amount(payment["amount"]), _back(payment)
            case _:
                raise ValueError("an unknown status")
    came = Proof(State.PAID, ref, key, charge_id=ref, paid=paid, at=at)
    return [came, replace(came, state=State.REFUNDED, paid=back)] if back.minor else [came]
