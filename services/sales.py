"""Orders as the owner looks through them: finding one, what came of it, a file of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import calls
from domain.actor import Actor
from domain.errors import Conflict, NotFound
from domain.money import Money
from domain.orders import Order, Settled, Status, Which
from domain.sheets import to_csv
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.people import PeopleService
from services.settling import close
from services.work import UnitOfWork
from storage import orders, payments, sales
from storage.database import Database, Tx
from storage.sales import Line, Listed, Paid
from texts import sales as wording

PAGE = 8
MOST_IN_FILE = 50_000  # orders
CHUNK = 1_000  # orders read at a time, so that nobody waits for the file
KEY_START = "GH-"
HEADER = (
    "order", "type", "state", "created_at", "completed_at", "member_id", "name", "username", "email", "plan",
    "duration", "gateway", "price", "discount", "price_currency", "coupon", "amount", "currency",
    "charge_id", "paid", "paid_currency", "paid_at", "accepted", "refunded", "refunded_at", "disputed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sale:
    """One order with everything the owner wants to know of it."""

    order: Order
    name: str | None
    paid: Sequence[Paid]
    coupon: str | None


@dataclass(frozen=True, slots=True)
class Sought:
    """What the owner looked for: one order, or somebody's orders."""

    order_id: int | None = None
    member_id: int | None = None


class SaleService(Guarded):
    """Orders of a bot, for its owner. Money is moved by `RefundService`."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        directory: BotDirectory,
        known: PeopleService,
    ) -> None:
        super().__init__(access)
        self._db, self._work = db, work
        self._directory, self._people = directory, known

    @needs(Permission.OWNER)
    async def listing(
        self, actor: Actor, bot_id: int, which: Which, member_id: int | None, page: int
    ) -> tuple[Sequence[Listed], bool]:
        """A page (from 0) of the orders, the newest first, and whether there are more."""
        async with self._db.read() as tx:
            found = await sales.listing(tx, bot_id, which, member_id, page * PAGE, PAGE + 1)
        return found[:PAGE], len(found) > PAGE

    @needs(Permission.OWNER)
    async def find(self, actor: Actor, bot_id: int, text: str) -> Sought:
        """An order by its key, or somebody by id or @username. Raises `NotFound` (order, member)."""
        word = text.strip()
        if word.upper().startswith(KEY_START):
            async with self._db.read() as tx:
                order = await orders.by_key(tx, bot_id, word.upper())
            if order is None:
                raise NotFound("order")
            return Sought(order_id=order.id)
        person = await self._people.find(bot_id, word)
        if person is None:
            raise NotFound("member")
        return Sought(member_id=person.user_id)

    @needs(Permission.OWNER)
    async def ask_what(self, actor: Actor, bot_id: int) -> None:
        """Ask what to look for."""
        async with self._work(actor) as work:
            await work.ask("sales:find")
            work.show(wording.ask_what(actor.t))

    @needs(Permission.OWNER)
    async def found(self, actor: Actor, bot_id: int, text: str) -> None:
        """What the owner was asked for. Raises as `find`, and asks on."""
        sought = await self.find(actor, bot_id, text)
        async with self._work(actor) as work:
            await work.end_dialog()
            if sought.order_id is not None:
                work.reply(wording.panel(actor.t, await _sale(work.tx, bot_id, sought.order_id)))
                return
            some = await sales.listing(work.tx, bot_id, Which.ALL, sought.member_id, 0, PAGE + 1)
            page = wording.listing(actor.t, some[:PAGE], Which.ALL, sought.member_id, 0, len(some) > PAGE)
            work.reply(page)

    @needs(Permission.OWNER)
    async def get(self, actor: Actor, bot_id: int, order_id: int) -> Sale:
        """One order. Raises `NotFound` (order)."""
        async with self._db.read() as tx:
            return await _sale(tx, bot_id, order_id)

    @needs(Permission.OWNER)
    async def of_payment(self, actor: Actor, bot_id: int, payment_id: int) -> tuple[Sale, Paid]:
        """The order of a payment, and the payment in it. Raises `NotFound` (payment)."""
        async with self._db.read() as tx:
            payment = await payments.get(tx, bot_id, payment_id)
            if payment is None:
                raise NotFound("payment")
            sale = await _sale(tx, bot_id, payment.order_id)
        return sale, next(one for one in sale.paid if one.payment.id == payment_id)

    @needs(Permission.OWNER)
    async def cancel(self, actor: Actor, bot_id: int, order_id: int) -> None:
        """Close an order nobody has paid: its place and its coupon are free again. Money that comes late
        still counts. Raises `Conflict` (order_not_open)."""
        bot = await self._directory.get(bot_id)
        async with self._work(actor) as work:
            order = await orders.lock(work.tx, bot_id, order_id)
            if bot is None or order is None:
                raise NotFound("order")
            if (await close(work, bot, order, Status.CANCELED)).settled is not Settled.CLOSED:
                raise Conflict("order_not_open")
            work.show(wording.panel(actor.t, await _sale(work.tx, bot_id, order_id)))

    @needs(Permission.OWNER)
    async def export(self, actor: Actor, bot_id: int) -> int:
        """All orders (the newest `MOST_IN_FILE`) with their payments as a CSV document; returns its rows."""
        rows: list[Sequence[object]] = []
        before, read = 2**62, 0
        while read < MOST_IN_FILE:
            async with self._db.read() as tx:
                lines = await sales.lines(tx, bot_id, before, CHUNK)
            if not lines:
                break
            rows += [_row(line) for line in lines]
            before, read = lines[-1].order.id, read + len({line.order.id for line in lines})
        async with self._work(actor) as work:
            if actor.door is not None:
                file = to_csv(HEADER, rows)
                page = wording.exported(actor.t, len(rows))
                work.send(bot_id, calls.send_document(actor.door.chat_id, file, "orders.csv", page))
        return len(rows)


async def _sale(tx: Tx, bot_id: int, order_id: int) -> Sale:
    order = await orders.get(tx, bot_id, order_id)
    if order is None:
        raise NotFound("order")
    name = None if order.member_id is None else await orders.name_of(tx, bot_id, order.member_id)
    coupon = None if order.coupon_id is None else await sales.coupon_name(tx, bot_id, order.coupon_id)
    return Sale(order, name, await sales.paid(tx, bot_id, order_id), coupon)


def _row(line: Line) -> tuple[object, ...]:
    order, paid = line.order, line.payment
    came: tuple[object, ...] = ("",) * 8
    if paid is not None:
        came = (
            paid.charge_id, _amount(paid.paid), paid.paid.currency, _at(paid.paid_at),
            "yes" if paid.accepted else "no", _amount(Money(paid.refunded, paid.paid.currency)),
            _at(paid.refunded_at), _at(paid.disputed_at),
        )  # fmt: skip
    return (
        order.key, order.kind.name.lower(), order.status.value.lower(), _at(order.created_at),
        _at(order.completed_at), order.member_id or "", line.name or "", line.username or "",
        order.email or "", order.plan_name, order.length, order.gateway, _amount(order.price),
        _amount(order.discount), order.price.currency, line.coupon or "", _amount(order.amount),
        order.amount.currency, *came,
    )  # fmt: skip


def _amount(money: Money) -> str:
    return f"{money.amount:f}"


def _at(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="seconds")
