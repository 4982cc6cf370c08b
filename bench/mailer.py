"""A process that sends one broadcast, to be killed: as Gatehouse does, and as others do.

The others keep the same books in the same tables, so that only the order of sending and writing differs.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

import aiohttp

from bench.mailing import FIRST
from bot.i18n import Languages
from delivery.deferred import park_unfinished
from delivery.outbox import Listeners, OutboxDelivery
from delivery.pacing import BotPace, ChatPaces
from delivery.telegram import TelegramClient, new_session
from domain.errors import TelegramFlood
from services.deferred import DeferredSource
from services.directory import BotDirectory
from services.recipients import FollowUps, Recipients
from services.signals import Signals
from services.vault import Vault
from services.work import UnitOfWork
from storage import outbox, recipient_fates, recipient_queue
from storage.database import Database
from storage.outbox import Row

THINKING = 0.2  # seconds on average between the two steps of the naive ones, so that a kill finds some there
AT_ONCE = 24  # calls of the naive ones at a time
EVERYBODY = 10_000
USUAL_SLEEP = 1 / 30  # seconds


@dataclass(frozen=True, slots=True)
class Order:
    """What a process is to do. `token` is the bot's, `rate` its messages per second, `later` how many
    seconds its clock is ahead (leases of a process that was killed are over for the next). `people` is for
    those who keep no books: how many there are, the first one's id being `bench.mailing.FIRST`."""

    database: str
    telegram: str
    token: str
    rate: int
    later: float = 0.0
    people: int = 0


class LateClock:
    """The time, so many seconds ahead."""

    def __init__(self, seconds: float) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC) + self._ahead


@dataclass(frozen=True, slots=True)
class OneToken:
    """Every bot has the same."""

    value: str

    async def token(self, bot_id: int) -> str:
        """It."""
        return self.value


class Office:
    """Delivery with the sources of broadcasts, and nothing else of the application."""

    def __init__(self, db: Database, session: aiohttp.ClientSession, order: Order) -> None:
        self.db, self.clock, self.signals, self.vault = (
            db,
            LateClock(order.later),
            Signals(),
            Vault(bytes(32)),
        )
        self.work = UnitOfWork(db, self.clock, self.vault, self.signals)
        directory, speak = BotDirectory(db, self.signals, self.vault), Languages().translator
        self.directory = directory
        self.sources: list[DeferredSource] = [
            Recipients(db, self.work, self.clock, directory, speak),
            FollowUps(db, self.clock, speak),
        ]
        client = TelegramClient(session, order.telegram, OneToken(order.token))
        self.delivery = OutboxDelivery(
            db, client, self.vault, self.clock, self.signals, Listeners(_nobody, _nobody),
            lambda: (BotPace(order.rate), ChatPaces()), self.sources,
        )  # fmt: skip


async def _nobody(*news: Any) -> None:
    """Nobody blocks the bot here."""


async def ours(db: Database, session: aiohttp.ClientSession, order: Order) -> None:
    """As Gatehouse does: what nobody knows the fate of after a crash is parked, and never sent again."""
    office = Office(db, session, order)
    await office.directory.load()
    if db.dialect == "sqlite":
        await park_unfinished(db, office.clock, office.sources)
    running = asyncio.ensure_future(office.delivery.run())  # noqa: TID251 - cancelled below
    while not await office.delivery.idle():
        await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await office.delivery.stop(2)


async def mark_after(db: Database, session: aiohttp.ClientSession, order: Order) -> None:
    """Send, then write it down: a crash between the two sends twice."""

    async def one(row: Row) -> None:
        await _send(session, order, row.chat_id)
        await asyncio.sleep(random.uniform(0, 2 * THINKING))
        await _mark(db, row)

    await _naive(db, one)


async def mark_before(db: Database, session: aiohttp.ClientSession, order: Order) -> None:
    """Write it down, then send: a crash between the two loses a message, and nobody ever knows."""

    async def one(row: Row) -> None:
        await _mark(db, row)
        await asyncio.sleep(random.uniform(0, 2 * THINKING))
        await _send(session, order, row.chat_id)

    await _naive(db, one)


async def gather(db: Database, session: aiohttp.ClientSession, order: Order) -> None:
    """Everything at once; what is refused waits as long as Telegram says, and tries again."""

    async def one(user_id: int) -> None:
        while True:
            try:
                return await _send(session, order, user_id)
            except TelegramFlood as error:
                await asyncio.sleep(error.retry_after)

    await asyncio.gather(*(one(FIRST + number) for number in range(order.people)))


async def one_by_one(db: Database, session: aiohttp.ClientSession, order: Order) -> None:
    """The broadcaster of the usual examples: one after another, a short sleep after each, and when it is
    refused, as long as Telegram says."""
    for number in range(order.people):
        while True:
            try:
                await _send(session, order, FIRST + number)
                break
            except TelegramFlood as error:
                await asyncio.sleep(error.retry_after)
        await asyncio.sleep(USUAL_SLEEP)


POLICIES: dict[str, Callable[[Database, aiohttp.ClientSession, Order], Awaitable[None]]] = {
    "ours": ours,
    "mark after": mark_after,
    "mark before": mark_before,
    "gather": gather,
    "sleep and retry": one_by_one,
}


async def _naive(db: Database, one: Callable[[Row], Awaitable[None]]) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def in_turn(row: Row) -> None:
        async with places:
            await one(row)

    async with db.write() as tx:
        for share in await recipient_queue.shares(tx):
            await recipient_queue.feed(tx, share, EVERYBODY, datetime.now(UTC))
        rows = await outbox.due(tx, datetime.now(UTC), 0, EVERYBODY)
    await asyncio.gather(*(in_turn(row) for row in rows))


async def _mark(db: Database, row: Row) -> None:
    now, ref = datetime.now(UTC), row.ref or 0
    async with db.write() as tx:
        await recipient_fates.begin(tx, [ref], now)
        await recipient_fates.sent(tx, ref, None, now)
        await outbox.done(tx, [row.id])


async def _send(session: aiohttp.ClientSession, order: Order, user_id: int) -> None:
    url = f"{order.telegram}/bot{order.token}/sendMessage"
    async with session.post(url, json={"chat_id": user_id, "text": "Hello"}) as response:
        answer = await response.json()
    if not answer["ok"]:
        raise TelegramFlood(answer["parameters"]["retry_after"])


async def _main(policy: str, order: Order, ready: Connection) -> None:
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(Database.open(order.database))
        session = await stack.enter_async_context(new_session(order.telegram))
        ready.send("begun")
        await POLICIES[policy](db, session, order)
    ready.send("done")


def serve(policy: str, order: Order, ready: Connection) -> None:
    """Send until done or killed, in a process of its own."""
    logging.basicConfig(level=logging.CRITICAL)
    asyncio.run(_main(policy, order, ready))
