"""Tokens, memberships, gates and affiliates in the database, on both engines."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bench.mailing import OWNER, Mailing
from domain.durations import Term
from domain.plans import Origin
from services.vault import digest
from storage import (
    affiliates,
    customers,
    endings,
    gates,
    join_requests,
    memberships,
    people,
    plans,
    projects,
    tokens,
)
from storage.database import Database
from storage.join_requests import NewRequest
from storage.people import Person
from storage.tokens import NewToken

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BOT, OTHER, ANN, BEN = 1, 2, 501, 502
CHAT, CHANNEL = -1001, -1002
GOLD = {"name": "Gold", "duration": "1 month", "price": 999, "currency": "USD"}


async def make_plan(db: Database, **values: object) -> int:
    async with db.write() as tx:
        for who in (ANN, BEN):
            await people.remember(tx, BOT, Person(who, f"P{who}"), NOW, started=True)
        return await plans.create(tx, BOT, GOLD | values, NOW)


async def make_token(db: Database, plan_id: int, member_id: int | None = None) -> bytes:
    key = digest(f"secret {member_id}")
    async with db.write() as tx:
        await tokens.create(tx, BOT, [NewToken(key, "cret")], plan_id, member_id, NOW + DAY, NOW)
    return key


async def consume(db: Database, key: bytes, who: int, bot: int = BOT, at: datetime = NOW) -> bool:
    async with db.write() as tx:
        return await tokens.consume(tx, bot, key, who, at) is not None


async def member(
    db: Database, who: int, project: int, end: datetime | None, access: datetime | None = None
) -> None:
    async with db.write() as tx:
        await memberships.put(
            tx, BOT, who, project,
            plan_id=1, started_at=NOW, term=Term(end), access_until=access or end,
            next_notice_at=end, now=NOW,
        )  # fmt: skip


async def test_of_many_who_use_a_token_one_wins(db: Database) -> None:
    key = await make_token(db, await make_plan(db))
    won = await asyncio.gather(*(consume(db, key, 600 + number) for number in range(12)))
    assert sum(won) == 1


async def test_what_a_token_does_not_do(db: Database) -> None:
    plan_id = await make_plan(db)
    key = await make_token(db, plan_id, member_id=ANN)
    assert not await consume(db, key, BEN), "it is Ann's"
    assert not await consume(db, key, ANN, bot=OTHER), "it is another bot's"
    assert not await consume(db, key, ANN, at=NOW + DAY), "it has expired"
    async with db.write() as tx:
        await plans.change(tx, BOT, plan_id, {"enabled": False})
    assert not await consume(db, key, ANN), "its plan is closed"
    async with db.write() as tx:
        await plans.change(tx, BOT, plan_id, {"enabled": True})
    assert await consume(db, key, ANN)
    assert not await consume(db, key, ANN), "it is used up"


async def test_a_plan_with_tokens_or_history_stays(db: Database) -> None:
    plan_id, unused = await make_plan(db), await make_plan(db)
    await make_token(db, plan_id)
    async with db.write() as tx:
        assert not await plans.remove(tx, BOT, plan_id)
        assert not await plans.remove(tx, OTHER, unused)
        assert await plans.remove(tx, BOT, unused)


async def test_plans_change_places(db: Database) -> None:
    ids = [await make_plan(db) for _ in range(3)]
    async with db.write() as tx:
        await plans.change(tx, BOT, ids[2], {"sort_order": 980})
        await plans.change(tx, BOT, ids[1], {"sort_order": 980})
        await plans.move_up(tx, BOT, ids[2])
        assert [one.id for one in await plans.of_bot(tx, BOT)] == [ids[0], ids[2], ids[1]]
        await plans.move_up(tx, BOT, ids[0])
        assert [one.id for one in await plans.of_bot(tx, BOT)] == [ids[0], ids[2], ids[1]]


async def test_who_may_be_in_which_chat(db: Database) -> None:
    async with db.write() as tx:
        chess = await projects.create(tx, BOT, "Chess", NOW)
        await projects.toggle_chat(tx, BOT, chess, CHAT)
        await projects.toggle_chat(tx, BOT, 0, CHANNEL)
    await member(db, ANN, chess, NOW + DAY)
    await member(db, BEN, 0, None)

    async def inside(who: int, chat: int, at: datetime = NOW) -> bool:
        async with db.read() as tx:
            return await memberships.entitled(tx, BOT, chat, who, at)

    assert [await inside(ANN, CHAT), await inside(ANN, CHANNEL), await inside(ANN, -5)] == [
        True,
        False,
        False,
    ]
    assert [await inside(BEN, CHAT), await inside(BEN, CHANNEL), await inside(BEN, -5)] == [True, True, False]
    assert not await inside(ANN, CHAT, NOW + DAY), "the last moment is over"
    async with db.read() as tx:
        assert not await memberships.entitled(tx, OTHER, CHAT, ANN, NOW)


async def test_who_has_paid_an_owner(db: Database) -> None:
    """By any of his bots, and nobody else's."""
    assert await Mailing(db, NOW).bot() == BOT
    await Mailing(db, NOW, OWNER + 1).bot(2)
    await member(db, ANN, 7, NOW + DAY)

    async def paid(owner: int, who: int, at: datetime = NOW) -> bool:
        async with db.read() as tx:
            return await memberships.is_customer(tx, owner, who, at)

    assert [await paid(OWNER, ANN), await paid(OWNER, BEN), await paid(OWNER + 1, ANN)] == [
        True,
        False,
        False,
    ]
    assert not await paid(OWNER, ANN, NOW + DAY), "the last moment is over"


