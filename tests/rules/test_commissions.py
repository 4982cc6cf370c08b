"""What affiliates earn of a payment, and what of it is theirs to have."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.commissions import Account, Level, Terms, read_level, share, stored_levels
from domain.errors import Invalid
from domain.money import MOST, Money

PERCENTS = st.decimals(0, 100, places=2)


@given(st.integers(0, MOST), st.lists(PERCENTS, min_size=1, max_size=5))
def test_all_levels_together_never_get_more_than_was_paid(minor: int, percents: list[Decimal]) -> None:
    paid = Money(minor, "USD")
    shares = [share(paid, one) for one in percents]
    assert all(0 <= one.minor <= minor for one in shares)
    if sum(percents) <= 100:
        assert sum(one.minor for one in shares) <= minor


@pytest.mark.parametrize(
    ("minor", "percent", "earned"),
    [(999, "20", 199), (1, "99.99", 0), (100, "33.33", 33), (999, "100", 999), (999, "0", 0), (5, "50", 2)],
)
def test_a_share_is_rounded_down(minor: int, percent: str, earned: int) -> None:
    assert share(Money(minor, "XTR"), Decimal(percent)) == Money(earned, "XTR")


def test_without_terms_nobody_earns() -> None:
    for level in (0, 1, 2):
        assert Terms().percent(level, first=True) == Terms().percent(level, first=False) == 0
    assert Terms.read({}) == Terms()
    assert Terms().hold_days == 14


def test_levels_and_what_is_first() -> None:
    terms = Terms.read({"levels": [["20", "10"], ["5", "0"]], "hold_days": 7, "minimum": {"USD": 1000}})
    assert [terms.percent(1, first=one) for one in (True, False)] == [20, 10]
    assert [terms.percent(2, first=one) for one in (True, False)] == [5, 0]
    assert terms.percent(3, first=True) == 0
    assert stored_levels(terms.levels) == [["20", "10"], ["5", "0"]]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("20 10", Level(Decimal(20), Decimal(10))),
        ("20% / 10%", Level(Decimal(20), Decimal(10))),
        ("12,5", Level(Decimal("12.5"), Decimal("12.5"))),
        ("0 100", Level(Decimal(0), Decimal(100))),
    ],
)
def test_levels_as_people_type_them(text: str, level: Level) -> None:
    assert read_level(text) == level


@pytest.mark.parametrize("text", ["", "a lot", "-5", "101", "20 10 5", "1e1", "10.001", "NaN", "²"])
def test_what_is_no_level(text: str) -> None:
    with pytest.raises(Invalid):
        read_level(text)


def test_more_than_everything_is_refused() -> None:
    half = Level(Decimal(50), Decimal(0))
    assert stored_levels([half, half])
    for levels in ([half, half, Level(Decimal("0.01"), Decimal(0))], [Level(Decimal(1), Decimal(1))] * 6):
        with pytest.raises(Invalid):
            stored_levels(levels)


def test_what_is_due() -> None:
    assert Account("USD", earned=1000, held=300, requested=0, paid=200).due == 500
    assert Account("USD", earned=100, held=0, requested=0, paid=250).due == -150, "a refund came after all"


def test_a_request_shrinks_by_what_was_refunded_since() -> None:
    assert Account("USD", earned=1000, held=0, requested=600, paid=0).covered(600) == 600
    assert Account("USD", earned=400, held=0, requested=600, paid=0).covered(600) == 400
    assert Account("USD", earned=100, held=0, requested=600, paid=700).covered(600) == 0
