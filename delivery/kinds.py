"""What a call is to the pace, and how many of each kind are under way at a time."""

from enum import Enum

from domain.calls import Policy, Priority
from storage.outbox import Row


class Kind(Enum):
    """What a call is to the pace."""

    OTHER = 0  # not a message: Telegram does not count it
    MESSAGE = 1
    PAID = 2  # a message somebody pays Stars for: it has a pace of its own


# Calls of one bot at a time, and calls prepared for their moment: after a crash so many are of unknown fate.
MOST_IN_FLIGHT = {Kind.OTHER: 40, Kind.MESSAGE: 40, Kind.PAID: 150}
AHEAD = {Kind.OTHER: 10, Kind.MESSAGE: 6, Kind.PAID: 150}


def is_message(method: str) -> bool:
    """Whether Telegram's message limits count this method."""
    return method.startswith(("send", "copy", "forward")) and method != "sendChatAction"


def kind_of(row: Row) -> Kind:
    """What a row is to the pace; what is done with many messages later goes at the pace of messages."""
    if row.priority == Priority.PAID:
        return Kind.PAID
    return Kind.MESSAGE if is_message(row.method) or row.source is not None else Kind.OTHER


def needs_preparing(row: Row) -> bool:
    """Whether something must be looked up or committed before the call is made."""
    return row.policy is Policy.ONCE or row.source is not None
