"""How the membership API speaks: one envelope for everything, its `code` is the HTTP status."""

import re
from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import web

from api.doorkeeper import header_key
from api.errors import TooMany, Unauthorised, WrongMethod
from api.membership.rows import BASE, ROOT
from api.membership.words import status_of, words_of
from api.table import Call, Endpoint, JsonObject
from services.accounts import PREFIX

COMMON = {
    "400": "A parameter is missing or unusable; the description names it.",
    "401": "There is no key, or it is wrong.",
    "403": "The key does not open this bot.",
    "413": "The body has more than 256 KiB.",
    "429": "Too many calls with this key, or too many wrong keys from this address: wait as many seconds as "
    "the header Retry-After says.",
    "500": "Something went wrong on our side.",
}
_KEY = re.compile(rf"{PREFIX}[\w-]+")


class MembershipDialect:
    """`api.table.Dialect` of the membership API."""

    def key(self, call: Call) -> str | None:
        return call.values.get("key") or header_key(call.request)

    def success(self, call: Call, endpoint: Endpoint, result: Any) -> web.Response:
        if endpoint.status == 204:  # HTTP's own 204 has no body, and this API always answers with one
            return _answer(200, {"ok": True, "code": 204})
        return _answer(endpoint.status, _envelope(call, endpoint.status) | {"result": result})

    def failure(self, call: Call, error: Exception) -> web.Response:
        status = status_of(error)
        body = _envelope(call, status) | {"description": words_of(call, error)}
        return _answer(status, body, _headers(error))

    def responses(self, endpoint: Endpoint, result: JsonObject | None) -> JsonObject:
        if endpoint.status == 204:
            good: JsonObject = {"ok": True, "code": 204}
            schema = _object(ok={"const": True}, code={"const": 204})
        else:
            good = _example(endpoint, endpoint.status) | {"result": msgspec.to_builtins(endpoint.example)}
            schema = _schema(endpoint, endpoint.status, result=result or {})
        done = {"description": "It went well.", "content": _content(schema, "It went well.", good)}
        responses = {"200" if endpoint.status == 204 else str(endpoint.status): done}
        for code, meaning in sorted((COMMON | dict(endpoint.errors)).items()):
            bad = _example(endpoint, int(code)) | {"description": meaning}
            schema = _schema(endpoint, int(code), description={"type": "string"})
            responses[code] = {"description": meaning, "content": _content(schema, meaning, bad)}
        responses["429"]["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}
        }
        return responses

    def security(self) -> JsonObject:
        return {
            "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer <key>`"},
            "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }


def _envelope(call: Call, code: int) -> JsonObject:
    return {
        "ok": code < 400,
        "request_id": call.number,
        "method": call.request.method,
        "path": _repeated(call),
        "code": code,
    }


def _repeated(call: Call) -> str:
    """The call's canonical path with its query, and never the key."""
    if call.address is None:
        # Nobody knows what the first part of an unknown address was meant to be: perhaps a key.
        path = "/" + quote(call.request.path.removeprefix(ROOT).partition("/")[2].partition("/")[2])
    else:
        path = re.sub(
            r"\{(\w+)\}", lambda name: quote(call.values[name[1]], safe=""), call.address.removeprefix(BASE)
        )
    query = call.request.rel_url.raw_query_string
    return _KEY.sub("***", f"{path}?{query}" if query else path)


def _headers(error: Exception) -> dict[str, str]:
    match error:
        case TooMany(retry_after=seconds):
            return {"Retry-After": str(seconds)}
        case WrongMethod(allowed=allowed):
            return {"Allow": ", ".join(allowed)}
        case Unauthorised():
            return {"WWW-Authenticate": "Bearer"}
    return {}


def _answer(status: int, body: JsonObject, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/json", headers=headers
    )


def _object(**properties: JsonObject) -> JsonObject:
    return {"type": "object", "required": list(properties), "properties": properties}


def _schema(endpoint: Endpoint, code: int, **more: JsonObject) -> JsonObject:
    return _object(
        ok={"const": code < 400},
        request_id={"type": "string"},
        method={"const": endpoint.method},
        path={"type": "string"},
        code={"const": code},
        **more,
    )


def _example(endpoint: Endpoint, code: int) -> JsonObject:
    path = re.sub(r"\{(\w+)\}", "ABCD123", endpoint.path.removeprefix(BASE))
    return {
        "ok": code < 400, "request_id": "123456789", "method": endpoint.method, "path": path, "code": code,
    }  # fmt: skip


def _content(schema: JsonObject, summary: str, value: JsonObject) -> JsonObject:
    examples = {"answer": {"summary": summary, "value": value}}
    return {"application/json": {"schema": schema, "examples": examples}}
