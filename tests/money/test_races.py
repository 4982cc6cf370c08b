"""Two at the same moment, on both engines: one place is one place, one charge one payment, one refund one."""

import asyncio
from typing import Any

import pytest

from domain.errors import Refused
from domain.gateways import Proof, State
from domain.money import Money
from domain.orders import STARS, Order, Status
from storage import payments
from tests.money.shop import OWNER, House, star_proof
from tests.money.till import TILL

ANN, BEN = 501, 502
CROWD = range(501, 509)
PRICE: dict[str, Any] = {"price": 500, "currency": "XTR"}


async def quietly(asked: Any) -> Any:
    """The answer, or the refusal."""
    try:
        return await asked
    except Refused as refused:
        return refused


@pytest.mark.parametrize("gateway", [STARS, TILL])
async def test_the_last_place_is_ordered_once(house: House, gateway: str) -> None:
    shop = await house.shop(CROWD, max_customers=1, **(PRICE if gateway == STARS else {}))
    made = await asyncio.gather(*(quietly(shop.order(who, gateway)) for who in CROWD))
    assert sum(isinstance(one, Order) for one in made) == 1
    assert {one.reason for one in made if isinstance(one, Refused)} == {"plan_sold_out"}


async def test_of_two_old_invoices_for_the_last_place_one_may_be_paid(house: House) -> None:
    for _ in range(5):
        shop = await house.shop(CROWD, max_customers=1, **PRICE)
        invoices = []
        for who in CROWD:
            invoices.append((who, await shop.order(who, STARS)))
            house.clock.advance(minutes=21)
        answers = await asyncio.gather(*(shop.may_pay(order, who) for who, order in invoices))
        assert sum(answers) == 1
        again = await asyncio.gather(*(shop.may_pay(order, who) for who, order in invoices))
        assert again == answers, "asked twice, it is answered the same"


async def test_a_charge_told_from_all_sides_is_one_payment(house: House) -> None:
    shop = await house.shop([ANN])
    order = await shop.order(ANN)
    paid = house.till.pay(order.ref or "", order.key, order.amount)
    house.clock.advance(minutes=11)
    raw = paid.news()[0]
    assert isinstance(raw, Proof)
    await asyncio.gather(
        *(shop.notified(paid.id) for _ in range(8)),
        *(shop.told(raw, TILL) for _ in range(8)),
        *(shop.house.orders.check(shop.actor(ANN), shop.bot_id, order.id) for _ in range(4)),
        shop.house.taking.reconcile(shop.house.actor),
    )
    (payment,) = await shop.books(order)
    held = await shop.held(ANN)
    assert payment.accepted
    assert held is not None
    assert held.months == 1


async def test_two_presses_are_one_refund(house: House) -> None:
    shop = await house.shop([ANN])
    order = await shop.order(ANN)
    paid = house.till.pay(order.ref or "", order.key, order.amount)
    await shop.notified(paid.id)
    (payment,) = await shop.books(order)
    refunds = house.house.refunds
    await asyncio.gather(
        *(quietly(refunds.refund(shop.owner, shop.bot_id, payment.id)) for _ in range(4)),
        *(refunds.run(house.house.actor) for _ in range(4)),
    )
    await refunds.run(house.house.actor)
    assert house.till.refunds == {paid.id: 1}
    assert not await shop.inside(ANN)


async def test_several_processes_ask_the_provider_once(house: House) -> None:
    shop = await house.shop([ANN])
    order = await shop.order(ANN)
    paid = house.till.pay(order.ref or "", order.key, order.amount)
    await shop.notified(paid.id)
    (payment,) = await shop.books(order)
    await house.house.refunds.refund(shop.owner, shop.bot_id, payment.id)
    asked = []

    async def refund(credentials: Any, charge: Any) -> None:
        asked.append(charge.key)
        await asyncio.sleep(0)

    processes = [House(house.db) for _ in range(4)]
    for one in processes:
        one.clock.at = house.clock.at
        one.till.refund = refund  # type: ignore[method-assign]
        await one.directory.load()
    await asyncio.gather(*(one.house.refunds.run(one.house.actor) for one in processes))
    assert asked == [f"refund-{payment.id}"]


async def test_what_nobody_owns_is_claimed_once(house: House) -> None:
    for _ in range(4):
        shop = await house.shop(CROWD)
        order = await shop.make()
        paid = house.till.pay(order.ref or "", order.key, order.amount)
        await shop.notified(paid.id)
        assert (await shop.again(order)).status is Status.COMPLETED
        opened = shop.house.orders.open
        claims = await asyncio.gather(
            *(quietly(opened(shop.actor(who), shop.bot_id, order.key)) for who in CROWD)
        )
        inside = [who for who in CROWD if await shop.inside(who)]
        assert len(inside) == 1
        assert sum(isinstance(one, Refused) for one in claims) == len(CROWD) - 1
        assert (await shop.again(order)).member_id == inside[0]


