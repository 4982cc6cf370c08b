"""What the web page sees and does: a snapshot, a live stream and actions under ``/sandbox/api``.

``sandbox/page_api.md`` describes every shape, event and verb. The page itself is ``sandbox/static``:
plain ES modules, served at ``/sandbox/`` without a build step; ``GET /`` redirects there.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.errors import SandboxError
from sandbox.model import TELEGRAM_ID, Bot, Chat, Json, Query, User
from sandbox.view_messages import message_shape
from sandbox.view_money import ledger_shape, subscription_shape
from sandbox.view_shapes import bot_shape, call_shape, chat_shape, commands_for, person_shape
from sandbox.view_tools import Tools
from sandbox.view_verbs import Action

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

NEWEST = 200
KEEP_ALIVE = 15.0
HELLO = b"retry: 1000\n: hello\n\n"
"""Begins a stream; browsers come back a second after they lost it."""
STATIC = Path(__file__).parent / "static"
# Said here, not guessed: browsers run modules of a JavaScript type only, and systems' tables differ.
CONTENT_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


class View:
    """Routes of the page, and the stream of changes to everybody who looks at it."""

    def __init__(self, tg: Sandbox) -> None:
        self._tg = tg
        self._tools = Tools(tg)
        self._streams: set[asyncio.Queue[tuple[str, Json] | None]] = set()
        self._born = secrets.token_hex(4)
        self._shapes = self._events()
        self.tries: list[Json] = []
        tg.world.subscribe(self._changed)
        tg.clock.subscribe(lambda: self._send("clock", self._tools.clock()))

    def add_routes(self, app: web.Application) -> None:
        """Serve the page and its API."""
        app.router.add_get("/", self._redirect)
        app.router.add_get("/sandbox", self._redirect)
        app.router.add_get("/sandbox/api/state", self._get_state)
        app.router.add_get("/sandbox/api/events", self._get_events)
        app.router.add_get("/sandbox/api/commands", self._get_commands)
        app.router.add_get("/sandbox/api/file/{file_id}", self._get_file)
        for name, handler in (
            ("act", self._act),
            ("people", self._tools.people),
            ("clock", self._tools.set_clock),
            ("faults", self._tools.set_faults),
            ("stars", self._tools.stars),
            ("take_back", self._tools.take_back),
        ):
            app.router.add_post(f"/sandbox/api/{name}", _answering(handler))
        app.router.add_get("/sandbox/{name:[^/]*}", self._static)

    def close(self) -> None:
        """End all streams."""
        for queue in self._streams:
            queue.put_nowait(None)

    def set_tries(self, tries: list[Json]) -> None:
        """Change the "Try this" list."""
        self.tries = tries
        self._send("tries", tries)

    def state(self) -> Json:
        """State."""
        tg, world = self._tg, self._tg.world
        chats = [chat for chat in world.all_chats() if not chat.gone]
        return {
            "born": self._born,
            "people": [person_shape(user) for user in self._people_of_world()],
            "bots": [bot_shape(bot) for bot in world.bots.values()],
            "chats": [chat_shape(world, chat) for chat in chats],
            "messages": {
                chat.key: [
                    message_shape(message) for message in chat.history[-NEWEST:] if not message.deleted
                ]
                for chat in chats
            },
            "calls": [call_shape(record) for record in tg.calls[-NEWEST:]],
            "ledgers": [ledger_shape(world, bot) for bot in world.bots.values()],
            "subscriptions": [subscription_shape(world, one) for one in world.subscriptions.values()],
            "faults": self._tools.faults(),
            "clock": self._tools.clock(),
            "tries": self.tries,
        }

    def _people_of_world(self) -> list[User]:
        users = self._tg.world.users.values()
        return [user for user in users if not user.is_bot and user.id != TELEGRAM_ID]

    # -- changes ----------------------------------------------------------------------------

    def _events(self) -> dict[str, tuple[str, Callable[[Any], Json]]]:
        """Kind of change -> the event the page hears of it by, and what the event says."""
        world = self._tg.world
        return {
            "user": ("person", person_shape),
            "bot": ("bot", bot_shape),
            "feed": ("bot", bot_shape),
            "chat": ("chat", partial(chat_shape, world)),
            "message": ("message", message_shape),
            "delete": ("delete", lambda message: {"chat": message.chat.key, "id": message.uid}),
            "call": ("call", call_shape),
            "typing": ("typing", _typing),
            "ledger": ("ledger", partial(ledger_shape, world)),
            "subscription": ("subscription", partial(subscription_shape, world)),
            "faults": ("faults", lambda _: self._tools.faults()),
        }

    def _changed(self, kind: str, thing: Any) -> None:
        if not self._streams:
            return
        if kind == "query":
            self._answered(thing)
        elif kind in self._shapes:
            name, shape = self._shapes[kind]
            self._send(name, shape(thing))

    def _answered(self, query: Query) -> None:
        if query.kind == "callback" and query.answer is not None:
            self._send("answer", {"person": query.user.id, **query.answer})

    def _send(self, name: str, body: Any) -> None:
        for queue in self._streams:
            queue.put_nowait((name, body))

    # -- reading ----------------------------------------------------------------------------

    async def _redirect(self, _: web.Request) -> web.Response:
        raise web.HTTPFound("/sandbox/")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        path = STATIC / (request.match_info["name"] or "index.html")
        kind = CONTENT_TYPES.get(path.suffix)
        if kind is None or path.parent != STATIC or not path.is_file():
            raise web.HTTPNotFound
        headers = {
            "Cache-Control": "no-cache",
            "Content-Type": f"{kind}; charset=utf-8",
            "X-Content-Type-Options": "nosniff",
        }
        return web.FileResponse(path, headers=headers)

    async def _get_state(self, _: web.Request) -> web.Response:
        return web.json_response(self.state())

    async def _get_file(self, request: web.Request) -> web.Response:
        file = self._tg.world.files.get(request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound
        # People upload whatever they like: nothing of it may run as a page of this origin.
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return web.Response(body=file.data, content_type=file.mime, headers=headers)

    async def _get_commands(self, request: web.Request) -> web.Response:
        world = self._tg.world
        person = world.users.get(int(request.query.get("as", "0") or 0))
        key = request.query.get("chat", "")
        chat = world.chat_by_key(key)
        if person is None or chat is None:
            return web.json_response([])
        return web.json_response(_commands(person, chat))

    async def _get_events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        queue: asyncio.Queue[tuple[str, Json] | None] = asyncio.Queue()
        self._streams.add(queue)
        try:
            await response.prepare(request)
            await response.write(HELLO)
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), KEEP_ALIVE)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                if event is None:
                    break
                name, body = event
                await response.write(f"event: {name}\ndata: {json.dumps(body)}\n\n".encode())
        except ConnectionError:
            pass
        finally:
            self._streams.discard(queue)
        return response

    # -- acting -----------------------------------------------------------------------------

    async def _act(self, body: Json) -> Json:
        return await Action(self._tg, body).run()


def _typing(what: tuple[Chat, Bot, str]) -> Json:
    chat, bot, action = what
    return {"chat": chat.key, "bot": bot.id, "action": action}


def _commands(person: User, chat: Chat) -> list[Json]:
    member = chat.member(person.id)
    admin = member is not None and member.is_admin
    kind = "private" if chat.is_private else "group"
    bots = [chat.bot] if chat.bot else [m.user for m in chat.members.values() if m.inside]
    return [
        {**command, "bot": bot.username}
        for bot in bots
        if isinstance(bot, Bot)
        for command in commands_for(bot, kind, person.language_code or "", chat.id, person.id, admin)
    ]


def _answering(handler: Any) -> Any:
    """Read a JSON body, answer ``{"ok", "result"}`` or a refusal."""

    async def handle(request: web.Request) -> web.Response:
        try:
            # Browsers let any page post other content types across origins; this one they ask about first.
            if request.content_type != "application/json":
                raise SandboxError("A JSON body is expected.")
            body = await request.json()
            if not isinstance(body, dict):
                raise SandboxError("A JSON object is expected.")
            result = await handler(body)
        except SandboxError as error:
            return _refusal(error)
        except (KeyError, TypeError, ValueError) as error:
            return _refusal(SandboxError("That action is not understood: {why}.", why=str(error)))
        return web.json_response({"ok": True, "result": result})

    return handle


def _refusal(error: SandboxError) -> web.Response:
    body = {"ok": False, "error": str(error), "sentence": error.sentence, "facts": error.facts}
    return web.json_response(body, status=400)
