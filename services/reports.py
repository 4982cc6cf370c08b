"""Reports about sales: what was earned when, by which plan and which way to pay, in one currency.

Every sum is exact: sales are added up by day in their own currency, each day's sum is converted at the rate
of that day (the one noted with the payment, where it was), and nothing is rounded before the end. That is
done in a thread: years of sales take tens of milliseconds, and the event loop has other work.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from domain.actor import Actor
from domain.clock import Clock
from domain.errors import Invalid
from domain.money import Money
from domain.rates import RateBook, report_currency, settled, total
from domain.reports import (
    MOST_PERIODS,
    PLAN_MONTHS,
    Figure,
    OfGateway,
    OfPeriod,
    OfPlan,
    Revenue,
    Unit,
    UserCount,
    moment,
)
from services.access import Access, Guarded, Permission, needs
from services.rates import read_book, read_settings, utc_day
from storage import reports
from storage.database import Database, Tx
from storage.reports import Sold

_LAST_SECOND = 253_402_300_799  # of the year 9999
_SECOND = timedelta(seconds=1)
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Sales with the rates to count them in one currency. With `latest` all are converted at the newest
    rate instead of that of their day."""

    sold: tuple[Sold, ...]
    book: RateBook
    currency: str
    today: date
    latest: bool = False

    def worth(self, one: Sold) -> Decimal:
        """Sales of a day in the ledger's currency, not rounded. Raises `NoRate`."""
        known = Decimal(one.rate) if one.rate is not None and not self.latest else None
        day = self.today if self.latest else one.day
        return self.book.convert(Money(one.minor, one.currency), self.currency, day, known)

    def figure(self, some: Iterable[Sold] | None = None) -> Figure:
        """Everything, or some of it, as one figure. Raises `NoRate`."""
        rows = list(self.sold if some is None else some)
        return Figure(settled(total([self.worth(one) for one in rows])), self.currency, _sales(rows))

    def by(self, key: Callable[[Sold], Key]) -> dict[Key, list[Sold]]:
        """The sales in groups."""
        groups: dict[Key, list[Sold]] = {}
        for one in self.sold:
            groups.setdefault(key(one), []).append(one)
        return groups

    def periods(self, unit: Unit, begins: Iterable[date]) -> list[OfPeriod]:
        """The figures of some periods, whether something was sold in them or not."""
        groups = self.by(lambda one: unit.begin(one.day))
        return [OfPeriod(unit.name_of(one), one, self.figure(groups.get(one, ()))) for one in begins]


def _sales(rows: Iterable[Sold]) -> int:
    return sum(one.sales for one in rows)


async def read_ledger(
    tx: Tx,
    bot_id: int,
    sold: Iterable[Sold],
    today: date,
    currency: str | None = None,
    *,
    latest: bool = False,
) -> Ledger:
    """Sales with the rates for them; `currency` None is the bot's preferred one.

    Raises `Invalid` (currency).
    """
    about = await read_settings(tx, bot_id)
    code = about.currency if currency is None else report_currency(currency)
    rows = tuple(sold)
    days = [today, *(one.day for one in rows)]
    codes = {one.currency for one in rows} | {code}
    return Ledger(rows, await read_book(tx, codes, min(days), max(days), about), code, today, latest)


