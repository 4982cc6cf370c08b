"""Whom a broadcast is for: each person once, nobody who declined, and only those it has not reached."""

import asyncio
from datetime import timedelta

import pytest

from bench.mailing import FIRST, INSIDE, Mailing
from domain.broadcasts import Audience, BroadcastStatus, Counts, FollowUp, bits
from domain.leads import LeadStatus
from storage import broadcasts, campaigns, recipient_fates, recipient_queue, recipients
from storage.database import Database
from tests.clock import TestClock


@pytest.fixture
async def mailing(db: Database, clock: TestClock) -> Mailing:
    made = Mailing(db, clock.now())
    bot_id = await made.bot()
    await made.people(bot_id, await made.campaign(bot_id), range(FIRST, FIRST + 5))
    return made


async def test_everybody_once_however_often(mailing: Mailing) -> None:
    one = await mailing.broadcast()
    async with mailing.db.write() as tx:
        assert await recipients.remaining(tx, one) == 5
        assert await recipients.enqueue(tx, one, mailing.now) == 5
        assert await recipients.enqueue(tx, one, mailing.now) == 5
        assert await recipients.remaining(tx, one) == 0
        assert await recipients.audience_size(tx, one) == 5
        assert (await recipients.counts(tx, [one.id]))[one.id] == Counts(queued=5)


async def test_a_person_with_two_leads_gets_one_message(mailing: Mailing) -> None:
    other = await mailing.campaign(1, -1002)
    await mailing.people(1, other, [FIRST, FIRST + 1], met=False)
    one = await mailing.broadcast()
    async with mailing.db.write() as tx:
        assert await recipients.enqueue(tx, one, mailing.now) == 5


async def test_a_second_bot_is_another_conversation(mailing: Mailing) -> None:
    second = await mailing.bot(2)
    await mailing.people(second, await mailing.campaign(second), [FIRST])
    one = await mailing.broadcast()
    async with mailing.db.write() as tx:
        assert await recipients.enqueue(tx, one, mailing.now) == 6


async def test_who_cannot_or_will_not_hear_is_left_out(mailing: Mailing) -> None:
    await mailing.change_lead(FIRST, unsubscribed_at=mailing.now)
    await mailing.change_person(FIRST + 1, blocked_at=mailing.now)
    await mailing.change_person(FIRST + 2, started_at=None)
    one = await mailing.broadcast()
    async with mailing.db.write() as tx:
        assert await recipients.enqueue(tx, one, mailing.now) == 2


async def test_leads_of_somebody_else_or_of_a_deleted_campaign_are_left_out(mailing: Mailing) -> None:
    stranger = Mailing(mailing.db, mailing.now, owner_id=99)
    theirs = await stranger.bot(2)
    await stranger.people(theirs, await stranger.campaign(theirs), [FIRST + 50])
    gone = await mailing.campaign(1, -1002)
    await mailing.people(1, gone, [FIRST + 60])
    async with mailing.db.write() as tx:
        await campaigns.set_status(
            tx, mailing.owner_id, gone, [campaigns.CampaignStatus.ACTIVE], campaigns.CampaignStatus.DELETED,
            mailing.now,
        )  # fmt: skip
    one = await mailing.broadcast()
    async with mailing.db.read() as tx:
        assert await recipients.audience_size(tx, one) == 5


@pytest.mark.parametrize(
    ("audience", "size"),
    [
        (Audience(0), 0),
        (Audience(bits([LeadStatus.WAIT])), 2),
        (Audience(INSIDE | bits([LeadStatus.WAIT])), 7),
        (Audience(INSIDE, campaigns=(1,)), 5),
        (Audience(INSIDE, campaigns=(2,)), 0),
    ],
)
async def test_statuses_and_campaigns(mailing: Mailing, audience: Audience, size: int) -> None:
    await mailing.people(1, 1, [FIRST + 10, FIRST + 11], status=LeadStatus.WAIT)
    one = await mailing.broadcast(audience=audience)
    async with mailing.db.read() as tx:
        assert await recipients.audience_size(tx, one) == size


