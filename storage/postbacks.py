"""Postbacks as their owners see them: templates, what is written to be sent, and the log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from domain.leads import LeadStatus
from domain.postbacks import GLOBAL, Filter, Postback
from domain.webhooks import Attempt, State
from storage.database import Tx
from storage.queues import newest_attempt
from storage.statements import insert
from storage.tables.postbacks import postback, postback_attempt, postback_endpoint, postback_template


def _where(which: Filter) -> list[ColumnElement[bool]]:
    columns = (postback.c.campaign_id, postback.c.lead_id, postback.c.status, postback.c.state)
    given = ((column, getattr(which, column.name)) for column in columns)
    found = [column == value for column, value in given if value is not None]
    if which.before is not None:
        found.append(postback.c.id < which.before)
    return found


async def templates(tx: Tx, owner_id: int, campaign_id: int) -> dict[LeadStatus, str]:
    """The templates of a campaign itself, or the global ones (`GLOBAL`)."""
    return (await _templates(tx, owner_id, campaign_id)).get(campaign_id, {})


async def in_use(tx: Tx, owner_id: int, campaign_id: int) -> dict[LeadStatus, str]:
    """The templates a campaign's leads are told by: its own ones if it has any, else the global ones."""
    found = await _templates(tx, owner_id, campaign_id, GLOBAL)
    return found.get(campaign_id) or found.get(GLOBAL, {})


async def _templates(tx: Tx, owner_id: int, *campaigns: int) -> dict[int, dict[LeadStatus, str]]:
    table = postback_template
    rows = await tx.execute(
        select(table.c.campaign_id, table.c.status, table.c.url)
        .where(table.c.owner_id == owner_id, table.c.campaign_id.in_(campaigns))
        .order_by(table.c.status)
    )
    found: dict[int, dict[LeadStatus, str]] = {}
    for row in rows:
        found.setdefault(row.campaign_id, {})[LeadStatus(row.status)] = row.url
    return found


async def put_template(tx: Tx, owner_id: int, campaign_id: int, status: LeadStatus, url: str) -> None:
    """Keep a template; an empty one is removed."""
    key = {"owner_id": owner_id, "campaign_id": campaign_id, "status": int(status)}
    if url:
        statement = insert(tx, postback_template).values(**key, url=url)
        await tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_={"url": url}))
        return
    await tx.execute(
        delete(postback_template).where(*(postback_template.c[name] == value for name, value in key.items()))
    )


async def write(
    tx: Tx,
    owner_id: int,
    origin: str,
    url: str,
    event_id: str,
    now: datetime,
    *,
    campaign_id: int,
    status: LeadStatus,
    lead_id: int = 0,
    entry: int = 0,
) -> int | None:
    """Write a postback to be sent; its id. None when one of this event was written before."""
    values: Mapping[str, Any] = {
        "endpoint_id": await _endpoint(tx, owner_id, origin, now),
        "owner_id": owner_id, "campaign_id": campaign_id, "lead_id": lead_id, "entry": entry,
        "status": int(status), "event_id": event_id, "url": url, "state": State.WAITING.value,
        "attempts": 0, "due_at": now, "created_at": now,
    }  # fmt: skip
    statement = insert(tx, postback).values(values).on_conflict_do_nothing(index_elements=["event_id"])
    found = (await tx.execute(statement.returning(postback.c.id))).scalar_one_or_none()
    return None if found is None else int(found)


async def _endpoint(tx: Tx, owner_id: int, origin: str, now: datetime) -> int:
    """The id of a server. Looked for before it is made: whoever sends to it need not wait for us."""
    table = postback_endpoint
    known = select(table.c.id).where(table.c.owner_id == owner_id, table.c.origin == origin)
    found = (await tx.execute(known)).scalar_one_or_none()
    if found is None:
        healthy = {"failures": 0, "slow": False, "paused_until": now, "held_until": now}
        statement = insert(tx, table).values(owner_id=owner_id, origin=origin, **healthy)
        await tx.execute(statement.on_conflict_do_nothing(index_elements=["owner_id", "origin"]))
        found = (await tx.execute(known)).scalar_one()
    return int(found)


