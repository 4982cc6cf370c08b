"""Money of one currency said in another, and how amounts are written. No number here is a float."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import revenue
from domain.errors import Invalid
from domain.house_style import formatted
from domain.money import CURRENCIES, Money, digits, money
from domain.rates import (
    REPORT_CURRENCIES,
    NoRate,
    Rate,
    RateBook,
    cross,
    inverse,
    report_currency,
    rounded,
    settled,
    sound,
    stars,
    total,
    written,
)
from domain.reports import Unit
from storage.ecb_history import EcbHistory, read_packaged

TUESDAY = date(2024, 7, 16)
WEDNESDAY = date(2024, 7, 17)


@cache
def packaged() -> EcbHistory:
    return read_packaged()


def book(kept: dict[str, list[tuple[date, Decimal]]] | None = None, **options: object) -> RateBook:
    return RateBook(packaged(), kept or {}, **options)  # type: ignore[arg-type]


def converted(amount: str, currency: str, target: str, day: date) -> str:
    return written(book().convert(money(amount, currency), target, day))


@pytest.mark.parametrize(
    ("amount", "currency", "target", "day", "result"),
    [
        ("1.23", "EUR", "USD", WEDNESDAY, "1.344882"),  # the membership API's own samples
        ("50.37", "BRL", "USD", WEDNESDAY, "9.25856208"),
        ("100.74", "BRL", "EUR", TUESDAY, "17.00913401"),
        ("99.99", "EUR", "EUR", WEDNESDAY, "99.99"),
        ("10", "GBP", "EUR", TUESDAY, "11.8965476"),  # 1 / 0.84058 = 1.18965476
        ("10", "GBP", "USD", TUESDAY, "12.9696162"),  # 1.0902 / 0.84058 = 1.29696162
        ("500", "JPY", "JPY", TUESDAY, "500"),
        ("1000", "JPY", "EUR", TUESDAY, "5.792065"),  # seven digits: 1 / 172.65 = 0.005792065
        ("10", "EUR", "JPY", TUESDAY, "1726.5"),
        ("100", "XTR", "USD", TUESDAY, "1.3"),
        ("100", "XTR", "XTR", TUESDAY, "100"),
        ("1.234", "KWD", "KWD", TUESDAY, "1.234"),
    ],
)
def test_conversions(amount: str, currency: str, target: str, day: date, result: str) -> None:
    assert converted(amount, currency, target, day) == result


def test_on_weekends_fridays_rate_counts() -> None:
    friday, saturday, sunday, monday = (date(2024, 7, day) for day in (12, 13, 14, 15))
    rates = [book().per_eur("USD", day) for day in (friday, saturday, sunday, monday)]
    assert rates == [Decimal("1.089")] * 3 + [Decimal("1.0907")]


def test_a_rate_that_is_too_old_is_no_rate() -> None:
    last = date(2022, 3, 1)
    assert book().per_eur("RUB", last + timedelta(days=45)) == Decimal("117.201")
    for target, source in (("RUB", "USD"), ("USD", "RUB")):
        with pytest.raises(NoRate) as caught:
            book().rate(source, target, last + timedelta(days=46))
        assert (caught.value.currency, caught.value.day, caught.value.reason) == ("RUB", last, "no_rate")
    assert book(max_age=46).per_eur("RUB", last + timedelta(days=46)) == Decimal("117.201")
    with pytest.raises(NoRate):
        book(max_age=7).per_eur("RUB", last + timedelta(days=8))


@pytest.mark.parametrize("currency", ["KWD", "BTC", "USD"])
def test_what_nobody_publishes_has_no_last_day(currency: str) -> None:
    with pytest.raises(NoRate) as caught:
        book().per_eur(currency, date(1998, 12, 31))
    assert caught.value.day is None


def test_a_kept_rate_counts_when_it_is_the_later_one() -> None:
    own = book({"RUB": [(TUESDAY, Decimal("96.6"))], "USD": [(date(2024, 7, 1), Decimal(5))]})
    assert own.per_eur("RUB", WEDNESDAY) == Decimal("96.6")
    assert own.per_eur("USD", WEDNESDAY) == Decimal("1.0934"), "the packaged one is of the day itself"
    with pytest.raises(NoRate) as caught:
        own.per_eur("RUB", TUESDAY - timedelta(days=1))
    assert caught.value.day == date(2022, 3, 1), "a later rate is no earlier one"


def test_bitcoin_and_stars() -> None:
    own = book({"BTC": [(TUESDAY, inverse(Decimal("59000.5")))]}, star_usd=Decimal("0.02"))
    assert written(own.convert(money("0.001", "BTC"), "EUR", TUESDAY)) == "59.0005"
    assert written(own.convert(money("59000.5", "EUR"), "BTC", TUESDAY)) == "1"
    assert written(own.convert(money("1000", "JPY"), "BTC", TUESDAY)) == "0.00009817"
    assert written(own.convert(money("50", "XTR"), "USD", TUESDAY)) == "1"
    assert stars(Decimal("9.99"), Decimal("0.013")) == Money(769, "XTR"), "never less than the price"
    assert stars(Decimal("1.3"), Decimal("0.013")) == Money(100, "XTR")


def test_a_rate_noted_at_the_payment_meets_the_other_rate_of_its_day() -> None:
    """In the morning Monday's rates are the newest; those of Tuesday come in the afternoon."""
    monday = date(2024, 7, 15)
    noted = book().per_eur("GBP", monday)
    assert noted != book().per_eur("GBP", TUESDAY)
    assert book().rate("GBP", "USD", TUESDAY, noted) == book().rate("GBP", "USD", monday)
    star = book().per_eur("XTR", monday)
    assert book().rate("XTR", "USD", TUESDAY, star) == Decimal("0.013")
    assert book().rate("RUB", "USD", TUESDAY, Decimal("96.6")) == cross(Decimal("96.6"), Decimal("1.0902"))


