"""The documented systems that are not served yet in small: one shape of each, to see that the mechanism
carries it. Their real dialects come with their endpoints.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from api.doorkeeper import header_key
from api.errors import BadRequest, TooMany, WrongMethod, status_of
from api.table import Call, Endpoint, JsonObject


def headers_of(error: Exception) -> dict[str, str]:
    """What HTTP wants to be said along."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after)}
    return {"Allow": ", ".join(error.allowed)} if isinstance(error, WrongMethod) else {}


def words_of(error: Exception) -> str:
    """A description that says which parameter and why."""
    if isinstance(error, BadRequest):
        return f"{error.field}: {error.words}"
    return type(error).__name__ if status_of(error) != 500 else "Internal error"


def reply(status: int, body: JsonObject, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/json", headers=headers
    )


class _Documented:
    def responses(self, endpoint: Endpoint, result: JsonObject | None) -> JsonObject:
        return {str(endpoint.status): {"description": "Good."}, "default": {"description": "Bad."}}

    def security(self) -> JsonObject:
        return {"api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}


class Automation(_Documented):
    """`success` beside the result's own fields; `error` with the members of RFC 9457; keys in the query."""

    def key(self, call: Call) -> str | None:
        return header_key(call.request) or call.request.query.get("api_key")

    def success(self, call: Call, endpoint: Endpoint, result: Any) -> web.Response:
        return reply(endpoint.status, {"success": True, **msgspec.to_builtins(result)})

    def failure(self, call: Call, error: Exception) -> web.Response:
        status = status_of(error)
        problem = {"type": "about:blank", "status": status, "detail": words_of(error)}
        return reply(status, {"error": words_of(error), **problem}, headers_of(error))


class Scan(_Documented):
    """A header of its own, and the outcome under `result` whatever it is."""

    def key(self, call: Call) -> str | None:
        return call.request.headers.get("Api-Key")

    def success(self, call: Call, endpoint: Endpoint, result: Any) -> web.Response:
        return reply(200, {"status": "ok", "result": result})

    def failure(self, call: Call, error: Exception) -> web.Response:
        return reply(status_of(error), {"status": "error", "result": {"message": words_of(error)}})
