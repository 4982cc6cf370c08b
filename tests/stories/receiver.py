"""A program of Olga's that receives webhooks: a real HTTP server, checked with the reference library."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from sandbox import Sandbox
from tests.stories.membership import Club


@dataclass(frozen=True)
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> str:
        """The event's name."""
        return str(json.loads(self.body)["event"])

    @property
    def data(self) -> dict[str, Any]:
        """What is told of it."""
        return dict(json.loads(self.body)["data"])

    @property
    def id(self) -> str:
        """The event's id, which is in the body, too."""
        assert self.headers["webhook-id"] == json.loads(self.body)["event_id"]
        return self.headers["webhook-id"]

    def signed_with(self, secret: str) -> bool:
        """Whether the reference library, asked for the signature of that moment, agrees."""
        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        expected = Webhook(secret).sign(self.headers["webhook-id"], at, self.body.decode())
        return expected in self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """It answers 200, or what `answers` says; `got` is all that came, tests included."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got], web.Response] = lambda _: web.Response(text="thanks")

    @property
    def events(self) -> list[Got]:
        """What came besides tests."""
        return [one for one in self.got if one.event != "test"]

    @property
    def names(self) -> list[str]:
        """The names of what came besides tests."""
        return [one.event for one in self.events]

    def of(self, name: str) -> list[Got]:
        """All requests about events of that name."""
        return [one for one in self.got if one.event == name]

    def fail(self, status: int, **headers: str) -> None:
        """Answer with an error from now on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _: web.Response(status=status, text="no <b>way</b>", headers=named)

    def recover(self) -> None:
        """Answer 200 again."""
        self.answer = lambda _: web.Response(text="thanks")


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver()

    async def receive(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        got = Got(request.path_qs, headers, await request.read())
        receiver.got.append(got)
        return receiver.answer(got)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


async def install(tg: Sandbox, club: Club, url: str) -> str:
    """Olga adds a webhook in the chat; returns its secret, as she reads it."""
    await club.olga.send(club.bot, "/webhooks")
    await club.olga.click("➕ New webhook")
    await club.olga.send(club.bot, url)
    shown = tg.last(club.olga, bot=club.bot)
    return next(line for line in shown.text.splitlines() if line.startswith("whsec_"))


async def open_panel(club: Club, *buttons: str) -> None:
    """Olga opens her only webhook, and presses these buttons."""
    await club.olga.send(club.bot, "/webhooks")
    await club.olga.click("127.0.0.1")
    for one in buttons:
        await club.olga.click(one)
