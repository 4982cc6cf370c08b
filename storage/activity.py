"""Message counts per chat and person, and per chat and day."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from storage.database import Tx
from storage.statements import Hot, insert_for
from storage.tables.bots import activity, activity_day
from storage.types import DAY, SECOND, to_microseconds


@dataclass(slots=True)
class Count:
    """Messages of one person in one chat; first and last in unix seconds."""

    messages: int
    first_at: int
    last_at: int


def _build_people(dialect: str) -> Any:
    statement = insert_for(dialect, activity).values(
        bot_id=bindparam("bot"),
        chat_id=bindparam("chat"),
        user_id=bindparam("user"),
        messages=bindparam("count"),
        first_at=bindparam("first"),
        last_at=bindparam("last"),
    )
    return statement.on_conflict_do_update(
        index_elements=["bot_id", "chat_id", "user_id"],
        set_={
            "messages": activity.c.messages + statement.excluded.messages,
            "last_at": statement.excluded.last_at,
        },
    )


def _build_days(dialect: str) -> Any:
    statement = insert_for(dialect, activity_day).values(
        bot_id=bindparam("bot"), chat_id=bindparam("chat"), day=bindparam("on"), messages=bindparam("count")
    )
    return statement.on_conflict_do_update(
        index_elements=["bot_id", "chat_id", "day"],
        set_={"messages": activity_day.c.messages + statement.excluded.messages},
    )


_ADD_PEOPLE, _ADD_DAYS = Hot(_build_people), Hot(_build_days)


async def add(tx: Tx, counts: Mapping[tuple[int, int, int], Count]) -> None:
    """Add counts by (bot, chat, user). Rows are written in key order, so that processes never deadlock."""
    people: list[dict[str, int]] = []
    days = Counter[tuple[int, int, int]]()
    for (bot, chat, user), count in sorted(counts.items()):
        first, last = count.first_at * SECOND, count.last_at * SECOND
        people.append(
            {"bot": bot, "chat": chat, "user": user, "count": count.messages, "first": first, "last": last}
        )
        days[bot, chat, last // DAY] += count.messages
    await _ADD_PEOPLE.run_many(tx, people)
    await _ADD_DAYS.run_many(
        tx,
        [{"bot": bot, "chat": chat, "on": day, "count": n} for (bot, chat, day), n in sorted(days.items())],
    )


async def messages(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> int:
    """Messages of a person in a chat."""
    count: int | None = (
        await tx.execute(
            select(activity.c.messages).where(
                activity.c.bot_id == bot_id, activity.c.chat_id == chat_id, activity.c.user_id == user_id
            )
        )
    ).scalar_one_or_none()
    return count or 0


async def total(tx: Tx, bot_id: int, chat_id: int) -> int:
    """Messages of everybody in a chat."""
    statement = select(func.coalesce(func.sum(activity.c.messages), 0)).where(
        activity.c.bot_id == bot_id, activity.c.chat_id == chat_id
    )
    return int((await tx.execute(statement)).scalar_one())


async def per_day(tx: Tx, bot_id: int, chat_id: int, since: datetime) -> dict[int, int]:
    """Messages in a chat per UTC day (days since 1970), from the day of `since` on."""
    rows = await tx.execute(
        select(activity_day.c.day, activity_day.c.messages).where(
            activity_day.c.bot_id == bot_id,
            activity_day.c.chat_id == chat_id,
            activity_day.c.day >= to_microseconds(since) // DAY,
        )
    )
    return {row.day: row.messages for row in rows}
