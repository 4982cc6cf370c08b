"""Coupons: what takes something off a price."""

import msgspec

from api.membership.rows import OfBot, bot_of, row
from domain.actor import Actor
from services.house import House


class RevenueRule(msgspec.Struct):
    """For members who have paid more (`above`) or less (`below`) than that, all in all."""

    direction: str
    amount: str
    currency: str


class CouponRow(msgspec.Struct, kw_only=True):
    """A coupon: `percent` or `amount` (in the currency of the plan) is taken off. 0 is no limit; what is
    not there limits nothing, nor does an empty list."""

    name: str
    amount: str
    percent: str
    min_amount: str
    max_amount: str
    uses: int
    used: int
    payment_gateways: list[str] | msgspec.UnsetType = msgspec.UNSET
    plans: list[int]
    revenue: RevenueRule | msgspec.UnsetType = msgspec.UNSET
    newcomers: bool
    singleuse: bool
    invitee_only: bool
    auto_apply: bool
    enabled: bool


async def list_coupons(house: House, actor: Actor, given: OfBot) -> list[CouponRow]:
    """The coupons of the bot."""
    bot = await bot_of(house, actor, given)
    return msgspec.convert(await house.coupons.listing(actor, bot.id), list[CouponRow])


COUPONS = (
    row(
        "GET", "/coupons", list_coupons, "List coupons",
        input=OfBot, result=list[CouponRow], section="Coupons",
        details="The bot's coupons, disabled ones included. `used` counts orders that are paid, and those "
        "that hold the coupon while they can still be paid.",
        example=[
            CouponRow(
                name="discountcode", amount="0", percent="10", min_amount="0", max_amount="0", uses=0,
                used=0, plans=[14], newcomers=False, singleuse=False, invitee_only=False, auto_apply=False,
                enabled=True,
            ),
            CouponRow(
                name="HJTPS3", amount="0", percent="11", min_amount="0", max_amount="0", uses=0, used=0,
                payment_gateways=["paypal"], plans=[11, 14, 18], revenue=RevenueRule("above", "10", "USD"),
                newcomers=False, singleuse=True, invitee_only=True, auto_apply=True, enabled=True,
            ),
        ],
    ),
)  # fmt: skip
