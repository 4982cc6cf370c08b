"""Reports over sales in the database, on both engines, against sums made by hand."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.actor import Actor
from domain.durations import Term
from domain.errors import Invalid
from domain.rates import NoRate, Rate
from domain.reports import UserCount
from services.access import Access
from services.rates import rate_to_eur
from services.reports import ReportService
from storage import memberships, people, rates, reports, settings
from storage.database import Database
from storage.people import Person
from tests.sales import Sale, enter

NOW = datetime(2024, 7, 16, 15, 30, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
BOT, OTHER = 1, 2
HOUSE = Actor(0, Any)
# Rates of 2024-07-16 in the packaged history, to one EUR, and RUB as it is seeded here.
GBP, USD, BRL, RUB = Decimal("0.84058"), Decimal("1.0902"), Decimal("5.9227"), Decimal("96.6044")
EIGHT = Decimal("0.00000001")


class Stopped:
    """A clock that stands still."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Stopped:
    return Stopped()


def access(db: Database, clock: Stopped) -> Access:
    return Access(db, clock, Any, Any, frozenset())


@pytest.fixture
def service(db: Database, clock: Stopped) -> ReportService:
    return ReportService(access(db, clock), db, clock)


async def sell(db: Database, *sales: Sale, bot: int = BOT) -> None:
    async with db.write() as tx:
        await enter(tx, bot, *sales)


async def seed_rub(db: Database, day: date = TODAY) -> None:
    async with db.write() as tx:
        await rates.put(tx, [Rate("RUB", day, RUB, "cbr")])


def at_rate(amount: str, per_eur: Decimal, target: Decimal = Decimal(1)) -> Decimal:
    """By hand: the rate between two currencies has eight decimals."""
    return Decimal(amount) * (target / per_eur).quantize(EIGHT)


async def test_plans_of_four_currencies_counted_in_euros(db: Database, service: ReportService) -> None:
    await seed_rub(db)
    await sell(
        db,
        Sale(NOW, "5.00", "GBP", 21, "GBP Demo Plan"), Sale(NOW, "4.99", "GBP", 21, "GBP Demo Plan"),
        Sale(NOW, "99.99", "USD", 19, "USD Demo Plan"), Sale(NOW, "50.37", "BRL", 25, "BRL Demo Plan"),
        Sale(NOW, "50.37", "BRL", 25, "BRL Demo Plan"), Sale(NOW, "1000", "RUB", 38, "RUB Demo Plan"),
        Sale(NOW, "1.23", "EUR", 20, "EUR Demo Plan"),
    )  # fmt: skip
    found = await service.by_plan(HOUSE, BOT, "eur")
    assert [(one.plan_id, one.name, one.figure.sales) for one in found] == [
        (19, "USD Demo Plan", 1), (25, "BRL Demo Plan", 2), (21, "GBP Demo Plan", 2),
        (38, "RUB Demo Plan", 1), (20, "EUR Demo Plan", 1),
    ]  # fmt: skip
    expected = [
        at_rate("99.99", USD), at_rate("100.74", BRL), at_rate("9.99", GBP), at_rate("1000", RUB),
        Decimal("1.23"),
    ]  # fmt: skip
    for one, by_hand in zip(found, expected, strict=True):
        assert one.figure.revenue == by_hand.quantize(EIGHT)
        (month,) = one.breakdown
        assert (month.period, month.figure) == ("2024-07", one.figure)
    assert found[1].figure.amount == "17.00913401", "as in the membership API's sample"
    assert found[1].figure.formatted == "17,01€"
    everything = await service.revenue(HOUSE, BOT, currency="EUR")
    assert everything.figure.revenue == sum(expected).quantize(EIGHT)  # type: ignore[union-attr]
    in_dollars = await service.revenue(HOUSE, BOT, currency="usd")
    by_hand = (
        Decimal("99.99") + at_rate("100.74", BRL, USD) + at_rate("9.99", GBP, USD)
        + at_rate("1000", RUB, USD) + Decimal("1.23") * USD
    )  # fmt: skip
    assert (in_dollars.figure.revenue, in_dollars.figure.sales) == (by_hand.quantize(EIGHT), 7)


