"""The one mechanism of all HTTP APIs: a readable table of endpoints.

Each documented system is an `Api`: a table of `Endpoint`s with thin handlers, and a `Dialect`, which is how
that system takes keys, wraps results and words errors. `api.serving` serves the rows, `api.openapi`
describes them; a new call is one more row.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import msgspec
from aiohttp import web

from domain.actor import Translator

JsonObject = dict[str, Any]


class Scope(StrEnum):
    """Whose key opens an endpoint. Naming it is not optional."""

    ACCOUNT = "account"  # an account's key
    BOT = "bot"  # a bot's own key as well; services then hold the caller to that bot


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row.

    `handler` is called with the house's services, the actor the key speaks for and, where the row has an
    `input` model, the parameters of path, query and body as that model. `result` is the type of what it
    returns, `example` such a value for the reader. `errors` are the codes this call adds to those every
    call of its dialect can answer with, each with its meaning. `section` and `details` are for the docs.
    `path` is the canonical address, which the document describes; `aliases` are others that lead here.
    `in_body`: the parameters travel in the body although the method (DELETE) is one without. `largest_file`:
    the call carries a file of at most so many bytes as multipart/form-data, and the handler gets it as an
    `api.inputs.SentFile` instead of an `input`.
    """

    method: str
    path: str
    scope: Scope
    handler: Callable[..., Awaitable[Any]]
    summary: str
    input: type[msgspec.Struct] | None = None
    result: Any = None
    example: Any = None
    errors: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    section: str = ""
    details: str = ""
    aliases: tuple[str, ...] = ()
    in_body: bool = False
    largest_file: int = 0

    @property
    def has_body(self) -> bool:
        """Whether its parameters are described as those of a body."""
        return self.in_body or self.method not in ("GET", "DELETE")

    @property
    def operation_id(self) -> str:
        """A name unique among all endpoints."""
        return re.sub(r"\W+", "_", f"{self.method} {self.path}").strip("_").lower()


@dataclass(slots=True)
class Call:
    """One HTTP request, filled in as it is understood.

    `address` is the row's canonical path (None: no such call), `values` its parameters, `endpoint` the row
    (None while there is none for this method). `t` words errors in English; `number` names the call in its
    answer and in the log.
    """

    request: web.Request
    t: Translator
    address: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    endpoint: Endpoint | None = None
    number: str = field(default_factory=lambda: str(secrets.randbelow(9 * 10**17) + 10**17))

    @property
    def name(self) -> str:
        """What to call it in the log, where keys in addresses have no place."""
        return "unknown call" if self.endpoint is None else self.endpoint.operation_id


class Dialect(Protocol):
    """How a documented system speaks. Stateless: one object serves all calls."""

    def key(self, call: Call) -> str | None:
        """The key a call carries, wherever this system puts it."""
        ...

    def success(self, call: Call, endpoint: Endpoint, result: Any) -> web.Response:
        """Wrap a result."""
        ...

    def failure(self, call: Call, error: Exception) -> web.Response:
        """Word an `ApiError` or a `GatehouseError`. Anything else is ours: no detail leaves the house."""
        ...

    def responses(self, endpoint: Endpoint, result: JsonObject | None) -> JsonObject:
        """OpenAPI's responses of an endpoint whose result has the JSON schema `result`, with examples."""
        ...

    def security(self) -> JsonObject:
        """OpenAPI's security schemes by name; a call carries the key in any one of them."""
        ...


@dataclass(frozen=True, slots=True)
class Api:
    """A documented system. All addresses under `roots` are its own, unknown ones included.

    `any_case` finds calls whatever the case of their fixed parts.
    """

    name: str
    about: str
    roots: tuple[str, ...]
    dialect: Dialect
    endpoints: tuple[Endpoint, ...]
    any_case: bool = False
