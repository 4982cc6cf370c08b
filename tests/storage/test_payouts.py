"""Commissions and payouts on both engines: nothing is earned or paid twice."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.actor import Actor
from domain.commissions import Account, How, State
from domain.errors import Conflict, NotAllowed, NotFound, Refused
from domain.money import Money
from domain.orders import CREDIT, FREE, GIFT, TOKEN, Kind
from services import commissions, credit
from storage import commissions as store
from storage import events, orders, outbox, payments
from storage.database import Database
from tests.storage.counter import ANN, BEN, CID, DAN, NOW, OWNER, PROVIDER, Counter

HELD = timedelta(days=14)


@pytest.fixture
async def counter(db: Database) -> Counter:
    """Ann brought Ben, Ben brought Cid; 20 % and 10 %, then 5 % and nothing."""
    opened = await Counter(db).open()
    await opened.invite(BEN, ANN)
    await opened.invite(CID, BEN)
    await opened.terms(("20", "10"), ("5", "0"))
    return opened


async def account(counter: Counter, who: int) -> Account:
    async with counter.db.read() as tx:
        return await store.account(tx, counter.bot.id, who, "USD", counter.clock.now())


async def held(counter: Counter, who: int) -> list[str]:
    async with counter.db.read() as tx:
        return [str(one) for one in await credit.balance(tx, counter.bot.id, who)]


async def kinds(counter: Counter) -> list[str]:
    async with counter.db.read() as tx:
        return [kind for kind, _ in await events.of_owner(tx, OWNER)]


async def outcome(call: Awaitable[Any]) -> Any:
    """What a call returns, or the reason it gives for refusing."""
    try:
        return await call
    except (Refused, Conflict) as error:
        return error.reason


async def test_each_level_earns_its_share(counter: Counter) -> None:
    await counter.pay(CID, 999)
    assert [(await account(counter, who)).earned for who in (BEN, ANN, CID)] == [199, 49, 0]
    await counter.pay(CID, 999, first=False)
    assert [(await account(counter, who)).earned for who in (BEN, ANN)] == [298, 49]
    assert (await kinds(counter)).count("affiliate.earned") == 3


async def test_a_payment_is_shared_once(counter: Counter) -> None:
    payment_id = await counter.pay(CID, 1000)
    async with counter.db.read() as tx:
        payment = await payments.get(tx, counter.bot.id, payment_id)
        assert payment is not None
        order = await orders.get(tx, counter.bot.id, payment.order_id)
    assert order is not None

    async def again() -> None:
        async with counter.work() as work:
            await commissions.earn(work, counter.bot, order, payment_id, payment.paid, first=False)

    await asyncio.gather(*(again() for _ in range(3)))
    assert [(await account(counter, who)).earned for who in (BEN, ANN)] == [200, 50]
    assert (await kinds(counter)).count("affiliate.earned") == 2


@pytest.mark.parametrize("gateway", [CREDIT, FREE, TOKEN, GIFT])
async def test_what_is_no_money_earns_nothing(counter: Counter, gateway: str) -> None:
    await counter.pay(CID, 1000, gateway=gateway)
    assert (await account(counter, BEN)).earned == 0


async def test_gifts_and_donations_earn_nothing(counter: Counter) -> None:
    order = await counter.order(CID)
    for kind in (Kind.GIFT, Kind.DONATION):
        async with counter.work() as work:
            await commissions.earn(
                work, counter.bot, replace(order, kind=kind), 1, Money(1000, "USD"), first=True
            )
    assert (await account(counter, BEN)).earned == 0


async def test_nobody_earns_of_himself(counter: Counter) -> None:
    await counter.invite(ANN, CID)  # Ann brought Ben, who brought Cid, who brought Ann
    await counter.terms(*[("10", "10")] * 5)
    await counter.pay(CID, 1000)
    assert [(await account(counter, who)).earned for who in (ANN, BEN, CID)] == [100, 100, 0]
    await counter.invite(DAN, DAN)
    await counter.pay(DAN, 1000)
    assert (await account(counter, DAN)).earned == 0


async def test_an_order_made_for_nobody_counts_for_whoever_took_it(counter: Counter) -> None:
    order = await counter.order(None)
    paid = Money(1000, "USD")
    async with counter.work() as work:
        payment = await payments.note(
            work.tx, counter.bot.id, order.id, PROVIDER, "x", member_id=None, paid=paid, rate=None,
            paid_at=NOW, accepted=True, now=NOW,
        )  # fmt: skip
        assert payment is not None
        await commissions.earn(work, counter.bot, order, payment.id, paid, first=True)
        assert (await store.accounts(work.tx, counter.bot.id, BEN, NOW)) == []
        await payments.change(work.tx, counter.bot.id, payment.id, member_id=CID)
        await commissions.earn(work, counter.bot, order, payment.id, paid, first=True)
    assert (await account(counter, BEN)).earned == 200


async def test_it_is_held_then_due_and_taken_back_with_the_payment(counter: Counter) -> None:
    payment_id = await counter.pay(CID, 1000)
    found = await account(counter, BEN)
    assert (found.held, found.due) == (200, 0)
    counter.clock.at = NOW + HELD
    assert (await account(counter, BEN)).due == 200
    async with counter.work() as work:
        await commissions.reverse(work, counter.bot, payment_id)
    assert (await account(counter, BEN)) == Account("USD", 0, 0, 0, 0)
    async with counter.work() as work:
        await commissions.reverse(work, counter.bot, payment_id)
    assert (await kinds(counter)).count("affiliate.reversed") == 2, "one per level, once"


async def test_a_dispute_that_is_won_brings_it_back(counter: Counter) -> None:
    payment_id = await counter.pay(CID, 1000)
    async with counter.db.read() as tx:
        payment = await payments.get(tx, counter.bot.id, payment_id)
        assert payment is not None
        order = await orders.get(tx, counter.bot.id, payment.order_id)
        assert order is not None
    async with counter.work() as work:
        await commissions.reverse(work, counter.bot, payment_id)
        await commissions.earn(work, counter.bot, order, payment_id, payment.paid, first=True)
    assert (await account(counter, BEN)).earned == 200


async def test_two_requests_at_once_are_one(counter: Counter) -> None:
    await counter.pay(CID, 1000)
    counter.clock.at = NOW + HELD
    ask = [outcome(counter.payouts.request(counter.actor(BEN), counter.bot.id, "USD")) for _ in range(4)]
    answers = await asyncio.gather(*ask)
    assert answers.count(Money(200, "USD")) == 1
    assert answers.count("payout_open") == 3
    assert await counter.paid_out(BEN) == [(200, State.REQUESTED, How.OWNER)]


async def test_a_request_and_credit_at_once_are_one(counter: Counter) -> None:
    await counter.pay(CID, 1000)
    counter.clock.at = NOW + HELD
    ben, bot_id = counter.actor(BEN), counter.bot.id
    answers = await asyncio.gather(
        outcome(counter.payouts.request(ben, bot_id, "USD")),
        *(outcome(counter.payouts.as_credit(ben, bot_id, "USD")) for _ in range(3)),
    )
    assert answers.count(Money(200, "USD")) == 1
    assert len(await counter.paid_out(BEN)) == 1
    assert (await account(counter, BEN)).due == 0


async def test_a_request_is_paid_once(counter: Counter) -> None:
    await counter.pay(CID, 1000)
    counter.clock.at = NOW + HELD
    bot_id, owner = counter.bot.id, counter.actor(OWNER)
    await counter.payouts.request(counter.actor(BEN), bot_id, "USD")
    (asked,), _ = await counter.payouts.listing(owner, bot_id, 0)
    answers = await asyncio.gather(
        *(outcome(counter.payouts.pay(owner, bot_id, asked.id, 200)) for _ in range(3)),
        outcome(counter.payouts.decline(owner, bot_id, asked.id)),
    )
    assert answers.count(None) == 1
    assert answers.count("payout_settled") == 3
    assert (await kinds(counter)).count("affiliate.paid") <= 1


async def test_the_smallest_payout_and_what_rolls_over(counter: Counter) -> None:
    await counter.terms(("20", "10"), minimum={"USD": 300})
    await counter.pay(CID, 1000)
    counter.clock.at = NOW + HELD
    ben = counter.actor(BEN)
    assert await outcome(counter.payouts.request(ben, counter.bot.id, "USD")) == "payout_minimum"
    assert await outcome(counter.payouts.request(ben, counter.bot.id, "EUR")) == "payout_nothing"
    await counter.pay(CID, 1000, first=False)
    counter.clock.at += HELD
    assert await counter.payouts.request(ben, counter.bot.id, "usd") == Money(300, "USD")


async def test_a_refund_makes_an_open_request_smaller(counter: Counter) -> None:
    payment_id = await counter.pay(CID, 1000)
    await counter.pay(CID, 500)
    counter.clock.at = NOW + HELD
    bot_id, owner = counter.bot.id, counter.actor(OWNER)
    await counter.payouts.request(counter.actor(BEN), bot_id, "USD")
    (asked,), _ = await counter.payouts.listing(owner, bot_id, 0)
    async with counter.work() as work:
        await commissions.reverse(work, counter.bot, payment_id)
    assert (await counter.payouts.panel(owner, bot_id, asked.id))[1] == 100
    assert await outcome(counter.payouts.pay(owner, bot_id, asked.id, 300)) == "payout_changed"
    await counter.payouts.pay(owner, bot_id, asked.id, 100)
    assert (await account(counter, BEN)) == Account("USD", 100, 0, 0, 100)


async def test_a_request_that_refunds_have_eaten_up_cannot_be_paid(counter: Counter) -> None:
    payment_id = await counter.pay(CID, 1000)
    counter.clock.at = NOW + HELD
    bot_id, owner = counter.bot.id, counter.actor(OWNER)
    await counter.payouts.request(counter.actor(BEN), bot_id, "USD")
    (asked,), _ = await counter.payouts.listing(owner, bot_id, 0)
    async with counter.work() as work:
        await commissions.reverse(work, counter.bot, payment_id)
    for minor in (0, 200, -200):
        assert await outcome(counter.payouts.pay(owner, bot_id, asked.id, minor)) == "payout_changed"
    await counter.payouts.decline(owner, bot_id, asked.id, "refunded")
    assert (await account(counter, BEN)).due == 0


async def test_what_was_paid_out_before_a_refund_is_made_up_for(counter: Counter) -> None:
    payment_id = await counter.pay(CID, 1000)
    counter.clock.at = NOW + HELD
    ben, bot_id = counter.actor(BEN), counter.bot.id
    await counter.payouts.as_credit(ben, bot_id, "USD")
    assert await held(counter, BEN) == ["2.00 USD"]
    async with counter.work() as work:
        await commissions.reverse(work, counter.bot, payment_id)
    assert (await account(counter, BEN)).due == -200
    assert await outcome(counter.payouts.as_credit(ben, bot_id, "USD")) == "payout_nothing"
    await counter.pay(CID, 1500)
    counter.clock.at += HELD
    assert await counter.payouts.request(ben, bot_id, "USD") == Money(100, "USD")


async def test_what_is_declined_is_due_again(counter: Counter) -> None:
    await counter.pay(CID, 1000)
    counter.clock.at = NOW + HELD
    ben, owner, bot_id = counter.actor(BEN), counter.actor(OWNER), counter.bot.id
    for _ in range(2):
        await counter.payouts.request(ben, bot_id, "USD")
        asked = (await counter.payouts.listing(owner, bot_id, 0))[0][0]
        await counter.payouts.decline(owner, bot_id, asked.id)
    assert (await account(counter, BEN)).due == 200


async def test_only_the_owner_settles(counter: Counter) -> None:
    await counter.pay(CID, 1000)
    counter.clock.at = NOW + HELD
    bot_id = counter.bot.id
    await counter.payouts.request(counter.actor(BEN), bot_id, "USD")
    (asked,), _ = await counter.payouts.listing(counter.actor(OWNER), bot_id, 0)
    ben = counter.actor(BEN)
    for call in (
        counter.payouts.pay(ben, bot_id, asked.id, 200), counter.payouts.decline(ben, bot_id, asked.id),
        counter.payouts.listing(ben, bot_id, 0), counter.payouts.panel(ben, bot_id, asked.id),
        counter.payouts.export(ben, bot_id), counter.payouts.tell(ben),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            await call
    with pytest.raises(NotFound):
        await counter.payouts.pay(counter.actor(OWNER), bot_id, asked.id + 1, 200)


async def test_affiliates_are_told_once_of_all_they_earned(counter: Counter) -> None:
    await counter.pay(CID, 1000)
    await counter.pay(CID, 1000, first=False)
    refunded = await counter.pay(CID, 5000)
    async with counter.work() as work:
        await commissions.reverse(work, counter.bot, refunded)
    house = Actor(0, counter.languages.translator())
    await asyncio.gather(*(counter.payouts.tell(house) for _ in range(3)))
    assert await counter.payouts.tell(house) == 0
    async with counter.db.read() as tx:
        rows = await outbox.due(tx, counter.clock.now(), 0, 10)
    texts = {row.chat_id: row.payload.decode() for row in rows}
    assert set(texts) == {ANN, BEN}
    assert "$3.00" in texts[BEN]
    assert "2 times" in texts[BEN]
    assert "$0.50" in texts[ANN]
