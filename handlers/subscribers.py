"""`/members`: the people with memberships, for the owner."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.clock import Clock
from handlers.arguments import number, page_number, text
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.subscribers import SubscriberService
from texts import subscribers as wording


def subscribers_feature() -> Feature:
    """`/members` and its panels."""
    feature = Feature("subscribers")

    @feature.command("members", audience=Audience.OWNER, describe=lambda t: t("Who has a membership"))
    async def listed(
        message: Message,
        actor: Actor,
        tenant: Bot,
        subscribers: SubscriberService,
        clock: Clock,
        talk: Talk,
        args: str,
    ) -> None:
        if args:
            member = await subscribers.find(actor, tenant.id, args)
            await talk.show(wording.panel(actor.t, member, clock.now()))
        else:
            found, more = await subscribers.listing(actor, tenant.id, 0)
            await talk.show(wording.listing(actor.t, found, 0, more))

    @feature.button("list")
    async def turned(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        subscribers: SubscriberService,
        talk: Talk,
        args: list[str],
    ) -> None:
        page = page_number(args)
        found, more = await subscribers.listing(actor, tenant.id, page)
        await talk.show(wording.listing(actor.t, found, page, more))

    @feature.button("export")
    async def export(query: CallbackQuery, actor: Actor, tenant: Bot, subscribers: SubscriberService) -> None:
        await subscribers.export(actor, tenant.id)

    @feature.button("open")
    async def opened(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        subscribers: SubscriberService,
        clock: Clock,
        talk: Talk,
        args: list[str],
    ) -> None:
        member = await subscribers.find(actor, tenant.id, text(args, 0))
        await talk.show(wording.panel(actor.t, member, clock.now()))

    @feature.button("ask")
    async def ask_who(
        query: CallbackQuery, actor: Actor, tenant: Bot, subscribers: SubscriberService
    ) -> None:
        await subscribers.ask_who(actor, tenant.id)

    @feature.step("find")
    async def found(message: Message, actor: Actor, tenant: Bot, subscribers: SubscriberService) -> None:
        await subscribers.found(actor, tenant.id, message.text or "")

    _giving(feature)
    _ending(feature)
    return feature


def _giving(feature: Feature) -> None:
    @feature.button("gift")
    async def choose_gift(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        subscribers: SubscriberService,
        talk: Talk,
        args: list[str],
    ) -> None:
        member = await subscribers.find(actor, tenant.id, text(args, 0))
        await talk.show(wording.choose_gift(actor.t, member, number(args, 1)))

    @feature.button("give")
    async def give(
        query: CallbackQuery, actor: Actor, tenant: Bot, subscribers: SubscriberService, args: list[str]
    ) -> None:
        await subscribers.give(actor, tenant.id, number(args, 0), number(args, 1), number(args, 2))

    @feature.button("days")
    async def ask_days(
        query: CallbackQuery, actor: Actor, tenant: Bot, subscribers: SubscriberService, args: list[str]
    ) -> None:
        await subscribers.ask_days(actor, tenant.id, number(args, 0), number(args, 1))

    @feature.step("days")
    async def days(message: Message, actor: Actor, tenant: Bot, subscribers: SubscriberService) -> None:
        await subscribers.give_asked(actor, tenant.id, message.text or "")


def _ending(feature: Feature) -> None:
    @feature.button("end")
    async def ask_end(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        subscribers: SubscriberService,
        talk: Talk,
        args: list[str],
    ) -> None:
        member = await subscribers.find(actor, tenant.id, text(args, 0))
        await talk.show(wording.ask_end(actor.t, member, number(args, 1)))

    @feature.button("ended")
    async def end(
        query: CallbackQuery, actor: Actor, tenant: Bot, subscribers: SubscriberService, args: list[str]
    ) -> None:
        await subscribers.end(actor, tenant.id, number(args, 0), number(args, 1))

    @feature.button("rules")
    async def rules(
        query: CallbackQuery, actor: Actor, tenant: Bot, subscribers: SubscriberService, talk: Talk
    ) -> None:
        await talk.show(wording.rules(actor.t, await subscribers.settings(actor, tenant.id)))

    @feature.button("grace")
    async def grace(
        query: CallbackQuery, actor: Actor, tenant: Bot, subscribers: SubscriberService, args: list[str]
    ) -> None:
        await subscribers.set_grace(actor, tenant.id, number(args, 0))

    @feature.button("remind")
    async def remind(
        query: CallbackQuery, actor: Actor, tenant: Bot, subscribers: SubscriberService, args: list[str]
    ) -> None:
        await subscribers.turn_reminder(actor, tenant.id, number(args, 0))
