"""An owner's figures in the chat: the picture with its caption, what can be set about it, and the word
he gets each morning."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from domain import calls, revenue
from domain.actor import Actor
from domain.bots import Bot
from domain.calls import Policy, Priority
from domain.charts import SERIES, stacked_bars
from domain.clock import Clock
from domain.errors import Invalid
from domain.join_report import Slot
from domain.money import digits
from domain.orders import CREDIT, STARS, TELEGRAM
from domain.page import Page
from domain.rates import NoRate, report_currency, rounded, settled, total
from domain.reports import Figure, Unit, moment
from domain.revenue import AGES, FEATURE, MORNING, RevenueSettings
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.rates import read_settings, utc_day
from services.reach import Mailbox, Reach
from services.reports import Ledger, of_gateways, of_plans, read_ledger
from services.work import UnitOfWork, Work
from storage import reports, settings
from storage.database import Database
from storage.reports import Sold
from texts import revenue as wording

log = logging.getLogger(__name__)
CHART = "revenue.png"
SHOWN = {Unit.DAY: 30, Unit.MONTH: 12, Unit.YEAR: 5}  # periods in the picture
_WORDED = frozenset({STARS, TELEGRAM, CREDIT})  # `texts.revenue` names them in the reader's language


@dataclass(frozen=True, slots=True)
class Part:
    """What a plan or a way to pay earned in the periods of the picture."""

    name: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything the owner sees at once. `plans` are in the order of the chart's colours; a part without a
    name is the rest of them."""

    unit: Unit
    currency: str
    today: Figure
    this_month: Figure
    last_month: Figure
    ever: Figure
    plans: tuple[Part, ...]
    gateways: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Morning:
    """What there is to say about the day before."""

    day: date
    figure: Figure
    this_month: Figure
    plans: tuple[Part, ...]
    refunds: int


class RevenueService(Guarded):
    """Figures for the owner. `names` are what ways to pay are called, by their gateway's name."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        reach: Reach,
        names: Mapping[str, str],
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._directory, self._reach, self._names = directory, reach, names
        self._told: date | None = None  # the morning on which everybody was told by this process

    @needs(Permission.OWNER)
    async def panel(
        self, actor: Actor, bot_id: int, unit: Unit = Unit.DAY, currency: str | None = None
    ) -> tuple[Panel, bytes]:
        """The figures and their chart (PNG). Raises `NoRate`, `Invalid` (currency)."""
        today = utc_day(self._clock.now())
        begins = list(unit.back(today, SHOWN[unit]))[::-1]
        async with self._db.read() as tx:
            sold = await reports.sold(tx, bot_id)
            ever = await read_ledger(tx, bot_id, sold, today, currency)
            parts = await reports.sold(tx, bot_id, since=moment(begins[0]), by=("plan_id", "gateway"))
            shown = Ledger(tuple(parts), ever.book, ever.currency, today)
            names = await reports.plan_names(tx, bot_id, {one.plan_id for one in parts})
        # Thousands of days may have to be converted: the event loop has other work.
        return await asyncio.to_thread(_draw, unit, begins, ever, shown, names, self._names)

    @needs(Permission.OWNER)
    async def settings(self, actor: Actor, bot_id: int) -> RevenueSettings:
        """What is set about the figures."""
        async with self._db.read() as tx:
            return await read_settings(tx, bot_id)

    @needs(Permission.OWNER)
    async def set_currency(self, actor: Actor, bot_id: int, currency: str) -> None:
        """The currency of reports that name none. Raises `Invalid` (currency)."""
        async with self._work(actor) as work:
            await self._change(work, actor, bot_id, currency=report_currency(currency))

    @needs(Permission.OWNER)
    async def turn_daily(self, actor: Actor, bot_id: int, on: bool) -> None:
        """Whether the owner is told each morning; this morning's is over when it is past the hour."""
        async with self._work(actor) as work:
            if on and work.now.hour >= MORNING:
                await reports.claim_morning(work.tx, bot_id, utc_day(work.now))
            await self._change(work, actor, bot_id, daily=on)

    @needs(Permission.OWNER)
    async def set_age(self, actor: Actor, bot_id: int, days: int) -> None:
        """How many days old a rate may be. Raises `Invalid` (max_age)."""
        if days not in AGES:
            raise Invalid("max_age", "max_age")
        async with self._work(actor) as work:
            await self._change(work, actor, bot_id, max_age=days)

    @needs(Permission.OWNER)
    async def ask_star(self, actor: Actor, bot_id: int) -> None:
        """Ask what a Star is worth."""
        async with self._work(actor) as work:
            about = await read_settings(work.tx, bot_id)
            await work.ask("revenue:star")
            work.show(wording.ask_star(actor.t, about))

    @needs(Permission.OWNER)
    async def set_star(self, actor: Actor, bot_id: int, text: str) -> None:
        """What a Star is worth in USD, as the owner wrote it. Raises `Invalid` (star)."""
        async with self._work(actor) as work:
            await work.asked("revenue:star")
            price = revenue.star_price(text)
            await work.end_dialog()
            await self._change(work, actor, bot_id, star_usd=f"{price:f}")

    async def _change(self, work: Work, actor: Actor, bot_id: int, **values: Any) -> None:
        stored = await settings.change(work.tx, bot_id, settings.DEFAULT_CHAT, FEATURE, values, work.now)
        work.show(wording.settings(actor.t, revenue.read(stored)))

    @needs(Permission.HOUSE)
    async def tell_daily(self, actor: Actor) -> None:
        """From 09:00 UTC on, tell every owner who wants it how yesterday went: once a day and bot, whatever
        stops and however many processes there are."""
        now = self._clock.now()
        today = utc_day(now)
        if now.hour < MORNING or self._told == today:
            return
        async with self._db.read() as tx:
            documents = await settings.everywhere(tx, FEATURE)
        failed = False
        for bot_id, document in documents.items():
            if not revenue.read(document).daily:
                continue
            try:
                await self._tell(bot_id, today)
            except Exception:  # one that fails must not keep the others waiting
                failed = True
                log.exception("no word about revenue", extra={"bot": bot_id})
        if not failed:
            self._told = today

    async def _tell(self, bot_id: int, today: date) -> None:
        bot = await self._directory.get(bot_id)
        mailbox = None if bot is None else await self._reach.mailbox(bot_id, bot.owner_id)
        if bot is None or mailbox is None:
            return
        page = await self._morning(bot, mailbox, today)
        async with self._work() as work:
            if await reports.claim_morning(work.tx, bot_id, today) and page is not None:
                call = calls.send(mailbox.user_id, page)
                work.send(mailbox.bot_id, call, priority=Priority.TRIGGERED, policy=Policy.ONCE)

    async def _morning(self, bot: Bot, mailbox: Mailbox, today: date) -> Page | None:
        """The word of a morning; None when there is nothing to tell."""
        day = today - timedelta(days=1)
        month = Unit.MONTH.begin(day)
        async with self._db.read() as tx:
            refunds = await reports.refunds(tx, bot.id, moment(day), moment(today))
            sold = await reports.sold(tx, bot.id, since=moment(month), before=moment(today), by=("plan_id",))
            ledger = await read_ledger(tx, bot.id, sold, today)
            names = await reports.plan_names(tx, bot.id, {one.plan_id for one in sold})
        yesterday = [one for one in sold if one.day == day]
        if not yesterday and not refunds:
            return None
        own = Ledger(tuple(yesterday), ledger.book, ledger.currency, today)
        try:
            plans = tuple(Part(one.name, one.figure) for one in of_plans(own, names))
            news = Morning(day, own.figure(), ledger.figure(), plans, refunds)
        except NoRate as error:
            return wording.no_rate(mailbox.t, error, Unit.DAY)
        return wording.morning(mailbox.t, bot.name, news)