async def test_what_went_back_is_no_revenue(db: Database, service: ReportService) -> None:
    sale = Sale(NOW, "10", "EUR")
    await sell(
        db, sale, replace(sale, refunded="10"), replace(sale, refunded="2.50"),
        replace(sale, disputed_at=NOW), replace(sale, accepted=False),
    )  # fmt: skip
    await sell(db, replace(sale, amount="1000"), bot=OTHER)
    found = (await service.revenue(HOUSE, BOT)).figure
    assert (found.amount, found.currency, found.sales) == ("17.5", "EUR", 2)
    (gateway,) = await service.by_gateway(HOUSE, BOT)
    (plan,) = await service.by_plan(HOUSE, BOT)
    (month,) = await service.by_period(HOUSE, BOT)
    assert gateway.figure == plan.figure == month.figure == found


async def test_each_sale_at_the_rate_of_its_day_or_all_at_the_latest(
    db: Database, service: ReportService
) -> None:
    await sell(db, Sale(NOW - 30 * DAY, "100", "EUR"), Sale(NOW, "1.23", "EUR"))
    then = Decimal("1.0686")  # 2024-06-16 was a Sunday: Friday's rate
    dated = await service.by_period(HOUSE, BOT, "month", 3, "USD")
    assert [(one.period, one.figure.revenue, one.figure.sales) for one in dated] == [
        ("2024-07", Decimal("1.23") * USD, 1), ("2024-06", 100 * then, 1), ("2024-05", Decimal(0), 0)
    ]  # fmt: skip
    latest = await service.by_period(HOUSE, BOT, "MONTH", 2, "USD", latest=True)
    assert [one.figure.revenue for one in latest] == [Decimal("1.23") * USD, 100 * USD]


async def test_periods_begin_at_midnight_utc(db: Database, service: ReportService) -> None:
    last = datetime(2024, 6, 30, 23, 59, 59, 999_999, tzinfo=UTC)
    first = datetime(2024, 7, 1, tzinfo=UTC)
    await sell(db, Sale(last, "1", "EUR"), Sale(first, "2", "EUR"), Sale(NOW, "4", "EUR"))

    async def amounts(unit: str, count: int) -> list[str]:
        return [one.figure.amount for one in await service.by_period(HOUSE, BOT, unit, count)]

    assert await amounts("month", 2) == ["6", "1"]
    assert await amounts("day", 17) == ["4", *["0"] * 14, "2", "1"]
    assert await amounts("year", 2) == ["7", "0"]
    assert len(await amounts("day", 1000)) == 1000
    for unit, count in (("week", 1), ("", 1), ("day", 0), ("day", -1), ("day", 1001)):
        with pytest.raises(Invalid):
            await amounts(unit, count)


async def test_revenue_between_two_moments(db: Database, service: ReportService) -> None:
    times = [NOW - 2 * DAY, NOW - DAY + timedelta(milliseconds=700), NOW]
    await sell(db, *(Sale(at, str(10**place), "EUR") for place, at in enumerate(times)))
    stamps = [int(at.timestamp()) for at in times]

    async def between(since: int | None, until: int | None) -> str:
        return (await service.revenue(HOUSE, BOT, since, until)).figure.amount

    whole = await service.revenue(HOUSE, BOT)
    assert (int(whole.since.timestamp()), int(whole.until.timestamp())) == (stamps[0], stamps[2])
    assert whole.figure.amount == "111"
    assert await between(stamps[0], stamps[2]) == "111", "what it says can be asked again"
    assert await between(stamps[0], stamps[1]) == "11", "fractions of the last second count"
    assert await between(stamps[1] + 1, None) == "100"
    assert await between(None, stamps[0] - 1) == "0"
    assert await between(stamps[2] + 1, None) == "0"
    assert await between(0, 253_402_300_799) == "111"
    for since, until in ((-1, None), (None, 10**12), (stamps[2], stamps[0])):
        with pytest.raises(Invalid):
            await between(since, until)
    nothing = await service.revenue(HOUSE, OTHER)
    assert (nothing.figure.amount, nothing.figure.sales, nothing.since) == ("0", 0, nothing.until)


async def test_gateways_by_revenue(db: Database, service: ReportService) -> None:
    await sell(
        db, Sale(NOW, "5", "EUR", gateway="stripe"), Sale(NOW, "5", "EUR", gateway="stripe"),
        Sale(NOW, "100", "XTR", gateway="telegram_stars"), Sale(NOW, "70", "EUR", gateway="paypal"),
    )  # fmt: skip
    found = await service.by_gateway(HOUSE, BOT, "EUR")
    assert [(one.gateway, one.figure.formatted, one.figure.sales) for one in found] == [
        ("paypal", "70,00€", 1), ("stripe", "10,00€", 2), ("telegram_stars", "1,19€", 1)
    ]  # fmt: skip


