"""Making the queue of a broadcast in steps: complete, for the audience of the moment, and worth nothing
without its start."""

import pytest

from bench.mailing import FIRST, INSIDE, OWNER, Mailing
from domain.broadcasts import Audience, BroadcastStatus
from domain.creatives import Creative
from domain.errors import NotFound, Refused
from services import broadcast_queue
from services.broadcast_queue import BroadcastQueue
from storage import broadcasts, recipients
from storage.database import Database
from tests.clock import TestClock

PEOPLE = 7


@pytest.fixture
async def mailing(db: Database, monkeypatch: pytest.MonkeyPatch) -> Mailing:
    """Seven people, looked at two at a time."""
    monkeypatch.setattr(broadcast_queue, "STEP", 2)
    made = Mailing(db, TestClock().now())
    bot_id = await made.bot()
    await made.people(bot_id, await made.campaign(bot_id), range(FIRST, FIRST + PEOPLE))
    return made


async def test_in_steps_it_is_as_long_as_at_once(mailing: Mailing) -> None:
    queue = BroadcastQueue(mailing.db, TestClock())
    one = await mailing.broadcast()
    async with queue.ahead(OWNER, one.id) as ahead, mailing.db.write() as tx:
        expected = one.audience if mailing.db.dialect == "sqlite" else None
        assert ahead == expected, "where nobody waits for a long transaction, one is enough"
        assert await recipients.count_queued(tx, one.id) == (PEOPLE if ahead else 0)
        assert await queue.fill(tx, one, ahead) == PEOPLE


async def test_the_audience_is_the_one_of_the_start(mailing: Mailing) -> None:
    """Somebody edits while the queue is made."""
    queue = BroadcastQueue(mailing.db, TestClock())
    one = await mailing.broadcast()
    async with queue.ahead(OWNER, one.id) as ahead:
        async with mailing.db.write() as tx:
            await broadcasts.edit(tx, OWNER, one.id, "", Audience(), Creative("Hi"), False)
            now = await broadcasts.get(tx, OWNER, one.id)
        assert now is not None
        async with mailing.db.write() as tx:
            assert await queue.fill(tx, now, ahead) == 0


async def test_a_queue_without_its_start_is_thrown_away(mailing: Mailing) -> None:
    """The server died between: the next start is for whom the broadcast is for by then."""
    queue = BroadcastQueue(mailing.db, TestClock())
    one = await mailing.broadcast()
    async with mailing.db.write() as tx:
        await recipients.enqueue(tx, one, mailing.now)
    await mailing.change_lead(FIRST, status=3)
    async with queue.ahead(OWNER, one.id) as ahead, mailing.db.write() as tx:
        assert await queue.fill(tx, one, ahead) == PEOPLE - 1
    assert FIRST not in await mailing.states(one)


@pytest.mark.parametrize("status", [BroadcastStatus.RUNNING, BroadcastStatus.PAUSED])
async def test_what_runs_is_left_alone(mailing: Mailing, status: BroadcastStatus) -> None:
    queue = BroadcastQueue(mailing.db, TestClock())
    one = await mailing.broadcast(audience=Audience(INSIDE))
    await mailing.start(one)
    await mailing.put(one, status)
    async with queue.ahead(OWNER, one.id) as ahead:
        assert ahead is None
    assert len(await mailing.states(one)) == PEOPLE, "what waits there still waits"
    async with queue.ahead(OWNER + 1, one.id) as ahead:
        assert ahead is None


async def test_a_start_that_is_refused_leaves_no_queue(mailing: Mailing) -> None:
    """The tariff says no: the draft has nobody waiting, and has reached nobody."""
    queue = BroadcastQueue(mailing.db, TestClock())
    one = await mailing.broadcast()
    with pytest.raises(Refused):
        async with queue.ahead(OWNER, one.id):
            raise Refused("broadcasts")
    assert await mailing.states(one) == {}


async def test_of_a_broadcast_deleted_while_its_queue_is_made_nothing_stays(mailing: Mailing) -> None:
    if mailing.db.dialect != "sqlite":
        return  # it is made in the transaction that holds the broadcast
    queue = BroadcastQueue(mailing.db, TestClock())
    one = await mailing.broadcast()

    async def start() -> None:
        async with queue.ahead(OWNER, one.id):
            async with mailing.db.write() as tx:
                assert await broadcasts.remove(tx, OWNER, one.id)
                await recipients.enqueue(tx, one, mailing.now)  # the step that came after
            raise NotFound("broadcast")

    with pytest.raises(NotFound):
        await start()
    assert await mailing.states(one) == {}
