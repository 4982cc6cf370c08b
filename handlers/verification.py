"""Questions to newcomers, their panel, and the buttons of the log about them."""

from typing import Any

from aiogram.types import CallbackQuery

from domain.actor import Actor
from domain.bots import Bot
from domain.errors import NotFound
from handlers.arguments import number, text
from handlers.routing import Feature
from handlers.talk import Talk
from services.raids import RaidService
from services.verification import VerificationService
from texts import verification as wording

_CHOICES = ("method", "question", "raid_mode")
_NUMBERS = ("timeout_minutes", "raid_limit", "raid_minutes")


def verification_feature() -> Feature:
    """Newcomers and raids."""
    feature = Feature("verification")

    @feature.button("answer")
    async def answer(
        query: CallbackQuery, actor: Actor, tenant: Bot, verification: VerificationService, args: list[str]
    ) -> str:
        ephemeral_id = getattr(query.message, "ephemeral_message_id", None)
        where = tenant.id, number(args, 0)
        return await verification.answer(actor, *where, text(args, 1), number(args, 2), ephemeral_id)

    _panel(feature)
    _log(feature)
    return feature


def _panel(feature: Feature) -> None:
    @feature.button("panel")
    async def panel(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        verification: VerificationService,
        talk: Talk,
        args: list[str],
    ) -> None:
        name = args[1] if len(args) > 1 else wording.MAIN
        await talk.show(await verification.page(actor, tenant.id, number(args, 0), name))

    @feature.button("set")
    async def set_(
        query: CallbackQuery, actor: Actor, tenant: Bot, verification: VerificationService, args: list[str]
    ) -> None:
        field, here = text(args, 1), text(args, 3)
        await verification.set(actor, tenant.id, number(args, 0), {field: _value(field, args)}, here)

    @feature.button("reset")
    async def reset(
        query: CallbackQuery, actor: Actor, tenant: Bot, verification: VerificationService, args: list[str]
    ) -> None:
        await verification.reset(actor, tenant.id, number(args, 0))


def _value(field: str, args: list[str]) -> Any:
    """The value a button sets."""
    if field in _CHOICES:
        return text(args, 2)
    if field in _NUMBERS:
        return number(args, 2)
    raise NotFound("button")


def _log(feature: Feature) -> None:
    """Entries may be shown by the service bot: they name the bot and the chat they are about."""

    @feature.button("letin")
    async def let_in(
        query: CallbackQuery, actor: Actor, verification: VerificationService, args: list[str]
    ) -> None:
        await verification.let_in(actor, number(args, 0), number(args, 1), number(args, 2))

    @feature.button("expel")
    async def expel(
        query: CallbackQuery, actor: Actor, verification: VerificationService, args: list[str]
    ) -> None:
        await verification.expel(actor, number(args, 0), number(args, 1), number(args, 2))

    @feature.button("calm")
    async def calm(query: CallbackQuery, actor: Actor, raids: RaidService, args: list[str]) -> None:
        await raids.calm(actor, number(args, 0), number(args, 1))

    @feature.button("sweep")
    async def sweep(query: CallbackQuery, actor: Actor, raids: RaidService, args: list[str]) -> None:
        await raids.sweep(actor, number(args, 0), number(args, 1))
