"""How long a plan lasts: so many days, weeks, months or years, for life, or until a date.

Days are exactly 86 400 s. Months and years are calendar ones, counted from an anchor and never chained:
a month after Jan 31 is Feb 28, and the month after that ends on Mar 31.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from domain.errors import Invalid
from domain.time_words import is_forever, unit_of

LONGEST = {"day": 36_500, "week": 5_200, "month": 1_200, "year": 100}
FOREVER_WORD = "lifetime"
_COUNTED = re.compile(r"(\d{1,5})\s*([^\W\d_]+)\.?")
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_LAST_MOMENT = datetime(9999, 12, 1, tzinfo=UTC)


class Unit(StrEnum):
    """What a duration counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Duration:
    """`count` × `unit`; or, with `unit` None, until the end of the day `until`; with neither, for life."""

    count: int = 0
    unit: Unit | None = None
    until: date | None = None

    def __str__(self) -> str:
        """The form that is stored and that the API speaks: `2 days`, `1 year`, `lifetime`, `31.12.2026`."""
        if self.until is not None:
            return self.until.strftime("%d.%m.%Y")
        if self.unit is None:
            return FOREVER_WORD
        return f"{self.count} {self.unit}{'s' * (self.count != 1)}"

    @property
    def for_life(self) -> bool:
        """True when it never ends."""
        return self.unit is None and self.until is None

    @property
    def fixed_end(self) -> datetime | None:
        """For a fixed date: the first moment after that day (UTC)."""
        if self.until is None:
            return None
        return datetime(self.until.year, self.until.month, self.until.day, tzinfo=UTC) + timedelta(days=1)


LIFETIME = Duration()


def days(count: int) -> Duration:
    """So many days."""
    return Duration(count, Unit.DAY)


def parse(text: str) -> Duration:
    """Read a duration as people write it, in English or Russian. Raises `Invalid` (duration)."""
    text = text.strip()
    if is_forever(text):
        return LIFETIME
    if found := _COUNTED.fullmatch(text):
        count, unit = int(found[1]), unit_of(found[2])
        if unit not in LONGEST or not 1 <= count <= LONGEST[unit]:
            raise Invalid("duration", "duration")
        return Duration(count, Unit(unit))
    if found := _DATE.fullmatch(text):
        try:
            day = date(int(found[3]), int(found[2]), int(found[1]))
        except ValueError:
            raise Invalid("duration", "duration") from None
        if not 2000 <= day.year <= 2200:
            raise Invalid("duration", "duration")
        return Duration(until=day)
    raise Invalid("duration", "duration")


@dataclass(frozen=True, slots=True)
class Term:
    """The time of a membership: `months` calendar months from `anchor`; for life when `anchor` is None."""

    anchor: datetime | None
    months: int = 0

    @property
    def end(self) -> datetime | None:
        """The first moment that is not covered any more; None for life."""
        return None if self.anchor is None else add_months(self.anchor, self.months)


def extend(term: Term | None, duration: Duration, now: datetime) -> Term:
    """The term after one more `duration`, counted from the end of `term` where one still counts, else from
    `now`.

    A fixed date sets the end for everyone, and never shortens what somebody has already.
    """
    base = term or Term(now)
    if base.anchor is None or duration.for_life:
        return Term(None)
    extended = _later(base, duration)
    if term is not None and extended.end is not None and extended.end <= now:
        return _later(Term(now), duration)  # the old end lies so far back that nothing would be left
    return extended


def _later(base: Term, duration: Duration) -> Term:
    end = base.end
    assert end is not None  # noqa: S101 - terms for life are not counted on
    if (fixed := duration.fixed_end) is not None:
        return base if end >= fixed else Term(fixed)
    match duration.unit:
        case Unit.MONTH:
            return Term(base.anchor, base.months + duration.count)
        case Unit.YEAR:
            return Term(base.anchor, base.months + 12 * duration.count)
        case Unit.WEEK:
            return Term(_add_days(end, 7 * duration.count))
        case _:
            return Term(_add_days(end, duration.count))


def add_months(anchor: datetime, months: int) -> datetime:
    """`anchor` moved by calendar months; on a day the month lacks, its last day. Never past the year 9999."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    if year >= 9999:
        return max(anchor, _LAST_MOMENT)
    last = calendar.monthrange(year, month + 1)[1]
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, last))


def _add_days(moment: datetime, count: int) -> datetime:
    try:
        return min(moment + timedelta(days=count), max(moment, _LAST_MOMENT))
    except OverflowError:
        return max(moment, _LAST_MOMENT)
