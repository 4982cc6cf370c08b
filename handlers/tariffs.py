"""`/tariff`: what owners may do here, for the owner of the service bot."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number, page_number
from handlers.fields import edit_fields
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.tariffs import TariffService
from texts import tariffs as wording


def tariffs_feature() -> Feature:
    """The list of tariffs and the panel of each."""
    feature = Feature("tariffs")

    # In no menu: most installations never need it, and in other bots it means nothing.
    @feature.command("tariff", audience=Audience.OWNER)
    async def listed(
        message: Message, actor: Actor, tenant: Bot, tariffs: TariffService, talk: Talk, args: str
    ) -> None:
        if args:
            await tariffs.choose(actor, tenant.id, args)
        else:
            found, more = await tariffs.page(actor, tenant.id, 0)
            await talk.show(wording.listing(actor.t, found, 0, more))

    @feature.button("list")
    async def turned(
        query: CallbackQuery, actor: Actor, tenant: Bot, tariffs: TariffService, talk: Talk, args: list[str]
    ) -> None:
        page = page_number(args)
        found, more = await tariffs.page(actor, tenant.id, page)
        await talk.show(wording.listing(actor.t, found, page, more))

    @feature.button("open")
    async def opened(
        query: CallbackQuery, actor: Actor, tenant: Bot, tariffs: TariffService, talk: Talk, args: list[str]
    ) -> None:
        owner_id = number(args, 0)
        await talk.show(wording.panel(actor.t, owner_id, await tariffs.panel(actor, tenant.id, owner_id)))

    @feature.button("whom")
    async def ask_whom(query: CallbackQuery, actor: Actor, tenant: Bot, tariffs: TariffService) -> None:
        await tariffs.ask_whom(actor, tenant.id)

    @feature.step("whom")
    async def chosen(message: Message, actor: Actor, tenant: Bot, tariffs: TariffService) -> None:
        await tariffs.choose(actor, tenant.id, message.text or "")

    @feature.button("turn")
    async def turn(
        query: CallbackQuery, actor: Actor, tenant: Bot, tariffs: TariffService, args: list[str]
    ) -> None:
        await tariffs.turn_broadcasts(actor, tenant.id, number(args, 0), bool(number(args, 1)))

    @feature.button("remove")
    async def remove(
        query: CallbackQuery, actor: Actor, tenant: Bot, tariffs: TariffService, args: list[str]
    ) -> None:
        await tariffs.remove(actor, tenant.id, number(args, 0))

    edit_fields(feature)
    return feature
