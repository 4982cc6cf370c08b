"""What all verbs of a person share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import SandboxError
from sandbox.handles import BotHandle, ChatHandle
from sandbox.membership import standing
from sandbox.model import Bot, Chat, Member, Message, User
from sandbox.world import World, private_key

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

Place = ChatHandle | BotHandle
"""Where somebody writes: a group or channel, or the private chat with a bot."""


class PersonBase:
    """An account and the sandbox it lives in."""

    def __init__(self, tg: Sandbox, user: User) -> None:
        self.tg, self.user = tg, user

    def __repr__(self) -> str:
        return self.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PersonBase) and other.user is self.user

    def __hash__(self) -> int:
        return hash(self.user)

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def name(self) -> str:
        """First and last name."""
        return self.user.full_name

    @property
    def username(self) -> str | None:
        return self.user.username

    @property
    def stars(self) -> int:
        """Balance in Stars."""
        return self.user.stars

    @property
    def world(self) -> World:
        return self.tg.world

    def chat_with(self, bot: BotHandle) -> Chat:
        """The private chat with a bot."""
        return self.world.private_chat(self.user, bot.bot)

    def key_with(self, bot: BotHandle) -> str:
        """What the page calls the private chat with a bot, opened or not."""
        return private_key(self.user, bot.bot)

    def place(self, where: Place) -> Chat:
        """The chat behind a handle."""
        return where.chat if isinstance(where, ChatHandle) else self.chat_with(where)

    def require_inside(self, chat: Chat) -> Member:
        """The person's row in a group or channel they are in."""
        member = standing(self.world, chat, self.user)
        if not member.inside:
            raise SandboxError("{name} is not in {chat}.", name=self.name, chat=chat.title)
        return member

    def sees(self, message: Message) -> bool:
        """Whether the person has the message before their eyes."""
        if message.deleted:
            return False
        if message.ephemeral_id is not None and message.receiver is not self.user:
            return message.sender is self.user
        chat = message.chat
        return chat.person is self.user if chat.is_private else chat.has(self.user)

    def visible(self) -> list[Message]:
        """Everything the person can see, newest first."""
        chats = [
            *(chat for (user_id, _), chat in self.world.private.items() if user_id == self.id),
            *self.world.chats_of(self.user),
        ]
        found = [message for chat in chats for message in chat.history if self.sees(message)]
        return sorted(found, key=lambda message: message.uid, reverse=True)

    def bot_named(self, username: str) -> Bot:
        """A bot by its username."""
        found = self.world.by_username(username)
        if not isinstance(found, Bot):
            raise SandboxError("There is no bot @{username}.", username=username)
        return found
