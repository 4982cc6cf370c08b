"""Background tasks are started again when they fail, are visible, and stop when told."""

import asyncio
import logging

import aiohttp
import pytest

from bot import supervisor
from bot.app import App
from bot.supervisor import Supervisor


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses the supervisor makes, without making them."""
    made: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        made.append(seconds)
        await real(0)

    monkeypatch.setattr(supervisor.asyncio, "sleep", sleep)
    monkeypatch.setattr(supervisor.random, "uniform", lambda low, high: 1.0)
    return made


async def test_a_failing_task_is_started_again_after_a_growing_pause(
    pauses: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    works = asyncio.Event()
    attempts = 0

    async def flaky() -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 11:
            raise RuntimeError(f"failure {attempts}")
        works.set()
        await asyncio.Event().wait()

    async with Supervisor() as tasks:
        tasks.start("flaky", flaky)
        await works.wait()
        state = tasks.states["flaky"]
        assert (state.running, state.restarts, state.error) == (True, 10, "RuntimeError: failure 10")
    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert caplog.text.count("background task failed") == 10


async def test_a_task_that_ends_is_done() -> None:
    async def once() -> None:
        return

    async with Supervisor() as tasks:
        tasks.start("once", once)
        while tasks.states["once"].running:
            await asyncio.sleep(0)
        assert tasks.states["once"].restarts == 0


async def test_stopping_waits_for_the_end_and_runs_backwards() -> None:
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            ended.append(name)

    async with Supervisor() as tasks:
        for name in ("first", "second", "third"):
            tasks.start(name, lambda name=name: work(name))
        with pytest.raises(ValueError, match="'first' is running already"):
            tasks.start("first", lambda: work("first"))
        await asyncio.sleep(0)
        await tasks.stop("second")
        assert ended == ["second"]
        assert tasks.names == ["first", "third"]
        await tasks.stop("nobody")
    assert ended == ["second", "third", "first"]


async def test_a_broken_task_shows_in_readyz(
    app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.001)
    caplog.set_level(logging.CRITICAL)

    async def broken() -> None:
        raise RuntimeError("no details for passers-by")

    app.supervisor.start("broken", broken)
    async with aiohttp.ClientSession() as session:
        restarts = 0
        while restarts < 2:
            async with session.get(f"{app.url}/readyz") as response:
                text = await response.text()
                restarts = (await response.json())["tasks"]["broken"]["restarts"]
    assert "passers-by" not in text
