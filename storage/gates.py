"""The gates of paid chats: their links, and what is still owed to a chat."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from storage.database import Tx
from storage.statements import insert
from storage.tables.membership import access_task, entry_link, gate, gate_link

REMOVE, INVITE = "remove", "invite"


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody to remove from a chat, or to give a way in."""

    bot_id: int
    chat_id: int
    member_id: int
    kind: str
    attempts: int


async def one_use(tx: Tx, bot_id: int, chat_ids: Iterable[int]) -> set[int]:
    """Those of the chats whose gate works with one-use links."""
    rows = await tx.execute(
        select(gate.c.chat_id).where(
            gate.c.bot_id == bot_id, gate.c.chat_id.in_(list(chat_ids)), gate.c.one_use
        )
    )
    return set(rows.scalars())


async def set_one_use(tx: Tx, bot_id: int, chat_id: int, on: bool, now: datetime) -> None:
    """Let a chat's gate work with one-use links, or with join requests."""
    values = {"one_use": on, "one_use_since": now if on else None}
    statement = insert(tx, gate).values(bot_id=bot_id, chat_id=chat_id, **values)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["bot_id", "chat_id"], set_=values, where=gate.c.one_use.is_distinct_from(on)
        )
    )


async def one_use_since(tx: Tx, bot_id: int, chat_id: int) -> datetime | None:
    """Since when a chat's gate works with one-use links; None when it does not."""
    found: datetime | None = (
        await tx.execute(
            select(gate.c.one_use_since).where(
                gate.c.bot_id == bot_id, gate.c.chat_id == chat_id, gate.c.one_use
            )
        )
    ).scalar_one_or_none()
    return found


async def tell_once(tx: Tx, bot_id: int, chat_id: int, now: datetime) -> bool:
    """True for the first to tell the owner that the bot cannot guard the chat, until it can again."""
    await tx.execute(
        insert(tx, gate).values(bot_id=bot_id, chat_id=chat_id, one_use=False).on_conflict_do_nothing()
    )
    done = await tx.execute(
        update(gate)
        .where(gate.c.bot_id == bot_id, gate.c.chat_id == chat_id, gate.c.told_at.is_(None))
        .values(told_at=now)
    )
    return bool(done.rowcount)


async def repaired(tx: Tx, bot_id: int, chat_id: int) -> None:
    """The bot can guard the chat again."""
    await tx.execute(
        update(gate).where(gate.c.bot_id == bot_id, gate.c.chat_id == chat_id).values(told_at=None)
    )


async def links(tx: Tx, bot_id: int, project_id: int) -> dict[int, str]:
    """The join-request links of a project: chat id → link."""
    rows = await tx.execute(
        select(gate_link.c.chat_id, gate_link.c.invite_link).where(
            gate_link.c.bot_id == bot_id, gate_link.c.project_id == project_id
        )
    )
    return {row.chat_id: row.invite_link for row in rows}


async def keep_link(
    tx: Tx, bot_id: int, chat_id: int, project_id: int, link: str, instead_of: str | None, now: datetime
) -> str:
    """Keep a new link in place of a useless one; returns the link in force, another's if he was first."""
    statement = insert(tx, gate_link).values(
        bot_id=bot_id, chat_id=chat_id, project_id=project_id, invite_link=link, created_at=now
    )
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["bot_id", "chat_id", "project_id"],
            set_={"invite_link": link, "created_at": now},
            where=gate_link.c.invite_link == (instead_of or ""),
        )
    )
    return (await links(tx, bot_id, project_id))[chat_id]


async def is_gate_link(tx: Tx, bot_id: int, chat_id: int, link: str | None) -> bool:
    """Whether a link is a gate of ours."""
    if link is None:
        return False
    found = await tx.execute(
        select(gate_link.c.chat_id)
        .where(gate_link.c.bot_id == bot_id, gate_link.c.chat_id == chat_id, gate_link.c.invite_link == link)
        .limit(1)
    )
    return found.first() is not None


async def entry(tx: Tx, bot_id: int, chat_id: int, member_id: int, lasts_until: datetime) -> str | None:
    """The one-use link somebody has already and not used, if it lasts until then."""
    found: str | None = (
        await tx.execute(
            select(entry_link.c.invite_link).where(
                entry_link.c.bot_id == bot_id,
                entry_link.c.chat_id == chat_id,
                entry_link.c.member_id == member_id,
                entry_link.c.expires_at > lasts_until,
            )
        )
    ).scalar()
    return found


