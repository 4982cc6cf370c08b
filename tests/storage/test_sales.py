"""Looking through orders, and what runs by a gateway, on both engines."""

from datetime import UTC, datetime, timedelta

from domain.money import Money
from domain.orders import Kind, Order, Status, Which
from domain.subscriptions import Standing
from storage import orders, payments, people, sales, subscriptions
from storage.database import Database, Tx
from storage.people import Person

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
COSTS = Money(999, "USD")


async def order(
    tx: Tx, key: str, status: Status = Status.COMPLETED, bot_id: int = 1, **more: object
) -> Order:
    values = {"member_id": 501, "gateway": "stripe"} | more
    return await orders.create(
        tx, bot_id, key, kind=Kind.NEW, status=status, plan_id=1, plan_name="Gold", project_id=0,
        length="1 month", price=COSTS, amount=COSTS, now=NOW, expires_at=NOW + timedelta(days=1), **values,
    )  # fmt: skip


async def pay(tx: Tx, one: Order, *, accepted: bool = True, **changed: object) -> int:
    made = await payments.note(
        tx, one.bot_id, one.id, "stripe", f"ch {one.key}", member_id=one.member_id, paid=COSTS, rate=None,
        paid_at=NOW, accepted=accepted, now=NOW,
    )  # fmt: skip
    assert made is not None
    if changed:
        await payments.change(tx, one.bot_id, made.id, **changed)
    return made.id


async def keys(tx: Tx, which: Which, member_id: int | None = None) -> list[str]:
    return [one.order.key for one in await sales.listing(tx, 1, which, member_id, 0, 50)]


async def test_orders_by_what_became_of_them(db: Database) -> None:
    async with db.write() as tx:
        await people.remember(tx, 1, Person(501, "Ann", "Lee", "ann"), NOW, started=True)
        await pay(tx, await order(tx, "paid"))
        await order(tx, "waiting", Status.PENDING)
        await order(tx, "disputed", Status.DISPUTED)
        await pay(tx, await order(tx, "short", Status.PENDING), accepted=False)
        await pay(tx, await order(tx, "sent back", Status.PENDING), accepted=False, refunded=999)
        stuck = await pay(tx, await order(tx, "stuck"))
        await payments.owe_refund(tx, 1, stuck, "owner", 1, NOW)
        await payments.end_refund(tx, stuck, "failed", "no")
        solved = await pay(tx, await order(tx, "solved", Status.REFUNDED))
        await payments.owe_refund(tx, 1, solved, "owner", 1, NOW)
        await payments.end_refund(tx, solved, "failed", "no")
        await payments.change(tx, 1, solved, refunded=999, refunded_at=NOW)
        await pay(tx, await order(tx, "nobody's", member_id=None))
        await pay(tx, await order(tx, "another bot's", bot_id=2), accepted=False)
    async with db.read() as tx:
        assert await keys(tx, Which.ALL) == [
            "nobody's", "solved", "stuck", "sent back", "short", "disputed", "waiting", "paid",
        ]  # fmt: skip
        assert await keys(tx, Which.PAID) == ["nobody's", "stuck", "paid"]
        assert await keys(tx, Which.WAITING) == ["sent back", "short", "waiting"]
        assert await keys(tx, Which.TROUBLE) == ["stuck", "short", "disputed"]
        assert await keys(tx, Which.PAID, 501) == ["stuck", "paid"]
        listed = await sales.listing(tx, 1, Which.ALL, None, 0, 3)
        assert [(one.name, one.trouble) for one in listed] == [
            (None, False), ("Ann Lee", False), ("Ann Lee", True),
        ]  # fmt: skip


async def test_the_file_has_a_row_for_each_payment(db: Database) -> None:
    async with db.write() as tx:
        twice = await order(tx, "twice")
        await pay(tx, twice)
        again = await payments.note(
            tx, 1, twice.id, "stripe", "second", member_id=501, paid=COSTS, rate=None, paid_at=NOW,
            accepted=True, now=NOW,
        )  # fmt: skip
        assert again is not None
        await order(tx, "never", Status.EXPIRED)
        await order(tx, "another bot's", bot_id=2)
    async with db.read() as tx:
        rows = await sales.lines(tx, 1, 2**62, 10)
        assert [(one.order.key, one.payment and one.payment.charge_id) for one in rows] == [
            ("never", None), ("twice", "ch twice"), ("twice", "second"),
        ]  # fmt: skip
        assert [one.order.key for one in await sales.lines(tx, 1, rows[0].order.id, 1)] == ["twice", "twice"]


async def test_what_runs_by_a_gateway(db: Database) -> None:
    async with db.write() as tx:
        first = await order(tx, "first", Status.PENDING)
        await order(tx, "other gateway", Status.PENDING, gateway="paypal")
        begun = await subscriptions.begin(
            tx, 1, "stripe", "sub", order_id=first.id, member_id=501, plan_id=1, project_id=0, amount=COSTS,
            paid_until=None, now=NOW,
        )  # fmt: skip
        assert await orders.waiting_by(tx, 1, "stripe") == 1
        assert await orders.waiting_by(tx, 2, "stripe") == 0
        assert await subscriptions.running_by(tx, 1, "stripe") == 1
        assert await subscriptions.turn(tx, 1, begun, Standing.ENDED, NOW)
        turned = await subscriptions.turn(tx, 1, begun, Standing.ENDING, NOW, only_from=Standing.ACTIVE)
        assert not turned, "what has ended does not end anew"
        assert await subscriptions.running_by(tx, 1, "stripe") == 0
