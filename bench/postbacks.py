"""Postbacks to one healthy tracker, alone and beside dead ones: from the commit that writes a postback to its
arrival, over real HTTP, with the queues on SQLite with `synchronous=FULL`."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from delivery.guard import GuardedSession
from delivery.queues import QueueDelivery
from domain.actor import Actor
from domain.clock import SystemClock
from domain.leads import LeadStatus
from domain.postbacks import origin
from services.access import Access
from services.directory import BotDirectory
from services.postback_queue import PostbackQueue
from services.signals import Signals
from services.vault import Vault
from services.work import POSTBACKS, UnitOfWork
from storage import migrate, postbacks
from storage.database import Database

OWNER, CAMPAIGN = 1, 1
PAUSE = 0.02  # seconds between postbacks to the healthy tracker
REFUSING = 3  # of so many dead trackers one takes no connections; the others take them and say nothing


@dataclass(slots=True)
class Trackers:
    """The servers of a measurement. `came` tells when each event arrived at the healthy one."""

    healthy: str = ""
    dead: list[str] = field(default_factory=list)
    came: dict[str, float] = field(default_factory=dict)
    tried: int = 0  # connections that a dead one took


@asynccontextmanager
async def trackers(dead: int) -> AsyncIterator[Trackers]:
    """A healthy tracker, and dead ones."""
    found = Trackers()

    async def receive(request: web.Request) -> web.Response:
        found.came[request.query["e"]] = time.perf_counter()
        return web.Response(text="OK")

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.tried += 1
        await reader.read()  # until the sender gives up
        writer.close()

    app = web.Application()
    app.router.add_get("/postback", receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    async with AsyncExitStack() as stack:
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        found.healthy = f"http://127.0.0.1:{runner.addresses[0][1]}/postback"
        for number in range(dead):
            server = await asyncio.start_server(hang, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            if number % REFUSING == 0:
                server.close()
            else:
                await stack.enter_async_context(server)
            found.dead.append(f"http://127.0.0.1:{port}/postback")
        yield found


class Desk:
    """Writes postbacks as leads would."""

    def __init__(self, db: Database) -> None:
        clock, signals, vault = SystemClock(), Signals(), Vault(bytes(32))
        self.signals, self.work = signals, UnitOfWork(db, clock, vault, signals)
        directory = BotDirectory(db, signals, vault)
        access = Access(db, clock, None, directory, frozenset())  # type: ignore[arg-type]
        self.queue = PostbackQueue(access, db, self.work, clock)
        self._written = 0

    async def write(self, server: str) -> str:
        """A postback; returns its event id."""
        self._written += 1
        event_id = f"e{self._written}"
        url = f"{server}?e={event_id}"
        async with self.work() as work:
            await postbacks.write(
                work.tx, OWNER, origin(url), url, event_id, work.now,
                campaign_id=CAMPAIGN, status=LeadStatus.APPROVE, lead_id=1, entry=1,
            )  # fmt: skip
            work.signal(POSTBACKS, None)
        return event_id


async def one_round(count: int, dead: int) -> tuple[list[float], int]:
    """Milliseconds from commit to arrival of `count` postbacks to the healthy tracker, and how many calls
    dead ones took meanwhile. Each dead one is owed a postback a second."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
        await migrate.upgrade(url)
        db = await stack.enter_async_context(Database.open(url))
        session = await stack.enter_async_context(GuardedSession.open(allow_private=True))
        servers = await stack.enter_async_context(trackers(dead))
        desk = Desk(db)
        house = Actor(0, lambda words, **_: words)  # type: ignore[arg-type]
        sender = QueueDelivery(desk.queue, POSTBACKS, house, session, desk.signals, True)
        running = asyncio.ensure_future(sender.run())  # noqa: TID251 - cancelled below
        try:
            return await _measure(desk, servers, count), servers.tried
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await sender.stop(0.1)


async def _measure(desk: Desk, servers: Trackers, count: int) -> list[float]:
    committed: dict[str, float] = {}
    owed, dead = 0.0, itertools.cycle(servers.dead)
    for _ in range(count):
        owed += len(servers.dead) * PAUSE
        while owed >= 1:
            await desk.write(next(dead))
            owed -= 1
        event_id = await desk.write(servers.healthy)
        committed[event_id] = time.perf_counter()
        await asyncio.sleep(PAUSE)
    async with asyncio.timeout(60):
        while len(servers.came) < count:
            await asyncio.sleep(0.01)
    return [max(0.0, servers.came[one] - at) * 1000 for one, at in committed.items()]


async def compare(count: int, rounds: int, dead: int) -> dict[str, Any]:
    """Rounds of both in turn, so that the machine's moods hit both; the first pair warms up."""
    alone: list[float] = []
    beside: list[float] = []
    tried = 0
    for turn in range(rounds + 1):
        first, _ = await one_round(count if turn else 20, 0)
        second, took = await one_round(count if turn else 20, dead)
        if turn:
            alone += first
            beside += second
            tried += took
    return {"alone": sorted(alone), "beside": sorted(beside), "tried": tried}
