"""Who calls: keys are looked up here, and nowhere else; callers are held to a pace."""

from ipaddress import ip_address

from aiohttp import web

from api.errors import TooMany, Unauthorised
from api.limits import Buckets
from api.table import Call, Dialect, Endpoint, Scope
from domain.actor import Actor
from services.house import House
from services.vault import digest

CALLS_A_SECOND, CALLS_AT_ONCE = 20, 100  # of one key
FAILURES_A_SECOND, FAILURES_AT_ONCE = 0.2, 20  # unknown keys from one address
LONGEST_KEY = 128
# Of the web application: keys may stand in addresses, for the API whose document wants that.
KEY_IN_URL = web.AppKey("key_in_url", bool)


class Doorkeeper:
    """Admits calls of every API.

    An address that tries many wrong keys is refused unheard for a while, but not those who share it with
    the guesser: a key that opened lately still does.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._calls = Buckets(CALLS_A_SECOND, CALLS_AT_ONCE)
        self._failures = Buckets(FAILURES_A_SECOND, FAILURES_AT_ONCE)

    async def admit(self, call: Call, endpoint: Endpoint, dialect: Dialect) -> Actor:
        """Whom the call's key speaks for. Raises `Unauthorised` or `TooMany`."""
        key = dialect.key(call)
        if not key:
            raise Unauthorised
        now = self._house.clock.now()
        address, name = peer(call.request), digest(key)
        if name not in self._calls and (seconds := self._failures.wait(address, now)):
            raise TooMany(seconds)
        owner = await self._house.accounts.whose(key) if len(key) <= LONGEST_KEY else None
        if owner is None:
            self._failures.take(address, now)
            raise Unauthorised
        if seconds := self._calls.take(name, now):
            raise TooMany(seconds)
        if owner.bot_id is not None and endpoint.scope is Scope.ACCOUNT:
            raise Unauthorised
        return Actor(owner.owner_id, self._house.actor.t, bot_scope=owner.bot_id)


def header_key(request: web.Request) -> str | None:
    """The key in `Authorization: Bearer …` or `X-API-Key: …`."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and key.strip():
        return key.strip()
    return request.headers.get("X-API-Key", "").strip() or None


def peer(request: web.Request) -> str:
    """The caller's address. Behind a reverse proxy on this machine or network: the one the proxy saw."""
    address = request.remote or ""
    seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(seen)) if ip_address(address).is_private else address
    except ValueError:  # no proxy, or a unix socket, which has no address
        return address
