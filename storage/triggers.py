"""Triggered blocks of campaigns, and the messages that are due because of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update

from domain.calls import Priority
from domain.campaigns import CampaignStatus
from domain.creatives import Creative, MediaType
from domain.leads import Lead, LeadStatus
from domain.triggers import Block, JobState
from storage.database import Tx
from storage.outbox import Deferred
from storage.statements import insert
from storage.tables.broadcasts import campaign_block, triggered_job
from storage.tables.core import outbox
from storage.tables.tracker import campaign, lead

SOURCE = "trigger"  # the name of these calls in the outbox
LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Job:
    """One message that is due; `ref` is its id in the outbox."""

    ref: int
    lead_id: int
    status: LeadStatus
    entry: int
    state: JobState


def _block(row: Any) -> Block:
    creative = Creative(row.text, row.media, MediaType(row.media_type), row.button, row.link)
    return Block(LeadStatus(row.status), row.on, row.delay, creative)


async def blocks(tx: Tx, campaign_ids: Collection[int]) -> dict[tuple[int, LeadStatus], Block]:
    """All blocks that were written, by campaign and status."""
    rows = await tx.execute(select(campaign_block).where(campaign_block.c.campaign_id.in_(campaign_ids)))
    return {(row.campaign_id, LeadStatus(row.status)): _block(row) for row in rows}


async def block(tx: Tx, campaign_id: int, status: LeadStatus, *, lock: bool = False) -> Block:
    """The block of a status; an empty one where none was written. `lock` holds it."""
    statement = select(campaign_block).where(
        campaign_block.c.campaign_id == campaign_id, campaign_block.c.status == int(status)
    )
    row = (await tx.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return Block(status) if row is None else _block(row)


async def put_block(tx: Tx, campaign_id: int, new: Block) -> None:
    """Write a block."""
    creative = new.creative
    values = {
        "on": new.on,
        "delay": new.delay,
        "text": creative.text,
        "media": creative.media,
        "media_type": int(creative.media_type),
        "button": creative.button,
        "link": creative.link,
    }
    statement = insert(tx, campaign_block).values(campaign_id=campaign_id, status=int(new.status), **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["campaign_id", "status"], set_=values))


async def schedule(tx: Tx, of: Lead, status: LeadStatus, entry: int, due_at: datetime, now: datetime) -> bool:
    """A message is due at `due_at`; False when the lead's entry has its message already."""
    statement = insert(tx, triggered_job).values(
        owner_id=of.owner_id, campaign_id=of.campaign_id, lead_id=of.id, bot_id=of.bot_id,
        user_id=of.user_id, status=int(status), entry=entry, due_at=due_at, state=JobState.QUEUED.value,
        state_at=now,
    )  # fmt: skip
    return bool((await tx.execute(statement.on_conflict_do_nothing())).rowcount)


async def leave(tx: Tx, lead_id: int, entry: int, now: datetime) -> int:
    """The lead stands in `entry` now: what waits because of another one is skipped. Returns how many."""
    statement = (
        update(triggered_job)
        .where(
            triggered_job.c.lead_id == lead_id,
            triggered_job.c.entry != entry,
            triggered_job.c.state == JobState.QUEUED.value,
        )
        .values(state=JobState.SKIPPED.value, state_at=now)
    )
    return int((await tx.execute(statement)).rowcount)


async def bots_due(tx: Tx, now: datetime) -> list[int]:
    """The bots with messages that are due."""
    rows = await tx.execute(
        select(triggered_job.c.bot_id)
        .where(triggered_job.c.state == JobState.QUEUED.value, triggered_job.c.due_at <= now)
        .distinct()
    )
    return list(rows.scalars())


async def due(tx: Tx, bot_id: int, now: datetime, limit: int) -> list[Deferred]:
    """A bot's messages that are due and not in the outbox yet, the oldest first."""
    in_line = exists().where(outbox.c.source == SOURCE, outbox.c.ref == triggered_job.c.id)
    rows = await tx.execute(
        select(triggered_job.c.id, triggered_job.c.user_id)
        .where(
            triggered_job.c.bot_id == bot_id,
            triggered_job.c.state == JobState.QUEUED.value,
            triggered_job.c.due_at <= now,
            ~in_line,
        )
        .order_by(triggered_job.c.due_at, triggered_job.c.id)
        .limit(limit)
    )
    return [Deferred(bot_id, row.user_id, SOURCE, row.id, Priority.TRIGGERED) for row in rows]


