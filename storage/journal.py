"""The journal of who came to a chat and who went, when, by whose doing and from where."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, literal_column, select, type_coerce

from domain.movements import Movement, MovementKind
from domain.presence import Trace
from storage.database import Tx
from storage.statements import Hot
from storage.tables.bots import journal
from storage.types import from_microseconds

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Count:
    """How many people came (by one source) or went in the slot of time that begins at `at`."""

    at: datetime
    source: str
    people: int


_COLUMNS = (
    "bot_id", "chat_id", "user_id", "kind", "change", "is_bot", "actor_id", "source", "invite_link",
    "link_name", "via_request", "update_id", "at",
)  # fmt: skip
_ADD = Hot(lambda dialect: journal.insert().values({name: bindparam(name) for name in _COLUMNS}))


async def add(tx: Tx, movement: Movement) -> None:
    """Write a movement down; its update is claimed by the same transaction, so it is written once."""
    values = {name: getattr(movement, name) for name in _COLUMNS}
    await _ADD.run(tx, **values | {"kind": movement.kind.value})


async def joined_before(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> bool:
    """Whether the person has come to the chat before, as far as the journal knows."""
    found = await tx.execute(
        select(journal.c.id)
        .where(
            journal.c.bot_id == bot_id,
            journal.c.user_id == user_id,
            journal.c.chat_id == chat_id,
            journal.c.kind == "join",
        )
        .limit(1)
    )
    return found.first() is not None


async def last(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> Trace | None:
    """Somebody's newest movement in a chat."""
    row = (
        await tx.execute(
            select(journal.c.kind, journal.c.user_id, journal.c.actor_id, journal.c.via_request, journal.c.at)
            .where(journal.c.bot_id == bot_id, journal.c.user_id == user_id, journal.c.chat_id == chat_id)
            .order_by(journal.c.at.desc(), journal.c.id.desc())
            .limit(1)
        )
    ).one_or_none()
    return None if row is None else Trace(**{**row._mapping, "kind": MovementKind(row.kind)})


async def came(tx: Tx, bot_id: int, chat_id: int, since: datetime, slot: timedelta) -> list[Count]:
    """People who joined since `since`, by slot (counted from 1970, UTC) and source; no bots."""
    begin = _begin(slot)
    rows = await tx.execute(
        select(begin, journal.c.source, func.count().label("people"))
        .where(*_people(bot_id, chat_id, since), journal.c.change == 1)
        .group_by("slot", journal.c.source)
    )
    return [_count(row, slot) for row in rows]


async def went(tx: Tx, bot_id: int, chat_id: int, since: datetime, slot: timedelta) -> list[Count]:
    """People who left or were removed since `since`, by slot; no bots."""
    rows = await tx.execute(
        select(_begin(slot), func.count().label("people"))
        .where(*_people(bot_id, chat_id, since), journal.c.change == -1)
        .group_by("slot")
    )
    return [_count(row, slot) for row in rows]


def _begin(slot: timedelta) -> Any:
    # The length is written into the statement: PostgreSQL would not see that two parameters are the same.
    length = literal_column(str(slot // _MICROSECOND), BigInteger)
    return (type_coerce(journal.c.at, BigInteger) // length).label("slot")


def _people(bot_id: int, chat_id: int, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        journal.c.bot_id == bot_id,
        journal.c.chat_id == chat_id,
        journal.c.at >= since,
        journal.c.is_bot.is_(False),
    )


def _count(row: Any, slot: timedelta) -> Count:
    at = from_microseconds(row.slot * (slot // _MICROSECOND))
    return Count(at, getattr(row, "source", ""), row.people)
