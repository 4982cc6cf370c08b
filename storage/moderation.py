"""Warnings, approvals and bans of people in chats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, true, update

from storage.database import Tx
from storage.statements import insert
from storage.tables.moderation import approved, banned, warned

Note = Mapping[str, Any]  # a warning: `at` (unix seconds), `by`, `reason`, and `unit` of the hit it came of


async def warn(tx: Tx, bot_id: int, chat_id: int, user_id: int, note: Note, now: datetime) -> list[Note]:
    """Add a warning; returns all of the person's in that chat, the oldest first.

    The upsert takes the row's lock, so that of two warnings at once each counts the other.
    """
    notes = await _lock_notes(tx, bot_id, chat_id, user_id, now)
    notes.append(dict(note))
    await _keep_notes(tx, bot_id, chat_id, user_id, notes)
    return notes


async def unwarn(
    tx: Tx, bot_id: int, chat_id: int, user_id: int, now: datetime, units: Sequence[str] | None = None
) -> int:
    """Take back the last warning, or those given for `units`; returns how many are left."""
    notes = await _lock_notes(tx, bot_id, chat_id, user_id, now)
    left = notes[:-1] if units is None else [note for note in notes if note.get("unit") not in units]
    await _keep_notes(tx, bot_id, chat_id, user_id, left)
    return len(left)


async def clear_warnings(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> None:
    """The ladder was climbed: counting begins anew."""
    await tx.execute(
        delete(warned).where(
            warned.c.bot_id == bot_id, warned.c.chat_id == chat_id, warned.c.user_id == user_id
        )
    )


async def warnings(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> list[Note]:
    """A person's warnings in a chat, the oldest first."""
    found: list[Note] | None = (
        await tx.execute(
            select(warned.c.notes).where(
                warned.c.bot_id == bot_id, warned.c.chat_id == chat_id, warned.c.user_id == user_id
            )
        )
    ).scalar_one_or_none()
    return found or []


async def _lock_notes(tx: Tx, bot_id: int, chat_id: int, user_id: int, now: datetime) -> list[Note]:
    statement = insert(tx, warned).values(
        bot_id=bot_id, chat_id=chat_id, user_id=user_id, notes=[], changed_at=now
    )
    statement = statement.on_conflict_do_update(
        index_elements=["bot_id", "chat_id", "user_id"], set_={"changed_at": now}
    ).returning(warned.c.notes)
    return list((await tx.execute(statement)).scalar_one())


async def _keep_notes(tx: Tx, bot_id: int, chat_id: int, user_id: int, notes: Sequence[Note]) -> None:
    await tx.execute(
        update(warned)
        .where(warned.c.bot_id == bot_id, warned.c.chat_id == chat_id, warned.c.user_id == user_id)
        .values(notes=list(notes))
    )


async def approve(tx: Tx, bot_id: int, chat_id: int, user_id: int, by: int, now: datetime) -> bool:
    """Exempt somebody from the checks of a chat; False when he was already."""
    done = await tx.execute(
        insert(tx, approved)
        .values(bot_id=bot_id, chat_id=chat_id, user_id=user_id, by=by, at=now)
        .on_conflict_do_nothing(index_elements=["bot_id", "chat_id", "user_id"])
    )
    return bool(done.rowcount)


async def disapprove(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> bool:
    """Check somebody like everybody else again; False when he was not exempt."""
    done = await tx.execute(
        delete(approved).where(
            approved.c.bot_id == bot_id, approved.c.chat_id == chat_id, approved.c.user_id == user_id
        )
    )
    return bool(done.rowcount)


async def is_approved(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> bool:
    """Whether somebody is exempt in a chat."""
    found = await tx.execute(
        select(approved.c.user_id).where(
            approved.c.bot_id == bot_id, approved.c.chat_id == chat_id, approved.c.user_id == user_id
        )
    )
    return found.first() is not None


async def approved_in(tx: Tx, bot_id: int, chat_id: int) -> frozenset[int]:
    """Everybody who is exempt in a chat."""
    rows = await tx.execute(
        select(approved.c.user_id).where(approved.c.bot_id == bot_id, approved.c.chat_id == chat_id)
    )
    return frozenset(rows.scalars())


@dataclass(frozen=True, slots=True)
class Ban:
    """Somebody who is banned through us. `chat_id` 0: from all chats of the bot; `until` None: for ever."""

    chat_id: int
    user_id: int
    name: str
    reason: str
    by: int
    at: datetime
    until: datetime | None = None


async def put_ban(tx: Tx, bot_id: int, ban: Ban) -> None:
    """Remember a ban, in place of an earlier one."""
    values = {
        "name": ban.name[:160], "reason": ban.reason[:200], "by": ban.by, "at": ban.at, "until": ban.until,
    }  # fmt: skip
    statement = insert(tx, banned).values(bot_id=bot_id, chat_id=ban.chat_id, user_id=ban.user_id, **values)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["bot_id", "chat_id", "user_id"], set_=values)
    )


async def drop_ban(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> bool:
    """Forget a ban; False when there was none."""
    done = await tx.execute(
        delete(banned).where(
            banned.c.bot_id == bot_id, banned.c.chat_id == chat_id, banned.c.user_id == user_id
        )
    )
    return bool(done.rowcount)


async def bans(tx: Tx, bot_id: int, chat_id: int | None, now: datetime) -> list[Ban]:
    """Bans that last, the newest first: of a chat, of all chats at once (0), or every one (None)."""
    rows = await tx.execute(
        select(
            banned.c.chat_id, banned.c.user_id, banned.c.name, banned.c.reason, banned.c.by, banned.c.at,
            banned.c.until,
        )
        .where(
            banned.c.bot_id == bot_id,
            banned.c.chat_id == chat_id if chat_id is not None else true(),
            banned.c.until.is_(None) | (banned.c.until > now),
        )
        .order_by(banned.c.at.desc(), banned.c.user_id, banned.c.chat_id)
    )  # fmt: skip
    return [Ban(**row._mapping) for row in rows]
