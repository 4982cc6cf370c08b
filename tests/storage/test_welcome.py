"""The pace of greetings, on both engines."""

import asyncio
from datetime import UTC, datetime, timedelta

from domain.greetings import Guest
from storage import welcome
from storage.database import Database

NOW = datetime(2030, 1, 1, tzinfo=UTC)
WINDOW = timedelta(seconds=10)
BOT, CHAT = 1, -100500


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def arrive(db: Database, user: int, seconds: float, chat: int = CHAT) -> int:
    async with db.write() as tx:
        return await welcome.arrive(tx, BOT, chat, Guest(user, f"P{user}"), at(seconds), WINDOW, 3)


async def take(db: Database, seconds: float) -> list[int]:
    async with db.write() as tx:
        return [guest.user_id for guest in await welcome.take_waiting(tx, BOT, CHAT, at(seconds))]


async def test_three_at_once_and_the_rest_together(db: Database) -> None:
    assert [await arrive(db, n, n / 10) for n in range(5)] == [1, 2, 3, 0, 0]
    async with db.read() as tx:
        assert await welcome.due(tx, at(10)) == []
        assert await welcome.due(tx, at(10.3)) == [(BOT, CHAT)]
    assert await take(db, 10) == []
    assert await take(db, 10.3) == [3, 4]
    assert await take(db, 10.3) == [], "nobody is greeted twice"


async def test_who_comes_slowly_is_greeted_at_once(db: Database) -> None:
    assert all([await arrive(db, n, n * 4.0) for n in range(10)])


async def test_what_was_said_since_a_raid_began_is_taken_back(db: Database) -> None:
    for n in range(5):
        await arrive(db, n, n * 4.0)
    async with db.write() as tx:
        assert await welcome.take_back(tx, BOT, CHAT, at(11), at(60)) == 2
        assert await welcome.due(tx, at(59)) == []
    assert await take(db, 60) == [3, 4], "greeted once more, together"


async def test_who_leaves_is_not_waited_for(db: Database) -> None:
    for n in range(5):
        await arrive(db, n, 0)
    async with db.write() as tx:
        assert await welcome.forget_waiting(tx, BOT, CHAT, 4)
        assert not await welcome.forget_waiting(tx, BOT, CHAT, 0), "greeted already"
    assert await take(db, 10) == [3]


async def test_chats_do_not_wait_for_each_other(db: Database) -> None:
    for n in range(5):
        await arrive(db, n, 0)
    assert await arrive(db, 9, 0, chat=-1)


async def test_simultaneous_joins_take_turns(db: Database) -> None:
    greeted = await asyncio.gather(*(arrive(db, n, 0) for n in range(12)))
    assert sorted(greeted) == [0] * 9 + [1, 2, 3]
    assert len(await take(db, 10)) == 9


async def test_goodbyes_have_a_limit_in_each_window(db: Database) -> None:
    async def bye(seconds: float) -> bool:
        async with db.write() as tx:
            return await welcome.may_say_goodbye(tx, BOT, CHAT, at(seconds), WINDOW, 3)

    assert [await bye(n) for n in range(5)] == [True, True, True, False, False]
    assert await bye(10)
