"""Receivers that fail: tried again, switched off, and put right by their owner."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from storage import events
from tests.clock import TestClock
from tests.conftest import Start
from tests.stories.membership import Club, open_club
from tests.stories.receiver import Receiver, install, open_panel, receiving


@pytest.fixture
async def app(start_app: Start, service: Any, olga: Any) -> AsyncIterator[App]:
    """An application of a developer: it may call servers on this machine."""
    async with start_app(
        bot_token=service.token, owner_ids=frozenset({olga.id}), allow_private_urls=True
    ) as running:
        yield running


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Olga's program."""
    async with receiving() as one:
        yield one


def told_olga(tg: Sandbox, club: Club, words: str) -> int:
    return sum(words in message.text for message in tg.messages(club.olga))


async def test_it_is_tried_again_until_it_arrives(
    tg: Sandbox, club: Club, receiver: Receiver, clock: TestClock
) -> None:
    secret = await install(tg, club, receiver.url)
    receiver.fail(500)
    await open_panel(club, "🧪 Send a test")
    assert await refreshed(tg, club, "🕐 500 · test")
    first = receiver.got[-1]
    clock.advance(seconds=7)
    await tg.settle()
    receiver.recover()
    clock.advance(minutes=7)
    await tg.settle()
    tries = [one for one in receiver.got if one.id == first.id]
    assert [one.headers["gatehouse-attempt"] for one in tries] == ["1", "2", "3"]
    assert len({one.body for one in tries}) == 1
    assert len({one.headers["webhook-timestamp"] for one in tries}) == 3
    assert all(one.signed_with(secret) for one in tries)
    assert await refreshed(tg, club, "✅ 200 · test")
    await club.olga.click("✅ test")
    shown = tg.last(club.olga, bot=club.bot)
    assert first.id in shown.text
    assert shown.text.count("Attempt ") == 3
    assert "no <b>way</b>" in shown.text, "what the server said, as it is"
    clock.advance(days=3)
    await tg.settle()
    assert len([one for one in receiver.got if one.id == first.id]) == 3


async def refreshed(tg: Sandbox, club: Club, words: str) -> bool:
    """Whether Olga reads it after a look at the list of deliveries."""
    await club.olga.click("🔄 Refresh")
    return words in tg.last(club.olga, bot=club.bot).text


async def test_retry_after_is_waited_for(
    tg: Sandbox, club: Club, receiver: Receiver, clock: TestClock
) -> None:
    await install(tg, club, receiver.url)
    receiver.fail(503, retry_after="3600")
    await open_panel(club, "🧪 Send a test")
    before = len(receiver.got)
    clock.advance(minutes=59)
    await tg.settle()
    assert len(receiver.got) == before
    receiver.recover()
    clock.advance(minutes=2)
    await tg.settle()
    assert len(receiver.got) == before + 1


async def test_a_redirect_is_not_followed(tg: Sandbox, club: Club, receiver: Receiver) -> None:
    await install(tg, club, receiver.url)
    receiver.fail(307, location="/elsewhere")
    await open_panel(club, "🧪 Send a test")
    assert {one.path for one in receiver.got} == {"/hook"}
    assert await refreshed(tg, club, "🕐 307 · test")


async def test_gone_is_gone_until_the_owner_says_otherwise(
    tg: Sandbox, club: Club, receiver: Receiver
) -> None:
    await install(tg, club, receiver.url)
    receiver.fail(410)
    ann = tg.user("Ann")
    link = await club.token(tg)
    await ann.follow(link)
    assert told_olga(tg, club, "I have switched off the webhook") == 1
    assert (
        f"{receiver.url} of @club_bot: it answered that it is gone (410)"
        in tg.last(club.olga, bot=club.bot).text
    )
    seen = len(receiver.got)
    await ann.send(club.bot, "/affiliate")
    assert len(receiver.got) == seen, "nothing is sent there any more"
    await open_panel(club)
    shown = tg.last(club.olga, bot=club.bot)
    assert "switched off: it answered that it is gone" in shown.text
    assert "2 deliveries were given up." in shown.text
    receiver.recover()
    await club.olga.click("📜 Deliveries")
    await club.olga.click("⛔️ token_redeemed")
    answer = await club.olga.click("🔁 Send again")
    assert "Switch it on again first" in (answer.text or tg.last(club.olga, bot=club.bot).text)
    await open_panel(club, "▶️ Switch on again", "🔁 Send them again")
    assert sorted(one.event for one in receiver.got[seen:]) == ["membership_started", "token_redeemed"]
    assert {one.id for one in receiver.got[seen:]} >= {one.id for one in receiver.of("token_redeemed")}
    await open_panel(club)
    assert "given up" not in tg.last(club.olga, bot=club.bot).text


