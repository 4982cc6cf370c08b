"""Alembic's environment: online only, over our async engines."""

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import storage.tables  # noqa: F401 - fills the metadata
from storage.schema import metadata
from storage.types import Instant


def render(kind: str, value: Any, _: AutogenContext) -> str | Literal[False]:
    """Write our column types as what they are in the database, so that old migrations never change."""
    if kind == "type" and isinstance(value, Instant):
        return "sa.BigInteger()"
    return False


def run(connection: Connection) -> None:
    """Run the migrations on a connection."""
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, render_item=render,
        compare_type=True,
    )  # fmt: skip
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":  # of processes that start together, one migrates
            connection.execute(text("SELECT pg_advisory_xact_lock(4282483)"))
        context.run_migrations()


async def main() -> None:
    """Open the database named by the caller."""
    engine = create_async_engine(context.config.attributes["url"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(main())