def _draw(
    unit: Unit,
    begins: list[date],
    ever: Ledger,
    shown: Ledger,
    plan_names: dict[int, str],
    gateway_names: Mapping[str, str],
) -> tuple[Panel, bytes]:
    """The figures and the picture; `begins` are the first days of its periods, the oldest first."""
    this_month, last_month = (one.figure for one in ever.periods(Unit.MONTH, Unit.MONTH.back(ever.today, 2)))
    plans = of_plans(shown, plan_names)
    colours = {one.plan_id: place for place, one in enumerate(plans)}
    named = plans if len(plans) <= len(SERIES) else plans[: len(SERIES) - 1]
    parts = [Part(one.name, one.figure) for one in named]
    if rest := plans[len(named) :]:
        earned = settled(total([one.figure.revenue for one in rest]))
        parts.append(Part("", Figure(earned, ever.currency, sum(one.figure.sales for one in rest))))
    panel = Panel(
        unit,
        ever.currency,
        ever.periods(Unit.DAY, [ever.today])[0].figure,
        this_month,
        last_month,
        ever.figure(),
        tuple(parts),
        tuple(
            Part(
                one.gateway if one.gateway in _WORDED else gateway_names.get(one.gateway, one.gateway),
                one.figure,
            )
            for one in of_gateways(shown)
        ),
    )
    groups = shown.by(lambda one: unit.begin(one.day))
    slots = [
        Slot(_LABELS[unit](begin), _heights(groups.get(begin, ()), shown, colours, len(parts)), 0)
        for begin in begins
    ]
    return panel, stacked_bars(slots, digits(ever.currency))


def _heights(sold: Iterable[Sold], ledger: Ledger, colours: dict[int, int], series: int) -> tuple[int, ...]:
    """One bar: minor units by plan, the smaller plans together in the last place."""
    heights = [0] * series
    for one in sold:
        heights[min(colours[one.plan_id], series - 1)] += rounded(ledger.worth(one), ledger.currency).minor
    return tuple(heights)


_LABELS = {
    Unit.DAY: lambda day: f"{day:%m-%d}",
    Unit.MONTH: lambda day: f"{day:%m}",
    Unit.YEAR: lambda day: f"{day.year}",
}
