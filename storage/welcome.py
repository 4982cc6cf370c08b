"""Newcomers and the pace at which a chat greets them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, exists, func, select, update

from domain.greetings import Guest
from storage.database import Tx
from storage.statements import insert
from storage.tables.bots import journal
from storage.tables.welcome import greeting, newcomer


async def arrive(
    tx: Tx, bot_id: int, chat_id: int, guest: Guest, now: datetime, window: timedelta, most: int
) -> int:
    """Somebody joined. His place among those greeted within `window` (from 1): greet him now. 0: he is
    greeted with the others, `window` from now at most.

    At once when nobody waits and at most `most` were greeted within `window`, him included. The chat's
    row is written first: on PostgreSQL that makes simultaneous joins of one chat take turns.
    """
    turn = insert(tx, greeting).values(bot_id=bot_id, chat_id=chat_id, farewells=0)
    await tx.execute(
        turn.on_conflict_do_update(
            index_elements=["bot_id", "chat_id"], set_={"farewells": greeting.c.farewells}
        )
    )
    here = (newcomer.c.bot_id == bot_id, newcomer.c.chat_id == chat_id)
    await tx.execute(delete(newcomer).where(*here, newcomer.c.greeted_at <= now - window))
    values: dict[str, Any] = {
        "name": guest.name, "username": guest.username, "language_code": guest.language_code,
        "joined_at": now, "greeted_at": None,
    }  # fmt: skip
    statement = insert(tx, newcomer).values(bot_id=bot_id, chat_id=chat_id, user_id=guest.user_id, **values)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["bot_id", "chat_id", "user_id"], set_=values)
    )
    counts = select(func.count(), func.count(newcomer.c.greeted_at)).where(*here)
    everybody, greeted = (await tx.execute(counts)).one()
    if everybody - greeted == 1 and everybody <= most:
        await tx.execute(
            update(newcomer).where(*here, newcomer.c.user_id == guest.user_id).values(greeted_at=now)
        )
        return int(everybody)
    await tx.execute(
        update(greeting)
        .where(greeting.c.bot_id == bot_id, greeting.c.chat_id == chat_id, greeting.c.due_at.is_(None))
        .values(due_at=now + window)
    )
    return 0


async def take_back(tx: Tx, bot_id: int, chat_id: int, since: datetime, due: datetime) -> int:
    """Greet those who were greeted `since` then once more, at `due` with all the others who wait.

    Returns how many they are.
    """
    again = (
        update(newcomer)
        .where(newcomer.c.bot_id == bot_id, newcomer.c.chat_id == chat_id, newcomer.c.greeted_at >= since)
        .values(greeted_at=None)
    )
    number = (await tx.execute(again)).rowcount
    here = (greeting.c.bot_id == bot_id, greeting.c.chat_id == chat_id)
    await tx.execute(update(greeting).where(*here).values(due_at=due))
    return number


async def forget_waiting(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> bool:
    """Somebody left before he was greeted; False when he had not been waiting."""
    done = await tx.execute(
        delete(newcomer).where(
            newcomer.c.bot_id == bot_id,
            newcomer.c.chat_id == chat_id,
            newcomer.c.user_id == user_id,
            newcomer.c.greeted_at.is_(None),
        )
    )
    return bool(done.rowcount)


async def due(tx: Tx, now: datetime) -> list[tuple[int, int]]:
    """(bot, chat) where those who wait are to be greeted."""
    rows = await tx.execute(select(greeting.c.bot_id, greeting.c.chat_id).where(greeting.c.due_at <= now))
    return [(row.bot_id, row.chat_id) for row in rows]


async def postpone(tx: Tx, bot_id: int, chat_id: int, due: datetime) -> None:
    """Greet those who wait in a chat at `due` instead."""
    await tx.execute(
        update(greeting)
        .where(greeting.c.bot_id == bot_id, greeting.c.chat_id == chat_id, greeting.c.due_at.is_not(None))
        .values(due_at=due)
    )


async def take_waiting(tx: Tx, bot_id: int, chat_id: int, now: datetime) -> list[Guest]:
    """Everybody who waits in a chat, by arrival, marked as greeted; empty when another process took them."""
    mine = await tx.execute(
        update(greeting)
        .where(greeting.c.bot_id == bot_id, greeting.c.chat_id == chat_id, greeting.c.due_at <= now)
        .values(due_at=None)
    )
    if not mine.rowcount:
        return []
    taken = (
        update(newcomer)
        .where(newcomer.c.bot_id == bot_id, newcomer.c.chat_id == chat_id, newcomer.c.greeted_at.is_(None))
        .values(greeted_at=now)
        .returning(
            newcomer.c.user_id, newcomer.c.name, newcomer.c.username, newcomer.c.language_code,
            newcomer.c.joined_at,
        )
    )  # fmt: skip
    rows = sorted((await tx.execute(taken)).all(), key=lambda row: (row.joined_at, row.user_id))
    return [Guest(row.user_id, row.name, row.username, row.language_code) for row in rows]


async def may_say_goodbye(
    tx: Tx, bot_id: int, chat_id: int, now: datetime, window: timedelta, most: int
) -> bool:
    """Count a goodbye; False when there were `most` within `window` already."""
    statement = insert(tx, greeting).values(bot_id=bot_id, chat_id=chat_id, farewell_at=now, farewells=1)
    running = greeting.c.farewell_at > now - window
    statement = statement.on_conflict_do_update(
        index_elements=["bot_id", "chat_id"],
        set_={
            "farewell_at": case((running, greeting.c.farewell_at), else_=statement.excluded.farewell_at),
            "farewells": case((running, greeting.c.farewells + 1), else_=1),
        },
    ).returning(greeting.c.farewells)
    return int((await tx.execute(statement)).scalar_one()) <= most


async def was_here(tx: Tx, bot_id: int, chat_id: int, user_id: int, update_id: int) -> bool:
    """Whether the journal knows the person from before the movement that `update_id` told of."""
    earlier = exists().where(
        journal.c.bot_id == bot_id,
        journal.c.chat_id == chat_id,
        journal.c.user_id == user_id,
        journal.c.update_id != update_id,
    )
    return bool((await tx.execute(select(earlier))).scalar_one())
