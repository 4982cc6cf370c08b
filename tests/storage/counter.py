"""A bot with a plan, members, coupons and earnings, for tests on both engines."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.i18n import Languages
from domain.actor import Actor
from domain.bots import Bot
from domain.commissions import SETTINGS, How, State
from domain.coupons import Applied
from domain.money import Money
from domain.orders import HOLD, STARS, Kind, Order, Status, new_key
from domain.plans import Plan
from services import commissions, coupons
from services.access import Access
from services.directory import BotDirectory
from services.payouts import PayoutService
from services.reach import Reach
from services.signals import Signals
from services.vault import Vault
from services.work import UnitOfWork
from storage import bots, memberships, orders, payments, payouts, people, plans, settings
from storage import coupons as coupon_store
from storage.affiliates import attribute
from storage.database import Database, Tx
from storage.people import Person

NOW = datetime(2024, 7, 16, 12, tzinfo=UTC)
ANN, BEN, CID, DAN = 501, 502, 503, 504
OWNER = 1
PROVIDER = "stripe"


class FixedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """The time."""
        return self.at


class Silence:
    """A Telegram nobody asks anything."""

    async def ask(self, bot_id: int, method: str, /, **params: Any) -> Any:
        raise NotImplementedError

    async def ask_with(self, token: str, method: str, /, **params: Any) -> Any:
        raise NotImplementedError

    async def ask_with_files(
        self, bot_id: int, method: str, params: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]
    ) -> Any:
        raise NotImplementedError


class Counter:
    """What orders are made at."""

    bot: Bot
    plan: Plan

    def __init__(self, db: Database) -> None:
        self.db, self.clock, signals = db, FixedClock(), Signals()
        vault, self.languages = Vault(bytes(32)), Languages()
        directory = BotDirectory(db, signals, vault)
        access = Access(db, self.clock, Silence(), directory, frozenset())
        self.work = UnitOfWork(db, self.clock, vault, signals)
        reach = Reach(db, directory, self.languages.translator)
        self.payouts = PayoutService(
            access, db, self.work, self.clock, directory, reach, self.languages.translator
        )
        self._directory = directory

    async def open(self) -> "Counter":
        """Connect the bot, meet the members, make the plan: a month for 10 USD."""
        async with self.db.write() as tx:
            bot = await bots.connect(
                tx, telegram_id=77, owner_id=OWNER, public_id="shop", username="shop_bot", name="Shop",
                token=b"", secret_digest=b"", is_service=False, manages_bots=False, now=NOW,
            )  # fmt: skip
            assert bot is not None
            self.bot = bot
            for who in (OWNER, ANN, BEN, CID, DAN):
                await people.remember(tx, bot.id, Person(who, f"P{who}"), NOW, started=True)
            values = {"name": "Gold", "duration": "1 month", "price": 1000, "currency": "USD"}
            plan = await plans.get(tx, bot.id, await plans.create(tx, bot.id, values, NOW))
            assert plan is not None
            self.plan = plan
        await self._directory.load()
        return self

    def actor(self, who: int) -> Actor:
        """One of the people, coming through no Telegram update."""
        return Actor(who, self.languages.translator())

    async def coupon(self, name: str, **values: Any) -> int:
        """A new coupon."""
        async with self.db.write() as tx:
            made = await coupon_store.create(tx, self.bot.id, name, values, self.clock.now())
        assert made is not None
        return made

    async def hold(self, who: int, coupon_id: int) -> None:
        """Put a coupon into somebody's hand."""
        async with self.db.write() as tx:
            await coupon_store.take(tx, self.bot.id, who, coupon_id, self.clock.now())

    async def price(self, who: int | None, gateway: str | None = STARS) -> Applied | None:
        """What the plan would cost somebody."""
        async with self.db.read() as tx:
            return await coupons.apply(tx, self.bot.id, self.plan, who, gateway, self.clock.now())

    async def order(
        self, who: int | None, gateway: str = PROVIDER, hold: timedelta = HOLD, **apply: Any
    ) -> Order:
        """Somebody orders the plan, with whatever coupon counts."""
        async with self.db.write() as tx:
            return await self.place(tx, who, gateway, hold, **apply)

    async def place(self, tx: Tx, who: int | None, gateway: str, hold: timedelta, **apply: Any) -> Order:
        """The same, within a transaction."""
        now = self.clock.now()
        if who is not None:
            assert await memberships.lock_member(tx, self.bot.id, who)
        found = await coupons.apply(tx, self.bot.id, self.plan, who, gateway, now, lock=True, **apply)
        price = self.plan.price
        amount = price if found is None else found.amount
        return await orders.create(
            tx, self.bot.id, new_key(now), kind=Kind.NEW, status=Status.PENDING, member_id=who,
            plan_id=self.plan.id, plan_name=self.plan.name, project_id=self.plan.project_id,
            length=str(self.plan.duration), gateway=gateway, price=price,
            discount=price.minor - amount.minor, amount=amount,
            coupon_id=found.coupon_id if found else None, now=now, expires_at=now + hold,
        )  # fmt: skip

    async def set(self, order: Order, **values: Any) -> None:
        """Change columns of an order."""
        async with self.db.write() as tx:
            await orders.change(tx, self.bot.id, order.id, **values)

    async def agreed(self, order: Order) -> bool:
        """Whether Telegram would be told yes at pre-checkout."""
        async with self.db.write() as tx:
            if order.member_id is not None:
                await memberships.lock_member(tx, self.bot.id, order.member_id)
            fresh = await orders.lock(tx, self.bot.id, order.id)
            assert fresh is not None
            return await coupons.still_good(tx, fresh, self.clock.now())

    async def terms(self, *levels: tuple[str, str], **more: Any) -> None:
        """Set the commissions."""
        async with self.db.write() as tx:
            values = {"levels": [list(one) for one in levels], **more}
            await settings.change(tx, self.bot.id, settings.DEFAULT_CHAT, SETTINGS, values, NOW)

    async def invite(self, who: int, by: int) -> None:
        """Somebody came by an affiliate's link."""
        async with self.db.write() as tx:
            await attribute(tx, self.bot.id, who, by, NOW, first_wins=False)

    async def pay(self, who: int, minor: int, *, first: bool = True, gateway: str = PROVIDER) -> int:
        """Somebody pays, and those who brought him earn; returns the payment's id."""
        order = await self.order(who, gateway)
        async with self.work() as work:
            payment = await payments.note(
                work.tx, self.bot.id, order.id, gateway, f"ch-{order.id}", member_id=who,
                paid=Money(minor, "USD"), rate=None, paid_at=work.now, accepted=True, now=work.now,
            )  # fmt: skip
            assert payment is not None
            await orders.change(work.tx, self.bot.id, order.id, status=Status.COMPLETED.value)
            await commissions.earn(work, self.bot, order, payment.id, payment.paid, first=first)
        return payment.id

    async def paid_out(self, who: int) -> list[tuple[int, State, How]]:
        """Somebody's payouts: minor units, state and way."""
        async with self.db.read() as tx:
            found = await payouts.listing(tx, self.bot.id, 0, 100)
        return [(one.amount.minor, one.state, one.how) for one in found if one.member_id == who]
