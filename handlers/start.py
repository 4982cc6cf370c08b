"""`/start`, `/help`, `/language`, `/cancel`, `/privacy`."""

from collections.abc import Sequence
from typing import Protocol

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor, Translator
from domain.bots import Bot
from domain.page import Button
from handlers.routing import Audience, Command, Feature, Routes, Where
from handlers.talk import Talk
from services.access import Access, Permission
from services.antispam import AntiSpamService
from services.autoreplies import AutoReplyService
from services.menus import MenuService
from services.people import PeopleService
from services.start import StartService
from texts import start as wording
from texts.bots import add_rows


class Speaks(Protocol):
    """The languages of the installation."""

    codes: list[str]

    def own_name(self, code: str) -> str: ...

    def translator(self, *preferences: str | None) -> Translator: ...


def start_feature() -> Feature:
    """The first contact and what is always there."""
    feature = Feature("start")

    @feature.command("start", where=Where.EVERYWHERE, describe=lambda t: t("Begin here"))
    async def start(
        message: Message, actor: Actor, tenant: Bot, access: Access, menus: MenuService, talk: Talk
    ) -> None:
        if message.chat.type != "private":
            return
        if await _owner_rows(actor, tenant, access):
            menus.look_at(tenant.id)  # now that he can be written to, an owner gets a menu of his own
        rows = await greeting_rows(actor, tenant, access)
        await talk.show(wording.greeting(actor.t, tenant, actor.name, rows))

    @feature.command("help", where=Where.EVERYWHERE, describe=lambda t: t("What I can do"))
    async def show_help(
        message: Message, actor: Actor, tenant: Bot, access: Access, routes: Routes, talk: Talk
    ) -> None:
        audiences = {Audience.EVERYONE}
        if message.chat.type != "private":
            audiences.add(Audience.ADMINS)
        if await access.allows(actor, Permission.OWNER, tenant.id):
            audiences |= {Audience.OWNER, Audience.ADMINS, Audience.ACCOUNT}
        if tenant.is_service and access.may_own_bots(actor.user_id):
            audiences |= {Audience.SERVICE, Audience.ACCOUNT}
        where = Where.PRIVATE if message.chat.type == "private" else Where.GROUPS
        commands = list(routes.commands.values())
        await talk.show(wording.help_page(actor.t, described(actor.t, commands, where, audiences)))

    @feature.command("language", describe=lambda t: t("Choose the language"))
    async def language(message: Message, actor: Actor, languages: Speaks, talk: Talk) -> None:
        names = [(code, languages.own_name(code)) for code in languages.codes]
        await talk.show(wording.choose_language(actor.t, names))

    @feature.button("languages")
    async def languages_pressed(query: CallbackQuery, actor: Actor, languages: Speaks, talk: Talk) -> None:
        names = [(code, languages.own_name(code)) for code in languages.codes]
        await talk.show(wording.choose_language(actor.t, names))

    @feature.button("language")
    async def language_chosen(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        people: PeopleService,
        languages: Speaks,
        args: list[str],
    ) -> None:
        spoken = {code: languages.translator(code) for code in languages.codes}
        await people.choose_language(actor, tenant.id, args[0] if args else "", spoken)

    @feature.command("cancel", describe=lambda t: t("Stop what we are doing"))
    async def cancel(message: Message, actor: Actor, conversations: StartService) -> None:
        await conversations.cancel(actor)

    @feature.button("cancel")
    async def cancel_pressed(query: CallbackQuery, actor: Actor, conversations: StartService) -> None:
        await conversations.cancel(actor)

    @feature.command("privacy", describe=lambda t: t("What I know about you"))
    async def privacy(
        message: Message, actor: Actor, tenant: Bot, antispam: AntiSpamService, talk: Talk
    ) -> None:
        await talk.show(wording.privacy(actor.t, await antispam.asks_model(actor, tenant.id)))

    @feature.step("anything")
    async def anything(
        message: Message, actor: Actor, tenant: Bot, autoreplies: AutoReplyService, talk: Talk
    ) -> None:
        if message.text and not await autoreplies.answer_private(actor, tenant, message.text):
            await talk.show(wording.not_understood(actor.t))

    return feature


async def greeting_rows(actor: Actor, tenant: Bot, access: Access) -> list[list[Button]]:
    """The buttons below a greeting: what this person can do with this bot."""
    rows = await _owner_rows(actor, tenant, access)
    return rows if tenant.is_service else rows + wording.member_rows(actor.t)


async def _owner_rows(actor: Actor, tenant: Bot, access: Access) -> list[list[Button]]:
    rows: list[list[Button]] = []
    if tenant.is_service and access.may_own_bots(actor.user_id):
        rows.append([Button(actor.t("🤖 My bots"), action="bots:list")])
    if await access.allows(actor, Permission.OWNER, tenant.id):
        rows += add_rows(actor.t, tenant)
    return rows


def described(
    t: Translator, commands: Sequence[Command], where: Where, audiences: set[Audience]
) -> list[tuple[str, str]]:
    """Commands with their descriptions, as menus and /help show them."""
    return [
        (command.name, command.describe(t))
        for command in commands
        if command.describe is not None and command.where & where and command.audience in audiences
    ]