cents = st.lists(st.integers(0, 10**12), min_size=1, max_size=20)


@settings(deadline=None)
@given(cents, st.sampled_from(["USD", "GBP", "JPY", "BRL", "TRY"]))
def test_from_euros_the_parts_are_the_whole_to_the_last_digit(parts: list[int], target: str) -> None:
    own = book()
    each = [settled(own.convert(Money(part, "EUR"), target, TUESDAY)) for part in parts]
    assert total(each) == settled(own.convert(Money(sum(parts), "EUR"), target, TUESDAY))


@settings(deadline=None)
@given(cents, st.sampled_from(["USD", "GBP", "JPY", "XTR", "BRL"]), st.sampled_from(["EUR", "USD", "INR"]))
def test_the_sum_of_converted_parts_is_the_converted_sum(parts: list[int], source: str, target: str) -> None:
    own = book()
    whole = own.convert(Money(sum(parts), source), target, TUESDAY)
    assert total([own.convert(Money(part, source), target, TUESDAY) for part in parts]) == whole
    assert abs(settled(whole) - whole) <= Decimal("0.000000005")


@settings(deadline=None)
@given(st.decimals("0.000001", "100000", places=6), st.decimals("0.000001", "100000", places=6))
def test_a_rate_is_finite_and_near_the_truth(source: Decimal, target: Decimal) -> None:
    rate = cross(source, target)
    assert rate > 0
    assert abs(rate * source - target) <= max(source * Decimal("0.000000005"), target * Decimal("5e-7"))


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1.344882", "1.344882"), ("17.0000", "17"), ("0", "0"), ("0.000000005", "0.00000001"), ("1E+3", "1000"),
     ("0.000000004", "0"), ("-0.00000000001", "0"), ("100", "100"), ("398.606363320000070", "398.60636332")],
)  # fmt: skip
def test_amounts_as_the_api_writes_them(amount: str, text: str) -> None:
    assert written(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1.344882", "USD", "$1.34"), ("38.0371384", "USD", "$38.04"), ("1234.555", "USD", "$1,234.56"),
        ("2412.0767644", "EUR", "2 412,08€"), ("762.50008054", "EUR", "762,50€"),
        ("1000", "EUR", "1 000,00€"),
        ("5.94919385", "EUR", "5,95€"), ("0", "EUR", "0,00€"), ("1234567.89", "EUR", "1 234 567,89€"),
        ("1.234", "GBP", "£1.23"), ("1234.5", "JPY", "¥1,235"), ("0.00012345", "BTC", "₿0.00012345"),
        ("1000", "RUB", "1 000,00₽"), ("1000", "XTR", "⭐ 1 000"), ("9.2", "BRL", "R$9,20"),
        ("1234.5", "TRY", "₺1.234,50"), ("1.005", "CAD", "CA$1.01"), ("1.2345", "KWD", "1.235 KWD"),
        ("-1.5", "USD", "-$1.50"), ("-0.001", "USD", "$0.00"), ("2.5", "CNY", "CN¥2.50"),
    ],
)  # fmt: skip
def test_house_style(amount: str, currency: str, text: str) -> None:
    assert formatted(Decimal(amount), currency) == text


