"""What became of messages that were to be deleted together."""

from dataclasses import dataclass

MOST_PURGED = 100  # of one call: https://core.telegram.org/bots/api#deletemessages


@dataclass(frozen=True, slots=True)
class Purge:
    """`deleted` counts numbers that are free now, also of messages that were gone before. Telegram did not
    let go of `kept`; `rest` were too many for one command; `in_topic`: only what was seen there went."""

    deleted: int
    kept: int = 0
    rest: int = 0
    in_topic: bool = False