async def test_dates_count_from_and_to_but_not_to_itself(mailing: Mailing) -> None:
    now, day = mailing.now, timedelta(days=1)
    await mailing.people(1, 1, [FIRST + 10], created_at=now - day, status_at=now - day)
    for audience, size in (
        (Audience(INSIDE, created_from=now), 5),
        (Audience(INSIDE, created_to=now), 1),
        (Audience(INSIDE, status_from=now - day, status_to=now), 1),
        (Audience(INSIDE, status_from=now - day), 6),
    ):
        one = await mailing.broadcast(audience=audience)
        async with mailing.db.read() as tx:
            assert await recipients.audience_size(tx, one) == size


async def test_a_long_queue_is_made_in_steps(mailing: Mailing) -> None:
    one, steps, last = await mailing.broadcast(), 0, 0
    while last is not None:
        async with mailing.db.write() as tx:
            last = await recipients.enqueue_some(tx, one, last, 2, mailing.now)
        steps += 1
    assert steps == 4, "two, two, one, and none"
    assert set((await mailing.states(one)).values()) == {"queued"}
    assert len(await mailing.states(one)) == 5


async def test_what_was_in_line_at_a_stop_is_reached_by_the_next_start(mailing: Mailing) -> None:
    one = await mailing.broadcast()
    await mailing.start(one)
    async with mailing.db.write() as tx:
        (share,) = await recipient_queue.shares(tx)
        assert await recipient_queue.feed(tx, share, 3, mailing.now) == 3
        assert await recipient_queue.feed(tx, share, 3, mailing.now) == 2, "nobody stands there twice"
        assert await recipient_fates.begin(tx, [1], mailing.now) == {1}
        assert await recipients.drop_queued(tx, one.id) == 4
        assert await recipients.remaining(tx, one) == 4
    assert await mailing.in_outbox() == 1, "the one in flight"


async def test_nothing_begins_once_it_is_paused(mailing: Mailing) -> None:
    one = await mailing.broadcast()
    await mailing.start(one)
    await mailing.put(one, BroadcastStatus.PAUSED)
    async with mailing.db.write() as tx:
        assert await recipient_fates.begin(tx, [1, 2], mailing.now) == set()
        assert await recipient_queue.letters(tx, [1, 2]) == []
        assert await recipient_queue.shares(tx) == []


async def test_nobody_is_written_to_who_said_no_a_moment_ago(mailing: Mailing) -> None:
    """After his message was looked up, and before it went out."""
    one = await mailing.broadcast()
    await mailing.start(one)
    async with mailing.db.read() as tx:
        assert len(await recipient_queue.letters(tx, [1, 2, 3])) == 3
    await mailing.change_lead(FIRST, unsubscribed_at=mailing.now)
    await mailing.change_person(FIRST + 1, blocked_at=mailing.now)
    async with mailing.db.write() as tx:
        assert await recipient_fates.begin(tx, [1, 2, 3], mailing.now) == {3}
        await recipient_fates.skip_unwanted(tx, [1, 2], mailing.now)
        assert (await recipients.counts(tx, [one.id]))[one.id] == Counts(queued=3, skipped=2)


async def test_what_comes_back_after_a_stop_waits_for_nothing(mailing: Mailing) -> None:
    """In flight at the stop, and it did not arrive: nobody will send it, so it is not queued either."""
    one = await mailing.broadcast()
    await mailing.start(one)
    now = mailing.now
    async with mailing.db.write() as tx:
        await recipient_fates.begin(tx, [1, 2, 3], now)
        await recipients.drop_queued(tx, one.id)
        await mailing.put(one, BroadcastStatus.CANCELLED, tx)
        await recipient_fates.taken_back(tx, 1, now)
        await recipient_fates.refused(tx, 2, "Bad Request: can't parse entities", now)
        await recipient_fates.sent(tx, 3, 501, now)
        assert (await recipients.counts(tx, [one.id]))[one.id] == Counts(sent=1)
        assert await recipients.remaining(tx, one) == 4, "they count as not reached"


