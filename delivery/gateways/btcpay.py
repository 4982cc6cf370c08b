"""BTCPay Server, the owner's own (or one he trusts): coins without a company in between.

Rules are from the Greenfield API of BTCPay Server 2 (https://docs.btcpayserver.org/API/Greenfield/v1/),
https://docs.btcpayserver.org/Development/ecommerce-integration-guide/ and, where these are silent, from
`InvoiceWatcher.cs` and `GreenfieldInvoiceController.cs` of the server.
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from weakref import WeakValueDictionary

import msgspec

from delivery.gateways.btcpay_invoices import (
    COINS,
    NAME,
    PART,
    Body,
    gone_back,
    money_came,
    news,
    order,
    payout_method,
    refund_name,
    same_and_open,
    whole,
)
from delivery.gateways.http import LONGEST, TIMEOUT, Refusal, path, understood
from delivery.gateways.reading import posted, reading, text
from delivery.guard import GuardedSession
from domain.errors import BadSignature, GatewayRefused, GatewayUnreachable, Invalid
from domain.gateways import (
    Charge,
    Checkout,
    Credentials,
    Field,
    News,
    Notification,
    State,
    Traits,
    Wanted,
)
from domain.money import CURRENCIES, STARS
from domain.urls import NoAnswer, check_url

TRAITS: Final = Traits(
    NAME,
    "Crypto (No KYC)",
    fields=(
        Field("url", secret=False),
        Field("store", secret=False),
        Field("key"),
        Field("secret", hook=True),  # of the webhook
    ),
    currencies=CURRENCIES - {STARS},
    coins=COINS,
)
# An invoice's id. Those of BTCPay's "send a test event" begin with `__test__`, and are no invoices.
_ID = re.compile(r"(?!__test__)[A-Za-z0-9_-]{1,64}", re.ASCII)


class BTCPayGateway:
    """`domain.gateways.Gateway` for a BTCPay Server.

    A checkout's `ref` is the invoice's id; the order's key is the invoice's `orderId`, by which a checkout
    that is still open is found again. The charge's id is the invoice's id. Only what the network has settled
    counts. What came too late to be asked for, but came in full, counts as paid. Of an invoice that ran out
    with less than was asked, what came is a charge of its own (`…/part`): if the rest arrives after all,
    the whole is another one. An invoice that the owner marks as settled is paid because he says so.

    Coins are not sent back unasked, since nobody knows where to: a refund is a "pull payment", a page where
    the payer says where he wants what he paid. It is named after the invoice, and made only once. It counts
    as gone back when it is made.
    """

    def __init__(self, session: GuardedSession, timeout: float = TIMEOUT) -> None:
        self._session, self._timeout = session, timeout
        self._refunding: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def traits(self) -> Traits:
        return TRAITS

    async def verify(self, credentials: Credentials) -> str:
        host = urlsplit(_base(credentials, private=self._session.private)).netloc
        await self._call(credentials, "GET", _store(credentials, "invoices"), query={"take": "1"})
        try:
            # Whether it may make invoices is seen by asking for one that no server makes.
            await self._call(
                credentials, "POST", _store(credentials, "invoices"), json={"amount": "-1", "currency": "BTC"}
            )
        except Refusal as refusal:
            if refusal.status not in (400, 422):
                raise
        return host

    async def checkout(self, credentials: Credentials, wanted: Wanted) -> Checkout:
        body = order(wanted)
        known = await self._call(
            credentials, "GET", _store(credentials, "invoices"), query={"orderId": wanted.key, "take": "20"}
        )
        with reading(NAME):
            same = next((one for one in known if same_and_open(one, wanted)), None)
        invoice = same or await self._call(credentials, "POST", _store(credentials, "invoices"), json=body)
        with reading(NAME):
            return Checkout(text(invoice["id"]), _page(invoice["checkoutLink"], self._session.private))

    async def notified(self, credentials: Credentials, notification: Notification) -> Sequence[News]:
        _check_signature(credentials.get("secret", ""), notification)
        event = posted(NAME, notification.body)
        ref = event.get("invoiceId")
        if event.get("storeId") != credentials["store"] or not isinstance(ref, str):
            return []  # of another store with the same secret, or of something else than an invoice
        return await self.look(credentials, ref)

    async def look(self, credentials: Credentials, ref: str) -> Sequence[News]:
        invoice = await self._find(credentials, ref)
        if invoice is None:
            return []
        methods = await self._methods(credentials, invoice)
        found = news(invoice, methods)
        paid = next((one for one in found if one.state is State.PAID), None)
        if paid is None or paid.paid is None:
            return found
        try:
            pulls = await self._pulls(credentials, ref)
        except Refusal as refusal:
            if refusal.status != 403:  # a key that may not see refunds has made none
                raise
            return found
        pulls = [one for one in pulls if not one.get("archived")]
        if not (back := gone_back(pulls, methods, paid.paid)).minor:
            return found
        with reading(NAME):
            collect = _page(pulls[0]["viewLink"], self._session.private)
        return [*found, replace(paid, state=State.REFUNDED, paid=back, collect=collect)]

    async def look_subscription(self, credentials: Credentials, subscription: str) -> Sequence[News]:
        return []

    async def refund(self, credentials: Credentials, charge: Charge) -> str:
        ref = charge.id.removesuffix(PART)
        # BTCPay makes one refund after another; so one try at a time looks whether there is one.
        lock = self._refunding.setdefault(f"{credentials['url']} {ref}", asyncio.Lock())
        async with lock:
            invoice = await self._find(credentials, ref)
            methods = [] if invoice is None else await self._methods(credentials, invoice)
            found = [] if invoice is None else news(invoice, methods)
            paid = next((one.paid for one in found if one.state is State.PAID), None)
            if paid is None:
                raise GatewayRefused(NAME, "BTCPay Server knows no such payment.")
            pulls = await self._pulls(credentials, ref)
            pull = whole(pulls, methods, paid) if pulls else await self._pull(credentials, ref, methods)
        with reading(NAME):
            return _page(pull["viewLink"], self._session.private)

    async def end_subscription(
        self, credentials: Credentials, subscription: str, member_id: int | None
    ) -> None:
        """There are none."""

    async def _find(self, credentials: Credentials, ref: str) -> Body | None:
        if not _ID.fullmatch(ref):
            return None
        try:
            invoice = await self._call(credentials, "GET", _store(credentials, "invoices", ref))
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise
        with reading(NAME):
            if invoice["id"] != ref or invoice["storeId"] != credentials["store"]:
                raise ValueError("another invoice")
            return dict(invoice)

    async def _methods(self, credentials: Credentials, invoice: Body) -> list[Body]:
        """The payment methods of an invoice with the payments by each; none before there is money."""
        with reading(NAME):
            if not money_came(invoice):
                return []
            where = _store(credentials, "invoices", invoice["id"], "payment-methods")
            return [dict(one) for one in await self._call(credentials, "GET", where)]

    async def _pulls(self, credentials: Credentials, ref: str) -> list[Body]:
        """The refunds of an invoice, made by us or on the server's own pages: both name them alike."""
        where = _store(credentials, "pull-payments")
        answer = await self._call(credentials, "GET", where, query={"includeArchived": "true"})
        with reading(NAME):
            return [dict(one) for one in answer if one["name"] == refund_name(ref)]

    async def _pull(self, credentials: Credentials, ref: str, methods: Sequence[Body]) -> Body:
        """Make the refund of an invoice."""
        asked = {
            "name": refund_name(ref),
            "description": "Choose where you want your money back.",
            "payoutMethodId": payout_method(methods),
            "refundVariant": "RateThen",  # the very coins that came
        }
        where = _store(credentials, "invoices", ref, "refund")
        made = await self._call(credentials, "POST", where, json=asked)
        with reading(NAME):
            return dict(made)

    async def _call(
        self,
        credentials: Credentials,
        method: str,
        where: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Body | None = None,
    ) -> Any:
        url = _base(credentials, private=self._session.private) + where
        try:
            answer = await self._session.request(
                method,
                f"{url}?{urlencode(query)}" if query else url,
                headers={
                    "Authorization": f"token {credentials['key']}",
                    "Accept": "application/json",
                    **({} if json is None else {"Content-Type": "application/json"}),
                },
                body=None if json is None else msgspec.json.encode(json),
                keep=LONGEST,
                seconds=self._timeout,
            )
        except NoAnswer as no:
            if no.reason == "denied":
                raise GatewayRefused(NAME, "This server's address is not called from here.") from None
            raise GatewayUnreachable(NAME, no.reason) from None
        body = None if answer.cut else answer.body
        secrets = [credentials["key"], credentials.get("secret", "")]
        return understood(NAME, answer.status, body, words=_words, secrets=secrets)


