"""Connected bots."""

from datetime import datetime

from sqlalchemy import select, update

from domain.bots import Bot, BotStatus
from storage.database import Tx
from storage.statements import insert
from storage.tables.bots import admin_chat, bot

_COLUMNS = (
    bot.c.id, bot.c.telegram_id, bot.c.owner_id, bot.c.public_id, bot.c.username, bot.c.name,
    bot.c.status, bot.c.is_service, bot.c.manages_bots, bot.c.created_at, bot.c.secret_digest,
)  # fmt: skip


def _bot(row: object) -> Bot:
    values = dict(row._mapping)  # type: ignore[attr-defined]
    return Bot(**{**values, "status": BotStatus(values["status"])})


async def connect(
    tx: Tx,
    *,
    telegram_id: int,
    owner_id: int,
    public_id: str,
    username: str,
    name: str,
    token: bytes,
    secret_digest: bytes,
    is_service: bool,
    manages_bots: bool,
    now: datetime,
) -> Bot | None:
    """Connect a bot, or bring back the owner's row of it; None when it is another owner's.

    A deleted row of another owner stays his: a bot's history never changes hands. `public_id` is only
    used for a new row.
    """
    fresh = {
        "username": username, "name": name, "token": token, "secret_digest": secret_digest,
        "is_service": is_service, "manages_bots": manages_bots,
    }  # fmt: skip
    statement = insert(tx, bot).values(
        telegram_id=telegram_id,
        owner_id=owner_id,
        public_id=public_id,
        status=BotStatus.ACTIVE,
        created_at=now,
        **fresh,
    )
    statement = statement.on_conflict_do_update(
        index_elements=["telegram_id"],
        set_={**fresh, "status": BotStatus.ACTIVE, "deleted_at": None},
        where=bot.c.owner_id == owner_id,
    ).returning(*_COLUMNS)
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        return None
    await refresh_status(tx, row.id)
    return await get(tx, row.id)


async def get(tx: Tx, bot_id: int) -> Bot | None:
    """A bot by our id."""
    row = (await tx.execute(select(*_COLUMNS).where(bot.c.id == bot_id))).one_or_none()
    return None if row is None else _bot(row)


async def by_telegram_id(tx: Tx, telegram_id: int) -> Bot | None:
    """A bot by Telegram's id."""
    row = (await tx.execute(select(*_COLUMNS).where(bot.c.telegram_id == telegram_id))).one_or_none()
    return None if row is None else _bot(row)


async def of_owner(tx: Tx, owner_id: int) -> list[Bot]:
    """All bots of an owner, disconnected ones included, by id."""
    rows = await tx.execute(select(*_COLUMNS).where(bot.c.owner_id == owner_id).order_by(bot.c.id))
    return [_bot(row) for row in rows]


async def alive(tx: Tx) -> list[Bot]:
    """All connected bots."""
    rows = await tx.execute(select(*_COLUMNS).where(bot.c.status != BotStatus.DELETED).order_by(bot.c.id))
    return [_bot(row) for row in rows]


async def sealed_token(tx: Tx, bot_id: int) -> bytes | None:
    """The encrypted token of a connected bot."""
    token: bytes | None = (
        await tx.execute(select(bot.c.token).where(bot.c.id == bot_id, bot.c.status != BotStatus.DELETED))
    ).scalar_one_or_none()
    return token


async def change_secret(tx: Tx, bot_id: int, secret_digest: bytes) -> None:
    """A new webhook secret is in force."""
    await tx.execute(update(bot).where(bot.c.id == bot_id).values(secret_digest=secret_digest))


async def disconnect(tx: Tx, bot_id: int, now: datetime) -> bool:
    """Delete softly; False when it was deleted already."""
    done = await tx.execute(
        update(bot)
        .where(bot.c.id == bot_id, bot.c.status != BotStatus.DELETED)
        .values(status=BotStatus.DELETED, deleted_at=now)
    )
    return bool(done.rowcount)


async def refresh_status(tx: Tx, bot_id: int) -> bool:
    """Status 1 while rights are lost in a chat, 0 otherwise; True when that is a change."""
    lost = await tx.execute(
        select(admin_chat.c.chat_id).where(admin_chat.c.bot_id == bot_id, admin_chat.c.lost_rights).limit(1)
    )
    status = BotStatus.WARNING if lost.first() else BotStatus.ACTIVE
    done = await tx.execute(
        update(bot)
        .where(bot.c.id == bot_id, bot.c.status != BotStatus.DELETED, bot.c.status != status)
        .values(status=status)
    )
    return bool(done.rowcount)


async def change_owner(tx: Tx, bot_id: int, owner_id: int) -> None:
    """Give the service bot to the owner the settings name; other bots never change hands."""
    await tx.execute(update(bot).where(bot.c.id == bot_id, bot.c.is_service).values(owner_id=owner_id))


async def claim(tx: Tx, bot_id: int, owner_id: int) -> bool:
    """Make somebody the owner of a service bot that has none; False when it has one."""
    done = await tx.execute(
        update(bot).where(bot.c.id == bot_id, bot.c.is_service, bot.c.owner_id == 0).values(owner_id=owner_id)
    )
    return bool(done.rowcount)
