"""Serving the tables: an address finds its row, the row's handler is called, the dialect answers."""

import logging
import re

from aiohttp import web

from api.doorkeeper import Doorkeeper
from api.errors import ApiError, NoSuchCall, WrongMethod
from api.inputs import parameters, read_input, sent_file
from api.table import Api, Call, Endpoint
from domain.errors import GatehouseError
from services.house import House

log = logging.getLogger(__name__)


class Calls:
    """Finds the row of an address. From the left, fixed words come before parameters."""

    def __init__(self, api: Api) -> None:
        flags = (re.IGNORECASE if api.any_case else re.NOFLAG) | re.ASCII
        rows: dict[str, dict[str, Endpoint]] = {}
        spelt = [(path, row) for row in api.endpoints for path in (row.path, *row.aliases)]
        for path, endpoint in sorted(spelt, key=lambda one: ["{" in part for part in one[0].split("/")]):
            if not path.startswith(api.roots):
                raise ValueError(f"{path} is outside of {api.name}, which is at {api.roots}")
            methods = rows.setdefault(path, {})
            if endpoint.method in methods:
                raise ValueError(f"{endpoint.method} {path} is in the table of {api.name} twice")
            methods[endpoint.method] = endpoint
        self._rows = [(re.compile(_pattern(path), flags), methods) for path, methods in rows.items()]

    def find(self, call: Call) -> Endpoint:
        """The row of a call, and into the call what its address says.

        Raises `NoSuchCall` or `WrongMethod`.
        """
        allowed: set[str] = set()
        for pattern, methods in self._rows:
            if (found := pattern.fullmatch(call.request.path)) is None:
                continue
            endpoint = methods.get(call.request.method)
            if endpoint is not None or call.address is None:
                canonical = endpoint or next(iter(methods.values()))
                call.address, call.values, call.endpoint = canonical.path, found.groupdict(), endpoint
            if endpoint is not None:
                return endpoint
            allowed |= methods.keys()
        if allowed:
            raise WrongMethod(sorted(allowed))
        raise NoSuchCall


def _pattern(path: str) -> str:
    """`/orders/{key}` as a regular expression; a parameter never spans a slash."""
    parts = re.split(r"\{(\w+)\}", path)
    return "".join(f"(?P<{part}>[^/]+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts))


def mount(app: web.Application, api: Api, house: House, door: Doorkeeper) -> None:
    """Serve a system at its roots, unknown addresses below them included."""
    calls, dialect = Calls(api), api.dialect

    async def serve(request: web.Request) -> web.StreamResponse:
        call = Call(request, house.actor.t)
        try:
            endpoint = calls.find(call)
            actor = await door.admit(call, endpoint, dialect)
            if endpoint.largest_file:
                file = await sent_file(request, endpoint.largest_file)
                result = await endpoint.handler(house, actor, file)
            elif endpoint.input is None:
                result = await endpoint.handler(house, actor)
            else:
                given = read_input(endpoint.input, await parameters(request, call.values))
                result = await endpoint.handler(house, actor, given)
            return dialect.success(call, endpoint, result)
        except (ApiError, GatehouseError) as error:
            return dialect.failure(call, error)
        except Exception as error:
            log.exception("api call failed", extra={"call": call.name, "number": call.number})
            return dialect.failure(call, error)

    for root in api.roots:
        app.router.add_route("*", root + "{call:(?s:.*)}", serve)  # line breaks, too
