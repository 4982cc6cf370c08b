"""PostgreSQL for the tests that need it; they are skipped, visibly, where there is none."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

VARIABLE = "GATEHOUSE_TEST_POSTGRES"
DEFAULT = "postgresql://postgres@127.0.0.1:5432/postgres"
REASON = (
    f"PostgreSQL is not reachable: start one, or set {VARIABLE}=postgresql://user:password@host/database "
    "to a server where the user may create databases"
)


@asynccontextmanager
async def fresh_database(worker: str) -> AsyncIterator[str]:
    """An empty database, dropped afterwards. Without a server: fails if one was promised, else skips."""
    address = os.environ.get(VARIABLE, DEFAULT)
    try:
        admin = await asyncpg.connect(address, timeout=3)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        if VARIABLE in os.environ:
            raise
        pytest.skip(f"{REASON} ({type(error).__name__})")
    name = f"gatehouse_test_{worker}_{os.getpid()}"
    try:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.execute(f"CREATE DATABASE {name}")
        base, _, _ = address.rpartition("/")
        yield f"{base.replace('postgresql://', 'postgresql+asyncpg://')}/{name}"
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.close()
