"""How fast somebody may call, and how often somebody may try wrong keys."""

from datetime import UTC, datetime, timedelta

import aiohttp
from hypothesis import given
from hypothesis import strategies as st

from api.doorkeeper import CALLS_A_SECOND, CALLS_AT_ONCE, FAILURES_AT_ONCE
from api.limits import Buckets
from bot.app import App
from tests.api.client import issue_key
from tests.api.conftest import Owner
from tests.clock import TestClock

LIST = "/api/bots/list.json"
START = datetime(2026, 1, 1, tzinfo=UTC)


async def _many(app: App, session: aiohttp.ClientSession, key: str, times: int, seen: str = "") -> list[str]:
    answers = []
    for _ in range(times):
        headers = {"X-API-Key": key} | ({"X-Forwarded-For": seen} if seen else {})
        async with session.get(app.url + LIST, headers=headers) as response:
            body = await response.json()
            answers.append(body.get("error", "ok"))
            assert response.status == 200
            assert ("Retry-After" in response.headers) == (answers[-1] == "limit")
            if answers[-1] == "limit":
                assert int(response.headers["Retry-After"]) >= 1
    return answers


async def test_a_key_has_a_pace(app: App, him: Owner, her: Owner, clock: TestClock) -> None:
    clock.stand()
    session, key = him.api.session, him.api.key or ""
    answers = await _many(app, session, key, CALLS_AT_ONCE + 60)
    assert answers[:CALLS_AT_ONCE] == ["ok"] * CALLS_AT_ONCE
    assert answers[-1] == "limit"
    assert await _many(app, session, her.api.key or "", 1) == ["ok"], "others are not slowed down"
    clock.advance(seconds=CALLS_AT_ONCE / CALLS_A_SECOND)
    assert await _many(app, session, key, CALLS_AT_ONCE) == ["ok"] * CALLS_AT_ONCE


async def test_wrong_keys_from_one_address(app: App, him: Owner, clock: TestClock) -> None:
    clock.stand()
    session = him.api.session
    assert await _many(app, session, him.api.key or "", 1) == ["ok"]
    answers = await _many(app, session, "gh_wrong", FAILURES_AT_ONCE + 5)
    assert answers == ["key"] * FAILURES_AT_ONCE + ["limit"] * 5
    assert await _many(app, session, him.api.key or "", 1) == ["ok"], "who was here before still comes in"
    fresh = await issue_key(app, him.person.id, "fresh")
    assert await _many(app, session, fresh, 1) == ["limit"], "a right guess shows no sooner than a wrong one"
    assert await _many(app, session, fresh, 1, seen="203.0.113.9") == ["ok"], "another address is heard"
    clock.advance(minutes=1)
    assert await _many(app, session, fresh, 1) == ["ok"]


async def test_a_made_up_forwarding_address_is_not_believed(app: App, him: Owner, clock: TestClock) -> None:
    """Only what a proxy appended last counts, and only if it is an address."""
    clock.stand()
    answers = []
    for number in range(FAILURES_AT_ONCE + 5):
        answers += await _many(app, him.api.session, "gh_wrong", 1, seen=f"10.0.0.{number}, 198.51.100.7")
    assert answers[-1] == "limit"
    assert await _many(app, him.api.session, "gh_wrong", 1, seen="nonsense, ") == ["key"]


@given(st.lists(st.floats(0, 3), max_size=60))
def test_no_bucket_gives_more_than_its_burst_and_rate(pauses: list[float]) -> None:
    buckets, now, taken, began = Buckets(rate=2, burst=5), START, 0, START
    for pause in pauses:
        now += timedelta(seconds=pause)
        taken += buckets.take("one", now) == 0
    assert taken <= 5 + 2 * (now - began).total_seconds() + 1e-6


def test_the_wait_it_names_is_enough() -> None:
    buckets = Buckets(rate=0.3, burst=1)
    assert buckets.take("one", START) == 0
    seconds = buckets.take("one", START)
    assert seconds == 4
    assert buckets.take("one", START + timedelta(seconds=seconds)) == 0


def test_a_clock_set_back_takes_nothing_away() -> None:
    buckets = Buckets(rate=1, burst=2)
    assert buckets.take("one", START) == 0
    assert buckets.take("one", START - timedelta(hours=1)) == 0


def test_only_so_many_are_remembered() -> None:
    buckets = Buckets(rate=1, burst=1, most=3)
    for name in "abcd":
        buckets.take(name, START)
    assert [name for name in "abcd" if name in buckets] == ["b", "c", "d"]
