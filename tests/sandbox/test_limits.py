"""Being too fast: counted in a sliding second or in a token bucket, as one likes."""

from typing import Any

import pytest

from sandbox import BotHandle, Person, Sandbox
from tests.sandbox.tools import Api


@pytest.fixture
async def crowd(tg: Sandbox, bot: BotHandle) -> list[Person]:
    tg.clock.freeze()
    people = [tg.user(f"Person {number}") for number in range(40)]
    for person in people:
        await person.start(bot)
    tg.limits.flood = True
    return people


async def send(api: Api, person: Person, **more: Any) -> int:
    status, _ = await api.answer("sendMessage", chat_id=person.id, text="x", **more)
    return int(status)


@pytest.mark.parametrize("counting", ["sliding", "bucket"])
async def test_thirty_at_once_and_no_more(
    tg: Sandbox, api: Api, crowd: list[Person], bot: BotHandle, counting: Any
) -> None:
    tg.limits.counting = counting
    answers = [await send(api, person) for person in crowd]
    assert answers == [200] * 30 + [429] * 10
    assert tg.limits.refused[bot.id] == 10


@pytest.mark.parametrize(("counting", "after_a_tenth"), [("sliding", 0), ("bucket", 3)])
async def test_a_bucket_fills_up_while_a_window_waits(
    tg: Sandbox, api: Api, crowd: list[Person], counting: Any, after_a_tenth: int
) -> None:
    tg.limits.counting = counting
    for person in crowd[:30]:
        await send(api, person)
    tg.clock.advance(seconds=0.1001)
    assert [await send(api, person) for person in crowd].count(200) == after_a_tenth
    tg.clock.advance(seconds=1)
    assert [await send(api, person) for person in crowd].count(200) == 30


async def test_what_is_paid_for_has_a_limit_of_its_own(tg: Sandbox, api: Api, crowd: list[Person]) -> None:
    assert {await send(api, person, allow_paid_broadcast=True) for person in crowd} == {200}
    assert [await send(api, person) for person in crowd].count(200) == 30
