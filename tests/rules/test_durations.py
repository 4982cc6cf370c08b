"""How long plans last."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import Languages
from domain.durations import LIFETIME, Duration, Term, Unit, add_months, days, extend, parse
from domain.errors import Invalid
from texts.formats import as_written

JAN_31 = datetime(2026, 1, 31, 18, 30, tzinfo=UTC)
MONTH = Duration(1, Unit.MONTH)

moments = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def until(day: date) -> Duration:
    return Duration(until=day)


counted = st.builds(Duration, st.integers(1, 100), st.sampled_from(Unit))


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("1 month", "1 month"), ("1 months", "1 month"), (" 2 Days ", "2 days"), ("3weeks", "3 weeks"),
        ("1 YEAR", "1 year"), ("Lifetime", "lifetime"), ("1.2.2030", "01.02.2030"),
        ("31.12.2030", "31.12.2030"), ("1 месяц", "1 month"), ("7 дней", "7 days"), ("2 Года", "2 years"),
        ("5 лет", "5 years"), ("3 д", "3 days"), ("1 нед.", "1 week"), ("6мес", "6 months"),
        ("1 сутки", "1 day"), ("Навсегда", "lifetime"), ("бессрочно", "lifetime"),
        ("for life", "lifetime"), ("1 wk", "1 week"), ("1 mo", "1 month"),
    ],
)  # fmt: skip
def test_what_people_write_is_understood(text: str, stored: str) -> None:
    assert str(parse(text)) == stored
    assert parse(stored) == parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "0 days", "-1 day", "month", "месяц", "1 m", "1 м", "10 мин", "0 дней", "1 деньги", "1",
     "1.5 months", "99999 years", "31.02.2030", "2030-12-31", "١ day x",
     "1 month; DROP TABLE plan", "32.01.2030", "01.01.9999"],
)  # fmt: skip
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse(text)


@pytest.mark.parametrize("language", ["en", "ru"])
@given(counted | st.just(LIFETIME) | st.dates(date(2000, 1, 1), date(2200, 1, 1)).map(until))
def test_what_is_shown_can_be_sent_back(language: str, length: Duration) -> None:
    assert parse(as_written(Languages().translator(language), length)) == length


def test_months_count_from_their_anchor() -> None:
    term = extend(None, MONTH, JAN_31)
    assert term.end == JAN_31.replace(month=2, day=28)
    term = extend(term, MONTH, JAN_31)
    assert term.end == JAN_31.replace(month=3, day=31)
    assert extend(term, Duration(1, Unit.YEAR), JAN_31).end == JAN_31.replace(year=2027, month=3)


def test_a_leap_day_comes_back() -> None:
    leap = datetime(2024, 2, 29, tzinfo=UTC)
    term = extend(None, Duration(1, Unit.YEAR), leap)
    assert term.end == datetime(2025, 2, 28, tzinfo=UTC)
    assert extend(term, Duration(3, Unit.YEAR), leap).end == datetime(2028, 2, 29, tzinfo=UTC)


def test_days_are_exactly_86400_seconds() -> None:
    assert extend(None, days(7), JAN_31).end == JAN_31 + timedelta(seconds=7 * 86_400)
    assert extend(None, Duration(2, Unit.WEEK), JAN_31).end == JAN_31 + timedelta(days=14)


def test_a_fixed_date_ends_for_everyone_that_day() -> None:
    fixed = parse("31.12.2026")
    assert extend(None, fixed, JAN_31).end == datetime(2027, 1, 1, tzinfo=UTC)
    longer = Term(datetime(2028, 1, 1, tzinfo=UTC))
    assert extend(longer, fixed, JAN_31) == longer, "it takes nothing away"


def test_life_stays_life() -> None:
    assert extend(Term(None), MONTH, JAN_31).end is None
    assert extend(Term(JAN_31), LIFETIME, JAN_31).end is None


@given(moments, counted, counted)
def test_more_is_never_less(now: datetime, first: Duration, second: Duration) -> None:
    one = extend(None, first, now)
    two = extend(one, second, now)
    assert one.end is not None
    assert two.end is not None
    assert now < one.end < two.end


@given(moments, st.integers(1, 40), st.integers(1, 40))
def test_in_parts_or_at_once_is_the_same(now: datetime, first: int, second: int) -> None:
    in_parts = extend(extend(None, Duration(first, Unit.MONTH), now), Duration(second, Unit.MONTH), now)
    assert in_parts.end == add_months(now, first + second)


@given(moments, st.integers(0, 1200))
def test_the_day_of_the_month_is_kept_where_it_exists(anchor: datetime, months: int) -> None:
    moved = add_months(anchor, months)
    assert moved.time() == anchor.time()
    assert moved.day == anchor.day or (moved + timedelta(days=1)).day == 1


@given(moments, counted, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_a_late_renewal_always_gives_time(end: datetime, length: Duration, late: timedelta) -> None:
    now = end + late
    renewed = extend(Term(end), length, now)
    assert renewed.end is not None
    assert renewed.end > now


def test_the_end_of_the_calendar_is_no_crash() -> None:
    far = datetime(9998, 6, 1, tzinfo=UTC)
    assert add_months(far, 1200) >= far
    assert (extend(None, days(36_500), far).end or far) >= far
