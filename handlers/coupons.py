"""`/coupon` and the links `coupon_<code>` for members; `/coupons` for the owner."""

from collections.abc import Callable

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor, Translator
from domain.bots import Bot
from domain.page import Page
from handlers.arguments import number, page_number, text
from handlers.fields import edit_fields
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.couponbook import CouponPanel, CouponService
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
    _panels(feature)
    _changing(feature)
    edit_fields(feature)
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

    @feature.button("dropped")
    async def drop(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, args: list[str]
    ) -> None:
        await coupons.delete(actor, tenant.id, number(args, 0))


def _panels(feature: Feature) -> None:
    """What one coupon is shown as."""
    pages = {
        "open": panels.panel,
        "plans": panels.choose_plans,
        "gateways": panels.choose_gateways,
        "drop": panels.ask_drop,
    }
    for verb, page in pages.items():
        _panel(feature, verb, page)


def _panel(feature: Feature, verb: str, page: Callable[[Translator, CouponPanel], Page]) -> None:
    @feature.button(verb)
    async def show(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(page(actor.t, await coupons.panel(actor, tenant.id, number(args, 0))))


def _changing(feature: Feature) -> None:
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

    @feature.button("plan")
    async def turn_plan(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, args: list[str]
    ) -> None:
        await coupons.turn_plan(actor, tenant.id, number(args, 0), number(args, 1))

    @feature.button("gateway")
    async def turn_gateway(
        query: CallbackQuery, actor: Actor, tenant: Bot, coupons: CouponService, args: list[str]
    ) -> None:
        await coupons.turn_gateway(actor, tenant.id, number(args, 0), text(args, 1))
