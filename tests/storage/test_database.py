"""Transactions: alone, in crowds, failing and cancelled, on both engines."""

import asyncio
import sqlite3
from datetime import UTC, datetime

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from storage import updates
from storage.connection import direct
from storage.database import WRITERS, Database, DatabaseInUse
from storage.outages import TransactionLost, is_outage

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
    async with asyncio.timeout(60), db.write() as tx:
        await updates.claim(tx, 1, 3, NOW)
    assert {1, 3} & await claimed(db) == {3}


async def test_reading_does_not_wait_for_the_writer(db: Database) -> None:
    async with db.write() as tx:
        await updates.claim(tx, 1, 1, NOW)
        async with asyncio.timeout(60):
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


async def test_what_sqlite_rolled_back_by_itself_is_not_taken_for_committed(db: Database) -> None:
    """A full disk ends the whole transaction, with everybody's work in it: all of them must hear of it."""
    if db.dialect == "postgresql":
        return  # every writer has a transaction of its own
    gate = asyncio.Event()

    async def write(number: int) -> None:
        async with db.write() as tx:
            await updates.claim(tx, 1, number, NOW)
            if number == 0:
                await gate.wait()
            if number == 3:
                direct(tx).execute("PRAGMA max_page_count = 1")  # SQLite takes the present size
                await tx.execute(text("INSERT INTO failed_update VALUES (1, 1, 1, hex(zeroblob(500000)), 0)"))

    writers = [asyncio.ensure_future(write(number)) for number in range(6)]  # noqa: TID251 - awaited below
    await asyncio.sleep(0)
    gate.set()
    results = await asyncio.gather(*writers, return_exceptions=True)
    async with db.write() as tx:
        direct(tx).execute("PRAGMA max_page_count = 1073741823")
    kept = await claimed(db)
    assert [number for number, result in enumerate(results) if result is None] == sorted(kept)
    assert isinstance(results[3], OperationalError)
    assert all(result is None or is_outage(result) for result in results)


async def test_who_reads_within_a_transaction_never_waits_for_another_writer(db: Database) -> None:
    """As many writers as PostgreSQL has connections for, each of which has something to look up."""
    inside = asyncio.Barrier(WRITERS if db.dialect == "postgresql" else 1)

    async def write(number: int) -> None:
        async with db.write() as tx:
            await updates.claim(tx, 1, number, NOW)
            await inside.wait()
            await claimed(db)

    async with asyncio.timeout(60):
        await asyncio.gather(*(write(number) for number in range(WRITERS)))


async def test_a_reader_sees_one_moment(db: Database) -> None:
    async with db.read() as tx:
        count = text("SELECT count(*) FROM processed_update")
        assert (await tx.execute(count)).scalar_one() == 0
        async with db.write() as writing:
            await updates.claim(writing, 1, 1, NOW)
        assert (await tx.execute(count)).scalar_one() == 0
    assert await claimed(db) == {1}


async def test_deadlocks_are_worth_another_try(db: Database) -> None:
    if db.dialect == "sqlite":
        return  # its writers take turns
    both = asyncio.Barrier(2)
    lock = text("SELECT pg_advisory_xact_lock(:number)")

    async def cross(first: int, second: int) -> None:
        async with db.write() as tx:
            await tx.execute(lock, {"number": first})
            await both.wait()
            await tx.execute(lock, {"number": second})

    results = await asyncio.gather(cross(1, 2), cross(2, 1), return_exceptions=True)
    (error,) = [result for result in results if result is not None]
    assert isinstance(error, DBAPIError)
    assert is_outage(error)


async def test_a_wrong_statement_is_no_outage_whatever_its_words(db: Database) -> None:
    wrong = (
        "INSERT INTO lease (name, holder, until) VALUES ('the connection is full', NULL, 0)",
        "SELECT disk_full_and_locked FROM lease",
    )
    for statement in wrong:
        with pytest.raises(DBAPIError) as caught:
            async with db.write() as tx:
                await tx.execute(text(statement))
        assert not is_outage(caught.value)


def test_what_is_an_outage_and_what_is_a_mistake() -> None:
    assert is_outage(TransactionLost())
    assert is_outage(ConnectionRefusedError(111, "Connection refused"))
    assert is_outage(asyncpg.CannotConnectNowError("the database system is starting up"))
    assert not is_outage(sqlite3.IntegrityError("NOT NULL constraint failed: person.blocked_at"))
    assert not is_outage(FileNotFoundError(2, "no such font")), "it would come again for ever"
    assert not is_outage(ValueError("locked"))


async def test_values_do_not_reach_error_messages(db: Database) -> None:
    """What people write, tokens and keys are among the values of statements; errors go to logs."""
    with pytest.raises(DBAPIError) as caught:
        async with db.read() as tx:
            await tx.execute(text("SELECT :value FROM nowhere"), {"value": "gh_secret"})
    assert "gh_secret" not in str(caught.value)
