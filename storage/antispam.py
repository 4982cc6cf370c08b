"""Messages taken for spam, and what the checks want to know of their authors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, func, select, update

from domain.antispam.evidence import Evidence
from domain.antispam.hits import Hit, State
from domain.antispam.sanctions import Action
from storage.database import Tx
from storage.statements import insert
from storage.tables.bots import journal
from storage.tables.moderation import guarded_chat, spam_hit

_HIT = (
    spam_hit.c.chat_id, spam_hit.c.unit, spam_hit.c.message_id, spam_hit.c.thread_id, spam_hit.c.author_id,
    spam_hit.c.name, spam_hit.c.kind, spam_hit.c.text, spam_hit.c.links, spam_hit.c.evidence,
    spam_hit.c.action, spam_hit.c.state, spam_hit.c.at, spam_hit.c.decided_by,
)  # fmt: skip


def _hit(row: Any) -> Hit:
    values = dict(row._mapping)
    values["evidence"] = tuple(msgspec.convert(values["evidence"], list[Evidence]))
    values |= {"action": Action(values["action"]), "state": State(values["state"])}
    return Hit(**{**values, "links": tuple(values["links"])})


async def guard(tx: Tx, bot_id: int, chat_id: int, now: datetime) -> datetime:
    """Since when a chat is guarded: `now` when it has not been before."""
    await tx.execute(
        insert(tx, guarded_chat)
        .values(bot_id=bot_id, chat_id=chat_id, since=now)
        .on_conflict_do_nothing(index_elements=["bot_id", "chat_id"])
    )
    return await guarded_since(tx, bot_id, chat_id) or now


async def guarded_since(tx: Tx, bot_id: int, chat_id: int) -> datetime | None:
    """Since when a chat is guarded; None when it is not yet."""
    since: datetime | None = (
        await tx.execute(
            select(guarded_chat.c.since).where(
                guarded_chat.c.bot_id == bot_id, guarded_chat.c.chat_id == chat_id
            )
        )
    ).scalar_one_or_none()
    return since


async def record(tx: Tx, bot_id: int, hit: Hit) -> bool:
    """Log a hit; False when its message (or album) is in the log already."""
    statement = insert(tx, spam_hit).values(
        bot_id=bot_id, chat_id=hit.chat_id, unit=hit.unit, author_id=hit.author_id, **_found(hit)
    )
    done = await tx.execute(statement.on_conflict_do_nothing(index_elements=["bot_id", "chat_id", "unit"]))
    return bool(done.rowcount)


async def renew(tx: Tx, bot_id: int, hit: Hit, *, among: Sequence[State]) -> bool:
    """Log a hit in place of what is known of its message (or album); False when that is in no state `among`.

    The words that are known stay where the hit has none: another part of an album.
    """
    values = _found(hit)
    if not hit.text:
        del values["text"], values["links"]
    statement = update(spam_hit).where(
        spam_hit.c.bot_id == bot_id,
        spam_hit.c.chat_id == hit.chat_id,
        spam_hit.c.unit == hit.unit,
        spam_hit.c.state.in_([one.value for one in among]),
    )
    return bool((await tx.execute(statement.values(**values))).rowcount)


def _found(hit: Hit) -> dict[str, Any]:
    """The columns of a hit that tell what was found, and done."""
    return {
        "message_id": hit.message_id,
        "thread_id": hit.thread_id,
        "name": hit.name,
        "kind": hit.kind,
        "text": hit.text,
        "links": list(hit.links),
        "evidence": msgspec.to_builtins(hit.evidence),
        "action": hit.action.value,
        "state": hit.state.value,
        "at": hit.at,
        "decided_by": hit.decided_by,
    }


async def get(tx: Tx, bot_id: int, chat_id: int, unit: str) -> Hit | None:
    """One hit."""
    row = (
        await tx.execute(
            select(*_HIT).where(
                spam_hit.c.bot_id == bot_id, spam_hit.c.chat_id == chat_id, spam_hit.c.unit == unit
            )
        )
    ).one_or_none()
    return None if row is None else _hit(row)


async def escalate(tx: Tx, bot_id: int, hit: Hit, action: Action) -> None:
    """The warning was one too many: what was done in its place."""
    await tx.execute(
        update(spam_hit)
        .where(spam_hit.c.bot_id == bot_id, spam_hit.c.chat_id == hit.chat_id, spam_hit.c.unit == hit.unit)
        .values(action=action.value)
    )


async def decide(
    tx: Tx,
    bot_id: int,
    chat_id: int,
    unit: str,
    state: State,
    by: str,
    *,
    among: Sequence[State],
    since: datetime | None = None,
) -> Hit | None:
    """Give a hit in one of the states `among` (and not older than `since`) a new one; None: it is not so."""
    statement = update(spam_hit).where(
        spam_hit.c.bot_id == bot_id,
        spam_hit.c.chat_id == chat_id,
        spam_hit.c.unit == unit,
        spam_hit.c.state.in_([one.value for one in among]),
    )
    if since is not None:
        statement = statement.where(spam_hit.c.at > since)
    row = (
        await tx.execute(statement.values(state=state.value, decided_by=by[:160]).returning(*_HIT))
    ).one_or_none()
    return None if row is None else _hit(row)


async def restore_others(
    tx: Tx, bot_id: int, chat_id: int, author_id: int, by: str, since: datetime
) -> list[Hit]:
    """All other hits of an author since then are mistakes, too: those that were acted on before."""
    statement = (
        update(spam_hit)
        .where(
            spam_hit.c.bot_id == bot_id,
            spam_hit.c.chat_id == chat_id,
            spam_hit.c.author_id == author_id,
            spam_hit.c.state == State.ACTED.value,
            spam_hit.c.at > since,
        )
        .values(state=State.RESTORED.value, decided_by=by[:160])
        .returning(*_HIT)
    )
    return [_hit(row) for row in await tx.execute(statement)]


async def hits_since(tx: Tx, bot_id: int, chat_id: int, author_id: int, since: datetime) -> int:
    """How many messages of an author were hits in a chat since a moment."""
    statement = select(func.count()).where(
        spam_hit.c.bot_id == bot_id,
        spam_hit.c.chat_id == chat_id,
        spam_hit.c.author_id == author_id,
        spam_hit.c.message_id > 0,
        spam_hit.c.at > since,
    )
    return int((await tx.execute(statement)).scalar_one())


async def at_the_door(tx: Tx, bot_id: int, chat_id: int, since: datetime) -> frozenset[int]:
    """Whom we caught when they came to a chat, or asked to, since a moment."""
    rows = await tx.execute(
        select(spam_hit.c.author_id).where(
            spam_hit.c.bot_id == bot_id,
            spam_hit.c.chat_id == chat_id,
            spam_hit.c.message_id == 0,
            spam_hit.c.at > since,
        )
    )
    return frozenset(rows.scalars())


async def forget_before(tx: Tx, moment: datetime) -> int:
    """Drop hits older than `moment`: what people wrote is not kept for ever. Returns how many."""
    return int((await tx.execute(delete(spam_hit).where(spam_hit.c.at < moment))).rowcount)


async def joined_at(tx: Tx, bot_id: int, chat_id: int, user_id: int) -> datetime | None:
    """When somebody last came into a chat; None when we did not see it."""
    moment: datetime | None = (
        await tx.execute(
            select(func.max(journal.c.at)).where(
                journal.c.bot_id == bot_id,
                journal.c.chat_id == chat_id,
                journal.c.user_id == user_id,
                journal.c.kind == "join",
            )
        )
    ).scalar_one()
    return moment
