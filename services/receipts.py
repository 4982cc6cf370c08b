"""One's own orders: what somebody bought, and what became of his money."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.actor import Actor
from domain.errors import NotFound
from domain.orders import Order, Payment
from services.access import Access, Guarded, Permission, needs
from storage import orders, payments
from storage.database import Database

PAGE = 8


@dataclass(frozen=True, slots=True)
class Receipt:
    """An order of one's own with what was paid for it."""

    order: Order
    payments: Sequence[Payment]


class ReceiptService(Guarded):
    """Orders of the actor himself."""

    def __init__(self, access: Access, db: Database) -> None:
        super().__init__(access)
        self._db = db

    @needs(Permission.ANYONE)
    async def mine(self, actor: Actor, bot_id: int, page: int) -> tuple[Sequence[Order], bool]:
        """A page (from 0) of the actor's orders, the newest first, and whether there are more."""
        async with self._db.read() as tx:
            found = await orders.listing(tx, bot_id, page * PAGE, PAGE + 1, member_id=actor.user_id)
        return [order for order, _ in found[:PAGE]], len(found) > PAGE

    @needs(Permission.ANYONE)
    async def get(self, actor: Actor, bot_id: int, order_id: int) -> Receipt:
        """One of the actor's orders. Raises `NotFound` (order)."""
        async with self._db.read() as tx:
            order = await orders.get(tx, bot_id, order_id)
            if order is None or order.member_id != actor.user_id:
                raise NotFound("order")
            return Receipt(order, await payments.of_order(tx, bot_id, order_id))