async def jobs(tx: Tx, refs: Collection[int]) -> list[Job]:
    """Messages by their ids."""
    rows = await tx.execute(select(triggered_job).where(triggered_job.c.id.in_(refs)))
    return [Job(row.id, row.lead_id, LeadStatus(row.status), row.entry, JobState(row.state)) for row in rows]


async def begin(tx: Tx, refs: Collection[int], now: datetime) -> set[int]:
    """These messages go out now: those whose lead still stands where they are for, and wants them.

    Decided here and not before: between the look and this, a lead may leave and a block be turned off.
    """
    stands = exists().where(
        lead.c.id == triggered_job.c.lead_id,
        lead.c.status == triggered_job.c.status,
        lead.c.entry == triggered_job.c.entry,
        lead.c.unsubscribed_at.is_(None),
    )
    on = exists().where(
        campaign_block.c.campaign_id == triggered_job.c.campaign_id,
        campaign_block.c.status == triggered_job.c.status,
        campaign_block.c.on,
    )
    active = exists().where(
        campaign.c.id == triggered_job.c.campaign_id, campaign.c.status == int(CampaignStatus.ACTIVE)
    )
    statement = (
        update(triggered_job)
        .where(
            triggered_job.c.id.in_(refs),
            triggered_job.c.state == JobState.QUEUED.value,
            and_(stands, on, active),
        )
        .values(state=JobState.SENDING.value, state_at=now)
        .returning(triggered_job.c.id)
    )
    return set((await tx.execute(statement)).scalars())


async def take_back(tx: Tx, refs: Sequence[int], now: datetime) -> None:
    """These surely did not arrive: they wait again."""
    await tx.execute(
        update(triggered_job)
        .where(triggered_job.c.id.in_(refs), triggered_job.c.state == JobState.SENDING.value)
        .values(state=JobState.QUEUED.value, state_at=now)
    )


async def close(
    tx: Tx,
    ref: int,
    state: JobState,
    now: datetime,
    *,
    message_id: int | None = None,
    error: str | None = None,
) -> None:
    """What became of a message. What was once closed stays as it is."""
    open_ = or_(
        triggered_job.c.state == JobState.QUEUED.value, triggered_job.c.state == JobState.SENDING.value
    )
    await tx.execute(
        update(triggered_job)
        .where(triggered_job.c.id == ref, open_)
        .values(state=state.value, state_at=now, message_id=message_id, error=error and error[:LONGEST_ERROR])
    )


async def counts(tx: Tx, campaign_id: int) -> dict[tuple[LeadStatus, JobState], int]:
    """A campaign's messages by status and by how far they are."""
    rows = await tx.execute(
        select(triggered_job.c.status, triggered_job.c.state, func.count().label("jobs"))
        .where(triggered_job.c.campaign_id == campaign_id)
        .group_by(triggered_job.c.status, triggered_job.c.state)
    )
    return {(LeadStatus(row.status), JobState(row.state)): row.jobs for row in rows}


async def waiting(tx: Tx, owner_id: int, now: datetime) -> int:
    """How many of an owner's messages are due and have not gone out."""
    open_: Iterable[str] = (JobState.QUEUED.value, JobState.SENDING.value)
    statement = select(func.count()).where(
        triggered_job.c.owner_id == owner_id,
        triggered_job.c.state.in_(open_),
        triggered_job.c.due_at <= now,
    )
    return int((await tx.execute(statement)).scalar_one())


async def forget_before(tx: Tx, moment: datetime) -> None:
    """Drop what was closed before that moment."""
    closed = [state.value for state in JobState if state not in (JobState.QUEUED, JobState.SENDING)]
    await tx.execute(
        triggered_job.delete().where(triggered_job.c.state.in_(closed), triggered_job.c.state_at < moment)
    )
