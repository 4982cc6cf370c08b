"""What the web page sees and does: JSON snapshot, live stream and actions under ``/sandbox/api``.

The page is one HTML, one CSS and one JS file in ``sandbox/static`` (served at ``/sandbox/`` and
``/sandbox/<file>``; ``GET /`` redirects there). Everything it needs is here.

Reading
-------
``GET /sandbox/api/state`` -> ``State``
    The whole world, for the first paint and after a lost stream.
``GET /sandbox/api/events`` -> ``text/event-stream``
    Changes from now on. Every event has a name and one JSON object as data; objects are complete
    and replace what the page holds under the same key:
    ``person`` Person · ``bot`` Bot · ``chat`` Chat (a chat whose ``gone`` is true is removed) ·
    ``message`` Message (new or changed) · ``delete`` {"chat": key, "id": message uid} ·
    ``call`` Call · ``answer`` Answer (a callback answer to show as toast or alert) ·
    ``typing`` {"chat": key, "bot": id, "action": "typing"} · ``faults`` Faults · ``clock`` Clock ·
    ``tries`` [Try].
``GET /sandbox/api/file/{file_id}``
    The bytes of a photo or document, with its content type.

Shapes (absent optional fields are left out or null)
----------------------------------------------------
State   {"people": [Person], "bots": [Bot], "chats": [Chat], "messages": {chat key: [Message]}
        (newest 200 of each chat, oldest first), "calls": [Call] (newest 200, oldest first),
        "faults": Faults, "clock": Clock, "tries": [Try]}
Person  {"id", "name", "first_name", "last_name", "username", "language", "premium", "stars"
        (balance), "color": 0..6}
Bot     {"id", "name", "username", "color", "about" (short description), "description" (shown in
        an empty chat), "commands": {scope: [{"command", "description"}]} with scope "private" or
        "group" (already resolved from the bot's command scopes, default language; use
        ``GET /sandbox/api/commands?as=<user>&chat=<key>`` for the exact list of a person in a
        chat -> [{"command", "description", "bot": username}]), "listening": "webhook"|"polling"|
        null, "pending": number of updates not yet acknowledged, "last_error": str|null}
Chat    {"key", "id" (Telegram chat id; for a private chat the person's id), "type": "private"|
        "group"|"supergroup"|"channel", "title", "username", "color", "forum": bool,
        "topics": [{"id", "name"}], "linked": chat key|null,
        private chats: "person": id, "bot": id, "blocked": bool, "started": bool;
        others: "owner": id, "members": [Member], "requests": [{"user": id, "bio", "link": name}],
        "links": [Link], "permissions": {...}, "pinned": [message uid], "gone": bool}
        Key is "p<person>_<bot>" for private chats and "c<number>" otherwise; keys never change
        (a group that becomes a supergroup keeps its key and gets a new "id").
        A person's chats: private chats whose "person" is them, and chats with a Member entry of
        theirs whose status is creator, administrator, member, or restricted with is_member.
Member  {"user": id (person or bot), "status": "creator"|"administrator"|"member"|"restricted"|
        "left"|"kicked", "is_member": bool, "title": custom title, "anonymous": bool, "rights":
        [names of rights that are on], "until": unix|null}
Link    {"url", "name", "request": bool, "limit", "expires": unix|null, "used": int, "revoked",
        "primary", "creator": id, "price": stars|null}
Message {"uid": unique in the whole sandbox, "chat": key, "id": message_id, "topic": id|null,
        "date": unix, "edited": unix|null, "from": id|null (person or bot), "sender": {"name",
        "color", "kind": "user"|"bot"|"chat"}, "via": null,
        "text": text or caption, "entities": [{"type","offset","length",...}] of Telegram (UTF-16
        offsets — which are JavaScript's string offsets), "reply_to": {"uid","name","text"}|null,
        "forward": name|null, "only_for": person id for an ephemeral message, else null,
        "media": {"kind": "photo"|"video"|"animation"|"document"|"audio"|"voice"|"sticker",
        "file_id", "file_name", "mime_type", "url": "/sandbox/api/file/…", "emoji"}|null,
        "album": media_group_id|null, "location": {"latitude","longitude"}|null,
        "contact": {"first_name","phone_number"}|null, "dice": {"emoji","value"}|null,
        "poll": {"question","options":[{"text","voter_count"}], "id"}|null,
        "invoice": {"title","description","currency","amount" (minor units), "display": "5 ⭐",
        "paid_by": [person ids]}|null,
        "service": a ready English sentence for service messages ("Ann joined the group by invite
        link")|null, "service_kind": "new_chat_members"|… |null,
        "buttons": [[Button]] (inline keyboard; [] when none),
        "keyboard": {"rows": [[{"text","kind"}]], "resize", "one_time", "placeholder",
        "only_for": [person ids]|null}|null (reply keyboard brought by this message),
        "remove_keyboard": bool, "force_reply": bool,
        "reactions": [{"emoji","from": [ids]}]}
        The reply keyboard in force for a person is that of the newest message of the chat with
        "keyboard" or "remove_keyboard" (whose "only_for" is null or names them).
Button  {"text", "kind": "callback"|"url"|"pay"|"copy"|"web_app"|"other"|"disabled", "url",
        "copy", "style": "primary"|"success"|"danger"|null}
        Reply keyboard "kind": "text"|"contact"|"location"|"chat"|"users"|"managed_bot"|"poll"|
        "web_app".
Call    {"n": running number, "time": unix with fraction, "bot": id, "username", "method",
        "params": {...}, "ok": bool, "result": … (shortened), "error": "400 Bad Request: …"|null,
        "fault": name of the injected fault|null, "ms": milliseconds}
Answer  {"person": id, "text": str|null, "alert": bool, "url": str|null}
Faults  {"active": [Fault], "down": bool, "duplicates": bool, "flood": bool}
Fault   {"id", "kind": "flood"|"error"|"lost"|"hang"|"slow"|"broken", "method": str|null,
        "bot": id|null, "chat": id|null, "count": left or null for always, "status": int,
        "retry_after": int, "seconds": float}
Clock   {"now": unix, "offset": seconds ahead of real time}
Try     {"title", "text", "steps": [Step]}
Step    {"text": what to do, "as": person id|null, "chat": chat key|null (go there), "open": a
        t.me link to follow first|null, "fill": text for the composer|null}

Acting
------
``POST /sandbox/api/act`` with ``{"as": person id, "do": verb, ...}`` -> ``{"ok": true, "result":
{...}}`` or, with status 400, ``{"ok": false, "error": sentence}``. It returns when Telegram has
accepted the action; answers of bots arrive over the stream. Verbs and their fields
(``chat`` is always a key, ``message`` a uid, ``user``/``bot`` an id):

send {chat, text, reply_to?: uid, topic?, file?: {"name", "mime", "data": base64}, silent?} ->
{"message": uid} · edit {message, text} · delete {message} · react {message, emoji|null} ·
forward {message, to: chat key} · click {message, row, column} -> {"answer": null} (the answer
comes as event ``answer``; for kind "url" use open) · press {chat, text, share?: chat key | [ids],
name?, username?} (a reply-keyboard button; ``share`` picks the chat or users a chat/users button
asks for, ``name``/``username`` create a managed bot) ·
open {url, chat?: key for startgroup/startchannel} -> {"kind": "chat", "chat": key} |
{"kind": "join", "title", "members", "request": bool, "link": url, "chat": key} (ask, then use
join) | {"kind": "pick_chat", "bot": id, "url"} (ask for a chat, then open again with it) |
{"kind": "invoice", "link", "title", "description", "display"} (ask, then pay) |
{"kind": "external", "url"} · start {bot, payload?} -> {"chat": key} ·
join {link} -> {"chat": key, "status": "member"|"requested"} · leave {chat} ·
approve {chat, user} · decline {chat, user} · pay {message} or {link} -> {"paid": true} (an error
sentence when the bot refuses) · add {chat, user, rights?: [names] | "all"} (add a person or bot;
with rights: as administrator) · promote {chat, user, rights?} · demote {chat, user} ·
kick {chat, user} · ban {chat, user, seconds?} · unban {chat, user} ·
restrict {chat, user, permissions?: {...}, seconds?} · block {bot} · unblock {bot} ·
create_chat {title, type?: "group"|"supergroup"|"channel"} -> {"chat": key} ·
create_link {chat, name?, request?, limit?, seconds?} -> {"url"} · revoke_link {chat, url} ·
rename {chat, title} · upgrade {chat} · anonymous {chat, on} · delete_chat_history {chat}

``POST /sandbox/api/people`` {"name", "language"?, "username"?, "premium"?} -> {"ok", "result":
{"id"}} · ``POST /sandbox/api/clock`` {"advance": seconds} | {"reset": true} ·
``POST /sandbox/api/faults`` {"add": {"kind", "method"?, "bot"?, "chat"?, "count"?, "status"?,
"retry_after"?, "seconds"?}} | {"remove": id} | {"clear": true} | {"down": bool} |
{"duplicates": bool} | {"flood": bool} -> {"ok", "result": Faults} ·
``POST /sandbox/api/stars`` {"as": person id, "amount"} adds Stars to a balance.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.errors import SandboxError
from sandbox.model import TELEGRAM_ID, Bot, Chat, Json, Query, User
from sandbox.view_messages import message_shape
from sandbox.view_shapes import (
    bot_shape,
    call_shape,
    chat_shape,
    commands_for,
    faults_shape,
    person_shape,
)
from sandbox.view_verbs import Action

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

NEWEST = 200
KEEP_ALIVE = 15.0
STATIC = Path(__file__).parent / "static"


class View:
    """Routes of the page, and the stream of changes to everybody who looks at it."""

    def __init__(self, tg: Sandbox) -> None:
        self._tg = tg
        self._streams: set[asyncio.Queue[tuple[str, Json] | None]] = set()
        self.tries: list[Json] = []
        tg.world.subscribe(self._changed)
        tg.clock.subscribe(lambda: self._send("clock", self._clock()))

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
            ("people", self._people),
            ("clock", self._set_clock),
            ("faults", self._set_faults),
            ("stars", self._stars),
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
            "faults": self._faults(),
            "clock": self._clock(),
            "tries": self.tries,
        }

    def _people_of_world(self) -> list[User]:
        users = self._tg.world.users.values()
        return [user for user in users if not user.is_bot and user.id != TELEGRAM_ID]

    # -- changes ----------------------------------------------------------------------------

    def _changed(self, kind: str, thing: Any) -> None:
        if not self._streams:
            return
        world = self._tg.world
        match kind:
            case "user":
                self._send("person", person_shape(thing))
            case "bot" | "feed":
                self._send("bot", bot_shape(thing))
            case "chat":
                self._send("chat", chat_shape(world, thing))
            case "message":
                self._send("message", message_shape(thing))
            case "delete":
                self._send("delete", {"chat": thing.chat.key, "id": thing.uid})
            case "call":
                self._send("call", call_shape(thing))
            case "query":
                self._answered(thing)
            case "typing":
                chat, bot, action = thing
                self._send("typing", {"chat": chat.key, "bot": bot.id, "action": action})
            case "faults":
                self._send("faults", self._faults())

    def _answered(self, query: Query) -> None:
        if query.kind == "callback" and query.answer is not None:
            self._send("answer", {"person": query.user.id, **query.answer})

    def _send(self, name: str, body: Any) -> None:
        for queue in self._streams:
            queue.put_nowait((name, body))

    def _clock(self) -> Json:
        return {"now": self._tg.clock.time(), "offset": self._tg.clock.offset}

    def _faults(self) -> Json:
        tg = self._tg
        return faults_shape(tg.faults, duplicates=tg.redeliver_everything, flood=tg.limits.flood)

    # -- reading ----------------------------------------------------------------------------

    async def _redirect(self, _: web.Request) -> web.Response:
        raise web.HTTPFound("/sandbox/")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        path = STATIC / (request.match_info["name"] or "index.html")
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

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
            await response.write(b": hello\n\n")
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

    async def _people(self, body: Json) -> Json:
        name = str(body.get("name") or "").strip()
        if not name:
            raise SandboxError("A person needs a name.")
        person = self._tg.user(
            name,
            language=body.get("language") or "en",
            username=body.get("username") or None,
            premium=bool(body.get("premium")),
            stars=1000,
        )
        self._send("person", person_shape(person.user))
        return {"id": person.id}

    async def _set_clock(self, body: Json) -> Json:
        if body.get("reset"):
            self._tg.clock.reset()
        else:
            self._tg.clock.advance(seconds=float(body.get("advance") or 0))
        return self._clock()

    async def _set_faults(self, body: Json) -> Json:
        tg = self._tg
        if "add" in body:
            tg.faults.add(**body["add"])
        if "remove" in body:
            tg.faults.remove(int(body["remove"]))
        if body.get("clear"):
            tg.faults.clear()
            tg.redeliver_everything = tg.limits.flood = False
        if "down" in body:
            tg.faults.down = bool(body["down"])
        if "duplicates" in body:
            tg.redeliver_everything = bool(body["duplicates"])
        if "flood" in body:
            tg.limits.flood = bool(body["flood"])
        self._send("faults", self._faults())
        return self._faults()

    async def _stars(self, body: Json) -> Json:
        user = self._tg.world.users.get(int(body.get("as") or 0))
        if user is None:
            raise SandboxError("There is no such person.")
        user.stars += int(body.get("amount") or 0)
        self._tg.world.notify("user", user)
        return {"stars": user.stars}


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
    """Read a JSON body, answer ``{"ok", "result"}`` or 400 with a sentence."""

    async def handle(request: web.Request) -> web.Response:
        try:
            body = await request.json()
            if not isinstance(body, dict):
                raise SandboxError("A JSON object is expected.")
            result = await handler(body)
        except SandboxError as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response(
                {"ok": False, "error": f"That action is not understood: {error}."}, status=400
            )
        return web.json_response({"ok": True, "result": result})

    return handle
