"""From money to access: the one place where a provider's word becomes a payment, and ends what one gave.

What a payment gives is in `services.fulfilment`.

Everything here happens within one unit of work: the payment, the membership, the commission, the event and
the message to the member are written together, or not at all. A charge counts once because its id is
written once; whatever is said of it again changes nothing.
"""

from datetime import datetime

from domain.bots import Bot
from domain.gateways import Proof, State
from domain.orders import CREDIT, Kind, Order, Payment, Settled, Status, enough, new_key
from domain.subscriptions import Standing
from services import commissions, credit
from services.fulfilment import Outcome, credit_payment
from services.grants import read_settings
from services.rates import rate_to_eur
from services.revoking import take_back
from services.work import Work
from storage import memberships, orders, payments, subscriptions


async def settle(work: Work, bot: Bot, gateway: str, proof: Proof) -> Outcome:
    """Believe a proof, whatever was said before and in whatever order it comes."""
    order = await _order_of(work, bot, gateway, proof)
    if order is None:
        return Outcome(Settled.UNKNOWN)
    match proof.state:
        case State.PAID:
            return await _paid(work, bot, gateway, order, proof)
        case State.REFUNDED:
            return await _returned(work, bot, gateway, order, proof)
        case State.DISPUTED:
            return await _disputed(work, bot, gateway, order, proof)
        case State.CLOSED:
            return await close(work, bot, order, Status.CANCELED)
        case _:
            return Outcome(Settled.OPEN, order)


async def _order_of(work: Work, bot: Bot, gateway: str, proof: Proof) -> Order | None:
    """The order a proof is about, held until the unit of work ends."""
    found = None
    if proof.order_key is not None:
        found = await orders.by_key(work.tx, bot.id, proof.order_key)
        if found is not None and found.gateway != gateway:
            return None
    if found is None and proof.ref:
        found = await orders.by_ref(work.tx, bot.id, gateway, proof.ref)
    if found is None and proof.subscription:
        known = await subscriptions.by_ref(work.tx, bot.id, gateway, proof.subscription)
        found = None if known is None else await orders.get(work.tx, bot.id, known.order_id)
    if found is None and proof.charge_id:
        charge = await payments.find(work.tx, bot.id, gateway, proof.charge_id)
        found = None if charge is None else await orders.get(work.tx, bot.id, charge.order_id)
    if found is None:
        return None
    # People first, everywhere, and the payer as well as the buyer, so that nobody waits in a circle.
    for member_id in sorted({one for one in (found.member_id, proof.payer) if one is not None}):
        await memberships.lock_member(work.tx, bot.id, member_id)
    return await orders.lock(work.tx, bot.id, found.id)


async def _paid(work: Work, bot: Bot, gateway: str, order: Order, proof: Proof) -> Outcome:
    if proof.charge_id is None or proof.paid is None:
        return Outcome(Settled.OPEN, order)
    if order.member_id is None and proof.payer is not None:
        order = await _belongs_to(work, bot, order, proof.payer)
    matches = enough(proof.paid, order.amount)
    member_id = await _payer(work, bot, order, proof)
    payment = await payments.note(
        work.tx, bot.id, order.id, gateway, proof.charge_id,
        member_id=member_id, paid=proof.paid,
        rate=await rate_to_eur(work.tx, bot.id, proof.paid.currency, proof.at or work.now),
        paid_at=min(proof.at or work.now, work.now), accepted=matches, now=work.now,
    )  # fmt: skip
    if payment is None:
        return await _again(work, bot, order, gateway, proof.charge_id)
    if member_id != order.member_id:  # two have opened one link, and each has paid
        order = await _following(work, bot, order, payment, Kind.NEW, member_id)
    if not matches:
        work.event(
            bot.owner_id, bot.id, "order.mismatch",
            order=order.key, paid=str(proof.paid), wanted=str(order.amount),
        )  # fmt: skip
        return Outcome(Settled.MISMATCH, order, payment)
    if order.completed_at is None:
        return await credit_payment(work, bot, order, payment, proof.subscription)
    if proof.recurring or (order.recurring and proof.subscription is not None):
        following = await _following(work, bot, order, payment, Kind.RECURRING, order.member_id)
        return await credit_payment(work, bot, following, payment, proof.subscription)
    if await _goes_back(work, bot, order):
        await payments.owe_refund(work.tx, bot.id, payment.id, "second", 0, work.now)
        return Outcome(Settled.SENT_BACK, order, payment)
    return await credit_payment(work, bot, order, payment, proof.subscription)


