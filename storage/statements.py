"""Statements that differ a little between the engines, and hot ones that are compiled only once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.connection import direct
from storage.database import Tx
from storage.types import to_microseconds

FEW = 50  # rows that may keep the event loop from its other work


def insert_for(dialect: str, table: Table) -> Any:
    """`INSERT` with `ON CONFLICT`, which both engines have under the same names."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert(tx: Tx, table: Table) -> Any:
    """`INSERT` with `ON CONFLICT` for the engine of this transaction."""
    return insert_for(tx.dialect.name, table)


class Result(NamedTuple):
    """What a hot statement did: the rows it returned, as the driver gives them, and how many it touched."""

    rows: list[Any]
    rowcount: int


class Hot:
    """A statement that runs thousands of times, compiled once per engine.

    SQLAlchemy builds, keys and binds a statement anew for each call, and aiosqlite carries it through a
    thread in four trips; both cost far more than SQLite needs to run it. A hot statement is built by
    `build(dialect name)` with a `bindparam` for each value, its values go to the driver as they are
    (moments as microseconds, documents as JSON text), and on SQLite it runs right here, in the event loop:
    some 15 µs each. Waiting for the disk is the commit's business, which stays in the thread.
    """

    def __init__(self, build: Callable[[str], Any]) -> None:
        self._build = build
        self._compiled: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {}

    async def run(self, tx: Tx, **values: Any) -> Result:
        """Run it once."""
        text, names, fixed = self._for(tx.dialect)
        given = fixed | values
        row = tuple(_plain(given[name]) for name in names)
        if tx.dialect.name == "sqlite":
            cursor = direct(tx).execute(text, row)
            return Result(cursor.fetchall() if cursor.description else [], cursor.rowcount)
        done = await tx.exec_driver_sql(text, row)
        return Result(list(done) if done.returns_rows else [], done.rowcount)

    async def run_many(self, tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
        """Run it once for each row of values."""
        if not rows:
            return
        text, names, fixed = self._for(tx.dialect)
        values = [tuple(_plain(row[name]) for name in names) for row in (fixed | row for row in rows)]
        if tx.dialect.name == "sqlite" and len(values) <= FEW:
            direct(tx).executemany(text, values)
        else:
            await tx.exec_driver_sql(text, values)

    def _for(self, dialect: Dialect) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        found = self._compiled.get(dialect.name)
        if found is None:
            compiled = self._build(dialect.name).compile(dialect=dialect)
            # `params` holds the constants of the statement beside its bindparams.
            found = str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params)
            self._compiled[dialect.name] = found
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_microseconds(value)
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    return value
