"""`/token`, `/tokens`, `/redeem`: access tokens."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.clock import Clock
from handlers.arguments import number, page_number
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.plans import PlanService
from services.tokens import TokenService
from texts import tokens as wording


def tokens_feature() -> Feature:
    """Making tokens (the owner) and redeeming them (everybody)."""
    feature = Feature("tokens")

    @feature.command("token", audience=Audience.OWNER, describe=lambda t: t("Give access with a token"))
    async def token(
        message: Message,
        actor: Actor,
        tenant: Bot,
        tokens: TokenService,
        plans: PlanService,
        talk: Talk,
        args: str,
    ) -> None:
        if not args:
            await talk.show(wording.choose_plan(actor.t, await plans.all(actor, tenant.id)))
            return
        order = await tokens.order(actor, tenant.id, args)
        member_id = order.member.user_id if order.member else None
        await tokens.create(actor, tenant.id, order.plan.id, member_id, order.valid_for)

    @feature.button("new")
    async def new(query: CallbackQuery, actor: Actor, tenant: Bot, plans: PlanService, talk: Talk) -> None:
        await talk.show(wording.choose_plan(actor.t, await plans.all(actor, tenant.id)))

    @feature.button("for")
    async def for_plan(
        query: CallbackQuery, actor: Actor, tenant: Bot, tokens: TokenService, args: list[str]
    ) -> None:
        await tokens.create(actor, tenant.id, number(args, 0))

    @feature.button("many")
    async def ask_many(
        query: CallbackQuery, actor: Actor, tenant: Bot, tokens: TokenService, args: list[str]
    ) -> None:
        await tokens.ask_many(actor, tenant.id, number(args, 0))

    @feature.step("many")
    async def many(message: Message, actor: Actor, tenant: Bot, tokens: TokenService) -> None:
        await tokens.create_many(actor, tenant.id, message.text or "")

    _listing(feature)
    _redeeming(feature)
    return feature


def _listing(feature: Feature) -> None:
    @feature.command("tokens", audience=Audience.OWNER, describe=lambda t: t("All access tokens"))
    async def listed(
        message: Message, actor: Actor, tenant: Bot, tokens: TokenService, clock: Clock, talk: Talk
    ) -> None:
        found, more = await tokens.listing(actor, tenant.id, 0)
        await talk.show(wording.listing(actor.t, found, 0, more, clock.now()))

    @feature.button("list")
    async def turned(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        tokens: TokenService,
        clock: Clock,
        talk: Talk,
        args: list[str],
    ) -> None:
        page = page_number(args)
        found, more = await tokens.listing(actor, tenant.id, page)
        await talk.show(wording.listing(actor.t, found, page, more, clock.now()))

    @feature.button("open")
    async def opened(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        tokens: TokenService,
        clock: Clock,
        talk: Talk,
        args: list[str],
    ) -> None:
        found = await tokens.get(actor, tenant.id, number(args, 0))
        await talk.show(wording.panel(actor.t, found, clock.now()))

    @feature.button("drop")
    async def drop(
        query: CallbackQuery, actor: Actor, tenant: Bot, tokens: TokenService, args: list[str]
    ) -> str:
        await tokens.delete(actor, tenant.id, number(args, 0))
        return actor.t("Deleted")


def _redeeming(feature: Feature) -> None:
    @feature.command("redeem", describe=lambda t: t("Use an access token"))
    async def redeem(message: Message, actor: Actor, tenant: Bot, tokens: TokenService, args: str) -> None:
        if args:
            await tokens.redeem(actor, tenant.id, args)
        else:
            await tokens.ask_token(actor, tenant.id)

    @feature.button("enter")
    async def enter(query: CallbackQuery, actor: Actor, tenant: Bot, tokens: TokenService) -> None:
        await tokens.ask_token(actor, tenant.id)

    @feature.step("redeem")
    async def entered(message: Message, actor: Actor, tenant: Bot, tokens: TokenService) -> None:
        await tokens.redeem(actor, tenant.id, message.text or "")

    @feature.link("accesstoken_")
    async def linked(message: Message, actor: Actor, tenant: Bot, tokens: TokenService, args: str) -> None:
        await tokens.redeem(actor, tenant.id, args)