async def _belongs_to(work: Work, bot: Bot, order: Order, payer: int) -> Order:
    """An order that was made for nobody is the payer's, where we know him."""
    if not await memberships.lock_member(work.tx, bot.id, payer):
        return order
    await orders.change(work.tx, bot.id, order.id, member_id=payer, claimed_at=work.now)
    return await orders.get(work.tx, bot.id, order.id) or order


async def _payer(work: Work, bot: Bot, order: Order, proof: Proof) -> int | None:
    """Whose the money is: the order's buyer's, unless Telegram says that somebody else has paid."""
    if proof.payer in (None, order.member_id):
        return order.member_id
    known = await memberships.lock_member(work.tx, bot.id, proof.payer or 0)
    return proof.payer if known else order.member_id


async def _again(work: Work, bot: Bot, order: Order, gateway: str, charge_id: str) -> Outcome:
    """Money we know of. Only a lost dispute that was won after all gives back what it took."""
    payment = await payments.by_charge(work.tx, bot.id, gateway, charge_id)
    if payment is None or payment.disputed_at is None or payment.refunded >= payment.paid.minor:
        return Outcome(Settled.REPEATED, order, payment)
    own = await orders.lock(work.tx, bot.id, payment.order_id) or order
    good = payment.accepted or enough(payment.paid, own.amount)  # of the dispute we may have heard first
    await payments.change(work.tx, bot.id, payment.id, disputed_at=None, accepted=good)
    if not good:
        return Outcome(Settled.MISMATCH, own, payment)
    return await credit_payment(work, bot, own, payment, None)


async def _goes_back(work: Work, bot: Bot, order: Order) -> bool:
    """Whether a second payment for one order is refunded: when the owner wants it so, or when there is
    nothing to add to."""
    if order.member_id is None:
        return True
    held = await memberships.get(work.tx, bot.id, order.member_id, order.project_id)
    for_life = held is not None and held.runs(work.now) and held.end_at is None
    return for_life or (await read_settings(work.tx, bot.id)).refund_second


async def _following(
    work: Work, bot: Bot, first: Order, payment: Payment, kind: Kind, member_id: int | None
) -> Order:
    """A later charge of a subscription is an order of its own; so is what another payer paid."""
    following = await orders.create(
        work.tx, bot.id, new_key(work.now), kind=kind, status=Status.PENDING,
        member_id=member_id, email=first.email if member_id == first.member_id else None,
        plan_id=first.plan_id, plan_name=first.plan_name,
        project_id=first.project_id, length=first.length, gateway=first.gateway, price=first.price,
        amount=payment.paid if kind is Kind.RECURRING else first.amount, now=work.now, expires_at=work.now,
        subscription_id=first.subscription_id if kind is Kind.RECURRING else None,
        recurring=kind is Kind.NEW and first.recurring,
    )  # fmt: skip
    await payments.change(work.tx, bot.id, payment.id, order_id=following.id)
    return following


async def _returned(work: Work, bot: Bot, gateway: str, order: Order, proof: Proof) -> Outcome:
    """Money went back: as a whole, it takes along what it gave."""
    if proof.charge_id is None or proof.paid is None:
        return Outcome(Settled.OPEN, order)
    payment = await _known(work, bot, gateway, order, proof)
    refunded = max(payment.refunded, min(proof.paid.minor, payment.paid.minor))
    if payment.refunded_at is not None and refunded == payment.refunded:
        return Outcome(Settled.REPEATED, order, payment)
    await payments.change(work.tx, bot.id, payment.id, refunded=refunded, refunded_at=proof.at or work.now)
    if refunded < payment.paid.minor:
        return Outcome(Settled.REPEATED, order, payment)  # a part went back; what it gave stays
    await payments.end_refund(work.tx, payment.id, "done")
    return await _revoke(work, bot, payment, Status.REFUNDED, "order.refunded")


