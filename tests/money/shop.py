"""The whole house without HTTP, and a shop in it: for tests that are only about money and access."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.build import build_house
from bot.i18n import Languages
from bot.settings import Settings
from delivery.gateways.telegram import telegram_gateways
from domain.actor import Actor, Door
from domain.gateways import Notification, Proof, State
from domain.memberships import Membership
from domain.money import Money
from domain.orders import STARS, Order, Payment
from services.directory import BotDirectory
from services.signals import Signals
from services.vault import Vault
from storage import bots, gateway_accounts, memberships, orders, payments, people, plans, projects
from storage.database import Database
from storage.people import Person
from tests.money.till import TILL, Stars, Till

OWNER = 1
START = datetime(2026, 1, 31, 12, tzinfo=UTC)
CHAT = -1001
_numbers = count(1)


class StillClock:
    """Moves when told to."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        """The time."""
        return self.at

    def advance(self, **delta: float) -> None:
        """Move on, or back."""
        self.at += timedelta(**delta)


class Nothing:
    """Calls no URL and fetches no file."""

    async def request(self, *args: Any, **more: Any) -> Any:
        raise AssertionError("nothing here asks for it")

    async def download(self, *args: Any, **more: Any) -> Any:
        raise AssertionError("nothing here asks for it")


class House:
    """Everything there is behind the doors, on one database."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock, self.till, self.telegram = db, StillClock(), Till(), Stars()
        self.languages, signals, self.vault = Languages(), Signals(), Vault(bytes(32))
        self.directory = BotDirectory(db, signals, self.vault)
        gateways = {**telegram_gateways(self.telegram), TILL: self.till}
        settings = Settings(_env_file=None, public_url="https://gatehouse.example")
        self.house = build_house(
            settings, db, self.clock, signals, self.vault, self.directory, self.telegram, self.languages,
            lambda t, scope, *, is_service: [], gateways, caller=Nothing(), files=Nothing(),
        )  # fmt: skip

    async def shop(self, members: Sequence[int], **plan: Any) -> "Shop":
        """A new bot, with a paid chat, a plan, a way to pay, and people it knows."""
        number, now = next(_numbers), self.clock.now()
        async with self.db.write() as tx:
            bot = await bots.connect(
                tx, telegram_id=7_000_000 + number, owner_id=OWNER, public_id=f"shop{number}",
                username=f"shop{number}_bot", name="Shop", token=self.vault.seal(b"x", "bot"),
                secret_digest=b"", is_service=False, manages_bots=False, now=now,
            )  # fmt: skip
            assert bot is not None
            for who in members:
                await people.remember(tx, bot.id, Person(who, f"P{who}"), now, started=True)
            project = await projects.create(tx, bot.id, "Chess", now)
            await projects.toggle_chat(tx, bot.id, project, CHAT)
            values = {"name": "Gold", "duration": "1 month", "price": 999, "currency": "USD"}
            plan_id = await plans.create(tx, bot.id, values | {"project_id": project} | plan, now)
            hook = f"{number:032x}"
            sealed = self.vault.seal(b"{}", "gateway")
            await gateway_accounts.put(tx, bot.id, TILL, sealed, "Olga's", hook, now)
        await self.directory.load()
        return Shop(self, bot.id, project, plan_id, hook)


class Shop:
    """One bot of the house, and what people do with it."""

    def __init__(self, house: House, bot_id: int, project_id: int, plan_id: int, hook: str) -> None:
        self.all, self.house, self.db, self.clock = house, house.house, house.db, house.clock
        self.till, self.telegram = house.till, house.telegram
        self.bot_id, self.project_id, self.plan_id, self.hook = bot_id, project_id, plan_id, hook
        self.owner = Actor(OWNER, house.languages.translator())
        self.secret = ""  # of an access token somebody holds

    def actor(self, who: int) -> Actor:
        """Somebody in a private chat with the bot: each call comes by an update of its own."""
        door = Door(self.bot_id, next(_numbers) + 1_000_000, who)
        return Actor(who, self.owner.t, door=door)

    async def change_plan(self, **values: Any) -> None:
        """Set columns of the plan."""
        async with self.db.write() as tx:
            await plans.change(tx, self.bot_id, self.plan_id, values)

    async def order(self, who: int, gateway: str = TILL, plan_id: int | None = None) -> Order:
        """Somebody orders a plan in the chat. Raises what the service raises."""
        await self.house.orders.buy(self.actor(who), self.bot_id, plan_id or self.plan_id, gateway)
        async with self.db.read() as tx:
            mine = await orders.listing(tx, self.bot_id, 0, 1, member_id=who)
        return mine[0][0]

    async def make(self, gateway: str = TILL, member_id: int | None = None) -> Order:
        """An order by API, for a member or for whoever pays it."""
        return await self.house.orders.make(
            self.owner, self.bot_id, self.plan_id, gateway, member_id=member_id
        )

    async def may_pay(self, order: Order, who: int, amount: Money | None = None) -> bool:
        """Telegram asks at pre-checkout whether money may move."""
        query = f"query {next(_numbers)}"
        actor = Actor(who, self.owner.t)
        await self.house.checkout.answer(actor, self.bot_id, query, order.key, amount or order.amount)
        return self.telegram.answers[query]

    async def told(self, proof: Proof, gateway: str = STARS) -> Any:
        """Telegram tells of money."""
        return await self.house.taking.paid(self.house.actor, self.bot_id, gateway, proof)

    async def notified(self, charge_id: str) -> int:
        """The provider tells that there is news of a charge."""
        return await self.house.taking.notified(
            self.house.actor, self.hook, Notification({}, charge_id.encode())
        )

    async def payment(self, charge_id: str, gateway: str = TILL) -> Payment | None:
        """What the books say of a charge."""
        async with self.db.read() as tx:
            return await payments.find(tx, self.bot_id, gateway, charge_id)

    async def books(self, order: Order) -> list[Payment]:
        """The payments of an order."""
        async with self.db.read() as tx:
            return await payments.of_order(tx, self.bot_id, order.id)

    async def held(self, who: int) -> Membership | None:
        """Somebody's membership."""
        async with self.db.read() as tx:
            return await memberships.get(tx, self.bot_id, who, self.project_id)

    async def inside(self, who: int) -> bool:
        """Whether somebody may be in the chat now."""
        async with self.db.read() as tx:
            return await memberships.entitled(tx, self.bot_id, CHAT, who, self.clock.now())

    async def again(self, order: Order) -> Order:
        """The order as it is now."""
        async with self.db.read() as tx:
            found = await orders.get(tx, self.bot_id, order.id)
        assert found is not None
        return found


def star_proof(order: Order, charge: str, payer: int, amount: Money | None = None) -> Proof:
    """What Telegram says of a payment in Stars."""
    return Proof(
        State.PAID, order.key, order_key=order.key, charge_id=charge, paid=amount or order.amount, payer=payer
    )
