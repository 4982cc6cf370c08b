"""A raid: more people come within a few seconds than a chat is used to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.movements import Movement

MOST_RECENT = 50  # joins kept for telling a raid, the largest limit there is


@dataclass(frozen=True, slots=True)
class Raid:
    """A raid that is on: `since` its first join, `until` our lockdown ends.

    `acts` is False where the chat is only observed: then nobody is asked anything because of it.
    """

    since: datetime
    until: datetime
    acts: bool


def recent(joins: Sequence[Movement], latest: Movement, seconds: int) -> list[Movement]:
    """The joins within `seconds` before the latest moment, by time, each person once.

    Telegram's own times count, so that a backlog that arrives at once is no raid.
    """
    each = {one.user_id: one for one in (*joins, latest)}
    last = max(one.at for one in each.values())
    kept = [one for one in each.values() if last - one.at < timedelta(seconds=seconds)]
    return sorted(kept, key=lambda one: one.at)[-MOST_RECENT:]


def is_raid(joins: Sequence[Movement], limit: int) -> bool:
    """Whether so many recent joins are a raid."""
    return len(joins) >= limit
