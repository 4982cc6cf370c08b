"""Imports of members: jobs, their rows, and who of a chat was not looked at yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update

from domain.imports import Stage, State
from storage.database import Tx
from storage.tables.bots import journal
from storage.tables.core import person
from storage.tables.membership import import_job as job
from storage.tables.membership import import_row as row
from storage.tables.membership import membership

FILE, CHAT = "file", "chat"
_AT_ONCE = 500  # names or rows in one statement


@dataclass(frozen=True, slots=True)
class Job:
    """An import. `chat_id`, `project_id` and `days` are those of a chat's; who came to it after the
    journal's line `mark` is a newcomer."""

    id: int
    bot_id: int
    by: int
    kind: str
    state: Stage
    name: str
    chat_id: int | None
    project_id: int | None
    days: int | None
    mark: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row: who is to get what, or got it, or why not. `end_at` is set where `length` is empty."""

    number: int
    who: str
    member_id: int | None
    project_id: int = 0
    plan_id: int = 0
    length: str = ""
    end_at: datetime | None = None
    state: State = State.WAITING
    reason: str | None = None


_JOB = (
    job.c.id, job.c.bot_id, job.c.by, job.c.kind, job.c.state, job.c.name, job.c.chat_id, job.c.project_id,
    job.c.days, job.c.mark,
)  # fmt: skip
_LINE = (
    row.c.number, row.c.who, row.c.member_id, row.c.project_id, row.c.plan_id, row.c.length, row.c.end_at,
    row.c.state, row.c.reason,
)  # fmt: skip
_ALIVE = (Stage.RUNNING.value, Stage.OPEN.value)


def _job(found: Any) -> Job:
    return Job(**{**found._mapping, "state": Stage(found.state)})


def _line(found: Any) -> Line:
    return Line(**{**found._mapping, "state": State(found.state)})


async def create(
    tx: Tx,
    bot_id: int,
    by: int,
    kind: str,
    name: str,
    now: datetime,
    *,
    chat_id: int | None = None,
    project_id: int | None = None,
    days: int | None = None,
) -> int:
    """A new import, to be confirmed; returns its id."""
    statement = (
        job.insert()
        .values(
            bot_id=bot_id, by=by, kind=kind, state=Stage.DRAFT.value, name=name, chat_id=chat_id,
            project_id=project_id, days=days, mark=0, at=now, look_at=now,
        )
        .returning(job.c.id)
    )  # fmt: skip
    return int((await tx.execute(statement)).scalar_one())


async def put_lines(tx: Tx, job_id: int, lines: Sequence[Line]) -> None:
    """Write the rows of a file down."""
    for start in range(0, len(lines), _AT_ONCE):
        await tx.execute(
            row.insert(),
            [
                {
                    "job_id": job_id, "number": one.number, "who": one.who, "member_id": one.member_id,
                    "project_id": one.project_id, "plan_id": one.plan_id, "length": one.length,
                    "end_at": one.end_at, "state": one.state.value, "reason": one.reason,
                }
                for one in lines[start : start + _AT_ONCE]
            ],
        )  # fmt: skip


async def get(tx: Tx, bot_id: int, job_id: int) -> Job | None:
    """One import."""
    found = (await tx.execute(select(*_JOB).where(job.c.bot_id == bot_id, job.c.id == job_id))).one_or_none()
    return None if found is None else _job(found)


async def alive(tx: Tx, bot_id: int) -> list[Job]:
    """A bot's imports that are not over, oldest first."""
    rows = await tx.execute(
        select(*_JOB).where(job.c.bot_id == bot_id, job.c.state.in_(_ALIVE)).order_by(job.c.id)
    )
    return [_job(found) for found in rows]


async def due(tx: Tx, now: datetime, limit: int) -> list[Job]:
    """Imports of all bots that are to go on now."""
    rows = await tx.execute(
        select(*_JOB)
        .where(job.c.state.in_(_ALIVE), job.c.look_at <= now)
        .order_by(job.c.look_at, job.c.id)
        .limit(limit)
    )
    return [_job(found) for found in rows]


async def begin(tx: Tx, bot_id: int, job_id: int, now: datetime) -> bool:
    """It was confirmed; False when that was so before, or it is not there."""
    newest = select(func.coalesce(func.max(journal.c.id), 0)).where(journal.c.bot_id == bot_id)
    done = await tx.execute(
        update(job)
        .where(job.c.bot_id == bot_id, job.c.id == job_id, job.c.state == Stage.DRAFT.value)
        .values(state=Stage.RUNNING.value, mark=newest.scalar_subquery(), at=now, look_at=now)
    )
    return bool(done.rowcount)


