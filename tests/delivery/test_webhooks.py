"""The sender of webhooks: nobody waits for the dead, nothing is lost, nothing is sent twice at a time."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from delivery import queues as sending
from domain.urls import Answer, NoAnswer
from domain.webhooks import DELAYS, State
from services.queues import LEASE
from services.work import WEBHOOKS
from storage import webhooks
from storage.database import Database
from tests.delivery.courier import BOT, BROKEN, FINE, Call, Courier

GOOD, DEAD = "https://good.example/", "https://dead.example/"


@pytest.fixture
async def courier(db: Database) -> Courier:
    """No webhooks, no events."""
    return Courier(db)


async def test_a_dead_receiver_keeps_nobody_waiting(courier: Courier) -> None:
    good, dead = await courier.hook(GOOD), await courier.hook(DEAD)
    release = courier.receivers.hang(DEAD)
    async with courier.sending():
        await courier.happen(8)
        await courier.until(lambda: len(courier.receivers.to(GOOD)) == 8)
        assert len(courier.receivers.to(DEAD)) == 1, "it still has not answered the first one"
        assert {one.state for one in await courier.log(dead)} == {State.WAITING}
        release.set()
    assert {one.state for one in await courier.log(good)} == {State.DELIVERED}


async def test_many_dead_receivers_share_few_places(
    courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once they are known: however many they are, they hold their own places only."""
    monkeypatch.setattr(sending, "PLACES", 2)
    monkeypatch.setattr(sending, "DOUBTFUL_PLACES", 2)
    urls = [f"https://dead{n}.example/" for n in range(6)]
    for url in urls:
        await courier.hook(url)
        courier.receivers.answers[url] = lambda _: NoAnswer("timeout", 15_000)
    async with courier.sending() as sender:
        await courier.happen()
        await courier.calm(sender)
    await courier.hook(GOOD)
    hanging = [courier.receivers.hang(url) for url in urls]
    before = len(courier.receivers.calls)
    async with courier.sending():
        await courier.happen(30)
        await courier.until(lambda: len(courier.receivers.to(GOOD)) == 30)
        assert len([one for one in courier.receivers.calls[before:] if one.url != GOOD]) <= 2
        for one in hanging:
            one.set()


