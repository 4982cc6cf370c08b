"""Who does something, in which language, and through which door."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol


class Translator(Protocol):
    """One language. Calling it translates an English source string and fills its named placeholders.

    Values are put in as they are: what people wrote is escaped by the caller (`texts.markup.esc`).
    """

    @property
    def locale(self) -> str: ...

    def __call__(self, message: str, /, **values: object) -> str: ...

    def plural(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """The right plural form for `n`, which also fills `{n}`."""
        ...


class Right(StrEnum):
    """Administrator rights of a chat, by Telegram's own names (`ChatMemberAdministrator`)."""

    MANAGE_CHAT = "can_manage_chat"
    DELETE_MESSAGES = "can_delete_messages"
    RESTRICT_MEMBERS = "can_restrict_members"
    INVITE_USERS = "can_invite_users"
    PIN_MESSAGES = "can_pin_messages"
    CHANGE_INFO = "can_change_info"
    PROMOTE_MEMBERS = "can_promote_members"
    POST_MESSAGES = "can_post_messages"


@dataclass(slots=True)
class Door:
    """The Telegram update a call came by: what makes it happen once, and where its answer goes.

    `message_id` is the message spoken, or the panel whose button was pressed (`pressed`).
    `spent` is set by the unit of work that claims the update: one update, one write transaction.
    """

    bot_id: int
    update_id: int
    chat_id: int
    message_id: int | None = None
    thread_id: int | None = None
    pressed: bool = False
    private: bool = True
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or an API key speaking for him) who asks for something.

    `user_id` is his Telegram id; 0 is the house itself (background work). `bot_scope` is set for a bot's
    API key, which opens that bot only. `anonymous_in` is the chat he speaks for as anonymous administrator.
    """

    user_id: int
    t: Translator
    name: str = ""
    door: Door | None = None
    bot_scope: int | None = None
    anonymous_in: int | None = None
    username: str | None = field(default=None)

    @property
    def is_house(self) -> bool:
        """True for background work, which acts with the rights of the house."""
        return self.user_id == 0 and self.anonymous_in is None

    def as_house(self) -> "Actor":
        """The house by the same door: for Telegram's news, which are nobody's wish and ask for no right."""
        return replace(self, user_id=0, anonymous_in=None, bot_scope=None)
