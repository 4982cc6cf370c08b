"""`/welcome`, `/goodbye`, `/rules`, `/setrules`, their panels, and Telegram's own join and leave messages."""

from typing import Any

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.errors import Invalid, NotFound
from domain.welcome import Part, Side, Written
from handlers.arguments import choice, number, text
from handlers.routing import Audience, Feature, Where
from handlers.talk import Talk
from handlers.written import formatted, media_of
from services.greeter import Greeter
from services.settings import SettingsService
from services.welcome import WelcomeService
from storage.dialogs import Dialog
from texts import welcome as wording

RULES_STAY = 300  # seconds that rules shown in a group stay there

_SHORT = {
    "only_newcomer": "welcome_only_newcomer", "clean_service": "clean_service", "rules_button": "rules_button"
}  # fmt: skip
_NUMBERS = ("delete_after",)


def welcome_feature() -> Feature:
    """Greeting those who come and go."""
    feature = Feature("welcome")
    _commands(feature)
    _panels(feature)
    _writing(feature)

    @feature.events.message(_is_coming_or_going)
    async def service_message(message: Message, actor: Actor, tenant: Bot, greeter: Greeter) -> None:
        await greeter.clean(actor, tenant.id, message.chat.id, message.message_id)

    return feature


def _commands(feature: Feature) -> None:
    def command(side: Side, describe: Any) -> None:
        @feature.command(side, where=Where.EVERYWHERE, audience=Audience.ADMINS, describe=describe)
        async def greeting(
            message: Message,
            actor: Actor,
            tenant: Bot,
            settings: SettingsService,
            welcome: WelcomeService,
            talk: Talk,
            args: str,
        ) -> None:
            if message.chat.type == "private":
                await talk.show(await settings.chats(actor, tenant.id))
            elif args.strip().lower() == "here":
                thread = actor.door.thread_id if actor.door else None
                await welcome.move_here(actor, tenant.id, message.chat.id, side, thread or 0)
            else:
                await settings.open_in_private(actor, tenant.id, message.chat.id, side)

        @feature.link(f"{side}_")
        async def linked(
            message: Message, actor: Actor, tenant: Bot, welcome: WelcomeService, talk: Talk, args: str
        ) -> None:
            await talk.show(await welcome.panel(actor, tenant.id, number([args], 0), side))

    command(Side.WELCOME, lambda t: t("How newcomers are welcomed"))
    command(Side.GOODBYE, lambda t: t("What is said when somebody leaves"))

    @feature.command("rules", where=Where.GROUPS, describe=lambda t: t("The rules of this chat"))
    async def rules(message: Message, actor: Actor, tenant: Bot, welcome: WelcomeService) -> None:
        await welcome.show_rules(actor, tenant.id, message.chat.id, RULES_STAY)

    @feature.command(
        "setrules",
        where=Where.GROUPS,
        audience=Audience.ADMINS,
        describe=lambda t: t("Write the rules of this chat"),
    )
    async def set_rules(message: Message, actor: Actor, tenant: Bot, settings: SettingsService) -> None:
        await settings.open_in_private(actor, tenant.id, message.chat.id, "setrules")

    @feature.link("setrules_")
    async def set_rules_linked(
        message: Message, actor: Actor, tenant: Bot, welcome: WelcomeService, args: str
    ) -> None:
        await welcome.ask(actor, tenant.id, number([args], 0), Side.WELCOME, Part.RULES)

    @feature.link("rules_")
    async def rules_linked(
        message: Message, actor: Actor, tenant: Bot, welcome: WelcomeService, talk: Talk, args: str
    ) -> None:
        await talk.show(await welcome.rules(actor, tenant.id, number([args], 0)))


