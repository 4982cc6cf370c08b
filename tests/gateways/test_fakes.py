"""The stand-ins as stories use them: they post their notifications, and say what was answered."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from domain.gateways import Gateway, Notification
from tests.gateways.asking import opened, paid
from tests.gateways.fakes import Fake


@pytest.fixture
async def hook() -> AsyncIterator[tuple[str, list[Notification]]]:
    """An address that takes notifications, and refuses each first one."""
    got: list[Notification] = []

    async def take(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        got.append(Notification(headers, await request.read(), dict(request.query)))
        return web.Response(status=500 if len(got) == 1 else 200)

    app = web.Application()
    app.router.add_post("/pay/abc", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/pay/abc", got
    await runner.cleanup()


async def test_notifications_arrive_as_they_were_signed(
    fake: Fake, gateway: Gateway, hook: tuple[str, list[Notification]]
) -> None:
    url, got = hook
    fake.pay((await opened(gateway, fake)).ref)
    assert await fake.notify(url, 0) == 500
    assert await fake.notify(url, -1) == 200
    if fake.signed:
        assert paid(await gateway.notified(fake.credentials, got[-1]))
    count = len(got)
    assert await fake.notify(url) == 200
    assert len(got) == count + len(fake.events), "all that were not posted in order"
    assert await fake.notify(url) == 0, "and then no more"
