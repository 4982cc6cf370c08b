"""Credit on both engines: never spent twice, never below zero."""

import asyncio

import pytest

from domain.errors import NotFound
from domain.money import Money
from services import credit
from storage import credit as credit_store
from storage.credit import Reason
from storage.database import Database
from tests.storage.counter import ANN, BEN, NOW, Counter


@pytest.fixture
async def counter(db: Database) -> Counter:
    return await Counter(db).open()


async def held(counter: Counter, who: int) -> list[str]:
    async with counter.db.read() as tx:
        return [str(one) for one in await credit.balance(tx, counter.bot.id, who)]


async def give(counter: Counter, who: int, minor: int) -> None:
    async with counter.db.write() as tx:
        await credit_store.add(tx, counter.bot.id, who, Money(minor, "USD"), Reason.GIFT, None, NOW)


async def spend(counter: Counter, who: int, minor: int, order_id: int) -> bool:
    async with counter.work() as work:
        return await credit.spend(work, counter.bot.id, who, Money(minor, "USD"), order_id)


async def test_credit_is_spent_once_and_never_below_zero(counter: Counter) -> None:
    await give(counter, ANN, 600)
    await give(counter, ANN, 400)
    done = await asyncio.gather(*(spend(counter, ANN, 400, number) for number in range(6)))
    assert sum(done) == 2
    assert await held(counter, ANN) == ["2.00 USD"]
    paid = done.index(True)
    assert await asyncio.gather(*(spend(counter, ANN, 400, paid) for _ in range(3))) == [True] * 3
    assert await held(counter, ANN) == ["2.00 USD"], "an order is paid once"


async def test_what_credit_does_not_pay(counter: Counter) -> None:
    await give(counter, ANN, 600)
    assert not await spend(counter, ANN, 601, 1)
    assert not await spend(counter, ANN, -1, 2), "nobody earns by spending"
    assert not await spend(counter, BEN, 1, 3)
    async with counter.work() as work:
        assert not await credit.spend(work, counter.bot.id, ANN, Money(1, "EUR"), 4)
        assert not await credit.spend(work, counter.bot.id, ANN, Money(1, "XTR"), 5)
        with pytest.raises(NotFound):
            await credit.spend(work, counter.bot.id, 999, Money(1, "USD"), 6)
    assert await held(counter, ANN) == ["6.00 USD"]


async def test_credit_comes_back_once(counter: Counter) -> None:
    await give(counter, ANN, 600)
    await spend(counter, ANN, 600, 1)
    assert await held(counter, ANN) == []

    async def back() -> bool:
        async with counter.work() as work:
            return await credit.give_back(work, counter.bot.id, ANN, Money(600, "USD"), 7)

    assert sorted(await asyncio.gather(*(back() for _ in range(3)))) == [False, False, True]
    assert await held(counter, ANN) == ["6.00 USD"]


async def test_credit_of_one_bot_is_none_at_another(counter: Counter) -> None:
    await give(counter, ANN, 600)
    async with counter.db.read() as tx:
        assert await credit.balance(tx, counter.bot.id + 1, ANN) == []
