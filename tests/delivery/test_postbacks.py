"""The sender of postbacks: the same URL until it arrives, and nobody waits for a dead tracker."""

import pytest

from delivery import queues as sending
from domain.urls import Answer, NoAnswer
from domain.webhooks import DELAYS, State
from storage.database import Database
from tests.delivery.courier import BROKEN, FINE
from tests.delivery.post import Post

GOOD, DEAD = "https://good.example/?c=1", "https://dead.example/?c=1"


@pytest.fixture
async def post(db: Database) -> Post:
    """Nothing to call yet."""
    return Post(db)


async def test_it_is_a_get_without_a_body(post: Post) -> None:
    async with post.sending() as sender:
        await post.call(GOOD)
        await post.calm(sender)
    (call,) = post.receivers.calls
    assert (call.url, call.body) == (GOOD, b"")
    assert call.headers == {"Gatehouse-Event": "event 1", "Gatehouse-Attempt": "1"}
    (one,) = await post.told()
    assert (one.state, one.code, one.attempts) == (State.DELIVERED, 200, 1)
    (tried,) = await post.tries(one.id)
    assert (tried.answer, tried.took_ms) == (b"ok", 5)


async def test_a_dead_tracker_keeps_nobody_waiting(post: Post) -> None:
    release = post.receivers.hang(DEAD)
    async with post.sending():
        await post.call(DEAD, DEAD, DEAD)
        await post.until(lambda: len(post.receivers.to(DEAD)) == 1)
        for _ in range(8):
            await post.call(GOOD)
        await post.until(lambda: len(post.receivers.to(GOOD)) == 8)
        assert len(post.receivers.to(DEAD)) == 1, "it still has not answered the first one"
        release.set()


async def test_many_dead_trackers_share_few_places(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "PLACES", 2)
    monkeypatch.setattr(sending, "DOUBTFUL_PLACES", 2)
    dead = [f"https://dead{n}.example/" for n in range(6)]
    for url in dead:
        post.receivers.answers[url] = lambda _: NoAnswer("timeout", 15_000)
    async with post.sending() as sender:
        await post.call(*dead)
        await post.calm(sender)
    hanging = [post.receivers.hang(url) for url in dead]
    before = len(post.receivers.calls)
    post.clock.advance(hours=1)
    async with post.sending():
        await post.call(*[GOOD] * 30)
        await post.until(lambda: len(post.receivers.to(GOOD)) == 30)
        assert len([one for one in post.receivers.calls[before:] if one.url != GOOD]) <= 2
        for one in hanging:
            one.set()


async def test_ten_times_the_same_and_then_it_is_dead(post: Post) -> None:
    post.receivers.answers[DEAD] = lambda _: BROKEN
    async with post.sending() as sender:
        await post.call(DEAD)
        for wait in DELAYS:
            await post.calm(sender)
            count = len(post.receivers.calls)
            post.clock.advance(seconds=0.79 * wait.total_seconds())
            await post.calm(sender)
            assert len(post.receivers.calls) == count, "not before its time"
            post.clock.advance(seconds=0.42 * wait.total_seconds())
        await post.calm(sender)
        post.clock.advance(days=10)
        await post.calm(sender)
    assert [call.headers["Gatehouse-Attempt"] for call in post.receivers.calls] == [
        str(n) for n in range(1, 11)
    ]
    assert {(call.url, call.headers["Gatehouse-Event"]) for call in post.receivers.calls} == {
        (DEAD, "event 1")
    }
    (one,) = await post.told()
    assert (one.state, one.attempts, one.code) == (State.DEAD, 10, 500)
    assert len(await post.tries(one.id)) == 10


async def test_a_redirect_is_a_failure(post: Post) -> None:
    post.receivers.answers[GOOD] = lambda _: Answer(302, {"location": DEAD}, b"", False, 5)
    async with post.sending() as sender:
        await post.call(GOOD)
        await post.calm(sender)
    assert post.receivers.to(DEAD) == [], "it is never followed"
    (one,) = await post.told()
    assert (one.state, one.code) == (State.WAITING, 302)


async def test_gone_ends_that_one_alone(post: Post) -> None:
    """A tracker that knows nothing of one click is still told of the next."""
    answers = iter([Answer(410, {}, b"", False, 5), FINE])
    post.receivers.answers[GOOD] = lambda _: next(answers)
    async with post.sending() as sender:
        await post.call(GOOD, GOOD)
        await post.calm(sender)
    assert [(one.state, one.code) for one in await post.told()] == [
        (State.DEAD, 410),
        (State.DELIVERED, 200),
    ]


async def test_retry_after_holds_the_whole_tracker(post: Post) -> None:
    busy = Answer(429, {"retry-after": "600"}, b"", False, 5)
    post.receivers.answers[GOOD] = lambda _: busy if len(post.receivers.calls) == 1 else FINE
    async with post.sending() as sender:
        await post.call(GOOD, GOOD, GOOD)
        await post.calm(sender)
        post.clock.advance(seconds=590)
        await post.calm(sender)
        assert len(post.receivers.calls) == 1
        post.clock.advance(seconds=200)
        await post.calm(sender)
    assert len(post.receivers.calls) == 4


async def test_weeks_of_failures_end_only_what_was_tried_ten_times(post: Post) -> None:
    post.receivers.answers[DEAD] = lambda _: NoAnswer("unreachable", 3)
    async with post.sending() as sender:
        await post.call(DEAD)
        for _ in range(12):
            post.clock.advance(days=1, hours=6)
            await post.calm(sender)
        assert [one.state for one in await post.told()] == [State.DEAD]
        await post.call(DEAD)
        await post.calm(sender)
        post.receivers.answers[DEAD] = lambda _: FINE
        post.clock.advance(hours=1)
        await post.calm(sender)
    assert [one.state for one in await post.told()] == [State.DEAD, State.DELIVERED]


@pytest.mark.parametrize(("why", "waits"), [("denied", False), ("unreachable", True)])
async def test_what_we_may_not_call_is_no_failure_of_the_server(post: Post, why: str, waits: bool) -> None:
    """Our guard denies one address three times: the next postback to that server goes out at once."""
    post.receivers.answers[f"{GOOD}&no"] = lambda _: NoAnswer(why, 1)
    async with post.sending() as sender:
        await post.call(*[f"{GOOD}&no"] * 3)
        await post.calm(sender)
        await post.call(GOOD)
        await post.calm(sender)
    assert (post.receivers.to(GOOD) == []) is waits
    assert {one.attempts for one in (await post.told())[:3]} == {1}, "it is tried again in its time"


async def test_several_processes_call_everything_once(post: Post) -> None:
    senders = [post.sender(alone=False) for _ in range(3)]
    async with post.sending(senders[0]), post.sending(senders[1]), post.sending(senders[2]):
        for turn in range(5):
            await post.call(*(f"https://{n}.example/?turn={turn}" for n in range(6)))
        for sender in senders:
            await post.calm(sender)
    events = [call.headers["Gatehouse-Event"] for call in post.receivers.calls]
    assert len(events) == len(set(events)) == 30
    assert set(post.receivers.most_at_once.values()) == {1}