async def test_a_fate_is_written_once(mailing: Mailing) -> None:
    one = await mailing.broadcast()
    await mailing.start(one)
    now = mailing.now
    async with mailing.db.write() as tx:
        await recipient_fates.begin(tx, [1, 2, 3], now)
        await recipient_fates.use(tx, mailing.owner_id, now, 3)
        for _ in range(2):
            await recipient_fates.sent(tx, 1, 501, now)
            await recipient_fates.failed(tx, 2, "Forbidden", now)
            await recipient_fates.taken_back(tx, 3, now)
            await recipient_fates.failed(tx, 1, "too late", now)
        assert await recipients.used_today(tx, mailing.owner_id, now) == 1
        assert (await recipients.counts(tx, [one.id]))[one.id] == Counts(queued=3, sent=1, failed=1)


async def test_what_comes_back_after_midnight_is_taken_off_the_day_it_was_counted_on(
    mailing: Mailing,
) -> None:
    one = await mailing.broadcast()
    await mailing.start(one)
    evening = mailing.now.replace(hour=23, minute=59)
    night = evening + timedelta(minutes=2)
    async with mailing.db.write() as tx:
        for now, refs in ((evening, [1, 2, 3]), (night, [4])):
            await recipient_fates.begin(tx, refs, now)
            await recipient_fates.use(tx, mailing.owner_id, now, len(refs))
        await recipient_fates.taken_back(tx, 1, night)
        await recipient_fates.failed(tx, 2, "Forbidden", night)
        await recipient_fates.refused(tx, 3, "Bad Request: can't parse entities", night)
        used = [await recipients.used_today(tx, mailing.owner_id, now) for now in (evening, night)]
    assert used == [0, 1]


async def test_one_that_is_meant_is_looked_up_as_well(mailing: Mailing) -> None:
    """It was taken back a moment ago, which is not written yet; it must not be taken for unwanted."""
    one = await mailing.broadcast()
    await mailing.start(one)
    async with mailing.db.write() as tx:
        await recipient_fates.begin(tx, [1], mailing.now)
        assert len(await recipient_queue.letters(tx, [1])) == 1
        assert await recipient_fates.begin(tx, [1], mailing.now) == set(), "the intent decides"


async def test_a_late_answer_is_believed(mailing: Mailing) -> None:
    """Another process took it for lost; the one that sent it was only slow."""
    one = await mailing.broadcast()
    await mailing.start(one)
    async with mailing.db.write() as tx:
        await recipient_fates.begin(tx, [1], mailing.now)
        await recipient_fates.unknown(tx, 1, None, mailing.now)
        await recipient_fates.sent(tx, 1, 501, mailing.now)
        assert (await recipients.counts(tx, [one.id]))[one.id].unknown == 0
        assert await recipients.follow_up(tx, one.id, FollowUp.RECALL) == 1


async def test_it_does_not_end_while_its_owner_sends_again(mailing: Mailing) -> None:
    """The last message is of unknown fate, and at the moment it would be done he wants it sent again."""
    one = await mailing.broadcast()
    await mailing.start(one)

    async def end() -> list[tuple[int, int]]:
        async with mailing.db.write() as tx:
            return await recipient_fates.finish(tx)

    async with mailing.db.write() as tx:
        await recipient_fates.begin(tx, [1, 2, 3, 4, 5], mailing.now)
        for ref in (1, 2, 3, 4, 5):
            await recipient_fates.unknown(tx, ref, "timeout", mailing.now)
    async with mailing.db.write() as tx:
        assert await broadcasts.get(tx, mailing.owner_id, one.id, lock=True) is not None
        assert await recipients.decide_unknown(tx, one.id, resend=True, now=mailing.now) == 5
        ending = asyncio.ensure_future(end())  # noqa: TID251 - awaited below
        await asyncio.sleep(0.2)  # it waits for us
    assert await ending == []
    assert (await mailing.status(one))[0] is BroadcastStatus.RUNNING


async def test_two_ways_with_what_is_unknown(mailing: Mailing) -> None:
    one = await mailing.broadcast()
    await mailing.start(one)
    async with mailing.db.write() as tx:
        for resend, counted in ((True, Counts(queued=5)), (False, Counts(queued=4, skipped=1))):
            await recipient_fates.begin(tx, [1], mailing.now)
            await recipient_fates.unknown(tx, 1, "timeout", mailing.now)
            assert await recipients.decide_unknown(tx, one.id, resend=resend, now=mailing.now) == 1
            assert (await recipients.counts(tx, [one.id]))[one.id] == counted
