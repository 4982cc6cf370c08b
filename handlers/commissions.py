"""What affiliates get: the owner's panel behind `/affiliates`."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number
from handlers.routing import Feature
from handlers.talk import Talk
from services.commissions import CommissionService
from texts import commissions as wording


def commissions_feature() -> Feature:
    """The terms of commissions."""
    feature = Feature("commissions")

    @feature.button("panel")
    async def panel(
        query: CallbackQuery, actor: Actor, tenant: Bot, commissions: CommissionService, talk: Talk
    ) -> None:
        await talk.show(wording.panel(actor.t, await commissions.terms(actor, tenant.id)))

    @feature.button("level")
    async def ask_level(
        query: CallbackQuery, actor: Actor, tenant: Bot, commissions: CommissionService, args: list[str]
    ) -> None:
        await commissions.ask_level(actor, tenant.id, number(args, 0))

    @feature.step("level")
    async def level(message: Message, actor: Actor, tenant: Bot, commissions: CommissionService) -> None:
        await commissions.set_level(actor, tenant.id, message.text or "")

    @feature.button("less")
    async def less(query: CallbackQuery, actor: Actor, tenant: Bot, commissions: CommissionService) -> None:
        await commissions.drop_level(actor, tenant.id)

    @feature.button("hold")
    async def hold(
        query: CallbackQuery, actor: Actor, tenant: Bot, commissions: CommissionService, args: list[str]
    ) -> None:
        await commissions.set_hold(actor, tenant.id, number(args, 0))

    @feature.button("minimum")
    async def ask_minimum(
        query: CallbackQuery, actor: Actor, tenant: Bot, commissions: CommissionService
    ) -> None:
        await commissions.ask_minimum(actor, tenant.id)

    @feature.step("minimum")
    async def minimum(message: Message, actor: Actor, tenant: Bot, commissions: CommissionService) -> None:
        await commissions.set_minimum(actor, tenant.id, message.text or "")

    return feature
