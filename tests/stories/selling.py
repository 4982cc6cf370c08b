"""What stories about money have in common."""

from typing import Any

from domain.gateways import Proof, State
from domain.money import Money
from domain.orders import STARS, Order, Payment
from sandbox import Sandbox
from services.fulfilment import Outcome
from storage import orders, payments
from tests.stories.membership import Club

STARRED = {"price": 500, "currency": "XTR"}


async def rich(tg: Sandbox, club: Club, name: str = "Ann", **options: Any) -> Any:
    """Somebody with 2000 Stars who has started the bot."""
    person = tg.user(name, **options)
    person.add_stars(2_000)
    await person.start(club.bot)
    return person


async def buy(club: Club, person: Any, plan: str = "Gold") -> Any:
    """From /plans to the payment."""
    await person.send(club.bot, "/plans")
    await person.click(plan)
    await person.click("⭐")
    return await person.pay()


async def subscribe(tg: Sandbox, club: Club, person: Any) -> Any:
    """From /plans to a payment that renews by itself."""
    await club.change_plan(duration="30 days", recurring=True, **STARRED)
    await person.send(club.bot, "/plans")
    await person.click("Gold")
    await person.click("⭐ 500 every 30 days")
    return await person.pay(tg.last(person, bot=club.bot).url("💳 Pay ⭐ 500"))


async def sales(club: Club) -> list[Order]:
    """All orders, the newest first."""
    async with club.app.db.read() as tx:
        return [order for order, _ in await orders.listing(tx, club.bot_id, 0, 100)]


async def came(club: Club, order: Order) -> list[Payment]:
    """What came for an order."""
    async with club.app.db.read() as tx:
        return await payments.of_order(tx, club.bot_id, order.id)


async def mismatch(club: Club, order: Order, stars: int = 1) -> Outcome:
    """Less than was asked for comes for an order."""
    proof = Proof(
        State.PAID, ref=order.key, order_key=order.key, charge_id=f"short {order.id}",
        paid=Money(stars, "XTR"), payer=order.member_id,
    )  # fmt: skip
    return await club.app.house.taking.paid(club.app.house.actor, club.bot_id, STARS, proof)


async def refund_all(tg: Sandbox, club: Club) -> None:
    """What the background does about refunds and those who have to leave."""
    await club.app.house.refunds.run(club.app.house.actor)
    await club.keep_time()
    await tg.settle()
