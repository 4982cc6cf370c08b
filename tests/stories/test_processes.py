"""Two processes on one PostgreSQL database: what one does, the other knows, and nothing happens twice."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from bot import app as application
from bot.app import App
from bot.settings import Settings
from delivery.telegram import TelegramClient
from domain.actor import Actor
from sandbox import Sandbox
from services.recent import Recent
from storage import people
from tests.clock import TestClock
from tests.postgres import empty

pytestmark = pytest.mark.postgres


@dataclass
class Process:
    """One of them; `end` stops it."""

    app: App
    life: AsyncExitStack

    async def end(self) -> None:
        await self.life.aclose()


@dataclass
class Town:
    """Two processes that serve one service bot, and Telegram's side of both."""

    tg: Sandbox
    olga: Any
    service: Any
    first: Process
    second: Process
    session: aiohttp.ClientSession
    numbers: Any = field(default_factory=lambda: itertools.count(500_000))

    def said(self, words: str) -> dict[str, Any]:
        """A private message of Olga's, never delivered yet."""
        number = next(self.numbers)
        person = {"id": self.olga.id, "is_bot": False, "first_name": "Olga", "language_code": "en"}
        chat = {"id": self.olga.id, "type": "private", "first_name": "Olga"}
        message = {"message_id": number, "date": 1_760_000_000, "from": person, "chat": chat, "text": words}
        return {"update_id": number, "message": message}

    async def deliver(self, process: Process, update: dict[str, Any]) -> int:
        """The load balancer gives an update to a process."""
        hook = self.service.bot.feed.webhook
        address = f"{process.app.url}/tg/{hook.url.rpartition('/')[2]}"
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret}
        async with self.session.post(address, json=update, headers=headers) as response:
            return response.status

    async def heard(self) -> list[str]:
        """What Olga reads from the service bot."""
        await self.tg.settle()
        return [message.text or "" for message in self.tg.messages(self.olga, bot=self.service)]


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so; news between processes takes a moment."""
    async with asyncio.timeout(60):
        while not await true():
            await asyncio.sleep(0.05)


Start = Callable[[int], Awaitable[Process]]


@pytest.fixture
async def start(
    tg: Sandbox,
    clock: TestClock,
    tmp_path: Path,
    migrated_postgres: str,
    unused_port: int,
    olga: Any,
    service: Any,
) -> AsyncIterator[Start]:
    """Starts a process that listens on a port; Telegram knows the port `unused_port` only."""
    await empty(migrated_postgres)

    async def start(port: int) -> Process:
        life = AsyncExitStack()
        settings = Settings(
            _env_file=None, telegram_api=tg.url, port=port, data_dir=tmp_path, bot_token=service.token,
            database_url=migrated_postgres, owner_ids=frozenset({olga.id}),
            public_url=f"http://127.0.0.1:{unused_port}", spammer_lists=(),
        )  # fmt: skip
        app = await life.enter_async_context(application.running(settings, clock, answered=Recent(0)))
        tg.idle_hooks.append(app.settled)
        life.callback(tg.idle_hooks.remove, app.settled)
        started.append(Process(app, life))
        return started[-1]

    started: list[Process] = []
    yield start
    for process in started:
        await process.end()


@pytest.fixture
async def town(tg: Sandbox, start: Start, unused_port: int, olga: Any, service: Any) -> AsyncIterator[Town]:
    async with aiohttp.ClientSession() as session:
        first, second = await start(unused_port), await start(0)
        yield Town(tg, olga, service, first, second, session)


async def test_an_update_that_comes_to_both_is_answered_once(town: Town) -> None:
    await town.olga.start(town.service)
    await eventually(lambda: _accepted(town))
    update, before = town.said("/connect"), len(await town.heard())
    statuses = await asyncio.gather(
        *(town.deliver(process, update) for process in (town.first, town.second) * 3)
    )
    assert statuses == [200] * 6
    assert len(await town.heard()) == before + 1


async def test_two_that_start_at_the_same_moment_agree_on_the_webhook(
    tg: Sandbox,
    start: Start,
    unused_port: int,
    olga: Any,
    service: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Settings(_env_file=None, data_dir=tmp_path).key()
    both, ask = asyncio.Barrier(2), TelegramClient.ask_with

    async def together(self: TelegramClient, token: str, method: str, /, **params: Any) -> Any:
        if method == "setWebhook" and service.bot.feed.webhook is None:
            await both.wait()
        return await ask(self, token, method, **params)

    monkeypatch.setattr(TelegramClient, "ask_with", together)

    async def migrated(url: str) -> None:
        """It is; and Alembic cannot run twice in the one process these two share here."""

    monkeypatch.setattr(application.migrate, "upgrade", migrated)
    first, second = await asyncio.gather(start(unused_port), start(0))
    async with aiohttp.ClientSession() as session:
        await eventually(lambda: _accepted(Town(tg, olga, service, first, second, session)))


async def _accepted(town: Town) -> bool:
    """Both know the secret of the webhook, which the one that started last has set."""
    return [await town.deliver(one, town.said("/help")) for one in (town.first, town.second)] == [200, 200]


async def test_a_language_chosen_here_is_spoken_there(town: Town) -> None:
    await town.olga.start(town.service)
    await eventually(lambda: _accepted(town))
    (bot,) = await town.first.app.house.directory.all()
    actor = Actor(town.olga.id, town.first.app.house.actor.t)
    spoken = {"ru": actor.t}
    await town.first.app.house.people.choose_language(actor, bot.id, "ru", spoken)

    async def speaks_russian() -> bool:
        await town.deliver(town.second, town.said("/help"))
        return any("а" <= letter <= "я" for letter in (await town.heard())[-1])

    await eventually(speaks_russian)


async def test_who_blocked_the_bot_there_and_writes_here_can_be_written_to(town: Town) -> None:
    await town.olga.start(town.service)
    await eventually(lambda: _accepted(town))
    (bot,) = await town.first.app.house.directory.all()
    house = town.first.app.house
    await house.people.blocked(house.actor, bot.id, town.olga.id)

    async def reachable() -> bool:
        await town.deliver(town.second, town.said("/help"))
        async with house.people._db.read() as tx:
            person = await people.get(tx, bot.id, town.olga.id)
        return person is not None and person.reachable

    await eventually(reachable)


async def test_news_that_came_while_the_line_was_cut_are_not_missed(town: Town) -> None:
    (bot,) = await town.first.app.house.directory.all()
    await eventually(lambda: _accepted(town))
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
    async with town.first.app.db.write() as tx:  # no signal is sent: as if it went into the void
        await tx.execute(text("UPDATE bot SET username = 'renamed_bot'"))
    async with town.first.app.db.write() as tx:
        await tx.execute(text(cut + "pid <> pg_backend_pid()"))

    async def both_know() -> bool:
        known = [await one.app.house.directory.get(bot.id) for one in (town.first, town.second)]
        return all(one is not None and one.username == "renamed_bot" for one in known)

    await eventually(both_know)


async def test_when_one_stops_the_other_delivers_at_once(town: Town) -> None:
    await town.olga.start(town.service)
    await eventually(lambda: _accepted(town))
    assert await town.deliver(town.second, town.said("/connect")) == 200
    before = len(await town.heard())
    await town.second.end()
    assert await town.deliver(town.first, town.said("/connect")) == 200
    async with asyncio.timeout(60):
        assert len(await town.heard()) == before + 1
