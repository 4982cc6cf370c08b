"""Time that is bought, whatever calendars, time zones and clocks do."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.gateways import State
from storage import events, gates
from tests.money.shop import OWNER, House, Shop, star_proof

ANN = 501


async def paid(shop: Shop) -> datetime:
    """Ann pays for the plan once more; returns the end of what she has."""
    order = await shop.order(ANN)
    await shop.notified(shop.till.pay(order.ref or "", order.key, order.amount).id)
    held = await shop.held(ANN)
    assert held is not None
    assert held.end_at is not None
    return held.end_at


async def keep_time(shop: Shop) -> None:
    """What the background does."""
    await shop.house.endings.run(shop.house.actor)
    await shop.house.access_tasks.run(shop.house.actor)


async def told(shop: Shop, kind: str) -> int:
    """How many events of a kind there were."""
    async with shop.db.read() as tx:
        return len(await events.of_owner(tx, OWNER, kind))


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that lives in New York."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()
    assert os.environ.get("TZ") != "America/New_York"


async def test_months_from_the_31st_keep_their_day(house: House) -> None:
    shop = await house.shop([ANN])
    house.clock.at = datetime(2027, 1, 31, 9, 30, tzinfo=UTC)
    ends = [await paid(shop) for _ in range(14)]
    days = [(end.month, end.day) for end in ends]
    assert days[:5] == [(2, 28), (3, 31), (4, 30), (5, 31), (6, 30)]
    assert days[12] == (2, 29), "2028 has one"
    assert {(end.hour, end.minute) for end in ends} == {(9, 30)}


async def test_years_from_a_leap_day(house: House) -> None:
    shop = await house.shop([ANN], duration="1 year")
    house.clock.at = datetime(2028, 2, 29, tzinfo=UTC)
    ends = [await paid(shop) for _ in range(4)]
    assert [f"{end:%d.%m.%Y}" for end in ends] == ["28.02.2029", "28.02.2030", "28.02.2031", "29.02.2032"]


@pytest.mark.usefixtures("new_york")
@pytest.mark.parametrize("day", [(2026, 3, 7), (2026, 3, 8), (2026, 10, 31), (2026, 11, 1)])
@pytest.mark.parametrize(("length", "ends"), [("1 day", 1), ("1 week", 7), ("30 days", 30)])
async def test_a_day_has_24_hours_when_summer_begins_or_ends(
    house: House, day: tuple[int, int, int], length: str, ends: int
) -> None:
    shop = await house.shop([ANN], duration=length)
    begin = datetime(*day, 6, 59, 59, tzinfo=UTC)
    here = {time.localtime((begin + timedelta(days=n)).timestamp()).tm_isdst for n in range(-2, 3)}
    assert here == {0, 1}, "this process does change its clocks around that day"
    house.clock.at = begin
    assert await paid(shop) == begin + timedelta(days=ends)
    house.clock.at = begin + timedelta(days=ends, seconds=-1)
    await keep_time(shop)
    assert await shop.inside(ANN)
    house.clock.advance(seconds=1)
    await keep_time(shop)
    assert not await shop.inside(ANN)
    assert await told(shop, "membership.ended") == 1


async def test_a_clock_that_goes_back_ends_nothing_twice(house: House) -> None:
    shop = await house.shop([ANN], duration="2 days")
    end = await paid(shop)
    for moment in (timedelta(hours=1), timedelta(hours=-6), timedelta(days=-1), timedelta(days=3)):
        house.clock.at = end + moment
        for _ in range(2):
            await keep_time(shop)
    assert await told(shop, "membership.ended") == 1
    assert not await shop.inside(ANN)


async def test_what_is_paid_while_the_clock_is_behind_counts_in_full(house: House) -> None:
    shop = await house.shop([ANN], duration="2 days")
    house.clock.at = await paid(shop) + timedelta(minutes=1)
    await keep_time(shop)
    house.clock.advance(hours=-5)
    assert await paid(shop) == house.clock.at + timedelta(days=2)
    await keep_time(shop)
    assert await shop.inside(ANN)


async def test_what_an_owner_ended_stays_ended_when_the_clock_was_behind(house: House) -> None:
    """A refund counts the history anew; what was given before the end is before it, whatever clocks say."""
    shop = await house.shop([ANN])
    give, end = shop.house.subscribers.give, shop.house.subscribers.end
    await give(shop.owner, shop.bot_id, ANN, shop.project_id, 30)
    house.clock.advance(hours=-5)
    await end(shop.owner, shop.bot_id, ANN, shop.project_id)
    order = await shop.order(ANN)
    await shop.told(star_proof(order, "c", ANN), order.gateway)
    back = replace(star_proof(order, "c", ANN), state=State.REFUNDED)
    await shop.told(back, order.gateway)
    assert not await shop.inside(ANN), "the gift does not rise again"


async def test_what_was_given_after_an_end_stays_when_the_clock_goes_back(house: House) -> None:
    shop = await house.shop([ANN])
    give, end = shop.house.subscribers.give, shop.house.subscribers.end
    await give(shop.owner, shop.bot_id, ANN, shop.project_id, 1)
    await end(shop.owner, shop.bot_id, ANN, shop.project_id)
    house.clock.advance(hours=-5)
    first = await shop.order(ANN)
    await shop.told(star_proof(first, "c", ANN), first.gateway)
    second = await shop.order(ANN)
    await shop.told(star_proof(second, "d", ANN), second.gateway)
    await shop.told(replace(star_proof(second, "d", ANN), state=State.REFUNDED), second.gateway)
    held = await shop.held(ANN)
    assert held is not None
    assert (held.months, await shop.inside(ANN)) == (1, True), "paid for once, and not given back"


async def test_a_clock_that_jumps_ahead_costs_nobody_the_news(house: House) -> None:
    """Nothing is removed before there was time to read why: what was missed is told first."""
    shop = await house.shop([ANN])
    house.clock.at = await paid(shop) + timedelta(days=200)
    await keep_time(shop)
    assert await told(shop, "membership.ended") == 1
    async with shop.db.read() as tx:
        assert not await gates.any_due(tx, house.clock.now() + timedelta(minutes=9))
        assert await gates.any_due(tx, house.clock.now() + timedelta(minutes=11))
