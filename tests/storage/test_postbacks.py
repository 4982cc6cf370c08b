"""Postbacks in the database, on both engines."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.leads import LeadStatus
from domain.postbacks import GLOBAL, Filter
from domain.webhooks import Attempt, State
from storage import postbacks
from storage.database import Database
from storage.postback_queue import ROWS, Parcel

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OLGA, BORIS = 1, 2
CAMPAIGN, OTHER = 12, 13
ONE, TWO = "https://one.example", "https://two.example"
OK = Attempt(1, NOW, 200, b"fine", None, 12)


async def happen(
    db: Database,
    event_id: str,
    origin: str = ONE,
    *,
    owner: int = OLGA,
    campaign: int = CAMPAIGN,
    status: LeadStatus = LeadStatus.APPROVE,
    lead: int = 5,
) -> int | None:
    async with db.write() as tx:
        return await postbacks.write(
            tx, owner, origin, f"{origin}/?e={event_id}", event_id, NOW,
            campaign_id=campaign, status=status, lead_id=lead, entry=1,
        )  # fmt: skip


async def hold(db: Database, who: str = "me", at: datetime = NOW, doubtful: bool = False) -> list[Parcel]:
    async with db.write() as tx:
        return await ROWS.hold(tx, who, at, MINUTE, 10, doubtful=doubtful)


async def settle(db: Database, parcel: Parcel, attempt: Attempt = OK, state: State = State.DELIVERED) -> bool:
    async with db.write() as tx:
        noted = await ROWS.note(tx, parcel, attempt, state, NOW + MINUTE, NOW)
        await ROWS.let_go(tx, NOW)
        return noted


async def log(db: Database, which: Filter | None = None, owner: int = OLGA) -> list[Any]:
    async with db.read() as tx:
        return await postbacks.log(tx, owner, which or Filter(), 50)


async def test_a_campaign_with_any_of_its_own_uses_only_its_own(db: Database) -> None:
    async with db.write() as tx:
        await postbacks.put_template(tx, OLGA, GLOBAL, LeadStatus.WAIT, "global wait")
        await postbacks.put_template(tx, OLGA, GLOBAL, LeadStatus.APPROVE, "global approve")
        await postbacks.put_template(tx, BORIS, CAMPAIGN, LeadStatus.TRASH, "somebody else's")
        every = {LeadStatus.WAIT: "global wait", LeadStatus.APPROVE: "global approve"}
        assert await postbacks.in_use(tx, OLGA, CAMPAIGN) == every
        await postbacks.put_template(tx, OLGA, CAMPAIGN, LeadStatus.HOLD, "own hold")
        assert await postbacks.in_use(tx, OLGA, CAMPAIGN) == {LeadStatus.HOLD: "own hold"}
        assert await postbacks.in_use(tx, OLGA, OTHER) == every
        assert await postbacks.templates(tx, OLGA, GLOBAL) == every
        await postbacks.put_template(tx, OLGA, CAMPAIGN, LeadStatus.HOLD, "changed")
        assert await postbacks.templates(tx, OLGA, CAMPAIGN) == {LeadStatus.HOLD: "changed"}
        await postbacks.put_template(tx, OLGA, CAMPAIGN, LeadStatus.HOLD, "")
        assert await postbacks.in_use(tx, OLGA, CAMPAIGN) == every
        assert await postbacks.in_use(tx, BORIS, OTHER) == {}


async def test_one_event_is_written_once(db: Database) -> None:
    assert await happen(db, "e1") is not None
    assert await happen(db, "e1") is None
    made = await asyncio.gather(*(happen(db, "e2", f"https://{n}.example") for n in range(5)))
    assert len([one for one in made if one is not None]) == 1
    assert [one.event_id for one in await log(db)] == ["e2", "e1"]


async def test_a_server_of_an_owner_has_one_queue(db: Database) -> None:
    await asyncio.gather(*(happen(db, f"e{n}") for n in range(6)))
    await happen(db, "other", TWO)
    await happen(db, "his", ONE, owner=BORIS)
    assert len({one.endpoint_id for one in await log(db)}) == 2
    held = await hold(db)
    assert len(held) == 3, "one call at a time to each"
    assert len({one.endpoint_id for one in held}) == 3, "what Boris does to it is nothing to Olga"
    async with db.write() as tx:
        following = await ROWS.first(tx, held[0].endpoint_id, NOW)
    assert following == held[0], "it waits until that one is settled"


async def test_what_a_dead_sender_held_is_taken_over(db: Database) -> None:
    await happen(db, "e1")
    (mine,) = await hold(db, "dead")
    assert await hold(db, "heir", NOW + MINUTE / 2) == []
    (again,) = await hold(db, "heir", NOW + MINUTE)
    assert again == mine
    assert await settle(db, again)
    assert not await settle(db, mine), "what the other one settled is not settled twice"
    (row,) = await log(db)
    assert (row.state, row.attempts, row.code) == (State.DELIVERED, 1, 200)


async def test_the_log_and_whose_it_is(db: Database) -> None:
    await happen(db, "e1", status=LeadStatus.WAIT)
    await happen(db, "e2", TWO, campaign=OTHER, lead=6)
    await happen(db, "his", owner=BORIS)
    parcel = next(one for one in await hold(db) if one.event_id == "e1")
    assert await settle(db, parcel, Attempt(1, NOW, None, None, "timeout", 15_000), State.DEAD)
    first, second = (await log(db))[::-1]
    assert (first.event_id, first.code, first.error) == ("e1", None, "timeout")
    assert [one.id for one in await log(db, Filter(campaign_id=OTHER))] == [second.id]
    assert [one.id for one in await log(db, Filter(lead_id=6))] == [second.id]
    assert [one.id for one in await log(db, Filter(status=LeadStatus.WAIT))] == [first.id]
    assert [one.id for one in await log(db, Filter(state=State.DEAD))] == [first.id]
    assert [one.id for one in await log(db, Filter(before=second.id))] == [first.id]
    assert [one.event_id for one in await log(db, owner=BORIS)] == ["his"]
    async with db.read() as tx:
        assert await postbacks.get(tx, OLGA, first.id) == first
        assert await postbacks.get(tx, BORIS, first.id) is None
        assert [one.error for one in await postbacks.attempts(tx, OLGA, first.id, 5)] == ["timeout"]
        assert await postbacks.attempts(tx, BORIS, first.id, 5) == []
        assert await postbacks.count_dead(tx, OLGA) == await postbacks.count_dead(tx, OLGA, CAMPAIGN) == 1
        assert await postbacks.count_dead(tx, OLGA, OTHER) == await postbacks.count_dead(tx, BORIS) == 0


async def test_again(db: Database) -> None:
    await happen(db, "e1")
    (parcel,) = await hold(db)
    assert await settle(db, parcel, state=State.DEAD)
    async with db.write() as tx:
        await ROWS.note_health(tx, parcel, ok=False, slow=False, pause_until=NOW + 9 * MINUTE, now=NOW)
    assert not await postbacks_again(db, BORIS, parcel.id)
    assert await hold(db, at=NOW + MINUTE, doubtful=True) == []
    assert await postbacks_again(db, OLGA, parcel.id)
    (again,) = await hold(db, doubtful=True)
    assert (again.id, again.url, again.attempts) == (parcel.id, parcel.url, 0), "the breaker is open again"
    assert await settle(db, again, state=State.DEAD)
    async with db.write() as tx:
        assert await postbacks.all_dead_again(tx, BORIS, None, NOW) == 0
        assert await postbacks.all_dead_again(tx, OLGA, OTHER, NOW) == 0
        assert await postbacks.all_dead_again(tx, OLGA, CAMPAIGN, NOW) == 1
        assert await postbacks.all_dead_again(tx, OLGA, None, NOW) == 0


async def postbacks_again(db: Database, owner: int, postback_id: int) -> bool:
    async with db.write() as tx:
        return await postbacks.again(tx, owner, postback_id, NOW)


async def test_what_failed_waits_apart(db: Database) -> None:
    await happen(db, "e1")
    (parcel,) = await hold(db)
    async with db.write() as tx:
        await ROWS.note_health(tx, parcel, ok=False, slow=False, pause_until=NOW, now=NOW)
        await ROWS.let_go(tx, NOW)
    assert await hold(db) == []
    (again,) = await hold(db, doubtful=True)
    assert (again.failures, again.failing_since) == (1, NOW)


async def test_forgetting(db: Database) -> None:
    for event_id, state in (("delivered", State.DELIVERED), ("dead", State.DEAD)):
        await happen(db, event_id)
        (parcel,) = await hold(db)
        assert await settle(db, parcel, state=state)
    await happen(db, "waiting")
    async with db.write() as tx:
        assert await ROWS.forget_before(tx, NOW) == 0
        assert await ROWS.forget_before(tx, NOW + 2 * MINUTE) == 3, "two attempts, one delivered"
    assert [one.event_id for one in await log(db)] == ["waiting", "dead"]
