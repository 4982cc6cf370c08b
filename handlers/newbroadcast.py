"""`/broadcast`: the conversation that writes one."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from handlers.arguments import number, text
from handlers.composed import composed
from handlers.routing import Audience, Feature
from handlers.written import plain_text
from services.newbroadcast import NewBroadcastService


def newbroadcast_feature() -> Feature:
    """`/broadcast`, its steps, and changing a broadcast later."""
    feature = Feature("newbroadcast")

    @feature.command("broadcast", audience=Audience.ACCOUNT, describe=lambda t: t("Write to many leads"))
    async def begin(message: Message, actor: Actor, newbroadcast: NewBroadcastService) -> None:
        await newbroadcast.begin(actor)

    @feature.button("begin")
    async def begin_pressed(query: CallbackQuery, actor: Actor, newbroadcast: NewBroadcastService) -> None:
        await newbroadcast.begin(actor)

    _audience(feature)
    _message(feature)
    return feature


def _audience(feature: Feature) -> None:
    @feature.button("audience")
    async def audience(
        query: CallbackQuery, actor: Actor, newbroadcast: NewBroadcastService, args: list[str]
    ) -> None:
        await newbroadcast.audience(actor, number(args, 0))

    @feature.button("status")
    async def turn_status(
        query: CallbackQuery, actor: Actor, newbroadcast: NewBroadcastService, args: list[str]
    ) -> None:
        await newbroadcast.turn_status(actor, number(args, 0), number(args, 1))

    @feature.button("scope")
    async def scope(
        query: CallbackQuery, actor: Actor, newbroadcast: NewBroadcastService, args: list[str]
    ) -> None:
        await newbroadcast.scope(actor, number(args, 0), max(number(args, 1), 0))

    @feature.button("campaign")
    async def turn_campaign(
        query: CallbackQuery, actor: Actor, newbroadcast: NewBroadcastService, args: list[str]
    ) -> None:
        page = max(number(args, 2), 0)
        await newbroadcast.turn_campaign(actor, number(args, 0), number(args, 1), page)

    @feature.button("dates")
    async def dates(
        query: CallbackQuery, actor: Actor, newbroadcast: NewBroadcastService, args: list[str]
    ) -> None:
        await newbroadcast.dates(actor, number(args, 0))

    @feature.button("date")
    async def set_dates(
        query: CallbackQuery, actor: Actor, newbroadcast: NewBroadcastService, args: list[str]
    ) -> None:
        await newbroadcast.set_dates(actor, number(args, 0), text(args, 1), text(args, 2))

    @feature.button("paid")
    async def turn_paid(
        query: CallbackQuery, actor: Actor, newbroadcast: NewBroadcastService, args: list[str]
    ) -> None:
        await newbroadcast.turn_paid(actor, number(args, 0))


def _message(feature: Feature) -> None:
    def asking(what: str) -> None:
        @feature.button(what)
        async def ask(
            query: CallbackQuery, actor: Actor, newbroadcast: NewBroadcastService, args: list[str]
        ) -> None:
            await newbroadcast.ask(actor, number(args, 0), what)

    for what in ("body", "button", "name"):
        asking(what)

    @feature.step("body")
    async def body(message: Message, actor: Actor, newbroadcast: NewBroadcastService) -> None:
        await newbroadcast.set_body(actor, composed(message))

    @feature.step("button")
    async def button(message: Message, actor: Actor, newbroadcast: NewBroadcastService) -> None:
        await newbroadcast.set_button(actor, plain_text(message))

    @feature.button("no_button")
    async def no_button(
        query: CallbackQuery, actor: Actor, newbroadcast: NewBroadcastService, args: list[str]
    ) -> None:
        await newbroadcast.no_button(actor, number(args, 0))

    @feature.step("name")
    async def name(message: Message, actor: Actor, newbroadcast: NewBroadcastService) -> None:
        await newbroadcast.set_name(actor, plain_text(message))