def _select() -> Any:
    """Postbacks with the code and error of their last attempts."""
    return select(
        postback.c.id, postback.c.endpoint_id, postback.c.campaign_id, postback.c.lead_id, postback.c.status,
        postback.c.event_id, postback.c.url, postback.c.state, postback.c.attempts, postback.c.due_at,
        postback.c.created_at, postback_attempt.c.status.label("code"), postback_attempt.c.error,
    ).select_from(
        postback.outerjoin(postback_attempt, newest_attempt(postback, postback_attempt.c.postback_id))
    )  # fmt: skip


def _postback(row: Any) -> Postback:
    return Postback(**{**row._mapping, "status": LeadStatus(row.status), "state": State(row.state)})


async def log(tx: Tx, owner_id: int, which: Filter, limit: int, offset: int = 0) -> list[Postback]:
    """What was sent or is to be sent, the newest first."""
    rows = await tx.execute(
        _select()
        .where(postback.c.owner_id == owner_id, *_where(which))
        .order_by(postback.c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [_postback(row) for row in rows]


async def get(tx: Tx, owner_id: int, postback_id: int) -> Postback | None:
    """One postback of an owner."""
    mine = postback.c.id == postback_id, postback.c.owner_id == owner_id
    row = (await tx.execute(_select().where(*mine))).one_or_none()
    return None if row is None else _postback(row)


async def attempts(tx: Tx, owner_id: int, postback_id: int, limit: int) -> Sequence[Attempt]:
    """The last attempts of a postback, the newest first."""
    tried = postback_attempt
    rows = await tx.execute(
        select(tried.c.number, tried.c.at, tried.c.status, tried.c.answer, tried.c.error, tried.c.took_ms)
        .join(postback, postback.c.id == tried.c.postback_id)
        .where(tried.c.postback_id == postback_id, postback.c.owner_id == owner_id)
        .order_by(tried.c.id.desc())
        .limit(limit)
    )
    return [Attempt(**row._mapping) for row in rows]


async def count_dead(tx: Tx, owner_id: int, campaign_id: int | None = None) -> int:
    """How many postbacks of an owner, or of one campaign, were given up."""
    statement = (
        select(func.count())
        .select_from(postback)
        .where(postback.c.owner_id == owner_id, *_where(Filter(campaign_id, state=State.DEAD)))
    )
    return int((await tx.execute(statement)).scalar_one())


async def again(tx: Tx, owner_id: int, postback_id: int, now: datetime) -> bool:
    """Put a postback into the queue once more, whatever became of it; False for none."""
    return bool(await _requeue(tx, owner_id, now, postback.c.id == postback_id))


async def all_dead_again(tx: Tx, owner_id: int, campaign_id: int | None, now: datetime) -> int:
    """Put everything of an owner, or of one campaign, that was given up into the queue; returns how much."""
    return await _requeue(tx, owner_id, now, *_where(Filter(campaign_id, state=State.DEAD)))


async def _requeue(tx: Tx, owner_id: int, now: datetime, *which: ColumnElement[bool]) -> int:
    """Somebody waits for what comes of it: the circuit breaker does not make him wait.

    The servers' rows come before those of the postbacks, as in `storage.queues.Queue.lock`.
    """
    mine = postback.c.owner_id == owner_id
    servers = select(postback.c.endpoint_id).where(mine, *which)
    await tx.execute(
        update(postback_endpoint)
        .where(postback_endpoint.c.owner_id == owner_id, postback_endpoint.c.id.in_(servers))
        .values(paused_until=now)
    )
    done = await tx.execute(
        update(postback)
        .where(mine, *which)
        .values(state=State.WAITING.value, attempts=0, due_at=now, done_at=None)
    )
    return int(done.rowcount)
