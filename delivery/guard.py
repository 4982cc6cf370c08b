"""Calls to URLs that people supplied, which must not reach into our own network (SSRF).

The address is checked where the socket is made: after resolution, right before connecting to that very
address. A resolver that checks is not enough: it is never asked about IP literals in their many spellings,
and a name may mean something else the next time.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from threading import Thread
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from delivery.networks import may_connect
from domain.errors import Invalid
from domain.urls import LONGEST_CALLED, Answer, NoAnswer, check_url

CONNECTIONS = 256
SECONDS = 15.0  # for one call from beginning to end
KEEP = 4096  # bytes kept of an answer, unless told otherwise
_HEADERS = {
    "User-Agent": "Gatehouse",
    "Accept-Encoding": "identity",  # a small answer must not unpack into a big one
}


class AddressDenied(OSError):
    """The address is one that is not called for anybody."""


class GuardedSession:
    """A pool of connections for calling URLs of owners and their providers. Share one; it is safe for all.

    Redirects are not followed: the caller sees a 3xx. Proxies of the environment are not used, because a
    proxy would connect to addresses nobody here has seen. Cookies are not kept, answers not unpacked.
    """

    def __init__(self, session: aiohttp.ClientSession, private: bool) -> None:
        self._session, self._private = session, private

    @property
    def private(self) -> bool:
        """Whether http and addresses of private networks are called, too (development)."""
        return self._private

    @classmethod
    @asynccontextmanager
    async def open(
        cls, *, allow_private: bool = False, resolver: AbstractResolver | None = None
    ) -> AsyncIterator["GuardedSession"]:
        """A session until the block ends. `allow_private` (the setting ALLOW_PRIVATE_URLS) is for
        development: http, and addresses of private networks."""
        async with aiohttp.ClientSession(
            connector=guarded_connector(allow_private=allow_private, resolver=resolver),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            headers=_HEADERS,
        ) as session:
            yield cls(session, allow_private)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        keep: int = KEEP,
        seconds: float = SECONDS,
    ) -> Answer:
        """Call a URL and keep the first `keep` bytes of its answer; whatever its status is, it is an answer.

        Raises `NoAnswer` when there is none within `seconds`, or when the URL may not be called.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()

        def took() -> int:
            return round((loop.time() - began) * 1000)

        try:
            async with self._session.request(
                method,
                check_url(url, private=self._private, longest=LONGEST_CALLED),
                headers=headers,
                data=body,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=seconds),
            ) as response:
                kept, cut = await _first(response.content, keep)
                names = {name.lower(): value for name, value in reversed([*response.headers.items()])}
                return Answer(response.status, names, kept, cut, took())
        except Invalid:
            raise NoAnswer("denied", took()) from None
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            # The error's own words may hold the URL, and with it what its owner keeps secret: not passed on.
            raise NoAnswer(_reason(error), took()) from None


def guarded_connector(
    *, allow_private: bool = False, resolver: AbstractResolver | None = None
) -> aiohttp.TCPConnector:
    """A connector that makes no socket for an address that may not be called. For libraries that bring
    their own session; everything else takes a `GuardedSession`."""
    return aiohttp.TCPConnector(
        limit=CONNECTIONS,
        resolver=resolver or ThreadResolver(),
        socket_factory=_factory(allow_private),
    )


def _factory(private: bool) -> Callable[[Any], socket.socket]:
    def make(info: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, sockaddr = info
        if not may_connect(family, sockaddr, private=private):
            raise AddressDenied("this address is not called")
        return socket.socket(family, kind, protocol)

    return make


async def _first(stream: aiohttp.StreamReader, most: int) -> tuple[bytes, bool]:
    """The first `most` bytes of a stream, and whether there are more. The rest is not read."""
    kept = bytearray()
    while len(kept) <= most:
        piece = await stream.read(most + 1 - len(kept))
        if not piece:
            return bytes(kept), False
        kept += piece
    return bytes(kept[:most]), True


def _reason(error: BaseException) -> str:
    """The word of `NoAnswer` for what went wrong."""
    match error:
        case TimeoutError():
            return "timeout"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError() | ssl.SSLError():
            return "tls"
        case aiohttp.ClientConnectorError(os_error=AddressDenied()):
            return "denied"
        case aiohttp.ClientConnectorError():
            return "unreachable"
        case aiohttp.InvalidURL():
            return "denied"
        case _:
            return "broken"


class ThreadResolver(AbstractResolver):
    """Resolves names in threads of its own.

    The loop's resolver has a few threads for everybody: name servers that do not answer would keep calls to
    Telegram from being made. aiohttp looks up a name once at a time, so there are no more threads than
    hosts being called; they are daemons, because a lookup cannot be broken off and must not delay the stop.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[Any]] = loop.create_future()

        def settle(infos: list[Any], error: Exception | None) -> None:
            if found.done():
                return
            if error is not None:
                found.set_exception(error)
            else:
                found.set_result(infos)

        def look_up() -> None:
            infos: list[Any] = []
            problem: Exception | None = None
            try:
                infos = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            except OSError as error:
                problem = error
            except UnicodeError:
                problem = socket.gaierror(socket.EAI_NONAME, "not a host name")
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle, infos, problem)

        Thread(target=look_up, name="lookup", daemon=True).start()
        return [_result(host, port, info) for info in await found]

    async def close(self) -> None:
        """Nothing is kept."""


def _result(host: str, port: int, info: tuple[Any, ...]) -> ResolveResult:
    family, _, protocol, _, sockaddr = info
    address = sockaddr[0]
    if family == socket.AF_INET6 and sockaddr[3] and "%" not in address:
        address = f"{address}%{sockaddr[3]}"  # link-local: the guard must see it
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=family,
        proto=protocol,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
