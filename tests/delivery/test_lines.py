"""The line of one bot: who goes first, who waits, and what is prepared ahead."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from delivery import lines
from delivery.kinds import AHEAD, MOST_IN_FLIGHT, Kind
from delivery.lines import BotLine
from delivery.pacing import BotPace, ChatPaces
from domain.calls import Policy, Priority
from storage.outbox import Row

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def row(
    number: int, chat: int, priority: Priority = Priority.REPLY, method: str = "sendMessage", **more: object
) -> Row:
    bulk = priority >= Priority.TRIGGERED
    base = Row(
        number, 1, chat, method, b"", False, Policy.ONCE if bulk else Policy.REPEATABLE, priority, 0, NOW,
        *(("broadcast", number) if bulk else (None, None)),
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


class Office:
    """Takes what the line gives out. Unless `lazy`, it prepares at once."""

    def __init__(self, rate: int = 30, paid: int = 1000, *, lazy: bool = False) -> None:
        self.lazy = lazy
        self.asked: list[Row] = []
        self.back: list[Row] = []
        self.started: list[Row] = []
        self.line = BotLine(
            self._prepare, self.back.append, self.started.append, BotPace(rate), ChatPaces(), BotPace(paid)
        )

    def _prepare(self, one: Row) -> None:
        self.asked.append(one)
        if not self.lazy:
            asyncio.get_running_loop().call_soon(self.line.prepared, one)

    def add(self, *rows: Row) -> None:
        for one in rows:
            self.line.add(one)
        self.line.pump()

    def end(self, one: Row) -> None:
        """The call was made."""
        self.line.answered(one)
        self.line.finished(one)

    @property
    def order(self) -> list[int]:
        return [one.id for one in self.started]


async def turns(number: int = 5) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_a_reply_overtakes_a_broadcast_to_the_same_person() -> None:
    office = Office(rate=1)
    office.add(row(1, 7), row(2, 8, Priority.BULK), row(3, 8, Priority.BULK))
    await turns()
    office.line.add(row(4, 8))
    office.end(office.started[0])
    assert len(office.line) == 3
    lane = [one.id for one in office.line._lanes[8].rows]
    assert lane == [2, 4, 3], "what is meant already goes first, what only waits goes last"


async def test_nothing_overtakes_among_replies_and_moderation() -> None:
    office = Office(rate=1)
    office.add(row(1, 7))
    office.add(row(2, 8, Priority.MODERATION), row(3, 8), row(4, 8, Priority.MODERATION))
    assert [one.id for one in office.line._lanes[8].rows] == [2, 3, 4]


async def test_a_triggered_message_overtakes_bulk() -> None:
    office = Office(lazy=True)
    office.add(*(row(n, 8, Priority.BULK) for n in (1, 2)))
    office.add(row(3, 8, Priority.TRIGGERED))
    assert [one.id for one in office.line._lanes[8].rows] == [1, 3, 2], "the first is being prepared"


async def test_replies_go_before_waiting_bulk_of_other_people() -> None:
    office = Office(rate=2)
    office.add(*(row(n, 100 + n, Priority.BULK) for n in range(1, 9)))
    async with asyncio.timeout(5):
        while len(office.started) < 2:
            await asyncio.sleep(0.01)
    office.add(row(50, 7))
    for one in list(office.started):
        office.end(one)
    async with asyncio.timeout(5):
        while len(office.started) < 3:
            await asyncio.sleep(0.01)
    assert office.order[2] == 50


async def test_only_a_few_are_prepared_ahead() -> None:
    office = Office(lazy=True)
    office.add(*(row(n, 100 + n, Priority.BULK) for n in range(50)))
    assert len(office.asked) == AHEAD[Kind.MESSAGE]
    office.line.finished(office.asked[0])
    assert len(office.asked) == AHEAD[Kind.MESSAGE] + 1, "one that is not wanted makes room for the next"


async def test_a_prepared_call_costs_the_pace_nothing_before_it_is_made() -> None:
    office = Office(rate=1)
    office.add(*(row(n, 100 + n, Priority.BULK) for n in range(4)))
    await turns()
    assert office.order == [0]
    assert len(office.asked) == 4


async def test_paid_messages_have_a_pace_of_their_own() -> None:
    office = Office(rate=1, paid=50)
    office.add(*(row(n, 100 + n, Priority.PAID) for n in range(60)), row(99, 7))
    await turns(20)
    assert len([one for one in office.started if one.priority == Priority.PAID]) == 50
    assert 99 in office.order, "what is not paid for does not wait for them"


async def test_calls_that_are_no_messages_do_not_wait_for_the_pace() -> None:
    office = Office(rate=1)
    office.add(row(1, 7), row(2, 8), row(3, 9, Priority.MODERATION, "deleteMessage"))
    assert office.order == [3, 1]


async def test_no_more_than_so_many_are_in_flight() -> None:
    office = Office(rate=1000)
    office.add(*(row(n, 100 + n) for n in range(100)))
    assert len(office.started) == MOST_IN_FLIGHT[Kind.MESSAGE]


async def test_a_call_taken_back_is_prepared_again() -> None:
    office = Office()
    office.add(row(1, 7, Priority.BULK))
    await turns()
    first = office.started[0]
    office.line.answered(first)
    office.line.retry(first, replace(first, attempts=1), 0.01, flood=False)
    async with asyncio.timeout(5):
        while len(office.started) < 2:
            await asyncio.sleep(0.005)
    assert [one.id for one in office.asked] == [1, 1]
    assert office.started[1].attempts == 1


async def test_a_reply_during_a_retry_keeps_its_turn() -> None:
    """The bulk message that failed comes back into a line in which somebody is served already."""
    office = Office()
    office.add(row(1, 7, Priority.BULK))
    await turns()
    first = office.started[0]
    office.line.answered(first)
    office.line.retry(first, replace(first, attempts=1), 0.05, flood=False)
    office.add(row(2, 7))
    assert office.order == [1, 2]
    await asyncio.sleep(0.1)
    assert office.order == [1, 2], "the chat has one call under way"
    office.end(office.started[1])
    await turns()
    assert office.order == [1, 2, 1]


async def test_what_is_prepared_and_has_no_turn_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PREPARED_LASTS", 0.02)
    office = Office(rate=1)
    office.add(row(1, 7), row(2, 8, Priority.BULK), row(3, 8, Priority.BULK))
    async with asyncio.timeout(5):
        while len(office.asked) < 3:
            await asyncio.sleep(0.005)
    assert office.order == [1]
    assert {one.id for one in [*office.back, *office.asked]} == {2}, (
        "it is prepared anew, and stays the first"
    )
    office.end(office.started[0])
    async with asyncio.timeout(5):
        while len(office.started) < 2:
            await asyncio.sleep(0.005)
    assert office.order == [1, 2]


async def test_a_bot_that_is_told_to_wait_prepares_nothing_until_then() -> None:
    """A crash meanwhile leaves nothing unknown."""
    office = Office()
    office.add(row(1, 7), row(2, 8))
    for one in list(office.started):
        office.line.answered(one)
        office.line.retry(one, one, 0.1, flood=True)
    office.add(row(3, 9, Priority.BULK))
    await turns()
    assert office.asked == []
    async with asyncio.timeout(5):
        while len(office.started) < 5:
            await asyncio.sleep(0.01)
    assert sorted(office.order) == [1, 1, 2, 2, 3]


async def test_dropped_rows_are_forgotten() -> None:
    office = Office(rate=2)
    office.add(*(row(n, 100 + n % 3, Priority.BULK) for n in range(9)))
    await turns()
    flying = set(office.order)
    dropped = {one.id for one in office.line.drop_waiting()}
    assert dropped == set(range(9)) - flying
    assert len(office.line) == len(flying)
    assert office.line.deferred == {False: len(flying), True: 0}
    for one in list(office.started):
        office.end(one)
    assert len(office.line) == 0
    assert not office.line.prepared(row(8, 102, Priority.BULK))


@pytest.mark.parametrize("count", [1, 5])
async def test_a_moved_chat_keeps_its_order(count: int) -> None:
    office = Office()
    office.add(*(row(n, -9) for n in range(count)))
    office.line.answered(office.started[0])
    office.line.move(-9, -1009)
    while len(office.started) < count + 1:
        last = office.started[-1]
        assert last.chat_id == -1009
        office.end(last)
    assert office.order == [0, *range(count)]
