"""A shop: an owner's bot at the membership API, with a plan, a project and members."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.app import App
from domain.money import Money, money
from domain.orders import Kind, Status
from sandbox import Sandbox
from storage import orders, payments, projects
from tests.api.client import Client
from tests.clock import TestClock


@dataclass(slots=True)
class Shop:
    """A bot and whoever calls its API. `bot_id` is ours, `bot.id` Telegram's."""

    app: App
    bot: Any
    bot_id: int
    api: Client
    project_id: int = 0
    plan_id: int = 0

    def path(self, method: str) -> str:
        """The address of a method, the key left to the header."""
        return f"/v1/bot{self.bot.id}/{method}"

    async def get(self, method: str, **query: Any) -> Any:
        """A GET; the whole answer."""
        return await self.api.get(self.path(method), **query)

    async def post(self, method: str, **body: Any) -> Any:
        """A POST of JSON; the whole answer."""
        return await self.api.call("POST", self.path(method), json=body)

    async def delete(self, method: str, **body: Any) -> Any:
        """A DELETE with a JSON body; the whole answer."""
        return await self.api.call("DELETE", self.path(method), json=body)

    async def plan(self, name: str = "Gold", **more: Any) -> int:
        """A plan, by the API; its id."""
        values = {"plan_duration": "1 month", "plan_price": "9.99", "plan_currency": "USD", **more}
        made = await self.post("plans", plan_name=name, **values)
        assert made["code"] == 201, made
        return int(made["result"]["plan_id"])

    async def project(self, name: str) -> int:
        """A project; its id."""
        async with self.app.db.write() as tx:
            return await projects.create(tx, self.bot_id, name, self.app.clock.now())

    async def sell(
        self,
        paid: str,
        day: str,
        *,
        gateway: str = "telegram_stars",
        plan_id: int | None = None,
        member_id: int | None = None,
        key: str | None = None,
        status: Status = Status.COMPLETED,
    ) -> str:
        """An order of a day (`2024-07-17`) with its payment, where it is completed; its key."""
        amount, at = read_money(paid), datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
        key = key or f"GH-{day}-{paid}-{gateway}".replace(" ", "")
        async with self.app.db.write() as tx:
            order = await orders.create(
                tx, self.bot_id, key, kind=Kind.NEW, status=status, member_id=member_id,
                plan_id=plan_id or self.plan_id, plan_name="Gold", project_id=self.project_id,
                length="1 month", gateway=gateway, price=amount, amount=amount, now=at, expires_at=at,
            )  # fmt: skip
            if status is Status.COMPLETED:
                await payments.note(
                    tx, self.bot_id, order.id, gateway, key, member_id=member_id, paid=amount, rate=None,
                    paid_at=at, accepted=True, now=at,
                )  # fmt: skip
        return key


def read_money(text: str) -> Money:
    """`9.99 USD`."""
    amount, _, currency = text.partition(" ")
    return money(amount, currency)


def turn_to(clock: TestClock, day: str) -> None:
    """Set the clock to the noon of a day (`2024-07-18`)."""
    there = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    clock.advance(seconds=(there - clock.now()).total_seconds())


async def open_shop(tg: Sandbox, app: App, api: Client, username: str, name: str) -> Shop:
    """An owner's bot with a project and the plan Gold in it: a month for 9.99 USD."""
    bot = tg.bot(username, name=name)
    added = await api.post("/api/bots/add.json", token=bot.token)
    shop = Shop(app, bot, added["data"]["id"], api)
    shop.project_id = await shop.project("Chess")
    shop.plan_id = await shop.plan(plan_project_id=shop.project_id)
    return shop
