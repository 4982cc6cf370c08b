"""Exchange rates that were fetched: one for each currency and day, never changed once it is written."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select, tuple_

from domain.rates import Rate
from storage.database import Tx
from storage.statements import insert
from storage.tables.rates import rate

_COLUMNS = (rate.c.quote, rate.c.day, rate.c.rate, rate.c.source)


async def put(tx: Tx, found: Sequence[Rate]) -> None:
    """Keep rates; a day that has one keeps it, so that yesterday's reports stay what they were."""
    rows = [
        {"quote": one.quote, "day": one.day.isoformat(), "rate": f"{one.rate:f}", "source": one.source}
        for one in found
    ]
    if rows:
        await tx.execute(insert(tx, rate).on_conflict_do_nothing(), rows)


async def at_or_before(tx: Tx, quotes: Collection[str], day: date) -> dict[str, Rate]:
    """The last rate of each currency of that day or before."""
    newest = (
        select(rate.c.quote, func.max(rate.c.day))
        .where(rate.c.quote.in_(quotes), rate.c.day <= day.isoformat())
        .group_by(rate.c.quote)
    )
    rows = await tx.execute(select(*_COLUMNS).where(tuple_(rate.c.quote, rate.c.day).in_(newest)))
    return {row.quote: _rate(row) for row in rows}


async def through(
    tx: Tx, quotes: Collection[str], first: date, last: date
) -> dict[str, list[tuple[date, Decimal]]]:
    """What is needed to know each currency's rate on every day from `first` to `last`: by currency the
    rates of these days, in order, and before them the last one of an earlier day."""
    earlier = (
        select(rate.c.quote, func.max(rate.c.day))
        .where(rate.c.quote.in_(quotes), rate.c.day < first.isoformat())
        .group_by(rate.c.quote)
    )
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(
            rate.c.quote.in_(quotes),
            rate.c.day <= last.isoformat(),
            or_(rate.c.day >= first.isoformat(), tuple_(rate.c.quote, rate.c.day).in_(earlier)),
        )
        .order_by(rate.c.quote, rate.c.day)
    )
    found: dict[str, list[tuple[date, Decimal]]] = {}
    for row in rows:
        one = _rate(row)
        found.setdefault(one.quote, []).append((one.day, one.rate))
    return found


def _rate(row: object) -> Rate:
    values = row._mapping  # type: ignore[attr-defined]
    return Rate(values["quote"], date.fromisoformat(values["day"]), Decimal(values["rate"]), values["source"])
