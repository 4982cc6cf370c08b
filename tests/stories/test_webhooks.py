"""Webhooks: set up in the chat, told of what happens, looked after."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select
from standardwebhooks import Webhook

from bot.app import App
from domain.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from domain.webhooks import MOST_WEBHOOKS
from sandbox import Sandbox
from storage.tables.core import outbox
from storage.tables.webhooks import webhook, webhook_delivery
from tests.clock import TestClock
from tests.conftest import Start
from tests.stories.membership import Club
from tests.stories.moderated import person
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


async def rows(app: App, table: Any) -> list[Any]:
    async with app.db.read() as tx:
        return list(await tx.execute(select(table).order_by(table.c.id)))


async def test_setting_one_up(tg: Sandbox, club: Club, receiver: Receiver) -> None:
    secret = await install(tg, club, receiver.url)
    shown = tg.last(club.olga, bot=club.bot)
    assert f"✅ Events are sent to {receiver.url}" in shown.text
    assert f"<code>{secret}</code>" in shown.html, "one tap copies it"
    assert {one.event for one in receiver.got} == {"test"}
    for one in receiver.got:
        assert Webhook(secret).verify(one.body, one.headers)["data"] == {}
    (stored,) = await rows(club.app, webhook)
    assert secret.encode() not in stored.secret
    assert await rows(club.app, webhook_delivery) == [], "that test was no delivery"
    await club.olga.send(club.bot, "/webhooks")
    listed = tg.last(club.olga, bot=club.bot)
    assert receiver.url in listed.text
    assert "✅ works" in listed.text
    assert secret not in listed.text


async def test_the_secret_waits_encrypted(tg: Sandbox, club: Club, receiver: Receiver) -> None:
    await club.olga.send(club.bot, "/webhooks")
    await club.olga.click("➕ New webhook")
    with tg.no_settle():
        tg.faults.error(500, method="sendMessage", count=None)
        await club.olga.send(club.bot, receiver.url)
    waiting = [row.payload for row in await rows(club.app, outbox)]
    tg.faults.clear()
    assert waiting
    assert not [one for one in waiting if b"whsec_" in one]


async def test_what_happens_is_told(tg: Sandbox, club: Club, receiver: Receiver) -> None:
    secret = await install(tg, club, receiver.url)
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    await ann.click("Join Chess club")
    assert club.chat.has(ann)
    await ann.send(club.bot, "/affiliate")
    await ann.send(club.bot, "/affiliate")
    await ann.leave(club.chat)
    told = receiver.names
    for name in (
        "token_redeemed", "membership_started", "member_joined", "affiliate_registered", "member_left",
    ):  # fmt: skip
        assert told.count(name) == 1, f"{name} in {told}"
    for one in receiver.events:
        document = Webhook(secret).verify(one.body, one.headers)
        assert set(document) == {"event", "debug_id", "data", "event_id", "created"}
        assert one.headers["content-type"] == "application/json"
        assert one.headers["gatehouse-attempt"] == "1"
    assert len({one.id for one in receiver.events}) == len(receiver.events)
    started, joined = receiver.of("membership_started")[0].data, receiver.of("member_joined")[0].data
    assert (started["member_id"], started["plan_id"]) == (ann.id, club.plan_id)
    assert started["project_id"] == club.project_id
    assert (joined["member_id"], joined["chat_id"]) == (ann.id, club.chat.id)
    assert receiver.of("member_left")[0].data["how"] == "left"


async def test_the_end_is_told_before_and_when_it_comes(
    tg: Sandbox, club: Club, receiver: Receiver, clock: TestClock
) -> None:
    secret = await install(tg, club, receiver.url)
    await club.change_plan(duration="7 days")
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    clock.advance(days=5)
    await club.keep_time()
    await club.keep_time()
    await tg.settle()
    assert receiver.names.count("membership_expiring") == 1
    clock.advance(days=3)
    await club.keep_time()
    await club.keep_time()
    await tg.settle()
    assert receiver.names.count("membership_terminated") == 1
    assert all(one.signed_with(secret) for one in receiver.events)
    expiring = receiver.of("membership_expiring")[0]
    assert (expiring.data["member_id"], expiring.data["plan_id"]) == (ann.id, club.plan_id)


async def test_bots_and_people_who_never_were_inside_are_not_told(
    tg: Sandbox, club: Club, receiver: Receiver
) -> None:
    await install(tg, club, receiver.url)
    await club.olga.add(tg.bot("helper_bot"), club.chat)
    await club.olga.ban(tg.user("Spike"), club.chat)
    assert receiver.names == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (web.Response(status=404), "the answer was 404 instead of 200"),
        (web.Response(status=204), "the answer was 204 instead of 200"),
        (web.Response(status=302, headers={"Location": "/other"}), "the answer was 302 instead of 200"),
    ],
)
async def test_it_has_to_answer_200(
    tg: Sandbox, club: Club, receiver: Receiver, answer: web.Response, words: str
) -> None:
    receiver.answer = lambda _: web.Response(status=answer.status, headers=answer.headers)
    await club.olga.send(club.bot, "/webhooks")
    await club.olga.click("➕ New webhook")
    await club.olga.send(club.bot, receiver.url)
    assert words in tg.last(club.olga, bot=club.bot).text
    assert {one.path for one in receiver.got} == {"/hook"}, "no redirect is followed"
    assert await rows(club.app, webhook) == []
    receiver.recover()
    await club.olga.send(club.bot, receiver.url)
    assert "✅ Events are sent to" in tg.last(club.olga, bot=club.bot).text, "she was still asked for it"


async def test_addresses_that_will_not_do(tg: Sandbox, club: Club) -> None:
    async with receiving() as stopped:
        nobody = stopped.url
    olga = club.olga
    await olga.send(club.bot, "/webhooks")
    await olga.click("➕ New webhook")
    for url, words in {
        "ftp://example.org/": "has to begin with https://",
        "https://olga:secret@example.org/": "Leave the name and the password out",
        "https://example.org:22/": "Use port 443",
        "https://169.254.169.254/": "in a private network",
        "https://metadata.example.org\\@169.254.169.254/": "not an address I can call",
        nobody: "there is no such server, or it does not take connections",
        "hello": "has to begin with https://",
    }.items():
        await olga.send(club.bot, url)
        assert words in tg.last(olga, bot=club.bot).text, url
    assert await rows(club.app, webhook) == []


async def test_nobody_is_called_in_the_own_network(
    tg: Sandbox, start_app: Start, olga: Any, service: Any, receiver: Receiver
) -> None:
    """As it is installed: the guard stands."""
    async with start_app(bot_token=service.token, owner_ids=frozenset({olga.id})) as app:
        await olga.start(service)
        bot_id = (await app.house.directory.all())[0].id
        secure = receiver.url.replace("http:", "https:")
        with pytest.raises(Refused) as refused:
            await app.house.webhooks.register(person(app, olga), bot_id, secure)
        assert refused.value.details["why"] == "denied"
        with pytest.raises(Invalid, match="url_not_https"):
            await app.house.webhooks.register(person(app, olga), bot_id, receiver.url)
    assert receiver.got == []


async def test_through_the_api(tg: Sandbox, club: Club, receiver: Receiver) -> None:
    house, olga, bot_id = club.app.house, person(club.app, club.olga), club.bot_id
    ((url, secret),) = await house.webhooks.register(olga, bot_id, receiver.url)
    tests = len(receiver.got)
    assert await house.webhooks.register(olga, bot_id, f" {receiver.url.upper()[:7]}{receiver.url[7:]} ") == [
        (url, secret)
    ]
    assert len(receiver.got) == tests, "it is registered: nothing is tried again"
    assert url == receiver.url
    with pytest.raises(NotFound):
        await house.webhooks.remove(olga, bot_id, url + "/other")
    await house.webhooks.remove(olga, bot_id, url)
    with pytest.raises(NotFound):
        await house.webhooks.remove(olga, bot_id, url)
    again = await house.webhooks.register(olga, bot_id, url)
    assert again[0].secret != secret
    with pytest.raises(NotAllowed):
        await house.webhooks.register(person(club.app, tg.user("Boris")), bot_id, url)


async def test_there_is_an_end_to_how_many(tg: Sandbox, club: Club, receiver: Receiver) -> None:
    house, olga = club.app.house, person(club.app, club.olga)
    for number in range(MOST_WEBHOOKS):
        await house.webhooks.register(olga, club.bot_id, f"{receiver.url}?n={number}")
    with pytest.raises(Conflict, match="webhooks_full"):
        await house.webhooks.register(olga, club.bot_id, f"{receiver.url}?n=more")
    await house.webhooks.register(olga, club.bot_id, f"{receiver.url}?n=0")
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    redeemed = receiver.of("token_redeemed")
    assert len({one.path for one in redeemed}) == MOST_WEBHOOKS
    assert len({one.id for one in redeemed}) == len({one.body for one in redeemed}) == 1


async def test_a_new_secret(tg: Sandbox, club: Club, receiver: Receiver, clock: TestClock) -> None:
    old = await install(tg, club, receiver.url)
    await open_panel(club, "🔑 New secret", "🔑 Yes, a new secret")
    new = next(
        line for line in tg.last(club.olga, bot=club.bot).text.splitlines() if line.startswith("whsec_")
    )
    assert new != old
    await open_panel(club, "🧪 Send a test")
    last = receiver.got[-1]
    assert (last.signed_with(new), last.signed_with(old)) == (True, True)
    clock.advance(hours=25)
    await open_panel(club, "🧪 Send a test")
    last = receiver.got[-1]
    assert (last.signed_with(new), last.signed_with(old)) == (True, False)


async def test_removing_in_the_chat(tg: Sandbox, club: Club, receiver: Receiver) -> None:
    await install(tg, club, receiver.url)
    await open_panel(club, "🗑 Remove", "🗑 Yes, remove it")
    assert "A webhook tells a program of yours" in tg.last(club.olga, bot=club.bot).text
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    assert receiver.events == []
    assert await rows(club.app, webhook_delivery) == []


async def test_the_service_bots_next_owner_gets_none_of_them(
    tg: Sandbox, start_app: Start, olga: Any, service: Any, receiver: Receiver
) -> None:
    boris = tg.user("Boris", id=4_200_777)
    own = {"bot_token": service.token, "allow_private_urls": True}
    async with start_app(owner_ids=(olga.id,), **own) as app:
        await olga.start(service)
        bot_id = (await app.house.directory.all())[0].id
        await app.house.webhooks.register(person(app, olga), bot_id, receiver.url)
    async with start_app(owner_ids=(boris.id,), **own) as app:
        await boris.start(service)
        assert await app.house.webhooks.listing(person(app, boris), bot_id) == []
        await boris.send(service, "/affiliate")
        await tg.settle()
    assert receiver.events == []


async def test_old_deliveries_are_forgotten(
    tg: Sandbox, club: Club, receiver: Receiver, clock: TestClock
) -> None:
    await install(tg, club, receiver.url)
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    assert len(await rows(club.app, webhook_delivery)) == 2
    queue, house = club.app.house.webhook_queue, club.app.house.actor
    clock.advance(days=29)
    await queue.forget(house)
    assert len(await rows(club.app, webhook_delivery)) == 2
    clock.advance(seconds=timedelta(days=2).total_seconds())
    await queue.forget(house)
    assert await rows(club.app, webhook_delivery) == []
