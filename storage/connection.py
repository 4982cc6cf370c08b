"""SQLite's connection as the event loop uses it: a statement is one trip to its thread, the rest is none."""

import asyncio
import sqlite3
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import aiosqlite
from aiosqlite import core
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")


class SQLiteCursor(aiosqlite.Cursor):
    """A cursor that brings its rows along with the statement.

    SQLAlchemy opens a cursor for each statement, asks for all rows and closes it: four trips to the thread
    with aiosqlite's own, each some 50 µs of waking up and changing over. Only the statement is worth one.
    """

    def __init__(self, connection: "SQLiteConnection") -> None:
        super().__init__(connection, connection.direct.cursor())
        self._ours, self._rows = connection, list[Any]()

    async def __aenter__(self) -> "SQLiteCursor":
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> "SQLiteCursor":
        """Run a statement to its end."""
        self._rows = await self._ours._execute(self._run, sql, parameters)
        return self

    def _run(self, sql: str, parameters: Any) -> list[Any]:
        self._cursor.execute(sql, parameters)
        return self._cursor.fetchall() if self.description else []

    async def fetchall(self) -> Sequence[Any]:
        """The rows nobody has fetched yet."""
        return await self.fetchmany(len(self._rows))

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """The next rows."""
        size = self._cursor.arraysize if size is None else size
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    async def fetchone(self) -> Any:
        """The next row; None when there is none left."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def close(self) -> None:
        """Let go of the statement, of which nothing runs any more."""
        self._cursor.close()


class SQLiteConnection(aiosqlite.Connection):
    """An aiosqlite connection whose sqlite3 connection can also be used without a trip to its thread.

    SQLite serialises calls from several threads by itself (`sqlite3.threadsafety` is 3), and whoever
    uses `direct` holds the transaction, so nothing else runs on it meanwhile.
    """

    direct: sqlite3.Connection

    def __init__(self, database: str, **options: Any) -> None:
        def connect() -> sqlite3.Connection:
            self.direct = sqlite3.connect(database, **options | {"check_same_thread": False})
            return self.direct

        super().__init__(connect, iter_chunk_size=64)
        self._thread.daemon = True  # as SQLAlchemy does: a forgotten connection must not keep us alive

    def cursor(self) -> SQLiteCursor:  # type: ignore[override]
        """A cursor; making one asks SQLite for nothing."""
        return SQLiteCursor(self)

    async def rollback(self) -> None:
        """Forget the transaction. In WAL mode that writes nothing, and a reader has nothing to forget."""
        self.direct.rollback()

    async def close(self) -> None:
        """Close it, and end its thread."""
        await to_its_end(super().close())

    def stop(self) -> None:
        """End the thread, which tells nobody: whoever forgets a connection may have ended his event loop,
        and an answer to that would be an error of somebody else."""
        self._running = False

        def close_and_stop() -> object:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            return core._STOP_RUNNING_SENTINEL

        self._tx.put_nowait((None, close_and_stop))  # nobody waits for it

    async def _connect(self) -> aiosqlite.Connection:
        return await to_its_end(super()._connect())

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        return await to_its_end(super()._execute(fn, *args, **kwargs))  # type: ignore[no-untyped-call]


def driver(url: str) -> dict[str, Any]:
    """What `create_async_engine` needs to know so that it uses our connection, where the URL is SQLite's."""
    if make_url(url).get_backend_name() != "sqlite":
        return {}
    return {"connect_args": {"async_creator_fn": SQLiteConnection}}


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns. Whoever is cancelled meanwhile hears of it at his next await.

    A connection that is left in the middle of a statement keeps its lock, and nobody else can write. One that
    is left while it opens or closes has a thread that answers an event loop which may have ended.
    """
    task = asyncio.ensure_future(work)  # noqa: TID251 - awaited right here, never left behind
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
        except BaseException:
            break  # the work's own error, raised below
    if cancelled and (waiting := asyncio.current_task()) is not None:
        waiting.uncancel()
        waiting.cancel()
    return task.result()


def direct(tx: AsyncConnection) -> sqlite3.Connection:
    """SQLite's own connection of a transaction, for statements that are over in microseconds."""
    assert tx.sync_connection is not None  # noqa: S101 - every transaction we hand out is begun
    return direct_of(tx.sync_connection)


def direct_of(connection: Connection) -> sqlite3.Connection:
    """The same for who has SQLAlchemy's synchronous side of it."""
    ours: SQLiteConnection = connection.connection.driver_connection  # type: ignore[assignment]
    return ours.direct
