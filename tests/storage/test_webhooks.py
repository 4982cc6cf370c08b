"""Webhooks and their queues in the database, on both engines."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.webhooks import Attempt, State, Why
from storage import webhook_queue, webhooks
from storage.database import Database
from storage.webhook_queue import Parcel

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BOT, OTHER = 1, 2
OK = Attempt(1, NOW, 200, b"fine", None, 12)


async def make(db: Database, url: str = "https://a.example/", bot: int = BOT) -> int:
    async with db.write() as tx:
        stored = await webhooks.put(tx, bot, url, url.encode().ljust(32)[:32], b"secret", NOW)
    return stored.webhook.id


async def happen(db: Database, *event_ids: str, bot: int = BOT, at: datetime = NOW) -> bool:
    async with db.write() as tx:
        told = [await webhooks.enqueue(tx, bot, one, "token_redeemed", one.encode(), at) for one in event_ids]
    return all(told)


async def hold(
    db: Database, who: str = "me", at: datetime = NOW, limit: int = 10, doubtful: bool = False
) -> list[Parcel]:
    async with db.write() as tx:
        return await webhook_queue.hold(tx, who, at, MINUTE, limit, doubtful=doubtful)


async def ready(db: Database, at: datetime = NOW) -> bool:
    async with db.read() as tx:
        return await webhook_queue.any_ready(tx, at)


async def log_of(db: Database, webhook_id: int, bot: int = BOT) -> list[Any]:
    async with db.read() as tx:
        return await webhooks.deliveries(tx, bot, webhook_id, 0, 50)


async def settle(db: Database, parcel: Parcel, attempt: Attempt = OK, state: State = State.DELIVERED) -> bool:
    async with db.write() as tx:
        return await webhook_queue.note(tx, parcel, attempt, state, NOW + MINUTE, NOW)


async def test_an_event_is_written_for_every_webhook_that_is_on(db: Database) -> None:
    first, second = await make(db), await make(db, "https://b.example/")
    off, theirs = await make(db, "https://off.example/"), await make(db, bot=OTHER)
    (parcel,) = await _hold_one(db, off, "e0")
    async with db.write() as tx:
        assert await webhook_queue.disable(tx, parcel, Why.GONE, NOW)
        assert not await webhook_queue.disable(tx, parcel, Why.GONE, NOW), "it is told once"
    assert await happen(db, "e1")
    for one in (first, second):
        (row, *_) = await log_of(db, one)
        assert (row.event_id, row.state, row.attempts, row.status) == ("e1", State.WAITING, 0, None)
    assert [row.event_id for row in await log_of(db, off)] == ["e0"]
    assert await log_of(db, theirs, OTHER) == []
    assert not await happen(db, "e2", bot=99), "nobody listens"


async def _hold_one(db: Database, webhook_id: int, event_id: str) -> list[Parcel]:
    async with db.write() as tx:
        await webhooks.enqueue_one(tx, BOT, webhook_id, event_id, "test", b"{}", NOW)
    return await hold(db)


async def test_one_url_is_one_webhook_with_one_secret(db: Database) -> None:
    async def put(secret: bytes) -> Any:
        async with db.write() as tx:
            return await webhooks.put(tx, BOT, "https://a.example/", b"d" * 32, secret, NOW)

    made = await asyncio.gather(*(put(f"secret {n}".encode()) for n in range(5)))
    assert len({one.webhook.id for one in made}) == len({one.secret for one in made}) == 1
    async with db.read() as tx:
        assert await webhooks.count(tx, BOT) == 1
        found = await webhooks.by_url(tx, BOT, b"d" * 32)
        assert found is not None
        assert found.secret == made[0].secret
        assert await webhooks.by_url(tx, OTHER, b"d" * 32) is None
        assert await webhooks.get(tx, OTHER, found.webhook.id) is None


async def test_each_webhook_has_one_sender(db: Database) -> None:
    hooks = [await make(db, f"https://{n}.example/") for n in range(12)]
    await happen(db, "e1", "e2")
    taken = await asyncio.gather(*(hold(db, f"process {n}", limit=5) for n in range(4)))
    held = [one.webhook_id for parcels in taken for one in parcels]
    assert sorted(held) == hooks, "all are taken, none twice"
    assert {one.event_id for parcels in taken for one in parcels} == {"e1"}
    assert not await ready(db)
    assert await hold(db, "late") == []


async def test_what_a_dead_sender_held_is_taken_over(db: Database) -> None:
    hook = await make(db)
    await happen(db, "e1")
    (mine,) = await hold(db, "dead")
    assert not await ready(db, NOW + MINUTE / 2)
    (again,) = await hold(db, "heir", NOW + MINUTE)
    assert (again.id, again.attempts) == (mine.id, 0)
    async with db.write() as tx:
        assert not await webhook_queue.renew(tx, hook, "dead", NOW + 2 * MINUTE)
        assert await webhook_queue.renew(tx, hook, "heir", NOW + 2 * MINUTE)
    assert await settle(db, again)
    assert not await settle(db, mine), "what the other one settled is not settled twice"
    (row,) = await log_of(db, hook)
    assert (row.state, row.attempts, row.status) == (State.DELIVERED, 1, 200)
    async with db.read() as tx:
        assert len(await webhooks.attempts(tx, BOT, row.id, 10)) == 1


async def test_letting_go(db: Database) -> None:
    await make(db)
    await make(db, "https://b.example/")
    await happen(db, "e1")
    assert len(await hold(db, "me", limit=1)) == len(await hold(db, "other", limit=1)) == 1
    async with db.write() as tx:
        await webhook_queue.let_go(tx, NOW, "me")
    assert len(await hold(db, "new")) == 1, "only what it held itself"
    async with db.write() as tx:
        await webhook_queue.let_go(tx, NOW)
    assert len(await hold(db, "new")) == 2


async def test_the_longest_waiting_is_served_first_and_in_order(db: Database) -> None:
    hooks = [await make(db, f"https://{n}.example/") for n in range(3)]
    await happen(db, "late", at=NOW + MINUTE)
    await happen(db, "early")
    order: list[int] = []
    for turn in range(1, 7):
        at = NOW + turn * MINUTE
        (parcel,) = await hold(db, at=at, limit=1)
        assert parcel.event_id == "early"
        order.append(parcel.webhook_id)
        async with db.write() as tx:
            await webhook_queue.renew(tx, parcel.webhook_id, "me", at)
    assert order == hooks * 2


async def test_what_failed_waits_apart_and_what_is_paused_not_at_all(db: Database) -> None:
    hook = await make(db)
    await happen(db, "e1")
    (parcel,) = await hold(db)

    async def fail(pause: datetime, *, ok: bool = False, slow: bool = False) -> Any:
        async with db.write() as tx:
            await webhook_queue.note_health(tx, parcel, ok=ok, slow=slow, pause_until=pause, now=NOW)
            await webhook_queue.let_go(tx, NOW)
            return (await webhooks.get(tx, BOT, hook)).webhook.failing_since  # type: ignore[union-attr]

    assert await fail(NOW) == NOW
    assert await hold(db) == []
    (again,) = await hold(db, doubtful=True)
    assert (again.failures, again.failing_since) == (1, NOW)
    await fail(NOW + 2 * MINUTE)
    assert not await ready(db, NOW + MINUTE)
    assert await hold(db, at=NOW + MINUTE, doubtful=True) == []
    (again,) = await hold(db, at=NOW + 2 * MINUTE, doubtful=True)
    assert (again.failures, again.failing_since) == (2, NOW), "since the first one"
    assert await fail(NOW, ok=True, slow=True) is None
    assert await hold(db) == [], "who is slow keeps others waiting as well"
    assert await fail(NOW, ok=True) is None
    assert len(await hold(db)) == 1


async def test_two_secrets_sign_for_a_while(db: Database) -> None:
    hook = await make(db)
    await happen(db, "e1")
    async with db.write() as tx:
        assert not await webhooks.change_secret(tx, OTHER, hook, b"x", NOW + MINUTE)
        assert await webhooks.change_secret(tx, BOT, hook, b"new", NOW + MINUTE)
    (both,) = await hold(db, at=NOW)
    assert both.secrets == (b"new", b"secret")
    (one,) = await hold(db, at=NOW + MINUTE)
    assert one.secrets == (b"new",)


async def test_again(db: Database) -> None:
    hook = await make(db)
    await happen(db, "e1", "e2", "e3")
    (parcel,) = await hold(db)
    assert await settle(db, parcel, Attempt(1, NOW, None, None, "timeout", 15000), State.DEAD)
    async with db.write() as tx:
        assert await webhooks.count_dead(tx, BOT, hook) == 1
        assert await webhooks.count_dead(tx, OTHER, hook) == 0
        assert not await webhooks.again(tx, OTHER, parcel.id, NOW)
        assert await webhooks.all_dead_again(tx, OTHER, hook, NOW) == 0
        assert await webhooks.all_dead_again(tx, BOT, hook, NOW) == 1
        again = await webhook_queue.first(tx, hook, NOW)
    assert again is not None
    assert (again.id, again.event_id, again.body, again.attempts) == (parcel.id, "e1", b"e1", 0)
    async with db.read() as tx:
        row = await webhooks.delivery(tx, BOT, parcel.id)
        assert await webhooks.delivery(tx, OTHER, parcel.id) is None
        assert await webhooks.attempts(tx, OTHER, parcel.id, 5) == []
    assert row is not None
    assert (row.state, row.status, row.error) == (State.WAITING, None, "timeout")


async def test_switching_off_gives_up_what_waits(db: Database) -> None:
    hook, other = await make(db), await make(db, "https://b.example/")
    await happen(db, "e1", "e2")
    (parcel, *_) = [one for one in await hold(db) if one.webhook_id == hook]
    async with db.write() as tx:
        assert await webhook_queue.disable(tx, parcel, Why.FAILING, NOW)
        await webhook_queue.let_go(tx, NOW)
    assert {one.state for one in await log_of(db, hook)} == {State.DEAD}
    assert {one.state for one in await log_of(db, other)} == {State.WAITING}
    async with db.write() as tx:
        assert await webhooks.all_dead_again(tx, BOT, hook, NOW) == 2
        assert await webhook_queue.first(tx, hook, NOW) is None, "it is off"
        assert not await webhooks.enable(tx, OTHER, hook, NOW)
        assert await webhooks.enable(tx, BOT, hook, NOW)
    assert hook in [one.webhook_id for one in await hold(db)]


async def test_removing_takes_all_along_and_nothing_else(db: Database) -> None:
    hook, other = await make(db), await make(db, "https://b.example/")
    await happen(db, "e1")
    held = {one.webhook_id: one for one in await hold(db)}
    assert await settle(db, held[other])
    async with db.write() as tx:
        assert not await webhooks.remove(tx, OTHER, hook)
        assert await webhooks.remove(tx, BOT, hook)
        assert not await webhooks.remove(tx, BOT, hook)
        assert not await webhook_queue.lock(tx, held[hook])
    assert not await settle(db, held[hook]), "what was under way has nothing to be noted at"
    assert await log_of(db, hook) == []
    (left,) = await log_of(db, other)
    async with db.read() as tx:
        assert len(await webhooks.attempts(tx, BOT, left.id, 5)) == 1
    async with db.write() as tx:
        await webhooks.remove_all(tx, BOT)
        assert await webhooks.of_bot(tx, BOT) == []


async def test_forgetting(db: Database) -> None:
    hook = await make(db)
    await happen(db, "delivered", "dead", "waiting")
    for state in (State.DELIVERED, State.DEAD):
        (parcel,) = await hold(db)
        assert await settle(db, parcel, state=state)
        async with db.write() as tx:
            await webhook_queue.let_go(tx, NOW)
    async with db.write() as tx:
        assert await webhook_queue.forget_before(tx, NOW) == 0
        assert await webhook_queue.forget_before(tx, NOW + 2 * MINUTE) == 3, "two attempts, one delivery"
        assert await webhook_queue.forget_before(tx, NOW + 2 * MINUTE) == 0
    assert [one.event_id for one in await log_of(db, hook)] == ["waiting", "dead"]
