"""Who waits at a chat's door, the board, and lockdowns: each decided once, on both engines."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.movements import Movement, MovementKind
from domain.raids import Raid
from domain.verification import Method, challenge
from storage import chat_moves, raids, verification
from storage.database import Database
from storage.verification import GONE, OWED, PASSED, WAITING, Held

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOT, CHAT, ANN = 1, -1001, 7
MINUTE = timedelta(minutes=1)


def coming(user_id: int = ANN, at: datetime = NOW, chat_id: int = CHAT) -> Movement:
    return Movement(
        BOT, 2, chat_id, "supergroup", "Club", user_id, f"P{user_id}", "ann", "de", False, MovementKind.JOIN,
        user_id, "unknown", None, None, False, at, user_id,
    )  # fmt: skip


def newcomer(user_id: int = ANN, at: datetime = NOW) -> Held:
    return verification.of_movement(coming(user_id, at), None, at + 5 * MINUTE)


async def test_what_is_kept_comes_back(db: Database) -> None:
    own = replace(newcomer(), challenge=challenge(Method.PICTURE), private_id=9, expected=True)
    async with db.write() as tx:
        await verification.hold(tx, own)
        await verification.hold(tx, newcomer(8))
    async with db.read() as tx:
        assert await verification.get(tx, BOT, CHAT, ANN) == own
        assert await verification.get(tx, BOT, CHAT, 8) == newcomer(8)
        assert await verification.get(tx, 2, CHAT, ANN) is None
        assert own.challenge is not None
        assert await verification.by_nonce(tx, BOT, ANN, own.challenge.nonce) == own
        assert await verification.by_nonce(tx, BOT, 8, own.challenge.nonce) is None


async def test_wrong_answers_survive_leaving_but_not_removal(db: Database) -> None:
    async with db.write() as tx:
        await verification.hold(tx, newcomer())
        assert await verification.miss(tx, BOT, CHAT, ANN) == 1
        await verification.decide(tx, BOT, CHAT, ANN, (WAITING,), GONE, NOW)
        assert await verification.miss(tx, BOT, CHAT, ANN) is None
        await verification.hold(tx, newcomer())
        assert await verification.miss(tx, BOT, CHAT, ANN) == 2
        await verification.decide(tx, BOT, CHAT, ANN, (WAITING,), GONE, NOW, wrong=0)
        await verification.hold(tx, newcomer())
        assert await verification.miss(tx, BOT, CHAT, ANN) == 1


async def test_of_an_answer_and_the_end_of_time_one_counts(db: Database) -> None:
    async with db.write() as tx:
        await verification.hold(tx, newcomer())

    async def decide(state: str, only_due: datetime | None) -> bool:
        async with db.write() as tx:
            done = await verification.decide(
                tx, BOT, CHAT, ANN, (WAITING,), state, NOW + MINUTE, only_due=only_due
            )
            return done is not None

    assert not await decide(GONE, NOW), "not due yet"
    results = await asyncio.gather(*(decide(state, None) for state in (PASSED, GONE, OWED)))
    assert results.count(True) == 1


async def test_a_board_is_put_up_once_a_minute(db: Database) -> None:
    async def post(at: datetime) -> bool:
        async with db.write() as tx:
            return await verification.post(tx, BOT, CHAT, challenge(Method.BUTTON), at, MINUTE)

    assert sorted(await asyncio.gather(*(post(NOW) for _ in range(5)))) == [False] * 4 + [True]
    assert not await post(NOW + MINUTE / 2)
    assert await post(NOW + MINUTE)
    async with db.write() as tx:
        await verification.touch(tx, BOT, CHAT, NOW)
        await verification.touch(tx, BOT, CHAT, NOW + MINUTE)
        assert await verification.boards_due(tx, NOW) == [(BOT, CHAT)], "the first moment counts"
        assert await verification.take_board(tx, BOT, CHAT, NOW) is not None
        assert await verification.take_board(tx, BOT, CHAT, NOW) is None
        assert await verification.clear_board(tx, BOT, CHAT)
        assert await verification.question(tx, BOT, CHAT) is None


async def test_who_waits_is_found_by_arrival(db: Database) -> None:
    async with db.write() as tx:
        for number in range(5):
            await verification.hold(tx, newcomer(number, NOW + number * MINUTE))
        await verification.hold(tx, replace(newcomer(9), challenge=challenge(Method.BUTTON)))
        await verification.decide(tx, BOT, CHAT, 0, (WAITING,), OWED, NOW)
        waiting = await verification.waiting(tx, BOT, CHAT, NOW + 2 * MINUTE)
        assert [one.user_id for one in waiting] == [2, 3, 4]
        number, first = await verification.at_board(tx, BOT, CHAT, 2)
        assert (number, [one.user_id for one in first]) == (4, [1, 2])
        assert await verification.chats_waiting(tx, BOT) == [CHAT]
        assert [one.user_id for one in await verification.owed(tx, BOT, CHAT)] == [0]
        assert [one.user_id for one in await verification.due(tx, NOW + 6 * MINUTE, 9)] == [0, 9, 1]


async def test_a_raid_begins_and_ends_once(db: Database) -> None:
    raid = Raid(NOW, NOW + MINUTE, True)
    async with db.write() as tx:
        assert await raids.lock(tx, BOT, CHAT) == ([], None)
        await raids.keep_recent(tx, BOT, CHAT, [coming(1), coming(2)])
        await raids.left(tx, BOT, CHAT, 1)
        assert await raids.lock(tx, BOT, CHAT) == ([coming(2)], None)
        await raids.begin(tx, BOT, CHAT, raid)
        assert await raids.lock(tx, BOT, CHAT) == ([], raid)
        assert await raids.active(tx, BOT, CHAT, NOW) == raid
        assert await raids.active(tx, BOT, CHAT, NOW + MINUTE) is None
        assert await raids.over(tx, NOW) == []
        assert await raids.over(tx, NOW + MINUTE) == [(BOT, CHAT)]

    async def end() -> bool:
        async with db.write() as tx:
            return await raids.end(tx, BOT, CHAT, only_due=NOW + MINUTE) is not None

    assert sorted(await asyncio.gather(end(), end(), end())) == [False, False, True]
    async with db.read() as tx:
        assert await raids.since(tx, BOT, CHAT) == NOW


async def test_joins_at_once_are_all_counted(db: Database) -> None:
    """Each reads what was kept and writes it back: the row's lock makes them take turns."""

    async def come(user_id: int) -> None:
        async with db.write() as tx:
            joins, _ = await raids.lock(tx, BOT, CHAT)
            await asyncio.sleep(0)
            await raids.keep_recent(tx, BOT, CHAT, [*joins, coming(user_id)])

    await asyncio.gather(*(come(n) for n in range(10)))
    async with db.write() as tx:
        joins, _ = await raids.lock(tx, BOT, CHAT)
    assert {one.user_id for one in joins} == set(range(10))


async def test_a_door_moves_with_its_group(db: Database) -> None:
    async with db.write() as tx:
        await verification.hold(tx, newcomer())
        await raids.lock(tx, BOT, CHAT)
        await raids.begin(tx, BOT, CHAT, Raid(NOW, NOW + MINUTE, True))
        await chat_moves.move(tx, BOT, CHAT, -2002, NOW)
        held = await verification.get(tx, BOT, -2002, ANN)
        assert held is not None
        assert held.state == WAITING
        assert await raids.active(tx, BOT, -2002, NOW) is not None
        assert await verification.get(tx, BOT, CHAT, ANN) is None
