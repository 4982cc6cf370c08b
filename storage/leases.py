"""Who of several processes does a piece of background work, until when (PostgreSQL mode)."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_

from storage.database import Tx
from storage.statements import insert
from storage.tables.core import lease


async def acquire(tx: Tx, name: str, holder: str, now: datetime, duration: timedelta) -> bool:
    """Take or renew a lease; False while somebody else holds it."""
    until = now + duration
    statement = insert(tx, lease).values(name=name, holder=holder, until=until)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": holder, "until": until},
        where=or_(lease.c.holder == holder, lease.c.until <= now),
    ).returning(lease.c.name)
    return (await tx.execute(statement)).first() is not None


async def release(tx: Tx, holder: str) -> None:
    """Give back everything a process holds."""
    await tx.execute(delete(lease).where(lease.c.holder == holder))
