"""Who is cancelled while a connection opens leaves no thread behind that answers a loop which has ended."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from storage.connection import SQLiteConnection

PATIENCE = 10.0  # seconds


def test_a_cancelled_opening_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop ends right after, as in a process that stops; a thread's exception fails the test."""
    begun, connect = threading.Event(), sqlite3.connect

    def slowly(*args: Any, **options: Any) -> sqlite3.Connection:
        begun.set()
        time.sleep(0.2)
        return connect(*args, **options)

    monkeypatch.setattr(sqlite3, "connect", slowly)

    async def work() -> None:
        connection = SQLiteConnection(str(tmp_path / "x.db"))
        try:
            await connection
        finally:
            await connection.close()

    async def stop_in_the_middle() -> None:
        task = asyncio.get_running_loop().create_task(work())
        await asyncio.to_thread(begun.wait)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    with asyncio.Runner() as runner:
        runner.run(stop_in_the_middle())
    left = [one for one in threading.enumerate() if "_connection_worker" in one.name]
    for thread in left:
        thread.join(PATIENCE)  # it was told to end
    assert [one.name for one in left if one.is_alive()] == []


def slow_down(connection: aiosqlite.Connection) -> None:
    """Keep the connection's thread busy for longer than its event loop lives."""
    connection._tx.put_nowait((None, lambda: time.sleep(0.2)))


def forget(make: Callable[[], aiosqlite.Connection]) -> list[threading.ExceptHookArgs]:
    """Stop a connection without waiting, as SQLAlchemy does with one that was forgotten; what its thread
    says to that."""
    heard: list[threading.ExceptHookArgs] = []

    async def open_and_forget() -> threading.Thread:
        connection = await make()
        slow_down(connection)
        connection.stop()
        return connection._thread

    before, threading.excepthook = threading.excepthook, heard.append
    try:
        with asyncio.Runner() as runner:
            thread = runner.run(open_and_forget())
        thread.join(10)
        assert not thread.is_alive()
    finally:
        threading.excepthook = before
    return heard


def test_a_forgotten_connection_ends_in_silence(tmp_path: Path) -> None:
    assert forget(lambda: SQLiteConnection(str(tmp_path / "x.db"))) == []


def test_a_thread_that_answers_a_dead_loop_is_noticed(tmp_path: Path) -> None:
    """The control: aiosqlite's own."""
    (said,) = forget(lambda: aiosqlite.connect(tmp_path / "y.db"))
    assert "Event loop is closed" in str(said.exc_value)
