"""The conversation that installs a way to pay."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import text
from handlers.routing import Feature
from handlers.talk import Talk
from services.newgateway import NewGatewayService
from storage.dialogs import Dialog


def newgateway_feature() -> Feature:
    """Its steps, for the owner."""
    feature = Feature("newgateway")

    @feature.button("begin")
    async def begin(
        query: CallbackQuery, actor: Actor, tenant: Bot, newgateway: NewGatewayService, args: list[str]
    ) -> None:
        await newgateway.begin(actor, tenant.id, text(args, 0))

    @feature.button("agree")
    async def agree(
        query: CallbackQuery, actor: Actor, tenant: Bot, newgateway: NewGatewayService, args: list[str]
    ) -> None:
        await newgateway.begin(actor, tenant.id, text(args, 0), agreed=True)

    @feature.step("field")
    async def typed(
        message: Message,
        actor: Actor,
        tenant: Bot,
        newgateway: NewGatewayService,
        dialog: Dialog,
        talk: Talk,
    ) -> None:
        if dialog.data.get("secret", True):
            await talk.unsay()
        await newgateway.answer(actor, tenant.id, message.text or "")

    @feature.button("choose")
    async def chosen(
        query: CallbackQuery, actor: Actor, tenant: Bot, newgateway: NewGatewayService, args: list[str]
    ) -> None:
        await newgateway.answer(actor, tenant.id, text(args, 0), chosen=True)

    @feature.button("skip")
    async def skip(query: CallbackQuery, actor: Actor, tenant: Bot, newgateway: NewGatewayService) -> None:
        await newgateway.leave_out(actor, tenant.id)

    return feature
