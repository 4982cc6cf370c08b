"""What PayPal does for every app: access tokens, idempotency, webhooks, and events that it has signed.

An event is PayPal's when its signature is over the very bytes that are passed to verify-webhook-signature:
JSON that was written anew fails.
"""

import base64
import hashlib
import hmac
import json
import zlib
from typing import Any, ClassVar

from aiohttp import web

from domain.gateways import Notification
from tests.gateways.fakes.base import Account, Fake
from tests.gateways.fakes.paypal_parts import moment

KEY = b"PayPal's own, which nobody else has"


class PayPalApp(Fake):
    """The part of PayPal that all its APIs share."""

    credentials: ClassVar[Account] = {
        "mode": "sandbox",
        "client_id": "AeA1QIZXiflr1_-r0U2UbWTziOWX1GRQer5jkUq4ZfWT5qwb6qQRPq7jDtv57TL4POEEezGLdutcxnkJ",
        "client_secret": "ECYYrrSHdKfk_Q0EdvzdGkzj58a66kKaUQ5dZAEv4HvvtDId2_DpSuYDB088BZxGuMji7G4OFUnPog6p",
        "webhook_id": "1JE4291016473214C",
    }
    other: ClassVar[Account] = {
        "mode": "sandbox",
        "client_id": "AeOther0000000000000000000000000000",
        "client_secret": "ECOther0000000000000000000000000000",
        "webhook_id": "9XL90610J3647323C",
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.done: dict[tuple[str, str], web.Response] = {}  # by account and PayPal-Request-Id
        self.hooks: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, Account] = {}

    def app_routes(self, router: web.UrlDispatcher) -> None:
        """Add the endpoints."""
        router.add_post("/v1/oauth2/token", self._give_token)
        router.add_post("/v1/notifications/verify-webhook-signature", self._verify_signature)
        router.add_get("/v1/notifications/webhooks", self._list_hooks)
        router.add_post("/v1/notifications/webhooks", self._make_hook)
        router.add_delete("/v1/notifications/webhooks/{id}", self._drop_hook)

    def refusal(self, words: str, status: int = 400, issue: str = "INVALID_REQUEST") -> web.Response:
        body = {"name": "UNPROCESSABLE_ENTITY", "message": words, "debug_id": "90957fca61718"}
        details = [{"issue": issue, "description": words}]
        return web.json_response(body | {"details": details}, status=status)

    def refused(self, words: str, issue: str) -> web.Response:
        return self.refusal(words, 422, issue)

    def sign(self, body: bytes, account: Account) -> Notification:
        sent, number = moment(self.clock), f"69cd13f0-d67a-11e5-baa3-{self.number():012}"
        signature = _signature(number, sent, account["webhook_id"], body)
        headers = {
            "paypal-auth-algo": "SHA256withRSA",
            "paypal-cert-url": "https://api.paypal.com/v1/notifications/certs/CERT-360caa42",
            "paypal-transmission-id": number,
            "paypal-transmission-sig": signature,
            "paypal-transmission-time": sent,
        }
        return Notification(headers, body)

    def event(self, kind: str, about: dict[str, Any]) -> bytes:
        """An event's bytes."""
        # Spaces as PayPal puts none, and a number that Python would write otherwise.
        return json.dumps(
            {"id": "WH-1", "event_type": kind, "resource": about, "x": 1.10}, separators=(",", ":")
        ).encode()

    def _tell(self, kind: str, about: dict[str, Any], account: Account) -> None:
        self.tell(json.loads(self.event(kind, about)), account)

    async def _give_token(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").removeprefix("Basic ")
        for account in (self.credentials, self.other):
            right = f"{account['client_id']}:{account['client_secret']}".encode()
            if given == base64.b64encode(right).decode():
                token = f"A21AA{self.number()}"
                self.tokens[token] = account
                return web.json_response({"access_token": token, "expires_in": 32_400})
        words = "Client Authentication failed"
        return web.json_response({"error": "invalid_client", "error_description": words}, status=401)

    def caller(self, request: web.Request) -> Account | None:
        """Whose token it is."""
        return self.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))

    def stranger(self) -> web.Response:
        """The answer to a token that is none."""
        return self.refusal("Token signature verification failed", 401, "invalid_token")

    def missing(self) -> web.Response:
        """The answer about what is not there."""
        return self.refusal("The specified resource does not exist.", 404, "INVALID_RESOURCE_ID")

    def once(self, handler: Any) -> Any:
        """Idempotency: a request id gets the answer it got first."""

        async def answer(request: web.Request) -> web.Response:
            if (caller := self.caller(request)) is None:
                return self.stranger()
            mark = (caller["client_id"], request.headers.get("PayPal-Request-Id", f"new {self.number()}"))
            if mark not in self.done:
                made = await handler(request, caller)
                if made.status >= 300:
                    return made  # type: ignore[no-any-return]
                self.done[mark] = made
            known = self.done[mark]
            return web.Response(body=known.body, status=known.status, content_type="application/json")

        return answer

    async def _verify_signature(self, request: web.Request) -> web.Response:
        if self.caller(request) is None:
            return self.stranger()
        raw = await request.read()
        asked = json.loads(raw)
        if any(len(value) > 500 for name, value in asked.items() if name != "webhook_event"):
            return self.refusal("Request is not well-formed.", 400, "VALIDATION_ERROR")
        event = raw.partition(b'"webhook_event":')[2][:-1]
        right = _signature(asked["transmission_id"], asked["transmission_time"], asked["webhook_id"], event)
        fine = (
            asked["auth_algo"] == "SHA256withRSA"
            and hmac.compare_digest(right.encode(), asked["transmission_sig"].encode("utf-8", "replace"))
            and asked["webhook_id"] == self.caller(request)["webhook_id"]  # type: ignore[index]
        )
        return web.json_response({"verification_status": "SUCCESS" if fine else "FAILURE"})

    async def _list_hooks(self, request: web.Request) -> web.Response:
        if self.caller(request) is None:
            return self.stranger()
        return web.json_response({"webhooks": list(self.hooks.values())})

    async def _make_hook(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if any(one["url"] == asked["url"] for one in self.hooks.values()):
            return self.refusal("Webhook URL already exists", 400, "WEBHOOK_URL_ALREADY_EXISTS")
        made = {"id": f"WH{self.number()}"} | asked
        self.hooks[made["id"]] = made
        return web.json_response(made, status=201)

    async def _drop_hook(self, request: web.Request) -> web.Response:
        del self.hooks[request.match_info["id"]]
        return web.Response(status=204)


def _signature(number: str, sent: str, webhook: str, body: bytes) -> str:
    """PayPal signs id, time, webhook id and the body's CRC32 with RSA; here a MAC stands for it."""
    signed = f"{number}|{sent}|{webhook}|{zlib.crc32(body)}".encode("utf-8", "replace")
    return base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
