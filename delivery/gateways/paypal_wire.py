"""Calling PayPal: access tokens, errors, and whether a notification is PayPal's."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from delivery.gateways.http import Refusal, Wire
from delivery.gateways.reading import dig, posted, reading, text
from domain.errors import BadSignature, GatewayRefused
from domain.gateways import Credentials, Notification

NAME = "paypal"
_TOKENS = 1000  # accounts whose access tokens are remembered
_EARLY = 60  # seconds before its end at which a token is not used any more
_SIGNED = ("auth-algo", "cert-url", "transmission-id", "transmission-sig", "transmission-time")


def issue(no: Refusal) -> str:
    """PayPal's word for what was wrong, as `ORDER_ALREADY_CAPTURED`."""
    details = dig(no.body, "details")
    first = details[0] if isinstance(details, list) and details else None
    return str(dig(first, "issue") or dig(no.body, "name") or "")


def _words(body: Any) -> str | None:
    details = dig(body, "details")
    first = details[0] if isinstance(details, list) and details else None
    words = (
        dig(first, "description") or dig(body, "message") or dig(body, "error_description"),
        dig(first, "issue"),
    )
    return " · ".join(str(word) for word in words if word) or None


class PayPalWire:
    """Calls PayPal's live system or its sandbox, whichever the credentials are for."""

    def __init__(self, session: aiohttp.ClientSession, addresses: Mapping[str, str], timeout: float) -> None:
        self._wires = {
            mode: Wire(session, NAME, address, words=_words, timeout=timeout)
            for mode, address in addresses.items()
        }
        self._tokens: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    async def ask(
        self,
        credentials: Credentials,
        method: str,
        path: str,
        *,
        json: Any = None,
        raw: bytes | None = None,
        query: Mapping[str, str] | None = None,
        once: str | None = None,
    ) -> Any:
        """One call; `once` is its idempotency key. Raises as `Wire.ask`."""
        headers = {"Prefer": "return=representation"} | ({"PayPal-Request-Id": once} if once else {})
        for fresh in (False, True):
            token = await self._token(credentials, fresh=fresh)
            try:
                return await self._wire(credentials).ask(
                    method,
                    path,
                    secrets=(*_secrets(credentials), token),
                    headers=headers | {"Authorization": f"Bearer {token}"},
                    json=json,
                    raw=raw,
                    query=query,
                )
            except Refusal as no:
                if fresh or no.status != 401:  # a token may end before its time
                    raise
        raise AssertionError("the second try returns or raises")

    def _wire(self, credentials: Credentials) -> Wire:
        if (wire := self._wires.get(credentials["mode"])) is None:
            raise GatewayRefused(NAME, "neither live nor sandbox")
        return wire

    async def _token(self, credentials: Credentials, *, fresh: bool) -> str:
        """An access token, remembered until shortly before its end: PayPal limits how many it gives."""
        known = self._tokens.get(_mark(credentials))
        if known is not None and not fresh and known[1] > time.monotonic():
            return known[0]
        answer = await self._wire(credentials).ask(
            "POST",
            "/v1/oauth2/token",
            secrets=_secrets(credentials),
            form={"grant_type": "client_credentials"},
            auth=(credentials["client_id"], credentials["client_secret"]),
        )
        with reading(NAME):
            token, ends = text(answer["access_token"]), int(answer["expires_in"])
        self._tokens[_mark(credentials)] = (token, time.monotonic() + ends - _EARLY)
        while len(self._tokens) > _TOKENS:
            self._tokens.popitem(last=False)
        return token

    async def event(self, credentials: Credentials, notification: Notification) -> dict[str, Any]:
        """The event in a notification, after PayPal has said that it is its own.

        The body is passed on byte for byte: PayPal signs its bytes, and JSON written anew has others.
        Raises `BadSignature`.
        """
        event = posted(NAME, notification.body)
        webhook = credentials.get("webhook_id", "")
        given = {name: notification.headers.get(f"paypal-{name}", "") for name in _SIGNED}
        if not webhook or not all(given.values()):
            raise BadSignature(NAME, "there is no signature, or no webhook id to check it with")
        asked = {name.replace("-", "_"): value for name, value in given.items()} | {"webhook_id": webhook}
        try:
            head = msgspec.json.encode(asked)
        except UnicodeEncodeError:
            raise BadSignature(NAME, "a header is no text") from None
        raw = head[:-1] + b',"webhook_event":' + notification.body + b"}"
        try:
            answer = await self.ask(
                credentials, "POST", "/v1/notifications/verify-webhook-signature", raw=raw
            )
        except Refusal as no:
            if no.status in (401, 403):
                raise
            raise BadSignature(NAME, no.words) from None
        if dig(answer, "verification_status") != "SUCCESS":
            raise BadSignature(NAME, "PayPal says that it did not send this")
        return event


def _secrets(credentials: Credentials) -> tuple[str, ...]:
    return (credentials["client_secret"],)


def _mark(credentials: Credentials) -> bytes:
    named = [credentials["mode"], credentials["client_id"], credentials["client_secret"]]
    return hashlib.sha256(msgspec.json.encode(named)).digest()