async def test_a_slow_receiver_moves_out_of_the_way(
    courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PLACES", 1)
    slow = "https://slow.example/"
    await courier.hook(slow)
    courier.receivers.answers[slow] = lambda _: Answer(200, {}, b"", False, 14_000)
    async with courier.sending() as sender:
        await courier.happen()
        await courier.calm(sender)
        await courier.hook(GOOD)
        release = courier.receivers.hang(slow)
        await courier.happen(3)
        await courier.until(lambda: len(courier.receivers.to(GOOD)) == 3)
        release.set()


async def test_one_at_a_time_and_in_order(courier: Courier) -> None:
    hook = await courier.hook(GOOD)
    async with courier.sending() as sender:
        await courier.happen(25)
        await courier.calm(sender)
        told = [one.event_id for one in await courier.log(hook)]
        assert [call.id for call in courier.receivers.calls] == told
        await asyncio.gather(*(courier.happen(5) for _ in range(8)))
        await courier.calm(sender)
    assert courier.receivers.most_at_once == {GOOD: 1}
    assert len(courier.receivers.calls) == len({call.id for call in courier.receivers.calls}) == 65


async def test_a_long_queue_gives_others_a_turn(courier: Courier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "PLACES", 1)
    await courier.hook("https://busy.example/")
    await courier.happen(50)
    await courier.hook(GOOD)
    await courier.happen()
    async with courier.sending() as sender:
        await courier.calm(sender)
    order = [call.url for call in courier.receivers.calls]
    assert len(order) == 52
    assert order.index(GOOD) <= 2 * sending.TURN


async def test_the_same_bytes_ten_times_and_then_it_is_dead(courier: Courier) -> None:
    hook = await courier.hook(DEAD)
    courier.receivers.answers[DEAD] = lambda _: BROKEN
    async with courier.sending() as sender:
        await courier.happen()
        for wait in DELAYS:
            await courier.calm(sender)
            count = len(courier.receivers.calls)
            courier.clock.advance(seconds=0.79 * wait.total_seconds())
            await courier.calm(sender)
            assert len(courier.receivers.calls) == count, "not before its time"
            courier.clock.advance(seconds=0.42 * wait.total_seconds())
        await courier.calm(sender)
        courier.clock.advance(days=10)
        await courier.calm(sender)
    calls = courier.receivers.calls
    assert len({call.body for call in calls}) == len({call.id for call in calls}) == 1
    assert [call.headers["Gatehouse-Attempt"] for call in calls] == [str(n) for n in range(1, 11)]
    assert len({call.headers["webhook-timestamp"] for call in calls}) == 10, "each is signed anew"
    (one,) = await courier.log(hook)
    assert (one.state, one.attempts, one.status) == (State.DEAD, 10, 500)


async def test_the_breaker_spares_who_does_not_answer(courier: Courier) -> None:
    hook = await courier.hook(DEAD)
    courier.receivers.answers[DEAD] = lambda _: NoAnswer("unreachable", 3)
    async with courier.sending() as sender:
        await courier.happen(20)
        await courier.calm(sender)
        assert len(courier.receivers.calls) == 3, "after three in a row it is left alone"
        courier.clock.advance(seconds=31)
        await courier.calm(sender)
        assert len(courier.receivers.calls) == 4, "then one tries how it is"
        courier.receivers.answers[DEAD] = lambda _: FINE
        courier.clock.advance(seconds=61)
        await courier.calm(sender)
        courier.clock.advance(minutes=7)
        await courier.calm(sender)
    assert {one.state for one in await courier.log(hook)} == {State.DELIVERED}
    assert len(courier.receivers.calls) == 24


async def test_what_was_not_written_down_is_sent_again(
    courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash after the answer and before the books: it comes twice, with the same id."""
    hook = await courier.hook(GOOD)

    async def crash(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the lights went out")

    with monkeypatch.context() as patched:
        patched.setattr(courier.queue, "settle", crash)
        async with courier.sending(courier.sender(alone=False)):
            await courier.happen()
            await courier.until(lambda: len(courier.receivers.calls) == 1)
    (one,) = await courier.log(hook)
    assert (one.state, one.attempts) == (State.WAITING, 0)
    async with courier.sending() as sender:
        await courier.calm(sender)
    first, second = courier.receivers.calls
    assert (first.id, first.body) == (second.id, second.body)
    assert first.headers["Gatehouse-Attempt"] == second.headers["Gatehouse-Attempt"] == "1"
    assert [one.state for one in await courier.log(hook)] == [State.DELIVERED]


async def test_a_dead_process_is_followed_by_another(courier: Courier) -> None:
    """It held the webhook and says nothing any more: after the lease somebody else has it."""
    await courier.hook(GOOD)
    await courier.happen()
    (parcel,) = await courier.queue.take(courier.house, "dead process", 5, False)
    async with courier.sending(courier.sender(alone=False)) as sender:
        await courier.calm(sender)
        assert courier.receivers.calls == []
        courier.clock.advance(seconds=LEASE.total_seconds() + 1)
        await courier.calm(sender)
    assert [call.id for call in courier.receivers.calls] == [parcel.event_id]


async def test_a_process_that_is_alone_begins_at_once(courier: Courier) -> None:
    await courier.hook(GOOD)
    await courier.happen()
    await courier.queue.take(courier.house, "its last life", 5, False)
    async with courier.sending():
        await courier.until(lambda: len(courier.receivers.calls) == 1)


async def test_several_processes_send_everything_once(courier: Courier) -> None:
    hooks = [await courier.hook(f"https://{n}.example/") for n in range(6)]
    senders = [courier.sender(alone=False) for _ in range(3)]
    async with courier.sending(senders[0]), courier.sending(senders[1]), courier.sending(senders[2]):
        await asyncio.gather(*(courier.happen(5) for _ in range(4)))
        for sender in senders:
            await courier.calm(sender)
    assert len(courier.receivers.calls) == len({(one.url, one.id) for one in courier.receivers.calls}) == 120
    assert set(courier.receivers.most_at_once.values()) == {1}
    for hook in hooks:
        assert {one.state for one in await courier.log(hook)} == {State.DELIVERED}


async def test_a_stop_cuts_off_and_the_next_start_sends_again(courier: Courier) -> None:
    hook = await courier.hook(GOOD)
    courier.receivers.hang(GOOD)
    async with courier.sending(courier.sender(alone=False), patience=0.01):
        await courier.happen()
        await courier.until(lambda: len(courier.receivers.calls) == 1)
    courier.receivers.silent.clear()
    async with courier.sending(courier.sender(alone=False)) as sender:
        await courier.calm(sender)  # at once: what was held has been let go of
    assert len({call.id for call in courier.receivers.calls}) == 1
    assert len(courier.receivers.calls) == 2
    assert [one.attempts for one in await courier.log(hook)] == [1]


async def test_a_stop_lets_what_is_under_way_end(courier: Courier) -> None:
    hook = await courier.hook(GOOD)
    release = courier.receivers.hang(GOOD)
    async with courier.sending():
        await courier.happen(3)
        await courier.until(lambda: len(courier.receivers.calls) == 1)
        asyncio.get_running_loop().call_soon(release.set)
    assert sorted(one.state for one in await courier.log(hook)) == ["delivered", "waiting", "waiting"]


async def test_a_webhook_removed_under_way(courier: Courier) -> None:
    hook = await courier.hook(GOOD)
    release = courier.receivers.hang(GOOD)
    async with courier.sending() as sender:
        await courier.happen(3)
        await courier.until(lambda: len(courier.receivers.calls) == 1)
        async with courier.db.write() as tx:
            assert await webhooks.remove(tx, BOT, hook)
        release.set()
        await courier.calm(sender)
    assert len(courier.receivers.calls) == 1
    assert await courier.log(hook) == []


async def test_an_event_that_was_rolled_back_is_told_to_nobody(courier: Courier) -> None:
    await courier.hook(GOOD)
    woken: list[Any] = []
    courier.signals.on(WEBHOOKS, woken.append)
    async with courier.sending() as sender:
        with suppress(RuntimeError):
            async with courier.work() as work:
                work.event(1, BOT, "token.redeemed", token=1)
                raise RuntimeError("changed my mind")
        async with courier.work() as work:
            work.event(1, BOT, "bot.connected")
            work.event(1, None, "token.redeemed", token=1)
            work.event(1, BOT + 1, "token.redeemed", token=1)
        await courier.calm(sender)
        assert woken == [], "nothing is to be sent"
    assert courier.receivers.calls == []


async def test_retry_after_holds_the_whole_queue(courier: Courier) -> None:
    await courier.hook(GOOD)
    busy = Answer(429, {"retry-after": "600"}, b"", False, 5)

    def answer(call: Call) -> Answer:
        return busy if len(courier.receivers.calls) == 1 else FINE

    courier.receivers.answers[GOOD] = answer
    async with courier.sending() as sender:
        await courier.happen(4)
        await courier.calm(sender)
        courier.clock.advance(seconds=590)
        await courier.calm(sender)
        assert len(courier.receivers.calls) == 1
        courier.clock.advance(seconds=timedelta(minutes=3).total_seconds())
        await courier.calm(sender)
    assert len(courier.receivers.calls) == 5
