"""Reports: what was earned when and with which plan, and how many people there are."""

from typing import Annotated, Literal

import msgspec

from api.membership.rows import LARGEST, OfBot, bot_of, row
from domain.actor import Actor
from domain.rates import REPORT_CURRENCIES
from domain.reports import Figure, OfPeriod
from services.house import House

NO_RATE = "An exchange rate is missing or too old; the description names the currency and the last known day."
UNITS = ("day", "month", "year")

ReportCurrency = Annotated[
    str | None,
    msgspec.Meta(
        description="Convert into this currency, in letters of any case; without it, into the one set with "
        "`/revenue`, which is EUR unless the owner chooses another.",
        extra_json_schema={"examples": ["usd"], "enum": [*(one.lower() for one in REPORT_CURRENCIES), None]},
    ),
]
Rates = Annotated[
    Literal["payment", "latest"],
    msgspec.Meta(description="`payment`: at the rate of the day of each payment; `latest`: all at today's."),
]
Moment = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]


class Report(OfBot, kw_only=True):
    """How to convert what was paid in other currencies."""

    currency: ReportCurrency = None
    rates: Rates = "payment"


class Span(Report, kw_only=True):
    """From when to when."""

    since: Annotated[
        Moment | None,
        msgspec.Meta(description="UNIX time; without it, from the first sale.", examples=[1681159917]),
    ] = msgspec.field(default=None, name="from")
    until: Annotated[
        Moment | None,
        msgspec.Meta(description="UNIX time; without it, to the last sale.", examples=[1683751930]),
    ] = msgspec.field(default=None, name="to")


class Periods(Report, kw_only=True):
    """Which periods."""

    interval_unit: Annotated[
        str, msgspec.Meta(description="The length of a period.", extra_json_schema={"enum": [*UNITS]})
    ] = "month"
    interval_count: Annotated[
        int, msgspec.Meta(description="So many periods, the present one included.", ge=1, le=1000)
    ] = 1


class Revenue(msgspec.Struct):
    """What was earned between two moments, both in UNIX time."""

    since: int = msgspec.field(name="from")
    until: int = msgspec.field(name="to")
    revenue: str
    currency: str
    formatted: str
    sales: int


class PeriodRow(msgspec.Struct):
    """What was earned in a period: `2024-07-17`, `2024-07` or `2024`."""

    period: str
    revenue: str
    currency: str
    formatted: str
    sales: int


class PlanSales(msgspec.Struct):
    """What a plan earned, month by month, the newest first."""

    plan_id: int
    plan_name: str
    revenue: str
    currency: str
    formatted: str
    sales: int
    breakdown: list[PeriodRow]


class UserCount(msgspec.Struct):
    """People the bot knows: `members` have a membership, `churned` had one, `leads` never had."""

    users: int
    leads: int
    churned: int
    members: int


async def revenue(house: House, actor: Actor, given: Span) -> Revenue:
    """What was earned in a span of time."""
    bot = await bot_of(house, actor, given)
    found = await house.reports.revenue(
        actor, bot.id, given.since, given.until, given.currency, latest=given.rates == "latest"
    )
    since, until = int(found.since.timestamp()), int(found.until.timestamp())
    return Revenue(since, until, *_money(found.figure))


async def by_period(house: House, actor: Actor, given: Periods) -> list[PeriodRow]:
    """What was earned by day, month or year."""
    bot = await bot_of(house, actor, given)
    found = await house.reports.by_period(
        actor, bot.id, given.interval_unit, given.interval_count, given.currency,
        latest=given.rates == "latest",
    )  # fmt: skip
    return [_period(one) for one in found]


async def by_plan(house: House, actor: Actor, given: Report) -> list[PlanSales]:
    """What each plan earned."""
    bot = await bot_of(house, actor, given)
    found = await house.reports.by_plan(actor, bot.id, given.currency, latest=given.rates == "latest")
    return [
        PlanSales(one.plan_id, one.name, *_money(one.figure), breakdown=[_period(of) for of in one.breakdown])
        for one in found
    ]


async def count_users(house: House, actor: Actor, given: OfBot) -> UserCount:
    """How many people there are."""
    bot = await bot_of(house, actor, given)
    found = await house.reports.users(actor, bot.id)
    return UserCount(found.users, found.leads, found.churned, found.members)


def _money(figure: Figure) -> tuple[str, str, str, int]:
    return figure.amount, figure.currency, figure.formatted, figure.sales


def _period(of: OfPeriod) -> PeriodRow:
    return PeriodRow(of.period, *_money(of.figure))


REPORTS = (
    row(
        "GET", "/revenue", revenue, "Revenue of a span of time",
        input=Span, result=Revenue, section="Reports",
        details="Sales and what they earned between two moments, both included. What was refunded as a whole "
        "or disputed is no sale.",
        example=Revenue(1681159917, 1683751930, "398.60636332", "EUR", "398,61€", 21),
        errors={"409": NO_RATE},
    ),
    row(
        "GET", "/orders/count", by_period, "Revenue by day, month or year",
        input=Periods, result=list[PeriodRow], section="Reports",
        details="The last periods, the present one first; those without sales are among them.",
        example=[
            PeriodRow("2024-07", "38.0371384", "USD", "$38.04", 10),
            PeriodRow("2024-06", "440.66793845", "USD", "$440.67", 12),
            PeriodRow("2024-05", "234.82823044", "USD", "$234.83", 9),
        ],
        errors={"409": NO_RATE},
    ),
    row(
        "GET", "/plans/report", by_plan, "Revenue by plan",
        input=Report, result=list[PlanSales], section="Reports",
        details="The plans that sold in the last six months, the present one included, the largest revenue "
        "first. All amounts are converted, also those of the months.",
        example=[
            PlanSales(
                20, "EUR Demo Plan", "15.99", "EUR", "15,99€", 13,
                [
                    PeriodRow("2024-07", "8.61", "EUR", "8,61€", 7),
                    PeriodRow("2024-06", "3.69", "EUR", "3,69€", 3),
                    PeriodRow("2024-05", "3.69", "EUR", "3,69€", 3),
                ],
            )
        ],
        errors={"409": NO_RATE},
    ),
    row(
        "GET", "/users/count", count_users, "Count users",
        input=OfBot, result=UserCount, section="Reports",
        details="Everybody the bot knows, by what they are to it.",
        example=UserCount(6405, 5651, 6, 864),
    ),
)  # fmt: skip
