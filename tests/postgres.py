"""PostgreSQL for the tests that need it; they are skipped, visibly, where there is none."""

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import asyncpg
import pytest
from alembic import command

import storage.tables  # noqa: F401 - fills the metadata
from storage.migrate import config
from storage.schema import metadata

VARIABLE = "GATEHOUSE_TEST_POSTGRES"
DEFAULT = "postgresql://postgres@127.0.0.1:5432/postgres"
REASON = (
    f"PostgreSQL is not reachable: start one, or set {VARIABLE}=postgresql://user:password@host/database "
    "to a server where the user may create databases"
)


async def _run(address: str, *statements: str) -> None:
    connection = await asyncpg.connect(address, timeout=3)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def apart(work: Callable[[], object]) -> None:
    """Do `work` in a thread: it runs an event loop of its own, and ours may be running here."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def migrate(url: str) -> None:
    """Bring a database up to date."""
    apart(lambda: command.upgrade(config(url), "head"))


@contextmanager
def migrated_database(worker: str) -> Iterator[str]:
    """A database of this test process, migrated, dropped at the end.

    Without a server the tests are skipped, unless one was promised by the environment variable.
    """
    address = os.environ.get(VARIABLE, DEFAULT)
    name = f"gatehouse_test_{worker}_{os.getpid()}"
    base, _, _ = address.rpartition("/")
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    try:
        # Nothing of a test must survive a power cut.
        careless = f"ALTER DATABASE {name} SET synchronous_commit = off"
        apart(lambda: asyncio.run(_run(address, drop, f"CREATE DATABASE {name}", careless)))
    except (OSError, asyncpg.PostgresError, TimeoutError):
        if VARIABLE in os.environ:
            raise
        pytest.skip(REASON)
    try:
        url = f"{base.replace('postgresql://', 'postgresql+asyncpg://')}/{name}"
        migrate(url)
        yield url
    finally:
        apart(lambda: asyncio.run(_run(address, drop)))


# Truncating every table writes some hundred files; most tests fill a handful of tables.
_EMPTY = """
DO $$ DECLARE name text; used boolean; BEGIN
  FOREACH name IN ARRAY string_to_array('{tables}', ',') LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO used;
    IF used THEN EXECUTE format('TRUNCATE %I RESTART IDENTITY CASCADE', name); END IF;
  END LOOP;
END $$
"""


async def empty(url: str) -> None:
    """Empty all tables, and number new rows from 1 again."""
    tables = ",".join(table.name for table in metadata.sorted_tables)
    await _run(url.replace("+asyncpg", ""), _EMPTY.format(tables=tables))
