"""`/stats`: the figures of campaigns, with a chart."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.errors import NotFound
from domain.tracker_stats import Period
from handlers.arguments import number, page_number
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.tracker_stats import CHART, TrackerStatsService
from texts import stats as wording


def stats_feature() -> Feature:
    """`/stats` and its buttons; a campaign's panel leads here with `stats:of:<campaign>`."""
    feature = Feature("stats")

    @feature.command("stats", audience=Audience.ACCOUNT, describe=lambda t: t("What your campaigns bring"))
    async def figures(message: Message, actor: Actor, stats: TrackerStatsService, talk: Talk) -> None:
        if not await stats.choices(actor):
            await talk.show(wording.nothing(actor.t))
            return
        report, chart = await stats.report(actor, None, Period.WEEK)
        await talk.photo(chart, CHART, wording.report(actor.t, report))

    @feature.button("show")
    async def show(
        query: CallbackQuery, actor: Actor, stats: TrackerStatsService, talk: Talk, args: list[str]
    ) -> None:
        try:
            period = Period(number(args, 1))
        except ValueError:
            raise NotFound("button") from None
        report, chart = await stats.report(actor, number(args, 0) or None, period)
        is_picture = isinstance(query.message, Message) and query.message.photo is not None
        await talk.photo(chart, CHART, wording.report(actor.t, report), instead=is_picture)

    @feature.button("of")
    async def of(
        query: CallbackQuery, actor: Actor, stats: TrackerStatsService, talk: Talk, args: list[str]
    ) -> None:
        report, chart = await stats.report(actor, number(args, 0), Period.WEEK)
        await talk.photo(chart, CHART, wording.report(actor.t, report))

    @feature.button("choose")
    async def choose(
        query: CallbackQuery, actor: Actor, stats: TrackerStatsService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.choose(actor.t, await stats.choices(actor), page_number(args)))

    return feature
