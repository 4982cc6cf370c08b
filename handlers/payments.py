"""`/payments`: the ways to pay a bot has, for its owner."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number, text
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.gateways import GatewayService
from texts import payments as wording


def payments_feature() -> Feature:
    """`/payments` and its panels."""
    feature = Feature("payments")

    @feature.command("payments", audience=Audience.OWNER, describe=lambda t: t("How members can pay"))
    async def listed(
        message: Message, actor: Actor, tenant: Bot, gateways: GatewayService, talk: Talk
    ) -> None:
        await talk.show(wording.overview(actor.t, await gateways.overview(actor, tenant.id)))

    @feature.button("list")
    async def listed_pressed(
        query: CallbackQuery, actor: Actor, tenant: Bot, gateways: GatewayService, talk: Talk
    ) -> None:
        await talk.show(wording.overview(actor.t, await gateways.overview(actor, tenant.id)))

    @feature.button("add")
    async def add(
        query: CallbackQuery, actor: Actor, tenant: Bot, gateways: GatewayService, talk: Talk
    ) -> None:
        await talk.show(wording.choose(actor.t, await gateways.to_add(actor, tenant.id)))

    @feature.button("open")
    async def opened(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        gateways: GatewayService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await talk.show(wording.panel(actor.t, await gateways.panel(actor, tenant.id, text(args, 0))))

    @feature.button("turn")
    async def turn(
        query: CallbackQuery, actor: Actor, tenant: Bot, gateways: GatewayService, args: list[str]
    ) -> None:
        await gateways.turn(actor, tenant.id, text(args, 0), number(args, 1) == 1)

    @feature.button("check")
    async def check(
        query: CallbackQuery, actor: Actor, tenant: Bot, gateways: GatewayService, args: list[str]
    ) -> str:
        return wording.checked(actor.t, await gateways.check(actor, tenant.id, text(args, 0)))

    @feature.button("drop")
    async def ask_drop(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        gateways: GatewayService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await talk.show(wording.ask_drop(actor.t, await gateways.panel(actor, tenant.id, text(args, 0))))

    @feature.button("dropped")
    async def drop(
        query: CallbackQuery, actor: Actor, tenant: Bot, gateways: GatewayService, args: list[str]
    ) -> None:
        await gateways.remove(actor, tenant.id, text(args, 0))

    @feature.button("set")
    async def set_sales(
        query: CallbackQuery, actor: Actor, tenant: Bot, gateways: GatewayService, args: list[str]
    ) -> None:
        await gateways.set_sales(actor, tenant.id, text(args, 0), number(args, 1) == 1)

    return feature