async def test_grace_outlasts_the_end(db: Database) -> None:
    await member(db, ANN, 0, NOW + DAY)
    await member(db, BEN, 0, None)
    async with db.write() as tx:
        await memberships.set_grace(tx, BOT, timedelta(days=2))
        changed = await memberships.get(tx, BOT, ANN, 0)
        forever = await memberships.get(tx, BOT, BEN, 0)
    assert changed is not None
    assert forever is not None
    assert changed.access_until == NOW + 3 * DAY
    assert forever.access_until is None
    assert not changed.runs(NOW + 2 * DAY)
    assert changed.opens(NOW + 2 * DAY)


async def test_a_notice_is_given_once(db: Database) -> None:
    await member(db, ANN, 0, NOW)
    async with db.read() as tx:
        (due,) = await endings.to_notify(tx, NOW, 10)

    async def claim() -> bool:
        async with db.write() as tx:
            return await endings.claim_notice(tx, due, timedelta(0), [DAY], None, NOW)

    assert sorted(await asyncio.gather(*(claim() for _ in range(5)))) == [False] * 4 + [True]


async def test_a_membership_ends_once_and_not_when_extended(db: Database) -> None:
    await member(db, ANN, 0, NOW)
    async with db.read() as tx:
        (due,) = await endings.over(tx, NOW, 10)

    async def close() -> bool:
        async with db.write() as tx:
            return await endings.close_over(tx, due, NOW)

    await member(db, ANN, 0, NOW + DAY)
    assert not await close()
    await member(db, ANN, 0, NOW)
    assert sorted(await asyncio.gather(*(close() for _ in range(5)))) == [False] * 4 + [True]


async def test_what_a_plans_rules_look_at(db: Database) -> None:
    plan_id = await make_plan(db)
    async with db.write() as tx:
        await memberships.note_grant(
            tx, BOT, ANN, 7,
            plan_id=plan_id, origin=Origin.TRIAL, source_id=None, length="1 day",
            start_at=NOW, end_at=NOW, now=NOW,
        )  # fmt: skip
        tried = await customers.standing(tx, BOT, ANN, 7, plan_id, NOW)
        assert (tried.tried, tried.held, tried.took) == (True, False, False)
        await memberships.note_grant(
            tx, BOT, ANN, 7,
            plan_id=plan_id, origin=Origin.TOKEN, source_id=1, length="1 day",
            start_at=NOW, end_at=NOW, now=NOW,
        )  # fmt: skip
        had = await customers.standing(tx, BOT, ANN, 7, plan_id, NOW)
        elsewhere = await customers.standing(tx, OTHER, ANN, 7, plan_id, NOW)
    assert (had.held, had.took, had.holds) == (True, True, False)
    assert (elsewhere.held, elsewhere.took, elsewhere.tried) == (False, False, False)


async def test_the_last_place_is_given_once(db: Database) -> None:
    plan_id = await make_plan(db, max_customers=1)

    async def take(who: int) -> bool:
        async with db.write() as tx:
            await memberships.lock_member(tx, BOT, who)
            await plans.lock(tx, BOT, plan_id)
            standing = await customers.standing(tx, BOT, who, 0, plan_id, NOW)
            if standing.customers >= 1:
                return False
            await memberships.put(
                tx, BOT, who, 0,
                plan_id=plan_id, started_at=NOW, term=Term(None), access_until=None, next_notice_at=None,
                now=NOW,
            )  # fmt: skip
            return True

    assert sorted(await asyncio.gather(take(ANN), take(BEN))) == [False, True]


