"""Choosing anew: an earlier order of one's own is no reason for being turned away."""

from decimal import Decimal

from storage import coupons
from tests.money.shop import House

ANN, BEN = 501, 502


async def test_who_holds_the_last_use_of_a_coupon_may_order_again(house: House) -> None:
    """His open checkout holds its use; the next one costs what he is shown, and can be opened."""
    shop = await house.shop([ANN, BEN])
    async with house.db.write() as tx:
        half = {"percent": Decimal(50), "uses": 1, "auto_apply": True}
        await coupons.create(tx, shop.bot_id, "Spring", half, house.clock.now())
    first = await shop.order(ANN)
    again = await shop.order(ANN)
    assert (first.amount.minor, again.amount.minor) == (500, 999)
    assert (await shop.order(ANN)).amount.minor == 500, "the first one has let go of it by now"
