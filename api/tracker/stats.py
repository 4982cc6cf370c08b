"""The figures of campaigns."""

from typing import Annotated

import msgspec

from api.table import Endpoint, Scope
from api.tracker.bots import LARGEST_ID
from api.tracker.fields import Moment
from domain.actor import Actor
from domain.macros import from_micros
from domain.tracker_stats import Cost, Figures, Span, span_of
from services.house import House

Ratio = Annotated[float, msgspec.Meta(description="0 to 1, four decimals.")]
Decimals = Annotated[str, msgspec.Meta(description="An exact decimal number.", examples=["12.5"])]


class WhichFigures(msgspec.Struct):
    """Whose figures, of which time."""

    campaign: (
        Annotated[int, msgspec.Meta(description="Campaign id; all of yours by default.", ge=1, le=LARGEST_ID)]
        | None
    ) = None
    since: Annotated[Moment, msgspec.Meta(description="Unix seconds, inclusive; 0 = unbounded.")] = (
        msgspec.field(default=0, name="from")
    )
    before: Annotated[Moment, msgspec.Meta(description="Unix seconds, exclusive; 0 = unbounded.")] = (
        msgspec.field(default=0, name="to")
    )

    def span(self) -> Span:
        """The time that is asked about."""
        return span_of(self.since, self.before)


class CostRow(msgspec.Struct):
    """What campaigns of one currency cost, and how many people are inside because of them."""

    currency: str
    cost: Decimals
    kept: int
    per_kept: Annotated[str, msgspec.Meta(description="Empty when nobody is inside.", examples=["0.83"])]


class SummaryRow(msgspec.Struct):
    """The figures of a time; costs are of all time."""

    starts: int
    confirms: int
    unsubs: int
    cr: Ratio
    kept: Annotated[int, msgspec.Meta(description="Of the confirms: those who are inside now.")]
    costs: list[CostRow]


class DayRow(msgspec.Struct):
    """One day."""

    day: Annotated[str, msgspec.Meta(description="`YYYY-MM-DD`, UTC.", pattern=r"^\d{4}-\d\d-\d\d$")]
    starts: int
    confirms: int
    unsubs: int
    cr: Ratio


class SourceRow(msgspec.Struct):
    """One source."""

    source: Annotated[str, msgspec.Meta(description="The name of an invite link; empty: all others.")]
    starts: int
    confirms: int
    unsubs: int
    kept: int
    cr: Ratio


class RetentionRow(msgspec.Struct):
    """Of `of` people who were confirmed at least so many days ago, `kept` were inside so many days after."""

    days: int
    of: int
    kept: int
    rate: Ratio


def _figures(figures: Figures) -> dict[str, float]:
    return {
        "starts": figures.starts, "confirms": figures.confirms, "unsubs": figures.unsubs,
        "cr": round(figures.cr, 4),
    }  # fmt: skip


def _cost(one: Cost) -> CostRow:
    each = "" if one.per_kept is None else from_micros(one.per_kept)
    return CostRow(one.currency, from_micros(one.micros), one.kept, each)


async def summary(house: House, actor: Actor, given: WhichFigures) -> SummaryRow:
    """All in a few numbers."""
    found = await house.stats.summary(actor, given.campaign, given.span())
    return msgspec.convert(
        {**_figures(found.figures), "kept": found.figures.kept, "costs": [_cost(one) for one in found.costs]},
        SummaryRow,
    )


async def days(house: House, actor: Actor, given: WhichFigures) -> list[DayRow]:
    """Day by day."""
    found = await house.stats.days(actor, given.campaign, given.span())
    return [msgspec.convert({"day": str(one.day), **_figures(one.figures)}, DayRow) for one in found]


async def sources(house: House, actor: Actor, given: WhichFigures) -> list[SourceRow]:
    """By source."""
    found = await house.stats.sources(actor, given.campaign, given.span())
    return [
        msgspec.convert({"source": one.source, "kept": one.figures.kept, **_figures(one.figures)}, SourceRow)
        for one in found
    ]


async def retention(house: House, actor: Actor, given: WhichFigures) -> list[RetentionRow]:
    """Who stays."""
    found = await house.stats.retention(actor, given.campaign, given.span())
    return [RetentionRow(one.days, one.of, one.kept, round(one.rate, 4)) for one in found]


_ERRORS = {"access": "The campaign isn't yours."}
STATS = (
    Endpoint(
        "GET", "/api/stats/summary.json", Scope.ACCOUNT, summary,
        "Figures in a few numbers", input=WhichFigures, result=SummaryRow, section="Stats",
        details="Starts: first steps towards a campaign (`/start`, or a request or join through one of its "
        "links). Confirms: first times inside. Unsubs: first times somebody left or was removed after that. "
        "CR: confirms by starts. Each person counts once in each, on the day it happened.",
        example=SummaryRow(120, 60, 9, 0.5, 51, [CostRow("USD", "42.5", 51, "0.833333")]),
        errors=_ERRORS,
    ),
    Endpoint(
        "GET", "/api/stats/days.json", Scope.ACCOUNT, days,
        "Figures by day", input=WhichFigures, result=list[DayRow], section="Stats",
        details="UTC days, the oldest first; the last 30 by default, 366 at most.",
        example=[DayRow("2026-05-01", 12, 6, 1, 0.5)],
        errors=_ERRORS,
    ),
    Endpoint(
        "GET", "/api/stats/sources.json", Scope.ACCOUNT, sources,
        "Figures by source", input=WhichFigures, result=list[SourceRow], section="Stats",
        details="Sources are the names of invite links; empty for those who came without one.",
        example=[SourceRow("blog", 40, 30, 2, 28, 0.75)],
        errors=_ERRORS,
    ),
    Endpoint(
        "GET", "/api/stats/retention.json", Scope.ACCOUNT, retention,
        "Retention", input=WhichFigures, result=list[RetentionRow], section="Stats",
        details="After 1, 7 and 30 days; of those confirmed in the time that is asked about.",
        example=[RetentionRow(1, 60, 55, 0.9167), RetentionRow(7, 40, 33, 0.825)],
        errors=_ERRORS,
    ),
)  # fmt: skip
