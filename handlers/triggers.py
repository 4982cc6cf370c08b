"""The messages a campaign sends by itself, by status: its panels. They hang on `/campaigns`."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.errors import NotFound
from domain.leads import LeadStatus
from handlers.arguments import number, text
from handlers.composed import composed
from handlers.routing import Feature
from handlers.talk import Talk
from handlers.written import plain_text
from services.triggers import Changes, TriggerService
from texts import triggers as wording


def triggers_feature() -> Feature:
    """The five blocks of a campaign."""
    feature = Feature("triggers")

    @feature.button("of")
    async def overview(
        query: CallbackQuery, actor: Actor, triggers: TriggerService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.overview(actor.t, await triggers.overview(actor, number(args, 0))))

    @feature.button("open")
    async def opened(
        query: CallbackQuery, actor: Actor, triggers: TriggerService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.block(actor.t, await triggers.panel(actor, number(args, 0), _status(args))))

    @feature.button("turn")
    async def turn(query: CallbackQuery, actor: Actor, triggers: TriggerService, args: list[str]) -> None:
        changes = Changes(on=bool(number(args, 2)))
        await triggers.save(actor, number(args, 0), _status(args), changes)

    @feature.button("test")
    async def test(query: CallbackQuery, actor: Actor, triggers: TriggerService, args: list[str]) -> None:
        await triggers.test(actor, number(args, 0), _status(args))

    _asking(feature)
    return feature


def _asking(feature: Feature) -> None:
    @feature.button("ask")
    async def ask(query: CallbackQuery, actor: Actor, triggers: TriggerService, args: list[str]) -> None:
        await triggers.ask(actor, number(args, 0), _status(args), text(args, 2))

    @feature.step("body")
    async def body(message: Message, actor: Actor, triggers: TriggerService) -> None:
        await triggers.set_body(actor, composed(message))

    @feature.step("button")
    async def button(message: Message, actor: Actor, triggers: TriggerService) -> None:
        await triggers.set_button(actor, plain_text(message))

    @feature.button("no_button")
    async def no_button(
        query: CallbackQuery, actor: Actor, triggers: TriggerService, args: list[str]
    ) -> None:
        await triggers.save(actor, number(args, 0), _status(args), Changes(button="", link=""))

    @feature.step("delay")
    async def delay(message: Message, actor: Actor, triggers: TriggerService) -> None:
        await triggers.set_delay(actor, plain_text(message))

    @feature.button("delay")
    async def delay_chosen(
        query: CallbackQuery, actor: Actor, triggers: TriggerService, args: list[str]
    ) -> None:
        await triggers.save(actor, number(args, 0), _status(args), Changes(delay=number(args, 2)))


def _status(args: list[str]) -> LeadStatus:
    try:
        return LeadStatus(number(args, 1))
    except ValueError:
        raise NotFound("button") from None
