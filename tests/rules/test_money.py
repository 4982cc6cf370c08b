"""Prices as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import Languages
from domain.errors import Invalid
from domain.money import CURRENCIES, Money, digits, money, parse
from texts.formats import price


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("9.99 USD", 999, "USD"), ("9,99 eur", 999, "EUR"), ("EUR 5", 500, "EUR"), ("0 USD", 0, "USD"),
        ("100 xtr", 100, "XTR"), ("500JPY", 500, "JPY"), ("1.234 KWD", 1234, "KWD"),
        ("0.00000001 BTC", 1, "BTC"), ("۹.۵ USD", 950, "USD"),
    ],
)  # fmt: skip
def test_prices_are_read(text: str, minor: int, currency: str) -> None:
    assert parse(text) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    ["", "free", "9.99", "-1 USD", "9.999 USD", "1.5 JPY", "0.5 XTR", "1,000.00 USD", "NaN USD", "1e3 USD",
     "9.99 ABC", "XXX 5", "USD 5 USD", "99999999999999999 USD"],
)  # fmt: skip
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse(text)


def test_a_bare_number_takes_the_currency_it_had() -> None:
    assert parse("5", "EUR") == Money(500, "EUR")


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(0, 10**12))
def test_nothing_is_lost_on_the_way(currency: str, minor: int) -> None:
    amount = Money(minor, currency)
    assert money(f"{amount.amount:f}", currency) == amount
    assert amount.amount == Decimal(minor) / 10 ** digits(currency)


def test_prices_are_shown_as_readers_expect() -> None:
    t = Languages().translator()
    shown = [price(t, parse(text)) for text in ("9.99 USD", "500 JPY", "100 XTR", "0 EUR", "0.00012 BTC")]
    assert shown == ["$9.99", "¥500", "⭐ 100", "free", "BTC0.00012"]
