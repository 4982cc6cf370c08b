"""What a payment gives: the membership, everybody's share, the coupon's use, and the event that tells of it.

Part of the unit of work in which the payment is accepted (`services.settling`).
"""

from dataclasses import dataclass

from domain.bots import Bot
from domain.money import Money
from domain.orders import Order, Payment, Settled, Status
from services import commissions, coupons
from services.grants import Given, give_paid
from services.work import Work
from storage import memberships, orders, payments, subscriptions


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a proof, and the order and payment concerned."""

    settled: Settled
    order: Order | None = None
    payment: Payment | None = None
    given: Given | None = None


async def credit_payment(
    work: Work, bot: Bot, order: Order, payment: Payment, subscription: str | None
) -> Outcome:
    """Give what an accepted payment was for, and everybody his share."""
    await orders.change(
        work.tx, bot.id, order.id,
        status=Status.COMPLETED.value, completed_at=order.completed_at or work.now, closed_at=None,
    )  # fmt: skip
    given = None
    if order.member_id is not None and await memberships.lock_member(work.tx, bot.id, order.member_id):
        given = await _give(work, bot, order, payment, order.member_id, subscription)
    if order.coupon_id is not None and order.completed_at is None:
        await coupons.used(work, bot, order)
    _completed(work, bot, order, payment.paid)
    return Outcome(Settled.CREDITED if given else Settled.UNCLAIMED, order, payment, given)


async def _give(
    work: Work, bot: Bot, order: Order, payment: Payment, member_id: int, subscription: str | None
) -> Given:
    given = await give_paid(work, bot, order, member_id, payment.id)
    await payments.change(work.tx, bot.id, payment.id, grant_id=given.grant_id, member_id=member_id)
    first = await payments.count_before(work.tx, bot.id, member_id, payment.id) == 0
    await commissions.earn(work, bot, order, payment.id, payment.paid, first=first)
    if order.subscription_id is not None:
        until = given.membership.end_at
        await subscriptions.paid(work.tx, bot.id, order.subscription_id, until)
    elif subscription is not None:
        begun = await subscriptions.begin(
            work.tx, bot.id, order.gateway, subscription,
            order_id=order.id, member_id=member_id, plan_id=order.plan_id, project_id=order.project_id,
            amount=order.amount, paid_until=given.membership.end_at, now=work.now,
        )  # fmt: skip
        await orders.change(work.tx, bot.id, order.id, subscription_id=begun)
    return given


async def claim(work: Work, bot: Bot, order: Order, member_id: int) -> list[Given]:
    """A paid order that was made for nobody becomes somebody's, who is given what was paid for.

    The order is held by the caller.
    """
    await orders.change(work.tx, bot.id, order.id, member_id=member_id, claimed_at=work.now)
    paid = [one for one in await payments.of_order(work.tx, bot.id, order.id) if one.stands]
    return [await _give(work, bot, order, one, member_id, None) for one in paid]


async def complete_free(work: Work, bot: Bot, order: Order, member_id: int) -> Given:
    """An order that costs nothing needs no gateway."""
    await orders.change(work.tx, bot.id, order.id, status=Status.COMPLETED.value, completed_at=work.now)
    given = await give_paid(work, bot, order, member_id, order.id)
    if order.coupon_id is not None:
        await coupons.used(work, bot, order)
    _completed(work, bot, order, order.amount)
    return given


def _completed(work: Work, bot: Bot, order: Order, paid: Money) -> None:
    work.event(
        bot.owner_id, bot.id, "order.completed",
        order=order.key, member=order.member_id, plan=order.plan_id, project=order.project_id,
        gateway=order.gateway, type=order.kind.value, amount=f"{paid.amount:f}", currency=paid.currency,
    )  # fmt: skip
