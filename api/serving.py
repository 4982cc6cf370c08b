"""Serving the tables: an address finds its row, the row's handler is called, the dialect answers."""

import logging
import re

from aiohttp import web

from api.doorkeeper import Doorkeeper
from api.errors import ApiError, NoSuchCall, WrongMethod
from api.inputs import parameters, read_input
from api.table import Api, Endpoint
from domain.errors import GatehouseError
from services.house import House

log = logging.getLogger(__name__)


class Calls:
    """Finds the row of an address. Fixed addresses come before those with parameters."""

    def __init__(self, api: Api) -> None:
        flags = re.IGNORECASE if api.any_case else re.NOFLAG
        rows: dict[str, dict[str, Endpoint]] = {}
        for endpoint in sorted(api.endpoints, key=lambda row: row.path.count("{")):
            if not endpoint.path.startswith(api.roots):
                raise ValueError(f"{endpoint.path} is outside of {api.name}, which is at {api.roots}")
            methods = rows.setdefault(endpoint.path, {})
            if endpoint.method in methods:
                raise ValueError(f"{endpoint.method} {endpoint.path} is in the table of {api.name} twice")
            methods[endpoint.method] = endpoint
        self._rows = [(re.compile(_pattern(path), flags), methods) for path, methods in rows.items()]

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        """The row and its path parameters. Raises `NoSuchCall` or `WrongMethod`."""
        allowed: set[str] = set()
        for pattern, methods in self._rows:
            if (found := pattern.fullmatch(path)) is None:
                continue
            if (endpoint := methods.get(method)) is not None:
                return endpoint, found.groupdict()
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
        name = "unknown call"
        try:
            endpoint, path = calls.find(request.method, request.path)
            name = endpoint.operation_id
            actor = await door.admit(request, endpoint, dialect, path)
            if endpoint.input is None:
                result = await endpoint.handler(house, actor)
            else:
                given = read_input(endpoint.input, await parameters(request, path))
                result = await endpoint.handler(house, actor, given)
            return dialect.success(request, endpoint, result)
        except (ApiError, GatehouseError) as error:
            return dialect.failure(request, error)
        except Exception as error:
            log.exception("api call failed", extra={"call": name})
            return dialect.failure(request, error)

    for root in api.roots:
        app.router.add_route("*", root + "{call:.*}", serve)
