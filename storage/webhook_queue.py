"""The queues of webhooks (`storage.queues`), and how one is switched off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, update

from domain.webhooks import State, Why
from storage.database import Tx
from storage.queues import Queue
from storage.tables.webhooks import webhook, webhook_attempt, webhook_delivery


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery that is due, with what sending it takes. `attempts` are those made so far; `secrets` are
    sealed, the newest first."""

    id: int
    webhook_id: int
    bot_id: int
    url: str
    event_id: str
    body: bytes
    attempts: int
    secrets: tuple[bytes, ...]
    failures: int
    failing_since: datetime | None

    @property
    def receiver_id(self) -> int:
        return self.webhook_id

    @property
    def tenant_id(self) -> int:
        return self.bot_id


class _Webhooks(Queue[Parcel]):
    def _columns(self) -> Sequence[ColumnElement[Any]]:
        return (
            webhook_delivery.c.id, webhook_delivery.c.webhook_id, webhook_delivery.c.bot_id,
            webhook.c.url, webhook_delivery.c.event_id, webhook_delivery.c.body,
            webhook_delivery.c.attempts, webhook.c.secret, webhook.c.old_secret, webhook.c.old_until,
            webhook.c.failures, webhook.c.failing_since,
        )  # fmt: skip

    def _parcel(self, row: Any, now: datetime) -> Parcel:
        values = dict(row._mapping)
        secret, old, until = (values.pop(name) for name in ("secret", "old_secret", "old_until"))
        both = old is not None and until is not None and until > now
        return Parcel(**values, secrets=(secret, old) if both else (secret,))


ROWS = _Webhooks(
    webhook,
    webhook_delivery,
    webhook_attempt,
    receiver=webhook_delivery.c.webhook_id,
    item=webhook_attempt.c.delivery_id,
    tenant="bot_id",
    open_for=webhook.c.enabled,
)
any_ready, hold, first, lock, note = ROWS.any_ready, ROWS.hold, ROWS.first, ROWS.lock, ROWS.note
note_health, renew, let_go, forget_before = ROWS.note_health, ROWS.renew, ROWS.let_go, ROWS.forget_before


async def disable(tx: Tx, parcel: Parcel, why: Why, now: datetime) -> bool:
    """Switch a webhook off, and give up what waits for it; False when it was off already."""
    done = await tx.execute(
        update(webhook)
        .where(webhook.c.id == parcel.webhook_id, webhook.c.bot_id == parcel.bot_id, webhook.c.enabled)
        .values(enabled=False, why_disabled=why.value)
    )
    if not done.rowcount:
        return False
    await tx.execute(
        update(webhook_delivery)
        .where(
            webhook_delivery.c.webhook_id == parcel.webhook_id,
            webhook_delivery.c.bot_id == parcel.bot_id,
            webhook_delivery.c.state == State.WAITING,
        )
        .values(state=State.DEAD.value, done_at=now)
    )
    return True