async def move(tx: Tx, bot_id: int, job_id: int, state: Stage, *, since: Collection[Stage]) -> bool:
    """Another state; False when it was in none of `since`."""
    done = await tx.execute(
        update(job)
        .where(job.c.bot_id == bot_id, job.c.id == job_id, job.c.state.in_([one.value for one in since]))
        .values(state=state.value)
    )
    return bool(done.rowcount)


async def look_again(tx: Tx, job_id: int, at: datetime) -> None:
    """It goes on then."""
    await tx.execute(update(job).where(job.c.id == job_id).values(look_at=at))


async def remove_draft(tx: Tx, bot_id: int, job_id: int) -> bool:
    """Forget what was not confirmed; False when it was, or is not there."""
    done = await tx.execute(
        delete(job).where(job.c.bot_id == bot_id, job.c.id == job_id, job.c.state == Stage.DRAFT.value)
    )
    if done.rowcount:
        await tx.execute(delete(row).where(row.c.job_id == job_id))
    return bool(done.rowcount)


async def forget(tx: Tx, before: datetime) -> None:
    """Drop what was not confirmed, or is over, since then."""
    over = (Stage.DRAFT.value, Stage.DONE.value, Stage.STOPPED.value)
    old = select(job.c.id).where(job.c.state.in_(over), job.c.at < before)
    await tx.execute(delete(row).where(row.c.job_id.in_(old)))
    await tx.execute(delete(job).where(job.c.state.in_(over), job.c.at < before))


async def counts(tx: Tx, job_id: int) -> dict[tuple[State, str | None], int]:
    """How many rows there are, by state and reason."""
    rows = await tx.execute(
        select(row.c.state, row.c.reason, func.count().label("n"))
        .where(row.c.job_id == job_id)
        .group_by(row.c.state, row.c.reason)
    )
    return {(State(found.state), found.reason): found.n for found in rows}


async def left(tx: Tx, job_id: int) -> list[Line]:
    """The rows that were not taken."""
    rows = await tx.execute(
        select(*_LINE).where(row.c.job_id == job_id, row.c.state == State.LEFT.value).order_by(row.c.number)
    )
    return [_line(found) for found in rows]


async def next_lines(tx: Tx, job_id: int, limit: int) -> list[Line]:
    """Rows to work off while the import runs, held until the transaction ends; in the order of members, so
    that nobody waits in a circle."""
    rows = await tx.execute(
        select(*_LINE)
        .where(row.c.job_id == job_id, row.c.state == State.WAITING.value)
        .where(exists().where(job.c.id == job_id, job.c.state == Stage.RUNNING.value))
        .order_by(row.c.member_id, row.c.number)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_line(found) for found in rows]


async def waits(tx: Tx, job_id: int) -> bool:
    """Whether there are rows to work off."""
    found = await tx.execute(
        select(row.c.number).where(row.c.job_id == job_id, row.c.state == State.WAITING.value).limit(1)
    )
    return found.first() is not None


async def settle(tx: Tx, job_id: int, number: int, state: State, reason: str | None = None) -> None:
    """What became of a row."""
    await tx.execute(
        update(row)
        .where(row.c.job_id == job_id, row.c.number == number)
        .values(state=state.value, reason=reason)
    )


async def ends(tx: Tx, bot_id: int, now: datetime) -> Mapping[tuple[int, int], datetime | None]:
    """The ends of all memberships that open their chats: (member, project) → end, None for life."""
    rows = await tx.execute(
        select(membership.c.member_id, membership.c.project_id, membership.c.end_at).where(
            membership.c.bot_id == bot_id,
            membership.c.ended_at.is_(None),
            or_(membership.c.access_until.is_(None), membership.c.access_until > now),
        )
    )
    return {(found.member_id, found.project_id): found.end_at for found in rows}


async def by_usernames(tx: Tx, bot_id: int, names: Collection[str]) -> dict[str, int]:
    """The ids of people last seen under these usernames (in small letters)."""
    found: dict[str, int] = {}
    wanted = sorted(names)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = await tx.execute(
            select(func.lower(person.c.username).label("name"), person.c.user_id)
            .where(
                person.c.bot_id == bot_id, func.lower(person.c.username).in_(wanted[start : start + _AT_ONCE])
            )
            .order_by(person.c.seen_at)
        )
        found |= {one.name: one.user_id for one in rows}
    return found
