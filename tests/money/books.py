"""Holding the database against the bookkeeping of the state machine."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.orders import Order, Payment, Status
from storage import orders
from storage.tables.earnings import commission
from storage.tables.membership import membership_grant
from storage.tables.orders import payment as payments
from storage.tables.orders import purchase_order
from tests.money.ledger import Coin

if TYPE_CHECKING:
    from tests.money.test_machine import Machine

_USED = (Status.COMPLETED, Status.DISPUTED)
_MONEY = (payments.c.amount, payments.c.refunded, commission.c.amount, purchase_order.c.amount)


async def check(machine: "Machine") -> None:
    """Everything that must be true. Raises `AssertionError`."""
    shop = machine.shop
    async with shop.db.read() as tx:
        rows = (await tx.execute(select(payments).where(payments.c.bot_id == shop.bot_id))).all()
        shares = (await tx.execute(select(commission).where(commission.c.bot_id == shop.bot_id))).all()
        grants = (
            await tx.execute(select(membership_grant).where(membership_grant.c.bot_id == shop.bot_id))
        ).all()
        placed = [one for one, _ in await orders.listing(tx, shop.bot_id, 0, 1_000)]
        for column in _MONEY:
            values = (await tx.execute(select(column))).scalars()
            assert all(type(one) is int for one in values), "money is whole minor units"
    written = Counter(row.charge_id for row in rows)
    told = {one.id: one for one in machine.coins if one.told}
    assert written == Counter(told.keys()), "every charge that was told of is written once, and no other"
    live = {row.id for row in grants if row.revoked_at is None}
    for row in rows:
        _one_charge(told[row.charge_id], row, live)
        reversed_ = [share.reversed_at is not None for share in shares if share.payment_id == row.id]
        if row.grant_id is not None:
            assert reversed_ == [not told[row.charge_id].stands], "commissions go where the money goes"
    _late_uses(machine, placed)
    used = sum(one.coupon_id is not None and one.status in _USED for one in placed)
    if machine.exact:
        assert used <= machine.uses + machine.late_uses, "a coupon is used too often"
    by_order: dict[int, list[Coin]] = {}
    for one in told.values():
        by_order.setdefault(one.order.id, []).append(one)
    for order in placed:
        _status(order, by_order.get(order.id, []))
    for who in machine.books:
        await _access(machine, who)


def _late_uses(machine: "Machine", placed: list[Order]) -> None:
    """Paid is paid: money that comes after its order has let go of the coupon uses it all the same."""
    for order in placed:
        before = machine.last.get(order.id)
        if before is None or order.status is not Status.COMPLETED or before.status in _USED:
            continue
        machine.late_uses += order.id in machine.unasked or not before.holds(machine.clock.now())
    machine.last = {order.id: order for order in placed}


def _one_charge(coin: Coin, row: Payment, live: set[int]) -> None:
    stands = row.accepted and row.disputed_at is None and row.refunded < coin.came.minor
    assert stands == coin.stands, f"{coin.id} stands: {stands}"
    assert (row.grant_id in live) <= stands, "what a charge gave goes with it"


def _status(order: Order, coins: list[Coin]) -> None:
    """An order with standing money is completed; one that never had any is not."""
    if any(one.stands for one in coins):
        assert order.status is Status.COMPLETED, f"paid, and {order.status}"
    elif order.status is Status.COMPLETED:
        raise AssertionError("completed without money")
    if not coins:
        assert order.status in (Status.PENDING, Status.EXPIRED, Status.CANCELED)


async def _access(machine: "Machine", who: int) -> None:
    shop, book, now = machine.shop, machine.books[who], machine.clock.now()
    inside, held = await shop.inside(who), await shop.held(who)
    if book.must_be_inside(now):
        assert inside, "paid but no access"
    if not book.counting:
        assert not inside, "access without payment"
    if inside:
        assert held is not None
        assert held.end_at is not None
        slack = timedelta(0) if machine.exact else timedelta(days=40)
        assert held.end_at - now <= book.most() + slack, "more time than was paid for"
    if machine.exact:
        term = book.term()
        end = None if term is None else term.end
        assert inside == (end is not None and end > now)
        if inside:
            assert held is not None
            assert held.end_at == end, "not the time that was paid for"
