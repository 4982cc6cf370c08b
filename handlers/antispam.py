"""The anti-spam panel, and the buttons under entries of the log."""

from typing import Any

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.antispam.settings import CHECKS
from domain.bots import Bot
from domain.errors import NotFound
from handlers.arguments import number, text
from handlers.routing import Audience, Feature, Where
from handlers.talk import Talk
from services.antispam import AntiSpamService
from services.bans import BanService
from services.judgements import JudgementService
from services.settings import SettingsService
from storage.dialogs import Dialog
from texts import antispam_panel as wording

_SWITCHES = tuple(f"block_{name}" for name in CHECKS)
_CHOICES = ("mode", "action", "warn_action")


def antispam_feature() -> Feature:
    """Keeping spam out."""
    feature = Feature("antispam")
    _panel(feature)
    _log(feature)
    return feature


def _panel(feature: Feature) -> None:
    @feature.command(
        "antispam",
        where=Where.EVERYWHERE,
        audience=Audience.ADMINS,
        describe=lambda t: t("Keep spam out"),
    )
    async def command(
        message: Message,
        actor: Actor,
        tenant: Bot,
        settings: SettingsService,
        antispam: AntiSpamService,
        talk: Talk,
        args: str,
    ) -> None:
        if message.chat.type == "private":
            await talk.show(await settings.chats(actor, tenant.id))
        elif args.lower().split() == ["log", "here"]:
            await antispam.log_here(actor, tenant.id, message.chat.id)
        else:
            await settings.open_in_private(actor, tenant.id, message.chat.id, "antispam")

    @feature.link("antispam_")
    async def linked(
        message: Message, actor: Actor, tenant: Bot, antispam: AntiSpamService, talk: Talk, args: str
    ) -> None:
        await talk.show(await antispam.page(actor, tenant.id, number([args], 0)))

    @feature.button("panel")
    async def panel(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        antispam: AntiSpamService,
        talk: Talk,
        args: list[str],
    ) -> None:
        name = args[1] if len(args) > 1 else wording.MAIN
        await talk.show(await antispam.page(actor, tenant.id, number(args, 0), name))

    @feature.button("set")
    async def set_(
        query: CallbackQuery, actor: Actor, tenant: Bot, antispam: AntiSpamService, args: list[str]
    ) -> None:
        field, here = text(args, 1), text(args, 3)
        await antispam.set(actor, tenant.id, number(args, 0), {field: _value(field, args)}, here)

    @feature.button("reset")
    async def reset(
        query: CallbackQuery, actor: Actor, tenant: Bot, antispam: AntiSpamService, args: list[str]
    ) -> None:
        await antispam.reset(actor, tenant.id, number(args, 0))

    @feature.button("federate")
    async def federate(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        bans: BanService,
        antispam: AntiSpamService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await bans.federate(actor, tenant.id, bool(number(args, 0)))
        await talk.show(await antispam.page(actor, tenant.id, 0))

    @feature.button("ask")
    async def ask(
        query: CallbackQuery, actor: Actor, tenant: Bot, antispam: AntiSpamService, args: list[str]
    ) -> None:
        await antispam.ask(actor, tenant.id, number(args, 0), text(args, 1))

    @feature.step("value")
    async def value(
        message: Message, actor: Actor, tenant: Bot, antispam: AntiSpamService, dialog: Dialog
    ) -> None:
        words = message.text or message.caption or ""
        await antispam.write(actor, tenant.id, dialog.data["chat"], dialog.data["field"], words)


def _value(field: str, args: list[str]) -> Any:
    """The value a button sets."""
    if field in _SWITCHES:
        return bool(number(args, 2))
    if field in _CHOICES:
        return text(args, 2)
    if field == "log_chat":
        return number(args, 2)
    raise NotFound("button")


def _log(feature: Feature) -> None:
    """Entries may be shown by the service bot: they name the bot and the chat they are about."""

    @feature.button("ham")
    async def ham(query: CallbackQuery, actor: Actor, judgements: JudgementService, args: list[str]) -> str:
        await judgements.restore(actor, *_entry(args))
        return actor.t("Restored")

    @feature.button("ban")
    async def ban(query: CallbackQuery, actor: Actor, judgements: JudgementService, args: list[str]) -> str:
        await judgements.ban(actor, *_entry(args))
        return actor.t("Banned")

    @feature.button("why")
    async def why(
        query: CallbackQuery, actor: Actor, judgements: JudgementService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(await judgements.why(actor, *_entry(args)))


def _entry(args: list[str]) -> tuple[int, int, str]:
    return number(args, 0), number(args, 1), text(args, 2)
