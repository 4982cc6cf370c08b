"""`/broadcasts`: what the owner wrote to many, and the button that stops it for one."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number, page_number
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.broadcasts import BroadcastService
from services.unsubscribes import UnsubscribeService
from texts import broadcasts as wording


def broadcasts_feature() -> Feature:
    """Lists, panels and every step a broadcast can take."""
    feature = Feature("broadcasts")

    @feature.command("broadcasts", audience=Audience.ACCOUNT, describe=lambda t: t("What you wrote to many"))
    async def listed(message: Message, actor: Actor, broadcasts: BroadcastService, talk: Talk) -> None:
        found, more = await broadcasts.page(actor, 0)
        await talk.show(wording.listing(actor.t, found, 0, more))

    @feature.button("list")
    async def turned(
        query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, talk: Talk, args: list[str]
    ) -> None:
        page = page_number(args)
        found, more = await broadcasts.page(actor, page)
        await talk.show(wording.listing(actor.t, found, page, more))

    @feature.button("all")
    async def listed_below(
        query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, talk: Talk
    ) -> None:
        found, more = await broadcasts.page(actor, 0)
        await talk.say(wording.listing(actor.t, found, 0, more))  # the board stays where it is

    @feature.button("open")
    async def opened(
        query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]
    ) -> None:
        await broadcasts.open(actor, number(args, 0))

    _running(feature)
    _ended(feature)
    _asking(feature)
    _readers(feature)
    return feature


def _running(feature: Feature) -> None:
    @feature.button("start")
    async def start(
        query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]
    ) -> None:
        await broadcasts.start(actor, number(args, 0))

    @feature.button("pause")
    async def pause(
        query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]
    ) -> None:
        await broadcasts.pause(actor, number(args, 0))

    @feature.button("resume")
    async def resume(
        query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]
    ) -> None:
        await broadcasts.resume(actor, number(args, 0))

    @feature.button("stop")
    async def stop(query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]) -> None:
        await broadcasts.cancel(actor, number(args, 0))

    @feature.button("test")
    async def test(query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]) -> None:
        await broadcasts.test(actor, number(args, 0))

    @feature.button("resend")
    async def resend(
        query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]
    ) -> None:
        await broadcasts.decide_unknown(actor, number(args, 0), resend=True)

    @feature.button("skip")
    async def skip(query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]) -> None:
        await broadcasts.decide_unknown(actor, number(args, 0), resend=False)


def _ended(feature: Feature) -> None:
    @feature.button("drop")
    async def drop(query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]) -> None:
        await broadcasts.delete(actor, number(args, 0))

    @feature.button("reset")
    async def reset(
        query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]
    ) -> None:
        await broadcasts.reset(actor, number(args, 0))

    @feature.button("edit_sent")
    async def edit_sent(
        query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]
    ) -> None:
        await broadcasts.edit_sent(actor, number(args, 0))

    @feature.button("recall")
    async def recall(
        query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, args: list[str]
    ) -> None:
        await broadcasts.recall(actor, number(args, 0))


def _asking(feature: Feature) -> None:
    """What cannot be undone is asked for twice."""

    def sure(what: str) -> None:
        @feature.button(f"ask_{what}")
        async def ask(
            query: CallbackQuery, actor: Actor, broadcasts: BroadcastService, talk: Talk, args: list[str]
        ) -> None:
            shown = await broadcasts.get(actor, number(args, 0))
            await talk.show(wording.ask_sure(actor.t, what, shown))

    for what in ("drop", "reset", "edit_sent", "recall"):
        sure(what)


def _readers(feature: Feature) -> None:
    """For whoever got a message."""

    @feature.button("off")
    async def off(
        query: CallbackQuery, actor: Actor, tenant: Bot, unsubscribes: UnsubscribeService, args: list[str]
    ) -> None:
        await unsubscribes.stop(actor, tenant.id, number(args, 0))

    @feature.button("on")
    async def undo(
        query: CallbackQuery, actor: Actor, tenant: Bot, unsubscribes: UnsubscribeService, args: list[str]
    ) -> None:
        await unsubscribes.undo(actor, tenant.id, number(args, 0))
