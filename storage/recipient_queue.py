"""The next recipients of broadcasts: put into the outbox, a few at a time, and what their messages hold."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, and_, exists, false, func, literal, select

from domain.broadcasts import BroadcastStatus, FollowUp, RecipientState
from domain.calls import Policy, Priority
from domain.campaigns import CampaignStatus
from domain.creatives import Creative, MediaType
from storage.addressees import Addressee, of_leads
from storage.database import Tx
from storage.outbox import DEFERRED_METHOD, QUEUED
from storage.recipients import FOLLOW_UPS, SOURCE, one
from storage.statements import insert
from storage.tables.broadcasts import broadcast
from storage.tables.core import outbox, person
from storage.tables.tracker import campaign, lead
from storage.types import Instant

_RUNNING = BroadcastStatus.RUNNING.value
_WAITS = RecipientState.QUEUED.value
_OPEN = (_WAITS, RecipientState.SENDING.value)


@dataclass(frozen=True, slots=True)
class Share:
    """A running broadcast that has somebody waiting for a message of one bot."""

    broadcast_id: int
    owner_id: int
    bot_id: int
    paid: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message to one recipient is made of. `follow_up` is set for one that was sent before."""

    ref: int
    creative: Creative
    paid: bool
    to: Addressee
    message_id: int | None
    follow_up: FollowUp | None


def _bots_of(start: Any, following: Any, name: str) -> Any:
    """Distinct values read off an index, one look each, however many rows there are."""
    found = start.cte(name, recursive=True)
    return found.union_all(following(found))


async def shares(tx: Tx) -> list[Share]:
    """The running broadcasts with somebody waiting, by bot; those started first come first."""

    def next_bot(of: Any, *after: Any) -> Any:
        mine = select(func.min(one.bot_id)).where(one.broadcast_id == of, one.state == _WAITS, *after)
        return mine.scalar_subquery()

    def following(found: Any) -> Any:
        after = next_bot(found.c.id, one.bot_id > found.c.bot_id)
        return select(found.c.id, after).where(found.c.bot_id.is_not(None))

    start = select(broadcast.c.id, next_bot(broadcast.c.id).label("bot_id"))
    found = _bots_of(start.where(broadcast.c.status == _RUNNING), following, "waiting")
    statement = (
        select(broadcast.c.id, broadcast.c.owner_id, found.c.bot_id, broadcast.c.paid)
        .join(found, found.c.id == broadcast.c.id)
        .where(found.c.bot_id.is_not(None))
        .order_by(broadcast.c.started_at, broadcast.c.id)
    )
    return [Share(*row) for row in await tx.execute(statement)]


async def bots_to_follow_up(tx: Tx) -> list[int]:
    """The bots with sent messages to edit or recall."""

    def next_bot(*after: Any) -> Any:
        return select(func.min(one.bot_id)).where(one.follow_up.is_not(None), *after).scalar_subquery()

    found = _bots_of(
        select(next_bot().label("bot_id")),
        lambda f: select(next_bot(one.bot_id > f.c.bot_id)).where(f.c.bot_id.is_not(None)),
        "followed",
    )
    return list((await tx.execute(select(found.c.bot_id).where(found.c.bot_id.is_not(None)))).scalars())


async def feed(tx: Tx, share: Share, limit: int, now: datetime) -> int:
    """Put the next recipients of a broadcast, if it still runs, into the outbox; returns how many."""
    runs = exists().where(broadcast.c.id == share.broadcast_id, broadcast.c.status == _RUNNING)
    waiting = [one.broadcast_id == share.broadcast_id, one.state == _WAITS, one.bot_id == share.bot_id, runs]
    priority = Priority.PAID if share.paid else Priority.BULK
    return await _feed(tx, SOURCE, waiting, limit, priority, Policy.ONCE, now)


async def feed_follow_ups(tx: Tx, bot_id: int, limit: int, now: datetime) -> int:
    """The same for messages to edit or recall; doing that twice does no harm."""
    waiting = [one.bot_id == bot_id, one.follow_up.is_not(None)]
    return await _feed(tx, FOLLOW_UPS, waiting, limit, Priority.BULK, Policy.REPEATABLE, now)


