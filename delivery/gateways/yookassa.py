"""YooKassa, for cards, SBP and wallets in Russia: its REST API v3.

Rules are from https://yookassa.ru/developers: using-api/interaction-format, response-handling, webhooks,
payment-acceptance/getting-started/payment-process and payment-acceptance/receipts. Why not its SDK:
docs/decisions/0011.
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

import aiohttp

from delivery.gateways.http import TIMEOUT, Refusal, Wire, basic, path
from delivery.gateways.reading import dig, posted, reading, text
from delivery.gateways.yookassa_payments import (
    CURRENCIES,
    NAME,
    NO_RECEIPTS,
    Body,
    amount_of,
    given_back,
    news,
    order,
    vat_code,
    written,
)
from domain.errors import BadSignature, GatewayRefused, GatewayUnreachable
from domain.gateways import (
    Charge,
    Checkout,
    Credentials,
    Field,
    News,
    Notification,
    Traits,
    Wanted,
)
from domain.money import Money

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
    currencies=CURRENCIES,
)

_KEY = 64  # characters of an Idempotence-Key
_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)  # a payment's
_AGAIN = 5  # checkouts of one order, each opened after the one before had run out


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
        if receipts is True and vat_code(credentials) is None:
            raise GatewayRefused(NAME, "This shop sends receipts (54-FZ), so its VAT rate is needed.")
        return f"{account} (test)" if test else account

    async def checkout(self, credentials: Credentials, wanted: Wanted) -> Checkout:
        body = order(credentials, wanted)
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
        return [] if payment is None else news(payment)

    async def look_subscription(self, credentials: Credentials, subscription: str) -> Sequence[News]:
        return []

    async def refund(self, credentials: Credentials, charge: Charge) -> None:
        payment = await self._payment(credentials, charge.id)
        if payment is None or payment.get("status") != "succeeded":
            raise GatewayRefused(NAME, "YooKassa knows no such payment.")
        with reading(NAME):
            paid, back = amount_of(payment["amount"]), given_back(payment)
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
            json={"payment_id": charge.id, "amount": written(left)},
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


def _key(key: str, time: int) -> str:
    """The Idempotence-Key of the first try (`time` 0) and of those that follow it."""
    made = f"{key}-{time + 1}" if time else key
    return made if len(made) <= _KEY else sha256(made.encode()).hexdigest()


def _https(value: object) -> str:
    url = text(value)
    if not url.startswith("https://"):
        raise ValueError("an address is none")
    return url
