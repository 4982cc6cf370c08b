"""Whatever happens to money, in whatever order and however often it is told: the books agree with it.

Hypothesis invents histories; after each step everything in the database is held against the simplest
possible bookkeeping (`tests.money.ledger`). The control is the mistake most bots make: the invoice's
payload as the key.
"""

import asyncio
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.commissions import SETTINGS
from domain.durations import days, parse
from domain.errors import NotFound, Refused
from domain.gateways import Proof, State
from domain.money import Money
from domain.orders import STARS, Order, Status
from storage import affiliates, coupons, payments, plans
from storage import settings as stored
from storage.database import Database
from tests.money.books import check
from tests.money.ledger import Book, Coin
from tests.money.shop import House, Shop, star_proof
from tests.money.till import TILL

ANN, BEN, SETH = 501, 502, 503  # Seth brought both
BUYERS = (ANN, BEN)
USES = 2  # of the coupon
PICK = st.integers(0, 1_000)
LENGTHS = {TILL: parse("1 month"), STARS: days(30)}


class World:
    """One house for all histories, and a loop that stands still between two steps."""

    def __init__(self, runner: asyncio.Runner, house: House) -> None:
        self.runner, self.house = runner, house

    def __call__(self, work: Any) -> Any:
        return self.runner.run(work)


