"""Counting leads, on both engines."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.campaigns import Campaign
from domain.creatives import Creative
from domain.leads import Entry, LeadStatus, Noted, Origin
from domain.tracker_stats import Cost, Counted, Retention, Span
from storage import campaigns, leads, tracker_stats
from storage.database import Database
from storage.tracker_stats import Which

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OLGA, BORIS, BOT = 1, 2, 7
WAIT, HOLD, APPROVE, CANCEL, TRASH = LeadStatus
Steps = list[tuple[LeadStatus, datetime]]


async def make(db: Database, owner: int = OLGA, chat: int = -100, **values: Any) -> Campaign:
    async with db.write() as tx:
        found = await campaigns.create(
            tx, owner, BOT, chat, code=f"go{owner}{chat}", name="Spring", creative=Creative(), now=NOW,
            **values,
        )  # fmt: skip
    assert found is not None
    return found


async def lead(
    db: Database, of: Campaign, user: int, steps: Steps, *, source: str = "", cost: int | None = None
) -> None:
    """Somebody who went through these steps."""
    origin = Origin(source=source, cost_micros=cost)
    approves = [at for status, at in steps if status is APPROVE]
    async with db.write() as tx:
        found = await leads.create(tx, of.owner_id, of.id, BOT, of.chat_id, user, steps[0][1])
        for number, (status, at) in enumerate(steps, start=1):
            entry = Entry(f"{user}/{number}", status, at, origin, user)
            await leads.note(tx, found, Noted(0, number, entry, f"{of.id}-{user}-{number}"), NOW)
        status, at = steps[-1]
        standing = replace(
            found, status=status, entry=len(steps), origin=origin, status_at=at,
            approved_at=min(approves, default=None),
        )  # fmt: skip
        await leads.stand(tx, standing)


async def counts(db: Database, which: Which, span: Span | None = None) -> dict[tuple[str, date, str], int]:
    async with db.read() as tx:
        found = await tracker_stats.counts(tx, which, span or Span())
    assert len({(one.what, one.day, one.source) for one in found}) == len(found)
    return {(one.what.value, one.day, one.source): one.people for one in found if one.people}


async def test_each_person_counts_once_in_each(db: Database) -> None:
    spring = await make(db)
    first = datetime(2026, 5, 1, 23, 59, tzinfo=UTC)
    second = first + HOUR
    again = [(CANCEL, second + DAY), (WAIT, second + 2 * DAY), (APPROVE, second + 2 * DAY + HOUR)]
    await lead(db, spring, 1, [(WAIT, first), (APPROVE, second), *again, (TRASH, second + 5 * DAY)])
    await lead(db, spring, 2, [(HOLD, second), (TRASH, second + HOUR)], source="blog")
    await lead(db, spring, 3, [(APPROVE, second)], source="blog")
    one, two, three = date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 3)
    assert await counts(db, Which(OLGA)) == {
        (Counted.START, one, ""): 1,
        (Counted.CAME_IN, one, ""): 1,
        (Counted.START, two, "blog"): 2,
        (Counted.CAME_IN, two, "blog"): 1,
        (Counted.CONFIRM, two, ""): 1,
        (Counted.CONFIRM, two, "blog"): 1,
        (Counted.KEPT, two, "blog"): 1,
        (Counted.UNSUB, three, ""): 1,
    }, "a declined request is no unsub, and nobody leaves twice"
    begin = datetime(2026, 5, 3, tzinfo=UTC)
    assert await counts(db, Which(OLGA), Span(begin, begin + DAY)) == {(Counted.UNSUB, three, ""): 1}
    assert await counts(db, Which(OLGA), Span(None, begin - DAY)) == {
        (Counted.START, one, ""): 1, (Counted.CAME_IN, one, ""): 1,
    }  # fmt: skip


async def test_whose_they_are(db: Database) -> None:
    mine, other, his = await make(db), await make(db, chat=-101), await make(db, BORIS, -102)
    for campaign in (mine, other, his):
        await lead(db, campaign, 1, [(WAIT, NOW)])
    assert sum((await counts(db, Which(OLGA))).values()) == 2
    assert sum((await counts(db, Which(OLGA, mine.id))).values()) == 1
    assert await counts(db, Which(OLGA, his.id)) == {}
    assert await counts(db, Which(3)) == {}


async def test_a_step_that_does_not_stand_is_none(db: Database) -> None:
    spring = await make(db)
    await lead(db, spring, 1, [(APPROVE, NOW - 3 * DAY), (CANCEL, NOW - 2 * DAY), (APPROVE, NOW - DAY)])
    async with db.write() as tx:
        found = await leads.of_person(tx, spring.id, 1)
        assert found is not None
        left = (await leads.noted(tx, found.id))[1]
        await leads.correct(tx, [replace(left, stands=False)])
    assert (Counted.UNSUB, (NOW - 2 * DAY).date(), "") not in await counts(db, Which(OLGA))


async def test_retention(db: Database) -> None:
    spring = await make(db)
    came = NOW - 31 * DAY
    await lead(db, spring, 1, [(WAIT, came), (APPROVE, came)])
    await lead(db, spring, 2, [(APPROVE, came), (CANCEL, came + HOUR)])
    await lead(db, spring, 3, [(APPROVE, came), (CANCEL, came + HOUR), (WAIT, came + 8 * DAY)])
    back = [(CANCEL, came + 2 * DAY), (APPROVE, came + 3 * DAY), (TRASH, came + 10 * DAY)]
    await lead(db, spring, 4, [(APPROVE, came), *back])
    await lead(db, spring, 5, [(APPROVE, NOW - 2 * DAY)])
    await lead(db, spring, 6, [(APPROVE, NOW - HOUR)])
    await lead(db, spring, 7, [(WAIT, came)])

    async def found(span: Span | None = None, which: Which | None = None) -> list[Retention]:
        async with db.read() as tx:
            return await tracker_stats.retention(tx, which or Which(OLGA), span or Span(), NOW)

    assert await found() == [Retention(1, 5, 3), Retention(7, 4, 2), Retention(30, 4, 1)]
    assert await found(Span(NOW - 5 * DAY)) == [Retention(1, 1, 1), Retention(7, 0, 0), Retention(30, 0, 0)]
    assert await found(which=Which(BORIS)) == [Retention(days, 0, 0) for days in (1, 7, 30)]


async def test_a_moment_to_the_second_belongs_to_the_day_after(db: Database) -> None:
    """Whoever leaves exactly a day later was not inside a day later."""
    spring = await make(db)
    await lead(db, spring, 1, [(APPROVE, NOW - 2 * DAY), (CANCEL, NOW - DAY)])
    await lead(db, spring, 2, [(APPROVE, NOW - 2 * DAY), (CANCEL, NOW - DAY + timedelta(seconds=1))])
    async with db.read() as tx:
        (first, *_) = await tracker_stats.retention(tx, Which(OLGA), Span(), NOW)
    assert first == Retention(1, 2, 1)


async def test_costs(db: Database) -> None:
    given = await make(db, cost_micros=10_000_000, currency="USD")
    summed = await make(db, chat=-101, currency="USD")
    euros = await make(db, chat=-102, cost_micros=5_000_000, currency="EUR")
    free = await make(db, chat=-103, currency="USD")
    his = await make(db, BORIS, -104, cost_micros=99_000_000, currency="USD")
    for campaign in (given, free, his):
        await lead(db, campaign, 1, [(APPROVE, NOW)])
    await lead(db, given, 2, [(APPROVE, NOW), (CANCEL, NOW + HOUR)], cost=700_000)
    for user in (1, 2):
        await lead(db, summed, user, [(APPROVE, NOW)], cost=250_000)
    async with db.read() as tx:
        assert await tracker_stats.costs(tx, Which(OLGA)) == [
            Cost("EUR", 5_000_000, 0), Cost("USD", 10_500_000, 3),
        ]  # fmt: skip
        assert await tracker_stats.costs(tx, Which(OLGA, summed.id)) == [Cost("USD", 500_000, 2)]
        assert await tracker_stats.costs(tx, Which(OLGA, euros.id)) == [Cost("EUR", 5_000_000, 0)]
        assert await tracker_stats.costs(tx, Which(OLGA, free.id)) == []
        assert await tracker_stats.costs(tx, Which(OLGA, his.id)) == []
