"""Raw Bot API calls, webhooks that record what they get, and the page's API."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from sandbox import BotHandle, Person, Sandbox

ALL_KINDS = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "chat_member",
    "my_chat_member",
    "chat_join_request",
    "message_reaction",
    "pre_checkout_query",
    "managed_bot",
    "subscription",
]


class Api:
    """Calls of one bot, unparsed."""

    def __init__(self, tg: Sandbox, bot: BotHandle) -> None:
        self.tg, self.bot = tg, bot

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def answer(self, method: str, **params: Any) -> tuple[int, Any]:
        """HTTP status and body."""
        url = f"{self.tg.url}/bot{self.bot.token}/{method}"
        async with self._session.post(url, json=params) as response:
            return response.status, await response.json()

    async def __call__(self, method: str, **params: Any) -> Any:
        """The result of a good call."""
        status, body = await self.answer(method, **params)
        assert status == 200, body
        return body["result"]

    async def error(self, method: str, **params: Any) -> str:
        """The description of a refused call."""
        status, body = await self.answer(method, **params)
        assert status == body["error_code"], body
        return str(body["description"])

    async def listen(self) -> None:
        """Ask for all kinds of updates from now on, and forget those of before."""
        await self("getUpdates", allowed_updates=ALL_KINDS)
        await self.updates()

    async def updates(self) -> list[dict[str, Any]]:
        """All pending updates, acknowledged by the next call."""
        found: list[dict[str, Any]] = await self("getUpdates")
        if found:
            await self("getUpdates", offset=found[-1]["update_id"] + 1, limit=1)
        return found

    async def update(self, kind: str) -> Any:
        """The content of the only pending update of a kind."""
        found = [update[kind] for update in await self.updates() if kind in update]
        assert len(found) == 1, found
        return found[0]


Reaction = Callable[[dict[str, Any]], Awaitable[web.Response]]


class Listener:
    """A webhook: answers from ``answers`` first, then 200."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[web.Response] = []
        self.react: Reaction | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hook", self._post)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _post(self, request: web.Request) -> web.Response:
        update = json.loads(await request.read())
        self.updates.append(update)
        self.headers.append(dict(request.headers))
        await asyncio.sleep(0)
        if self.answers:
            return self.answers.pop(0)
        if self.react is not None:
            return await self.react(update)
        return web.Response()

    def texts(self) -> list[str]:
        """Texts of the messages received."""
        return [update["message"]["text"] for update in self.updates if "message" in update]


class Cashier:
    """A bot at its webhook that says yes to payments, or ``no`` with these words."""

    def __init__(self, hook: Listener) -> None:
        self._hook = hook
        self.no: str | None = None
        self.silent = False
        hook.react = self._react

    async def _react(self, update: dict[str, Any]) -> web.Response:
        query = update.get("pre_checkout_query")
        if query is None or self.silent:
            return web.Response()
        verdict = {"ok": self.no is None, "error_message": self.no}
        call = {"method": "answerPreCheckoutQuery", "pre_checkout_query_id": query["id"]}
        return web.json_response(call | verdict)

    def told(self, what: str) -> list[dict[str, Any]]:
        """What messages told of: bodies of ``successful_payment`` or ``refunded_payment``."""
        messages = [update.get("message", {}) for update in self._hook.updates]
        return [message[what] for message in messages if what in message]

    @property
    def states(self) -> list[str]:
        """What became of subscriptions, as the bot heard it."""
        return [update["subscription"]["state"] for update in self._hook.updates if "subscription" in update]


class Page:
    """A browser that knows only the page's API."""

    def __init__(self, tg: Sandbox, session: aiohttp.ClientSession) -> None:
        self.tg, self.session = tg, session

    async def state(self) -> Any:
        async with self.session.get(f"{self.tg.url}/sandbox/api/state") as got:
            return await got.json()

    async def post(self, what: str, **body: Any) -> tuple[int, Any]:
        async with self.session.post(f"{self.tg.url}/sandbox/api/{what}", json=body) as got:
            return got.status, await got.json()

    async def act(self, person: Person, do: str, **body: Any) -> Any:
        status, answer = await self.post("act", **{"as": person.id, "do": do, **body})
        assert status == 200, answer
        return answer["result"]

    async def refused(self, person: Person, do: str, **body: Any) -> str:
        status, answer = await self.post("act", **{"as": person.id, "do": do, **body})
        assert status == 400, answer
        return str(answer["error"])
