"""Counting leads for the figures of campaigns (`domain.tracker_stats` says what counts as what)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, func, literal_column, select, type_coerce

from domain.leads import LeadStatus
from domain.tracker_stats import AFTER, Cost, Count, Counted, Retention, Span
from storage.database import Tx
from storage.tables.tracker import campaign, lead, lead_entry
from storage.types import DAY, from_microseconds

_GONE = (int(LeadStatus.CANCEL), int(LeadStatus.TRASH))
_INSIDE = lead.c.status == int(LeadStatus.APPROVE)
# Written into the statement: PostgreSQL would not see that two parameters are the same.
_DAY = literal_column(str(DAY), BigInteger)


@dataclass(frozen=True, slots=True)
class Which:
    """Whose leads: all of an owner, or those of one campaign."""

    owner_id: int
    campaign_id: int | None = None

    def where(self) -> list[ColumnElement[bool]]:
        """As conditions on leads."""
        mine = [lead.c.owner_id == self.owner_id]
        return mine if self.campaign_id is None else [*mine, lead.c.campaign_id == self.campaign_id]


def _number(moment: Any) -> ColumnElement[int]:
    return type_coerce(moment, BigInteger)


def _within(moment: Any, span: Span) -> list[ColumnElement[bool]]:
    found = [moment.is_not(None)]
    if span.since is not None:
        found.append(moment >= span.since)
    if span.before is not None:
        found.append(moment < span.before)
    return found


async def counts(tx: Tx, which: Which, span: Span) -> list[Count]:
    """Everything that is counted, by UTC day and source."""
    came_in = case((lead.c.approved_at.is_not(None), 1), else_=0)
    kept = case((_INSIDE, 1), else_=0)
    gone = (
        select(lead.c.source, _left_at().label("left_at"))
        .where(*which.where(), lead.c.approved_at.is_not(None))
        .subquery()
    )
    started, confirmed, left_at = lead.c.created_at, lead.c.approved_at, gone.c.left_at
    return [
        *await _count(tx, started, lead.c.source, which.where(), span, Counted.START, came_in),
        *await _count(tx, confirmed, lead.c.source, which.where(), span, Counted.CONFIRM, kept),
        *await _count(tx, left_at, gone.c.source, [], span, Counted.UNSUB),
    ]


def _left_at() -> Any:
    """When somebody left or was removed for the first time after he had come in."""
    return (
        select(func.min(lead_entry.c.at))
        .where(
            lead_entry.c.lead_id == lead.c.id,
            lead_entry.c.stands,
            lead_entry.c.status.in_(_GONE),
            lead_entry.c.at >= lead.c.approved_at,
        )
        .correlate(lead)
        .scalar_subquery()
    )


_AMONG = {Counted.START: Counted.CAME_IN, Counted.CONFIRM: Counted.KEPT}


async def _count(
    tx: Tx,
    moment: Any,
    source: Any,
    mine: Sequence[ColumnElement[bool]],
    span: Span,
    what: Counted,
    among: Any = None,
) -> list[Count]:
    """People whose `moment` is within the span; `among` marks (1 or 0) those counted a second time."""
    day = (_number(moment) // _DAY).label("day")
    columns = [day, source.label("source"), func.count().label("people")]
    if among is not None:
        columns.append(func.sum(among).label("among"))
    rows = await tx.execute(
        select(*columns).where(*mine, *_within(moment, span)).group_by("day", source).order_by("day", source)
    )
    found = []
    for row in rows:
        at = from_microseconds(row.day * DAY).date()
        found.append(Count(what, at, row.source, row.people))
        if among is not None:
            found.append(Count(_AMONG[what], at, row.source, int(row.among)))
    return found


async def retention(tx: Tx, which: Which, span: Span, now: datetime) -> list[Retention]:
    """How many of those who were confirmed in the span were still inside 1, 7 and 30 days after."""
    found = []
    for days in AFTER:
        then = _number(lead.c.approved_at) + literal_column(str(days * DAY), BigInteger)
        standing = (
            select(lead_entry.c.status)
            .where(lead_entry.c.lead_id == lead.c.id, lead_entry.c.stands, _number(lead_entry.c.at) <= then)
            .order_by(lead_entry.c.at.desc(), lead_entry.c.number.desc())
            .limit(1)
            .correlate(lead)
            .scalar_subquery()
        )
        inside = case((standing == int(LeadStatus.APPROVE), 1), else_=0)
        row = (
            await tx.execute(
                select(func.count().label("of"), func.coalesce(func.sum(inside), 0).label("kept")).where(
                    *which.where(),
                    *_within(lead.c.approved_at, span),
                    lead.c.approved_at <= now - timedelta(days=days),
                )
            )
        ).one()
        found.append(Retention(days, row.of, int(row.kept)))
    return found


async def costs(tx: Tx, which: Which) -> list[Cost]:
    """What was spent and who is inside, by currency, of campaigns whose cost is known: as their owner gave
    it, else the sum of what their leads cost."""
    spent = func.sum(lead.c.cost_micros).label("spent")
    kept = func.sum(case((_INSIDE, 1), else_=0)).label("kept")
    of_leads = select(lead.c.campaign_id, spent, kept).where(*which.where()).group_by(lead.c.campaign_id)
    sums = of_leads.subquery()
    cost = func.coalesce(campaign.c.cost_micros, sums.c.spent)
    mine = [campaign.c.owner_id == which.owner_id, cost.is_not(None)]
    if which.campaign_id is not None:
        mine.append(campaign.c.id == which.campaign_id)
    rows = await tx.execute(
        select(
            campaign.c.currency,
            func.sum(cost).label("micros"),
            func.sum(func.coalesce(sums.c.kept, 0)).label("kept"),
        )
        .select_from(campaign.outerjoin(sums, sums.c.campaign_id == campaign.c.id))
        .where(*mine)
        .group_by(campaign.c.currency)
        .order_by(campaign.c.currency)
    )
    return [Cost(row.currency, int(row.micros), int(row.kept)) for row in rows]
