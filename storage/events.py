"""The append-only event log: what happened, for webhooks, analytics and the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, select

from storage.database import Tx
from storage.statements import Hot
from storage.tables.core import event


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happened to an owner's bot, e.g. `membership.started`."""

    owner_id: int
    bot_id: int | None
    kind: str
    data: Mapping[str, Any]


_COLUMNS = ("event_id", "owner_id", "bot_id", "kind", "data", "at")
_APPEND = Hot(lambda dialect: event.insert().values({name: bindparam(name) for name in _COLUMNS}))


async def append(tx: Tx, events: Sequence[NewEvent], now: datetime) -> list[str]:
    """Write events with the state they tell of; returns their new ids, in the same order."""
    values = [
        {
            "event_id": uuid4().hex, "owner_id": one.owner_id, "bot_id": one.bot_id, "kind": one.kind,
            "data": dict(one.data), "at": now,
        }
        for one in events
    ]  # fmt: skip
    await _APPEND.run_many(tx, values)
    return [str(value["event_id"]) for value in values]


async def of_owner(tx: Tx, owner_id: int, kind: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    """(kind, data) of an owner's events, oldest first."""
    statement = select(event.c.kind, event.c.data).where(event.c.owner_id == owner_id).order_by(event.c.id)
    if kind is not None:
        statement = statement.where(event.c.kind == kind)
    return [(row.kind, row.data) for row in await tx.execute(statement)]
