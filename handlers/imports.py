"""`/import`: members from before the bot came, for its owner."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.imports import ImportService
from texts import import_chats as chat_wording
from texts import imports as wording


def imports_feature() -> Feature:
    """`/import` and its panels."""
    feature = Feature("imports")

    @feature.command("import", audience=Audience.OWNER, describe=lambda t: t("Take in members from before"))
    async def overview(
        message: Message, actor: Actor, tenant: Bot, imports: ImportService, talk: Talk
    ) -> None:
        await talk.show(wording.overview(actor.t, await imports.running(actor, tenant.id)))

    @feature.button("list")
    async def overview_pressed(
        query: CallbackQuery, actor: Actor, tenant: Bot, imports: ImportService, talk: Talk
    ) -> None:
        await talk.show(wording.overview(actor.t, await imports.running(actor, tenant.id)))

    @feature.button("ask")
    async def ask_file(query: CallbackQuery, actor: Actor, tenant: Bot, imports: ImportService) -> None:
        await imports.ask_file(actor, tenant.id)

    @feature.step("file")
    async def file(message: Message, actor: Actor, tenant: Bot, imports: ImportService) -> None:
        sent = message.document
        if sent is None:
            await imports.take_file(actor, tenant.id, "", "", 0)
        else:
            name, size = sent.file_name or "", sent.file_size or 0
            await imports.take_file(actor, tenant.id, sent.file_id, name, size)

    @feature.button("go")
    async def confirm(
        query: CallbackQuery, actor: Actor, tenant: Bot, imports: ImportService, args: list[str]
    ) -> None:
        await imports.confirm(actor, tenant.id, number(args, 0))

    @feature.button("drop")
    async def drop(
        query: CallbackQuery, actor: Actor, tenant: Bot, imports: ImportService, args: list[str]
    ) -> None:
        await imports.drop(actor, tenant.id, number(args, 0))

    @feature.button("stop")
    async def stop(
        query: CallbackQuery, actor: Actor, tenant: Bot, imports: ImportService, args: list[str]
    ) -> None:
        await imports.stop(actor, tenant.id, number(args, 0))

    @feature.button("left")
    async def left(
        query: CallbackQuery, actor: Actor, tenant: Bot, imports: ImportService, args: list[str]
    ) -> None:
        await imports.left(actor, tenant.id, number(args, 0))

    _chats(feature)
    return feature


def _chats(feature: Feature) -> None:
    """Everybody who is in a chat."""

    @feature.button("chats")
    async def choose_chat(
        query: CallbackQuery, actor: Actor, tenant: Bot, imports: ImportService, talk: Talk
    ) -> None:
        await talk.show(chat_wording.choose_chat(actor.t, await imports.chats(actor, tenant.id)))

    @feature.button("chat")
    async def choose_project(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        imports: ImportService,
        talk: Talk,
        args: list[str],
    ) -> None:
        chat = await imports.chat(actor, tenant.id, number(args, 0))
        await talk.show(chat_wording.choose_project(actor.t, chat))

    @feature.button("length")
    async def choose_days(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        imports: ImportService,
        talk: Talk,
        args: list[str],
    ) -> None:
        chat = await imports.chat(actor, tenant.id, number(args, 0))
        await talk.show(chat_wording.choose_days(actor.t, chat.chat_id, number(args, 1)))

    @feature.button("days")
    async def ask_days(
        query: CallbackQuery, actor: Actor, tenant: Bot, imports: ImportService, args: list[str]
    ) -> None:
        await imports.ask_days(actor, tenant.id, number(args, 0), number(args, 1))

    @feature.step("days")
    async def days(message: Message, actor: Actor, tenant: Bot, imports: ImportService) -> None:
        await imports.days_given(actor, tenant.id, message.text or "")

    @feature.button("count")
    async def preview(
        query: CallbackQuery, actor: Actor, tenant: Bot, imports: ImportService, args: list[str]
    ) -> None:
        await imports.preview(actor, tenant.id, number(args, 0), number(args, 1), number(args, 2))
