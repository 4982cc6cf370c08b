"""Tariffs of owners."""

from typing import Any

from sqlalchemy import delete, select

from domain.tariffs import EVERYBODY, Tariff
from storage.database import Tx
from storage.statements import insert
from storage.tables.broadcasts import tariff

_COLUMNS = (
    tariff.c.owner_id, tariff.c.name, tariff.c.campaigns, tariff.c.broadcasts, tariff.c.daily_cap,
    tariff.c.paid_until,
)  # fmt: skip


def _tariff(row: Any) -> Tariff:
    return Tariff(row.name, row.campaigns, row.broadcasts, row.daily_cap, row.paid_until)


async def of(tx: Tx, owner_id: int) -> Tariff | None:
    """What an owner has: his own tariff, else the one for everybody; None when neither was set."""
    rows = (await tx.execute(select(*_COLUMNS).where(tariff.c.owner_id.in_({owner_id, EVERYBODY})))).all()
    found = {row.owner_id: _tariff(row) for row in rows}
    return found.get(owner_id, found.get(EVERYBODY))


async def listing(tx: Tx, offset: int, limit: int) -> list[tuple[int, Tariff]]:
    """All that were set, by owner; the one for everybody first."""
    rows = await tx.execute(select(*_COLUMNS).order_by(tariff.c.owner_id).offset(offset).limit(limit))
    return [(row.owner_id, _tariff(row)) for row in rows]


async def put(tx: Tx, owner_id: int, new: Tariff) -> None:
    """Give an owner a tariff of his own."""
    values = {
        "name": new.name,
        "campaigns": new.campaigns,
        "broadcasts": new.broadcasts,
        "daily_cap": new.daily_cap,
        "paid_until": new.paid_until,
    }
    statement = insert(tx, tariff).values(owner_id=owner_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["owner_id"], set_=values))


async def remove(tx: Tx, owner_id: int) -> bool:
    """He has what everybody has again; False when he had none of his own."""
    return bool((await tx.execute(delete(tariff).where(tariff.c.owner_id == owner_id))).rowcount)
