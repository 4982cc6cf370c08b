"""URLs of owners reach nothing of ours: refused where the connection would be made."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult

from delivery import guard
from delivery.guard import GuardedSession, ThreadResolver, guarded_connector
from delivery.networks import may_call
from domain.urls import NoAnswer
from tests.delivery.canary import Canary
from tests.delivery.hostile import V4, V6, FakeResolver, hosts, names

HOSTILE = hosts()
PUBLIC = "93.184.216.34"


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 200
    assert len(HOSTILE) == len(set(HOSTILE))


async def test_nothing_hostile_is_connected_to(canary: Canary, connected: list[str]) -> None:
    """Below every rule about URLs: the connector alone stops them all."""
    connector = guarded_connector(resolver=FakeResolver(names()))
    reached = []
    async with aiohttp.ClientSession(connector=connector) as session:
        for host in HOSTILE:
            try:
                async with session.get(f"http://{host}:{canary.port}/") as answer:
                    reached.append((host, answer.status))
            except (aiohttp.ClientError, ValueError, OSError):
                continue
    assert reached == []
    assert connected == [], "not even a socket was connected"
    assert canary.visits == 0


async def test_a_session_refuses_them_all(canary: Canary, connected: list[str]) -> None:
    reasons: dict[str, list[str]] = {}
    async with GuardedSession.open(resolver=FakeResolver(names())) as session:
        for host in HOSTILE:
            with pytest.raises(NoAnswer) as refused:
                await session.request("POST", f"https://{host}:{canary.port}/", body=b"x", seconds=5)
            reasons.setdefault(refused.value.reason, []).append(host)
    # What is no address and no name in any reading does not resolve; nothing else is the matter with it.
    assert set(reasons) <= {"denied", "unreachable"}
    assert not {*V4, *names(), *(f"[{one}]" for one in V6)} & set(reasons.get("unreachable", ()))
    assert (connected, canary.visits) == ([], 0)


async def test_without_the_guard_they_get_through(canary: Canary) -> None:
    """What the tests above would pass without: the canary can be reached, by many of these names."""
    reached = 0
    connector = aiohttp.TCPConnector(resolver=FakeResolver(names()))
    async with aiohttp.ClientSession(connector=connector) as session:
        for host in ("127.0.0.1", "0x7f.1", "[::ffff:127.0.0.1]", "localhost", "１２７.0.0.1", "h0.example"):
            async with session.get(f"http://{host}:{canary.port}/") as answer:
                reached += answer.status == 200
    assert reached == canary.visits == 6


async def test_a_guarding_resolver_alone_lets_some_through(canary: Canary) -> None:
    """The usual remedy: names are checked, but literals never come by."""

    class GuardingResolver(FakeResolver):
        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
            found = await super().resolve(host, port, family)
            if not all(may_call(ip_address(one["host"]), private=False) for one in found):
                raise OSError("denied")
            return found

    through = set()
    connector = aiohttp.TCPConnector(resolver=GuardingResolver(names()))
    async with aiohttp.ClientSession(connector=connector) as session:
        for host in ("127.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost", "h0.example"):
            try:
                async with session.get(f"http://{host}:{canary.port}/"):
                    through.add(host)
            except aiohttp.ClientError:
                continue
    assert through == {"127.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"}
    assert canary.visits == 3


async def test_a_name_that_changes_its_mind(canary: Canary, connected: list[str], unused_port: int) -> None:
    """DNS rebinding: public when it is looked at first, ours the next time; or both at once."""
    resolver = FakeResolver({"x.example": [PUBLIC]}, {"x.example": ["127.0.0.1"]})
    async with GuardedSession.open(resolver=resolver) as session:
        with pytest.raises(NoAnswer, match="unreachable"):
            await session.request("POST", f"https://x.example:{unused_port}/")
        assert connected == [PUBLIC]
        with pytest.raises(NoAnswer, match="denied"):  # another port: it is looked up again
            await session.request("POST", f"https://x.example:{canary.port}/")
    both = FakeResolver({"y.example": ["127.0.0.1", PUBLIC, "::1", "10.0.0.1"]})
    async with GuardedSession.open(resolver=both) as session:
        with pytest.raises(NoAnswer):
            await session.request("POST", f"https://y.example:{canary.port}/")
    assert set(connected) == {PUBLIC}
    assert canary.visits == 0


@dataclass
class Strange:
    """A server that does not behave; what it has seen."""

    url: str
    seen: list[str]


@pytest.fixture
async def strange() -> AsyncIterator[Strange]:
    seen: list[str] = []

    async def away(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/moved"})

    async def note(request: web.Request) -> web.Response:
        seen.append(f"{request.path} {request.headers.get('Cookie', '')}".strip())
        return web.Response(text="x" * 100, headers={"Set-Cookie": "a=b", "X-A": "1"})

    async def bomb(request: web.Request) -> web.Response:
        body = gzip.compress(bytes(10_000_000))
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"y" * 65536)

    async def silent(request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        raise AssertionError

    app = web.Application()
    app.router.add_post("/away", away)
    app.router.add_post("/bomb", bomb)
    app.router.add_post("/endless", endless)
    app.router.add_post("/silent", silent)
    app.router.add_post("/{name}", note)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield Strange(f"http://127.0.0.1:{runner.addresses[0][1]}", seen)
    await runner.cleanup()


async def test_a_redirect_is_an_answer(strange: Strange) -> None:
    async with GuardedSession.open(allow_private=True) as session:
        answer = await session.request("POST", f"{strange.url}/away")
    assert (answer.status, answer.headers["location"]) == (302, "/moved")
    assert strange.seen == []


async def test_answers_are_cut_and_not_unpacked(strange: Strange) -> None:
    async with GuardedSession.open(allow_private=True) as session:
        short = await session.request("POST", f"{strange.url}/a", keep=100)
        cut = await session.request("POST", f"{strange.url}/a", keep=99)
        endless = await session.request("POST", f"{strange.url}/endless", keep=1000)
        bomb = await session.request("POST", f"{strange.url}/bomb", keep=1_000_000)
    assert (len(short.body), short.cut) == (100, False)
    assert (len(cut.body), cut.cut) == (99, True)
    assert (endless.body, endless.cut) == (b"y" * 1000, True)
    assert len(bomb.body) < 20_000


async def test_nothing_is_remembered_between_calls(strange: Strange) -> None:
    async with GuardedSession.open(allow_private=True) as session:
        for _ in range(2):
            answer = await session.request("POST", f"{strange.url}/a")
            assert answer.headers["x-a"] == "1"
    assert strange.seen == ["/a", "/a"]


async def test_a_proxy_of_the_environment_is_not_used(
    strange: Strange, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would connect for us to whatever it is asked for."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    async with GuardedSession.open(allow_private=True) as session:
        assert (await session.request("POST", f"{strange.url}/a")).status == 200
    async with GuardedSession.open(resolver=FakeResolver(names())) as session:
        with pytest.raises(NoAnswer, match="denied"):
            await session.request("POST", "https://h0.example/")
    assert canary.visits == 0


async def test_why_there_is_no_answer(strange: Strange, canary: Canary, unused_port: int) -> None:
    async def why(url: str) -> str:
        with pytest.raises(NoAnswer) as none:
            await session.request("POST", url, seconds=0.3)
        assert "127.0.0.1" not in str(none.value), "addresses may hold secrets"
        return none.value.reason

    async with GuardedSession.open(allow_private=True) as session:
        assert await why(f"{strange.url}/silent") == "timeout"
        assert await why(f"http://127.0.0.1:{unused_port}/") == "unreachable"
        assert await why(strange.url.replace("http:", "https:")) == "tls"
        assert await why("https://169.254.169.254/latest/meta-data") == "denied"
        assert await why("ftp://127.0.0.1/") == "denied"
        assert await why("http://user:secret@127.0.0.1/") == "denied"
    async with GuardedSession.open() as session:
        assert await why(f"http://127.0.0.1:{canary.port}/") == "denied", "http is for development"
    assert canary.visits == 0


async def test_the_system_resolver_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = ThreadResolver()
    found = await resolver.resolve("localhost", 80, socket.AF_INET)
    assert {one["host"] for one in found} == {"127.0.0.1"}
    for nowhere in ("a..b", "x" * 300):
        with pytest.raises(OSError):
            await resolver.resolve(nowhere, 80)

    def link_local(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 80, 0, 2))]

    monkeypatch.setattr(guard.socket, "getaddrinfo", link_local)
    (one,) = await resolver.resolve("router", 80)
    assert one["host"] == "fe80::1%2", "the guard sees that it is an interface of this machine"