class ReportService(Guarded):
    """Reports for the owner. `currency` None is the one he prefers; `latest` converts everything at the
    newest rates. All but `users` raise `Invalid` (currency) and `NoRate`."""

    def __init__(self, access: Access, db: Database, clock: Clock) -> None:
        super().__init__(access)
        self._db, self._clock = db, clock

    @needs(Permission.OWNER)
    async def revenue(
        self,
        actor: Actor,
        bot_id: int,
        since: int | None = None,
        until: int | None = None,
        currency: str | None = None,
        *,
        latest: bool = False,
    ) -> Revenue:
        """What was earned between two moments in unix seconds, both included; without them from the first
        sale or to the last one. Raises `Invalid` (from, to)."""
        begin, end = _moment("from", since), _moment("to", until)
        now = self._clock.now()
        async with self._db.read() as tx:
            bounds = await reports.bounds(tx, bot_id) or (now, now)
            if begin is None:
                begin = min(bounds[0], end or now).replace(microsecond=0)
            if end is None:
                end = max(bounds[1], begin).replace(microsecond=0)
            if begin > end:
                raise Invalid("to", "before_from")
            # The whole second counts: what the API tells as a moment has no fractions.
            found = await reports.sold(tx, bot_id, since=begin, before=_after(end))
            ledger = await read_ledger(tx, bot_id, found, utc_day(now), currency, latest=latest)
        return Revenue(begin, end, await asyncio.to_thread(ledger.figure))

    @needs(Permission.OWNER)
    async def by_period(
        self,
        actor: Actor,
        bot_id: int,
        unit: str = Unit.MONTH,
        count: int = 1,
        currency: str | None = None,
        *,
        latest: bool = False,
    ) -> list[OfPeriod]:
        """The last `count` days, months or years (1 to 1000), the present one first.

        Raises `Invalid` (interval_unit, interval_count).
        """
        try:
            length = Unit(unit.lower())
        except ValueError:
            raise Invalid("interval_unit", "interval_unit", choices=tuple(Unit)) from None
        if not 1 <= count <= MOST_PERIODS:
            raise Invalid("interval_count", "interval_count", most=MOST_PERIODS)
        today = utc_day(self._clock.now())
        begins = list(length.back(today, count))
        async with self._db.read() as tx:
            found = await reports.sold(tx, bot_id, since=moment(begins[-1]))
            ledger = await read_ledger(tx, bot_id, found, today, currency, latest=latest)
        return await asyncio.to_thread(ledger.periods, length, begins)

    @needs(Permission.OWNER)
    async def by_gateway(
        self, actor: Actor, bot_id: int, currency: str | None = None, *, latest: bool = False
    ) -> list[OfGateway]:
        """All sales by the way they were paid, the largest revenue first."""
        async with self._db.read() as tx:
            found = await reports.sold(tx, bot_id, by=("gateway",))
            ledger = await read_ledger(tx, bot_id, found, utc_day(self._clock.now()), currency, latest=latest)
        return await asyncio.to_thread(of_gateways, ledger)

    @needs(Permission.OWNER)
    async def by_plan(
        self, actor: Actor, bot_id: int, currency: str | None = None, *, latest: bool = False
    ) -> list[OfPlan]:
        """The plans that sold in the last six months, the present one included; the largest revenue
        first."""
        today = utc_day(self._clock.now())
        *_, first = Unit.MONTH.back(today, PLAN_MONTHS)
        async with self._db.read() as tx:
            found = await reports.sold(tx, bot_id, since=moment(first), by=("plan_id",))
            ledger = await read_ledger(tx, bot_id, found, today, currency, latest=latest)
            names = await reports.plan_names(tx, bot_id, {one.plan_id for one in found})
        return await asyncio.to_thread(of_plans, ledger, names)

    @needs(Permission.OWNER)
    async def worth(
        self,
        actor: Actor,
        bot_id: int,
        amounts: Sequence[tuple[Money, datetime]],
        currency: str,
        *,
        latest: bool = False,
    ) -> list[Figure]:
        """Amounts of some moments, each as a figure of its own in another currency."""
        today = utc_day(self._clock.now())
        days = [today if latest else utc_day(at) for _, at in amounts]
        code = report_currency(currency)
        async with self._db.read() as tx:
            about = await read_settings(tx, bot_id)
            codes = {code, *(one.currency for one, _ in amounts)}
            book = await read_book(tx, codes, min(days, default=today), max(days, default=today), about)
        return [
            Figure(settled(book.convert(one, code, day)), code, 1)
            for (one, _), day in zip(amounts, days, strict=True)
        ]

    @needs(Permission.OWNER)
    async def users(self, actor: Actor, bot_id: int) -> UserCount:
        """How many people the bot knows, and what they are to it."""
        async with self._db.read() as tx:
            return await reports.users(tx, bot_id, self._clock.now())


def of_gateways(ledger: Ledger) -> list[OfGateway]:
    """Sales by way to pay, the largest revenue first."""
    groups = ledger.by(lambda one: one.gateway)
    found = [OfGateway(name, ledger.figure(rows)) for name, rows in groups.items()]
    return sorted(found, key=lambda one: (-one.figure.revenue, one.gateway))


def of_plans(ledger: Ledger, names: dict[int, str]) -> list[OfPlan]:
    """Sales by plan with their months, the largest revenue first."""
    found = []
    for plan_id, rows in ledger.by(lambda one: one.plan_id).items():
        months = sorted({Unit.MONTH.begin(one.day) for one in rows}, reverse=True)
        own = Ledger(tuple(rows), ledger.book, ledger.currency, ledger.today, ledger.latest)
        breakdown = tuple(own.periods(Unit.MONTH, months))
        found.append(OfPlan(plan_id, names.get(plan_id, ""), own.figure(), breakdown))
    return sorted(found, key=lambda one: (-one.figure.revenue, one.plan_id))


def _moment(field: str, seconds: int | None) -> datetime | None:
    if seconds is None:
        return None
    if not 0 <= seconds <= _LAST_SECOND:
        raise Invalid(field, "unix_time")
    return datetime.fromtimestamp(seconds, UTC)


def _after(end: datetime) -> datetime | None:
    """The moment after a second; None at the end of time."""
    return None if end.year == 9999 else end + _SECOND
