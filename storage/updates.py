"""Which updates have been worked off. A set, not a watermark: Telegram's queues overtake each other."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select

from storage.database import Tx
from storage.statements import Hot, insert, insert_for
from storage.tables.core import failed_update, processed_update

_CLAIM = Hot(
    lambda dialect: (
        insert_for(dialect, processed_update)
        .values(bot_id=bindparam("bot"), update_id=bindparam("update"), at=bindparam("now"))
        .on_conflict_do_nothing()
    )
)


async def claim(tx: Tx, bot_id: int, update_id: int, now: datetime) -> bool:
    """Mark the update as worked off by this transaction; False when an earlier one has done it."""
    done = await _CLAIM.run(tx, bot=bot_id, update=update_id, now=now)
    return bool(done.rowcount)


async def is_processed(tx: Tx, bot_id: int, update_id: int) -> bool:
    """True when the update has been worked off."""
    found = await tx.execute(
        select(processed_update.c.bot_id).where(
            processed_update.c.bot_id == bot_id, processed_update.c.update_id == update_id
        )
    )
    return found.first() is not None


async def record_failure(tx: Tx, bot_id: int, update_id: int, error: str, now: datetime) -> int:
    """Count one more failed attempt at the update and return how many there were."""
    statement = insert(tx, failed_update).values(
        bot_id=bot_id, update_id=update_id, attempts=1, error=error, at=now
    )
    statement = statement.on_conflict_do_update(
        index_elements=["bot_id", "update_id"],
        set_={"attempts": failed_update.c.attempts + 1, "error": error, "at": now},
    ).returning(failed_update.c.attempts)
    return int((await tx.execute(statement)).scalar_one())


async def forget_before(tx: Tx, moment: datetime) -> int:
    """Drop marks older than Telegram keeps updates; returns how many."""
    done = await tx.execute(delete(processed_update).where(processed_update.c.at < moment))
    await tx.execute(delete(failed_update).where(failed_update.c.at < moment))
    return int(done.rowcount)
