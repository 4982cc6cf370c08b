"""A post office for tests of the outbox: promises, and the delivery that keeps them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import select

from delivery.outbox import Listeners, OutboxDelivery
from domain import calls
from domain.errors import TelegramError
from domain.page import page
from services.signals import Signals
from services.vault import Vault
from services.work import UnitOfWork
from storage.database import Database
from storage.tables.core import outbox as rows
from tests.clock import TestClock

KEY = bytes(32)


class FakeTelegram:
    """Answers by what `faults` says of a call, else with a message id."""

    def __init__(self) -> None:
        self.made: list[tuple[int, str, dict[str, Any]]] = []
        self.faults: list[Callable[[str, dict[str, Any]], TelegramError | None]] = []

    async def ask(self, bot_id: int, method: str, /, **params: Any) -> Any:
        self.made.append((bot_id, method, params))
        number = len(self.made)
        await asyncio.sleep(0)
        for fault in self.faults:
            if (error := fault(method, params)) is not None:
                raise error
        return {"message_id": number}

    async def ask_with(self, token: str, method: str, /, **params: Any) -> Any:
        raise AssertionError("not used by delivery")

    async def ask_with_files(self, bot_id: int, method: str, params: Any, files: Any) -> Any:
        return await self.ask(bot_id, method, **params, files=files)

    @property
    def texts(self) -> list[str]:
        return [params.get("text", method) for _, method, params in self.made]


def once(
    error: TelegramError, text: str | None = None
) -> Callable[[str, dict[str, Any]], TelegramError | None]:
    """A fault that strikes the first call (with that text) and no other."""
    left = [error]

    def strike(method: str, params: dict[str, Any]) -> TelegramError | None:
        return left.pop() if left and text in (None, params.get("text")) else None

    return strike


class Post:
    """A post office: the unit of work to promise with, the delivery to make it so."""

    def __init__(self, db: Database, clock: TestClock) -> None:
        self.db, self.clock = db, clock
        self.signals, self.vault, self.telegram = Signals(), Vault(KEY), FakeTelegram()
        self.work = UnitOfWork(db, clock, self.vault, self.signals)
        self.told: list[tuple[Any, ...]] = []
        self.delivery = self.new_delivery()

    def new_delivery(self) -> OutboxDelivery:
        async def shut_out(*what: Any) -> None:
            self.told.append(("shut out", *what))

        async def migrated(*what: Any) -> None:
            self.told.append(("migrated", *what))

        return OutboxDelivery(
            self.db, self.telegram, self.vault, self.clock, self.signals, Listeners(shut_out, migrated)
        )

    async def promise(self, *texts: str, chat: int = 7, bot: int = 1, **how: Any) -> None:
        async with self.work() as work:
            for text in texts:
                work.send(bot, calls.send(chat, page(text)), **how)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        running = asyncio.ensure_future(self.delivery.run())  # noqa: TID251 - cancelled below
        try:
            yield
        finally:
            running.cancel()
            (ended,) = await asyncio.gather(running, return_exceptions=True)
            await self.delivery.stop(2)
            if isinstance(ended, Exception):  # nobody starts it again here
                raise ended

    async def delivered(self) -> None:
        async with asyncio.timeout(60):
            while not await self.delivery.idle():
                await asyncio.sleep(0.005)

    async def states(self) -> list[tuple[str, str | None]]:
        async with self.db.read() as tx:
            found = await tx.execute(select(rows.c.state, rows.c.error).order_by(rows.c.id))
            return [(row.state, row.error) for row in found]
