"""Telegram tells a bot to wait: nothing that was decided before goes out afterwards."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from bench.mailing import FIRST
from delivery import lines
from delivery.books import Books, Entry
from delivery.deferred import DeferredCalls
from delivery.holding import LEASE
from delivery.outcomes import Withdrawn
from delivery.pacing import BotPace
from domain.broadcasts import Broadcast, BroadcastStatus
from domain.errors import TelegramFlood
from storage import outbox, recipients
from tests.delivery.bulk import Bulk

# Seconds. On a slow machine much happens in one; together, less than a connection to a database may take.
LASTS, HOLD = 10.0, 30.0
BOTH = {FIRST, FIRST + 1}  # written to first: two floods at once mean the bot as a whole
PREPARED = set(range(FIRST + 2, FIRST + 8))


class LoopTime:
    """The clock of the event loop, which this moves: all timers up to then run at its next turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        real, self._moved = loop.time, 0.0
        monkeypatch.setattr(loop, "time", lambda: real() + self._moved)

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._moved += seconds


class Held:
    """A broadcast to ten people whose bot is told to wait when it has written to two and prepared six."""

    def __init__(self, bulk: Bulk, monkeypatch: pytest.MonkeyPatch, lasts: float = LASTS) -> None:
        self.bulk, self.time = bulk, LoopTime(monkeypatch)
        monkeypatch.setattr(lines, "PREPARED_LASTS", lasts)
        monkeypatch.setattr(lines, "_FLOOD_MEMORY", LASTS)
        bulk.pace = lambda: BotPace(2)  # type: ignore[method-assign]
        left = set(BOTH)

        def flood(method: str, params: dict[str, object]) -> TelegramFlood | None:
            user = params["chat_id"]
            return TelegramFlood(HOLD) if user in left and not left.remove(user) else None  # type: ignore[arg-type, func-returns-value]

        bulk.telegram.faults.append(flood)

    async def begin(self) -> Broadcast:
        """Start it, and wait until the bot is held and six are prepared."""
        one = await self.bulk.mailing.broadcast()
        await self.bulk.start(one)
        async with asyncio.timeout(60):
            while await self._prepared(one) != PREPARED:
                await asyncio.sleep(0.005)
        assert set(self.bulk.reached) == BOTH
        return one

    async def _prepared(self, one: Broadcast) -> set[int]:
        states = await self.bulk.mailing.states(one)
        return {user for user in states if states[user] == "sending"}

    async def deliver(self) -> None:
        """Until nothing waits, with a clock that runs ahead while there is nothing to be done."""
        for _ in range(30_000):
            if await self.bulk.delivery.idle():
                return
            if not self.bulk.delivery._tasks:
                self.time.advance(0.25)
            await asyncio.sleep(0.002)
        raise AssertionError("something waits for ever")

    @property
    def got(self) -> Counter[int]:
        """Who got the message, and how often."""
        return self.bulk.reached - Counter(BOTH)


async def pause(bulk: Bulk, one: Broadcast) -> None:
    await bulk.mailing.put(one, BroadcastStatus.PAUSED)


async def cancel(bulk: Bulk, one: Broadcast) -> None:
    async with bulk.db.write() as tx:
        await recipients.drop_queued(tx, one.id)
        await bulk.mailing.put(one, BroadcastStatus.CANCELLED, tx)


async def reset(bulk: Bulk, one: Broadcast) -> None:
    await cancel(bulk, one)
    async with bulk.db.write() as tx:
        await recipients.clear(tx, one.id)
        await bulk.mailing.put(one, BroadcastStatus.DRAFT, tx)


GOES_ON = {pause: Bulk.resume, cancel: Bulk.start, reset: Bulk.start}
Stop = Callable[[Bulk, Broadcast], object]


async def stopped_meanwhile(held: Held, stop: Stop) -> Counter[int]:
    """Stop the broadcast during the hold; who gets it all the same."""
    bulk = held.bulk
    async with bulk.open():
        one = await held.begin()
        held.time.advance(LASTS)
        await stop(bulk, one)  # type: ignore[misc]
        held.time.advance(HOLD)
        await held.deliver()
        late = held.got
        await GOES_ON[stop](bulk, one)  # type: ignore[index]
        await held.deliver()
        assert set(await bulk.counted(one)) == {"sent"}
    return late


@pytest.mark.parametrize("stop", [pause, cancel, reset])
async def test_nothing_goes_out_after_a_stop_and_everybody_gets_it_once_in_the_end(
    bulk: Bulk, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(bulk, monkeypatch)
    assert not await stopped_meanwhile(held, stop)
    assert held.got == Counter(range(FIRST, FIRST + 10))


async def test_begun_anew_during_the_hold_it_reaches_everybody_once(
    bulk: Bulk, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(bulk, monkeypatch)
    async with bulk.open():
        one = await held.begin()
        held.time.advance(LASTS)
        await reset(bulk, one)
        await bulk.start(one)
        held.time.advance(HOLD)
        await held.deliver()
        assert await bulk.counted(one) == {"sent": 10}
    assert held.got == Counter(range(FIRST, FIRST + 10))


async def test_what_is_promised_after_a_stop_is_sent(bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The calls of a stopped broadcast are out of the table, and still in line: their ids are not reused."""
    held = Held(bulk, monkeypatch)
    async with bulk.open():
        one = await held.begin()
        await cancel(bulk, one)
        await bulk.promise("Stopped.", chat=7, bot=bulk.bot_id)
        held.time.advance(HOLD)
        await held.deliver()
    assert bulk.telegram.texts.count("Stopped.") == 1


@pytest.mark.parametrize("stop", [pause, reset])
async def test_what_stays_prepared_goes_out_after_the_stop(
    bulk: Bulk, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    held = Held(bulk, monkeypatch, lasts=10 * HOLD)
    late = await stopped_meanwhile(held, stop)
    assert set(late) == PREPARED
    assert max(held.got.values()) == (2 if stop is reset else 1)


async def test_what_is_taken_back_and_not_wanted_any_more_waits_for_the_next_look(bulk: Bulk) -> None:
    """Both are written at once. Withdrawn first, it would count as in flight for ever."""
    one = await bulk.mailing.broadcast()
    await bulk.mailing.start(one)
    deferred = DeferredCalls(bulk.db, bulk.sources, bulk.signals, lambda: None)
    await deferred.feed()
    now = bulk.clock.now()
    async with bulk.db.write() as tx:
        row = (await outbox.due(tx, now, 0, 1))[0]
        meant = Books(intents=[([row], asyncio.get_running_loop().create_future())])
        assert (await meant.write(tx, deferred, "me", LEASE, [], now))[0] == {row.id}
        books = Books(entries=[Entry(row, Withdrawn())], taken_back=[row])
        await books.write(tx, deferred, "me", LEASE, [], now)
    assert await bulk.counted(one) == {"queued": 10}
    assert await bulk.mailing.in_outbox() == 9
