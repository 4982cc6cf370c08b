"""Coupons at the counter, on both engines: whom they are for, and what they are for."""

from decimal import Decimal
from typing import Any

import pytest

from domain.coupons import Direction, Revenue
from domain.money import Money
from domain.orders import CREDIT, Status
from domain.plans import Origin
from services import coupons
from storage import coupons as store
from storage import memberships, payments
from storage.database import Database
from tests.storage.counter import ANN, BEN, CID, NOW, PROVIDER, Counter

HALF: dict[str, Any] = {"percent": Decimal(50)}
AUTO: dict[str, Any] = HALF | {"auto_apply": True}


@pytest.fixture
async def counter(db: Database) -> Counter:
    return await Counter(db).open()


async def test_the_columns_hold_a_coupon(counter: Counter) -> None:
    values: dict[str, Any] = {
        "percent": Decimal("12.50"), "amount": Decimal("0.00000001"), "min_amount": Decimal("5"),
        "max_amount": Decimal("1E+3"), "uses": 3, "plans": frozenset({7, 2}),
        "gateways": frozenset({"stripe"}), "revenue": Revenue(Direction.BELOW, Decimal("10.00"), "USD"),
        "newcomers": True, "singleuse": True, "invitee_only": True, "auto_apply": True, "expires_at": NOW,
    }  # fmt: skip
    made = await counter.coupon("Spring", **values)
    async with counter.db.read() as tx:
        found = await store.get(tx, counter.bot.id, made)
        assert found is not None
        assert {name: getattr(found, name) for name in values} == values
        assert (found.name, found.enabled) == ("Spring", True)
        assert await store.by_name(tx, counter.bot.id, "sPRING") == found
        assert await store.get(tx, counter.bot.id + 1, made) is None
        assert await store.by_name(tx, counter.bot.id + 1, "Spring") is None


async def test_a_name_is_taken_in_any_case_of_letters(counter: Counter) -> None:
    await counter.coupon("Spring", **HALF)
    async with counter.db.write() as tx:
        assert await store.create(tx, counter.bot.id, "SPRING", HALF, NOW) is None
        assert await store.create(tx, counter.bot.id + 1, "SPRING", HALF, NOW) is not None


async def test_it_counts_for_whoever_holds_it(counter: Counter) -> None:
    made = await counter.coupon("Spring", **HALF)
    assert await counter.price(ANN) is None
    await counter.hold(ANN, made)
    found = await counter.price(ANN)
    assert found is not None
    assert (found.coupon_id, found.amount) == (made, Money(500, "USD"))
    assert await counter.price(BEN) is None
    assert await counter.price(None) is None


async def test_newcomers_and_invitees(counter: Counter) -> None:
    await counter.coupon("New", newcomers=True, **AUTO)
    assert await counter.price(ANN) is not None
    assert await counter.price(None) is None
    async with counter.db.write() as tx:
        await memberships.note_grant(
            tx, counter.bot.id, ANN, 0, plan_id=counter.plan.id, origin=Origin.PURCHASE, source_id=1,
            length="1 month", start_at=NOW, end_at=NOW, now=NOW,
        )  # fmt: skip
    assert await counter.price(ANN) is None
    await counter.coupon("Invited", invitee_only=True, **AUTO)
    assert await counter.price(ANN) is None
    await counter.invite(CID, ANN)
    found = await counter.price(CID)
    assert found is not None


async def _paid(counter: Counter, who: int, paid: Money, charge: str, gateway: str = PROVIDER) -> int:
    async with counter.db.write() as tx:
        payment = await payments.note(
            tx, counter.bot.id, 1, gateway, charge, member_id=who, paid=paid, rate=None, paid_at=NOW,
            accepted=True, now=NOW,
        )  # fmt: skip
    assert payment is not None
    return payment.id