def _base(credentials: Credentials, *, private: bool) -> str:
    """The server's address. Raises `GatewayRefused` for one that is not called."""
    try:
        base = check_url(credentials["url"], private=private).rstrip("/")
    except Invalid:
        raise GatewayRefused(NAME, "The server's address must be one that begins with https://.") from None
    if "?" in base:
        raise GatewayRefused(NAME, "The server's address must have no question mark.")
    return base


def _store(credentials: Credentials, *names: str) -> str:
    try:
        return path("api", "v1", "stores", credentials["store"], *names)
    except ValueError:
        raise GatewayRefused(NAME, "There is no such store.") from None


def _page(value: object, private: bool) -> str:
    """An address that a payer is sent to. Raises `GatewayRefused`, since the server can be set right."""
    try:
        return check_url(text(value), private=private)
    except Invalid:
        raise GatewayRefused(
            NAME, "BTCPay Server gives addresses that do not begin with https://. Please check its proxy."
        ) from None


def _words(body: Any) -> str | None:
    """Errors are `{"code": …, "message": …}`, or a list of `{"path": …, "message": …}`."""
    if isinstance(body, list):
        return "; ".join(f"{one['message']} ({one['path']})" for one in body)
    return str(body.get("message") or body["code"])


def _check_signature(secret: str, notification: Notification) -> None:
    """`BTCPay-Sig` is `sha256=` and HMAC-SHA256 of the body with the webhook's secret, in hex. An old event
    is no lie: the owner may redeliver it any time, and the invoice is asked about anyway."""
    if not secret:
        raise BadSignature(NAME, "the webhook's secret is not known")
    wanted = hmac.new(secret.encode(), notification.body, hashlib.sha256).hexdigest()
    signature = notification.headers.get("btcpay-sig", "")
    if not hmac.compare_digest(f"sha256={wanted}".encode(), signature.encode(errors="replace")):
        raise BadSignature(NAME, "wrong signature" if signature else "no signature")
