"""Broadcasts: the pace beside Telegram's limits, long queues, pauses and replies meanwhile, and crashes."""

import asyncio
import json
import multiprocessing
import shutil
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench import kill_broadcast
from bench.far_end import RATE
from bench.gatehouse import memory
from bench.kill_broadcast import PROCESSES
from bench.mailer import LateClock, Office, Order, serve
from bench.mailing import FIRST, OWNER, Mailing
from bench.processes import Server, server
from delivery.telegram import new_session
from domain import calls
from domain.broadcasts import BroadcastStatus
from domain.page import page
from services.broadcast_queue import BroadcastQueue
from services.deferred import DEFERRED
from storage import broadcasts, migrate
from storage.database import Database

WAYS = ("bucket", "sliding")
SENDERS = {
    "plain gather": ("gather", 71),
    "sleep and retry": ("sleep and retry", 72),
    "Gatehouse": ("ours", 73),
}
BOT = "77"
PROBE = 0.02  # seconds between small writes while a long queue is made
REPLIES = 20


@dataclass(frozen=True, slots=True)
class Pace:
    """How a sender did. `share` of the permitted rate."""

    sender: str
    way: str
    reached: int
    seconds: float
    share: float
    refused: int

    def row(self) -> str:
        """One line of the table."""
        rate = self.reached / self.seconds
        return (
            f"{self.sender:<18}{self.way:<9}{self.reached:>8}{self.seconds:>10.1f} s{rate:>9.1f}/s"
            f"{self.share:>9.1%}{self.refused:>8}"
        )


HEAD = f"{'':<18}{'counted':<9}{'reached':>8}{'took':>12}{'rate':>11}{'of limit':>9}{'429':>8}"


class Databases:
    """Migrated SQLite databases, gone at the end."""

    def __init__(self, folder: str) -> None:
        self._folder, self._count = Path(folder), 0

    def new(self) -> str:
        """Another empty one."""
        self._count += 1
        path = self._folder / f"{self._count}.db"
        shutil.copy(self._folder / "template.db", path)
        return f"sqlite+aiosqlite:///{path}"


@asynccontextmanager
async def databases() -> AsyncIterator[Databases]:
    """As many databases as a measurement wants, migrated once."""
    with tempfile.TemporaryDirectory() as folder:
        await migrate.upgrade(f"sqlite+aiosqlite:///{folder}/template.db")
        yield Databases(folder)


async def _fill(url: str, people: int) -> None:
    """A running broadcast to so many people."""
    async with Database.open(url) as db:
        mailing = Mailing(db, datetime.now(UTC))
        bot_id = await mailing.bot()
        await mailing.people(bot_id, await mailing.campaign(bot_id), range(FIRST, FIRST + people))
        await mailing.start(await mailing.broadcast())


async def _books(far: Server) -> dict[str, Any]:
    def fetch() -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{far.port}/books", timeout=30) as answer:
            return json.loads(answer.read())

    found: dict[str, Any] = await asyncio.to_thread(fetch)
    return found


async def _run(policy: str, order: Order) -> None:
    """One sender in a process of its own, to its end."""
    ready, child = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=serve, args=(policy, order, child), daemon=True)
    process.start()
    child.close()
    with suppress(EOFError):
        while (await asyncio.to_thread(ready.recv)) != "done":
            pass
    await asyncio.to_thread(process.join)


async def pace(people: int) -> list[Pace]:
    """Each sender with a bot of its own, against a Telegram that counts either way: first Gatehouse, then
    the others together (what they are refused keeps the machine so busy that nobody beside them could keep
    any pace)."""
    async with AsyncExitStack() as stack:
        fresh = await stack.enter_async_context(databases())
        fars = {way: await stack.enter_async_context(server("bench.far_end", way)) for way in WAYS}
        for group in (("Gatehouse",), ("plain gather", "sleep and retry")):
            runs = []
            for policy, number in (SENDERS[name] for name in group):
                for far in fars.values():
                    url = fresh.new()
                    if policy == "ours":
                        await _fill(url, people)
                    token, address = f"{number}:{'A' * 35}", f"http://127.0.0.1:{far.port}"
                    runs.append(_run(policy, Order(url, address, token, RATE, people=people)))
            await asyncio.gather(*runs)
        books = {way: await _books(far) for way, far in fars.items()}
    return [
        _judge(sender, way, books[way][str(number)])
        for sender, (_, number) in SENDERS.items()
        for way in WAYS
    ]


def _judge(sender: str, way: str, book: dict[str, Any]) -> Pace:
    """The first `RATE` messages may go at once, the others at `RATE` a second (bucket) or that many in each
    second (sliding)."""
    at = sorted(book["at"])
    seconds = at[-1] - at[0]
    permitted = (len(at) - RATE) / RATE if way == "bucket" else (len(at) - 1) // RATE
    return Pace(sender, way, book["people"], seconds, permitted / seconds, book["refused"])