async def test_five_days_of_failures(tg: Sandbox, club: Club, receiver: Receiver, clock: TestClock) -> None:
    await install(tg, club, receiver.url)
    receiver.fail(500)
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    for _ in range(119):
        clock.advance(hours=1)
        await tg.settle()
    assert told_olga(tg, club, "I have switched off the webhook") == 0
    assert len(receiver.of("token_redeemed")) == 10, "ten attempts, and it is given up"
    await open_panel(club)
    assert "⚠️ nothing arrives since" in tg.last(club.olga, bot=club.bot).text
    clock.advance(hours=2)
    await ann.send(club.bot, "/affiliate")
    assert told_olga(tg, club, "nothing arrived there for five days") == 1
    async with club.app.db.read() as tx:
        kinds = [kind for kind, _ in await events.of_owner(tx, club.olga.id)]
    assert kinds.count("webhook.disabled") == 1
    receiver.recover()
    before = len(receiver.got)
    await open_panel(club, "▶️ Switch on again", "🔁 Send them again")
    again = receiver.got[before:]
    assert sorted(one.event for one in again) == [
        "affiliate_registered",
        "membership_started",
        "token_redeemed",
    ]
    assert {one.id for one in again} <= {one.id for one in receiver.got[:before]}, "the ids they always had"


async def test_one_that_arrives_now_and_then_is_kept(
    tg: Sandbox, club: Club, receiver: Receiver, clock: TestClock
) -> None:
    await install(tg, club, receiver.url)
    for _ in range(4):
        receiver.fail(500)
        await open_panel(club, "🧪 Send a test")
        clock.advance(hours=100)
        receiver.recover()
        await tg.settle()
    assert told_olga(tg, club, "I have switched off the webhook") == 0


async def test_sending_again_by_hand(tg: Sandbox, club: Club, receiver: Receiver) -> None:
    await install(tg, club, receiver.url)
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    (first,) = receiver.of("token_redeemed")
    await open_panel(club, "📜 Deliveries", "✅ token_redeemed", "🔁 Send again")
    _, second = receiver.of("token_redeemed")
    assert (first.id, first.body) == (second.id, second.body), "the receiver knows it again"


async def test_what_waits_survives_a_restart(
    tg: Sandbox, start_app: Start, olga: Any, service: Any, receiver: Receiver, clock: TestClock
) -> None:
    own = {"bot_token": service.token, "owner_ids": frozenset({olga.id}), "allow_private_urls": True}
    async with start_app(**own) as app:
        club = await open_club(tg, app, olga, service)
        await install(tg, club, receiver.url)
        receiver.fail(502)
        ann = tg.user("Ann")
        await ann.follow(await club.token(tg))
        ids = {one.id for one in receiver.events}
    receiver.recover()
    clock.advance(minutes=10)
    before = len(receiver.got)
    async with start_app(**own) as app:
        await app.settled()
    assert {one.id for one in receiver.got[before:]} == ids
    assert len(receiver.got) == before + len(ids) == before + 2


async def test_a_dead_receiver_beside_a_healthy_one(tg: Sandbox, club: Club, receiver: Receiver) -> None:
    await install(tg, club, receiver.url)
    async with receiving() as other:
        await club.olga.send(club.bot, "/webhooks")
        await club.olga.click("➕ New webhook")
        await club.olga.send(club.bot, other.url)
    # Its server has stopped: nobody listens there any more.
    people = [tg.user(f"Person {number}") for number in range(6)]
    for one in people:
        await one.follow(await club.token(tg))
    assert receiver.names.count("token_redeemed") == 6
    assert other.events == []
    await club.olga.send(club.bot, "/webhooks")
    shown = tg.last(club.olga, bot=club.bot).text
    assert shown.count("✅ works") == shown.count("⚠️ nothing arrives since") == 1
