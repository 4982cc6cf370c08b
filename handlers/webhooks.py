"""`/webhooks`: where events of a bot are sent."""

from collections.abc import Callable

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor, Translator
from domain.bots import Bot
from domain.page import Page
from handlers.arguments import number, page_number
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.webhooks import Panel, WebhookService
from texts import webhooks as wording


def webhooks_feature() -> Feature:
    """`/webhooks` and its panels."""
    feature = Feature("webhooks")

    @feature.command(
        "webhooks", audience=Audience.OWNER, describe=lambda t: t("Send events to a program of yours")
    )
    async def listed(
        message: Message, actor: Actor, tenant: Bot, webhooks: WebhookService, talk: Talk
    ) -> None:
        await talk.show(wording.listing(actor.t, await webhooks.listing(actor, tenant.id)))

    @feature.button("list")
    async def turned(
        query: CallbackQuery, actor: Actor, tenant: Bot, webhooks: WebhookService, talk: Talk
    ) -> None:
        await talk.show(wording.listing(actor.t, await webhooks.listing(actor, tenant.id)))

    @feature.button("add")
    async def add(query: CallbackQuery, actor: Actor, tenant: Bot, webhooks: WebhookService) -> None:
        await webhooks.ask_url(actor, tenant.id)

    @feature.step("url")
    async def sent(message: Message, actor: Actor, tenant: Bot, webhooks: WebhookService) -> None:
        await webhooks.register(actor, tenant.id, message.text or "")

    pages = {"open": wording.panel, "ask_rotate": wording.ask_rotate, "ask_drop": wording.ask_drop}
    for verb, page in pages.items():
        _panel(feature, verb, page)
    _looking_after(feature)
    _deliveries(feature)
    return feature


def _panel(feature: Feature, verb: str, page: Callable[[Translator, Panel], Page]) -> None:
    """What one webhook is shown as."""

    @feature.button(verb)
    async def show(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        webhooks: WebhookService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await talk.show(page(actor.t, await webhooks.get(actor, tenant.id, number(args, 0))))


def _looking_after(feature: Feature) -> None:
    @feature.button("enable")
    async def enable(
        query: CallbackQuery, actor: Actor, tenant: Bot, webhooks: WebhookService, args: list[str]
    ) -> None:
        await webhooks.enable(actor, tenant.id, number(args, 0))

    @feature.button("rotate")
    async def rotate(
        query: CallbackQuery, actor: Actor, tenant: Bot, webhooks: WebhookService, args: list[str]
    ) -> None:
        await webhooks.rotate(actor, tenant.id, number(args, 0))

    @feature.button("drop")
    async def drop(
        query: CallbackQuery, actor: Actor, tenant: Bot, webhooks: WebhookService, args: list[str]
    ) -> str:
        await webhooks.drop(actor, tenant.id, number(args, 0))
        return actor.t("Removed")


def _deliveries(feature: Feature) -> None:
    @feature.button("test")
    async def test(
        query: CallbackQuery, actor: Actor, tenant: Bot, webhooks: WebhookService, args: list[str]
    ) -> str:
        await webhooks.test(actor, tenant.id, number(args, 0))
        return actor.t("On its way")

    @feature.button("log")
    async def log(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        webhooks: WebhookService,
        talk: Talk,
        args: list[str],
    ) -> None:
        shown = await webhooks.log(actor, tenant.id, number(args, 0), page_number(args[1:]))
        await talk.show(wording.log(actor.t, shown))

    @feature.button("delivery")
    async def delivery(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        webhooks: WebhookService,
        talk: Talk,
        args: list[str],
    ) -> None:
        shown = await webhooks.delivery(actor, tenant.id, number(args, 0))
        await talk.show(wording.delivery(actor.t, shown))

    @feature.button("again")
    async def again(
        query: CallbackQuery, actor: Actor, tenant: Bot, webhooks: WebhookService, args: list[str]
    ) -> str:
        await webhooks.redeliver(actor, tenant.id, number(args, 0))
        return actor.t("On its way")

    @feature.button("failed")
    async def failed(
        query: CallbackQuery, actor: Actor, tenant: Bot, webhooks: WebhookService, args: list[str]
    ) -> str:
        await webhooks.redeliver_dead(actor, tenant.id, number(args, 0))
        return actor.t("On its way")
