"""The conversation that makes a coupon."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import text
from handlers.routing import Feature
from services.newcoupon import STEPS, NewCouponService


def newcoupon_feature() -> Feature:
    """Its steps, for the owner: each is typed or tapped."""
    feature = Feature("newcoupon")

    @feature.button("begin")
    async def begin(query: CallbackQuery, actor: Actor, tenant: Bot, newcoupon: NewCouponService) -> None:
        await newcoupon.begin(actor, tenant.id)

    @feature.button("random")
    async def random(query: CallbackQuery, actor: Actor, tenant: Bot, newcoupon: NewCouponService) -> None:
        await newcoupon.make_up_name(actor, tenant.id)

    for step in STEPS:
        _typed(feature, step)
    for step in STEPS[1:]:
        _tapped(feature, step)
    return feature


def _typed(feature: Feature, step: str) -> None:
    @feature.step(step)
    async def typed(message: Message, actor: Actor, tenant: Bot, newcoupon: NewCouponService) -> None:
        await newcoupon.answer(actor, tenant.id, step, message.text or "")


def _tapped(feature: Feature, step: str) -> None:
    @feature.button(step)
    async def tapped(
        query: CallbackQuery, actor: Actor, tenant: Bot, newcoupon: NewCouponService, args: list[str]
    ) -> None:
        await newcoupon.answer(actor, tenant.id, step, text(args, 0))
