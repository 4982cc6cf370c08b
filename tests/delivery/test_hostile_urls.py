"""Hundreds of addresses of what is nobody's business, all the way through the sender of postbacks: written
to its queue, taken, called. Not one of them is connected to."""

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from delivery.guard import GuardedSession
from domain.urls import Answer
from domain.webhooks import State
from storage.database import Database
from tests.delivery.canary import Canary
from tests.delivery.hostile import V4, FakeResolver, hosts, names
from tests.delivery.post import Post

PUBLIC = "93.184.216.34"
LEAST = 200  # of different hostile URLs


@pytest.fixture
async def sqlite(tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[Database]:
    """One engine is enough: nothing here depends on which."""
    shutil.copy(migrated_sqlite, tmp_path / "test.db")
    async with Database.open(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}") as database:
        yield database


def tricks(port: int) -> list[str]:
    """URLs that say one thing to one reader and another thing to the next."""
    return [
        f"https://example.org@127.0.0.1:{port}/",
        f"https://user:password@127.0.0.1:{port}/",
        f"https://127.0.0.1:{port}\\@example.org/",
        f"https://example.org\\@127.0.0.1:{port}/",
        f"https://127.0.0.1:{port}#@example.org/",
        f"https://127.0.0.1:{port}?@example.org/",
        f"https://127.0.0.1:{port};@example.org/",
        f"https://example.org:80@127.0.0.1:{port}/",
        f"https://[::ffff:127.0.0.1%25lo]:{port}/",
        f"https://127.0.0.1 :{port}/",
        f"https://127.0.0.1\t:{port}/",
        f"https://127.0.0.1%00.example.org:{port}/",
        f"https://127%2e0%2e0%2e1:{port}/",
        f"https://%31%32%37.0.0.1:{port}/",
        f"https:127.0.0.1:{port}/",
        f"https:///127.0.0.1:{port}/",
        f"//127.0.0.1:{port}/",
        f"http://127.0.0.1:{port}/",
        f"HTTP://LOCALHOST:{port}/",
        f"ftp://127.0.0.1:{port}/",
        f"gopher://127.0.0.1:{port}/_GET",
        "file:///etc/passwd",
        "unix:///var/run/docker.sock",
        "data:text/plain,hello",
        *(f"https://127.0.0.1:{door}/" for door in (22, 25, 53, 110, 143, 445, 993)),
        *(f"https://localhost:{door}/" for door in (2375, 3306, 5432, 6379, 8080, 9200, 11211)),
        "https://169.254.169.254/latest/meta-data/iam/security-credentials/",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://[fd00:ec2::254]/latest/meta-data/",
        "https://100.100.100.200/latest/meta-data/",
    ]


def hostile(port: int) -> list[str]:
    """All of them."""
    return [*(f"https://{host}:{port}/?c=1" for host in hosts()), *tricks(port)]


def zone() -> dict[str, list[str]]:
    """Names whose owner means harm; the one that cloud servers know stands here for itself."""
    return names() | {"metadata.google.internal": ["169.254.169.254"]}


async def test_none_of_them_is_connected_to(sqlite: Database, canary: Canary, connected: list[str]) -> None:
    urls = hostile(canary.port)
    assert len(urls) == len(set(urls)) >= LEAST
    async with GuardedSession.open(resolver=FakeResolver(zone())) as session:
        post = Post(sqlite, session)
        async with post.sending() as sender:
            await post.call(*urls)
            await post.calm(sender)
            post.clock.advance(minutes=1)  # several lead to one server, which is left alone after three
            await post.calm(sender)
    told = await post.told()
    assert [one.url for one in told] == urls, "each was taken from the queue as it was written"
    assert min(one.attempts for one in told) >= 1
    assert {one.state for one in told} == {State.WAITING}
    assert {one.code for one in told} == {None}, "nobody answered"
    reasons = Counter(one.error for one in told)
    # What is no address and no name in any reading does not resolve; nothing else is the matter with it.
    assert set(reasons) == {"denied", "unreachable"}
    assert reasons["denied"] >= LEAST
    assert connected == [], "not even a socket was connected"
    assert canary.visits == 0


class Unguarded:
    """The usual way to call a URL (`domain.urls.Caller`)."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        keep: int = 4096,
        seconds: float = 15.0,
    ) -> Answer:
        """One call."""
        async with self._session.request(method, url, headers=headers) as answer:
            return Answer(answer.status, {}, await answer.read(), False, 1)


async def test_without_the_guard_they_arrive(sqlite: Database, canary: Canary) -> None:
    """The test above would pass without a guard, if the sender called nobody at all."""
    connector = aiohttp.TCPConnector(resolver=FakeResolver(names()))
    async with aiohttp.ClientSession(connector=connector) as session:
        post = Post(sqlite, Unguarded(session))
        ways = (
            "127.0.0.1",
            "0x7f.1",
            "[::ffff:127.0.0.1]",
            "localhost",
            f"h{V4.index('127.0.0.1')}.example",
        )
        async with post.sending() as sender:
            await post.call(*(f"http://{way}:{canary.port}/" for way in ways))
            await post.calm(sender)
    assert canary.visits == len(ways)
    assert {(one.state, one.code) for one in await post.told()} == {(State.DELIVERED, 200)}


async def test_a_name_that_changes_its_mind(sqlite: Database, canary: Canary, connected: list[str]) -> None:
    """DNS rebinding: public at the first try, and ours at the next one."""
    resolver = FakeResolver({"x.example": [PUBLIC]}, {"x.example": ["127.0.0.1"]})
    async with GuardedSession.open(resolver=resolver) as session:
        post = Post(sqlite, session)
        async with post.sending() as sender:
            await post.call(f"https://x.example:{canary.port}/")
            await post.calm(sender)
            assert session._session.connector is not None
            session._session.connector.clear_dns_cache()  # type: ignore[attr-defined]  # ten seconds later
            post.clock.advance(seconds=7)
            await post.calm(sender)
        (one,) = await post.told()
        assert [tried.error for tried in await post.tries(one.id)] == ["unreachable", "denied"]
    assert connected == [PUBLIC]
    assert canary.visits == 0


async def test_a_tracker_that_leads_elsewhere(sqlite: Database, canary: Canary, connected: list[str]) -> None:
    """A redirect is no way in: its target is not even looked at, though development calls this machine."""

    async def away(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"http://127.0.0.1:{canary.port}/"})

    app = web.Application()
    app.router.add_get("/", away)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    async with GuardedSession.open(allow_private=True) as session:
        post = Post(sqlite, session)
        async with post.sending() as sender:
            await post.call(url)
            await post.calm(sender)
    await runner.cleanup()
    (one,) = await post.told()
    assert (one.state, one.code) == (State.WAITING, 302)
    assert connected == ["127.0.0.1"], "once, and not where it points to"
    assert canary.visits == 0
