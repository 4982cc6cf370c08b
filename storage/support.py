"""Who asked the owner about payments, and when: so that nobody can flood him."""

from datetime import datetime

from sqlalchemy import delete, func, select

from storage.database import Tx
from storage.tables.orders import support_request as request


async def note(tx: Tx, bot_id: int, member_id: int, now: datetime) -> None:
    """Somebody asks now."""
    await tx.execute(request.insert().values(bot_id=bot_id, member_id=member_id, at=now))


async def asked_since(tx: Tx, bot_id: int, member_id: int, since: datetime) -> int:
    """How often somebody has asked since then."""
    statement = select(func.count()).where(
        request.c.bot_id == bot_id, request.c.member_id == member_id, request.c.at > since
    )
    return int((await tx.execute(statement)).scalar_one())


async def forget_before(tx: Tx, before: datetime) -> None:
    """Drop what is older."""
    await tx.execute(delete(request).where(request.c.at < before))
