"""Recipients of broadcasts: whom one is for, who got it, and what its owner decides about them.

How their messages go out is in `storage.recipient_queue`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, false, func, literal, select, update

from domain.bots import BotStatus
from domain.broadcasts import Broadcast, BroadcastStatus, Counts, FollowUp, RecipientState, statuses_of
from domain.campaigns import CampaignStatus
from storage import outbox
from storage.database import Tx
from storage.statements import insert
from storage.tables.bots import bot
from storage.tables.broadcasts import broadcast, broadcast_recipient, broadcast_usage
from storage.tables.core import person
from storage.tables.tracker import campaign, lead
from storage.types import Instant

SOURCE = "broadcast"  # of their calls in the outbox
FOLLOW_UPS = "followup"  # … and of what is done with their messages later
_EPOCH_DAY = 719_163  # `date.toordinal()` of 1970-01-01

one = broadcast_recipient.c


def day_of(moment: datetime) -> int:
    """The UTC day a moment belongs to, in days since 1970."""
    return moment.date().toordinal() - _EPOCH_DAY


def _audience(of: Broadcast) -> Any:
    """The people a broadcast is for, as (lead id, bot id, user id): each person of a bot once, by his
    earliest lead."""
    said = of.audience
    wanted = [
        lead.c.owner_id == of.owner_id,
        lead.c.status.in_([int(status) for status in statuses_of(said.statuses)]),
        lead.c.unsubscribed_at.is_(None),
        campaign.c.status != CampaignStatus.DELETED.value,
        bot.c.status != BotStatus.DELETED.value,
        person.c.started_at.is_not(None),
        person.c.blocked_at.is_(None),
    ]
    if not said.statuses:
        wanted.append(false())
    if said.campaigns:
        wanted.append(lead.c.campaign_id.in_(said.campaigns))
    for column, since, until in (
        (lead.c.created_at, said.created_from, said.created_to),
        (lead.c.status_at, said.status_from, said.status_to),
    ):
        if since is not None:
            wanted.append(column >= since)
        if until is not None:
            wanted.append(column < until)
    return (
        select(func.min(lead.c.id).label("lead_id"), lead.c.bot_id, lead.c.user_id)
        .join(campaign, campaign.c.id == lead.c.campaign_id)
        .join(bot, bot.c.id == lead.c.bot_id)
        .join(person, and_(person.c.bot_id == lead.c.bot_id, person.c.user_id == lead.c.user_id))
        .where(*wanted)
        .group_by(lead.c.bot_id, lead.c.user_id)
    )


def _unreached(of: Broadcast) -> Any:
    """Those of them who are not among its recipients."""
    known = exists().where(
        one.broadcast_id == of.id, one.bot_id == lead.c.bot_id, one.user_id == lead.c.user_id
    )
    return _audience(of).where(~known)


async def audience_size(tx: Tx, of: Broadcast) -> int:
    """How many people a broadcast is for, as things are now."""
    return int((await tx.execute(select(func.count()).select_from(_audience(of).subquery()))).scalar_one())


async def remaining(tx: Tx, of: Broadcast) -> int:
    """How many of them it has not reached: what `enqueue` would add."""
    return int((await tx.execute(select(func.count()).select_from(_unreached(of).subquery()))).scalar_one())


async def unreached_by_bot(tx: Tx, of: Broadcast) -> dict[int, int]:
    """The same by bot."""
    found = _unreached(of).subquery()
    rows = await tx.execute(select(found.c.bot_id, func.count()).group_by(found.c.bot_id))
    return {row.bot_id: row[1] for row in rows}


async def queued_by_bot(tx: Tx, broadcast_id: int) -> dict[int, int]:
    """How many messages of a broadcast are still to be sent, by bot."""
    rows = await tx.execute(
        select(one.bot_id, func.count())
        .where(one.broadcast_id == broadcast_id, one.state.in_(_WAITING))
        .group_by(one.bot_id)
    )
    return {row.bot_id: row[1] for row in rows}


async def count_queued(tx: Tx, broadcast_id: int) -> int:
    """How many wait in a broadcast's queue, without those being sent right now."""
    statement = select(func.count()).where(
        one.broadcast_id == broadcast_id, one.state == RecipientState.QUEUED.value
    )
    return int((await tx.execute(statement)).scalar_one())


async def enqueue(tx: Tx, of: Broadcast, now: datetime) -> int:
    """Put everybody in the queue whom a broadcast has not reached yet: nobody is there twice, however often
    this is done. Returns how many wait there now."""
    await _enqueue(tx, of, _unreached(of), now)
    return (await counts(tx, [of.id]))[of.id].queued


