"""The figures of an owner's campaigns: in the chat with a picture, and for programs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from domain import tracker_stats as rules
from domain.actor import Actor
from domain.campaigns import Campaign
from domain.charts import stacked_bars
from domain.clock import Clock
from domain.errors import NotFound
from domain.tracker_stats import Cost, Day, Figures, Period, Retention, Source, Span
from services.access import Access, Guarded, Permission, needs
from storage import campaigns, tracker_stats
from storage.database import Database, Tx
from storage.tracker_stats import Which

CHART = "stats.png"


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a span; `costs` are those of all time, because nobody says when money was spent."""

    figures: Figures
    costs: Sequence[Cost]


@dataclass(frozen=True, slots=True)
class Report:
    """What the owner sees at once about a campaign, or about all of them (None)."""

    campaign: Campaign | None
    period: Period
    figures: Figures
    sources: Sequence[Source]
    retention: Sequence[Retention]
    costs: Sequence[Cost]


class TrackerStatsService(Guarded):
    """Figures for the owner of campaigns. `campaign_id` None: of all his campaigns, deleted ones included.

    Every call raises `NotFound` (campaign) for a campaign that is not the actor's.
    """

    def __init__(self, access: Access, db: Database, clock: Clock) -> None:
        super().__init__(access)
        self._db, self._clock = db, clock

    @needs(Permission.ACCOUNT)
    async def summary(self, actor: Actor, campaign_id: int | None, span: Span) -> Summary:
        """Everything in a few numbers."""
        async with self._db.read() as tx:
            which, _ = await _which(tx, actor, campaign_id)
            counts = await tracker_stats.counts(tx, which, span)
            return Summary(rules.total(counts), await tracker_stats.costs(tx, which))

    @needs(Permission.ACCOUNT)
    async def days(self, actor: Actor, campaign_id: int | None, span: Span) -> Sequence[Day]:
        """Day by day, the oldest first; by default the last 30 days. Raises `Invalid` (from)."""
        now = self._clock.now()
        span = rules.days_of(span, now)
        async with self._db.read() as tx:
            which, _ = await _which(tx, actor, campaign_id)
            return rules.by_day(await tracker_stats.counts(tx, which, span), span, now)

    @needs(Permission.ACCOUNT)
    async def sources(self, actor: Actor, campaign_id: int | None, span: Span) -> Sequence[Source]:
        """By the name of the invite link people came through; empty for all others."""
        async with self._db.read() as tx:
            which, _ = await _which(tx, actor, campaign_id)
            return rules.by_source(await tracker_stats.counts(tx, which, span))

    @needs(Permission.ACCOUNT)
    async def retention(self, actor: Actor, campaign_id: int | None, span: Span) -> Sequence[Retention]:
        """Who was still inside 1, 7 and 30 days after he had come in, of those confirmed in the span."""
        async with self._db.read() as tx:
            which, _ = await _which(tx, actor, campaign_id)
            return await tracker_stats.retention(tx, which, span, self._clock.now())

    @needs(Permission.ACCOUNT)
    async def report(self, actor: Actor, campaign_id: int | None, period: Period) -> tuple[Report, bytes]:
        """A period with its chart (PNG)."""
        now = self._clock.now()
        span = rules.period_of(period, now)
        async with self._db.read() as tx:
            which, campaign = await _which(tx, actor, campaign_id)
            counts = await tracker_stats.counts(tx, which, span)
            kept = await tracker_stats.retention(tx, which, Span(), now)
            costs = await tracker_stats.costs(tx, which)
        report = Report(campaign, period, rules.total(counts), rules.by_source(counts), kept, costs)
        return report, await asyncio.to_thread(stacked_bars, rules.slots(rules.by_day(counts, span, now)))

    @needs(Permission.ACCOUNT)
    async def choices(self, actor: Actor) -> Sequence[Campaign]:
        """The campaigns to choose from, the newest first."""
        async with self._db.read() as tx:
            return await campaigns.listing(tx, actor.user_id)


async def _which(tx: Tx, actor: Actor, campaign_id: int | None) -> tuple[Which, Campaign | None]:
    campaign = None
    if campaign_id is not None:
        campaign = await campaigns.get(tx, actor.user_id, campaign_id)
        if campaign is None:
            raise NotFound("campaign")
    return Which(actor.user_id, campaign_id), campaign
