"""Requests to join a chat, and what was decided about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select, update

from storage.database import Tx
from storage.statements import Hot, insert
from storage.tables.bots import join_request
from storage.tables.membership import gate_link

WAITING, APPROVED, DECLINED = "waiting", "approved", "declined"


@dataclass(frozen=True, slots=True)
class NewRequest:
    """Somebody asks to be let in. `user_chat_id` is where he can be written to for five minutes."""

    bot_id: int
    chat_id: int
    user_id: int
    user_chat_id: int
    invite_link: str | None
    link_name: str | None
    at: datetime


async def record(tx: Tx, request: NewRequest, state: str, now: datetime) -> None:
    """Note a request with what was decided, in place of an earlier one."""
    values = {
        "user_chat_id": request.user_chat_id,
        "invite_link": request.invite_link,
        "link_name": request.link_name,
        "state": state,
        "requested_at": request.at,
        "decided_at": None if state == WAITING else now,
    }
    statement = insert(tx, join_request).values(
        bot_id=request.bot_id, chat_id=request.chat_id, user_id=request.user_id, **values
    )
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["bot_id", "chat_id", "user_id"], set_=values)
    )


async def state(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> str | None:
    """What became of somebody's request."""
    found: str | None = (
        await tx.execute(
            select(join_request.c.state).where(
                join_request.c.bot_id == bot_id,
                join_request.c.chat_id == chat_id,
                join_request.c.user_id == user_id,
            )
        )
    ).scalar_one_or_none()
    return found


async def approve_waiting(
    tx: Tx, bot_id: int, user_id: int, chat_ids: Iterable[int], now: datetime
) -> list[int]:
    """Mark somebody's waiting requests to the chats as approved; returns the chats."""
    done = await tx.execute(
        update(join_request)
        .where(
            join_request.c.bot_id == bot_id,
            join_request.c.user_id == user_id,
            join_request.c.chat_id.in_(list(chat_ids)),
            join_request.c.state == WAITING,
        )
        .values(state=APPROVED, decided_at=now)
        .returning(join_request.c.chat_id)
    )
    return list(done.scalars())


async def decline_stale(tx: Tx, before: datetime, now: datetime, limit: int) -> list[tuple[int, int, int]]:
    """Mark requests by our gates that wait since before then as declined: (bot id, chat id, user id).

    A declined person may ask again, and is shown the plans again; one who waits cannot.
    """
    ours = exists().where(
        gate_link.c.bot_id == join_request.c.bot_id, gate_link.c.invite_link == join_request.c.invite_link
    )
    stale = (
        await tx.execute(
            select(join_request.c.bot_id, join_request.c.chat_id, join_request.c.user_id)
            .where(join_request.c.state == WAITING, join_request.c.requested_at < before, ours)
            .limit(limit)
        )
    ).all()
    declined = []
    for bot_id, chat_id, user_id in stale:
        done = await tx.execute(
            update(join_request)
            .where(
                join_request.c.bot_id == bot_id,
                join_request.c.chat_id == chat_id,
                join_request.c.user_id == user_id,
                join_request.c.state == WAITING,
                join_request.c.requested_at < before,
            )
            .values(state=DECLINED, decided_at=now)
        )
        if done.rowcount:
            declined.append((bot_id, chat_id, user_id))
    return declined


async def decline(tx: Tx, bot_id: int, chat_id: int, user_id: int, now: datetime) -> bool:
    """Mark somebody's waiting request as declined; False when it does not wait (any more)."""
    done = await tx.execute(
        update(join_request)
        .where(
            join_request.c.bot_id == bot_id,
            join_request.c.chat_id == chat_id,
            join_request.c.user_id == user_id,
            join_request.c.state == WAITING,
        )
        .values(state=DECLINED, decided_at=now)
    )
    return bool(done.rowcount)


_CAME_IN = Hot(
    lambda dialect: (
        update(join_request)
        .where(
            join_request.c.bot_id == bindparam("bot"),
            join_request.c.chat_id == bindparam("chat"),
            join_request.c.user_id == bindparam("user"),
            join_request.c.state == WAITING,
        )
        .values(state=APPROVED, decided_at=bindparam("now"))
    )
)


async def came_in(tx: Tx, bot_id: int, chat_id: int, user_id: int, now: datetime) -> None:
    """Somebody who waited is in the chat: an administrator let him in."""
    await _CAME_IN.run(tx, bot=bot_id, chat=chat_id, user=user_id, now=now)
