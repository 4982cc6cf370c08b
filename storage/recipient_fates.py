"""The fate of messages to the recipients of broadcasts.

A recipient becomes `sending` in the very transaction that allows his message to go out, and leaves that state
by what is known of it. So after a crash at any moment those who may have got it are those who are `sending`.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, case, delete, exists, or_, select, update

from domain.bots import BotStatus
from domain.broadcasts import BroadcastStatus, FollowUp, RecipientState
from storage.database import Tx
from storage.recipient_queue import WANTED
from storage.recipients import day_of, one
from storage.statements import Hot, insert
from storage.tables.bots import bot
from storage.tables.broadcasts import broadcast, broadcast_recipient, broadcast_usage
from storage.tables.core import person
from storage.tables.tracker import campaign, lead
from storage.types import DAY

LONGEST_ERROR = 300  # characters kept of Telegram's words
_RUNNING, _CANCELLED = BroadcastStatus.RUNNING.value, BroadcastStatus.CANCELLED.value
_WAITS, _SENDING = RecipientState.QUEUED.value, RecipientState.SENDING.value

_RUNS = exists().where(broadcast.c.id == one.broadcast_id, broadcast.c.status == _RUNNING)
_WELCOME = (
    exists()
    .where(lead.c.id == one.lead_id, campaign.c.id == lead.c.campaign_id)
    .where(person.c.bot_id == one.bot_id, person.c.user_id == one.user_id, WANTED)
)


async def begin(tx: Tx, refs: Collection[int], now: datetime) -> set[int]:
    """Commit that messages go out now to those who still wait and want it, of broadcasts that still run;
    returns whom."""
    statement = (
        update(broadcast_recipient)
        .where(one.id.in_(refs), one.state == _WAITS, _RUNS, _WELCOME)
        .values(state=_SENDING, state_at=now)
        .returning(one.id)
    )
    return set((await tx.execute(statement)).scalars())


async def use(tx: Tx, owner_id: int, now: datetime, number: int) -> int:
    """Count so many messages into an owner's day; returns the day's sum. The sum is held until the
    transaction ends, so that two who count cannot both take the last of it."""
    statement = insert(tx, broadcast_usage).values(owner_id=owner_id, day=day_of(now), used=number)
    statement = statement.on_conflict_do_update(
        index_elements=["owner_id", "day"], set_={"used": broadcast_usage.c.used + number}
    ).returning(broadcast_usage.c.used)
    return int((await tx.execute(statement)).scalar_one())


_GIVE_BACK = Hot(
    lambda dialect: (
        update(broadcast_usage)
        .where(
            broadcast_usage.c.owner_id
            == select(broadcast.c.owner_id).where(broadcast.c.id == bindparam("of")).scalar_subquery(),
            broadcast_usage.c.day == bindparam("on"),
            broadcast_usage.c.used > 0,
        )
        .values(used=broadcast_usage.c.used - 1)
    )
)


def _moves(state: RecipientState, *since: RecipientState) -> Hot:
    """Put one recipient who is in one of the states `since` into another; whose he is, if he was."""
    return Hot(
        lambda dialect: (
            update(broadcast_recipient)
            .where(one.id == bindparam("ref"), or_(*(one.state == before.value for before in since)))
            .values(
                state=state.value,
                state_at=bindparam("at"),
                error=bindparam("words"),
                message_id=bindparam("message"),
            )
            .returning(one.broadcast_id)
        )
    )


_UNSURE = (RecipientState.SENDING, RecipientState.UNKNOWN)
_SENT = _moves(RecipientState.SENT, *_UNSURE, RecipientState.QUEUED)
_FAILED = _moves(RecipientState.FAILED, *_UNSURE)
_UNKNOWN = _moves(RecipientState.UNKNOWN, RecipientState.SENDING)
_TAKEN_BACK = Hot(
    lambda dialect: (
        update(broadcast_recipient)
        .where(one.id == bindparam("ref"), one.state == _SENDING)
        .values(state=_WAITS, state_at=bindparam("at"))
        .returning(one.broadcast_id)
    )
)
_REFUSED = Hot(
    lambda dialect: (
        update(broadcast_recipient)
        .where(one.id == bindparam("ref"), one.state == _SENDING)
        .values(
            state=case((one.error.is_(None), _WAITS), else_=RecipientState.FAILED.value),
            state_at=bindparam("at"),
            error=bindparam("words"),
        )
        .returning(one.broadcast_id, one.state)
    )
)


_DROPPED = Hot(
    lambda dialect: delete(broadcast_recipient).where(
        one.id == bindparam("ref"),
        one.state == _WAITS,
        exists().where(broadcast.c.id == one.broadcast_id, broadcast.c.status == _CANCELLED),
    )
)


_SINCE = Hot(lambda dialect: select(one.state_at).where(one.id == bindparam("ref")))


async def _meant_on(tx: Tx, ref: int) -> int:
    """The UTC day on which the message to a recipient was allowed, and counted; to be asked before he leaves
    the state he has had since."""
    return next((at // DAY for (at,) in (await _SINCE.run(tx, ref=ref)).rows), 0)


async def _give_back(tx: Tx, broadcast_id: int, day: int) -> None:
    await _GIVE_BACK.run(tx, of=broadcast_id, on=day)


async def sent(tx: Tx, ref: int, message_id: int | None, now: datetime) -> None:
    """The message is out."""
    await _SENT.run(tx, ref=ref, at=now, words=None, message=message_id)


async def failed(tx: Tx, ref: int, words: str | None, now: datetime) -> None:
    """The message can never be sent to this recipient; it does not count into the day."""
    day = await _meant_on(tx, ref)
    for (broadcast_id,) in (await _FAILED.run(tx, ref=ref, at=now, words=_cut(words), message=None)).rows:
        await _give_back(tx, broadcast_id, day)


async def taken_back(tx: Tx, ref: int, now: datetime) -> None:
    """The message surely did not arrive: its recipient waits again. After a stop he waits for nothing, and
    counts as not reached."""
    day = await _meant_on(tx, ref)
    for (broadcast_id,) in (await _TAKEN_BACK.run(tx, ref=ref, at=now)).rows:
        await _give_back(tx, broadcast_id, day)
        await _DROPPED.run(tx, ref=ref)


async def unknown(tx: Tx, ref: int, words: str | None, now: datetime) -> None:
    """Nobody knows whether the message arrived."""
    await _UNKNOWN.run(tx, ref=ref, at=now, words=_cut(words), message=None)


async def refused(tx: Tx, ref: int, words: str, now: datetime) -> bool:
    """Telegram does not take what the broadcast says: it pauses, and its recipient waits again.

    A recipient that happened to before has failed, unless the broadcast says something else since then
    (`storage.broadcasts.edit`): then it is his own macros that make the message bad, and he must not stop the
    others for ever. Returns whether the broadcast paused by this.
    """
    day = await _meant_on(tx, ref)
    for broadcast_id, state in (await _REFUSED.run(tx, ref=ref, at=now, words=_cut(words))).rows:
        await _give_back(tx, broadcast_id, day)
        await _DROPPED.run(tx, ref=ref)
        return state == _WAITS and await pause(tx, broadcast_id, words)
    return False


async def pause(tx: Tx, broadcast_id: int, reason: str) -> bool:
    """A running broadcast pauses by itself; False when it does not run."""
    statement = (
        update(broadcast)
        .where(broadcast.c.id == broadcast_id, broadcast.c.status == _RUNNING)
        .values(status=BroadcastStatus.PAUSED.value, reason=_cut(reason))
    )
    return bool((await tx.execute(statement)).rowcount)


async def pause_for(tx: Tx, ref: int, reason: str) -> None:
    """The broadcast of this recipient pauses by itself, if it runs."""
    of = (await tx.execute(select(one.broadcast_id).where(one.id == ref))).scalar_one_or_none()
    if of is not None:
        await pause(tx, of, reason)


async def skip_unwanted(tx: Tx, refs: Collection[int], now: datetime) -> None:
    """Of these recipients, those who are not to get a message any more are skipped; others wait on."""
    await tx.execute(
        update(broadcast_recipient)
        .where(one.id.in_(refs), one.state == _WAITS, _RUNS, ~_WELCOME)
        .values(state=RecipientState.SKIPPED.value, state_at=now)
    )


async def fail_without_bot(tx: Tx, broadcast_id: int, bot_id: int, words: str, now: datetime) -> None:
    """Whoever waits for a message of a bot that was disconnected gets none."""
    gone = exists().where(bot.c.id == bot_id, bot.c.status != BotStatus.DELETED.value)
    await tx.execute(
        update(broadcast_recipient)
        .where(one.broadcast_id == broadcast_id, one.bot_id == bot_id, one.state == _WAITS, ~gone)
        .values(state=RecipientState.FAILED.value, state_at=now, error=words)
    )


_LEFT = exists().where(one.broadcast_id == broadcast.c.id, one.state.in_([_WAITS, _SENDING]))


async def finish(tx: Tx) -> list[tuple[int, int]]:
    """Running broadcasts with nobody left to write to are done; returns them, as (id, owner).

    They are held first and looked at again then: while we waited for one, its owner may have put people
    into its queue, whom the look before did not see (PostgreSQL).
    """
    through = select(broadcast.c.id).where(broadcast.c.status == _RUNNING, ~_LEFT)
    held = (await tx.execute(through.order_by(broadcast.c.id).with_for_update())).scalars().all()
    statement = (
        update(broadcast)
        .where(broadcast.c.id.in_(held), broadcast.c.status == _RUNNING, ~_LEFT)
        .values(status=BroadcastStatus.DONE.value)
        .returning(broadcast.c.id, broadcast.c.owner_id)
    )
    return [(row.id, row.owner_id) for row in await tx.execute(statement)]


async def any_finished(tx: Tx) -> bool:
    """Whether `finish` would find one."""
    statement = select(broadcast.c.id).where(broadcast.c.status == _RUNNING, ~_LEFT).limit(1)
    return (await tx.execute(statement)).first() is not None


_FOLLOWED = Hot(
    lambda dialect: (
        update(broadcast_recipient)
        .where(one.id == bindparam("ref"))
        .values(follow_up=None, error=bindparam("words"))
    )
)
_RECALLED = Hot(
    lambda dialect: (
        update(broadcast_recipient)
        .where(one.id == bindparam("ref"), one.follow_up == FollowUp.RECALL.value)
        .values(message_id=None)
    )
)


async def followed_up(tx: Tx, ref: int, words: str | None, *, done: bool) -> None:
    """What was to be done with a sent message is `done`, or (with Telegram's `words`) will never be. A
    message that was recalled is gone."""
    if done:
        await _RECALLED.run(tx, ref=ref)
    await _FOLLOWED.run(tx, ref=ref, words=_cut(words))


def _cut(words: str | None) -> str | None:
    return None if words is None else words[:LONGEST_ERROR]
