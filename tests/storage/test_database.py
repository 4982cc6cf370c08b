"""Transactions: alone, in crowds, failing and cancelled, on both engines."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from storage import updates
from storage.database import Database, DatabaseInUse

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


async def claimed(db: Database) -> set[int]:
    async with db.read() as tx:
        return set((await tx.execute(text("SELECT update_id FROM processed_update"))).scalars())


async def test_a_crowd_of_writers_is_all_committed(db: Database) -> None:
    async def write(number: int) -> bool:
        async with db.write() as tx:
            return await updates.claim(tx, 1, number, NOW)

    assert all(await asyncio.gather(*(write(number) for number in range(200))))
    assert await claimed(db) == set(range(200))


async def test_of_two_claims_of_one_update_one_wins(db: Database) -> None:
    async def write() -> bool:
        async with db.write() as tx:
            return await updates.claim(tx, 1, 7, NOW)

    assert sorted(await asyncio.gather(*(write() for _ in range(10)))) == [False] * 9 + [True]


async def test_a_failing_writer_takes_nobody_with_it(db: Database) -> None:
    async def write(number: int) -> None:
        async with db.write() as tx:
            await updates.claim(tx, 1, number, NOW)
            await asyncio.sleep(0)
            if number % 3 == 0:
                raise ZeroDivisionError

    results = await asyncio.gather(*(write(number) for number in range(60)), return_exceptions=True)
    assert sum(isinstance(result, ZeroDivisionError) for result in results) == 20
    assert await claimed(db) == {number for number in range(60) if number % 3}


async def test_a_wrong_statement_takes_nobody_with_it(db: Database) -> None:
    async def write(number: int) -> None:
        async with db.write() as tx:
            await updates.claim(tx, 1, number, NOW)
            if number == 5:
                await tx.execute(text("INSERT INTO nowhere VALUES (1)"))

    results = await asyncio.gather(*(write(number) for number in range(10)), return_exceptions=True)
    assert [number for number, result in enumerate(results) if result is not None] == [5]
    assert await claimed(db) == set(range(10)) - {5}


async def test_a_cancelled_writer_leaves_nothing_and_blocks_nobody(db: Database) -> None:
    entered = asyncio.Event()

    async def hesitate() -> None:
        async with db.write() as tx:
            await updates.claim(tx, 1, 1, NOW)
            entered.set()
            await asyncio.sleep(60)

    async def wait_in_line() -> None:
        async with db.write() as tx:
            await updates.claim(tx, 1, 2, NOW)

    first = asyncio.ensure_future(hesitate())  # noqa: TID251 - awaited below
    await entered.wait()
    second = asyncio.ensure_future(wait_in_line())  # noqa: TID251 - awaited below
    await asyncio.sleep(0.05)
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    async with asyncio.timeout(5), db.write() as tx:
        await updates.claim(tx, 1, 3, NOW)
    assert {1, 3} & await claimed(db) == {3}


async def test_reading_does_not_wait_for_the_writer(db: Database) -> None:
    async with db.write() as tx:
        await updates.claim(tx, 1, 1, NOW)
        async with asyncio.timeout(2):
            assert await claimed(db) == set()
    assert await claimed(db) == {1}


async def test_sqlite_belongs_to_one_process(db: Database, database_url: str) -> None:
    if db.dialect == "postgresql":
        async with Database.open(database_url) as second:  # any number of processes
            await second.ping()
    else:
        with pytest.raises(DatabaseInUse):
            async with Database.open(database_url):
                pass
