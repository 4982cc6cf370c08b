"""Bringing the schema up to date with Alembic."""

import asyncio
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from storage.connection import driver

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def config(url: str) -> Config:
    """Alembic's configuration for a database."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    settings.attributes["url"] = url
    return settings


async def upgrade(url: str) -> None:
    """Migrate up; nothing happens when the schema is current."""
    if await revision(url) != newest():
        await asyncio.to_thread(command.upgrade, config(url), "head")


async def downgrade(url: str, revision: str = "base") -> None:
    """Migrate down."""
    await asyncio.to_thread(command.downgrade, config(url), revision)


async def revision(url: str) -> str | None:
    """The revision a database is at; None for an empty one. Changes nothing."""
    if not _exists(url):
        return None  # connecting would make it
    engine = create_async_engine(url, **driver(url))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(
                lambda plain: MigrationContext.configure(plain).get_current_revision()
            )
    finally:
        await engine.dispose()


def _exists(url: str) -> bool:
    address = make_url(url)
    return address.get_backend_name() != "sqlite" or Path(address.database or "").exists()


@cache
def newest() -> str | None:
    """The revision this code works with."""
    return ScriptDirectory.from_config(config("")).get_current_head()


def knows(wanted: str) -> bool:
    """Whether a revision is this code's or an earlier one."""
    scripts = ScriptDirectory.from_config(config("")).walk_revisions()
    return any(script.revision == wanted for script in scripts)


def write(message: str) -> Path:
    """Write a migration from the newest schema to the tables in code; returns its file.

    Both sides are compared on SQLite, where no server is needed. Read what it wrote: renames look like
    a drop and an addition, and data is never moved by itself.
    """
    number = f"{len(list((MIGRATIONS / 'versions').glob('[0-9]*.py'))) + 1:04}"
    with TemporaryDirectory() as scratch:
        settings = config(f"sqlite+aiosqlite:///{scratch}/empty.db")
        command.upgrade(settings, "head")
        command.revision(settings, message=message, autogenerate=True, rev_id=number)
    return next((MIGRATIONS / "versions").glob(f"{number}_*.py"))


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        raise SystemExit("Name what changes: make migration name=quiet_hours")
    print(write(sys.argv[1]))  # noqa: T201 - this is a command