async def test_two_processes_share_the_tasks(db: Database) -> None:
    async with db.write() as tx:
        for who in range(10):
            await gates.owe(tx, BOT, CHAT, who, gates.REMOVE, NOW, NOW)

    async def claim() -> list[int]:
        async with db.write() as tx:
            return [task.member_id for task in await gates.claim_tasks(tx, NOW, 6, DAY)]

    first, second = await asyncio.gather(claim(), claim())
    assert not set(first) & set(second)
    async with db.write() as tx:
        await gates.hurry(tx, BOT, CHAT, NOW)
        again = await gates.claim_tasks(tx, NOW, 20, DAY)
    assert {task.member_id for task in again} == set(range(10))


async def test_two_who_make_a_gate_keep_one_link(db: Database) -> None:
    async def keep(link: str, instead_of: str | None = None) -> str:
        async with db.write() as tx:
            return await gates.keep_link(tx, BOT, CHAT, 1, link, instead_of, NOW)

    assert len(set(await asyncio.gather(keep("a"), keep("b")))) == 1
    (present,) = {await keep("c")}
    assert present in ("a", "b")
    assert await keep("d", instead_of=present) == "d"


async def test_waiting_requests_are_approved_or_declined_once(db: Database) -> None:
    async with db.write() as tx:
        await gates.keep_link(tx, BOT, CHAT, 1, "ours", None, NOW)
        for who, link in ((ANN, "ours"), (BEN, "ours"), (503, "foreign")):
            await join_requests.record(
                tx, NewRequest(BOT, CHAT, who, who, link, None, NOW), join_requests.WAITING, NOW
            )
        assert await join_requests.approve_waiting(tx, BOT, ANN, [CHAT, CHANNEL], NOW) == [CHAT]
        assert await join_requests.approve_waiting(tx, BOT, ANN, [CHAT], NOW) == []
        later = NOW + 2 * DAY
        assert await join_requests.decline_stale(tx, NOW + DAY, later, 10) == [(BOT, CHAT, BEN)]
        assert await join_requests.decline_stale(tx, NOW + DAY, later, 10) == []
        assert await join_requests.state(tx, BOT, CHAT, 503) == join_requests.WAITING


async def test_an_affiliate_id_belongs_to_one(db: Database) -> None:
    async def take(who: int, name: str, bot: int = BOT) -> bool:
        async with db.write() as tx:
            return await affiliates.take_id(tx, bot, who, name, NOW)

    assert sorted(await asyncio.gather(take(ANN, "queen"), take(BEN, "Queen"))) == [False, True]
    assert await take(BEN, "queen", bot=OTHER)
    async with db.read() as tx:
        owner = await affiliates.whose(tx, BOT, "QUEEN")
    assert owner in (ANN, BEN)
    assert await take(owner, "king"), "he may change it"
    assert await take(ANN + BEN - owner, "queen"), "and then it is free"


@pytest.mark.parametrize(("first_wins", "winner"), [(True, ANN), (False, BEN)])
async def test_whose_invitee_somebody_is(db: Database, first_wins: bool, winner: int) -> None:
    async with db.write() as tx:
        for who, name in ((ANN, "ann"), (BEN, "ben")):
            await affiliates.take_id(tx, BOT, who, name, NOW)
            await affiliates.note_click(tx, BOT, who, 700, NOW)
            await affiliates.note_click(tx, BOT, who, 700, NOW)
            await affiliates.attribute(tx, BOT, 700, who, NOW, first_wins=first_wins)
        ranked = await affiliates.top(tx, BOT, 0, 10)
        assert ranked[0].member_id == winner
        counts = ranked[0].counts
        assert (counts.clicks, counts.visitors, counts.invited, counts.members) == (2, 1, 1, 0)
        assert (await affiliates.counts(tx, BOT, ANN + BEN - winner)).invited == 0


async def test_members_are_nobodys_invitees(db: Database) -> None:
    await member(db, ANN, 0, NOW - DAY)
    async with db.write() as tx:
        assert not await affiliates.attribute(tx, BOT, ANN, BEN, NOW, first_wins=False)
        assert await affiliates.attribute(tx, OTHER, ANN, BEN, NOW, first_wins=False)
        assert not await affiliates.attribute(tx, OTHER, ANN, BEN, NOW, first_wins=False), "nothing changed"


async def test_wrong_tokens_are_counted_for_an_hour(db: Database) -> None:
    hour = timedelta(hours=1)
    async with db.write() as tx:
        for number in range(3):
            await tokens.note_wrong(tx, BOT, ANN, NOW + number * hour, hour)
        assert await tokens.wrong_tries(tx, BOT, ANN, NOW + hour) == 1
        assert await tokens.wrong_tries(tx, OTHER, ANN, NOW - hour) == 0
