"""How the automation API speaks: HTTP statuses, `{"success": true, …}` or `{"error": "…"}`."""

import re
from typing import Any

import msgspec
from aiohttp import web

from api.doorkeeper import KEY_IN_URL, header_key
from api.errors import BadRequest, NoSuchCall, TooLarge, TooMany, Unauthorised, WrongMethod
from api.table import Call, Endpoint, JsonObject
from domain.errors import Conflict, Invalid, NotAllowed, NotFound, Refused, TelegramError
from services.accounts import PREFIX
from texts.errors import sentence

NO_KEY, WRONG_KEY = "unauthorized", "Invalid or missing API key"
COMMON = {
    "400": "A parameter is missing or unusable, or a rule forbids it; the error says which and why.",
    "401": f"There is no key, or it does not look like one (`{NO_KEY}`); nobody has this key, or it has "
    f"ended (`{WRONG_KEY}`).",
    "403": "The key does not open this bot.",
    "404": "There is no such thing.",
    "413": "The body has more than 256 KiB.",
    "429": "Too many calls with this key, or too many wrong keys from this address: wait as many seconds as "
    "the header Retry-After says.",
    "500": "Something went wrong on our side.",
}
_WORDS = {
    "400": ["keyword: is required"], "401": [NO_KEY, WRONG_KEY], "403": ["forbidden"], "404": ["not found"],
    "413": ["the body has more than 262144 bytes"], "429": ["too many calls: try again in 3 s"],
    "500": ["something went wrong on our side, please try again"],
}  # fmt: skip
_KEY = re.compile(rf"{PREFIX}[\w-]{{16,}}", re.ASCII)
# Where what people are told in the chat does not fit a program.
_WHY = {
    "malformed": "has a value of the wrong kind",
    "unknown_field": "there is no setting of this name",
    "antispam_value": "must be one of the documented values",
    "person": "must be the id of a person",
}


class AutomationDialect:
    """`api.table.Dialect` of the automation API."""

    def key(self, call: Call) -> str | None:
        """In a header; in the address only where the setting API_KEY_IN_URL allows it."""
        request = call.request
        if (key := request.headers.get("X-API-Key", "").strip() or header_key(request)) is not None:
            return key
        return request.query.get("api_key") if request.app.get(KEY_IN_URL) else None

    def success(self, call: Call, endpoint: Endpoint, result: Any) -> web.Response:
        body = {"success": True} if result is None else {"success": True, **msgspec.to_builtins(result)}
        return _answer(endpoint.status, body)

    def failure(self, call: Call, error: Exception) -> web.Response:
        if isinstance(error, Unauthorised):
            known = _KEY.fullmatch(self.key(call) or "")
            headers = {"WWW-Authenticate": "Bearer"}
            return _answer(401, {"error": WRONG_KEY if known else NO_KEY}, headers)
        status, words = _outcome(call, error)
        return _answer(status, {"error": words}, _headers(error))

    def responses(self, endpoint: Endpoint, result: JsonObject | None) -> JsonObject:
        good = {"success": True} | (msgspec.to_builtins(endpoint.example) if endpoint.example else {})
        schema: JsonObject = {
            "type": "object", "required": ["success"], "properties": {"success": {"const": True}},
        }  # fmt: skip
        if result is not None:
            schema = {"allOf": [schema, result]}
        examples = {"answer": {"summary": "It went well.", "value": good}}
        responses: JsonObject = {str(endpoint.status): _described("It went well.", schema, examples)}
        failure = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
        for code, meaning in sorted((COMMON | dict(endpoint.errors)).items()):
            shown = {
                words.split(":")[0].replace(" ", "_"): {"summary": meaning, "value": {"error": words}}
                for words in _WORDS[code]
            }
            responses[code] = _described(meaning, failure, shown)
        responses["429"]["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}
        }
        return responses

    def security(self) -> JsonObject:
        return {
            "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer <key>`"},
            "query": {
                "type": "apiKey", "in": "query", "name": "api_key",
                "description": "Only where the server's setting `GATEHOUSE_API_KEY_IN_URL` allows it: "
                "addresses end up in logs.",
            },
        }  # fmt: skip


def _outcome(call: Call, error: Exception) -> tuple[int, str]:
    """Status and words. Nothing of an unexpected error leaves the house."""
    match error:
        case BadRequest(field=field, words=words):
            return 400, f"{field}: {words}"
        case Invalid(field=field, reason=reason):
            return 400, f"{field}: {_WHY.get(reason) or sentence(call.t, error)}"
        case Conflict() | Refused():
            return 400, sentence(call.t, error)
        case NotAllowed():
            return 403, "forbidden"
        case NoSuchCall() | NotFound():
            return 404, "not found"
        case WrongMethod(allowed=allowed):
            return 405, f"this address takes {' or '.join(allowed)}"
        case TooLarge(most=most):
            return 413, f"the body has more than {most} bytes"
        case TooMany(retry_after=seconds):
            return 429, f"too many calls: try again in {seconds} s"
        case TelegramError():
            return 500, sentence(call.t, error)
    return 500, _WORDS["500"][0]


def _headers(error: Exception) -> dict[str, str]:
    match error:
        case TooMany(retry_after=seconds):
            return {"Retry-After": str(seconds)}
        case WrongMethod(allowed=allowed):
            return {"Allow": ", ".join(allowed)}
    return {}


def _described(words: str, schema: JsonObject, examples: JsonObject) -> JsonObject:
    return {"description": words, "content": {"application/json": {"schema": schema, "examples": examples}}}


def _answer(status: int, body: JsonObject, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/json", headers=headers
    )
