"""Fixtures: two owners, each with a key for the APIs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.app import App
from sandbox import Sandbox
from tests.api.client import Client, issue_key
from tests.api.membership import Shop, open_shop


@dataclass(slots=True)
class Owner:
    """An owner of bots: a person in Telegram, and a caller of the APIs."""

    person: Any
    api: Client


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """What all callers share."""
    async with aiohttp.ClientSession() as one:
        yield one


@pytest.fixture
async def app(start_app: Any, service: Any, olga: Any, boris: Any) -> AsyncIterator[App]:
    """A running application in which Olga and Boris may own bots; the service bot is Olga's."""
    async with start_app(bot_token=service.token, owner_ids=(olga.id, boris.id)) as running:
        yield running


@pytest.fixture
async def boris(tg: Sandbox) -> Any:
    """The other owner."""
    return tg.user("Boris", id=4_200_777)


@pytest.fixture
async def her(app: App, session: aiohttp.ClientSession, olga: Any) -> Owner:
    """Olga at the API."""
    return Owner(olga, Client(app, session, await issue_key(app, olga.id, "olga")))


@pytest.fixture
async def him(app: App, session: aiohttp.ClientSession, boris: Any) -> Owner:
    """Boris at the API."""
    return Owner(boris, Client(app, session, await issue_key(app, boris.id, "boris")))


@pytest.fixture
async def stranger(app: App, session: aiohttp.ClientSession) -> Client:
    """Somebody without a key."""
    return Client(app, session, None)


@pytest.fixture
async def shop(tg: Sandbox, app: App, him: Owner) -> Shop:
    """Boris's bot at the membership API."""
    return await open_shop(tg, app, him.api, "boris_shop_bot", "Boris's shop")
