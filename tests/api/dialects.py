"""The other documented systems in small: one shape of each, to see that the mechanism carries it.

Their real dialects come with their endpoints.
"""

import itertools
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from api.doorkeeper import header_key
from api.errors import BadRequest, NoSuchCall, TooLarge, TooMany, Unauthorised, WrongMethod
from api.table import Endpoint, JsonObject
from domain.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


def status_of(error: Exception) -> int:
    """The HTTP status of an error, for systems that use them."""
    match error:
        case Unauthorised():
            return 401
        case NotAllowed():
            return 403
        case NoSuchCall() | NotFound():
            return 404
        case WrongMethod():
            return 405
        case Conflict() | Refused():
            return 409
        case TooLarge():
            return 413
        case BadRequest() | Invalid():
            return 400
        case TooMany():
            return 429
    return 500


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


class Membership(_Documented):
    """An envelope that repeats the call, HTTP status = `code`, the key in the path or as Bearer."""

    numbers = itertools.count(1)

    def key(self, request: web.Request, path: Mapping[str, str]) -> str | None:
        return path.get("key") or header_key(request)

    def success(self, request: web.Request, endpoint: Endpoint, result: Any) -> web.Response:
        canonical = endpoint.path.rpartition("}")[2]
        query = f"?{request.query_string}" if request.query_string else ""
        return self._envelope(request, endpoint.status, canonical + query, result=result)

    def failure(self, request: web.Request, error: Exception) -> web.Response:
        status = status_of(error)
        where = "/" + request.path.partition("/bot")[2].partition("/")[2].partition("/")[2]
        return self._envelope(request, status, where, headers_of(error), description=words_of(error))

    def _envelope(
        self, request: web.Request, code: int, path: str, headers: Any = None, **more: Any
    ) -> web.Response:
        number = str(next(self.numbers))
        body = {"ok": code < 300, "request_id": number, "method": request.method, "path": path, "code": code}
        return reply(code, body | more, headers)


class Automation(_Documented):
    """`success` beside the result's own fields; `error` with the members of RFC 9457; keys in the query."""

    def key(self, request: web.Request, path: Mapping[str, str]) -> str | None:
        return header_key(request) or request.query.get("api_key")

    def success(self, request: web.Request, endpoint: Endpoint, result: Any) -> web.Response:
        return reply(endpoint.status, {"success": True, **msgspec.to_builtins(result)})

    def failure(self, request: web.Request, error: Exception) -> web.Response:
        status = status_of(error)
        problem = {"type": "about:blank", "status": status, "detail": words_of(error)}
        return reply(status, {"error": words_of(error), **problem}, headers_of(error))


class Scan(_Documented):
    """A header of its own, and the outcome under `result` whatever it is."""

    def key(self, request: web.Request, path: Mapping[str, str]) -> str | None:
        return request.headers.get("Api-Key")

    def success(self, request: web.Request, endpoint: Endpoint, result: Any) -> web.Response:
        return reply(200, {"status": "ok", "result": result})

    def failure(self, request: web.Request, error: Exception) -> web.Response:
        return reply(status_of(error), {"status": "error", "result": {"message": words_of(error)}})
