"""What coupons take off, and for whom they count."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.coupons import (
    Buyer,
    Coupon,
    Direction,
    Revenue,
    Taken,
    check_coupon_name,
    closed,
    coupon_link,
    misplaced,
    new_coupon_name,
    plain_decimal,
    read_coupon_name,
    to_pay,
    unfit,
)
from domain.errors import Invalid
from domain.money import MOST, Money
from domain.plans import Plan
from services.coupon_fields import read_field
from services.coupons import Desk
from storage.plans import plan_of

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ZERO = Decimal(0)
PLAIN = Coupon(
    id=1, name="SPRING", percent=ZERO, amount=ZERO, min_amount=ZERO, max_amount=ZERO, uses=0,
    plans=frozenset(), gateways=frozenset(), revenue=None, newcomers=False, singleuse=False,
    invitee_only=False, auto_apply=False, enabled=True, expires_at=None,
)  # fmt: skip
TENTH = replace(PLAIN, percent=Decimal(10))
NEW = Buyer(newcomer=True, invited=True)
OLD = Buyer(newcomer=False, invited=False)
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "BTC", "XTR"])
PRICES = st.builds(Money, st.integers(0, MOST), CURRENCIES)
PERCENTS = st.decimals(0, 100, places=2)
AMOUNTS = st.decimals(0, 10**13, places=8)


def usd(amount: str) -> Money:
    return Money(int(Decimal(amount) * 100), "USD")


def plan(price: Money, plan_id: int = 7) -> Plan:
    return plan_of(
        {"id": plan_id, "name": "Gold", "duration": "1 month", "price": price.minor,
         "currency": price.currency}
    )  # fmt: skip


@given(PRICES, PERCENTS, AMOUNTS)
def test_never_below_zero_and_never_above_the_price(price: Money, percent: Decimal, amount: Decimal) -> None:
    left = to_pay(replace(PLAIN, percent=percent, amount=amount), price)
    assert left.currency == price.currency
    assert 0 <= left.minor <= price.minor


@given(PRICES)
def test_a_hundred_percent_is_everything_and_none_is_nothing(price: Money) -> None:
    assert to_pay(replace(PLAIN, percent=Decimal(100)), price).minor == 0
    assert to_pay(PLAIN, price) == price


@given(PRICES, PERCENTS)
def test_rounding_is_half_a_minor_unit_at_most(price: Money, percent: Decimal) -> None:
    exact = Decimal(price.minor) * (100 - percent) / 100
    off = to_pay(replace(PLAIN, percent=percent), price).minor - exact
    assert Decimal("-0.5") < off <= Decimal("0.5"), "half a unit is rounded up"


@pytest.mark.parametrize(
    ("percent", "amount", "price", "left"),
    [
        ("50", "0", Money(999, "USD"), 500),  # 4.995
        ("10", "0", Money(5, "XTR"), 5),  # 4.5: half up, so that nothing is taken off
        ("33.33", "0", Money(10_000, "JPY"), 6_667),
        ("0", "2.50", Money(999, "USD"), 749),
        ("0", "2.50", Money(999, "JPY"), 997),  # 996.5
        ("0", "2.505", Money(9_999, "KWD"), 7_494),
        ("0", "100", Money(999, "USD"), 0),
        ("10", "1", Money(1_000, "USD"), 800),
        ("0", "0.00000001", Money(2, "BTC"), 1),
    ],
)
def test_what_is_left(percent: str, amount: str, price: Money, left: int) -> None:
    coupon = replace(PLAIN, percent=Decimal(percent), amount=Decimal(amount))
    assert to_pay(coupon, price) == Money(left, price.currency)


def test_when_it_counts_for_nobody() -> None:
    assert closed(TENTH, Taken(), NOW) is None
    assert closed(replace(TENTH, enabled=False), Taken(), NOW) == "coupon_disabled"
    assert closed(replace(TENTH, expires_at=NOW), Taken(), NOW) == "coupon_expired"
    assert closed(replace(TENTH, expires_at=NOW + timedelta(seconds=1)), Taken(), NOW) is None
    assert closed(replace(TENTH, uses=2), Taken(all=1), NOW) is None
    assert closed(replace(TENTH, uses=2), Taken(all=2), NOW) == "coupon_used_up"
    assert closed(replace(TENTH, uses=2), Taken(all=3), NOW) == "coupon_used_up", "late money"
    assert closed(TENTH, Taken(all=10**6), NOW) is None


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("newcomers", "coupon_newcomers"),
        ("singleuse", "coupon_once"),
        ("invitee_only", "coupon_invited"),
    ],
)
def test_whom_it_is_for(option: str, reason: str) -> None:
    coupon = replace(TENTH, **{option: True})
    assert unfit(coupon, NEW, Taken()) is None
    taken = Taken(all=1, his=1) if option == "singleuse" else Taken()
    assert unfit(coupon, OLD, taken) == reason
    assert unfit(coupon, None, Taken()) == reason, "nobody knows yet who buys: so no"
    assert unfit(TENTH, None, Taken(5, 5)) is None


def test_what_he_has_paid_so_far() -> None:
    above = replace(TENTH, revenue=Revenue(Direction.ABOVE, Decimal(10), "USD"))
    below = replace(TENTH, revenue=Revenue(Direction.BELOW, Decimal(10), "USD"))
    for spent, fits_above, fits_below in (
        ("9.99", False, True),
        ("10", False, False),
        ("10.01", True, False),
    ):
        buyer = Buyer(False, False, {"USD": Decimal(spent)})
        assert (unfit(above, buyer, Taken()) is None) is fits_above
        assert (unfit(below, buyer, Taken()) is None) is fits_below
    for coupon in (above, below):
        assert unfit(coupon, Buyer(True, True, {"EUR": Decimal(99)}), Taken()) == "coupon_revenue"
        assert unfit(coupon, None, Taken()) == "coupon_revenue"


def test_what_it_is_for() -> None:
    price = usd("10")
    assert misplaced(TENTH, 7, price, "stripe") is None
    assert misplaced(replace(TENTH, plans=frozenset({8})), 7, price, None) == "coupon_plan"
    only_stripe = replace(TENTH, gateways=frozenset({"stripe"}))
    assert misplaced(only_stripe, 7, price, "stripe") is None
    assert misplaced(only_stripe, 7, price, "paypal") == "coupon_gateway"
    assert misplaced(only_stripe, 7, price, None) is None, "not chosen yet"
    for field, limit, reason in (
        ("min_amount", "10.01", "coupon_min"), ("min_amount", "10", None),
        ("max_amount", "9.99", "coupon_max"), ("max_amount", "10", None),
    ):  # fmt: skip
        assert misplaced(replace(TENTH, **{field: Decimal(limit)}), 7, price, None) == reason
    assert misplaced(PLAIN, 7, price, None) == "coupon_nothing"
    assert misplaced(TENTH, 7, usd("0"), None) == "coupon_nothing", "what is free needs no coupon"


AUTO = st.lists(
    st.builds(
        lambda percent, amount: replace(PLAIN, percent=percent, amount=amount, auto_apply=True),
        PERCENTS,
        st.decimals(0, 100, places=2),
    ),
    max_size=6,
)


def desk(coupons: list[Coupon], hand: int | None = None, taken: dict[int, Taken] | None = None) -> Desk:
    return Desk(hand, {one.id: one for one in coupons}, taken or {}, OLD, NOW)


@given(AUTO, st.integers(0, 100_000))
def test_of_those_that_apply_by_themselves_the_best_does(coupons: list[Coupon], minor: int) -> None:
    numbered = [replace(one, id=number) for number, one in enumerate(coupons)]
    found = desk(numbered).best(plan(Money(minor, "USD")), None)
    costs = [to_pay(one, Money(minor, "USD")).minor for one in numbered]
    if found is None:
        assert all(cost == minor for cost in costs)
    else:
        assert found.amount.minor == min(costs) < minor


def test_the_one_in_hand_comes_first_and_only_where_it_fits() -> None:
    hand = replace(TENTH, id=1, plans=frozenset({7}))
    auto = replace(PLAIN, id=2, percent=Decimal(5), auto_apply=True)
    both = desk([hand, auto], hand=1)
    assert [one and one.coupon_id for one in (both.best(plan(usd("10")), None),)] == [1]
    other = both.best(plan(usd("10"), plan_id=8), None)
    assert other is not None
    assert other.coupon_id == 2
    unheld = desk([hand, auto]).best(plan(usd("10")), None)
    assert unheld is not None
    assert unheld.coupon_id == 2, "a coupon that was not entered counts for nobody"


def test_one_that_is_used_up_or_limited_to_others_is_passed_over() -> None:
    best = replace(PLAIN, id=1, percent=Decimal(90), auto_apply=True, uses=1)
    fresh = replace(PLAIN, id=2, percent=Decimal(50), auto_apply=True, newcomers=True)
    plain = replace(PLAIN, id=3, percent=Decimal(5), auto_apply=True)
    found = desk([best, fresh, plain], taken={1: Taken(all=1)}).best(plan(usd("10")), None)
    assert found is not None
    assert found.coupon_id == 3


@pytest.mark.parametrize("name", ["abc", "A_-9", "x" * 32, " SPRING "])
def test_names(name: str) -> None:
    assert check_coupon_name(name) == name.strip()
    link = coupon_link("club_bot", name.strip())
    assert read_coupon_name(link) == name.strip()
    assert len(link.partition("start=")[2]) <= 64


@pytest.mark.parametrize("name", ["", "ab", "x" * 33, "a b c", "весна", "a.b.c", "<b>abc</b>", "abc\n1"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(Invalid):
        check_coupon_name(name)
    assert read_coupon_name(name) is None


def test_made_up_names_are_names() -> None:
    made = {new_coupon_name() for _ in range(200)}
    assert len(made) == 200
    assert all(check_coupon_name(one) == one for one in made)


def test_decimals_as_the_api_writes_them() -> None:
    written = [
        plain_decimal(Decimal(one)) for one in ("0", "0.00", "10", "100", "1E+2", "12.50", "0.00000001")
    ]
    assert written == ["0", "0", "10", "100", "100", "12.5", "0.00000001"]


@pytest.mark.parametrize(
    ("field", "text", "values"),
    [
        ("discount", "10%", {"percent": Decimal(10), "amount": ZERO}),
        ("discount", "12,5 %", {"percent": Decimal("12.5"), "amount": ZERO}),
        ("discount", "2,50", {"percent": ZERO, "amount": Decimal("2.50")}),
        ("uses", "5", {"uses": 5}),
        ("expires_at", "0", None),
        ("min_amount", "9.50", {"min_amount": Decimal("9.50")}),
        ("revenue", "0", {"revenue": None}),
        ("revenue", "above 100 usd", {"revenue": Revenue(Direction.ABOVE, Decimal("100.00"), "USD")}),
        ("revenue", "< 5 JPY", {"revenue": Revenue(Direction.BELOW, Decimal(5), "JPY")}),
        ("revenue", "Больше 50 EUR", {"revenue": Revenue(Direction.ABOVE, Decimal("50.00"), "EUR")}),
        ("expires", "0", {"expires_at": None}),
        ("expires", "2 days", {"expires_at": NOW + timedelta(days=2)}),
        ("expires", "31.12.2026", {"expires_at": datetime(2027, 1, 1, tzinfo=UTC)}),
        ("expires", "lifetime", {"expires_at": None}),
    ],
)
def test_fields_as_people_type_them(field: str, text: str, values: dict[str, object] | None) -> None:
    if values is None:
        with pytest.raises(Invalid):
            read_field(field, text, NOW)
    else:
        assert read_field(field, text, NOW) == values


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        (
            "discount",
            ["", "0", "0%", "101%", "-5", "-5%", "ten", "1e3", "10%%", "10.123%", "9" * 14, "NaN", "5 USD"],
        ),
        ("uses", ["", "-1", "1.5", "1000001", "²", "١"]),
        ("min_amount", ["", "-1", "1e5", "ten", "Infinity"]),
        ("revenue", ["", "100 USD", "above", "above 100", "above 100 QQQ", "above -1 USD", "> nine USD"]),
        ("expires", ["", "soon", "-1 day", "01.01.2020"]),
    ],
)
def test_what_is_not_understood(field: str, texts: list[str]) -> None:
    for text in texts:
        with pytest.raises(Invalid):
            read_field(field, text, NOW)
