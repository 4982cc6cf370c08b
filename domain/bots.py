"""A connected bot."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

# chat_member and message_reaction are only sent when named (https://core.telegram.org/bots/api#setwebhook).
ALLOWED_UPDATES = (
    "message", "edited_message", "channel_post", "edited_channel_post", "callback_query",
    "my_chat_member", "chat_member", "chat_join_request", "pre_checkout_query", "managed_bot", "subscription",
)  # fmt: skip


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
