"""A courier for tests of webhooks: events, queues, and receivers that do as they are told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from delivery.queues import QueueDelivery
from domain.actor import Actor
from domain.urls import Answer, NoAnswer
from domain.webhooks import new_secret
from services.access import Access
from services.directory import BotDirectory
from services.reach import Reach
from services.signals import Signals
from services.vault import Vault
from services.webhook_queue import WebhookQueue
from services.webhooks import PURPOSE
from services.work import WEBHOOKS, UnitOfWork
from storage import webhooks
from storage.database import Database
from tests.clock import TestClock

BOT = 7
FINE = Answer(200, {}, b"ok", False, 5)
BROKEN = Answer(500, {}, b"oh no", False, 5)


@dataclass(frozen=True)
class Call:
    """What a receiver got."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The event's id."""
        return self.headers["webhook-id"]


@dataclass
class Receivers:
    """All servers there are (`domain.urls.Caller`). They answer 200, unless told otherwise."""

    calls: list[Call] = field(default_factory=list)
    answers: dict[str, Callable[[Call], Answer | NoAnswer]] = field(default_factory=dict)
    silent: dict[str, asyncio.Event] = field(default_factory=dict)  # they answer once it is set
    at_once: dict[str, int] = field(default_factory=dict)
    most_at_once: dict[str, int] = field(default_factory=dict)

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
        call = Call(url, headers or {}, body or b"")
        self.calls.append(call)
        self.at_once[url] = self.at_once.get(url, 0) + 1
        self.most_at_once[url] = max(self.most_at_once.get(url, 0), self.at_once[url])
        try:
            await asyncio.sleep(0)
            if url in self.silent:
                await self.silent[url].wait()
            answer = self.answers.get(url, lambda _: FINE)(call)
        finally:
            self.at_once[url] -= 1
        if isinstance(answer, NoAnswer):
            raise answer
        return answer

    def to(self, url: str) -> list[Call]:
        """The calls to one receiver."""
        return [call for call in self.calls if call.url == url]

    def hang(self, url: str) -> asyncio.Event:
        """Let a receiver take calls and not answer until the event is set."""
        self.silent[url] = asyncio.Event()
        return self.silent[url]


class Courier:
    """The unit of work to make events with, and senders for them."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock, self.signals, self.vault = db, TestClock(), Signals(), Vault(bytes(32))
        self.receivers = Receivers()
        self.work = UnitOfWork(db, self.clock, self.vault, self.signals)
        self.house = Actor(0, lambda words, **values: words)  # type: ignore[arg-type]
        directory = BotDirectory(db, self.signals, self.vault)
        access = Access(db, self.clock, None, directory, frozenset())  # type: ignore[arg-type]
        reach = Reach(db, directory, lambda *_: self.house.t)
        self.queue = WebhookQueue(access, db, self.work, self.clock, self.vault, directory, reach)

    async def hook(self, url: str, **values: Any) -> int:
        """A webhook of the bot."""
        secret = self.vault.seal(new_secret().encode(), PURPOSE)
        key = url.encode().ljust(32)[:32]
        async with self.db.write() as tx:
            return (await webhooks.put(tx, BOT, url, key, secret, self.clock.now())).webhook.id

    async def happen(self, count: int = 1) -> None:
        """So many events, each in a unit of work of its own."""
        for number in range(count):
            async with self.work() as work:
                work.event(1, BOT, "token.redeemed", token=number)

    def sender(self, *, alone: bool = True) -> QueueDelivery:
        """Another sender."""
        return QueueDelivery(self.queue, WEBHOOKS, self.house, self.receivers, self.signals, alone)

    @asynccontextmanager
    async def sending(self, sender: QueueDelivery | None = None, patience: float = 5) -> AsyncIterator[Any]:
        """Send while the block runs; the stop waits `patience` seconds for what is under way."""
        sender = sender or self.sender()
        running = asyncio.ensure_future(sender.run())  # noqa: TID251 - cancelled below
        try:
            yield sender
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await sender.stop(patience)

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait for something that is going to happen."""
        async with asyncio.timeout(60):
            while not done():
                await asyncio.sleep(0.005)

    async def calm(self, sender: QueueDelivery) -> None:
        """Wait until nothing that is due can be sent."""
        async with asyncio.timeout(60):
            while not await sender.idle():
                await asyncio.sleep(0.005)

    async def log(self, webhook_id: int) -> list[Any]:
        """The deliveries of a webhook, the oldest first."""
        async with self.db.read() as tx:
            return (await webhooks.deliveries(tx, BOT, webhook_id, 0, 100))[::-1]
