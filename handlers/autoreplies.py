"""Automatic replies in chat: the list, a rule's page, and the conversation that makes a new one."""

from typing import Any

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.antispam.orders import duration_of
from domain.autoreply_fields import check_keywords
from domain.bots import Bot
from domain.errors import NotFound
from domain.matching import MatchMode
from handlers.arguments import choice, number, text
from handlers.routing import Audience, Feature, Where
from handlers.talk import Talk
from handlers.written import formatted, media_of, plain_text
from services.autoreplies import AutoReplyService
from services.settings import SettingsService
from services.start import StartService
from storage.dialogs import Dialog
from texts import autoreplies as wording

_FLAGS = ("enabled", "reply", "delete_trigger")
_CHANGES = {"keyword_new": "keyword"}  # step → field, where they differ
_ANSWERS = ("response_new", "variant")


def autoreplies_feature() -> Feature:
    """Answering by rules."""
    feature = Feature("autoreplies")
    _lists(feature)
    _rules(feature)
    _wizard(feature)
    _changes(feature)
    return feature


def _scope(args: list[str], index: int = 0) -> tuple[int, bool]:
    """Chat id and whether it is the private chat with the bot."""
    return (0, True) if text(args, index) == "p" else (number(args, index), False)


def _lists(feature: Feature) -> None:
    @feature.command(
        "autoreply",
        where=Where.EVERYWHERE,
        audience=Audience.ADMINS,
        describe=lambda t: t("Automatic replies"),
    )
    async def command(
        message: Message, actor: Actor, tenant: Bot, settings: SettingsService, talk: Talk
    ) -> None:
        if message.chat.type == "private":
            await talk.show(await settings.chats(actor, tenant.id))
        else:
            await settings.open_in_private(actor, tenant.id, message.chat.id, "autoreply")

    @feature.link("autoreply_")
    async def linked(
        message: Message, actor: Actor, tenant: Bot, autoreplies: AutoReplyService, talk: Talk, args: str
    ) -> None:
        await talk.show(await autoreplies.panel(actor, tenant.id, number([args], 0)))

    @feature.button("panel")
    async def panel(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        autoreplies: AutoReplyService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await talk.show(await autoreplies.panel(actor, tenant.id, *_scope(args)))

    @feature.button("test")
    async def test(
        query: CallbackQuery, actor: Actor, tenant: Bot, autoreplies: AutoReplyService, args: list[str]
    ) -> None:
        chat_id, private = _scope(args)
        await autoreplies.ask(actor, tenant.id, chat_id, "try", {"private": private})

    @feature.step("try")
    async def tried(
        message: Message,
        actor: Actor,
        tenant: Bot,
        autoreplies: AutoReplyService,
        talk: Talk,
        dialog: Dialog,
    ) -> None:
        chat_id, private = dialog.data["chat"], dialog.data["private"]
        verdicts = await autoreplies.test(actor, tenant.id, chat_id, plain_text(message), private)
        await talk.show(wording.tried(actor.t, wording.scope_arg(chat_id, private), verdicts))


def _rules(feature: Feature) -> None:
    @feature.button("open")
    async def open_(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        autoreplies: AutoReplyService,
        talk: Talk,
        args: list[str],
    ) -> None:
        rule = await autoreplies.get(actor, tenant.id, _scope(args)[0], number(args, 1))
        await talk.show(wording.rule(actor.t, rule))

    @feature.button("set")
    async def set_(
        query: CallbackQuery, actor: Actor, tenant: Bot, autoreplies: AutoReplyService, args: list[str]
    ) -> None:
        field, on = text(args, 2), bool(number(args, 3))
        if field not in _FLAGS and (field, on) != ("media", False):
            raise NotFound("button")
        chat_id, rule_id = _scope(args)[0], number(args, 1)
        value = None if field == "media" else on
        await autoreplies.update(actor, tenant.id, chat_id, rule_id, {field: value})

    @feature.button("places")
    async def places(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        autoreplies: AutoReplyService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await talk.show(await autoreplies.places(actor, tenant.id, number(args, 0), number(args, 1)))

    @feature.button("place")
    async def place(
        query: CallbackQuery, actor: Actor, tenant: Bot, autoreplies: AutoReplyService, args: list[str]
    ) -> None:
        rule_id, chat_id, first = number(args, 0), number(args, 1), number(args, 2)
        await autoreplies.turn_place(actor, tenant.id, rule_id, chat_id, first)

    @feature.button("ask_drop")
    async def ask_drop(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        autoreplies: AutoReplyService,
        talk: Talk,
        args: list[str],
    ) -> None:
        rule = await autoreplies.get(actor, tenant.id, _scope(args)[0], number(args, 1))
        await talk.show(wording.ask_drop(actor.t, rule))

    @feature.button("drop")
    async def drop(
        query: CallbackQuery, actor: Actor, tenant: Bot, autoreplies: AutoReplyService, args: list[str]
    ) -> str:
        await autoreplies.delete(actor, tenant.id, _scope(args)[0], number(args, 1))
        return actor.t("Deleted")


def _wizard(feature: Feature) -> None:
    """Keywords → where they stand → the answer → its preview → saved."""

    @feature.button("add")
    async def add(
        query: CallbackQuery, actor: Actor, tenant: Bot, autoreplies: AutoReplyService, args: list[str]
    ) -> None:
        chat_id, private = _scope(args)
        await autoreplies.ask(actor, tenant.id, chat_id, "keyword", {"private": private})

    @feature.step("keyword")
    async def keyword(
        message: Message, actor: Actor, tenant: Bot, autoreplies: AutoReplyService, dialog: Dialog
    ) -> None:
        data = {**dialog.data, "keyword": plain_text(message)}
        await autoreplies.ask(actor, tenant.id, dialog.data["chat"], "mode", data)

    @feature.button("mode")
    async def mode(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        autoreplies: AutoReplyService,
        conversations: StartService,
        args: list[str],
    ) -> None:
        data = await _gathered(actor, conversations, "autoreplies:mode")
        chosen = choice(MatchMode, args, 0)
        check_keywords(data["keyword"], chosen)
        more = {**data, "match_mode": chosen.value}
        await autoreplies.ask(actor, tenant.id, data["chat"], "response", more)

    @feature.step("response")
    async def response(
        message: Message, actor: Actor, tenant: Bot, autoreplies: AutoReplyService, dialog: Dialog
    ) -> None:
        data = dialog.data
        fields = {
            "keyword": data["keyword"], "match_mode": data["match_mode"], **_answer(message),
        }  # fmt: skip
        await autoreplies.preview(actor, tenant.id, data["chat"], data, fields)

    @feature.button("save")
    async def save(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        autoreplies: AutoReplyService,
        conversations: StartService,
    ) -> None:
        data = await _gathered(actor, conversations, "autoreplies:confirm")
        await autoreplies.create(actor, tenant.id, data["chat"], data["fields"], data["private"])


async def _gathered(actor: Actor, conversations: StartService, step: str) -> dict[str, Any]:
    """What the conversation has so far. Raises `NotFound` (button) when it is somewhere else by now."""
    if actor.door is None:
        raise NotFound("button")
    dialog = await conversations.dialog(actor.door, actor.user_id)
    if dialog is None or dialog.step != step:
        raise NotFound("button")
    return dict(dialog.data)


def _changes(feature: Feature) -> None:
    """One thing about a rule is asked for and changed."""

    @feature.button("ask")
    async def ask(
        query: CallbackQuery, actor: Actor, tenant: Bot, autoreplies: AutoReplyService, args: list[str]
    ) -> None:
        step = text(args, 2)
        if step not in _STEPS and step not in _ANSWERS:
            raise NotFound("button")
        chat_id, rule_id = _scope(args)[0], number(args, 1)
        await autoreplies.get(actor, tenant.id, chat_id, rule_id)
        await autoreplies.ask(actor, tenant.id, chat_id, step, {"rule": rule_id})

    def register(step: str) -> None:
        @feature.step(step)
        async def written(
            message: Message, actor: Actor, tenant: Bot, autoreplies: AutoReplyService, dialog: Dialog
        ) -> None:
            chat_id, rule_id = dialog.data["chat"], dialog.data["rule"]
            if step == "variant":
                await autoreplies.add_variant(actor, tenant.id, chat_id, rule_id, _answer(message))
            elif step == "response_new":
                await autoreplies.update(actor, tenant.id, chat_id, rule_id, _answer(message))
            else:
                fields = {_CHANGES.get(step, step): _STEPS[step](message)}
                await autoreplies.update(actor, tenant.id, chat_id, rule_id, fields)

    for step in (*_STEPS, *_ANSWERS):
        register(step)


def _answer(message: Message) -> dict[str, Any]:
    """What was sent to be answered with, as fields of a rule. Raises `Invalid` (not_a_text) for neither a
    text nor a picture."""
    html, media = formatted(message), media_of(message)
    if media is None:
        plain_text(message)
        return {"response": html}
    return {"response": html, "media": {"kind": media.kind, "file_id": media.file_id}}


def _seconds(message: Message) -> Any:
    """Seconds from `30s`, `10m` or a bare number; anything else goes on to be refused in words."""
    written = plain_text(message).strip()
    if written.isascii() and written.isdigit() and len(written) < 10:
        return int(written)
    found = duration_of(written)
    return written if found is None else found


def _or_none(message: Message) -> str:
    written = plain_text(message).strip()
    return "" if written in ("-", "–", "—") else written


_STEPS = {
    "keyword_new": plain_text,
    "buttons": _or_none,
    "cooldown_seconds": _seconds,
    "delete_after": _seconds,
    "hours": _or_none,
}
