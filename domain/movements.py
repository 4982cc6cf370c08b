"""Somebody came to a chat, or went."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MovementKind(StrEnum):
    """What happened, seen from the chat."""

    JOIN = "join"
    LEAVE = "leave"  # by himself
    KICK = "kick"  # removed by somebody, free to return
    BAN = "ban"
    UNBAN = "unban"


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement. `source` names where a join came from (see `domain.joins.source_of`).

    `invite_link` and `link_name` are Telegram's, where it told them; `actor_id` is who did it: the
    person himself, an administrator, or a bot.
    """

    bot_id: int
    owner_id: int
    chat_id: int
    chat_type: str
    chat_title: str
    user_id: int
    name: str
    username: str | None
    language_code: str | None
    is_bot: bool
    kind: MovementKind
    actor_id: int
    source: str
    invite_link: str | None
    link_name: str | None
    via_request: bool
    at: datetime
    update_id: int
    was_inside: bool = True  # before a leave, kick or ban: one can be banned who never was in the chat
    restricted: bool = False  # came under a restriction that was there before

    @property
    def came(self) -> bool:
        """True for a join."""
        return self.kind is MovementKind.JOIN

    @property
    def went(self) -> bool:
        """True when the person is not in the chat any more because of it."""
        return self.was_inside and self.kind in (MovementKind.LEAVE, MovementKind.KICK, MovementKind.BAN)

    @property
    def change(self) -> int:
        """What it does to the number of members: 1, -1 or 0."""
        return int(self.came) - int(self.went)
