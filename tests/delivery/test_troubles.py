"""What goes wrong around delivery stops nothing else: failing listeners, a stop, other processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, cast

import pytest

from delivery.outbox import LEASE, Listeners, OutboxDelivery
from delivery.pacing import BotPace, ChatPaces
from domain import calls
from domain.calls import Policy
from domain.errors import TelegramFlood, TelegramRefused
from domain.page import page
from services.work import UnitOfWork
from storage import leases, outbox
from storage.database import Database
from tests.clock import TestClock
from tests.delivery.office import Post, once


@pytest.fixture
def office(db: Database, clock: TestClock) -> Post:
    return Post(db, clock)


@pytest.mark.parametrize(
    "refusal",
    [TelegramRefused(403, "Forbidden: bot was kicked"), TelegramRefused(400, "up", migrate_to_chat_id=-1009)],
    ids=["shut out", "moved"],
)
async def test_a_chat_goes_on_when_news_of_it_could_not_be_kept(
    office: Post, refusal: TelegramRefused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.sending.TELL_AGAIN", 0.05)
    failures = [OSError("the database is away")]

    async def fail_once(*what: Any) -> None:
        office.told.append(what)
        if failures:
            raise failures.pop()

    office.delivery = OutboxDelivery(
        office.db,
        office.telegram,
        office.vault,
        office.clock,
        office.signals,
        Listeners(fail_once, fail_once),
    )
    struck = [refusal, refusal]
    office.telegram.faults.append(lambda method, params: struck.pop() if struck else None)
    async with office.open():
        await office.promise("one", "two", chat=-9)
        await office.delivered()
    assert len(office.told) == 2, "the news is told again until it is kept"
    assert office.telegram.texts[:2] == ["one", "one"]
    assert office.telegram.texts[-1] == "two"


async def test_a_stop_starts_nothing_new(office: Post) -> None:
    """What waits for room goes out when a call comes back, but not while we are stopping."""
    one_at_a_time = 1
    office.delivery = OutboxDelivery(
        office.db, office.telegram, office.vault, office.clock, office.signals,
        Listeners(office.delivery._sender._listeners.shut_out, office.delivery._sender._listeners.migrated),
        lambda: (BotPace(rate=one_at_a_time), ChatPaces()),
    )  # fmt: skip
    answer = asyncio.Event()

    async def ask(bot_id: int, method: str, /, **params: Any) -> Any:
        office.telegram.made.append((bot_id, method, params))
        await answer.wait()
        raise TelegramFlood(0.0)

    office.telegram.ask = ask  # type: ignore[method-assign]
    running = asyncio.ensure_future(office.delivery.run())  # noqa: TID251 - awaited below
    await office.promise("one", chat=7)
    await office.promise("two", chat=8)
    async with asyncio.timeout(60):
        while not office.telegram.made:
            await asyncio.sleep(0.005)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    stopping = asyncio.ensure_future(office.delivery.stop(2))  # noqa: TID251 - awaited below
    await asyncio.sleep(0.01)
    answer.set()
    await stopping
    await asyncio.sleep(1.2)
    assert office.telegram.texts == ["one"]


async def test_a_backlog_of_another_process_keeps_nobody_waiting(
    office: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bot 1 is delivered elsewhere, slowly; the calls of bot 2 are found behind its many."""
    if office.db.dialect == "sqlite":
        return  # one process by the file's lock
    async with office.db.write() as tx:
        await leases.acquire(tx, "delivery:1", "elsewhere", office.clock.now(), timedelta(minutes=5))
    async with office.work() as work:
        for number in range(1_500):
            work.send(1, calls.send(100 + number, page("slow")))
    await office.promise("quick", bot=2)
    looks = 0
    due = outbox.due

    async def counted(*args: Any, **options: Any) -> Any:
        nonlocal looks
        looks += 1
        return await due(*args, **options)

    monkeypatch.setattr(outbox, "due", counted)
    office.delivery = office.new_delivery()
    async with office.open():
        async with asyncio.timeout(60):
            while office.telegram.texts != ["quick"]:
                await asyncio.sleep(0.01)
        loop = asyncio.get_running_loop()
        before, began = looks, loop.time()
        await asyncio.sleep(1.5)
        assert looks - before <= loop.time() - began + 1.5, "nothing to do is looked at once a second"


async def test_what_a_dead_process_had_in_flight_is_parked_by_its_heir(office: Post) -> None:
    if office.db.dialect == "sqlite":
        return  # there the start does it: see test_outbox
    await office.promise("broadcast", policy=Policy.ONCE)
    now = office.clock.now()
    async with office.db.write() as tx:
        await leases.acquire(tx, "delivery:1", "dead", now, LEASE)
        (row,) = await outbox.due(tx, now, 0, 2)
        await outbox.begin_sending(tx, [row.id])
    await office.promise("next")
    office.delivery = office.new_delivery()
    async with office.open():
        await asyncio.sleep(0.2)
        assert office.telegram.made == [], "the lease lasts"
        office.clock.advance(seconds=LEASE.total_seconds() + 1)
        async with asyncio.timeout(60):
            while office.telegram.texts != ["next"]:
                await asyncio.sleep(0.01)
        await office.delivered()
    assert await office.states() == [("unknown", None)]


async def test_taking_a_lease_back_parks_nothing_of_ones_own(office: Post) -> None:
    if office.db.dialect == "sqlite":
        return
    office.telegram.faults.append(once(TelegramFlood(0.3), text="slow"))
    async with office.open():
        await office.promise("slow", policy=Policy.ONCE)
        async with asyncio.timeout(60):
            while not office.telegram.made:
                await asyncio.sleep(0.005)
        office.clock.advance(seconds=LEASE.total_seconds() + 1)
        await office.promise("other", chat=8, policy=Policy.ONCE)
        await office.delivered()
    assert await office.states() == []
    assert sorted(office.telegram.texts) == ["other", "slow", "slow"]


async def test_a_line_that_broke_at_the_commit_leaves_no_cache_behind(office: Post) -> None:
    """Nobody knows whether it was committed; here it was."""

    class Breaking:
        @asynccontextmanager
        async def write(self) -> AsyncIterator[Any]:
            async with office.db.write() as tx:
                yield tx
            raise ConnectionResetError

    heard: list[Any] = []
    office.signals.on("chat", heard.append)
    work = UnitOfWork(cast(Any, Breaking()), office.clock, office.vault, office.signals)
    async with office.open():
        with suppress(ConnectionResetError):
            async with work() as one:
                one.send(1, calls.send(7, page("promised")))
                one.signal("chat", [1, 7])
        with suppress(ConnectionResetError):
            async with work() as one:
                one.signal("chat", [1, 8])
                raise ConnectionResetError
        await office.delivered()
    assert heard == [[1, 7]], "what was given up before the commit is no news"
    assert office.telegram.texts == ["promised"]
