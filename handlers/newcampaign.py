"""The conversation that makes a campaign."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number
from handlers.composed import composed
from handlers.routing import Feature
from services.newcampaign import SKIP, NewCampaignService


def newcampaign_feature() -> Feature:
    """Its steps, for whoever owns bots."""
    feature = Feature("newcampaign")

    @feature.button("begin")
    async def begin(query: CallbackQuery, actor: Actor, tenant: Bot, newcampaign: NewCampaignService) -> None:
        await newcampaign.begin(actor, tenant)

    @feature.button("bot")
    async def bot(
        query: CallbackQuery, actor: Actor, newcampaign: NewCampaignService, args: list[str]
    ) -> None:
        await newcampaign.choose_bot(actor, number(args, 0))

    @feature.button("chat")
    async def chat(
        query: CallbackQuery, actor: Actor, newcampaign: NewCampaignService, args: list[str]
    ) -> None:
        await newcampaign.choose_chat(actor, number(args, 0))

    @feature.button("name")
    async def name_of_chat(query: CallbackQuery, actor: Actor, newcampaign: NewCampaignService) -> None:
        await newcampaign.name(actor, SKIP)

    @feature.step("name")
    async def name(message: Message, actor: Actor, newcampaign: NewCampaignService) -> None:
        await newcampaign.name(actor, message.text or "")

    @feature.button("skip")
    async def skip(query: CallbackQuery, actor: Actor, newcampaign: NewCampaignService) -> None:
        await newcampaign.finish(actor, None)

    @feature.step("text")
    async def sent(message: Message, actor: Actor, newcampaign: NewCampaignService) -> None:
        await newcampaign.finish(actor, composed(message))

    return feature
