"""A group with its keeper, as the stories about spam and answers find it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from tests.clock import TestClock


@pytest.fixture
async def group(tg: Sandbox, app: App, olga: Any, service: Any) -> Any:
    """Olga's chess club: she can be written to, and the bot has all rights."""
    await olga.start(service)
    club = tg.group("Chess Club", olga)
    await olga.add(service, club, rights="all")
    return club


@pytest.fixture
async def guarded(app: App, group: Any, olga: Any) -> Any:
    """The same club, with the anti-spam switched on."""
    await protect(app, olga, group, mode="on")
    return group


@pytest.fixture
async def ann(tg: Sandbox, group: Any, clock: TestClock) -> Any:
    """A member of old: she came long before the bot counted as new."""
    ann = tg.user("Ann", username="ann")
    await ann.join(group)
    clock.advance(days=10)
    tg.clock.advance(days=10)
    return ann


def person(app: App, who: Any) -> Any:
    """Somebody who uses the API."""
    return replace(app.house.actor, user_id=who.id, name=who.name)


async def bot_id(app: App) -> int:
    """Our id of the service bot."""
    return (await app.house.directory.all())[0].id


async def protect(app: App, who: Any, group: Any, **changes: Any) -> None:
    """Change the anti-spam settings of a group."""
    await app.house.antispam.set(person(app, who), await bot_id(app), group.id, changes)


def log_of(tg: Sandbox, who: Any, service: Any) -> list[Any]:
    """Entries of the anti-spam log in somebody's private chat."""
    return [m for m in tg.messages(who, bot=service) if "🛡" in m.text or "🔔" in m.text]


def said(tg: Sandbox, group: Any) -> list[str]:
    """What can be read in the group."""
    return [message.text for message in tg.messages(group)]
