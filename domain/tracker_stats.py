"""The figures of campaigns: how many came, stayed and left.

A *start* is somebody's first step towards a campaign (`/start`, or a request or join through one of its
links), a *confirm* the first time he is inside, an *unsub* the first time he leaves or is removed after
that. Each person counts once in each, on the day it happened, whatever he does later.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum

from domain.errors import Invalid
from domain.join_report import Slot

AFTER = (1, 7, 30)  # days after a confirm at which we look who is still inside
MOST_DAYS = 366  # that can be asked for day by day
DEFAULT_DAYS = 30


class Period(IntEnum):
    """How far the chat's report looks back, in days that begin at 00:00 UTC; today is one of them."""

    WEEK = 7
    MONTH = 30
    QUARTER = 90


class Counted(StrEnum):
    """What is counted."""

    START = "start"
    CAME_IN = "came in"  # of those who started then: has been inside by now
    CONFIRM = "confirm"
    KEPT = "kept"  # of those who were confirmed then: is inside now
    UNSUB = "unsub"


@dataclass(frozen=True, slots=True)
class Count:
    """So many people of one source on one UTC day. `source` is the name of the invite link, or empty."""

    what: Counted
    day: date
    source: str
    people: int


@dataclass(frozen=True, slots=True)
class Figures:
    """`came_in` of the `starts` have been inside by now, `kept` of the `confirms` are inside now."""

    starts: int = 0
    came_in: int = 0
    confirms: int = 0
    kept: int = 0
    unsubs: int = 0

    @property
    def cr(self) -> float:
        """The conversion rate, confirms by starts; 0 without starts."""
        return self.confirms / self.starts if self.starts else 0.0


@dataclass(frozen=True, slots=True)
class Day:
    """The figures of one UTC day."""

    day: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class Source:
    """The figures of one source."""

    source: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Retention:
    """Of `of` people who were confirmed at least `days` days ago, `kept` were inside so many days after."""

    days: int
    of: int
    kept: int

    @property
    def rate(self) -> float:
        """The part that was kept; 0 when there was nobody."""
        return self.kept / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What was spent on campaigns of one currency, in millionths, and how many people they have inside."""

    currency: str
    micros: int
    kept: int

    @property
    def per_kept(self) -> int | None:
        """The cost of one kept subscriber, in millionths; None when nobody was kept."""
        return (self.micros + self.kept // 2) // self.kept if self.kept else None


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` (inclusive) to `before` (exclusive); None is unbounded."""

    since: datetime | None = None
    before: datetime | None = None


def span_of(since: int, before: int) -> Span:
    """The span between two moments in unix seconds, 0 for unbounded. Raises `Invalid` (from, to)."""
    return Span(_moment("from", since), _moment("to", before))


def _moment(field: str, seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        raise Invalid(field, "stats_moment") from None


def period_of(period: Period, now: datetime) -> Span:
    """The span of a report that is made `now`."""
    return Span(_begin(now.date() - timedelta(days=period.value - 1)), None)


def days_of(span: Span, now: datetime) -> Span:
    """A span that can be counted day by day: bounded, by default the last `DEFAULT_DAYS` days.

    Raises `Invalid` (from) when it has more than `MOST_DAYS`.
    """
    before = min(span.before or now, now + timedelta(days=1))
    since = span.since or _begin(before.date() - timedelta(days=DEFAULT_DAYS - 1))
    if before - since > timedelta(days=MOST_DAYS):
        raise Invalid("from", "stats_span", most=MOST_DAYS)
    return Span(since, before)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def total(counts: Iterable[Count]) -> Figures:
    """All of it together."""
    people = dict.fromkeys(Counted, 0)
    for one in counts:
        people[one.what] += one.people
    return Figures(
        people[Counted.START],
        people[Counted.CAME_IN],
        people[Counted.CONFIRM],
        people[Counted.KEPT],
        people[Counted.UNSUB],
    )


def by_day(counts: Sequence[Count], span: Span, now: datetime) -> list[Day]:
    """Every day of a bounded span, the oldest first, those on which nothing happened included."""
    return [Day(day, total(one for one in counts if one.day == day)) for day in _days(span, now)]


def _days(span: Span, now: datetime) -> Iterator[date]:
    last = (span.before or now) - timedelta(microseconds=1 if span.before else 0)
    day = (span.since or now).date()
    while day <= last.date():
        yield day
        day += timedelta(days=1)


def by_source(counts: Sequence[Count]) -> list[Source]:
    """The figures by source, those with the most starts and confirms first."""
    names = {one.source for one in counts}
    found = [Source(name, total(one for one in counts if one.source == name)) for name in names]
    return sorted(found, key=lambda one: (-one.figures.starts, -one.figures.confirms, one.source))


def slots(days: Sequence[Day]) -> list[Slot]:
    """One bar a day: who started then, those that came in first; below the line who left that day."""
    return [
        Slot(
            f"{one.day:%m-%d}",
            (one.figures.came_in, one.figures.starts - one.figures.came_in),
            one.figures.unsubs,
        )
        for one in days
    ]
