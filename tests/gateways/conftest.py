"""Fixtures: every gateway against its stand-in."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from delivery.gateways.http import new_session
from domain.gateways import Gateway
from tests.gateways.asking import gateway_to
from tests.gateways.fakes import FAKES, Fake


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """What gateways call through."""
    async with new_session() as session:
        yield session


@pytest.fixture(params=FAKES, ids=lambda kind: kind.name)
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[Fake]:
    """A provider: each in turn."""
    async with request.param() as fake:
        yield fake


@pytest.fixture
def gateway(fake: Fake, session: aiohttp.ClientSession) -> Gateway:
    """The gateway to that provider."""
    return gateway_to(fake, session)