async def keep_entry(
    tx: Tx, bot_id: int, chat_id: int, member_id: int, link: str, expires_at: datetime
) -> list[str]:
    """Keep a one-use link made for somebody; returns his earlier ones, which are to be revoked."""
    old = (
        await tx.execute(
            delete(entry_link)
            .where(
                entry_link.c.bot_id == bot_id,
                entry_link.c.chat_id == chat_id,
                entry_link.c.member_id == member_id,
            )
            .returning(entry_link.c.invite_link)
        )
    ).scalars()
    earlier = list(old)
    await tx.execute(
        entry_link.insert().values(
            bot_id=bot_id, chat_id=chat_id, member_id=member_id, invite_link=link, expires_at=expires_at
        )
    )
    return earlier


async def take_entry(tx: Tx, bot_id: int, chat_id: int, link: str) -> bool:
    """A one-use link was used: it is ours no longer. False when it never was."""
    done = await tx.execute(
        delete(entry_link).where(
            entry_link.c.bot_id == bot_id, entry_link.c.chat_id == chat_id, entry_link.c.invite_link == link
        )
    )
    return bool(done.rowcount)


async def forget_entries(tx: Tx, before: datetime) -> None:
    """Drop one-use links that have expired."""
    await tx.execute(delete(entry_link).where(entry_link.c.expires_at < before))


async def owe(
    tx: Tx, bot_id: int, chat_id: int, member_id: int, kind: str, due: datetime, now: datetime
) -> None:
    """Note that somebody is to be removed from a chat (`REMOVE`), or to be given a way in (`INVITE`)."""
    statement = insert(tx, access_task).values(
        bot_id=bot_id, chat_id=chat_id, member_id=member_id, kind=kind, due_at=due, attempts=0, created_at=now
    )
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["bot_id", "chat_id", "member_id", "kind"], set_={"due_at": due}
        )
    )


async def owe_once(tx: Tx, bot_id: int, chat_id: int, member_id: int, kind: str, now: datetime) -> bool:
    """As `owe`, due now; what is owed already keeps its time, and then the answer is False."""
    statement = insert(tx, access_task).values(
        bot_id=bot_id, chat_id=chat_id, member_id=member_id, kind=kind, due_at=now, attempts=0, created_at=now
    )
    return bool((await tx.execute(statement.on_conflict_do_nothing())).rowcount)


async def settle(tx: Tx, bot_id: int, chat_id: int, member_id: int, kind: str) -> bool:
    """Nothing of the kind is owed any more; False when nothing was."""
    done = await tx.execute(
        delete(access_task).where(
            access_task.c.bot_id == bot_id,
            access_task.c.chat_id == chat_id,
            access_task.c.member_id == member_id,
            access_task.c.kind == kind,
        )
    )
    return bool(done.rowcount)


async def any_due(tx: Tx, now: datetime) -> bool:
    """Whether there is a task to work off."""
    return (
        await tx.execute(select(access_task.c.bot_id).where(access_task.c.due_at <= now).limit(1))
    ).first() is not None


async def claim_tasks(tx: Tx, now: datetime, limit: int, lease: timedelta) -> list[Task]:
    """Take tasks that are due upon this process for the length of `lease`; whoever fails to settle or
    postpone them leaves them to come again."""
    keys = (access_task.c.bot_id, access_task.c.chat_id, access_task.c.member_id, access_task.c.kind)
    chosen = (
        await tx.execute(
            select(*keys)
            .where(access_task.c.due_at <= now)
            .order_by(access_task.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    ).all()
    taken: list[Task] = []
    for row in chosen:
        statement = (
            update(access_task)
            .where(*(column == value for column, value in zip(keys, row, strict=True)))
            .values(due_at=now + lease, attempts=access_task.c.attempts + 1)
            .returning(access_task.c.attempts)
        )
        taken.append(Task(*row, (await tx.execute(statement)).scalar_one()))
    return taken


async def postpone(tx: Tx, task: Task, due: datetime) -> None:
    """Try again at `due`."""
    await tx.execute(
        update(access_task)
        .where(
            access_task.c.bot_id == task.bot_id,
            access_task.c.chat_id == task.chat_id,
            access_task.c.member_id == task.member_id,
            access_task.c.kind == task.kind,
        )
        .values(due_at=due)
    )


async def hurry(tx: Tx, bot_id: int, chat_id: int, now: datetime) -> None:
    """Something about the chat changed: what waited for it is tried at once."""
    await tx.execute(
        update(access_task)
        .where(access_task.c.bot_id == bot_id, access_task.c.chat_id == chat_id, access_task.c.attempts > 0)
        .values(due_at=now)
    )
