"""Triggered messages in the database, on both engines: due once, in one entry, and looked at again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bench.mailing import FIRST, OWNER, Mailing
from domain.campaigns import CampaignStatus
from domain.creatives import Creative
from domain.leads import Lead, LeadStatus
from domain.triggers import Block, JobState
from storage import addressees, campaigns, leads, outbox, triggers
from storage.database import Database
from storage.tables.tracker import lead
from tests.clock import TestClock

WAIT, HOLD, APPROVE, CANCEL, TRASH = LeadStatus
HELLO = Creative("Hello {first_name}")


@pytest.fixture
async def mailing(db: Database) -> Mailing:
    """A bot with a campaign of three people, who are inside."""
    made = Mailing(db, TestClock().now().replace(microsecond=0))
    bot_id = await made.bot()
    await made.people(bot_id, await made.campaign(bot_id), range(FIRST, FIRST + 3))
    return made


async def people(mailing: Mailing) -> list[Lead]:
    async with mailing.db.read() as tx:
        found = await leads.listing(tx, OWNER, leads.LeadFilter(), limit=10)
    return sorted(found, key=lambda one: one.user_id)


async def schedule(mailing: Mailing, delay: int = 0, entry: int = 1) -> list[Lead]:
    """A message for each, and the block it is of."""
    found = await people(mailing)
    async with mailing.db.write() as tx:
        await triggers.put_block(tx, found[0].campaign_id, Block(APPROVE, True, delay, HELLO))
        for one in found:
            due = mailing.now + timedelta(seconds=delay)
            assert await triggers.schedule(tx, one, APPROVE, entry, due, mailing.now)
    return found


async def refs(mailing: Mailing, now: datetime) -> list[int]:
    """What is due."""
    async with mailing.db.read() as tx:
        return [
            one.ref
            for bot_id in await triggers.bots_due(tx, now)
            for one in await triggers.due(tx, bot_id, now, 10)
        ]


async def states(mailing: Mailing) -> dict[JobState, int]:
    (one, *_) = await people(mailing)
    async with mailing.db.read() as tx:
        found = await triggers.counts(tx, one.campaign_id)
    return {state: number for (_, state), number in found.items()}


async def test_blocks(mailing: Mailing) -> None:
    (one, *_) = await people(mailing)
    block = Block(TRASH, True, 60, Creative("Bye", button="Back", link="https://example.com"))
    async with mailing.db.write() as tx:
        assert await triggers.block(tx, one.campaign_id, TRASH) == Block(TRASH)
        await triggers.put_block(tx, one.campaign_id, Block(TRASH))
        await triggers.put_block(tx, one.campaign_id, block)
        assert await triggers.block(tx, one.campaign_id, TRASH, lock=True) == block
        assert await triggers.blocks(tx, [one.campaign_id]) == {(one.campaign_id, TRASH): block}


async def test_an_entry_has_one_message(mailing: Mailing) -> None:
    found = await schedule(mailing)
    async with mailing.db.write() as tx:
        for one in found:
            assert not await triggers.schedule(tx, one, APPROVE, 1, mailing.now, mailing.now)
        assert await triggers.schedule(tx, found[0], APPROVE, 2, mailing.now, mailing.now)
    assert await states(mailing) == {JobState.QUEUED: 4}


async def test_what_is_due_is_fed_once(mailing: Mailing) -> None:
    await schedule(mailing, delay=60)
    assert await refs(mailing, mailing.now + timedelta(seconds=59)) == []
    due = mailing.now + timedelta(seconds=60)
    async with mailing.db.write() as tx:
        (bot_id,) = await triggers.bots_due(tx, due)
        first = await triggers.due(tx, bot_id, due, 2)
        assert (len(first), await outbox.put_deferred(tx, first, due)) == (2, 2)
        rest = await triggers.due(tx, bot_id, due, 10)
        assert len(rest) == 1
        assert await outbox.put_deferred(tx, [*first, *rest], due) == 1, "two processes feed the same"
        assert await triggers.due(tx, bot_id, due, 10) == []


async def test_leaving_an_entry(mailing: Mailing) -> None:
    ann, *_ = await schedule(mailing)
    async with mailing.db.write() as tx:
        assert await triggers.leave(tx, ann.id, 1, mailing.now) == 0
        assert await triggers.leave(tx, ann.id, 2, mailing.now) == 1
    assert await states(mailing) == {JobState.QUEUED: 2, JobState.SKIPPED: 1}
    assert len(await refs(mailing, mailing.now)) == 2


@pytest.mark.parametrize("what", ["status", "entry", "unsubscribed_at", "block", "campaign"])
async def test_the_last_look_is_within_the_statement(mailing: Mailing, what: str) -> None:
    """Whatever happens between the look and the intent, the message does not go out."""
    ann, *others = await schedule(mailing)
    due = await refs(mailing, mailing.now)
    async with mailing.db.write() as tx:
        if what == "block":
            await triggers.put_block(tx, ann.campaign_id, Block(APPROVE, False, 0, HELLO))
        elif what == "campaign":
            since, to = [CampaignStatus.ACTIVE], CampaignStatus.PAUSED
            assert await campaigns.set_status(tx, OWNER, ann.campaign_id, since, to, mailing.now)
        else:
            values = {"status": int(CANCEL), "entry": 2, "unsubscribed_at": mailing.now}
            await tx.execute(update(lead).where(lead.c.id == ann.id).values({what: values[what]}))
        begun = await triggers.begin(tx, due, mailing.now)
    assert len(begun) == (0 if what in ("block", "campaign") else len(others))


async def test_what_becomes_of_them(mailing: Mailing) -> None:
    await schedule(mailing)
    first, second, third = await refs(mailing, mailing.now)
    async with mailing.db.write() as tx:
        assert await triggers.begin(tx, [first, second, third], mailing.now) == {first, second, third}
        assert await triggers.begin(tx, [first], mailing.now) == set(), "it is on its way"
        await triggers.take_back(tx, [third], mailing.now)
        await triggers.close(tx, first, JobState.SENT, mailing.now, message_id=5)
        await triggers.close(tx, second, JobState.UNKNOWN, mailing.now, error="x" * 1_000)
        await triggers.close(tx, first, JobState.SKIPPED, mailing.now)
        assert await triggers.waiting(tx, OWNER, mailing.now) == 1
        assert await triggers.waiting(tx, OWNER + 1, mailing.now) == 0
    assert await states(mailing) == {JobState.SENT: 1, JobState.UNKNOWN: 1, JobState.QUEUED: 1}
    async with mailing.db.write() as tx:
        assert [one.state for one in await triggers.jobs(tx, [first])] == [JobState.SENT]
        await triggers.forget_before(tx, mailing.now + timedelta(seconds=1))
    assert await states(mailing) == {JobState.QUEUED: 1}, "what waits is never forgotten"


async def test_whom_a_message_goes_to(mailing: Mailing) -> None:
    ann, ben, _ = await people(mailing)
    await mailing.change_person(ann.user_id, first_name="Ann", username="ann", language_code="ru")
    await mailing.change_person(ben.user_id, blocked_at=mailing.now)
    async with mailing.db.read() as tx:
        found = await addressees.of_leads(tx, [ann.id, ben.id, 987_654])
        assert await addressees.of_leads(tx, []) == {}
    assert found.keys() == {ann.id, ben.id}
    hers = found[ann.id]
    assert (hers.first_name, hers.username, hers.languages) == ("Ann", "ann", (None, "ru"))
    assert (hers.started, found[ben.id].started, found[ben.id].met) == (True, False, False)
    values = hers.values()
    assert (values["first_name"], values["user"], values["status"]) == ("Ann", str(ann.user_id), "2")
