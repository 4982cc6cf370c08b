"""`/settings`: in a group the way to the private panel, in private the panel itself."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number
from handlers.routing import Audience, Feature, Where
from handlers.talk import Talk
from services.settings import SettingsService


def settings_feature() -> Feature:
    """The list of chats and the panel of each, which the features' own panels hang on."""
    feature = Feature("settings")

    @feature.command(
        "settings",
        where=Where.EVERYWHERE,
        audience=Audience.ADMINS,
        describe=lambda t: t("Settings of a chat"),
    )
    async def settings_command(
        message: Message, actor: Actor, tenant: Bot, settings: SettingsService, talk: Talk
    ) -> None:
        if message.chat.type == "private":
            await talk.show(await settings.chats(actor, tenant.id))
        else:
            await settings.open_in_private(actor, tenant.id, message.chat.id)

    @feature.link("settings_")
    async def linked(
        message: Message, actor: Actor, tenant: Bot, settings: SettingsService, talk: Talk, args: str
    ) -> None:
        await talk.show(await settings.panel(actor, tenant.id, number([args], 0)))

    @feature.button("list")
    async def listed(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        settings: SettingsService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await talk.show(await settings.chats(actor, tenant.id, number(args, 0)))

    @feature.button("open")
    async def opened(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        settings: SettingsService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await talk.show(await settings.panel(actor, tenant.id, number(args, 0)))

    return feature
