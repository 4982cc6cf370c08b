"""Webhooks of a bot, as their owner sees them, and the events written for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, String, bindparam, delete, func, literal, select, update

from domain.webhooks import Attempt, Delivery, State, Webhook, Why
from storage.database import Tx
from storage.queues import newest_attempt
from storage.statements import Hot, insert
from storage.tables.webhooks import webhook, webhook_attempt, webhook_delivery

_COLUMNS = (
    webhook.c.id, webhook.c.bot_id, webhook.c.url, webhook.c.enabled, webhook.c.why_disabled,
    webhook.c.failing_since, webhook.c.old_until, webhook.c.created_at,
)  # fmt: skip
_HEALTHY = {"failures": 0, "failing_since": None, "slow": False, "why_disabled": None, "enabled": True}


@dataclass(frozen=True, slots=True)
class Stored:
    """A webhook with its sealed secret."""

    webhook: Webhook
    secret: bytes


def _stored(row: Any) -> Stored:
    values = dict(row._mapping)
    secret, why = values.pop("secret"), values["why_disabled"]
    return Stored(Webhook(**{**values, "why_disabled": None if why is None else Why(why)}), secret)


def _enqueue(dialect: str) -> Any:
    """One row for each webhook of the bot that is switched on: with none of them it does nothing."""
    values = {
        "webhook_id": webhook.c.id,
        "bot_id": webhook.c.bot_id,
        "event_id": bindparam("event_id", type_=String),
        "kind": bindparam("kind", type_=String),
        "body": bindparam("body", type_=LargeBinary),
        "state": literal(State.WAITING.value),
        "attempts": literal(0),
        "due_at": bindparam("at", type_=BigInteger),
        "created_at": bindparam("at", type_=BigInteger),
    }
    chosen = select(*values.values()).where(
        webhook.c.bot_id == bindparam("bot_id", type_=BigInteger), webhook.c.enabled
    )
    return webhook_delivery.insert().from_select(list(values), chosen, include_defaults=False)


_ENQUEUE = Hot(_enqueue)


async def enqueue(tx: Tx, bot_id: int, event_id: str, kind: str, body: bytes, now: datetime) -> bool:
    """Write an event down for every webhook of the bot that is switched on; False when there is none."""
    done = await _ENQUEUE.run(tx, bot_id=bot_id, event_id=event_id, kind=kind, body=body, at=now)
    return done.rowcount > 0


async def enqueue_one(
    tx: Tx, bot_id: int, webhook_id: int, event_id: str, kind: str, body: bytes, now: datetime
) -> None:
    """Write an event down for one webhook."""
    values = {"webhook_id": webhook_id, "bot_id": bot_id, "event_id": event_id, "kind": kind, "body": body}
    waiting = {"state": State.WAITING.value, "attempts": 0, "due_at": now, "created_at": now}
    await tx.execute(webhook_delivery.insert().values(values | waiting))


async def put(tx: Tx, bot_id: int, url: str, url_digest: bytes, secret: bytes, now: datetime) -> Stored:
    """Register a URL, or switch it on again: then it keeps the secret it has."""
    statement = insert(tx, webhook).values(
        bot_id=bot_id, url=url, url_digest=url_digest, secret=secret, paused_until=now, held_until=now,
        created_at=now, **_HEALTHY,
    )  # fmt: skip
    statement = statement.on_conflict_do_update(
        index_elements=["bot_id", "url_digest"], set_=_HEALTHY | {"paused_until": now}
    ).returning(webhook.c.secret, *_COLUMNS)
    return _stored((await tx.execute(statement)).one())


async def count(tx: Tx, bot_id: int) -> int:
    """How many webhooks a bot has."""
    statement = select(func.count()).select_from(webhook).where(webhook.c.bot_id == bot_id)
    return int((await tx.execute(statement)).scalar_one())


async def of_bot(tx: Tx, bot_id: int) -> list[Webhook]:
    """A bot's webhooks, the oldest first."""
    rows = await tx.execute(
        select(webhook.c.secret, *_COLUMNS).where(webhook.c.bot_id == bot_id).order_by(webhook.c.id)
    )
    return [_stored(row).webhook for row in rows]


async def get(tx: Tx, bot_id: int, webhook_id: int) -> Stored | None:
    """A webhook by its id."""
    return await _one(tx, webhook.c.bot_id == bot_id, webhook.c.id == webhook_id)


async def by_url(tx: Tx, bot_id: int, url_digest: bytes) -> Stored | None:
    """A webhook by the digest of its URL."""
    return await _one(tx, webhook.c.bot_id == bot_id, webhook.c.url_digest == url_digest)


async def _one(tx: Tx, *where: Any) -> Stored | None:
    row = (await tx.execute(select(webhook.c.secret, *_COLUMNS).where(*where))).one_or_none()
    return None if row is None else _stored(row)


async def change_secret(tx: Tx, bot_id: int, webhook_id: int, secret: bytes, overlap_until: datetime) -> bool:
    """A new secret signs from now on, beside it until then the one it replaces; False for no webhook."""
    done = await tx.execute(
        update(webhook)
        .where(webhook.c.bot_id == bot_id, webhook.c.id == webhook_id)
        .values(old_secret=webhook.c.secret, old_until=overlap_until, secret=secret)
    )
    return bool(done.rowcount)


