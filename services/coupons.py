"""Coupons at the counter: what an order costs with one, and the coupon in a member's hand."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.bots import Bot
from domain.coupons import Applied, Buyer, Coupon, Taken, closed, misplaced, to_pay, unfit
from domain.errors import Refused
from domain.money import Money
from domain.orders import Order
from domain.plans import EVERY_CHAT, Plan
from domain.rates import NoRate, settled, total
from services.rates import convert
from services.work import Work
from storage import coupons, customers
from storage.database import Tx

_NO_PLAN = 0


async def apply(
    tx: Tx,
    bot_id: int,
    plan: Plan,
    member_id: int | None,
    gateway: str | None,
    now: datetime,
    *,
    lock: bool = False,
    strict: bool = False,
) -> Applied | None:
    """The coupon an order of this plan is made with, and what is left to pay; None for the full price.

    It is the one in the member's hand where it fits, else the best of those that apply by themselves.
    `member_id` None is somebody not known yet: only coupons that ask nothing of the person count.
    `gateway` None: the way of paying is not chosen yet.

    To make the order, call it with `lock` while holding the member (`memberships.lock_member`), and insert
    the order in the same transaction: the coupons are held, so of two orders for the last use one gets it.
    An order holds its use until `expires_at`; the member's own open orders at Telegram do not stand in his
    way, since `still_good` agrees to one of them only.

    With `strict` a coupon in hand that does not fit raises `Refused` (coupon_not_here, with `why`), rather
    than letting somebody pay more than he thinks.
    """
    desk = await _open(tx, bot_id, member_id, now, lock=lock)
    return desk.best(plan, gateway, strict=strict)


async def prices(
    tx: Tx, bot_id: int, plans: Iterable[Plan], member_id: int, now: datetime
) -> Mapping[int, Applied]:
    """What somebody pays for each of these plans with a coupon, by plan id; those at full price are
    missing. For showing them: the way of paying is not looked at."""
    desk = await _open(tx, bot_id, member_id, now)
    found = {plan.id: desk.best(plan, None) for plan in plans}
    return {plan_id: applied for plan_id, applied in found.items() if applied is not None}


async def still_good(tx: Tx, order: Order, now: datetime) -> bool:
    """Asked at pre-checkout: whether an order's coupon may be used for it, being switched on, in time, and
    with room left by the other orders. True for an order without one.

    The coupon is held until the transaction ends, and a yes is written down with it: the member's other
    orders count this one from now on.
    """
    if order.coupon_id is None:
        return True
    coupon = await coupons.get(tx, order.bot_id, order.coupon_id, lock=True)
    if coupon is None:
        return False
    counted = await coupons.taken(tx, order.bot_id, [coupon.id], order.member_id, now, but=order.id)
    others = counted.get(coupon.id, Taken())
    good = closed(coupon, others, now) is None and not (coupon.singleuse and others.his)
    if good:
        await coupons.agree(tx, order.bot_id, order.id, now)
    return good


async def used(work: Work, bot: Bot, order: Order) -> None:
    """The order was paid: its coupon leaves the member's hand. To be called once, as it is settled."""
    if order.coupon_id is None:
        return
    if order.member_id is not None:
        await coupons.put_away(work.tx, bot.id, order.member_id, order.coupon_id)
    coupon = await coupons.get(work.tx, bot.id, order.coupon_id)
    work.event(
        bot.owner_id, bot.id, "coupon.used",
        coupon=coupon.name if coupon is not None else "", order=order.key, member=order.member_id,
        plan=order.plan_id, discount=f"{order.discount.amount:f}", currency=order.discount.currency,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """What is known about a buyer and the coupons he could use."""

    hand: int | None
    coupons: Mapping[int, Coupon]
    taken: Mapping[int, Taken]
    buyer: Buyer | None
    now: datetime

    def refusal(self, coupon: Coupon) -> str | None:
        """Why the buyer may not use a coupon, whatever he buys."""
        taken = self.taken.get(coupon.id, Taken())
        return closed(coupon, taken, self.now) or unfit(coupon, self.buyer, taken)

    def best(self, plan: Plan, gateway: str | None, *, strict: bool = False) -> Applied | None:
        """The coupon for a plan: see `apply`."""
        held = self.coupons.get(self.hand) if self.hand is not None else None
        if held is not None:
            reason = self.refusal(held) or misplaced(held, plan.id, plan.price, gateway)
            if reason is None:
                return Applied(held.id, held.name, to_pay(held, plan.price))
            if strict:
                raise Refused("coupon_not_here", coupon=held.name, why=reason)
        fitting = [
            Applied(one.id, one.name, to_pay(one, plan.price))
            for one in self.coupons.values()
            if one.auto_apply and not self.refusal(one) and not misplaced(one, plan.id, plan.price, gateway)
        ]
        return min(fitting, key=lambda one: (one.amount.minor, one.coupon_id), default=None)


async def _open(tx: Tx, bot_id: int, member_id: int | None, now: datetime, *, lock: bool = False) -> Desk:
    hand, found = await coupons.candidates(tx, bot_id, member_id, lock=lock)
    return await desk_for(tx, bot_id, member_id, hand, found, now)


async def desk_for(
    tx: Tx, bot_id: int, member_id: int | None, hand: int | None, found: Iterable[Coupon], now: datetime
) -> Desk:
    """The desk where somebody uses one of these coupons, with the one of id `hand` in his hand."""
    by_id = {one.id: one for one in found}
    if not by_id:
        return Desk(None, {}, {}, None, now)
    taken = await coupons.taken(tx, bot_id, by_id, member_id, now)
    buyer = None
    if member_id is not None:
        person = await customers.standing(tx, bot_id, member_id, EVERY_CHAT, _NO_PLAN, now)
        wanted = {one.revenue.currency for one in by_id.values() if one.revenue is not None}
        spent = await _spent(tx, bot_id, member_id, wanted, now) if wanted else {}
        buyer = Buyer(newcomer=not person.held, invited=person.invited, spent=spent)
    return Desk(hand, by_id, taken, buyer, now)


async def _spent(
    tx: Tx, bot_id: int, member_id: int, currencies: set[str], now: datetime
) -> Mapping[str, Decimal]:
    """What somebody has paid so far, counted in each of these currencies; those nobody can convert into
    are missing."""
    found: dict[str, Decimal] = {}
    paid = [Money(minor, code) for code, minor in (await coupons.spent(tx, bot_id, member_id)).items()]
    for currency in currencies:
        with suppress(NoRate):
            found[currency] = settled(total(await convert(tx, bot_id, paid, currency, now)))
    return found
