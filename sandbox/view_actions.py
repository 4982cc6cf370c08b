"""The verbs of ``POST /sandbox/api/act``; ``page_api.md`` describes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.errors import SandboxError
from sandbox.handles import BotHandle, ChatHandle, MessageHandle
from sandbox.model import Bot, Chat, Json, User
from sandbox.people import Person

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

Verb = Callable[["Action"], Awaitable[Json | None]]
VERBS: dict[str, Verb] = {}


def verb(*names: str) -> Callable[[Verb], Verb]:
    """Register a verb."""

    def register(function: Verb) -> Verb:
        for name in names:
            VERBS[name] = function
        return function

    return register


class Action:
    """One action of a person, with its fields looked up."""

    def __init__(self, tg: Sandbox, body: Json) -> None:
        self.tg, self.body = tg, body
        self.me = self.person("as")

    async def run(self) -> Json:
        """Do it.

        Raises:
            SandboxError: what Telegram's client would say, or a wrong field.
        """
        name = str(self.body.get("do"))
        if name not in VERBS:
            raise SandboxError("There is no action '{word}'.", word=name)
        with self.tg.no_settle():
            return await VERBS[name](self) or {}

    def person(self, field: str) -> Person:
        """The person a field names."""
        user = self._account(field)
        if isinstance(user, Bot):
            raise SandboxError("@{bot} is a bot, not a person.", bot=user.username)
        return Person(self.tg, user)

    def somebody(self, field: str = "user") -> Person | BotHandle:
        """The person or bot a field names."""
        user = self._account(field)
        return BotHandle(self.tg, user) if isinstance(user, Bot) else Person(self.tg, user)

    def bot(self) -> BotHandle:
        """The bot of the action."""
        user = self._account("bot")
        if not isinstance(user, Bot):
            raise SandboxError("That is no bot.")
        return BotHandle(self.tg, user)

    def place(self, field: str = "chat") -> ChatHandle | BotHandle:
        """The chat a field names, as the verbs of a person take it."""
        key = str(self.body.get(field, ""))
        chat = self.tg.world.chat_by_key(key)
        if chat is None:
            return self._unopened(key)
        return BotHandle(self.tg, chat.bot) if chat.bot else ChatHandle(self.tg, chat)

    def _unopened(self, key: str) -> BotHandle:
        person, _, bot_id = key.removeprefix("p").partition("_")
        bot = self.tg.world.bots.get(int(bot_id)) if bot_id.isdigit() else None
        if bot is None or person != str(self.me.id):
            raise SandboxError("There is no such chat.")
        return BotHandle(self.tg, bot)

    def chat(self, field: str = "chat") -> ChatHandle:
        """The group or channel a field names."""
        place = self.place(field)
        if isinstance(place, BotHandle):
            raise SandboxError("That works in groups and channels only.")
        return place

    def message(self, field: str = "message") -> MessageHandle:
        """The message a field names."""
        message = self.tg.world.message(int(self.body.get(field) or 0))
        if message is None or message.deleted:
            raise SandboxError("That message is gone.")
        return MessageHandle(self.tg, message)

    def text(self, field: str) -> str | None:
        """A text, or None."""
        value = self.body.get(field)
        return None if value in (None, "") else str(value)

    def until(self) -> timedelta | None:
        """``seconds`` from now, or None."""
        seconds = self.body.get("seconds")
        return timedelta(seconds=float(seconds)) if seconds else None

    def key_of(self, chat: Chat) -> Json:
        """The result that names a chat."""
        return {"kind": "chat", "chat": chat.key}

    def private_key(self, bot: Bot) -> Json:
        """The result that names the private chat with a bot."""
        return self.key_of(self.tg.world.private_chat(self.me.user, bot))

    def _account(self, field: str) -> User:
        user = self.tg.world.users.get(int(self.body.get(field) or 0))
        if user is None:
            raise SandboxError("There is no such person.")
        return user