async def enqueue_some(tx: Tx, of: Broadcast, after_lead: int, leads: int, now: datetime) -> int | None:
    """The same for the owner's next so many `leads` after a lead's id. Returns the last of these, or None
    when there are no more: a long queue is made in steps that keep nobody else waiting."""
    last = (
        select(lead.c.id)
        .where(lead.c.owner_id == of.owner_id, lead.c.id > after_lead)
        .order_by(lead.c.id)
        .limit(leads)
        .subquery()
    )
    until: int | None = (await tx.execute(select(func.max(last.c.id)))).scalar_one()
    if until is not None:
        some = _unreached(of).where(lead.c.id > after_lead, lead.c.id <= until)
        await _enqueue(tx, of, some, now)
    return until


async def _enqueue(tx: Tx, of: Broadcast, whom: Any, now: datetime) -> None:
    found = whom.subquery()
    rows = select(
        literal(of.id), found.c.lead_id, found.c.bot_id, found.c.user_id,
        literal(RecipientState.QUEUED.value), literal(now, Instant),
    ).where(found.c.lead_id.is_not(None))  # fmt: skip
    names = ["broadcast_id", "lead_id", "bot_id", "user_id", "state", "state_at"]
    await tx.execute(insert(tx, broadcast_recipient).from_select(names, rows).on_conflict_do_nothing())


_WAITING = (RecipientState.QUEUED.value, RecipientState.SENDING.value)


async def counts(tx: Tx, broadcast_ids: Collection[int]) -> dict[int, Counts]:
    """The recipients of broadcasts by state."""
    rows = await tx.execute(
        select(one.broadcast_id, one.state, func.count())
        .where(one.broadcast_id.in_(broadcast_ids))
        .group_by(one.broadcast_id, one.state)
    )
    found: dict[int, dict[str, int]] = {broadcast_id: {} for broadcast_id in broadcast_ids}
    for broadcast_id, state, number in rows:
        name = RecipientState.QUEUED.value if state in _WAITING else state
        found[broadcast_id][name] = found[broadcast_id].get(name, 0) + number
    return {broadcast_id: Counts(**states) for broadcast_id, states in found.items()}


async def waiting(tx: Tx, owner_id: int) -> int:
    """How many messages of an owner's broadcasts are still to be sent, those of paused ones included."""
    active = (BroadcastStatus.RUNNING.value, BroadcastStatus.PAUSED.value)
    statement = (
        select(func.count())
        .select_from(broadcast)
        .join(broadcast_recipient, one.broadcast_id == broadcast.c.id)
        .where(broadcast.c.owner_id == owner_id, broadcast.c.status.in_(active), one.state.in_(_WAITING))
    )
    return int((await tx.execute(statement)).scalar_one())


async def used_today(tx: Tx, owner_id: int, now: datetime) -> int:
    """What of an owner's daily cap is used: messages sent or on their way since midnight UTC."""
    used = broadcast_usage.c
    statement = select(used.used).where(used.owner_id == owner_id, used.day == day_of(now))
    return int((await tx.execute(statement)).scalar_one_or_none() or 0)


async def drop_queued(tx: Tx, broadcast_id: int) -> int:
    """Take out of the queue whoever waits in it; they count as not reached. Returns how many.

    What is in flight stays. The outbox goes first: whoever commits an intent meanwhile has his recipient
    `sending` before it is looked at here.
    """
    queued = [one.broadcast_id == broadcast_id, one.state == RecipientState.QUEUED.value]
    await outbox.drop_deferred(tx, SOURCE, select(one.id).where(*queued))
    return int((await tx.execute(delete(broadcast_recipient).where(*queued))).rowcount)


async def clear(tx: Tx, broadcast_id: int) -> None:
    """Forget all recipients."""
    of_it = one.broadcast_id == broadcast_id
    for source in (SOURCE, FOLLOW_UPS):
        await outbox.drop_deferred(tx, source, select(one.id).where(of_it))
    await tx.execute(delete(broadcast_recipient).where(of_it))


async def decide_unknown(tx: Tx, broadcast_id: int, *, resend: bool, now: datetime) -> int:
    """What its owner wants done about messages nobody knows the fate of: they wait again, or are skipped.
    Returns how many there were."""
    state = RecipientState.QUEUED if resend else RecipientState.SKIPPED
    statement = (
        update(broadcast_recipient)
        .where(one.broadcast_id == broadcast_id, one.state == RecipientState.UNKNOWN.value)
        .values(state=state.value, state_at=now, error=None)
    )
    return int((await tx.execute(statement)).rowcount)


async def follow_up(tx: Tx, broadcast_id: int, what: FollowUp) -> int:
    """Have all messages that were sent edited or recalled; returns how many there are."""
    statement = (
        update(broadcast_recipient)
        .where(
            one.broadcast_id == broadcast_id,
            one.state == RecipientState.SENT.value,
            one.message_id.is_not(None),
        )
        .values(follow_up=what.value)
    )
    return int((await tx.execute(statement)).rowcount)


async def followed_up(tx: Tx, broadcast_id: int) -> int:
    """How many messages are still to be edited or recalled."""
    statement = select(func.count()).where(one.broadcast_id == broadcast_id, one.follow_up.is_not(None))
    return int((await tx.execute(statement)).scalar_one())
