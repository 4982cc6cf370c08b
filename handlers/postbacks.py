"""`/postbacks`: which addresses are called when a lead changes, and how the calls went."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.errors import NotFound
from domain.leads import LeadStatus
from domain.postbacks import GLOBAL
from handlers.arguments import number, page_number, text
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.postbacks import PostbackService
from texts import postbacks as wording


def postbacks_feature() -> Feature:
    """`/postbacks` and its panels; a campaign's panel leads here with `postbacks:of:<campaign>`."""
    feature = Feature("postbacks")

    @feature.command(
        "postbacks", audience=Audience.ACCOUNT, describe=lambda t: t("Tell your tracker of its clicks")
    )
    async def shown(message: Message, actor: Actor, postbacks: PostbackService, talk: Talk) -> None:
        await talk.show(wording.panel(actor.t, await postbacks.panel(actor, GLOBAL)))

    @feature.button("of")
    async def of(
        query: CallbackQuery, actor: Actor, postbacks: PostbackService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.panel(actor.t, await postbacks.panel(actor, number(args, 0))))

    @feature.button("status")
    async def one_status(
        query: CallbackQuery, actor: Actor, postbacks: PostbackService, talk: Talk, args: list[str]
    ) -> None:
        panel = await postbacks.panel(actor, number(args, 0))
        await talk.show(wording.one_status(actor.t, panel, _status(args)))

    _templates(feature)
    _calls(feature)
    return feature


def _status(args: list[str]) -> LeadStatus:
    try:
        return LeadStatus(number(args, 1))
    except ValueError:
        raise NotFound("button") from None


def _templates(feature: Feature) -> None:
    @feature.button("ask")
    async def ask(query: CallbackQuery, actor: Actor, postbacks: PostbackService, args: list[str]) -> None:
        await postbacks.ask(actor, number(args, 0), _status(args))

    @feature.step("url")
    async def sent(message: Message, actor: Actor, postbacks: PostbackService) -> None:
        await postbacks.set_asked(actor, message.text or "")

    @feature.button("clear")
    async def clear(query: CallbackQuery, actor: Actor, postbacks: PostbackService, args: list[str]) -> str:
        await postbacks.set(actor, number(args, 0), _status(args), "")
        return actor.t("Removed")

    @feature.button("presets")
    async def presets(
        query: CallbackQuery, actor: Actor, postbacks: PostbackService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.presets(actor.t, await postbacks.panel(actor, number(args, 0))))

    @feature.button("preset")
    async def preset(query: CallbackQuery, actor: Actor, postbacks: PostbackService, args: list[str]) -> None:
        await postbacks.ask_preset(actor, number(args, 0), text(args, 1))

    @feature.step("preset")
    async def filled_in(message: Message, actor: Actor, postbacks: PostbackService) -> None:
        await postbacks.set_preset(actor, message.text or "")


def _calls(feature: Feature) -> None:
    @feature.button("test")
    async def test(query: CallbackQuery, actor: Actor, postbacks: PostbackService, args: list[str]) -> str:
        await postbacks.test(actor, number(args, 0), _status(args))
        return actor.t("On its way")

    @feature.button("log")
    async def log(
        query: CallbackQuery, actor: Actor, postbacks: PostbackService, talk: Talk, args: list[str]
    ) -> None:
        shown = await postbacks.log(actor, number(args, 0), page_number(args[1:]))
        await talk.show(wording.log(actor.t, shown))

    @feature.button("call")
    async def call(
        query: CallbackQuery, actor: Actor, postbacks: PostbackService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.call(actor.t, await postbacks.get(actor, number(args, 0))))

    @feature.button("again")
    async def again(query: CallbackQuery, actor: Actor, postbacks: PostbackService, args: list[str]) -> str:
        await postbacks.redeliver(actor, number(args, 0))
        return actor.t("On its way")

    @feature.button("failed")
    async def failed(query: CallbackQuery, actor: Actor, postbacks: PostbackService, args: list[str]) -> str:
        await postbacks.redeliver_dead(actor, number(args, 0))
        return actor.t("On its way")
