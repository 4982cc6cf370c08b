"""How many came and went in a period, from where, and how to draw it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

SHOWN_SOURCES = 5
REST = ""  # the source under which the smaller ones are put together


class Period(IntEnum):
    """How far a report looks back, in days that begin at 00:00 UTC; today is one of them."""

    TODAY = 1
    WEEK = 7
    MONTH = 30

    @property
    def slot(self) -> timedelta:
        """The time one bar of the chart stands for."""
        return timedelta(hours=1) if self is Period.TODAY else timedelta(days=1)

    def begin(self, now: datetime) -> datetime:
        """When the period began."""
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return today - timedelta(days=self.value - 1)

    def label(self, at: datetime) -> str:
        """What the chart calls a slot: digits and ISO dates are read in every language."""
        return f"{at:%H}" if self is Period.TODAY else f"{at:%m-%d}"


@dataclass(frozen=True, slots=True)
class Slot:
    """One bar: `joined` in the order of the report's sources."""

    label: str
    joined: tuple[int, ...]
    left: int


@dataclass(frozen=True, slots=True)
class JoinReport:
    """Who came to a chat and who went. `sources` are (source, people), the largest first, `REST` last."""

    period: Period
    joined: int
    left: int
    sources: tuple[tuple[str, int], ...]
    slots: tuple[Slot, ...]

    @property
    def net(self) -> int:
        """What remained."""
        return self.joined - self.left


def report(
    period: Period,
    now: datetime,
    came: Iterable[tuple[datetime, str, int]],
    went: Iterable[tuple[datetime, int]],
) -> JoinReport:
    """Put counts of joins (slot, source, people) and leaves (slot, people) together."""
    joins, leaves = list(came), dict(went)
    totals: Counter[str] = Counter()
    for _, source, people in joins:
        totals[source] += people
    sources = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    if len(sources) > SHOWN_SOURCES + 1:
        rest = sum(people for _, people in sources[SHOWN_SOURCES:])
        sources = [*sources[:SHOWN_SOURCES], (REST, rest)]
    places = {name: place for place, (name, _) in enumerate(sources)}
    heights: dict[datetime, list[int]] = {}
    for at, source, people in joins:
        row = heights.setdefault(at, [0] * len(sources))
        row[places.get(source, len(sources) - 1)] += people
    slots = []
    at = period.begin(now)
    while at <= now:
        row = heights.get(at, [0] * len(sources))
        slots.append(Slot(period.label(at), tuple(row), leaves.get(at, 0)))
        at += period.slot
    return JoinReport(period, totals.total(), sum(leaves.values()), tuple(sources), tuple(slots))
