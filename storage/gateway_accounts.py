"""The payment gateways a bot has installed, with sealed credentials."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from storage.database import Tx
from storage.statements import insert
from storage.tables.orders import gateway_account as account


@dataclass(frozen=True, slots=True)
class GatewayAccount:
    """An installed gateway. `credentials` are sealed; `hook_id` is where its notifications come in."""

    id: int
    bot_id: int
    gateway: str
    credentials: bytes
    account: str
    hook_id: str
    enabled: bool


_COLUMNS = (
    account.c.id, account.c.bot_id, account.c.gateway, account.c.credentials, account.c.account,
    account.c.hook_id, account.c.enabled,
)  # fmt: skip


async def put(
    tx: Tx, bot_id: int, gateway: str, credentials: bytes, name: str, hook_id: str, now: datetime
) -> GatewayAccount:
    """Install a gateway, or replace its credentials; the address of its notifications stays."""
    statement = insert(tx, account).values(
        bot_id=bot_id, gateway=gateway, credentials=credentials, account=name, hook_id=hook_id, enabled=True,
        created_at=now,
    )  # fmt: skip
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["bot_id", "gateway"],
            set_={"credentials": credentials, "account": name, "enabled": True},
        )
    )
    found = await get(tx, bot_id, gateway)
    assert found is not None  # noqa: S101 - written two lines above
    return found


async def get(tx: Tx, bot_id: int, gateway: str) -> GatewayAccount | None:
    """One installed gateway."""
    row = (
        await tx.execute(select(*_COLUMNS).where(account.c.bot_id == bot_id, account.c.gateway == gateway))
    ).one_or_none()
    return None if row is None else GatewayAccount(**row._mapping)


async def by_hook(tx: Tx, hook_id: str) -> GatewayAccount | None:
    """The gateway whose notifications come in there, switched off ones included: money may come late."""
    row = (await tx.execute(select(*_COLUMNS).where(account.c.hook_id == hook_id))).one_or_none()
    return None if row is None else GatewayAccount(**row._mapping)


async def of_bot(tx: Tx, bot_id: int) -> list[GatewayAccount]:
    """All a bot has installed, in the order they were."""
    rows = await tx.execute(select(*_COLUMNS).where(account.c.bot_id == bot_id).order_by(account.c.id))
    return [GatewayAccount(**row._mapping) for row in rows]


async def switch(tx: Tx, bot_id: int, gateway: str, enabled: bool) -> bool:
    """Offer a gateway to buyers, or no longer; False when it is not installed."""
    done = await tx.execute(
        update(account)
        .where(account.c.bot_id == bot_id, account.c.gateway == gateway)
        .values(enabled=enabled)
    )
    return bool(done.rowcount)


async def remove(tx: Tx, bot_id: int, gateway: str) -> bool:
    """Forget a gateway and its credentials; False when it is not installed."""
    done = await tx.execute(delete(account).where(account.c.bot_id == bot_id, account.c.gateway == gateway))
    return bool(done.rowcount)