async def test_what_somebody_has_paid_so_far(counter: Counter) -> None:
    rich = Revenue(Direction.ABOVE, Decimal(10), "USD")
    await counter.coupon("Rich", revenue=rich, **AUTO)
    poor = Revenue(Direction.BELOW, Decimal("0.01"), "USD")
    await counter.coupon("Poor", revenue=poor, **AUTO | {"percent": Decimal(20)})
    first = await counter.price(ANN)
    assert first is not None
    assert first.name == "Poor", "nothing paid is less than a cent"
    await _paid(counter, ANN, Money(1000, "USD"), "a")
    await _paid(counter, ANN, Money(9900, "USD"), "b", CREDIT)
    assert await counter.price(ANN) is None, "credit is no money, and 10 is not more than 10"
    more = await _paid(counter, ANN, Money(100, "USD"), "c")
    found = await counter.price(ANN)
    assert found is not None
    assert found.name == "Rich"
    async with counter.db.write() as tx:
        await payments.change(tx, counter.bot.id, more, refunded=100)
    assert await counter.price(ANN) is None
    async with counter.db.write() as tx:
        await payments.change(tx, counter.bot.id, more, refunded=0, disputed_at=NOW)
    assert await counter.price(ANN) is None


async def test_what_was_paid_in_other_currencies_is_converted(counter: Counter) -> None:
    await counter.coupon("Rich", revenue=Revenue(Direction.ABOVE, Decimal(10), "USD"), **AUTO)
    await _paid(counter, ANN, Money(900, "EUR"), "a")
    assert await counter.price(ANN) is None, "9 EUR were 9.80 USD on that day"
    await _paid(counter, ANN, Money(20, "EUR"), "b")
    assert await counter.price(ANN) is not None, "9.20 EUR were 10.02 USD"
    await _paid(counter, ANN, Money(10_000, "RUB"), "c")
    assert await counter.price(ANN) is None, "nobody knows what roubles are worth: so no"


async def test_another_bots_coupons_count_for_nobody(counter: Counter) -> None:
    async with counter.db.write() as tx:
        other = await store.create(tx, counter.bot.id + 1, "Spring", AUTO, NOW)
        assert other is not None
    await counter.hold(ANN, other)
    assert await counter.price(ANN) is None
    async with counter.db.write() as tx:
        assert not await store.change(tx, counter.bot.id, other, {"enabled": False})
        assert not await store.remove(tx, counter.bot.id, other)


async def test_what_was_ordered_with_stays(counter: Counter) -> None:
    made = await counter.coupon("Spring", **HALF)
    spare = await counter.coupon("Spare", **HALF)
    await counter.hold(ANN, made)
    await counter.hold(BEN, spare)
    order = await counter.order(ANN)
    await counter.set(order, status=Status.CANCELED.value)
    async with counter.db.write() as tx:
        assert not await store.remove(tx, counter.bot.id, made)
        assert await store.remove(tx, counter.bot.id, spare)
        assert await store.in_hand(tx, counter.bot.id, BEN) is None
        assert await store.in_hand(tx, counter.bot.id, ANN) == made


async def test_used_leaves_the_hand_and_says_so_once(counter: Counter) -> None:
    made, other = await counter.coupon("Spring", **HALF), await counter.coupon("Autumn", **HALF)
    await counter.hold(ANN, made)
    order = await counter.order(ANN)
    async with counter.work() as work:
        await coupons.used(work, counter.bot, order)
        assert [one.kind for one in work.events] == ["coupon.used"]
        assert work.events[0].data["coupon"] == "Spring"
        assert await store.in_hand(work.tx, counter.bot.id, ANN) is None
    await counter.hold(ANN, other)
    async with counter.work() as work:
        await coupons.used(work, counter.bot, order)
        assert await store.in_hand(work.tx, counter.bot.id, ANN) == other, "another one stays in hand"


async def test_prices_of_a_list(counter: Counter) -> None:
    await counter.coupon("Spring", plans=frozenset({counter.plan.id}), **AUTO)
    async with counter.db.read() as tx:
        found = await coupons.prices(tx, counter.bot.id, [counter.plan], ANN, NOW)
        none = await coupons.prices(tx, counter.bot.id, [], ANN, NOW)
    assert {plan_id: one.amount.minor for plan_id, one in found.items()} == {counter.plan.id: 500}
    assert not none
