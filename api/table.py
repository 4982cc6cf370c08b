"""The one mechanism of all HTTP APIs: a readable table of endpoints.

Each documented system is a package with its table of `Endpoint`s, thin handlers, and a `Dialect`: how it
authenticates, wraps results and words errors. OpenAPI is generated from the same rows.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import msgspec
from aiohttp import web

from domain.actor import Actor
from domain.errors import GatehouseError
from services.house import House

LARGEST_BODY = 1024 * 1024  # bytes


class Scope(StrEnum):
    """Whom an endpoint is open to. Naming it is not optional."""

    PUBLIC = "public"
    ACCOUNT = "account"  # an account's key
    BOT = "bot"  # a bot's key, or the key of the account that owns the bot


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: `actor` for the services, `bot_id` (ours) where the address or the key names a bot."""

    actor: Actor
    bot_id: int | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row of the table.

    `input` is the model (a msgspec Struct) of query, path and body parameters together; `result` is the
    type of what the handler returns, before the dialect wraps it.
    """

    method: str
    path: str
    scope: Scope
    handler: Callable[..., Awaitable[Any]]
    summary: str
    input: type[msgspec.Struct] | None = None
    result: Any = None
    status: int = 200
    tags: tuple[str, ...] = field(default=())

    @property
    def operation_id(self) -> str:
        """A name unique among all endpoints."""
        return re.sub(r"\W+", "_", f"{self.method}_{self.path}").strip("_").lower()


class BadRequest(Exception):
    """A parameter is missing or unusable: `field` names it, `words` say why."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field}: {words}")
        self.field, self.words = field, words


class Unauthorised(Exception):
    """No key, or a wrong one."""


class TooMany(Exception):
    """The caller is too fast: `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Dialect(Protocol):
    """How a documented system speaks."""

    name: str

    async def authenticate(self, request: web.Request, scope: Scope) -> Caller:
        """Find out who calls. Raises `Unauthorised`, or `NotAllowed` for a resource that is not his."""
        ...

    def success(self, request: web.Request, endpoint: Endpoint, result: Any) -> web.Response:
        """Wrap a result."""
        ...

    def failure(
        self, request: web.Request, error: GatehouseError | BadRequest | Unauthorised | TooMany | Exception
    ) -> web.Response:
        """Word an error. Anything that is not a known error is ours: 500, and no details leave the house."""
        ...

    def wrapped(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The JSON schema of a success whose result has `schema`."""
        ...

    def error_schema(self) -> dict[str, Any]:
        """The JSON schema of an error."""
        ...


async def parameters(request: web.Request) -> dict[str, Any]:
    """Path, query and body parameters in one mapping; the body (form, JSON or none) wins over the query.

    Raises `BadRequest` for a body that is neither a form nor a JSON object.
    """
    values: dict[str, Any] = {**request.query, **request.match_info}
    if not request.can_read_body:
        return values
    if request.content_type == "application/json":
        try:
            body = msgspec.json.decode(await request.read())
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise BadRequest("body", "is not valid JSON") from None
        if not isinstance(body, dict):
            raise BadRequest("body", "must be a JSON object")
        return values | body
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        try:
            form = await request.post()
        except (ValueError, UnicodeDecodeError):
            raise BadRequest("body", "is not a readable form") from None
        return values | {name: value for name, value in form.items() if isinstance(value, str)}
    if not await request.read():
        return values
    raise BadRequest("body", "must be a form or JSON")


def read_input(model: type[msgspec.Struct], values: Mapping[str, Any]) -> msgspec.Struct:
    """The endpoint's input. Numbers and booleans sent as strings are accepted, unknown names ignored.

    Raises `BadRequest` that names the parameter.
    """
    wanted = {f.encode_name: f for f in msgspec.structs.fields(model)}
    given = {name: value for name, value in values.items() if name in wanted}
    for name, info in wanted.items():
        if info.required and given.get(name) in (None, ""):
            raise BadRequest(name, "is required")
        if not info.required and given.get(name) == "" and info.type is not str:
            del given[name]  # an empty form field means "not given"
    try:
        return msgspec.convert(given, model, strict=False)
    except msgspec.ValidationError as error:
        found = re.search(r"`\$\.?([\w.\[\]…]*)`", str(error))
        name = (found[1] if found else "") or "body"
        words = re.sub(r" - at `.*`$", "", str(error))
        raise BadRequest(name, words[0].lower() + words[1:]) from None


def mount(
    app: web.Application, endpoint: Endpoint, dialect: Dialect, report: Callable[[Exception], None]
) -> None:
    """Serve one row. `report` is told about failures that are ours."""

    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            caller = await dialect.authenticate(request, endpoint.scope)
            if endpoint.input is None:
                result = await endpoint.handler(house, caller)
            else:
                given = read_input(endpoint.input, await parameters(request))
                result = await endpoint.handler(house, caller, given)
        except web.HTTPRequestEntityTooLarge:
            return dialect.failure(request, BadRequest("body", f"has more than {LARGEST_BODY} bytes"))
        except (GatehouseError, BadRequest, Unauthorised, TooMany) as error:
            return dialect.failure(request, error)
        except Exception as error:
            report(error)
            return dialect.failure(request, error)
        if isinstance(result, web.StreamResponse):
            return result
        return dialect.success(request, endpoint, result)

    app.router.add_route(endpoint.method, endpoint.path, serve)
