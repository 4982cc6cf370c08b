"""A connected bot."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from domain.actor import Right

# chat_member and message_reaction are only sent when named (https://core.telegram.org/bots/api#setwebhook).
ALLOWED_UPDATES = (
    "message", "edited_message", "channel_post", "edited_channel_post", "callback_query",
    "my_chat_member", "chat_member", "chat_join_request", "pre_checkout_query", "managed_bot", "subscription",
)  # fmt: skip

# The least administrator rights the features need, in the order checklists name them.
GROUP_RIGHTS = (Right.DELETE_MESSAGES, Right.RESTRICT_MEMBERS, Right.INVITE_USERS)
CHANNEL_RIGHTS = (Right.INVITE_USERS, Right.RESTRICT_MEMBERS)


def needed_rights(chat_type: str) -> tuple[Right, ...]:
    """The rights the features need in a chat of Telegram's type `chat_type`."""
    return CHANNEL_RIGHTS if chat_type == "channel" else GROUP_RIGHTS


class BotStatus(IntEnum):
    """As the bots API numbers it."""

    ACTIVE = 0
    WARNING = 1  # lost administrator rights in one or more chats
    DELETED = 3


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot connected to Gatehouse. `id` is ours, `telegram_id` Telegram's; the token stays in storage."""

    id: int
    telegram_id: int
    owner_id: int
    public_id: str
    username: str
    name: str
    status: BotStatus
    is_service: bool
    manages_bots: bool
    created_at: datetime
    secret_digest: bytes = b""

    @property
    def alive(self) -> bool:
        """False once disconnected."""
        return self.status is not BotStatus.DELETED


@dataclass(frozen=True, slots=True)
class AdminChat:
    """A chat a bot is in, from the bot's side."""

    chat_id: int
    type: str
    title: str
    username: str | None
    present: bool
    admin: bool
    rights: frozenset[str]
    lost_rights: bool
    members: int | None
    linked_chat_id: int | None = None
    added_by: int | None = None
    standing_at: datetime | None = None

    @property
    def missing(self) -> tuple[Right, ...]:
        """Rights the features need and the bot lacks."""
        return tuple(right for right in needed_rights(self.type) if right not in self.rights)