async def _disputed(work: Work, bot: Bot, gateway: str, order: Order, proof: Proof) -> Outcome:
    """The payer's bank takes the money back, or is about to."""
    if proof.charge_id is None or proof.paid is None:
        return Outcome(Settled.OPEN, order)
    payment = await _known(work, bot, gateway, order, proof)
    if payment.disputed_at is not None:
        return Outcome(Settled.REPEATED, order, payment)
    await payments.change(work.tx, bot.id, payment.id, disputed_at=proof.at or work.now)
    return await _revoke(work, bot, payment, Status.DISPUTED, "order.disputed")


async def _known(work: Work, bot: Bot, gateway: str, order: Order, proof: Proof) -> Payment:
    """The payment of a charge. News of its return may come before those of its coming: then it is written
    down as money that never gave anything."""
    assert proof.charge_id is not None and proof.paid is not None  # noqa: S101, PT018 - the callers looked
    found = await payments.by_charge(work.tx, bot.id, gateway, proof.charge_id)
    if found is None:
        found = await payments.note(
            work.tx, bot.id, order.id, gateway, proof.charge_id,
            member_id=order.member_id, paid=proof.paid, rate=None, paid_at=proof.at or work.now,
            accepted=False, now=work.now,
        )  # fmt: skip
    assert found is not None  # noqa: S101 - just written, or held by us
    return found


async def _revoke(work: Work, bot: Bot, payment: Payment, status: Status, kind: str) -> Outcome:
    order = await orders.lock(work.tx, bot.id, payment.order_id)
    if payment.grant_id is not None:
        await take_back(work, bot, payment.grant_id)
    await commissions.reverse(work, bot, payment.id)
    others = [one for one in await payments.of_order(work.tx, bot.id, payment.order_id) if one.stands]
    if order is not None and not others:
        await orders.change(work.tx, bot.id, order.id, status=status.value, closed_at=work.now)
    if payment.gateway == CREDIT and payment.member_id is not None and status is Status.REFUNDED:
        await credit.give_back(work, bot.id, payment.member_id, payment.paid, payment.id)
    work.event(
        bot.owner_id, bot.id, kind,
        order=order.key if order else None, member=payment.member_id, gateway=payment.gateway,
        amount=f"{payment.paid.amount:f}", currency=payment.paid.currency,
    )  # fmt: skip
    return Outcome(Settled.REVOKED, order, payment)


async def close(work: Work, bot: Bot, order: Order, status: Status) -> Outcome:
    """No money came. Late money still credits."""
    closed = await orders.expire(work.tx, bot.id, order.id, status, work.now)
    if closed is None:
        return Outcome(Settled.REPEATED, order)
    kind = "order.expired" if status is Status.EXPIRED else "order.canceled"
    work.event(bot.owner_id, bot.id, kind, order=order.key, member=order.member_id, plan=order.plan_id)
    return Outcome(Settled.CLOSED, closed)


async def turn_subscription(
    work: Work, bot: Bot, subscription_id: int, state: Standing, by: str, *, only_from: Standing | None = None
) -> bool:
    """A subscription goes on no longer, or again; False when that is known, or when it did not stand as
    `only_from` says. `by`: member | owner | provider."""
    if not await subscriptions.turn(work.tx, bot.id, subscription_id, state, work.now, only_from=only_from):
        return False
    found = await subscriptions.get(work.tx, bot.id, subscription_id)
    if found is not None and state is not Standing.ACTIVE:
        work.event(
            bot.owner_id, bot.id, "membership.cancelled",
            member=found.member_id, project=found.project_id, plan=found.plan_id, by=by,
            end=_unix(found.paid_until),
        )  # fmt: skip
    return True


def _unix(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
