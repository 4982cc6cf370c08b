"""Owners and their API keys. Keys are kept as SHA-256 digests only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from storage.database import Tx
from storage.statements import insert
from storage.tables.core import account, api_key


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Whom a key speaks for. `bot_id` is set when it opens one bot only."""

    owner_id: int
    bot_id: int | None


async def ensure(tx: Tx, owner_id: int, now: datetime, service_bot_id: int | None = None) -> None:
    """Open the owner's account if there is none; note the bot that can write to him."""
    statement = insert(tx, account).values(owner_id=owner_id, created_at=now, service_bot_id=service_bot_id)
    if service_bot_id is None:
        statement = statement.on_conflict_do_nothing()
    else:
        statement = statement.on_conflict_do_update(
            index_elements=["owner_id"], set_={"service_bot_id": service_bot_id}
        )
    await tx.execute(statement)


async def issue_key(
    tx: Tx, digest: bytes, last4: str, owner_id: int, bot_id: int | None, now: datetime
) -> None:
    """Store a new key's digest."""
    await tx.execute(
        api_key.insert().values(digest=digest, owner_id=owner_id, bot_id=bot_id, last4=last4, created_at=now)
    )


async def expire_keys(tx: Tx, owner_id: int, bot_id: int | None, when: datetime) -> None:
    """Let the current keys of an account (or of one bot) end at `when`, if not sooner."""
    scope = api_key.c.bot_id.is_(None) if bot_id is None else api_key.c.bot_id == bot_id
    await tx.execute(
        update(api_key)
        .where(
            api_key.c.owner_id == owner_id,
            scope,
            or_(api_key.c.expires_at.is_(None), api_key.c.expires_at > when),
        )
        .values(expires_at=when)
    )


async def key_owner(tx: Tx, digest: bytes, now: datetime) -> KeyOwner | None:
    """Whom a key speaks for; None for an unknown or ended key."""
    row = (
        await tx.execute(
            select(api_key.c.owner_id, api_key.c.bot_id).where(
                api_key.c.digest == digest,
                or_(api_key.c.expires_at.is_(None), api_key.c.expires_at > now),
            )
        )
    ).one_or_none()
    return None if row is None else KeyOwner(row.owner_id, row.bot_id)


async def forget_expired_keys(tx: Tx, now: datetime) -> None:
    """Drop keys that have ended."""
    await tx.execute(delete(api_key).where(api_key.c.expires_at <= now))
