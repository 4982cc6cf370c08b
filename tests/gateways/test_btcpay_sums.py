"""Coins and money: what came is counted exactly, rounded down, and never what was asked for."""

from decimal import ROUND_UP, Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from delivery.gateways.btcpay_invoices import gone_back, news
from domain.errors import GatewayUnreachable
from domain.gateways import State
from domain.money import Money, digits

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "BTC", "RUB"])
MINOR = st.integers(1, 10**11)
RATES = st.decimals("0.00000001", "99999999", places=8)
NUMBERS = [float("nan"), 1.5, None, True, "x", "NaN", "Infinity", [], {}]


def coins(money: Money, rate: Decimal) -> Decimal:
    """What BTCPay asks for, rounded up to its smallest unit."""
    return (money.amount / rate).quantize(Decimal("1e-8"), ROUND_UP)


def invoice(asked: Money, status: str, more: str) -> dict[str, Any]:
    return {
        "id": "Inv1",
        "status": status,
        "additionalStatus": more,
        "amount": f"{asked.amount:f}",
        "currency": asked.currency,
        "metadata": {"orderId": "GH-1"},
    }


def method(rate: Decimal, *values: Decimal, status: str = "Settled") -> dict[str, Any]:
    payments = [
        {"value": f"{v:f}", "fee": "0", "status": status, "receivedDate": 1_700_000_000} for v in values
    ]
    total = f"{sum(values, Decimal(0)):f}"
    return {"currency": "BTC", "rate": f"{rate:f}", "totalPaid": total, "payments": payments}


@given(MINOR, CURRENCIES, RATES)
@settings(deadline=None)
@example(999, "USD", Decimal("64392.23"))
def test_what_is_paid_in_full_is_as_much_as_was_asked(minor: int, currency: str, rate: Decimal) -> None:
    asked = Money(minor, currency)
    (proof,) = news(invoice(asked, "Settled", "None"), [method(rate, coins(asked, rate))])
    assert proof.state is State.PAID
    assert proof.paid is not None
    assert proof.paid.minor >= minor
    smallest = Decimal("1e-8") * rate * 10 ** digits(currency)
    assert proof.paid.minor <= minor + smallest + 1, "and no more than rounding makes of it"


@given(MINOR, CURRENCIES, RATES, st.lists(st.decimals("0", "1000", places=8), max_size=5))
@settings(deadline=None)
def test_what_came_too_short_is_counted_and_rounded_down(
    minor: int, currency: str, rate: Decimal, values: list[Decimal]
) -> None:
    worth = sum(values, Decimal(0)) * rate * 10 ** digits(currency)
    found = news(invoice(Money(minor, currency), "Expired", "PaidPartial"), [method(rate, *values)])
    paid = [proof.paid.minor for proof in found if proof.state is State.PAID and proof.paid]
    assert paid == ([int(worth)] if int(worth) else [])
    assert found[0].state is State.CLOSED


@given(MINOR, RATES)
@settings(deadline=None)
def test_all_the_coins_back_are_all_the_money_back(minor: int, rate: Decimal) -> None:
    paid = Money(minor, "USD")
    methods = [method(rate, coins(paid, rate))]
    pull = {"currency": "BTC", "amount": methods[0]["totalPaid"]}
    assert gone_back([pull], methods, paid) == paid
    assert gone_back([pull, pull], methods, paid) == paid, "never more than was paid"
    assert gone_back([{"currency": "USD", "amount": f"{paid.amount:f}"}], methods, paid) == paid
    assert gone_back([], methods, paid).minor == 0


def test_fees_that_the_payer_bore_are_none_of_the_price() -> None:
    paid = method(Decimal(100), Decimal("0.1"))
    paid["payments"][0]["fee"] = "0.04"
    (_, proof) = news(invoice(Money(999, "USD"), "Expired", "PaidPartial"), [paid])
    assert proof.paid == Money(600, "USD")


@pytest.mark.parametrize("number", NUMBERS, ids=repr)
@pytest.mark.parametrize("name", ["rate", "value"])
def test_numbers_nobody_understands_prove_nothing(name: str, number: object) -> None:
    paid = method(Decimal(100), Decimal("0.1"))
    (paid if name == "rate" else paid["payments"][0])[name] = number
    with pytest.raises(GatewayUnreachable):
        news(invoice(Money(999, "USD"), "Settled", "None"), [paid])