@settings(deadline=None)
@given(st.decimals("-1000000000", "1000000000", places=9), st.sampled_from(sorted(CURRENCIES)))
def test_every_currency_has_a_style_that_loses_nothing(amount: Decimal, currency: str) -> None:
    shown = formatted(amount, currency)
    exact = rounded(amount, currency)
    assert abs(exact.amount - amount) <= Decimal(1).scaleb(-digits(currency)) / 2
    assert "".join(filter(str.isdigit, shown)) == f"{abs(exact.minor):0{digits(currency) + 1}d}"


def test_currencies_of_reports() -> None:
    assert [report_currency(f" {code.lower()} ") for code in REPORT_CURRENCIES] == list(REPORT_CURRENCIES)
    assert len(REPORT_CURRENCIES) == 13
    for text in ("", "xtr", "kwd", "euro", "us"):
        with pytest.raises(Invalid) as caught:
            report_currency(text)
        assert caught.value.field == "currency"


@pytest.mark.parametrize(
    ("quote", "day", "value", "fine"),
    [
        ("USD", TUESDAY, "1.09", True), ("USD", WEDNESDAY, "1.09", True),
        ("USD", date(2024, 7, 18), "1", False),
        ("USD", TUESDAY, "0", False), ("USD", TUESDAY, "-1", False), ("USD", TUESDAY, "NaN", False),
        ("USD", TUESDAY, "Infinity", False), ("EUR", TUESDAY, "2", False), ("QQQ", TUESDAY, "2", False),
        ("USD", TUESDAY, "1." + "1" * 40, False),
    ],
)  # fmt: skip
def test_what_can_be_a_rate(quote: str, day: date, value: str, fine: bool) -> None:
    assert sound(Rate(quote, day, Decimal(value), "test"), TUESDAY) is fine


def test_periods_go_back_by_the_calendar() -> None:
    day = date(2024, 3, 31)
    assert [Unit.MONTH.name_of(one) for one in Unit.MONTH.back(day, 4)] == [
        "2024-03", "2024-02", "2024-01", "2023-12"
    ]  # fmt: skip
    assert [Unit.DAY.name_of(one) for one in Unit.DAY.back(date(2024, 3, 1), 2)] == [
        "2024-03-01",
        "2024-02-29",
    ]
    assert [Unit.YEAR.name_of(one) for one in Unit.YEAR.back(day, 2)] == ["2024", "2023"]
    assert len(list(Unit.YEAR.back(date(3, 5, 5), 10))) == 3, "there is no year 0"


def test_settings_of_an_owner() -> None:
    assert revenue.read({}) == revenue.RevenueSettings()
    odd = {"currency": "XXX", "star_usd": "free", "max_age": -1, "daily": "yes"}
    assert revenue.read(odd) == revenue.RevenueSettings()
    own = {"currency": "USD", "star_usd": "0.015", "max_age": 7, "daily": True}
    assert revenue.read(own) == revenue.RevenueSettings("USD", Decimal("0.015"), 7, True)
    assert revenue.star_price("$0,02 ") == revenue.star_price("0.02 USD") == Decimal("0.02")
    for text in ("0", "-1", "1.1", "NaN", "inf", "", "x", "0.0000000001"):
        with pytest.raises(Invalid):
            revenue.star_price(text)
