"""`/coupon` and the links `coupon_<code>` for members; `/coupons` for the owner."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number, page_number, text
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.couponbook import CouponService
from texts import coupon_panel as panels
from texts import coupons as wording


def coupons_feature() -> Feature:
    """Coupons: entering them (everybody) and keeping them (the owner)."""
    feature = Feature("coupons")

    @feature.command("coupon", describe=lambda t: t("Use a coupon"))
    async def coupon(message: Message, actor: Actor, tenant: Bot, coupons: CouponService, args: str) -> None:
        if args:
            await coupons.enter(actor, tenant.id, args)
        else:
            await coupons.ask_code(actor, tenant.id)

    @feature.button("ask_code")
    async def ask_code(query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService) -> None:
        await coupons.ask_code(actor, tenant.id)

    @feature.step("enter")
    async def entered(message: Message, actor: Actor, tenant: Bot, coupons: CouponService) -> None:
        await coupons.enter(actor, tenant.id, message.text or "")

    @feature.link("coupon_")
    async def linked(message: Message, actor: Actor, tenant: Bot, coupons: CouponService, args: str) -> None:
        await coupons.enter(actor, tenant.id, args)

    @feature.button("away")
    async def away(query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService) -> None:
        await coupons.put_away(actor, tenant.id)

    _listing(feature)
    _panel(feature)
    _choosing(feature)
    return feature


def _listing(feature: Feature) -> None:
    @feature.command("coupons", audience=Audience.OWNER, describe=lambda t: t("Discounts"))
    async def listed(message: Message, actor: Actor, tenant: Bot, coupons: CouponService, talk: Talk) -> None:
        await talk.show(wording.listing(actor.t, *await coupons.page(actor, tenant.id, 0), 0))

    @feature.button("list")
    async def turned(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, talk: Talk, args: list[str]
    ) -> None:
        page = page_number(args)
        await talk.show(wording.listing(actor.t, *await coupons.page(actor, tenant.id, page), page))

    @feature.button("drop")
    async def ask_drop(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(panels.ask_drop(actor.t, await coupons.panel(actor, tenant.id, number(args, 0))))

    @feature.button("dropped")
    async def drop(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, args: list[str]
    ) -> None:
        await coupons.delete(actor, tenant.id, number(args, 0))


def _panel(feature: Feature) -> None:
    @feature.button("open")
    async def opened(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(panels.panel(actor.t, await coupons.panel(actor, tenant.id, number(args, 0))))

    @feature.button("ask")
    async def ask(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, args: list[str]
    ) -> None:
        await coupons.ask_field(actor, tenant.id, number(args, 0), text(args, 1))

    @feature.step("field")
    async def answered(message: Message, actor: Actor, tenant: Bot, coupons: CouponService) -> None:
        await coupons.set_field(actor, tenant.id, message.text or "")

    @feature.button("turn")
    async def turn(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, args: list[str]
    ) -> None:
        await coupons.turn(actor, tenant.id, number(args, 0), text(args, 1))

    @feature.button("link")
    async def link(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, args: list[str]
    ) -> None:
        await coupons.send_link(actor, tenant.id, number(args, 0))


def _choosing(feature: Feature) -> None:
    @feature.button("plans")
    async def choose_plans(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(panels.choose_plans(actor.t, await coupons.panel(actor, tenant.id, number(args, 0))))

    @feature.button("plan")
    async def turn_plan(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, args: list[str]
    ) -> None:
        await coupons.turn_plan(actor, tenant.id, number(args, 0), number(args, 1))

    @feature.button("gateways")
    async def choose_gateways(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, talk: Talk, args: list[str]
    ) -> None:
        shown = await coupons.panel(actor, tenant.id, number(args, 0))
        await talk.show(panels.choose_gateways(actor.t, shown))

    @feature.button("gateway")
    async def turn_gateway(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, args: list[str]
    ) -> None:
        await coupons.turn_gateway(actor, tenant.id, number(args, 0), text(args, 1))
