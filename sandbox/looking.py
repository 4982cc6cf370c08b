"""What a story sees of Telegram: messages, members, calls, the Stars ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sandbox.errors import SandboxError
from sandbox.gateway import CallRecord, Gateway
from sandbox.handles import BotHandle, ChatHandle, MessageHandle
from sandbox.limits import Limits
from sandbox.model import Chat
from sandbox.money import Transaction
from sandbox.people import Person
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox


class Looking:
    """The questions a :class:`~sandbox.sandbox.Sandbox` answers."""

    world: World
    gateway: Gateway

    @property
    def limits(self) -> Limits:
        """Switches of the limits, such as ``tg.limits.flood = True``."""
        return self.world.limits

    @property
    def calls(self) -> list[CallRecord]:
        """Every Bot API call so far, oldest first (without getUpdates)."""
        return self.gateway.records

    def calls_of(self, method: str, *, bot: BotHandle | None = None) -> list[CallRecord]:
        """Calls of one method."""
        return [
            record
            for record in self.calls
            if record.method.lower() == method.lower() and bot in (None, record.bot)
        ]

    def messages(
        self, where: ChatHandle | Person, *, bot: BotHandle | None = None, service: bool = False
    ) -> list[MessageHandle]:
        """Messages of a chat, oldest first, without deleted ones.

        ``service`` adds service messages. A person stands for their private chats (with ``bot``).
        """
        found = [
            message
            for chat in self._chats(where, bot)
            for message in chat.history
            if not message.deleted and (service or message.service is None)
        ]
        found.sort(key=lambda message: message.uid)
        tg = cast("Sandbox", self)
        return [MessageHandle(tg, message) for message in found]

    def last(
        self, where: ChatHandle | Person, *, bot: BotHandle | None = None, service: bool = False
    ) -> MessageHandle:
        """The newest message of a chat, or of a person's private chats.

        Raises:
            SandboxError: there is none.
        """
        found = self.messages(where, bot=bot, service=service)
        if not found:
            raise SandboxError("There is no message yet in the chat of {where}.", where=repr(where))
        return found[-1]

    def members(self, chat: ChatHandle) -> list[str]:
        """Names of everybody in the chat now, bots included, in order of arrival."""
        return [member.user.full_name for member in chat.chat.members.values() if member.inside]

    def _chats(self, where: ChatHandle | Person, bot: BotHandle | None) -> list[Chat]:
        if isinstance(where, ChatHandle):
            return [where.chat]
        return [
            chat
            for (user_id, bot_id), chat in self.world.private.items()
            if user_id == where.id and (bot is None or bot.id == bot_id)
        ]

    def transactions(self, bot: BotHandle) -> list[Transaction]:
        """A bot's Stars ledger, oldest row first."""
        return self.world.ledger(bot.bot)