def _panels(feature: Feature) -> None:
    @feature.button("panel")
    async def panel(
        query: CallbackQuery, actor: Actor, tenant: Bot, welcome: WelcomeService, talk: Talk, args: list[str]
    ) -> None:
        side, chat_id = _where(args)
        await talk.show(await welcome.panel(actor, tenant.id, chat_id, side))

    @feature.button("set")
    async def set_(
        query: CallbackQuery, actor: Actor, tenant: Bot, welcome: WelcomeService, args: list[str]
    ) -> None:
        side, chat_id = _where(args)
        name, value = text(args, 2), number(args, 3)
        field = _SHORT.get(name, f"{side}_{name}")
        await welcome.set(
            actor, tenant.id, chat_id, {field: value if name in _NUMBERS else bool(value)}, side
        )

    @feature.button("variants")
    async def variants(
        query: CallbackQuery, actor: Actor, tenant: Bot, welcome: WelcomeService, talk: Talk, args: list[str]
    ) -> None:
        side, chat_id = _where(args)
        view = await welcome.get(actor, tenant.id, chat_id)
        await talk.show(wording.variants(actor.t, chat_id, side, view.settings.of(side).texts))

    @feature.button("drop")
    async def drop(
        query: CallbackQuery, actor: Actor, tenant: Bot, welcome: WelcomeService, args: list[str]
    ) -> None:
        side, chat_id = _where(args)
        await welcome.drop_variant(actor, tenant.id, chat_id, side, text(args, 2))

    @feature.button("timer")
    async def timer(
        query: CallbackQuery, actor: Actor, tenant: Bot, welcome: WelcomeService, talk: Talk, args: list[str]
    ) -> None:
        side, chat_id = _where(args)
        view = await welcome.get(actor, tenant.id, chat_id)
        await talk.show(wording.timer(actor.t, chat_id, side, view.settings.of(side).delete_after))

    @feature.button("preview")
    async def preview(
        query: CallbackQuery, actor: Actor, tenant: Bot, welcome: WelcomeService, args: list[str]
    ) -> None:
        side, chat_id = _where(args)
        await welcome.preview(actor, tenant.id, chat_id, side)

    @feature.button("ask_reset")
    async def ask_reset(
        query: CallbackQuery, actor: Actor, tenant: Bot, welcome: WelcomeService, talk: Talk, args: list[str]
    ) -> None:
        side, chat_id = _where(args)
        await welcome.get(actor, tenant.id, chat_id)
        await talk.show(wording.ask_reset(actor.t, chat_id, side))

    @feature.button("reset")
    async def reset(
        query: CallbackQuery, actor: Actor, tenant: Bot, welcome: WelcomeService, args: list[str]
    ) -> None:
        side, chat_id = _where(args)
        await welcome.reset(actor, tenant.id, chat_id, side)


def _writing(feature: Feature) -> None:
    @feature.button("write")
    async def write(
        query: CallbackQuery, actor: Actor, tenant: Bot, welcome: WelcomeService, args: list[str]
    ) -> None:
        side, chat_id = _where(args)
        part = choice(Part, args, 2)
        if part is Part.MEDIA:
            raise NotFound("button")
        await welcome.ask(actor, tenant.id, chat_id, side, part)

    @feature.button("clear")
    async def clear(
        query: CallbackQuery, actor: Actor, tenant: Bot, welcome: WelcomeService, args: list[str]
    ) -> None:
        side, chat_id = _where(args)
        await welcome.clear(actor, tenant.id, chat_id, side, choice(Part, args, 2))

    @feature.step("write")
    async def written(
        message: Message, actor: Actor, tenant: Bot, welcome: WelcomeService, dialog: Dialog
    ) -> None:
        side, part = Side(dialog.data["side"]), Part(dialog.data["part"])
        await welcome.write(actor, tenant.id, dialog.data["chat"], side, part, _read(message, part))


async def _is_coming_or_going(message: Message) -> bool:
    return bool(message.new_chat_members) or message.left_chat_member is not None


def _where(args: list[str]) -> tuple[Side, int]:
    return choice(Side, args, 0), number(args, 1)


def _read(message: Message, part: Part) -> Written:
    """What was sent for a part; raises `Invalid` (not_a_text) for a sticker and the like."""
    raw, media = message.text or message.caption or "", media_of(message)
    with_media = part in (Part.TEXT, Part.VARIANT)
    if not raw and not (media is not None and part is Part.TEXT):
        raise Invalid("text", "not_a_text")
    if part is Part.BUTTONS:
        return Written(raw)
    return Written(formatted(message), media if with_media else None)
