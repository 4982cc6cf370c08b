"""Moderators' commands in groups: `/warn @ann spamming`, `/mute 2h` in reply, `/ban 12345 1w`."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiogram.types import Message

from domain.actor import Actor, Translator
from domain.antispam.orders import parse_order
from domain.bots import Bot
from domain.errors import DuplicateUpdate, GatehouseError, Refused, TelegramFlood, TelegramUnreachable
from domain.post import Post
from handlers.quoted import quoted
from handlers.routing import Audience, Feature, Handler, Where
from services.judgements import JudgementService
from services.locks import LockService
from services.moderation import Aim, ModerationService
from services.tidying import TidyService

LOUD = ("loud", "notify", "громко")


def moderation_feature() -> Feature:
    """Everything a moderator says to a group's keeper."""
    feature = Feature("moderation")
    describe: dict[str, tuple[str, bool, Callable[[Translator], str]]] = {
        "warn": ("warn", False, lambda t: t("Warn somebody")),
        "unwarn": ("unwarn", False, lambda t: t("Take a warning back")),
        "warns": ("warns", False, lambda t: t("Somebody's warnings")),
        "mute": ("mute", True, lambda t: t("Silence somebody")),
        "unmute": ("unmute", False, lambda t: t("Let somebody speak again")),
        "kick": ("kick", False, lambda t: t("Remove somebody")),
        "ban": ("ban", True, lambda t: t("Ban somebody")),
        "unban": ("unban", False, lambda t: t("Lift a ban")),
        "ham": ("approve", False, lambda t: t("Not spam: leave somebody alone")),
    }
    for name, (verb, timed, words) in describe.items():
        _about_people(feature, name, verb, timed, words)
    _about_messages(feature)
    _about_spam(feature)
    _about_chats(feature)
    return feature


def _order(feature: Feature, name: str, words: Callable[[Translator], str]) -> Callable[[Handler], Handler]:
    """A command that moderators give in groups."""
    return feature.command(name, where=Where.GROUPS, audience=Audience.ADMINS, describe=words)


@asynccontextmanager
async def _refusing(moderation: ModerationService, actor: Actor) -> AsyncIterator[None]:
    """A refusal is told in the group and goes by itself; failures of ours are not the group's business."""
    try:
        yield
    except (DuplicateUpdate, TelegramFlood, TelegramUnreachable):
        raise
    except GatehouseError as error:
        await moderation.refuse(actor, error)


def _about_people(
    feature: Feature, name: str, verb: str, timed: bool, words: Callable[[Translator], str]
) -> None:
    @_order(feature, name, words)
    async def command(
        message: Message, actor: Actor, tenant: Bot, moderation: ModerationService, args: str
    ) -> None:
        async with _refusing(moderation, actor):
            target = quoted(message, tenant.id)
            mentioned = _mentioned(message)
            if mentioned is not None:
                args = args.replace(mentioned[0], str(mentioned[1]), 1)
            order = parse_order(args, replied=target is not None, timed=timed)
            aim = Aim(tenant.id, message.chat.id, order, target)
            act: Any = getattr(moderation, verb)
            await act(actor, tenant.id, message.chat.id, aim)


def _mentioned(message: Message) -> tuple[str, int] | None:
    """A person without a username who was mentioned by name: (the words, id)."""
    for entity in message.entities or []:
        if entity.user is not None:
            return entity.extract_from(message.text or ""), entity.user.id
    return None


def _about_messages(feature: Feature) -> None:
    @_order(feature, "del", lambda t: t("Delete a message, in reply to it"))
    async def delete(
        message: Message, actor: Actor, tenant: Bot, moderation: ModerationService, tidying: TidyService
    ) -> None:
        async with _refusing(moderation, actor):
            await tidying.delete(actor, tenant.id, message.chat.id, quoted(message, tenant.id))

    @_order(feature, "purge", lambda t: t("Delete all messages from one on, in reply to it"))
    async def purge(
        message: Message, actor: Actor, tenant: Bot, moderation: ModerationService, tidying: TidyService
    ) -> None:
        async with _refusing(moderation, actor):
            post, forum = quoted(message, tenant.id), bool(message.chat.is_forum)
            await tidying.purge(actor, tenant.id, message.chat.id, post, forum=forum)

    @_order(feature, "pin", lambda t: t("Pin a message, in reply to it"))
    async def pin(
        message: Message,
        actor: Actor,
        tenant: Bot,
        moderation: ModerationService,
        tidying: TidyService,
        args: str,
    ) -> None:
        async with _refusing(moderation, actor):
            loud = args.casefold() in LOUD
            await tidying.pin(actor, tenant.id, message.chat.id, quoted(message, tenant.id), loud)


def _about_chats(feature: Feature) -> None:
    @_order(feature, "lock", lambda t: t("Let nobody write, or send some kinds of messages"))
    async def lock(
        message: Message,
        actor: Actor,
        tenant: Bot,
        moderation: ModerationService,
        locks: LockService,
        args: str,
    ) -> None:
        async with _refusing(moderation, actor):
            await locks.lock(actor, tenant.id, message.chat.id, args)

    @_order(feature, "unlock", lambda t: t("Open again what was locked"))
    async def unlock(
        message: Message,
        actor: Actor,
        tenant: Bot,
        moderation: ModerationService,
        locks: LockService,
        args: str,
    ) -> None:
        async with _refusing(moderation, actor):
            await locks.unlock(actor, tenant.id, message.chat.id, args)


def _about_spam(feature: Feature) -> None:
    @_order(feature, "spam", lambda t: t("Remove spam, in reply to it"))
    async def spam(
        message: Message,
        actor: Actor,
        tenant: Bot,
        moderation: ModerationService,
        judgements: JudgementService,
    ) -> None:
        async with _refusing(moderation, actor):
            await judgements.condemn(actor, tenant.id, message.chat.id, _meant(message, tenant.id))

    @feature.command(
        "report",
        where=Where.GROUPS,
        describe=lambda t: t("Tell the administrators about a message, in reply to it"),
    )
    async def report(
        message: Message,
        actor: Actor,
        tenant: Bot,
        moderation: ModerationService,
        judgements: JudgementService,
    ) -> None:
        async with _refusing(moderation, actor):
            await judgements.report(actor, tenant.id, message.chat.id, _meant(message, tenant.id))


def _meant(message: Message, bot_id: int) -> Post:
    """The message that is replied to. Raises `Refused` (reply_needed) without one."""
    post = quoted(message, bot_id)
    if post is None:
        raise Refused("reply_needed")
    return post
