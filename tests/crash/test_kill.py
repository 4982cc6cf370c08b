"""`kill -9` while updates flow: nothing is lost, nothing happens twice, on either engine."""

import asyncio
import multiprocessing
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sandbox import Sandbox
from storage.database import Database
from storage.tables.bots import journal
from tests.crash.serving import serve

PEOPLE = 150
KILLS = 3
# A server that has imported the application once and forks it: a start takes moments instead of seconds.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.crash.serving"])


class Application:
    """A process that is killed and started again."""

    def __init__(self, settings: dict[str, Any], acknowledge_first: bool, deaf: bool = False) -> None:
        self._arguments = (settings, acknowledge_first, deaf)

    async def start(self) -> None:
        """Start it and wait until it listens."""
        ready, child = PROCESSES.Pipe(duplex=False)
        self._process = PROCESSES.Process(target=serve, args=(*self._arguments, child), daemon=True)
        self._process.start()
        child.close()
        assert await asyncio.to_thread(ready.poll, 60), "the application did not start"
        ready.recv()
        ready.close()

    async def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self._process.kill()
        await asyncio.to_thread(self._process.join)


@asynccontextmanager
async def crowd(
    telegram: Sandbox, database_url: str, tmp_path: Path, port: int, *, acknowledge_first: bool = False
) -> AsyncIterator[Counter[int]]:
    """150 people join a group, one after another, while the application is killed three times."""
    olga = telegram.user("Olga", id=4_200_001)
    service = telegram.bot("gatehouse_bot")
    settings = {
        "bot_token": service.token,
        "owner_ids": {olga.id},
        "telegram_api": telegram.url,
        "public_url": f"http://127.0.0.1:{port}",
        "port": port,
        "data_dir": tmp_path,
        "database_url": database_url,
    }
    process = Application(settings, acknowledge_first)
    await process.start()
    try:
        group = telegram.group("Chess club", owner=olga)
        with telegram.no_settle():
            await olga.add(service, group, rights="all")
            link = await olga.create_link(group, name="Ads")
        await telegram.settle()
        people = [telegram.user(f"Person {number}") for number in range(PEOPLE)]
        killing = asyncio.ensure_future(_kill_now_and_then(process))  # noqa: TID251 - awaited below
        with telegram.no_settle():
            for person in people:
                await person.join(group, via=link)
                await asyncio.sleep(0.004)
        await killing
        await telegram.settle(timeout=60)
    finally:
        await process.kill()
    async with Database.open(database_url) as db, db.read() as tx:
        rows = await tx.execute(select(journal.c.user_id).where(journal.c.kind == "join"))
        counted = Counter(rows.scalars())
    yield Counter({person.id: counted[person.id] for person in people})


async def _kill_now_and_then(process: Application) -> None:
    """Three times, at moments nobody chooses."""
    moments = random.Random(7)
    for _ in range(KILLS):
        await asyncio.sleep(moments.uniform(0.05, 0.4))
        await process.kill()
        await process.start()


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    """Telegram, patient and without redelivery of what was acknowledged."""
    async with Sandbox(timeout=60) as sandbox:
        yield sandbox


async def test_nothing_is_lost_and_nothing_happens_twice(
    telegram: Sandbox, database_url: str, tmp_path: Path, unused_port: int
) -> None:
    async with crowd(telegram, database_url, tmp_path, unused_port) as joins:
        assert Counter(joins.values()) == {1: PEOPLE}


async def test_acknowledging_first_would_lose_some(
    telegram: Sandbox, database_url: str, tmp_path: Path, unused_port: int
) -> None:
    """The control: this test's machinery does notice what is lost."""
    async with crowd(telegram, database_url, tmp_path, unused_port, acknowledge_first=True) as joins:
        assert 0 in joins.values()
