"""Reports at the membership API: what was earned, exactly, in one currency."""

import pytest

from domain.orders import Status
from sandbox import Sandbox
from tests.api.membership import Shop, turn_to
from tests.clock import TestClock

DAY = 86_400
JULY_17 = 1_721_217_600  # its noon


@pytest.fixture(autouse=True)
def in_july(clock: TestClock, shop: Shop) -> None:
    """The shop stands in the summer the document was written in."""
    turn_to(clock, "2024-07-18")


async def test_a_sale_is_worth_what_its_day_says(shop: Shop) -> None:
    await shop.sell("1.23 EUR", "2024-07-17")
    body = await shop.get("revenue", currency="usd")
    assert (body["code"], body["path"]) == (200, "/revenue?currency=usd")
    assert body["result"] == {
        "from": JULY_17, "to": JULY_17, "revenue": "1.344882", "currency": "USD", "formatted": "$1.34",
        "sales": 1,
    }  # fmt: skip
    assert (await shop.get("revenue"))["result"]["revenue"] == "1.23"
    assert (await shop.get("revenue", currency="Eur"))["result"]["formatted"] == "1,23€"


async def test_only_what_lies_between_counts(shop: Shop) -> None:
    await shop.sell("1 EUR", "2024-07-15")
    await shop.sell("10 EUR", "2024-07-17")
    await shop.sell("100 EUR", "2024-07-18", status=Status.PENDING)
    for query, revenue in (
        ({}, "11"), ({"from": JULY_17 - DAY}, "10"), ({"to": JULY_17 - DAY}, "1"),
        ({"from": JULY_17, "to": JULY_17}, "10"), ({"from": JULY_17 + 1, "to": JULY_17 + 2}, "0"),
    ):  # fmt: skip
        assert (await shop.get("revenue", **query))["result"]["revenue"] == revenue
    body = await shop.get("revenue", **{"from": 0, "to": str(JULY_17)})
    assert (body["result"]["from"], body["result"]["to"]) == (0, JULY_17)
    assert body["path"] == f"/revenue?from=0&to={JULY_17}"


async def test_nothing_sold_is_nothing_earned(shop: Shop) -> None:
    result = (await shop.get("revenue"))["result"]
    assert (result["revenue"], result["formatted"], result["sales"]) == ("0", "0,00€", 0)
    assert (await shop.get("plans/report"))["result"] == []
    assert [row["sales"] for row in (await shop.get("orders/count", interval_count=2))["result"]] == [0, 0]


async def test_periods_with_those_without_sales(shop: Shop) -> None:
    await shop.sell("10 EUR", "2024-05-31")
    await shop.sell("2 EUR", "2024-07-01")
    await shop.sell("3.50 EUR", "2024-07-18")
    query = {"interval_unit": "month", "interval_count": "3", "currency": "eur"}
    body = await shop.get("orders/count", **query)
    assert body["path"] == "/orders/count?interval_unit=month&interval_count=3&currency=eur"
    rows = [(row["period"], row["revenue"], row["formatted"], row["sales"]) for row in body["result"]]
    assert rows == [
        ("2024-07", "5.5", "5,50€", 2), ("2024-06", "0", "0,00€", 0), ("2024-05", "10", "10,00€", 1),
    ]  # fmt: skip
    assert [row["period"] for row in (await shop.get("orders/count"))["result"]] == ["2024-07"]
    days = (await shop.get("Orders/Count", interval_unit="day", interval_count=2))["result"]
    assert [(row["period"], row["sales"]) for row in days] == [("2024-07-18", 1), ("2024-07-17", 0)]
    years = (await shop.get("orders/count", interval_unit="year"))["result"]
    assert [(row["period"], row["revenue"]) for row in years] == [("2024", "15.5")]


