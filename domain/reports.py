"""Figures about sales: how days are put together, and what reports consist of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.house_style import formatted
from domain.rates import written

MOST_PERIODS = 1000
PLAN_MONTHS = 6  # the report by plan looks back so far, this month included


class Unit(StrEnum):
    """The length of a period, which begins at 00:00 UTC of its first day."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"

    def begin(self, day: date) -> date:
        """The first day of the period a day lies in."""
        match self:
            case Unit.DAY:
                return day
            case Unit.MONTH:
                return day.replace(day=1)
            case Unit.YEAR:
                return day.replace(month=1, day=1)

    def name_of(self, day: date) -> str:
        """What the API calls the period: `2024-07-17`, `2024-07` or `2024`."""
        return day.isoformat()[: {Unit.DAY: 10, Unit.MONTH: 7, Unit.YEAR: 4}[self]]

    def back(self, day: date, count: int) -> Iterator[date]:
        """The first days of `count` periods, that of `day` first; fewer where the calendar begins."""
        at = self.begin(day)
        for _ in range(count):
            yield at
            if at == date.min:
                return
            at = self.begin(at - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Figure:
    """Money earned with a number of sales. `revenue` has at most 8 decimals."""

    revenue: Decimal
    currency: str
    sales: int

    @property
    def amount(self) -> str:
        """The revenue as the API writes it."""
        return written(self.revenue)

    @property
    def formatted(self) -> str:
        """The revenue in the house style of its currency."""
        return formatted(self.revenue, self.currency)


@dataclass(frozen=True, slots=True)
class Revenue:
    """What was earned between two moments, both included."""

    since: datetime
    until: datetime
    figure: Figure


@dataclass(frozen=True, slots=True)
class OfPeriod:
    """What was earned in a period; `begin` is its first day."""

    period: str
    begin: date
    figure: Figure


@dataclass(frozen=True, slots=True)
class OfGateway:
    """What was paid by one way to pay."""

    gateway: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class OfPlan:
    """What a plan earned, and in which months; the newest first, those without sales left out."""

    plan_id: int
    name: str
    figure: Figure
    breakdown: tuple[OfPeriod, ...]


@dataclass(frozen=True, slots=True)
class UserCount:
    """People a bot knows: those with a membership, those who had one, and those who never had."""

    users: int
    leads: int
    churned: int
    members: int


def moment(day: date) -> datetime:
    """The moment a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
