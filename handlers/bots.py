"""Connecting and managing bots in the chat with the service bot."""

from aiogram.types import CallbackQuery, ManagedBotUpdated, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.errors import NotFound
from handlers.arguments import number
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.bots import BotService
from services.chats import ChatService
from texts import bots as wording


def bots_feature() -> Feature:
    """`/connect`, `/bots`, and the panels behind them."""
    feature = Feature("bots")

    @feature.command("connect", audience=Audience.SERVICE, describe=lambda t: t("Connect a bot"))
    async def connect(
        message: Message, actor: Actor, tenant: Bot, bots: BotService, talk: Talk, args: str
    ) -> None:
        _only_in_service_bot(tenant)
        if args:
            await talk.unsay()
            await bots.connect(actor, args)
        else:
            await bots.ask_for_token(actor)

    @feature.button("connect")
    async def connect_pressed(query: CallbackQuery, actor: Actor, tenant: Bot, bots: BotService) -> None:
        _only_in_service_bot(tenant)
        await bots.ask_for_token(actor)

    @feature.step("token")
    async def token_sent(message: Message, actor: Actor, bots: BotService, talk: Talk) -> None:
        await talk.unsay()
        await bots.connect(actor, message.text or "")

    @feature.link("claim_")
    async def claim(message: Message, actor: Actor, tenant: Bot, bots: BotService, args: str) -> None:
        await bots.claim(actor, tenant.id, args)

    @feature.command("bots", audience=Audience.SERVICE, describe=lambda t: t("My bots"))
    async def list_bots(message: Message, actor: Actor, tenant: Bot, bots: BotService, talk: Talk) -> None:
        _only_in_service_bot(tenant)
        await talk.show(wording.listing(actor.t, await bots.list(actor)))

    @feature.button("list")
    async def list_pressed(query: CallbackQuery, actor: Actor, bots: BotService, talk: Talk) -> None:
        await talk.show(wording.listing(actor.t, await bots.list(actor)))

    @feature.button("create")
    async def create_pressed(query: CallbackQuery, actor: Actor, tenant: Bot, bots: BotService) -> None:
        _only_in_service_bot(tenant)
        await bots.offer_to_create(actor, tenant.id)

    @feature.events.managed_bot()
    async def managed(event: ManagedBotUpdated, actor: Actor, tenant: Bot, bots: BotService) -> None:
        # The service message `managed_bot_created` tells the same, and less: it is not needed.
        await bots.adopt(actor, tenant.id, event.bot_user.id)

    async def show_panel(actor: Actor, bots: BotService, chats: ChatService, talk: Talk, bot_id: int) -> None:
        administered = await chats.administered(actor, bot_id)
        lost = await chats.lost(actor, bot_id)
        await talk.show(wording.panel(actor.t, await bots.get(actor, bot_id), administered, lost))

    @feature.button("open")
    async def open_bot(
        query: CallbackQuery, actor: Actor, bots: BotService, chats: ChatService, talk: Talk, args: list[str]
    ) -> None:
        await show_panel(actor, bots, chats, talk, number(args, 0))

    @feature.button("accept")
    async def accept_loss(
        query: CallbackQuery, actor: Actor, bots: BotService, chats: ChatService, talk: Talk, args: list[str]
    ) -> None:
        await chats.accept_loss(actor, number(args, 0), number(args, 1))
        await show_panel(actor, bots, chats, talk, number(args, 0))

    @feature.button("ask_drop")
    async def ask_drop(
        query: CallbackQuery, actor: Actor, bots: BotService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.ask_disconnect(actor.t, await bots.get(actor, number(args, 0))))

    @feature.button("drop")
    async def drop(query: CallbackQuery, actor: Actor, bots: BotService, args: list[str]) -> str:
        await bots.disconnect(actor, number(args, 0))
        return actor.t("Disconnected")

    return feature


def _only_in_service_bot(tenant: Bot) -> None:
    if not tenant.is_service:
        raise NotFound("command")