@pytest.fixture(scope="module")
def world(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    path = tmp_path_factory.mktemp("machine") / "gatehouse.db"
    shutil.copy(migrated_sqlite, path)
    with asyncio.Runner() as runner:
        opened = Database.open(f"sqlite+aiosqlite:///{path}")
        db = runner.run(opened.__aenter__())
        yield World(runner, House(db))
        runner.run(opened.__aexit__(None, None, None))


class Machine(RuleBasedStateMachine):
    """A shop, two buyers, a provider, and a clock nobody trusts."""

    uses = USES

    def __init__(self, world: World) -> None:
        super().__init__()
        self.run, self.all = world, world.house
        self.orders: list[Order] = []
        self.coins: list[Coin] = []
        self.proofs: list[Proof] = []
        self.books = {who: Book() for who in BUYERS}
        self.late_uses = 0  # of the coupon, by money that came after its order had let go of it
        self.unasked: set[int] = set()  # orders paid at Telegram without its asking us, as never happens
        self.last: dict[int, Order] = {}  # the orders as they were one step ago
        self.exact = True  # until the clock goes back
        self.shop: Shop = self.run(self._open())
        self.clock, self.till = self.all.clock, self.all.till
        self.house = self.shop.house

    async def _open(self) -> Shop:
        self.all.clock.advance(days=10)  # nobody asks about orders of earlier histories any more
        shop = await self.all.shop([*BUYERS, SETH])
        now = self.all.clock.now()
        async with shop.db.write() as tx:
            values = {"name": "Star", "duration": "30 days", "price": 500, "currency": "XTR"}
            self.star_plan = await plans.create(
                tx, shop.bot_id, values | {"project_id": shop.project_id}, now
            )
            half: dict[str, Any] = {"percent": Decimal(50), "uses": USES, "auto_apply": True}
            self.coupon = await coupons.create(tx, shop.bot_id, "Spring", half, now)
            for who in BUYERS:
                await affiliates.attribute(tx, shop.bot_id, who, SETH, now, first_wins=False)
            levels = {"levels": [["20", "20"]]}
            await stored.change(tx, shop.bot_id, stored.DEFAULT_CHAT, SETTINGS, levels, now)
        return shop

    # What people do.

    @rule(who=st.sampled_from(BUYERS), gateway=st.sampled_from([TILL, STARS]))
    def order(self, who: int, gateway: str) -> None:
        plan = self.shop.plan_id if gateway == TILL else self.star_plan
        self.orders.append(self.run(self.shop.order(who, gateway, plan)))

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, extra=st.sampled_from([0, 0, 0, 0, 1, -1]), other=st.sampled_from([False] * 5 + [True]))
    def pay(self, pick: int, extra: int, other: bool) -> None:
        """Money moves at the provider, or, without anybody having asked us, at Telegram."""
        order = self.orders[pick % len(self.orders)]
        currency = "EUR" if other else order.amount.currency
        if order.gateway == STARS:
            self.unasked.add(order.id)
        self._pay(order, Money(order.amount.minor + extra, currency))

    @precondition(lambda self: self.orders)
    @rule(pick=PICK)
    def ask_and_pay(self, pick: int) -> None:
        """Telegram asks first, as it does."""
        order = self.orders[pick % len(self.orders)]
        if order.gateway == STARS and self.run(self.shop.may_pay(order, order.member_id or 0)):
            assert self.run(self.shop.again(order)).status is Status.PENDING
            self._pay(order, order.amount)
            self._tell(self.coins[-1])

    def _pay(self, order: Order, amount: Money) -> None:
        if order.gateway == TILL:
            charge = self.till.pay(order.ref or "", order.key, amount).id
        else:
            charge = f"star {self.shop.bot_id} {len(self.coins)}"
            self.proofs.append(star_proof(order, charge, order.member_id or 0, amount))
        self.coins.append(Coin(charge, order, order.gateway, amount))

    @precondition(lambda self: self.coins)
    @rule(pick=PICK)
    def tell(self, pick: int) -> None:
        """News of a charge come, for the first time or again."""
        self._tell(self.coins[pick % len(self.coins)])

    def _tell(self, coin: Coin) -> None:
        if coin.gateway == TILL:
            self.run(self.shop.notified(coin.id))
            self._learn(coin, coin.back, coin.disputed)
            return
        paid = star_proof(coin.order, coin.id, coin.order.member_id or 0, coin.came)
        if coin.back:
            self.run(self.shop.told(self._back(coin)))
            self._learn(coin, coin.back, False)
        else:
            self.run(self.shop.told(paid))
            self._learn(coin, coin.told_back, False)

    def _back(self, coin: Coin) -> Proof:
        return Proof(State.REFUNDED, "", order_key=coin.order.key, charge_id=coin.id, paid=coin.came)

    @precondition(lambda self: self.proofs)
    @rule(pick=PICK)
    def redeliver(self, pick: int) -> None:
        """What Telegram said once it says again, however old it is by now."""
        proof = self.proofs[pick % len(self.proofs)]
        coin = next(one for one in self.coins if one.id == proof.charge_id)
        self.run(self.shop.told(proof))
        self._learn(coin, coin.told_back, False)

    @rule()
    def tell_of_nothing(self) -> None:
        for state in State:
            self.run(
                self.shop.told(Proof(state, "?", order_key="GH-none", charge_id="c", paid=Money(1, "XTR")))
            )

    @precondition(lambda self: self.coins)
    @rule(pick=PICK, part=st.booleans())
    def goes_back(self, pick: int, part: bool) -> None:
        """Refunded at the provider; nobody has told us yet, not even of the payment, perhaps."""
        coin = self.coins[pick % len(self.coins)]
        if coin.disputed:
            return
        coin.back = max(coin.back, 1 if part and coin.gateway == TILL else coin.came.minor)
        if coin.gateway == TILL:
            self.till.change(coin.id, back=coin.back)

    @precondition(lambda self: any(one.gateway == TILL for one in self.coins))
    @rule(pick=PICK)
    def dispute_turns(self, pick: int) -> None:
        """A bank takes money back; or the owner wins it again."""
        charged = [one for one in self.coins if one.gateway == TILL]
        coin = charged[pick % len(charged)]
        coin.disputed = not coin.disputed
        self.till.change(coin.id, disputed=coin.disputed)

    # What the owner does.

    @precondition(lambda self: any(one.told for one in self.coins))
    @rule(pick=PICK, accept=st.booleans())
    def owner_decides(self, pick: int, accept: bool) -> None:
        known = [one for one in self.coins if one.told]
        coin = known[pick % len(known)]
        payment = self.run(self.shop.payment(coin.id, coin.gateway))
        service, owner = self.house.refunds, self.shop.owner
        try:
            self.run((service.accept if accept else service.refund)(owner, self.shop.bot_id, payment.id))
        except Refused:
            return
        if accept:
            coin.accepted = True
            self.books[coin.order.member_id or 0].give(LENGTHS[coin.gateway], self.clock.now(), coin.id)
        else:
            coin.promised = True

    @rule(who=st.sampled_from(BUYERS), count=st.integers(1, 40))
    def gift(self, who: int, count: int) -> None:
        self.run(
            self.house.subscribers.give(self.shop.owner, self.shop.bot_id, who, self.shop.project_id, count)
        )
        self.books[who].give(days(count), self.clock.now())

    @rule(who=st.sampled_from(BUYERS))
    def owner_ends(self, who: int) -> None:
        try:
            self.run(self.house.subscribers.end(self.shop.owner, self.shop.bot_id, who, self.shop.project_id))
        except NotFound:
            return
        self.books[who].end()

    # What time does.

    @rule(hours=st.sampled_from([1, 5, 24, 24 * 9, 24 * 31, 24 * 200]))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(hours=hours)

    @initialize(steady=st.booleans())
    def trust(self, steady: bool) -> None:
        """Half of the histories have a clock that never goes back: there everything is known exactly."""
        self.steady = steady

    @precondition(lambda self: not self.steady)
    @rule(hours=st.integers(1, 12))
    def time_goes_back(self, hours: int) -> None:
        self.clock.advance(hours=-hours)
        self.exact = False

    @rule()
    def background(self) -> None:
        """Everything that is done now and then."""
        for _ in range(2):
            self.run(self.house.refunds.run(self.house.actor))
            self.clock.advance(minutes=6)
        for coin in self.coins:
            if coin.promised and not coin.dead:
                self._sent_back(coin)
        for work in (self.house.taking.expire, self.house.endings.run, self.house.access_tasks.run):
            self.run(work(self.house.actor))
        self.till.asked.clear()
        self.run(self.house.taking.reconcile(self.house.actor))
        for coin in self.coins:
            if coin.order.ref in self.till.asked:
                self._learn(coin, coin.back, coin.disputed)

    def _sent_back(self, coin: Coin) -> None:
        payment = self.run(self.shop.payment(coin.id, coin.gateway))
        if payment.refunded < coin.came.minor:
            assert not self.exact, "a refund was promised and not made"
            return  # it falls due when the clock has caught up
        coin.back = coin.came.minor
        if coin.gateway == TILL:
            assert self.till.charges[coin.id].back == coin.came.minor
            assert self.till.refunds.get(coin.id, 0) <= 1
        if coin.stands:
            self.books[coin.order.member_id or 0].take_back(coin.id)
        coin.told_back, coin.dead = coin.back, True

    def _learn(self, coin: Coin, back: int, disputed: bool) -> None:
        """What was told of a charge, and what it must have done."""
        before, book = coin.stands, self.books[coin.order.member_id or 0]
        coin.told, coin.told_disputed = True, disputed
        coin.told_back = max(coin.told_back, 0 if disputed else back)
        coin.dead |= coin.told_back >= coin.came.minor
        if coin.stands and not before:
            book.give(LENGTHS[coin.gateway], self.clock.now(), coin.id)
        elif before and not coin.stands:
            book.take_back(coin.id)

    # What must be true after each step.

    @invariant()
    def all_is_well(self) -> None:
        for book in self.books.values():
            book.look(self.clock.now())
        self.run(check(self))
        self.clock.advance(seconds=1)


def histories(world: World, examples: int, steps: int, **more: Any) -> None:
    """Try so many histories of so many steps."""
    run_state_machine_as_test(
        lambda: Machine(world),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=[Phase.generate],  # a long history that fails says more than minutes of making it shorter
            report_multiple_bugs=False,
            database=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


def test_no_history_breaks_the_books(world: World) -> None:
    histories(world, 10, 40)


def test_the_payload_as_the_key_is_found_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a charge is taken for known when its order is."""
    honest = payments.note

    async def by_payload(
        tx: Any, bot_id: int, order_id: int, gateway: str, charge_id: str, **more: Any
    ) -> Any:
        if await payments.of_order(tx, bot_id, order_id):
            return None
        return await honest(tx, bot_id, order_id, gateway, charge_id, **more)

    monkeypatch.setattr(payments, "note", by_payload)
    with pytest.raises(AssertionError, match="written once"):
        histories(world, 40, 30, derandomize=True)
