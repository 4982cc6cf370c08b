"""How the tracker speaks: always HTTP 200, `{"status":"ok","data":…}` or `{"status":"error","error":"…"}`."""

from typing import Any

import msgspec
from aiohttp import web

from api.doorkeeper import header_key
from api.errors import ApiError, TooMany, Unauthorised
from api.table import Call, Endpoint, JsonObject
from domain.errors import Conflict, Invalid, NotAllowed, NotFound, Refused, TelegramError

COMMON = {
    "key": "There is no key, or it is wrong.",
    "func": "There is no such call, or a parameter is missing or invalid.",
    "limit": "Too many calls with this key, or too many wrong keys from this address: wait as many seconds "
    "as the header Retry-After says.",
    "db": "Something went wrong on our side, or Telegram is out of reach: try again later.",
}
# Reasons of services that have a code of their own; any other reason is a `state` that forbids the call.
REASONS = {
    "exists": "exists", "campaign_exists": "exists", "webhook": "webhook", "broadcasts": "broadcasts",
    "unpaid": "unpaid",
}  # fmt: skip
FIELDS = {"token": "token"}


class TrackerDialect:
    """`api.table.Dialect` of the tracker."""

    def key(self, call: Call) -> str | None:
        return header_key(call.request)

    def success(self, call: Call, endpoint: Endpoint, result: Any) -> web.Response:
        return _answer({"status": "ok"} if result is None else {"status": "ok", "data": result})

    def failure(self, call: Call, error: Exception) -> web.Response:
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else None
        return _answer({"status": "error", "error": code_of(error)}, headers)

    def responses(self, endpoint: Endpoint, result: JsonObject | None) -> JsonObject:
        errors = {**endpoint.errors, **COMMON}
        good: JsonObject = {"status": "ok"}
        schema: JsonObject = _object(status={"const": "ok"})
        if result is not None:
            good["data"] = msgspec.to_builtins(endpoint.example)
            schema = _object(status={"const": "ok"}, data=result)
        examples = {"ok": {"summary": "It went well.", "value": good}}
        for code, meaning in errors.items():
            examples[code] = {"summary": meaning, "value": {"status": "error", "error": code}}
        failure = _object(status={"const": "error"}, error={"enum": list(errors)})
        content = {"schema": {"oneOf": [schema, failure]}, "examples": examples}
        retry = {"description": "With `limit`: seconds to wait.", "schema": {"type": "string"}}
        return {
            "200": {
                "description": "The outcome, good or bad.",
                "headers": {"Retry-After": retry},
                "content": {"application/json": content},
            }
        }

    def security(self) -> JsonObject:
        return {
            "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer <key>`"},
            "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }


def code_of(error: Exception) -> str:
    """The tracker's code of an error."""
    match error:
        case Unauthorised():
            return "key"
        case TooMany():
            return "limit"
        case ApiError():
            return "func"
        case NotAllowed() | NotFound():
            return "access"
        case Invalid(field=field):
            return FIELDS.get(field, "func")
        case Conflict(reason=reason) | Refused(reason=reason):
            return REASONS.get(reason, "state")
        case TelegramError(details={"during": "webhook"}):
            return "webhook"
        case _:
            return "db"


def _object(**properties: JsonObject) -> JsonObject:
    return {"type": "object", "required": list(properties), "properties": properties}


def _answer(body: JsonObject, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), content_type="application/json", headers=headers)
