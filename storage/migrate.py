"""Bringing the schema up to date with Alembic."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def config(url: str) -> Config:
    """Alembic's configuration for a database."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    settings.attributes["url"] = url
    return settings


async def upgrade(url: str, revision: str = "head") -> None:
    """Migrate up; nothing happens when the schema is current."""
    await asyncio.to_thread(command.upgrade, config(url), revision)


async def downgrade(url: str, revision: str = "base") -> None:
    """Migrate down."""
    await asyncio.to_thread(command.downgrade, config(url), revision)
