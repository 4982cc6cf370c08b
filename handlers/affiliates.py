"""`/affiliate` for members, `/affiliates` for the owner, and the links `r_<id>`."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number, page_number
from handlers.routing import Audience, Feature
from handlers.start import greeting_rows
from handlers.talk import Talk
from services.access import Access
from services.affiliates import AffiliateService
from texts import affiliates as wording


def affiliates_feature() -> Feature:
    """Links that bring invitees."""
    feature = Feature("affiliates")

    @feature.command("affiliate", describe=lambda t: t("Invite friends"))
    async def mine(message: Message, actor: Actor, tenant: Bot, affiliates: AffiliateService) -> None:
        await affiliates.mine(actor, tenant.id)

    @feature.button("mine")
    async def mine_pressed(
        query: CallbackQuery, actor: Actor, tenant: Bot, affiliates: AffiliateService
    ) -> None:
        await affiliates.mine(actor, tenant.id)

    @feature.button("ask")
    async def ask(query: CallbackQuery, actor: Actor, tenant: Bot, affiliates: AffiliateService) -> None:
        await affiliates.ask_id(actor, tenant.id)

    @feature.step("id")
    async def chosen(message: Message, actor: Actor, tenant: Bot, affiliates: AffiliateService) -> None:
        await affiliates.choose_id(actor, tenant.id, message.text or "")

    @feature.link("r_")
    async def followed(
        message: Message, actor: Actor, tenant: Bot, access: Access, affiliates: AffiliateService, args: str
    ) -> None:
        await affiliates.followed(actor, tenant.id, args, await greeting_rows(actor, tenant, access))

    _owner(feature)
    return feature


def _owner(feature: Feature) -> None:
    @feature.command("affiliates", audience=Audience.OWNER, describe=lambda t: t("Who brings members"))
    async def listed(
        message: Message, actor: Actor, tenant: Bot, affiliates: AffiliateService, talk: Talk
    ) -> None:
        found, more, rules = await affiliates.top(actor, tenant.id, 0)
        await talk.show(wording.top(actor.t, found, 0, more, rules))

    @feature.button("list")
    async def turned(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        affiliates: AffiliateService,
        talk: Talk,
        args: list[str],
    ) -> None:
        page = page_number(args)
        found, more, rules = await affiliates.top(actor, tenant.id, page)
        await talk.show(wording.top(actor.t, found, page, more, rules))

    @feature.button("export")
    async def export(query: CallbackQuery, actor: Actor, tenant: Bot, affiliates: AffiliateService) -> None:
        await affiliates.export(actor, tenant.id)

    @feature.button("turn")
    async def turn(
        query: CallbackQuery, actor: Actor, tenant: Bot, affiliates: AffiliateService, args: list[str]
    ) -> None:
        await affiliates.turn(actor, tenant.id, number(args, 0) == 1)

    @feature.button("first")
    async def set_winner(
        query: CallbackQuery, actor: Actor, tenant: Bot, affiliates: AffiliateService, args: list[str]
    ) -> None:
        await affiliates.set_winner(actor, tenant.id, number(args, 0) == 1)