async def enable(tx: Tx, bot_id: int, webhook_id: int, now: datetime) -> bool:
    """Switch a webhook on, as if it had never failed; False for no webhook."""
    done = await tx.execute(
        update(webhook)
        .where(webhook.c.bot_id == bot_id, webhook.c.id == webhook_id)
        .values(**_HEALTHY, paused_until=now)
    )
    return bool(done.rowcount)


async def hurry(tx: Tx, bot_id: int, webhook_id: int, now: datetime) -> None:
    """Somebody waits for what comes of it: the circuit breaker does not make him wait."""
    await tx.execute(
        update(webhook).where(webhook.c.bot_id == bot_id, webhook.c.id == webhook_id).values(paused_until=now)
    )


async def remove(tx: Tx, bot_id: int, webhook_id: int) -> bool:
    """Remove a webhook with all that was written for it; False for no webhook."""
    done = await tx.execute(delete(webhook).where(webhook.c.bot_id == bot_id, webhook.c.id == webhook_id))
    if not done.rowcount:
        return False
    ours = webhook_delivery.c.bot_id == bot_id, webhook_delivery.c.webhook_id == webhook_id
    theirs = webhook_attempt.c.delivery_id.in_(select(webhook_delivery.c.id).where(*ours))
    await tx.execute(delete(webhook_attempt).where(webhook_attempt.c.bot_id == bot_id, theirs))
    await tx.execute(delete(webhook_delivery).where(*ours))
    return True


async def remove_all(tx: Tx, bot_id: int) -> None:
    """The bot is somebody else's now: nothing of it goes where the earlier owner wanted it."""
    for one in await of_bot(tx, bot_id):
        await remove(tx, bot_id, one.id)


def _deliveries() -> Any:
    """Deliveries with the status and error of their last attempts."""
    return select(
        webhook_delivery.c.id, webhook_delivery.c.webhook_id, webhook_delivery.c.event_id,
        webhook_delivery.c.kind, webhook_delivery.c.state, webhook_delivery.c.attempts,
        webhook_delivery.c.due_at, webhook_delivery.c.created_at, webhook_attempt.c.status,
        webhook_attempt.c.error,
    ).select_from(
        webhook_delivery.outerjoin(
            webhook_attempt, newest_attempt(webhook_delivery, webhook_attempt.c.delivery_id)
        )
    )  # fmt: skip


def _delivery(row: Any) -> Delivery:
    return Delivery(**{**row._mapping, "state": State(row.state)})


async def deliveries(tx: Tx, bot_id: int, webhook_id: int, offset: int, limit: int) -> list[Delivery]:
    """What was sent or is to be sent to a webhook, the newest first."""
    rows = await tx.execute(
        _deliveries()
        .where(webhook_delivery.c.webhook_id == webhook_id, webhook_delivery.c.bot_id == bot_id)
        .order_by(webhook_delivery.c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [_delivery(row) for row in rows]


async def delivery(tx: Tx, bot_id: int, delivery_id: int) -> Delivery | None:
    """One delivery."""
    row = (
        await tx.execute(
            _deliveries().where(webhook_delivery.c.id == delivery_id, webhook_delivery.c.bot_id == bot_id)
        )
    ).one_or_none()
    return None if row is None else _delivery(row)


async def attempts(tx: Tx, bot_id: int, delivery_id: int, limit: int) -> Sequence[Attempt]:
    """The last attempts of a delivery, the newest first."""
    rows = await tx.execute(
        select(
            webhook_attempt.c.number, webhook_attempt.c.at, webhook_attempt.c.status,
            webhook_attempt.c.answer, webhook_attempt.c.error, webhook_attempt.c.took_ms,
        )
        .where(webhook_attempt.c.delivery_id == delivery_id, webhook_attempt.c.bot_id == bot_id)
        .order_by(webhook_attempt.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [Attempt(**row._mapping) for row in rows]


async def again(tx: Tx, bot_id: int, delivery_id: int, now: datetime) -> bool:
    """Put a delivery into the queue once more, whatever became of it; False for none."""
    return bool(
        await _requeue(tx, now, webhook_delivery.c.bot_id == bot_id, webhook_delivery.c.id == delivery_id)
    )


async def all_dead_again(tx: Tx, bot_id: int, webhook_id: int, now: datetime) -> int:
    """Put every dead delivery of a webhook into the queue once more; returns how many."""
    return await _requeue(
        tx,
        now,
        webhook_delivery.c.bot_id == bot_id,
        webhook_delivery.c.webhook_id == webhook_id,
        webhook_delivery.c.state == State.DEAD,
    )


async def count_dead(tx: Tx, bot_id: int, webhook_id: int) -> int:
    """How many deliveries of a webhook were given up."""
    statement = (
        select(func.count())
        .select_from(webhook_delivery)
        .where(
            webhook_delivery.c.webhook_id == webhook_id,
            webhook_delivery.c.state == State.DEAD,
            webhook_delivery.c.bot_id == bot_id,
        )
    )
    return int((await tx.execute(statement)).scalar_one())


async def _requeue(tx: Tx, now: datetime, *where: Any) -> int:
    done = await tx.execute(
        update(webhook_delivery)
        .where(*where)
        .values(state=State.WAITING.value, attempts=0, due_at=now, done_at=None)
    )
    return int(done.rowcount)
