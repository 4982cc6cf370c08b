"""Between payment and access the process may die at any await. Telegram tells again, and then all is well.

The control gives access in a second transaction, as is often done: it must leave somebody outside who has
paid.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.app import App
from domain.actor import Door
from domain.errors import DuplicateUpdate
from domain.gateways import Proof, State
from domain.money import Money
from domain.orders import STARS, Order, Status
from sandbox import Sandbox
from services.settling import settle
from storage import affiliates, events, memberships, orders, payments, people, updates
from storage.people import Person
from tests.crash.cutting import cut_off
from tests.stories.membership import Club, open_club

AMOUNT = Money(500, "XTR")
MOST_AWAITS = 600


@dataclass
class Shop:
    """A club that sells for Stars, and buyers one after the other."""

    club: Club
    tg: Sandbox
    number: int = 0

    async def order(self) -> tuple[Any, Order]:
        """Somebody new with an open order, invited by an affiliate."""
        self.number += 1
        club, buyer = self.club, self.tg.user(f"Buyer {self.number}")
        async with club.app.db.write() as tx:
            now = club.app.clock.now()
            known = Person(buyer.id, buyer.name, None, None, "en")
            await people.remember(tx, club.bot_id, known, now, started=True)
            await affiliates.attribute(tx, club.bot_id, buyer.id, club.olga.id, now, first_wins=False)
            order = await orders.create(
                tx, club.bot_id, f"GH-{self.number}", kind=orders.Kind.NEW, status=Status.PENDING,
                member_id=buyer.id, plan_id=club.plan_id, plan_name="Gold", project_id=club.project_id,
                length="1 month", gateway=STARS, price=AMOUNT, amount=AMOUNT, now=now,
                expires_at=now + timedelta(minutes=20),
            )  # fmt: skip
        return buyer, order

    def told(self, buyer: Any, order: Order) -> Coroutine[Any, Any, Any]:
        """Telegram's update about the payment, worked off."""
        door = Door(self.club.bot_id, 900_000 + self.number, buyer.id)
        house = replace(self.club.app.house.actor, door=door)
        return self.club.app.house.taking.paid(house, self.club.bot_id, STARS, proof_of(order))

    async def wrongs(self, buyer: Any, order: Order) -> list[str]:
        """What is wrong now; nothing when who has paid has exactly what he paid for."""
        club = self.club
        async with club.app.db.read() as tx:
            paid = await payments.of_order(tx, club.bot_id, order.id)
            state = await orders.get(tx, club.bot_id, order.id)
            held = await memberships.get(tx, club.bot_id, buyer.id, club.project_id)
            told = [data for _, data in await events.of_owner(tx, club.olga.id, "order.completed")]
        found = []
        if len(paid) != 1:
            found.append(f"{len(paid)} payments")
        if state is None or state.status is not Status.COMPLETED:
            found.append("the order is not completed")
        if held is None or held.end_at is None:
            found.append("paid but no access")
        elif not timedelta(days=27) < held.end_at - club.app.clock.now() < timedelta(days=32):
            found.append("not one month")
        if sum(data["order"] == order.key for data in told) != 1:
            found.append("not one event")
        return found


def proof_of(order: Order) -> Proof:
    """What Telegram says of its payment."""
    return Proof(
        State.PAID, order.key, order_key=order.key, charge_id=f"charge of {order.key}", paid=order.amount
    )


@pytest.fixture
async def shop(
    tg: Sandbox, start_app: Callable[..., Any], service: Any, olga: Any, database_url: str
) -> AsyncIterator[Shop]:
    """The shop, on each engine."""
    async with start_app(
        bot_token=service.token, owner_ids=frozenset({olga.id}), database_url=database_url
    ) as app:
        yield Shop(await open_club(tg, app, olga, service), tg)


async def cut_everywhere(shop: Shop, told: Callable[[Any, Order], Coroutine[Any, Any, Any]]) -> list[str]:
    """Cut the work off at each of its awaits, a new buyer each time, and let Telegram tell again."""
    wrongs: list[str] = []
    for at in range(1, MOST_AWAITS):
        buyer, order = await shop.order()
        reached = await cut_off(told(buyer, order), at)
        if reached:
            with suppress(DuplicateUpdate):  # the commit was made all the same
                await told(buyer, order)
        wrongs += [f"await {at}: {wrong}" for wrong in await shop.wrongs(buyer, order)]
        if not reached:
            assert at > 10, "the work has more awaits than that"
            return wrongs
    raise AssertionError("the work never came to its end")


async def test_who_has_paid_has_access_wherever_it_was_cut_off(shop: Shop) -> None:
    assert await cut_everywhere(shop, shop.told) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_control_leaves_somebody_outside(shop: Shop) -> None:
    club = shop.club

    async def in_two_steps(buyer: Any, order: Order) -> None:
        """First the update is taken and the payment written, then access is given."""
        app: App = club.app
        bot = await app.house.directory.get(club.bot_id)
        async with app.db.write() as tx:
            if not await updates.claim(tx, club.bot_id, 900_000 + shop.number, app.clock.now()):
                return
        async with app.house.taking._work() as work:
            await settle(work, bot, STARS, proof_of(order))

    wrongs = await cut_everywhere(shop, in_two_steps)
    assert any("paid but no access" in wrong for wrong in wrongs)


async def test_ten_thousand_replays_of_a_charge_are_one_credit(shop: Shop) -> None:
    buyer, order = await shop.order()
    app, proof = shop.club.app, proof_of(order)
    told = app.house.taking.paid
    times = 10_000 if app.db.dialect == "sqlite" else 500
    for _ in range(times // 50):
        await asyncio.gather(*(told(app.house.actor, shop.club.bot_id, STARS, proof) for _ in range(50)))
    assert await shop.wrongs(buyer, order) == []
