"""The state of the sandbox's Telegram and how things in it are found."""

from __future__ import annotations

import random
import secrets
import string
from collections.abc import Callable
from typing import Any, Literal

from sandbox.clock import Clock
from sandbox.errors import SandboxError
from sandbox.limits import Limits
from sandbox.model import (
    CHANNEL_BOT_ID,
    GROUP_ANONYMOUS_BOT_ID,
    TELEGRAM_ID,
    Bot,
    Chat,
    InviteLink,
    Json,
    Member,
    Message,
    Query,
    StoredFile,
    User,
)
from sandbox.money import Invoice, Payment, Subscription, Transaction
from sandbox.rights import default_permissions, full_rights
from sandbox.updates import Lane, UpdateFeed

ChatKind = Literal["group", "supergroup", "channel"]
Listener = Callable[[str, Any], None]
Stops = Callable[[Bot, str, Json, Lane], bool]

_TOKEN_ALPHABET = string.ascii_letters + string.digits + "_-"


class World:
    """Everything that exists. Changes that must reach bots go through the modules around it."""

    def __init__(self, clock: Clock, feed_changed: Callable[[Bot], None]) -> None:
        self.clock = clock
        self.limits = Limits(clock)
        self.users: dict[int, User] = {}
        self.bots: dict[int, Bot] = {}
        self.tokens: dict[str, Bot] = {}
        self.names: dict[str, User | Chat] = {}
        """Lower-case username -> who has it."""
        self.chats: dict[int, Chat] = {}
        self.private: dict[tuple[int, int], Chat] = {}
        self.migrated: dict[int, Chat] = {}
        self.links: dict[str, InviteLink] = {}
        self.files: dict[str, StoredFile] = {}
        self.invoices: dict[str, Invoice] = {}
        self.payments: dict[str, Payment] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.transactions: list[Transaction] = []
        """Money of all bots as it moved; rows are only ever added."""
        self.queries: dict[str, Query] = {}
        self.keyboard_buttons: dict[str, Any] = {}
        self.stops: Stops = lambda bot, kind, payload, lane: False
        """Keeps an update from a bot; see `sandbox.late`."""
        self._feed_changed = feed_changed
        self._listeners: list[Listener] = []
        self._next_user = 5_000_000_001
        self._next_bot = 7_000_000_001
        self._next_group = 4_000_001
        self._next_channel = 1_002_000_000_001
        self._next_uid = 1
        self._add_telegram_accounts()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener(kind, object)`` of every change; returns how to stop it.

        Kinds: user, bot, chat, message, delete, query, typing, ledger (of a bot), subscription.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def notify(self, kind: str, thing: Any) -> None:
        """Tell the listeners of a change."""
        for listener in list(self._listeners):
            listener(kind, thing)

    # -- accounts ---------------------------------------------------------------------------

    def add_user(
        self,
        name: str,
        *,
        language: str | None = "en",
        username: str | None = None,
        premium: bool = False,
        bio: str | None = None,
        user_id: int | None = None,
    ) -> User:
        """A new person; ``name`` is split into first and last name at the first space."""
        first, _, last = name.partition(" ")
        user = User(
            id=user_id or self._take("_next_user"),
            first_name=first,
            last_name=last or None,
            username=username,
            language_code=language,
            is_premium=premium,
            bio=bio,
        )
        self._claim(username, user)
        self.users[user.id] = user
        self.notify("user", user)
        return user

    def add_bot(
        self,
        username: str,
        *,
        name: str | None = None,
        token: str | None = None,
        owner: User | None = None,
        manager: Bot | None = None,
        privacy: bool = True,
        can_manage_bots: bool = False,
        can_join_groups: bool = True,
        supports_join_request_queries: bool = False,
    ) -> Bot:
        """A new bot, as BotFather makes it. A given token decides the bot's id."""
        if not username.lower().endswith("bot"):
            raise SandboxError(
                "BotFather accepts only usernames that end in bot, not {username}.", username=username
            )
        bot_id = int(token.partition(":")[0]) if token else self._take("_next_bot")
        bot = Bot(
            id=bot_id,
            first_name=name or username,
            username=username,
            is_bot=True,
            token=token or new_token(bot_id),
            owner=owner,
            manager=manager,
            privacy=privacy,
            can_manage_bots=can_manage_bots,
            can_join_groups=can_join_groups,
            supports_join_request_queries=supports_join_request_queries,
        )
        self._claim(username, bot)
        start = random.randrange(100_000_000, 900_000_000)
        bot.feed = UpdateFeed(
            start, self.clock, lambda _: self._feed_changed(bot), lambda *update: self.stops(bot, *update)
        )
        self.users[bot_id] = self.bots[bot_id] = bot
        self.tokens[bot.token] = bot
        self.notify("bot", bot)
        return bot

    def replace_token(self, bot: Bot) -> str:
        """Revoke the bot's token and make a new one."""
        del self.tokens[bot.token]
        bot.token = new_token(bot.id)
        self.tokens[bot.token] = bot
        return bot.token

    # -- chats ------------------------------------------------------------------------------

    def add_chat(self, kind: ChatKind, title: str, owner: User, *, username: str | None = None) -> Chat:
        """A new group, supergroup or channel owned by a person."""
        number = self._take("_next_group" if kind == "group" else "_next_channel")
        chat = Chat(
            key=f"c{number}",
            id=-number,
            type=kind,
            title=title,
            username=username,
            permissions={} if kind == "channel" else default_permissions(),
        )
        chat.members[owner.id] = Member(owner, "creator", rights=full_rights(chat, "all"))
        self._claim(username, chat)
        self.chats[chat.id] = chat
        self.notify("chat", chat)
        return chat

    def upgrade(self, chat: Chat, new_id: int) -> None:
        """Give a basic group the id of a new supergroup; its message ids start anew."""
        old = chat.id
        chat.id = new_id
        chat.type = "supergroup"
        chat.by_id, chat.next_message_id = {}, 1
        del self.chats[old]
        self.chats[chat.id] = self.migrated[old] = chat
        self.notify("chat", chat)

    def next_channel_number(self) -> int:
        """The number (a chat id without its sign) of a supergroup or channel to be."""
        return self._take("_next_channel")

    def private_chat(self, person: User, bot: Bot) -> Chat:
        """The chat of a person with a bot; it exists from the first look at it."""
        key = (person.id, bot.id)
        chat = self.private.get(key)
        if chat is None:
            chat = Chat(key=private_key(person, bot), id=person.id, type="private", person=person, bot=bot)
            self.private[key] = chat
            self.notify("chat", chat)
        return chat

    def set_username(self, thing: User | Chat, username: str | None) -> None:
        """Change or remove a username."""
        if thing.username:
            self.names.pop(thing.username.lower(), None)
        self._claim(username, thing)
        thing.username = username

    def by_username(self, name: str) -> User | Chat | None:
        """Who has a username, written with or without ``@``."""
        return self.names.get(name.removeprefix("@").lower())

    def chats_of(self, user: User) -> list[Chat]:
        """Groups and channels the account is in now."""
        return [chat for chat in self.chats.values() if chat.has(user)]

    def acquainted(self, bot: Bot, user: User) -> bool:
        """Whether the bot has met the person: started, shares a chat, or asked to join one."""
        if (user.id, bot.id) in self.private:
            return True
        return any(
            chat.has(bot) and (user.id in chat.members or user.id in chat.requests)
            for chat in self.chats.values()
        )

    def chat_by_key(self, key: str) -> Chat | None:
        """The chat the page calls ``key``."""
        for chat in (*self.chats.values(), *self.private.values()):
            if chat.key == key:
                return chat
        return None

    def all_chats(self) -> list[Chat]:
        """Every chat, private ones first."""
        return [*self.private.values(), *self.chats.values()]

    # -- money ------------------------------------------------------------------------------

    def ledger(self, bot: Bot) -> list[Transaction]:
        """The bot's Stars ledger, oldest row first. What was paid by card is in none."""
        return [row for row in self.transactions if row.bot is bot and row.in_stars]

    # -- numbers ----------------------------------------------------------------------------

    def new_uid(self) -> int:
        """A number unique among all messages of the sandbox."""
        return self._take("_next_uid")

    def new_message_id(self, chat: Chat) -> int:
        """The next message id: counted per bot in private chats, per chat elsewhere."""
        counter: Bot | Chat = chat.bot if chat.bot is not None else chat
        number = counter.next_message_id
        counter.next_message_id += 1
        return number

    def message(self, uid: int) -> Message | None:
        """A message by its sandbox-wide number."""
        for chat in self.all_chats():
            for message in reversed(chat.history):
                if message.uid == uid:
                    return message
        return None

    def _take(self, counter: str) -> int:
        number: int = getattr(self, counter)
        setattr(self, counter, number + 1)
        return number

    def _claim(self, username: str | None, thing: User | Chat) -> None:
        if not username:
            return
        if self.names.get(username.lower(), thing) is not thing:
            raise SandboxError("The username @{username} is taken.", username=username)
        self.names[username.lower()] = thing

    def _add_telegram_accounts(self) -> None:
        for account_id, name, username in (
            (GROUP_ANONYMOUS_BOT_ID, "Group", "GroupAnonymousBot"),
            (CHANNEL_BOT_ID, "Channel", "Channel_Bot"),
            (TELEGRAM_ID, "Telegram", None),
        ):
            self.users[account_id] = User(account_id, name, username=username, is_bot=username is not None)


def private_key(person: User, bot: Bot) -> str:
    """What the page calls the private chat of a person with a bot."""
    return f"p{person.id}_{bot.id}"


def new_token(bot_id: int) -> str:
    """A token in BotFather's format."""
    return f"{bot_id}:AA{''.join(secrets.choice(_TOKEN_ALPHABET) for _ in range(33))}"
