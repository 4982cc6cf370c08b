"""`/webhooks`: where events of a bot are sent."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number, page_number
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.webhooks import WebhookService
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

    @feature.button("open")
    async def opened(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        webhooks: WebhookService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await talk.show(wording.panel(actor.t, await webhooks.get(actor, tenant.id, number(args, 0))))

    @feature.button("add")
    async def add(query: CallbackQuery, actor: Actor, tenant: Bot, webhooks: WebhookService) -> None:
        await webhooks.ask_url(actor, tenant.id)

    @feature.step("url")
    async def sent(message: Message, actor: Actor, tenant: Bot, webhooks: WebhookService) -> None:
        await webhooks.register(actor, tenant.id, message.text or "")

    _looking_after(feature)
    _deliveries(feature)
    return feature


def _looking_after(feature: Feature) -> None:
    @feature.button("enable")
    async def enable(
        query: CallbackQuery, actor: Actor, tenant: Bot, webhooks: WebhookService, args: list[str]
    ) -> None:
        await webhooks.enable(actor, tenant.id, number(args, 0))

    @feature.button("ask_rotate")
    async def ask_rotate(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        webhooks: WebhookService,
        talk: Talk,
        args: list[str],
    ) -> None:
        shown = await webhooks.get(actor, tenant.id, number(args, 0))
        await talk.show(wording.ask_rotate(actor.t, shown))

    @feature.button("rotate")
    async def rotate(
        query: CallbackQuery, actor: Actor, tenant: Bot, webhooks: WebhookService, args: list[str]
    ) -> None:
        await webhooks.rotate(actor, tenant.id, number(args, 0))

    @feature.button("ask_drop")
    async def ask_drop(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        webhooks: WebhookService,
        talk: Talk,
        args: list[str],
    ) -> None:
        shown = await webhooks.get(actor, tenant.id, number(args, 0))
        await talk.show(wording.ask_drop(actor.t, shown))

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
