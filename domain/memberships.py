"""Memberships: who may be in which chats, until when, and when to speak of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.durations import Term

REMINDER_HOURS = (168, 72, 24, 2)  # before the end, to choose from
REMINDERS = (timedelta(days=3), timedelta(days=1), timedelta(hours=2))
AT_THE_END = timedelta(0)
SETTINGS = "membership"  # the feature's name among a bot's settings
OVERDUE = timedelta(
    minutes=15
)  # an end noticed later than this was missed: we were down, or the clock jumped
NOTICE = timedelta(minutes=10)  # between telling somebody of a missed end and removing him


@dataclass(frozen=True, slots=True)
class Membership:
    """One row per member and project. `end_at` None is for life; access lasts until `access_until`
    (the end and the bot's grace period); `ended_at` is when we closed it."""

    member_id: int
    project_id: int
    plan_id: int
    started_at: datetime
    anchor_at: datetime | None
    months: int
    end_at: datetime | None
    access_until: datetime | None
    ended_at: datetime | None

    @property
    def term(self) -> Term:
        """Its time, for extending it."""
        return Term(self.anchor_at, self.months)

    def runs(self, now: datetime) -> bool:
        """True until its end, without grace."""
        return self.ended_at is None and (self.end_at is None or self.end_at > now)

    def opens(self, now: datetime) -> bool:
        """True while it opens its chats, grace included."""
        return self.ended_at is None and (self.access_until is None or self.access_until > now)


@dataclass(frozen=True, slots=True)
class Settings:
    """A bot's settings of memberships and affiliates (feature `membership` of the settings)."""

    grace_days: int = 0
    reminders: tuple[timedelta, ...] = REMINDERS
    affiliates: bool = True
    first_link_wins: bool = False
    tell_sales: bool = True  # the owner hears of each sale
    refund_second: bool = False  # a second payment for one order goes back instead of adding time

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Settings":
        """The settings as they are stored; what is missing keeps its default."""
        hours = document.get("reminder_hours")
        return cls(
            grace_days=document.get("grace_days", 0),
            reminders=REMINDERS if hours is None else tuple(timedelta(hours=one) for one in hours),
            affiliates=document.get("affiliates", True),
            first_link_wins=document.get("first_link_wins", False),
            tell_sales=document.get("tell_sales", True),
            refund_second=document.get("refund_second", False),
        )

    @property
    def reminder_hours(self) -> tuple[int, ...]:
        """The reminders as hours before the end, the earliest first."""
        return tuple(sorted((int(one.total_seconds() // 3600) for one in self.reminders), reverse=True))

    @property
    def grace(self) -> timedelta:
        """How long access outlasts the end."""
        return timedelta(days=self.grace_days)


def next_notice(
    end: datetime | None, reminders: Sequence[timedelta], since: datetime
) -> tuple[datetime, timedelta] | None:
    """The first moment after `since` to speak of the end, and how long before the end that is.

    A reminder whose moment had passed when the term was agreed (`since`) is not made up for: who buys two
    days needs no word about three.
    """
    if end is None:
        return None
    moments = [(end - before, before) for before in {*reminders, AT_THE_END}]
    return min(((at, before) for at, before in moments if at > since), default=None)


def due_notice(
    end: datetime, reminders: Sequence[timedelta], now: datetime, since: datetime
) -> timedelta | None:
    """Which of the notices whose moment came after `since` and by now is still true: the one nearest to
    the end."""
    moments = [(end - before, before) for before in {*reminders, AT_THE_END}]
    return min((before for at, before in moments if since < at <= now), default=None)


def removal_due(access_until: datetime, now: datetime) -> datetime:
    """When to remove somebody whose access ended: at once, or after a notice if the end was missed."""
    return now + NOTICE if now - access_until > OVERDUE else now
