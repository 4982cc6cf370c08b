"""What is done about spam and by moderators, as Bot API calls, and how it is undone."""

from enum import StrEnum

from domain import calls
from domain.calls import Call

_LARGEST_SUPERGROUP = -1_000_000_000_000  # https://core.telegram.org/api/bots/ids


class Action(StrEnum):
    """What may happen to the author of a message. All but a moderator's bare sanction delete the message."""

    WARN = "warn"  # counted; enough warnings lead to the ladder's own action
    DELETE = "delete"
    MUTE = "mute"
    KICK = "kick"
    BAN = "ban"


def is_basic_group(chat_id: int) -> bool:
    """True for a group that is no supergroup: Telegram can neither mute nor unban there."""
    return _LARGEST_SUPERGROUP < chat_id < 0


def punish(action: Action, chat_id: int, author_id: int, until: int = 0) -> list[Call]:
    """The calls of a sanction; `until` in unix seconds, 0 for ever. A chat that speaks can only be banned."""
    if action in (Action.WARN, Action.DELETE):
        return []
    if author_id < 0:
        return [calls.ban_sender(chat_id, author_id)]
    if is_basic_group(chat_id):
        return [] if action is Action.MUTE else [calls.ban(chat_id, author_id)]
    match action:
        case Action.MUTE:
            return [calls.mute(chat_id, author_id, until)]
        case Action.KICK:
            return [calls.remove(chat_id, author_id)]
        case _:
            return [calls.ban(chat_id, author_id, until)]


def pardon(action: Action, chat_id: int, author_id: int) -> list[Call]:
    """The calls that undo a sanction; somebody who was removed has to come back himself."""
    if action in (Action.WARN, Action.DELETE, Action.KICK) or is_basic_group(chat_id):
        return []
    if author_id < 0:
        return [calls.unban_sender(chat_id, author_id)]
    return [calls.unmute(chat_id, author_id) if action is Action.MUTE else calls.unban(chat_id, author_id)]
