"""The figures of campaigns, as rules."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import Invalid
from domain.tracker_stats import (
    Cost,
    Count,
    Counted,
    Figures,
    Period,
    Retention,
    Span,
    by_day,
    by_source,
    days_of,
    period_of,
    slots,
    span_of,
    total,
)

NOW = datetime(2026, 5, 10, 15, 30, tzinfo=UTC)
FIRST, SECOND = date(2026, 5, 9), date(2026, 5, 10)
COUNTS = [
    Count(Counted.START, FIRST, "blog", 4),
    Count(Counted.CAME_IN, FIRST, "blog", 3),
    Count(Counted.START, SECOND, "", 6),
    Count(Counted.CAME_IN, SECOND, "", 1),
    Count(Counted.CONFIRM, SECOND, "blog", 3),
    Count(Counted.KEPT, SECOND, "blog", 2),
    Count(Counted.CONFIRM, SECOND, "", 1),
    Count(Counted.UNSUB, SECOND, "blog", 1),
]


def test_all_together() -> None:
    figures = total(COUNTS)
    assert figures == Figures(starts=10, came_in=4, confirms=4, kept=2, unsubs=1)
    assert figures.cr == pytest.approx(0.4)
    assert Figures().cr == 0, "nobody came: no rate, and no error"


def test_by_source_the_largest_first() -> None:
    found = by_source(COUNTS)
    assert [(one.source, one.figures.starts, one.figures.confirms) for one in found] == [
        ("", 6, 1),
        ("blog", 4, 3),
    ]


def test_days_without_anything_are_days_too() -> None:
    span = Span(datetime(2026, 5, 8, tzinfo=UTC), None)
    found = by_day(COUNTS, span, NOW)
    assert [one.day for one in found] == [date(2026, 5, 8), FIRST, SECOND]
    assert [one.figures.starts for one in found] == [0, 4, 6]
    until = by_day(COUNTS, Span(span.since, datetime(2026, 5, 10, tzinfo=UTC)), NOW)
    assert [one.day for one in until] == [date(2026, 5, 8), FIRST], "the end is exclusive"


def test_the_bars() -> None:
    found = slots(by_day(COUNTS, period_of(Period.WEEK, NOW), NOW))
    assert len(found) == 7
    assert (found[-2].label, found[-2].joined, found[-2].left) == ("05-09", (3, 1), 0)
    assert (found[-1].label, found[-1].joined, found[-1].left) == ("05-10", (1, 5), 1)


def test_a_week_is_today_and_six_days_before() -> None:
    assert period_of(Period.WEEK, NOW) == Span(datetime(2026, 5, 4, tzinfo=UTC), None)


def test_day_by_day_needs_an_end() -> None:
    assert days_of(Span(), NOW) == Span(datetime(2026, 4, 11, tzinfo=UTC), NOW)
    year = Span(NOW - timedelta(days=366), NOW)
    assert days_of(year, NOW) == year
    with pytest.raises(Invalid, match="stats_span"):
        days_of(Span(NOW - timedelta(days=367), NOW), NOW)
    with pytest.raises(Invalid, match="stats_span"):
        days_of(span_of(1, 0), NOW)
    far = days_of(Span(NOW, datetime(9999, 1, 1, tzinfo=UTC)), NOW)
    assert far.before == NOW + timedelta(days=1), "the future has no figures"


def test_moments() -> None:
    assert span_of(0, 0) == Span()
    assert span_of(1_777_593_600, 0).since == datetime(2026, 5, 1, tzinfo=UTC)
    with pytest.raises(Invalid, match="stats_moment"):
        span_of(0, 10**15)


def test_rates_and_costs() -> None:
    assert Retention(7, 8, 6).rate == pytest.approx(0.75)
    assert Retention(30, 0, 0).rate == 0
    assert Cost("USD", 10_000_000, 3).per_kept == 3_333_333
    assert Cost("USD", 10_000_000, 0).per_kept is None
