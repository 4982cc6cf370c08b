"""`/revenue`: the owner's figures with a chart, and what can be set about them."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.rates import NoRate, report_currency
from domain.reports import Unit
from handlers.arguments import choice, number, text
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.revenue import CHART, RevenueService
from texts import revenue as wording


def revenue_feature() -> Feature:
    """`/revenue` and its panels."""
    feature = Feature("revenue")

    @feature.command("revenue", audience=Audience.OWNER, describe=lambda t: t("What you earned"))
    async def figures(
        message: Message, actor: Actor, tenant: Bot, revenue: RevenueService, talk: Talk
    ) -> None:
        await _show(actor, tenant, revenue, talk, Unit.DAY, None, instead=False)

    @feature.button("show")
    async def show(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        revenue: RevenueService,
        talk: Talk,
        args: list[str],
    ) -> None:
        unit, currency = choice(Unit, args, 0), report_currency(text(args, 1))
        is_picture = isinstance(query.message, Message) and query.message.photo is not None
        await _show(actor, tenant, revenue, talk, unit, currency, instead=is_picture)

    @feature.button("currencies")
    async def currencies(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        revenue: RevenueService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await revenue.settings(actor, tenant.id)
        await talk.show(wording.choose_currency(actor.t, choice(Unit, args, 0)))

    _settings(feature)
    return feature


async def _show(
    actor: Actor,
    tenant: Bot,
    revenue: RevenueService,
    talk: Talk,
    unit: Unit,
    currency: str | None,
    *,
    instead: bool,
) -> None:
    try:
        panel, chart = await revenue.panel(actor, tenant.id, unit, currency)
    except NoRate as error:
        await talk.show(wording.no_rate(actor.t, error, unit))
        return
    await talk.photo(chart, CHART, wording.panel(actor.t, panel), instead=instead)


def _settings(feature: Feature) -> None:
    @feature.button("settings")
    async def settings(
        query: CallbackQuery, actor: Actor, tenant: Bot, revenue: RevenueService, talk: Talk
    ) -> None:
        await talk.show(wording.settings(actor.t, await revenue.settings(actor, tenant.id)))

    @feature.button("default")
    async def choose_default(
        query: CallbackQuery, actor: Actor, tenant: Bot, revenue: RevenueService, talk: Talk
    ) -> None:
        await talk.show(wording.choose_default(actor.t, await revenue.settings(actor, tenant.id)))

    @feature.button("currency")
    async def default(
        query: CallbackQuery, actor: Actor, tenant: Bot, revenue: RevenueService, args: list[str]
    ) -> None:
        await revenue.set_currency(actor, tenant.id, text(args, 0))

    @feature.button("daily")
    async def daily(
        query: CallbackQuery, actor: Actor, tenant: Bot, revenue: RevenueService, args: list[str]
    ) -> None:
        await revenue.turn_daily(actor, tenant.id, number(args, 0) == 1)

    @feature.button("age")
    async def age(
        query: CallbackQuery, actor: Actor, tenant: Bot, revenue: RevenueService, args: list[str]
    ) -> None:
        await revenue.set_age(actor, tenant.id, number(args, 0))

    @feature.button("ask_star")
    async def ask_star(query: CallbackQuery, actor: Actor, tenant: Bot, revenue: RevenueService) -> None:
        await revenue.ask_star(actor, tenant.id)

    @feature.step("star")
    async def star(message: Message, actor: Actor, tenant: Bot, revenue: RevenueService) -> None:
        await revenue.set_star(actor, tenant.id, message.text or "")
