"""Fixtures: what must not be connected to, and what is."""

import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import pytest

from delivery import guard
from storage.database import Database
from tests.clock import TestClock
from tests.delivery.bulk import Bulk
from tests.delivery.canary import Canary


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    """A server of ours that nobody may be led to."""
    async with Canary.listening() as found:
        yield found


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where sockets of the guard were about to connect to; none gets farther than this machine."""
    tried: list[str] = []

    class Socket(socket.socket):
        def connect(self, address: Any) -> None:
            tried.append(address[0])
            if not ip_address(address[0]).is_loopback:
                raise OSError("not from here")
            super().connect(address)

    monkeypatch.setattr(guard.socket, "socket", Socket)
    return tried


@pytest.fixture
async def bulk(db: Database, clock: TestClock) -> Bulk:
    """A bot with a campaign of ten people, and the delivery of broadcasts to them."""
    office = Bulk(db, clock)
    await office.open_mail()
    return office
