"""No coupon is used more often than it may, on both engines: who gets the last use, and what holds one."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from domain.errors import Refused
from domain.orders import STARS, Order, Status
from storage import coupons as store
from storage.database import Database, Tx
from tests.storage.counter import ANN, BEN, CID, DAN, NOW, PROVIDER, Counter

HALF: dict[str, Any] = {"percent": Decimal(50)}
AUTO: dict[str, Any] = HALF | {"auto_apply": True}


@pytest.fixture
async def counter(db: Database) -> Counter:
    return await Counter(db).open()


async def test_of_a_crowd_one_gets_the_last_use(counter: Counter) -> None:
    made = await counter.coupon("Spring", uses=1, **HALF)
    for who in (ANN, BEN, CID, DAN):
        await counter.hold(who, made)
    placed = await asyncio.gather(*(counter.order(who) for who in (ANN, BEN, CID, DAN)))
    assert sorted(one.amount.minor for one in placed) == [500, 1000, 1000, 1000]


async def test_the_best_by_itself_has_a_last_use_too(counter: Counter) -> None:
    await counter.coupon("Great", uses=2, **AUTO | {"percent": Decimal(90)})
    await counter.coupon("Good", uses=1, **AUTO)
    placed = await asyncio.gather(*(counter.order(who) for who in (ANN, BEN, CID, DAN)))
    assert sorted(one.amount.minor for one in placed) == [100, 100, 500, 1000]


async def test_once_per_person_is_once_however_quick(counter: Counter) -> None:
    made = await counter.coupon("Spring", singleuse=True, **HALF)
    for who in (ANN, BEN):
        await counter.hold(who, made)
    placed = await asyncio.gather(*(counter.order(ANN) for _ in range(4)), counter.order(BEN))
    assert sorted(one.amount.minor for one in placed) == [500, 500, 1000, 1000, 1000]
    assert placed[-1].amount.minor == 500


async def test_whom_strictness_tells_why(counter: Counter) -> None:
    made = await counter.coupon("Spring", uses=1, **HALF)
    for who in (ANN, BEN):
        await counter.hold(who, made)
    await counter.order(ANN, strict=True)
    with pytest.raises(Refused) as refused:
        await counter.order(BEN, strict=True)
    assert refused.value.reason == "coupon_not_here"
    assert refused.value.details["why"] == "coupon_used_up"


@pytest.mark.parametrize(
    ("status", "free"),
    [
        (Status.PENDING, False), (Status.COMPLETED, False), (Status.DISPUTED, False),
        (Status.EXPIRED, True), (Status.CANCELED, True), (Status.REFUNDED, True),
    ],
)  # fmt: skip
async def test_what_holds_a_use(counter: Counter, status: Status, free: bool) -> None:
    await counter.coupon("Spring", uses=1, **AUTO)
    order = await counter.order(ANN)
    await counter.set(order, status=status.value)
    assert (await counter.price(BEN) is not None) is free
    assert (await counter.price(None) is not None) is free


async def test_an_order_that_ran_out_holds_nothing(counter: Counter) -> None:
    await counter.coupon("Spring", uses=1, **AUTO)
    order = await counter.order(ANN)
    counter.clock.at = order.expires_at - timedelta(seconds=1)
    assert await counter.price(BEN) is None
    counter.clock.at = order.expires_at
    assert await counter.price(BEN) is not None


async def test_late_money_counts_beyond_the_limit(counter: Counter) -> None:
    made = await counter.coupon("Spring", uses=1, **AUTO)
    late = await counter.order(ANN)
    counter.clock.at = late.expires_at
    await counter.set(await counter.order(BEN), status=Status.COMPLETED.value)
    await counter.set(late, status=Status.COMPLETED.value)
    async with counter.db.read() as tx:
        assert await store.used(tx, counter.bot.id, [made], counter.clock.at) == {made: 2}
    assert await counter.price(CID) is None


async def test_who_turns_from_plan_to_plan_keeps_his_coupon_but_pays_with_it_once(counter: Counter) -> None:
    made = await counter.coupon("Spring", uses=1, singleuse=True, **HALF)
    await counter.hold(ANN, made)
    await counter.hold(BEN, made)
    orders = [await counter.order(ANN, STARS, strict=True) for _ in range(3)]
    assert {one.amount.minor for one in orders} == {500}
    assert await counter.price(BEN) is None, "to others he holds it"
    answers = await asyncio.gather(*(counter.agreed(one) for one in orders))
    assert sorted(answers) == [False, False, True]
    yes = orders[answers.index(True)]
    assert await counter.agreed(yes), "Telegram may ask twice"
    assert await counter.price(ANN) is None, "the money may come any moment"
    await counter.set(yes, status=Status.COMPLETED.value)
    for other in orders:
        assert await counter.agreed(other) is (other is yes)


async def test_a_yes_holds_the_coupon_even_if_the_order_is_let_go(counter: Counter) -> None:
    made = await counter.coupon("Spring", singleuse=True, **HALF)
    await counter.hold(ANN, made)
    first = await counter.order(ANN, STARS)
    assert await counter.agreed(first)
    await counter.set(first, status=Status.CANCELED.value)
    second = await counter.order(ANN, STARS)
    assert second.coupon_id is None
    counter.clock.at += timedelta(minutes=11)
    assert (await counter.order(ANN, STARS)).coupon_id == made, "no money came"


async def test_a_page_of_a_provider_may_be_paid_any_moment(counter: Counter) -> None:
    made = await counter.coupon("Spring", singleuse=True, **HALF)
    await counter.hold(ANN, made)
    await counter.order(ANN, PROVIDER, hold=timedelta(hours=24))
    assert (await counter.order(ANN, STARS)).coupon_id is None


async def test_what_pre_checkout_asks(counter: Counter) -> None:
    made = await counter.coupon("Spring", uses=1, expires_at=NOW + timedelta(minutes=5), **HALF)
    await counter.hold(ANN, made)
    order = await counter.order(ANN, STARS)
    assert await counter.agreed(order), "the order itself is one of the uses"

    async def change(**values: Any) -> None:
        async with counter.db.write() as tx:
            await store.change(tx, counter.bot.id, made, values)

    await change(enabled=False)
    assert not await counter.agreed(order)
    await change(enabled=True, percent=Decimal(10))
    assert await counter.agreed(order), "an order keeps its price"
    counter.clock.at = NOW + timedelta(minutes=5)
    assert not await counter.agreed(order)
    await change(expires_at=None)
    assert await counter.agreed(order)


async def test_an_order_that_ran_out_is_agreed_to_while_there_is_room(counter: Counter) -> None:
    made = await counter.coupon("Spring", uses=1, **HALF)
    await counter.hold(ANN, made)
    await counter.hold(BEN, made)
    late = await counter.order(ANN, STARS)
    counter.clock.at = late.expires_at
    assert await counter.agreed(late)
    counter.clock.at += timedelta(minutes=11)
    assert (await counter.order(BEN, STARS)).coupon_id == made
    assert not await counter.agreed(late)


async def test_an_order_without_a_coupon_is_good(counter: Counter) -> None:
    assert await counter.agreed(await counter.order(ANN, STARS))


async def _until_somebody_waits(tx: Tx) -> None:
    """Until another transaction waits for a lock; on SQLite whoever writes waits from the beginning."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(10_000 if tx.dialect.name == "postgresql" else 0):
        if (await tx.execute(waiting)).scalar_one():
            break


async def test_deleting_waits_for_the_order_that_is_being_made(counter: Counter) -> None:
    made = await counter.coupon("Spring", **HALF)
    await counter.hold(ANN, made)
    counted = asyncio.Event()

    async def order() -> Order:
        async with counter.db.write() as tx:
            placed = await counter.place(tx, ANN, PROVIDER, timedelta(minutes=20))
            counted.set()
            await _until_somebody_waits(tx)
        return placed

    async def remove() -> bool:
        await counted.wait()
        async with counter.db.write() as tx:
            return await store.remove(tx, counter.bot.id, made)

    placed, removed = await asyncio.gather(order(), remove())
    assert placed.coupon_id == made
    assert not removed
