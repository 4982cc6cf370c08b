"""How Stripe counts."""

from dataclasses import replace

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.gateways import stripe_money
from domain.errors import GatewayRefused
from domain.money import CURRENCIES, Money, money
from tests.gateways.asking import gateway_to, wanted
from tests.gateways.fakes.stripe import StripeFake


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("9.99", "USD", 999),
        ("500", "JPY", 500),
        ("5", "ISK", 500),
        ("5", "UGX", 500),
        ("5.12", "KWD", 5120),
        ("7", "MGA", 7),
        ("10.45", "HUF", 1045),
        ("1", "XOF", 1),
    ],
)
def test_amounts_are_counted_as_stripe_counts(amount: str, currency: str, units: int) -> None:
    """The examples of docs.stripe.com/currencies."""
    assert stripe_money.units(money(amount, currency)) == units
    assert stripe_money.amount(units, currency.lower()) == money(amount, currency)


@pytest.mark.parametrize(
    ("amount", "currency"), [("5.124", "KWD"), ("1.50", "MGA"), ("1", "XTR"), ("1", "BTC")]
)
async def test_what_stripe_cannot_count_is_refused_unasked(
    session: aiohttp.ClientSession, amount: str, currency: str
) -> None:
    async with StripeFake() as fake:
        asked = replace(wanted(fake), amount=money(amount, currency))
        with pytest.raises(GatewayRefused):
            await gateway_to(fake, session).checkout(fake.credentials, asked)
        assert not fake.calls


@given(st.sampled_from(sorted(stripe_money.CURRENCIES & CURRENCIES)), st.integers(0, 10**9))
def test_counting_there_and_back_changes_nothing(currency: str, minor: int) -> None:
    asked = Money(minor, currency)
    try:
        units = stripe_money.units(asked)
    except GatewayRefused:
        return
    assert stripe_money.amount(units, currency.lower()) == asked


def test_every_currency_is_one_of_ours() -> None:
    assert not {"XTR", "BTC"} & stripe_money.CURRENCIES
    strange = stripe_money.CURRENCIES - CURRENCIES
    assert not strange, "a payment in them could not be read"