async def _feed(
    tx: Tx, source: str, waiting: Sequence[Any], limit: int, priority: Priority, policy: Policy, now: datetime
) -> int:
    there = exists().where(outbox.c.source == source, outbox.c.ref == one.id)
    fixed: dict[str, Any] = {
        "method": literal(DEFERRED_METHOD), "payload": literal(b"", LargeBinary), "sealed": false(),
        "policy": literal(policy.value), "priority": literal(int(priority)), "state": literal(QUEUED),
        "attempts": literal(0), "due_at": literal(now, Instant), "created_at": literal(now, Instant),
        "source": literal(source),
    }  # fmt: skip
    rows = (
        select(*list(fixed.values()), one.bot_id, one.user_id, one.id)
        .where(*waiting, ~there)
        .order_by(one.id)
        .limit(limit)
    )
    statement = insert(tx, outbox).from_select([*fixed, "bot_id", "chat_id", "ref"], rows)
    done = await tx.execute(statement.on_conflict_do_nothing(index_elements=["source", "ref"]))
    return max(0, int(done.rowcount))


# What a message may go out by: its lead has not declined, its person can be written to.
WANTED = and_(
    lead.c.unsubscribed_at.is_(None),
    campaign.c.status != CampaignStatus.DELETED.value,
    person.c.started_at.is_not(None),
    person.c.blocked_at.is_(None),
)


async def letters(tx: Tx, refs: Collection[int]) -> list[Letter]:
    """What the messages to these recipients are made of, those left out who are not to get one any more.

    One that is meant counts as well: that it was taken back may not be written yet.
    """
    runs = and_(one.state.in_(_OPEN), broadcast.c.status == _RUNNING)
    welcome = (
        select(one.id)
        .join(lead, lead.c.id == one.lead_id)
        .join(campaign, campaign.c.id == lead.c.campaign_id)
        .join(person, and_(person.c.bot_id == one.bot_id, person.c.user_id == one.user_id))
        .where(one.id.in_(refs), WANTED)
    )
    return await _letters(tx, refs, and_(runs, one.id.in_(welcome)))


async def letters_to_follow_up(tx: Tx, refs: Collection[int]) -> list[Letter]:
    """The same for sent messages that are to be edited or recalled."""
    return await _letters(tx, refs, and_(one.follow_up.is_not(None), one.message_id.is_not(None)))


async def to_follow_up(tx: Tx, refs: Collection[int]) -> dict[int, tuple[FollowUp, Creative | None]]:
    """What is to be done with sent messages as things are now, and for an edit what they are to say."""
    rows = await tx.execute(
        select(one.id, one.broadcast_id, one.follow_up).where(one.id.in_(refs), one.follow_up.is_not(None))
    )
    found = rows.all()
    bodies = await _bodies(tx, {row.broadcast_id for row in found if row.follow_up == FollowUp.EDIT.value})
    return {
        row.id: (FollowUp(row.follow_up), bodies[row.broadcast_id][0] if row.broadcast_id in bodies else None)
        for row in found
    }


async def _letters(tx: Tx, refs: Collection[int], wanted: Any) -> list[Letter]:
    rows = await tx.execute(
        select(one.id, one.broadcast_id, one.lead_id, one.message_id, one.follow_up)
        .where(one.id.in_(refs), wanted)
        .join(broadcast, broadcast.c.id == one.broadcast_id)
    )
    found = rows.all()
    bodies = await _bodies(tx, {row.broadcast_id for row in found})
    people = await of_leads(tx, [row.lead_id for row in found])
    return [
        Letter(
            row.id, *bodies[row.broadcast_id], people[row.lead_id], row.message_id,
            FollowUp(row.follow_up) if row.follow_up else None,
        )
        for row in found
        if row.lead_id in people and row.broadcast_id in bodies
    ]  # fmt: skip


async def _bodies(tx: Tx, ids: Collection[int]) -> dict[int, tuple[Creative, bool]]:
    """What broadcasts say now, and whether it is paid for."""
    if not ids:
        return {}
    rows = await tx.execute(select(broadcast).where(broadcast.c.id.in_(ids)))
    return {
        row.id: (Creative(row.text, row.media, MediaType(row.media_type), row.button, row.link), row.paid)
        for row in rows
    }


async def owners(tx: Tx, refs: Collection[int]) -> dict[int, list[int]]:
    """Whose broadcasts these recipients belong to: their ids by owner, in the order given."""
    rows = await tx.execute(
        select(one.id, broadcast.c.owner_id)
        .join(broadcast, broadcast.c.id == one.broadcast_id)
        .where(one.id.in_(refs))
    )
    whose = {row.id: row.owner_id for row in rows}
    found: dict[int, list[int]] = {}
    for ref in refs:
        if ref in whose:
            found.setdefault(whose[ref], []).append(ref)
    return found
