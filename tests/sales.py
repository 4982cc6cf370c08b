"""Sales as they stand in the books, without anybody having to pay for them."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Table

from domain.money import money
from storage.database import Tx
from storage.tables.orders import payment, purchase_order

_numbers = count(1)
_NOTHING: dict[type, Any] = {int: 0, str: "", bool: False}


def _row(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """The values, and nothing in every other column that must have some."""
    needed = [one for one in table.columns if not one.nullable and not one.primary_key]
    return {one.name: _NOTHING[one.type.python_type] for one in needed if one.name not in values} | values


@dataclass(frozen=True)
class Sale:
    """Somebody paid `amount` of `currency` for a plan. `refunded` went back; `rate` is as it was noted."""

    at: datetime
    amount: str = "9.99"
    currency: str = "USD"
    plan_id: int = 1
    plan_name: str = "Gold"
    gateway: str = "stripe"
    member_id: int = 501
    rate: str | None = None
    refunded: str = "0"
    disputed_at: datetime | None = None
    refunded_at: datetime | None = None
    accepted: bool = True


async def enter(tx: Tx, bot_id: int, *sales: Sale) -> None:
    """Write sales into the books of a bot."""
    for one in sales:
        number = next(_numbers)
        paid = money(one.amount, one.currency)
        order: dict[str, Any] = {
            "bot_id": bot_id, "key": f"GH-TEST-{number}", "kind": 1, "status": "COMPLETED",
            "member_id": one.member_id, "plan_id": one.plan_id, "plan_name": one.plan_name, "project_id": 0,
            "length": "1 month", "gateway": one.gateway, "price": paid.minor, "amount": paid.minor,
            "currency": one.currency, "recurring": False, "created_at": one.at, "expires_at": one.at,
            "completed_at": one.at,
        }  # fmt: skip
        done = await tx.execute(
            purchase_order.insert().values(_row(purchase_order, order)).returning(purchase_order.c.id)
        )
        charge: dict[str, Any] = {
            "bot_id": bot_id, "order_id": done.scalar_one(), "gateway": one.gateway,
            "charge_id": f"charge {number}", "member_id": one.member_id, "amount": paid.minor,
            "currency": one.currency, "rate": one.rate, "paid_at": one.at, "at": one.at,
            "accepted": one.accepted, "refunded": money(one.refunded, one.currency).minor,
            "refunded_at": one.refunded_at, "disputed_at": one.disputed_at,
        }  # fmt: skip
        await tx.execute(payment.insert().values(_row(payment, charge)))
