"""Reading providers' numbers, and writing ours: exactly, or not at all."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.gateways.reading import from_decimal, from_units, instant, reading, to_decimal, to_units
from domain.errors import GatewayRefused, GatewayUnreachable
from domain.money import CURRENCIES, Money, digits, money

currencies = st.sampled_from(sorted(CURRENCIES))
amounts = st.builds(Money, st.integers(0, 10**12), currencies)


@given(amounts)
def test_writing_and_reading_change_nothing(asked: Money) -> None:
    written = to_decimal("x", asked)
    assert from_decimal(written, asked.currency.lower()) == asked
    assert len(written.partition(".")[2]) == digits(asked.currency)
    units = to_units("x", asked, 8)
    assert from_units(units, asked.currency, 8) == asked


@given(amounts, st.integers(0, 8))
def test_nothing_is_ever_rounded(asked: Money, places: int) -> None:
    try:
        written = to_decimal("x", asked, places)
    except GatewayRefused:
        assert asked.minor % 10 ** (digits(asked.currency) - places), "it would have to be rounded"
        return
    assert Decimal(written) == asked.amount
    assert len(written.partition(".")[2]) == places


@pytest.mark.parametrize(
    "value", [9.99, 0.1, True, None, "", "9,99", "1e400", "nan", "Infinity", "-1", "9.999", "1_000.5", [], {}]
)
def test_what_is_no_exact_amount_is_refused(value: Any) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        print(from_decimal(value, "USD"))  # noqa: T201 - shows what was taken


@pytest.mark.parametrize("value", [9.0, True, None, "999", Decimal(999), -1, 10**30])
def test_units_are_integers(value: Any) -> None:
    with pytest.raises(ValueError):
        from_units(value, "USD", 2)


@pytest.mark.parametrize("currency", ["", "US", "XXX", None, 840, "USDT", "usd\n"])
def test_unknown_currencies_are_no_money(currency: Any) -> None:
    with pytest.raises(ValueError):
        from_decimal("1", currency)


def test_a_fraction_of_our_smallest_unit_is_no_money() -> None:
    with pytest.raises(ValueError, match="counted"):
        from_units(550, "JPY", 2)
    assert from_units(500, "JPY", 2) == money("5", "JPY")


@pytest.mark.parametrize(
    "written", [1_767_225_600, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00.000+01:00", "2026-01-01T00:00:00"]
)
def test_moments_are_aware(written: object) -> None:
    assert instant(written) == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("error", [KeyError("a"), IndexError(), TypeError(), ValueError(), AttributeError()])
def test_an_answer_that_makes_no_sense_says_nothing(error: Exception) -> None:
    with pytest.raises(GatewayUnreachable), reading("x"):
        raise error


def test_errors_of_ours_pass() -> None:
    with pytest.raises(GatewayRefused), reading("x"):
        raise GatewayRefused("x", "no")
