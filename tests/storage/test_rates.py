"""Rates in the database, what settling asks of them, and how they are kept fresh; on both engines."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.actor import Actor
from domain.money import Money
from domain.rates import Rate, RatesUnavailable
from services.access import Access
from services.rates import RateService, convert, rate_to_eur, stars_for
from storage import rates
from storage.database import Database

NOW = datetime(2024, 7, 16, 15, 30, tzinfo=UTC)
DAY = timedelta(days=1)
BOT = 1
HOUSE = Actor(0, Any)
USD, RUB = Decimal("1.0902"), Decimal("96.6044")


class Stopped:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


async def test_a_kept_rate_is_never_changed(db: Database) -> None:
    async with db.write() as tx:
        await rates.put(tx, [Rate("RUB", NOW.date(), RUB, "cbr")])
    async with db.write() as tx:
        await rates.put(
            tx, [Rate("RUB", NOW.date(), Decimal(1), "x"), Rate("BTC", NOW.date(), Decimal(2), "x")]
        )
        await rates.put(tx, [])
        found = await rates.at_or_before(tx, ("RUB", "BTC", "USD"), NOW.date() + 9 * DAY)
        assert {code: (one.rate, one.source) for code, one in found.items()} == {
            "RUB": (RUB, "cbr"), "BTC": (Decimal(2), "x")
        }  # fmt: skip
        assert await rates.at_or_before(tx, ("RUB",), NOW.date() - DAY) == {}
        through = await rates.through(tx, ("RUB",), NOW.date() + DAY, NOW.date() + 2 * DAY)
        assert through == {"RUB": [(NOW.date(), RUB)]}


async def test_what_settling_asks_for(db: Database) -> None:
    async with db.write() as tx:
        assert await rate_to_eur(tx, BOT, "USD", NOW) == "1.0902"
        assert await rate_to_eur(tx, BOT, "EUR", NOW) == "1"
        assert await rate_to_eur(tx, BOT, "RUB", NOW) is None
        assert Decimal(await rate_to_eur(tx, BOT, "XTR", NOW) or 0) * Decimal("0.013") == pytest.approx(USD)
        assert await stars_for(tx, BOT, Money(999, "USD"), NOW) == Money(769, "XTR")
        assert await stars_for(tx, BOT, Money(999, "KWD"), NOW) is None
        assert await convert(tx, BOT, [Money(123, "EUR"), Money(100, "USD")], "USD", NOW) == [
            Decimal("1.23") * USD, Decimal("1.00")
        ]  # fmt: skip


class Publisher:
    """A source that has been told what to publish, or fails."""

    name, quote = "cbr", "RUB"

    def __init__(self) -> None:
        self.asked: list[date | None] = []
        self.published: Sequence[Rate] | None = None

    async def fetch(self, since: date | None, today: date) -> Sequence[Rate]:
        self.asked.append(since)
        if self.published is None:
            raise RatesUnavailable(self.name, "on purpose")
        return self.published


async def test_sources_are_asked_patiently_and_not_believed_blindly(db: Database) -> None:
    source, clock = Publisher(), Stopped()
    service = RateService(Access(db, clock, Any, Any, frozenset()), db, clock, [source])
    for minutes, asked in ((0, 1), (9, 1), (2, 2), (15, 2), (6, 3)):  # 10 minutes, then 20, then 40
        clock.at += timedelta(minutes=minutes)
        await service.refresh(HOUSE)
        assert len(source.asked) == asked
    today = clock.at.date()
    source.published = [
        Rate("RUB", today, RUB, "cbr"), Rate("RUB", today + 2 * DAY, RUB, "cbr"),
        Rate("RUB", today - DAY, Decimal(-5), "cbr"), Rate("RUB", date(2022, 3, 1), Decimal(1), "cbr"),
    ]  # fmt: skip
    clock.at += timedelta(minutes=41)
    await service.refresh(HOUSE)
    assert source.asked == [date(2022, 3, 1)] * 4
    async with db.read() as tx:
        kept = await rates.through(tx, ("RUB",), date(2000, 1, 1), date(2030, 1, 1))
    assert kept == {"RUB": [(today, RUB)]}
    clock.at += timedelta(hours=5)
    await service.refresh(HOUSE)
    assert len(source.asked) == 4
    clock.at += timedelta(hours=1, minutes=1)
    await service.refresh(HOUSE)
    assert source.asked[-1] == today