async def test_the_preferred_currency_and_ones_own_star(db: Database, service: ReportService) -> None:
    async with db.write() as tx:
        await settings.put(tx, BOT, 0, "revenue", {"currency": "USD", "star_usd": "0.02"}, NOW)
    await sell(db, Sale(NOW, "50", "XTR"))
    found = (await service.revenue(HOUSE, BOT)).figure
    assert (found.amount, found.currency, found.formatted) == ("1", "USD", "$1.00")
    for wrong in ("", "xyz", "XTR", "KWD"):
        with pytest.raises(Invalid):
            await service.revenue(HOUSE, BOT, currency=wrong)


async def test_what_cannot_be_counted_is_an_error_and_no_guess(db: Database, service: ReportService) -> None:
    await sell(db, Sale(NOW, "1000", "RUB"))
    for report in (service.revenue, service.by_plan, service.by_gateway, service.by_period):
        with pytest.raises(NoRate) as caught:
            await report(HOUSE, BOT, currency="EUR")
        assert (caught.value.currency, caught.value.day) == ("RUB", date(2022, 3, 1))
    in_roubles = (await service.revenue(HOUSE, BOT, currency="RUB")).figure
    assert in_roubles.formatted == "1 000,00₽", "no rate is needed"
    await seed_rub(db, NOW.date() - 44 * DAY)
    assert (await service.revenue(HOUSE, BOT, currency="EUR")).figure.sales == 1


async def test_a_noted_rate_serves_where_none_is_kept(db: Database, service: ReportService) -> None:
    await sell(db, Sale(NOW, "1000", "RUB", rate=str(RUB)), Sale(NOW, "1000", "RUB", rate=str(RUB)))
    found = (await service.revenue(HOUSE, BOT, currency="EUR")).figure
    assert found.revenue == at_rate("2000", RUB)
    with pytest.raises(NoRate):
        await service.revenue(HOUSE, BOT, currency="EUR", latest=True)


async def test_a_star_is_worth_what_it_was_when_it_was_paid(db: Database, service: ReportService) -> None:
    async with db.write() as tx:
        noted = await rate_to_eur(tx, BOT, "XTR", NOW)
        await settings.put(tx, BOT, 0, "revenue", {"star_usd": "0.02"}, NOW)
    await sell(db, Sale(NOW, "100", "XTR", rate=noted))
    assert (await service.revenue(HOUSE, BOT, currency="USD")).figure.amount == "1.3"
    await sell(db, Sale(NOW, "100", "XTR"))
    assert (await service.revenue(HOUSE, BOT, currency="USD")).figure.amount == "3.3"
    assert (await service.revenue(HOUSE, BOT, currency="USD", latest=True)).figure.amount == "4"


async def test_users_by_what_they_are(db: Database, service: ReportService) -> None:
    ends = {501: NOW + DAY, 502: NOW - DAY, 503: None, 900: NOW + DAY}
    async with db.write() as tx:
        for who in (501, 502, 503, 504, 505):
            await people.remember(tx, BOT, Person(who, "P"), NOW, started=True)
        await people.remember(tx, OTHER, Person(506, "P"), NOW, started=True)
        for who, end in ends.items():
            for project in (0, 7):
                await memberships.put(
                    tx, BOT, who, project,
                    plan_id=1, started_at=NOW - 9 * DAY, term=Term(end), access_until=end,
                    next_notice_at=None, now=NOW,
                )  # fmt: skip
    assert await service.users(HOUSE, BOT) == UserCount(users=6, leads=2, churned=1, members=3)
    assert await service.users(HOUSE, OTHER) == UserCount(1, 1, 0, 0)


async def test_of_many_who_tell_one_does(db: Database) -> None:
    async def claim(day: date) -> bool:
        async with db.write() as tx:
            return await reports.claim_morning(tx, BOT, day)

    today = NOW.date()
    assert sorted(await asyncio.gather(*(claim(today) for _ in range(8)))) == [False] * 7 + [True]
    assert not await claim(today - DAY), "yesterday is over"
    assert await claim(today + DAY)