async def test_the_link_is_opened_while_the_news_arrive(house: House) -> None:
    for _ in range(4):
        shop = await house.shop(CROWD)
        order = await shop.make()
        paid = house.till.pay(order.ref or "", order.key, order.amount)
        await asyncio.gather(
            shop.notified(paid.id),
            *(quietly(shop.house.orders.open(shop.actor(ANN), shop.bot_id, order.key)) for _ in range(3)),
            shop.notified(paid.id),
        )
        await quietly(shop.house.orders.open(shop.actor(ANN), shop.bot_id, order.key))
        (payment,) = await shop.books(order)
        held = await shop.held(ANN)
        assert payment.member_id == ANN
        assert held is not None
        assert held.months == 1


async def test_both_who_paid_one_invoice_link_are_let_in(house: House) -> None:
    """A link made for nobody can be opened by two; whoever was let pay has access."""
    for _ in range(4):
        shop = await house.shop([ANN, BEN], **PRICE)
        order = await shop.make(STARS)
        answers = await asyncio.gather(shop.may_pay(order, ANN), shop.may_pay(order, BEN))
        paying = [who for who, yes in zip((ANN, BEN), answers, strict=True) if yes]
        assert paying
        await asyncio.gather(*(shop.told(star_proof(order, f"{shop.bot_id} {who}", who)) for who in paying))
        for who in paying:
            held = await shop.held(who)
            assert held is not None, "paid but no access"
            assert held.months == 1
        for who in {ANN, BEN} - set(paying):
            assert await shop.held(who) is None


async def test_the_last_place_ordered_for_nobody_can_be_paid(house: House) -> None:
    shop = await house.shop([ANN, BEN], max_customers=1, **PRICE)
    order = await shop.make(STARS)
    assert isinstance(await quietly(shop.order(BEN, STARS)), Refused), "it is taken"
    assert await shop.may_pay(order, ANN), "by this very order"


async def test_a_pre_checkout_beside_the_news_of_the_money(house: House) -> None:
    """The locks are taken in another order by each of them: whatever waits, nobody stays outside."""
    for number in range(6):
        shop = await house.shop([ANN], **PRICE)
        order = await shop.make(STARS)
        assert await shop.may_pay(order, ANN)
        proof = star_proof(order, f"pair {number} {shop.bot_id}", ANN)
        await asyncio.gather(
            shop.told(proof), shop.may_pay(order, ANN), shop.told(proof), shop.may_pay(order, ANN)
        )
        assert len(await shop.books(order)) == 1
        assert await shop.inside(ANN)
        assert not await shop.may_pay(order, ANN), "and it is not paid again"


async def test_a_refund_beside_the_news_of_the_same_charge(house: House) -> None:
    for number in range(6):
        shop = await house.shop([ANN], **PRICE)
        order = await shop.order(ANN, STARS)
        came = star_proof(order, f"back {number} {shop.bot_id}", ANN)
        back = Proof(State.REFUNDED, "", order_key=order.key, charge_id=came.charge_id, paid=came.paid)
        await asyncio.gather(*(shop.told(one) for one in (came, back, came, back)))
        (payment,) = await shop.books(order)
        assert not payment.stands
        assert not await shop.inside(ANN)
        assert (await shop.again(order)).status is Status.REFUNDED


async def test_an_owner_accepts_while_it_goes_back(house: House) -> None:
    for number in range(6):
        shop = await house.shop([ANN], **PRICE)
        order = await shop.order(ANN, STARS)
        little = star_proof(order, f"little {number} {shop.bot_id}", ANN, Money(100, "XTR"))
        await shop.told(little)
        (payment,) = await shop.books(order)
        assert not await shop.inside(ANN)
        refunds, owner = shop.house.refunds, shop.owner
        await asyncio.gather(
            quietly(refunds.accept(owner, shop.bot_id, payment.id)),
            quietly(refunds.refund(owner, shop.bot_id, payment.id)),
            quietly(refunds.accept(owner, shop.bot_id, payment.id)),
        )
        await refunds.run(shop.house.actor)
        (payment,) = await shop.books(order)
        assert payment.refunded == 100
        assert not await shop.inside(ANN)
        async with shop.db.read() as tx:
            owed = await payments.refund_of(tx, shop.bot_id, payment.id)
        assert owed is not None
        assert (owed.state, owed.by) == ("done", OWNER)
