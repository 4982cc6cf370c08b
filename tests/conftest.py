"""Fixtures: Telegram (the sandbox), the application connected to it, databases of both engines."""

import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from bot import app as application
from bot.app import App
from bot.settings import Settings
from handlers.routing import Routes
from sandbox import Sandbox
from services.recent import Recent
from storage import database
from tests.browser import chromium
from tests.clock import TestClock
from tests.ports import reserved_ports
from tests.postgres import empty, migrate, migrated_database
from tests.stories.membership import club

__all__ = ["chromium", "club"]  # fixtures: of the tests of pages, of the stories about paid access
OLGA = 4_200_001  # the owner's Telegram id


# Hypothesis tries the same examples everywhere: a suite that fails at one and passes at the next try tells
# nobody anything. Look for new ones with --hypothesis-profile=search.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", max_examples=1_000, deadline=None)
hypothesis.settings.load_profile("same")


class Compiled(dict[Any, Any]):
    """SQL of statements, for all applications of this process; SQLAlchemy has a cache in each engine.

    A key begins with the engine's dialect, and all of ours are alike.
    """

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(_whoever(key))

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_whoever(key), compiled)

    def get(self, key: Any, default: Any = None) -> Any:
        """What was compiled for any engine."""
        return super().get(_whoever(key), default)


def _whoever(key: Any) -> Any:
    dialect, *rest = key
    return (dialect.name, *rest)


def pytest_collection_finish() -> None:
    """What was imported stays; the collector need not look at it again and again."""
    application.calm_garbage_collector()


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Production compiles a statement once in the life of its process, and so do we."""
    make = partial(database.create_async_engine, execution_options={"compiled_cache": Compiled()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_async_engine", make)
        yield


@pytest.fixture(scope="session", autouse=True)
def _routed_once() -> Iterator[None]:
    """Production builds its routes once in the life of its process, and so do we: they hold nothing else.

    Only the routers remember whose they are: the next application's dispatcher takes them over.
    """
    routes = application.build_routes()

    def again() -> Routes:
        for router in routes.routers:
            router._parent_router = None
        return routes

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(application, "build_routes", again)
        yield


@pytest.fixture(scope="session")
def ports() -> Iterator[Iterator[int]]:
    """Ports that no other test process on this machine is given, nor any connection that goes out."""
    with reserved_ports() as mine:
        yield mine


@pytest.fixture
def unused_port(ports: Iterator[int]) -> int:
    """A port nobody listens on."""
    return next(ports)


@pytest.fixture
async def tg() -> AsyncIterator[Sandbox]:
    """Telegram. Every update is delivered twice: whatever a story checks has survived redelivery."""
    async with Sandbox(quiet=0.01, timeout=60) as sandbox:  # the application says itself when it is done
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
    Nothing happens by the clock unless a story does it or asks for `jobs`: on a busy machine it would
    happen between any two lines.
    """

    shutil.copy(migrated_sqlite, tmp_path / "gatehouse.db")

    @asynccontextmanager
    async def start(
        *,
        paces: application.Paces | None = None,
        providers: Mapping[str, str] | None = None,
        jobs: application.Jobs = lambda *_: [],
        **overrides: Any,
    ) -> AsyncIterator[App]:
        address = {"public_url": f"http://127.0.0.1:{unused_port}", "port": unused_port}
        offline = {"spammer_lists": (), **overrides}
        settings = Settings(_env_file=None, telegram_api=tg.url, data_dir=tmp_path, **address | offline)
        pacing = {} if paces is None else {"paces": paces}
        async with application.running(
            settings, clock, answered=Recent(0), providers=providers, jobs=jobs, **pacing
        ) as running:
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