async def test_plans_with_their_months_converted(shop: Shop) -> None:
    brl = await shop.plan("BRL Demo Plan", plan_price="50.37", plan_currency="BRL")
    await shop.sell("50.37 BRL", "2024-07-16", plan_id=brl, key="one")
    await shop.sell("50.37 BRL", "2024-07-16", plan_id=brl, key="two")
    await shop.sell("4 EUR", "2024-07-17")
    await shop.sell("5 EUR", "2024-06-17")
    await shop.sell("99 EUR", "2024-01-31")
    first, second = (await shop.get("plans/report"))["result"]
    # The document's own figure for two sales of 50.37 BRL at the rates of 16 July 2024.
    assert first == {
        "plan_id": brl, "plan_name": "BRL Demo Plan", "revenue": "17.00913401", "currency": "EUR",
        "formatted": "17,01€", "sales": 2,
        "breakdown": [{"period": "2024-07", "revenue": "17.00913401", "currency": "EUR",
                       "formatted": "17,01€", "sales": 2}],
    }  # fmt: skip
    assert (second["plan_name"], second["revenue"], second["sales"]) == ("Gold", "9", 2)
    assert [(one["period"], one["revenue"]) for one in second["breakdown"]] == [
        ("2024-07", "4"), ("2024-06", "5"),
    ]  # fmt: skip


async def test_the_latest_rates_instead_of_those_of_the_day(shop: Shop) -> None:
    await shop.sell("10 EUR", "2023-07-17")
    then = (await shop.get("revenue", currency="usd"))["result"]["revenue"]
    now = (await shop.get("revenue", currency="usd", rates="latest"))["result"]["revenue"]
    assert then == "11.23"  # at 1.1230 of 17 July 2023
    assert now == "10.93"  # at 1.0930 of 18 July 2024
    assert (await shop.get("plans/report", rates="newest"))["code"] == 400


async def test_a_rate_that_is_too_old_is_said_and_not_guessed(shop: Shop) -> None:
    await shop.sell("1000 RUB", "2024-07-17")
    for method in ("revenue", "orders/count", "plans/report"):
        body = await shop.get(method)
        assert (body["code"], body["description"]) == (
            409, "There is no exchange rate of RUB for that time; the last known one is of 2022-03-01.",
        )  # fmt: skip
    assert (await shop.get("revenue", currency="rub"))["result"]["revenue"] == "1000", "nothing to convert"


@pytest.mark.parametrize(
    ("method", "query", "words"),
    [
        ("revenue", {"currency": "xyz"}, "currency: must be one of usd, eur"),
        ("revenue", {"currency": "xtr"}, "currency: must be one of"),
        ("revenue", {"from": "yesterday"}, "from: expected `int`"), ("revenue", {"to": "-1"}, "to: expected"),
        ("revenue", {"from": "2", "to": "1"}, "to: must not lie before from"),
        ("revenue", {"from": str(10**12)}, "from: must be UNIX time"),
        ("orders/count", {"interval_unit": "week"}, "interval_unit: must be day, month or year"),
        ("orders/count", {"interval_count": "0"}, "interval_count: expected `int` >= 1"),
        ("orders/count", {"currency": "nope"}, "currency: must be one of"),
        ("plans/report", {"currency": "nope"}, "currency: must be one of"),
    ],
)  # fmt: skip
async def test_what_cannot_be_reported(shop: Shop, method: str, query: dict[str, str], words: str) -> None:
    body = await shop.get(method, **query)
    assert body["code"] == 400
    assert body["description"].startswith(words)


async def test_people_are_counted_by_what_they_are(tg: Sandbox, shop: Shop, clock: TestClock) -> None:
    people = [tg.user(name) for name in ("Ann", "Ben", "Cid")]
    for person in people:
        await person.start(shop.bot)
    short = await shop.plan("Short", plan_duration="1 day")
    for person, plan_id in zip(people, (shop.plan_id, short), strict=False):
        token = await shop.post("members/accessToken", plan_id=plan_id)
        await person.follow(token["result"]["link"])
    assert (await shop.get("users/count"))["result"] == {"users": 3, "leads": 1, "churned": 0, "members": 2}
    clock.advance(days=2)
    assert (await shop.get("users/count"))["result"] == {"users": 3, "leads": 1, "churned": 1, "members": 1}
