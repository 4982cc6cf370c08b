"""The database: one writer with group commit on SQLite, a pool of transactions on PostgreSQL."""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.connection import direct, direct_of, driver
from storage.outages import TransactionLost

Tx = AsyncConnection
T = TypeVar("T")
READERS = 4
WRITERS = 20  # PostgreSQL's connections for writers, and for readers again
BATCH = 64  # transactions that may share one commit


class DatabaseInUse(RuntimeError):
    """Another process holds this SQLite database: SQLite mode is one process."""


class _Writer(Protocol):
    def begin(self) -> Any: ...


class _Batch:
    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.size = 0
        self.lost: Exception | None = None  # why nothing of it may count as written
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # A batch whose only transaction failed has nobody to tell.
        self.done.add_done_callback(lambda future: future.cancelled() or future.exception())


class GroupCommit:
    """SQLite's single writer. Transactions that queue up behind each other share one commit.

    Each runs in a savepoint of its own, so a failing one takes nobody with it; `begin` returns only once
    the shared commit is on disk. With `synchronous=FULL` the disk, not the statements, is what waiting
    transactions wait for, so one commit for many costs them nothing and saves the rest.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None  # kept: the pool would roll back at each return
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._batch: _Batch | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        await self._await_turn()
        try:
            batch = self._batch
            if batch is None:
                try:
                    batch = await _uninterrupted(self._open())
                except BaseException:
                    if self._batch is not None and self._waiting == 0:  # nobody else would end it
                        await _uninterrupted(self._commit(self._batch))
                    raise
            try:
                if batch.size:  # the first of a batch has nobody to spare
                    direct(batch.connection).execute(f"SAVEPOINT s{batch.size}")
                yield batch.connection
            except BaseException:
                with suppress(Exception):  # those who share the batch hear of it; this one has his own error
                    await _uninterrupted(self._end(batch, keep=False))
                raise
            await _uninterrupted(self._end(batch, keep=True))
        finally:
            self._turn.release()
        await asyncio.shield(batch.done)

    async def _await_turn(self) -> None:
        self._waiting += 1
        try:
            await self._turn.acquire()
        except asyncio.CancelledError:
            self._waiting -= 1
            if self._waiting == 0:  # the batch may have been left open for us to commit
                await _uninterrupted(self._flush())
            raise
        self._waiting -= 1

    async def _flush(self) -> None:
        async with self._turn:
            if self._batch is not None:
                await self._commit(self._batch)

    async def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _open(self) -> _Batch:
        if self._connection is None:
            self._connection = await self._engine.connect()
        await self._connection.begin()
        self._batch = _Batch(self._connection)
        return self._batch

    async def _end(self, batch: _Batch, keep: bool) -> None:
        try:
            if not keep and not batch.size:
                await batch.connection.rollback()
                await batch.connection.begin()
            elif not direct(batch.connection).in_transaction:
                # A full disk, an I/O error or lack of memory can end the whole transaction. A commit would
                # have nothing to do then, and succeed.
                raise TransactionLost("SQLite has rolled the transaction back by itself")
            elif keep:
                batch.size += 1  # its savepoint is left standing
            else:
                direct(batch.connection).execute(f"ROLLBACK TO s{batch.size}")
        except Exception as error:
            batch.lost = error
        if self._waiting == 0 or batch.size >= BATCH or batch.lost is not None:
            await self._commit(batch)

    async def _commit(self, batch: _Batch) -> None:
        self._batch = None
        try:
            if batch.lost is not None:
                raise TransactionLost("the shared transaction was lost") from batch.lost
            await batch.connection.commit()
        except BaseException as error:
            batch.done.set_exception(error)
            await self.close()  # its state is anybody's guess: the next batch begins on a new one
            raise
        batch.done.set_result(None)


async def _uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Await `work` to its end even when we are cancelled meanwhile; the cancellation follows."""
    task = asyncio.ensure_future(work)  # noqa: TID251 - awaited right here, never left behind
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except BaseException:
            break
    result = task.result()
    if cancelled is not None:
        raise cancelled
    return result


class _Transactions:
    """PostgreSQL: every writer has a connection of its own, the server groups the commits."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        async with self._engine.begin() as tx:
            yield tx


def normalise_url(address: str) -> str:
    """A database address as people write it, with the driver we use. Raises `ValueError` with a sentence."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise ValueError("must look like postgresql://user:password@host/name") from None
    drivers = {
        "postgres": "postgresql+asyncpg",
        "postgresql": "postgresql+asyncpg",
        "postgresql+asyncpg": "postgresql+asyncpg",
        "sqlite": "sqlite+aiosqlite",
        "sqlite+aiosqlite": "sqlite+aiosqlite",
    }
    if url.drivername not in drivers:
        raise ValueError("must be a postgresql:// or sqlite:/// address")
    return url.set(drivername=drivers[url.drivername]).render_as_string(hide_password=False)


class Database:
    """Connections for readers and writers. `dialect` is `sqlite` or `postgresql`."""

    def __init__(self, readers: AsyncEngine, writer: _Writer, dialect: str, url: str) -> None:
        self._readers, self._writer, self.dialect, self.url = readers, writer, dialect, url

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Database"]:
        """Open the database at an SQLAlchemy URL; the schema is `storage.migrate`'s business.

        Raises `DatabaseInUse` when another process has this SQLite file open through us.
        """
        async with AsyncExitStack() as stack:
            if make_url(url).get_backend_name() == "sqlite":
                stack.enter_context(_file_lock(make_url(url).database))
                write_engine = await _engine(stack, url, pool_size=1, max_overflow=0)
                readers = await _engine(stack, url, pool_size=READERS, max_overflow=0)
                _configure_sqlite(write_engine, "BEGIN IMMEDIATE")
                _configure_sqlite(readers, "BEGIN")
                writer = GroupCommit(write_engine)
                stack.push_async_callback(writer.close)
                yield cls(readers, writer, "sqlite", url)
            else:
                pool = {"pool_size": WRITERS // 2, "max_overflow": WRITERS // 2, "pool_pre_ping": True}
                # Apart, because who reads within a transaction would wait for the others to end theirs.
                writers = await _engine(stack, url, **pool)
                readers = await _engine(stack, url, **pool, isolation_level="REPEATABLE READ")
                yield cls(readers, _Transactions(writers), "postgresql", url)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A connection for queries: a consistent snapshot, never waiting for the writer."""
        async with self._readers.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A write transaction: committed when the block ends, rolled back when it raises.

        Nothing slow may be awaited inside: on SQLite everybody else who writes is waiting.
        """
        async with self._writer.begin() as tx:
            yield tx

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.read() as tx:
            await tx.execute(text("SELECT 1"))


async def _engine(stack: AsyncExitStack, url: str, **pool: Any) -> AsyncEngine:
    engine = create_async_engine(
        url,
        **driver(url),
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        hide_parameters=True,  # values hold what people write, and errors go to logs
        **pool,
    )
    stack.push_async_callback(engine.dispose)
    return engine


def _configure_sqlite(engine: AsyncEngine, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions on its own: a deferred BEGIN that turns into a write
        # fails with "database is locked" whatever the timeout.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def began(connection: Connection) -> None:
        direct_of(connection).execute(begin)


@contextmanager
def _file_lock(database: str | None) -> Iterator[None]:
    """Keep a second process away from the same file."""
    if database is None or database == ":memory:":
        raise ValueError("SQLite needs a file: an in-memory database cannot be shared by reader and writer")
    path = Path(database)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name(path.name + ".lock"), "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatabaseInUse(f"{path} is in use by another Gatehouse process") from None
        yield
