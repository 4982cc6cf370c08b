"""Things of the sandbox as stories hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.entities import entities_of, text_of, to_html
from sandbox.membership import standing
from sandbox.model import Bot, Chat, Json, Member, Message, Query, User
from sandbox.render import message_json
from sandbox.updates import StoredUpdate

if TYPE_CHECKING:
    from sandbox.people import Person
    from sandbox.sandbox import Sandbox


class BotHandle:
    """A bot."""

    def __init__(self, tg: Sandbox, bot: Bot) -> None:
        self._tg, self.bot = tg, bot

    def __repr__(self) -> str:
        return f"@{self.username}"

    def __eq__(self, other: object) -> bool:
        return other is self.bot or (isinstance(other, BotHandle) and other.bot is self.bot)

    def __hash__(self) -> int:
        return hash(self.bot)

    @property
    def id(self) -> int:
        return self.bot.id

    @property
    def token(self) -> str:
        return self.bot.token

    @property
    def username(self) -> str:
        return self.bot.username or ""

    @property
    def user(self) -> User:
        return self.bot

    @property
    def updates(self) -> list[StoredUpdate]:
        """Every update so far, with ``body``, ``status`` and ``attempts``."""
        return self.bot.feed.log

    @property
    def stars(self) -> int:
        """Balance in Stars."""
        return self.bot.stars

    def link(self, payload: str = "", parameter: str = "start") -> str:
        """``https://t.me/<username>?start=<payload>``."""
        base = f"https://t.me/{self.username}"
        return f"{base}?{parameter}={payload}" if payload else base


class ChatHandle:
    """A group, supergroup or channel."""

    def __init__(self, tg: Sandbox, chat: Chat) -> None:
        self._tg, self.chat = tg, chat

    def __repr__(self) -> str:
        return f"<{self.chat.type} {self.chat.title}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ChatHandle) and other.chat is self.chat

    def __hash__(self) -> int:
        return hash(self.chat)

    @property
    def id(self) -> int:
        """Telegram's id now (it changes when a group is upgraded)."""
        return self.chat.id

    @property
    def title(self) -> str:
        return self.chat.title or ""

    @property
    def username(self) -> str | None:
        return self.chat.username

    @property
    def count(self) -> int:
        """How many are in the chat, bots included."""
        return sum(1 for member in self.chat.members.values() if member.inside)

    @property
    def requests(self) -> list[str]:
        """Names of those who wait to be let in."""
        return [request.user.full_name for request in self.chat.requests.values()]

    @property
    def links(self) -> list[Json]:
        """Invite links: url, name, used, revoked, creator's id."""
        return [
            {
                "url": link.url,
                "name": link.name,
                "used": link.used,
                "revoked": link.revoked,
                "request": link.creates_join_request,
                "creator": link.creator.id,
            }
            for link in self.chat.links.values()
        ]

    def member(self, who: Person | BotHandle) -> Member:
        """Somebody's standing, with expired bans and restrictions lifted."""
        return standing(self._tg.world, self.chat, who.user)

    def status(self, who: Person | BotHandle) -> str:
        """creator, administrator, member, restricted, left or kicked."""
        return self.member(who).status

    def has(self, who: Person | BotHandle) -> bool:
        """Whether somebody is inside."""
        return self.member(who).inside


class MessageHandle:
    """A message; it always shows the present state."""

    def __init__(self, tg: Sandbox, message: Message) -> None:
        self._tg, self.message = tg, message

    def __repr__(self) -> str:
        return f"<message {self.id} {self.text!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MessageHandle) and other.message is self.message

    def __hash__(self) -> int:
        return hash(self.message)

    @property
    def id(self) -> int:
        return self.message.id

    @property
    def text(self) -> str:
        """Text or caption."""
        return text_of(self.message.content)

    @property
    def entities(self) -> list[Json]:
        return entities_of(self.message.content)

    @property
    def html(self) -> str:
        """Text or caption as Telegram HTML."""
        return to_html(self.text, self.entities)

    @property
    def buttons(self) -> list[list[str]]:
        """Captions of the inline keyboard, row by row."""
        return [[button["text"] for button in row] for row in self.inline_keyboard]

    @property
    def inline_keyboard(self) -> list[list[Json]]:
        """The inline keyboard as sent."""
        rows: list[list[Json]] = (self.message.inline_keyboard or {}).get("inline_keyboard", [])
        return rows

    @property
    def keyboard(self) -> list[list[str]]:
        """Captions of the reply keyboard the message brought."""
        rows = (self.message.reply_keyboard or {}).get("keyboard", [])
        return [[button["text"] for button in row] for row in rows]

    def url(self, caption: str) -> str:
        """Where the URL button with this caption (or a part of it) leads.

        Raises:
            LookupError: there is no such button.
        """
        for row in self.inline_keyboard:
            for button in row:
                if caption in button["text"] and "url" in button:
                    return str(button["url"])
        raise LookupError(f"No URL button {caption!r} among {self.buttons}.")

    @property
    def photo(self) -> bytes | None:
        """The picture's bytes."""
        sizes = self.message.content.get("photo")
        return self._file(sizes[-1]) if sizes else None

    @property
    def document(self) -> bytes | None:
        """The document's bytes."""
        document = self.message.content.get("document")
        return self._file(document) if document else None

    def _file(self, body: Json) -> bytes:
        return self._tg.world.files[body["file_id"]].data

    @property
    def from_(self) -> str:
        """Name of the sender as the chat shows it."""
        shown = self.message.sender_chat
        if shown is not None:
            return shown.title or ""
        return self.message.sender.full_name if self.message.sender else ""

    @property
    def deleted(self) -> bool:
        return self.message.deleted

    @property
    def edited(self) -> bool:
        return self.message.edit_date is not None

    @property
    def pinned(self) -> bool:
        return self.message in self.message.chat.pinned

    @property
    def service(self) -> str | None:
        """Kind of a service message."""
        return self.message.service

    @property
    def reply_to(self) -> MessageHandle | None:
        reply = self.message.reply_to
        return MessageHandle(self._tg, reply) if reply else None

    @property
    def only_for(self) -> str | None:
        """Name of the only person who sees an ephemeral message."""
        return self.message.receiver.full_name if self.message.receiver else None

    @property
    def reactions(self) -> list[str]:
        return [emoji for given in self.message.reactions.values() for emoji in given]

    @property
    def topic(self) -> int | None:
        return self.message.thread_id

    @property
    def json(self) -> Json:
        """The message as the Bot API shows it."""
        return message_json(self.message)


class Answer:
    """What came of pressing a button. It fills in when the bot answers."""

    def __init__(
        self,
        query: Query | None = None,
        *,
        url: str | None = None,
        copied: str | None = None,
        opened: Any = None,
    ) -> None:
        self.query = query
        self._url = url
        self.copied = copied
        """Text a copy button put into the clipboard."""
        self.opened = opened
        """What a link led to: a message, a chat's handle, or None."""

    def __repr__(self) -> str:
        return f"<answer {self.text!r} alert={self.alert} url={self.url!r}>"

    @property
    def answered(self) -> bool:
        """Whether the bot answered the callback query."""
        return self.query is not None and self.query.answer is not None

    @property
    def text(self) -> str | None:
        text: str | None = self._get("text")
        return text

    @property
    def alert(self) -> bool:
        return bool(self._get("alert"))

    @property
    def url(self) -> str | None:
        answered: str | None = self._get("url")
        return self._url or answered

    def _get(self, field: str) -> Any:
        answer = self.query.answer if self.query is not None else None
        return answer.get(field) if answer else None
