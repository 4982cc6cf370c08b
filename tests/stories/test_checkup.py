"""`run.py check` tells an owner in plain words what is wrong before he starts."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot import checkup
from bot.app import App
from bot.checkup import Level
from bot.settings import Settings
from delivery.telegram import new_session
from sandbox import Sandbox
from storage import migrate

ROOT = Path(__file__).resolve().parents[2]
UNKNOWN = "123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
Setup = Callable[..., Settings]


@pytest.fixture
def setup(tg: Sandbox, service: Any, olga: Any, tmp_path: Path) -> Setup:
    """Settings in order, but for what is given."""

    def make(**changes: Any) -> Settings:
        good = {"bot_token": service.token, "owner_ids": {olga.id}, "telegram_api": tg.url, "languages": "en",
                "data_dir": tmp_path / "data"}  # fmt: skip
        return Settings(_env_file=None, **(good | changes))

    return make


async def wrong(settings: Settings) -> list[str]:
    """What is wrong, in words."""
    return [finding.words for finding in await checkup.examine(settings) if finding.level is Level.WRONG]


async def notes(settings: Settings) -> list[str]:
    return [finding.words for finding in await checkup.examine(settings) if finding.level is Level.NOTE]


async def test_all_is_well(setup: Setup, tmp_path: Path, tg: Sandbox) -> None:
    findings = await checkup.examine(setup())
    assert checkup.healthy(findings)
    words = "\n".join(map(str, findings))
    assert "✓ The service bot is @gatehouse_bot." in words
    assert "The database is reachable and empty" in words
    assert "Updates are polled" in words
    assert "Speaks en." in words
    assert list((tmp_path / "data").iterdir()) == [], "looking changes nothing"
    assert {call.method for call in tg.calls} <= {"getMe", "getWebhookInfo"}


async def test_while_it_runs(app: App, service: Any) -> None:
    findings = await checkup.examine(app.settings.model_copy(update={"languages": ("en",)}))
    assert checkup.healthy(findings)
    words = "\n".join(map(str, findings))
    assert "The database is reachable and up to date." in words
    assert "The webhook is set" in words
    assert f"{app.settings.public_url}/healthz answers." in words


async def test_a_token_telegram_does_not_know(setup: Setup) -> None:
    (words,) = await wrong(setup(bot_token=UNKNOWN))
    assert "Telegram does not know GATEHOUSE_BOT_TOKEN" in words


async def test_nothing_to_serve(setup: Setup) -> None:
    (words,) = await wrong(setup(bot_token=""))
    assert "GATEHOUSE_BOT_TOKEN is missing" in words


async def test_telegram_is_out_of_reach(setup: Setup, unused_port: int) -> None:
    (words,) = await wrong(setup(telegram_api=f"http://127.0.0.1:{unused_port}"))
    assert "cannot be reached: check the network" in words


async def test_a_data_directory_that_is_a_file(setup: Setup, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    words = await wrong(setup(data_dir=tmp_path / "file" / "data", database_url=f"sqlite:///{tmp_path}/x.db"))
    assert words == [
        f"The data directory {tmp_path}/file/data cannot be written to (Not a directory): change its owner, "
        "or set GATEHOUSE_DATA_DIR to another one."
    ]


async def test_the_key_of_the_vault(setup: Setup, tmp_path: Path) -> None:
    settings = setup()
    settings.key()
    assert await wrong(settings) == []
    key = tmp_path / "data" / "secret_key"
    key.chmod(0o644)
    assert await wrong(settings) == [f"Other users of this machine can read {key}: run chmod 600 {key}"]
    key.chmod(0o600)
    key.write_text("damaged")
    assert await wrong(settings) == [f"{key} is damaged: restore it from a backup."]


async def test_a_language_without_a_catalogue(setup: Setup) -> None:
    (words,) = await wrong(setup(languages="en,xx"))
    assert words.startswith("GATEHOUSE_LANGUAGES names xx, but there is only en")


async def test_a_database_out_of_reach(setup: Setup, tmp_path: Path, unused_port: int) -> None:
    for address in (f"postgresql://127.0.0.1:{unused_port}/x", f"sqlite:///{tmp_path}"):
        (words,) = await wrong(setup(database_url=address))
        assert words.startswith("The database cannot be reached (")


async def test_what_a_start_would_do_to_the_database(setup: Setup, database_url: str) -> None:
    settings = setup(database_url=database_url)
    assert checkup.healthy(await checkup.examine(settings))
    assert await migrate.revision(database_url) == migrate.newest()
    await execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    try:
        (words,) = await wrong(settings)
        assert "written by a newer Gatehouse" in words
        await execute(database_url, "DELETE FROM alembic_version")
        assert await wrong(settings) == []
    finally:  # the database is shared by all tests of this process
        await execute(database_url, "DELETE FROM alembic_version")
        await execute(database_url, "INSERT INTO alembic_version VALUES (:newest)", newest=migrate.newest())


async def execute(database_url: str, statement: str, **values: object) -> None:
    """Change the database behind the application's back."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text(statement), values)
    await engine.dispose()


async def test_an_older_database_is_no_problem(
    setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/old.db"
    await migrate.upgrade(url)
    monkeypatch.setattr(migrate, "newest", lambda: "9999")
    assert "of an earlier version" in "".join(await notes(setup(database_url=url)))


async def test_a_public_address_nobody_answers_at(setup: Setup, unused_port: int) -> None:
    settings = setup(public_url=f"http://127.0.0.1:{unused_port}")
    assert await wrong(settings) == []
    assert "/healthz does not answer as Gatehouse does" in "".join(await notes(settings))


async def test_a_bot_somebody_else_uses(tg: Sandbox, setup: Setup, service: Any, unused_port: int) -> None:
    async with new_session("http://127.0.0.1") as session:
        address = f"{tg.url}/bot{service.token}/setWebhook"
        async with session.post(address, json={"url": "https://other.example/hook"}) as response:
            assert response.status == 200
    assert "A webhook is set for the service bot. Starting removes it" in "".join(await notes(setup()))
    moved = await notes(setup(public_url=f"http://127.0.0.1:{unused_port}"))
    assert "is at another address: starting moves it here" in "".join(moved)


def test_the_command(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GATEHOUSE_")}
    given = {"GATEHOUSE_PORT": "x", "GATEHOUSE_LOG_FORMAT": "y"}
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(ROOT / "run.py"), "check"],
        cwd=tmp_path, env=clean | given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "✗ GATEHOUSE_PORT must be a whole number.",
        "✗ GATEHOUSE_LOG_FORMAT must be console or json.",
    ]
    assert done.stderr == ""
