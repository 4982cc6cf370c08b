"""Fixtures: Telegram (the sandbox), the application connected to it, databases of both engines."""

import os
import shutil
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import app as application
from bot.app import App
from bot.settings import Settings
from sandbox import Sandbox
from services.recent import Recent
from tests.clock import TestClock
from tests.postgres import empty, migrate, migrated_database
from tests.stories.membership import club

__all__ = ["club"]  # a fixture of the stories about paid access
OLGA = 4_200_001  # the owner's Telegram id


@pytest.fixture
def unused_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def tg() -> AsyncIterator[Sandbox]:
    """Telegram. Every update is delivered twice: whatever a story checks has survived redelivery."""
    async with Sandbox(quiet=0.01) as sandbox:  # the application says itself when it is done
        sandbox.redeliver_everything = True
        yield sandbox


@pytest.fixture
def clock() -> TestClock:
    """The application's clock."""
    return TestClock()


Start = Callable[..., AbstractAsyncContextManager[App]]


@pytest.fixture
def start_app(
    tg: Sandbox, clock: TestClock, tmp_path: Path, unused_port: int, migrated_sqlite: Path
) -> Start:
    """Start an application connected to the sandbox; call it again on the same data to restart it.

    It remembers no answered updates: what stops a redelivered one is the database, as after a restart.
    """

    shutil.copy(migrated_sqlite, tmp_path / "gatehouse.db")

    @asynccontextmanager
    async def start(*, paces: application.Paces | None = None, **overrides: Any) -> AsyncIterator[App]:
        address = {"public_url": f"http://127.0.0.1:{unused_port}", "port": unused_port}
        settings = Settings(_env_file=None, telegram_api=tg.url, data_dir=tmp_path, **address | overrides)
        pacing = {} if paces is None else {"paces": paces}
        async with application.running(settings, clock, answered=Recent(0), **pacing) as running:
            tg.idle_hooks.append(running.settled)
            try:
                yield running
            finally:
                tg.idle_hooks.remove(running.settled)

    return start


@pytest.fixture
async def olga(tg: Sandbox) -> Any:
    """The owner of the bots."""
    return tg.user("Olga", id=OLGA)


@pytest.fixture
async def service(tg: Sandbox) -> Any:
    """The service bot at BotFather's."""
    return tg.bot("gatehouse_bot", name="Gatehouse", can_manage_bots=True)


@pytest.fixture
async def app(start_app: Start, service: Any, olga: Any) -> AsyncIterator[App]:
    """A running application with the service bot, which is Olga's."""
    async with start_app(bot_token=service.token, owner_ids=frozenset({olga.id})) as running:
        yield running


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database without rows, to be copied."""
    path = tmp_path_factory.mktemp("template") / "gatehouse.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[str]:
    """A migrated PostgreSQL database of this test process."""
    with migrated_database(os.environ.get("PYTEST_XDIST_WORKER", "alone")) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each engine, migrated."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite+aiosqlite:///{path}"
    url: str = request.getfixturevalue("migrated_postgres")
    await empty(url)
    return url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Any]:
    """An open database of each engine."""
    from storage.database import Database

    async with Database.open(database_url) as database:
        yield database


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the last lines what this machine could not run, and how to run it."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    if reasons:
        terminalreporter.section("not run on this machine")
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count} tests: {reason}")
