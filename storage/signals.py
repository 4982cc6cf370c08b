"""News between processes that share a PostgreSQL database (`LISTEN`/`NOTIFY`)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import make_url, text

from storage.database import Tx

CHANNEL = "gatehouse"


async def notify(tx: Tx, payload: str) -> None:
    """Tell every listening process when this transaction commits; nothing to do on SQLite."""
    if tx.dialect.name == "postgresql":
        await tx.execute(
            text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload}
        )


@asynccontextmanager
async def listening(url: str, heard: Callable[[str], None]) -> AsyncIterator[asyncpg.Connection]:
    """Call `heard` with every payload while the block runs, over a connection of its own."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        await connection.add_listener(CHANNEL, lambda *event: heard(event[3]))
        yield connection
    finally:
        await connection.close()
