"""Triggered messages on their way: due when a lead enters a status, looked at again when they go out."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.calls import Call
from domain.clock import Clock
from domain.errors import GatehouseError
from domain.leads import LeadStatus
from domain.tariffs import Tariff
from domain.triggers import Block, JobState
from services import creatives, media
from services.deferred import DEFERRED, Fate, Room, Settled
from services.lead_changes import LeadChange
from services.reach import Speak
from services.tariffs import allowed
from services.work import Work
from storage import addressees, outbox, triggers
from storage.addressees import Addressee
from storage.database import Database, Tx
from storage.triggers import Job

log = logging.getLogger(__name__)
_ENDS = {
    Fate.SENT: JobState.SENT,
    Fate.FAILED: JobState.FAILED,
    Fate.WITHDRAWN: JobState.SKIPPED,
    Fate.UNKNOWN: JobState.UNKNOWN,
}
_OPEN = (JobState.QUEUED, JobState.SENDING)  # meant: that it was taken back may not be written yet


class TriggerJobs:
    """A `LeadListener` that schedules messages, and the `DeferredSource` that sends them."""

    name = triggers.SOURCE

    def __init__(self, db: Database, clock: Clock, speak: Speak) -> None:
        self._db, self._clock, self._speak = db, clock, speak

    async def changed(self, work: Work, change: LeadChange) -> None:
        """The lead entered a status: what was due because of the one before is not wanted any more."""
        if not change.current:
            return
        lead, status = change.lead, change.entry.status
        await triggers.leave(work.tx, lead.id, change.number, work.now)
        block = await triggers.block(work.tx, lead.campaign_id, status)
        if block.on and change.campaign.active:
            due = change.entry.at + timedelta(seconds=block.delay)
            await triggers.schedule(work.tx, lead, status, change.number, due, work.now)
            if due <= work.now:
                work.signal(DEFERRED, None)

    async def feed(self, room: Room) -> int:
        """Put what is due into the outbox, for each bot as much as there is room for."""
        now = self._clock.now()
        async with self._db.read() as tx:
            found = [
                each
                for bot_id in await triggers.bots_due(tx, now)
                if (left := room.of(bot_id))
                for each in await triggers.due(tx, bot_id, now, left)
            ]
        if not found:
            return 0
        async with self._db.write() as tx:
            return await outbox.put_deferred(tx, found, now)

    async def resolve(self, refs: Sequence[int]) -> Mapping[int, Call]:
        """The messages as they are now, without those nobody wants any more."""
        now = self._clock.now()
        async with self._db.read() as tx:
            jobs = await triggers.jobs(tx, refs)
            people = await addressees.of_leads(tx, {job.lead_id for job in jobs})
            blocks = await triggers.blocks(tx, {one.lead.campaign_id for one in people.values()})
            owners = {one.lead.owner_id for one in people.values()}
            tariffs = {owner_id: await allowed(tx, owner_id) for owner_id in owners}
        calls = {}
        for job in jobs:
            reader = people.get(job.lead_id)
            block = blocks.get((reader.lead.campaign_id, job.status)) if reader is not None else None
            if reader is None or block is None:
                continue
            if _wanted(job, reader, block, tariffs[reader.lead.owner_id], now):
                try:
                    calls[job.ref] = self._call(reader, block)
                except GatehouseError:  # it is skipped; the others go out
                    log.exception("a triggered message cannot be written", extra={"job": job.ref})
        return calls

    def _call(self, reader: Addressee, block: Block) -> Call:
        page = creatives.compose(
            block.creative,
            reader.values(),
            self._speak(*reader.languages),
            fallback_link=reader.own_link,
            unsubscribe=reader.campaign.id,
        )
        return media.attach(reader.lead.user_id, page, block.creative)

    async def intend(self, tx: Tx, refs: Sequence[int], now: datetime) -> set[int]:
        """Those that may go out now; decided within the statement."""
        return await triggers.begin(tx, refs, now)

    async def settle(self, tx: Tx, settled: Sequence[Settled], now: datetime) -> None:
        """Write down what became of messages."""
        await triggers.take_back(tx, [one.ref for one in settled if one.fate is Fate.TAKEN_BACK], now)
        for one in settled:
            if (state := _ENDS.get(one.fate)) is not None:
                await triggers.close(tx, one.ref, state, now, message_id=one.message_id, error=one.error)


def _wanted(job: Job, reader: Addressee, block: Block, tariff: Tariff, now: datetime) -> bool:
    """The lead still stands in the very entry, the block is on, and nobody said no.

    Whoever asks to join may be written to before he has ever pressed Start
    (https://core.telegram.org/bots/api#chatjoinrequest): Telegram decides about him.
    """
    lead = reader.lead
    return (
        job.state in _OPEN
        and (lead.status, lead.entry) == (job.status, job.entry)
        and block.on
        and not block.empty
        and reader.campaign.active
        and lead.unsubscribed_at is None
        and (reader.started or (reader.met and lead.status is LeadStatus.HOLD))
        and tariff.writes(now)
    )