@dataclass(frozen=True, slots=True)
class Queue:
    """How long it took to queue so many people. `memory` in MiB more than before, `wait` is the longest that
    somebody else who wrote meanwhile had to wait, in seconds."""

    people: int
    seconds: float
    memory: float
    wait: float


async def _enqueue(url: str, people: int) -> Queue:
    clock = LateClock(0)
    async with Database.open(url) as db:
        mailing = Mailing(db, clock.now())
        bot_id = await mailing.bot()
        await mailing.people(bot_id, await mailing.campaign(bot_id), range(FIRST, FIRST + people))
        one, queue, waits = await mailing.broadcast(), BroadcastQueue(db, clock), [0.0]
        probing = asyncio.ensure_future(_probe(db, waits))  # noqa: TID251 - cancelled below
        await asyncio.sleep(5 * PROBE)
        before, began = memory(), time.perf_counter()
        async with queue.ahead(one.owner_id, one.id) as ahead, db.write() as tx:
            queued = await queue.fill(tx, one, ahead)
            await mailing.put(one, BroadcastStatus.RUNNING, tx)
        took = time.perf_counter() - began
        probing.cancel()
        await asyncio.gather(probing, return_exceptions=True)
    return Queue(queued, took, memory() - before, max(waits))


async def _probe(db: Database, waits: list[float]) -> None:
    """What everybody else does meanwhile: small writes."""
    while True:
        began = time.perf_counter()
        async with db.write():
            waits.append(time.perf_counter() - began)
        await asyncio.sleep(PROBE)


def _enqueue_apart(url: str, people: int, answer: Connection) -> None:
    answer.send(asyncio.run(_enqueue(url, people)))


async def enqueue(people: int) -> Queue:
    """Queue a long broadcast, in a process of its own because of the memory."""
    async with databases() as fresh:
        apart = multiprocessing.get_context("spawn")
        ready, child = apart.Pipe(duplex=False)
        process = apart.Process(target=_enqueue_apart, args=(fresh.new(), people, child), daemon=True)
        process.start()
        child.close()
        found: Queue = await asyncio.to_thread(ready.recv)
        await asyncio.to_thread(process.join)
    return found


@dataclass(frozen=True, slots=True)
class Steering:
    """In seconds: how long after a pause the last message arrived; how long replies took meanwhile."""

    pause: float
    replies: list[float]


async def steer(people: int = 1000) -> Steering:
    """Replies during a broadcast at full pace, and then a pause."""
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(server("bench.far_end", "bucket"))
        url = (await stack.enter_async_context(databases())).new()
        await _fill(url, people)
        db = await stack.enter_async_context(Database.open(url))
        telegram = f"http://127.0.0.1:{far.port}"
        session = await stack.enter_async_context(new_session(telegram))
        office = Office(db, session, Order(url, telegram, f"{BOT}:{'A' * 35}", RATE))
        await office.directory.load()
        running = asyncio.ensure_future(office.delivery.run())  # noqa: TID251 - cancelled below
        await asyncio.sleep(3)
        asked: dict[str, float] = {}
        for number in range(REPLIES):
            asked[str(FIRST - 1 - number)] = time.monotonic()
            async with office.work() as work:
                work.send(1, calls.send(FIRST - 1 - number, page("Here you are.")))
            await asyncio.sleep(0.17)
        mailing = Mailing(db, datetime.now(UTC))
        async with db.read() as tx:
            (one,) = await broadcasts.listing(tx, OWNER)
        began = time.monotonic()
        await mailing.put(one, BroadcastStatus.PAUSED)
        office.signals.dispatch(DEFERRED, None)
        await asyncio.sleep(3)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await office.delivery.stop(2)
        book = (await _books(far))[BOT]
    replies = [book["last_to"][chat] - at for chat, at in asked.items()]
    return Steering(max(0.0, max(book["at"]) - began), replies)


async def kills(trials: int) -> dict[str, list[kill_broadcast.Verdict]]:
    """So many seeded trials of Gatehouse, and a few of each of the others, two at a time."""
    places, found = asyncio.Semaphore(2), {}
    async with databases() as fresh:

        async def one(policy: str, seed: int) -> kill_broadcast.Verdict:
            async with places:
                return await kill_broadcast.trial(fresh.new(), policy, seed)

        for policy, number in (("ours", trials), ("mark after", 5), ("mark before", 5)):
            found[policy] = await asyncio.gather(*(one(policy, seed) for seed in range(number)))
    return found
