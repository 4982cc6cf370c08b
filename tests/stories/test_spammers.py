"""Known spammers: from a published list to the chat's door, with and without the publisher."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.app import App
from sandbox import Sandbox
from services import spammer_joins
from tests.clock import TestClock
from tests.conftest import Start
from tests.stories import moderated
from tests.stories.membership import open_club
from tests.stories.moderated import bot_id, log_of, person, protect
from tests.stories.newcomers import verify

group, guarded = moderated.group, moderated.guarded
SPIKE = 6_600_066  # known all over Telegram


@dataclass
class Publisher:
    """Publishes a list; remembers what he was asked with."""

    url: str = ""
    body: str = f"{SPIKE}\n12\n13\n"
    status: int = 200
    etag: str = '"one"'
    asked: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.headers))
        if request.path == "/moved":
            return web.Response(status=302, headers={"Location": "/list.csv"})
        if self.status == 200 and request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=304)
        return web.Response(status=self.status, text=self.body, headers={"ETag": self.etag})


@asynccontextmanager
async def publishing(ports: Any) -> AsyncIterator[Publisher]:
    found = Publisher()
    served = web.Application()
    served.router.add_get("/{path:.*}", found.answer)
    runner = web.AppRunner(served)
    await runner.setup()
    port = next(ports)
    await web.TCPSite(runner, "127.0.0.1", port).start()
    found.url = f"http://127.0.0.1:{port}/moved"
    try:
        yield found
    finally:
        await runner.cleanup()


@pytest.fixture
async def publisher(ports: Any) -> AsyncIterator[Publisher]:
    """A list that names Spike."""
    async with publishing(ports) as found:
        yield found


@pytest.fixture
async def app(start_app: Start, publisher: Publisher, service: Any, olga: Any) -> AsyncIterator[App]:
    """The application, which has just fetched the list."""
    async with start_app(**settings(publisher, service, olga)) as running:
        await running.house.spammers.refresh(running.house.actor)
        yield running


def settings(publisher: Publisher, service: Any, olga: Any) -> dict[str, Any]:
    return {
        "bot_token": service.token, "owner_ids": frozenset({olga.id}), "allow_private_urls": True,
        "spammer_lists": (publisher.url,),
    }  # fmt: skip


@pytest.fixture
async def spike(tg: Sandbox, app: App) -> Any:
    """A known spammer."""
    return tg.user("Spike", id=SPIKE)


async def refresh(app: App, clock: TestClock, **time: float) -> None:
    clock.advance(**time)
    await app.house.spammers.refresh(app.house.actor)


async def test_what_a_known_spammer_writes_goes(
    tg: Sandbox, app: App, olga, service, guarded, spike, publisher
) -> None:
    await spike.join(guarded)
    entry = log_of(tg, olga, service)[-1]
    assert "A known spammer came to Chess Club" in entry.text
    assert "a known spammer, by the list of 127.0.0.1" in entry.text
    assert "Nothing was done yet" in entry.text, "spam leads to a warning here, so it waits for some"
    hello = await spike.send(guarded, "Hello!")
    assert hello.deleted
    assert guarded.has(spike)
    assert "warned (1 of 3)" in log_of(tg, olga, service)[-1].text, "told, though it is the same minute"
    ann = tg.user("Ann")
    await ann.join(guarded)
    assert not (await ann.send(guarded, "Hello!")).deleted
    trial = await app.house.antispam.check(person(app, olga), await bot_id(app), guarded.id, "hi", spike.id)
    assert trial.spam
    await olga.click(entry, "Not spam")
    assert not (await spike.send(guarded, "I am reformed.")).deleted, "approved people are exempt"
    assert [str(SPIKE) in str(asked) for asked in publisher.asked] == [False, False], "nobody is asked about"


@pytest.mark.parametrize(("action", "status"), [("mute", "restricted"), ("kick", "left"), ("ban", "kicked")])
async def test_a_known_spammer_does_not_get_in(
    tg: Sandbox, app: App, olga, service, guarded, spike, action: str, status: str
) -> None:
    await protect(app, olga, guarded, action=action)
    await verify(app, olga, guarded, method="button")
    await spike.join(guarded)
    assert guarded.status(spike) == status
    assert not [m for m in tg.messages(guarded) if "one question before" in m.text]
    entry = log_of(tg, olga, service)[-1]
    assert "🧹 Done: " in entry.text
    answer = await olga.click(entry, "Not spam")
    assert answer.text == "Restored"
    assert guarded.status(spike) == {"mute": "member"}.get(action, "left")
    if action == "ban":
        await verify(app, olga, guarded, method="off")
        await spike.join(guarded)
        assert guarded.status(spike) == "member"


async def test_an_observed_chat_is_only_told(tg: Sandbox, app: App, olga, service, group, spike) -> None:
    await protect(app, olga, group, mode="observe", action="ban")
    await spike.join(group)
    assert group.status(spike) == "member"
    entry = log_of(tg, olga, service)[-1]
    assert "I only observe. I would ban this person" in entry.text
    assert not (await spike.send(group, "Hello!")).deleted
    await olga.click(entry, "Ban")
    assert group.status(spike) == "kicked"
    assert "Banned by Olga" in entry.text
    assert not tg.calls_of("deleteMessage"), "there is no message to delete"


async def test_whom_an_administrator_brings_is_left_in_peace(
    tg: Sandbox, app: App, olga, service, guarded, spike
) -> None:
    await protect(app, olga, guarded, action="ban")
    await olga.add(spike, guarded)
    assert guarded.status(spike) == "member"
    assert log_of(tg, olga, service) == []


async def test_who_has_paid_gets_in(tg: Sandbox, app: App, olga, service, spike) -> None:
    club = await open_club(tg, app, olga, service)
    changes = {"mode": "on", "action": "ban"}
    await app.house.antispam.set(person(app, olga), club.bot_id, club.chat.id, changes)
    await spike.start(club.bot)
    await app.house.subscribers.give(person(app, olga), club.bot_id, spike.id, club.project_id, 30)
    await tg.settle()
    await spike.join(club.chat)
    assert not (await spike.send(club.chat, "Hello!")).deleted
    assert club.chat.status(spike) == "member"


async def test_who_has_paid_is_not_banned_from_elsewhere(
    tg: Sandbox, app: App, olga, service, guarded, spike
) -> None:
    await protect(app, olga, guarded, action="ban")
    await app.house.bans.federate(person(app, olga), await bot_id(app), True)
    club = await open_club(tg, app, olga, service)
    await spike.start(club.bot)
    await app.house.subscribers.give(person(app, olga), club.bot_id, spike.id, club.project_id, 30)
    await spike.join(club.chat)
    await spike.join(guarded)
    assert not (await spike.send(guarded, "Hello!")).deleted
    assert [guarded.status(spike), club.chat.status(spike)] == ["member", "member"]
    trial = await app.house.antispam.check(person(app, olga), await bot_id(app), guarded.id, "hi", spike.id)
    assert not trial.spam
    await app.house.subscribers.end(person(app, olga), club.bot_id, spike.id, club.project_id)
    assert (await spike.send(guarded, "Hello!")).deleted


async def test_the_check_has_a_switch(tg: Sandbox, app: App, olga, service, guarded, spike) -> None:
    await olga.start(service, f"antispam_{guarded.id}")
    panel = tg.last(olga, bot=service)
    await olga.click(panel, "Checks")
    await olga.click(panel, "✅ Known spammers")
    entries = len(log_of(tg, olga, service))
    await spike.join(guarded)
    assert not (await spike.send(guarded, "Hello!")).deleted
    assert len(log_of(tg, olga, service)) == entries


async def test_a_raid_of_them_does_not_bury_the_log(
    tg: Sandbox, app: App, olga, service, guarded, spike, publisher, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spammer_joins, "MOST_TOLD", 2)
    await protect(app, olga, guarded, action="ban")
    crowd = [tg.user(f"Bot {number}", id=number) for number in range(12, 16)]
    publisher.body, publisher.etag = "12\n13\n14\n15\n", '"two"'
    await refresh(app, clock, days=2)
    for one in crowd:
        await one.join(guarded)
    assert [guarded.status(one) for one in crowd] == ["kicked"] * 4
    assert len(log_of(tg, olga, service)) == 2


@pytest.mark.parametrize("asked", ["request", "query"])
async def test_a_request_is_declined(tg: Sandbox, app: App, olga, service, group, spike, asked: str) -> None:
    await protect(app, olga, group, mode="observe")
    await verify(app, olga, group, method="request", question="button")
    link = await olga.create_link(group, request=True)
    if asked == "query":
        service.bot.supports_join_request_queries = True
        await olga.set_guard(group, service)
    twelve = tg.user("Twelve", id=12)
    await twelve.request(group, via=link)
    assert "I would decline the request" in log_of(tg, olga, service)[-1].text
    assert group.requests == ["Twelve"], "observed: he is asked, as everybody"
    await protect(app, olga, group, mode="on")
    await spike.request(group, via=link)
    assert group.requests == ["Twelve"]
    entry = log_of(tg, olga, service)[-1]
    assert "A known spammer asks to join" in entry.text
    assert "the request was declined" in entry.text
    await olga.click(entry, "Not spam")
    await spike.request(group, via=link)
    assert group.requests == ["Twelve", "Spike"], "believed: he has his question to answer"


async def test_without_the_publisher_the_old_list_works_on(
    tg: Sandbox, start_app: Start, olga, service, publisher, clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "services.spammers")
    async with start_app(**settings(publisher, service, olga)) as app:
        assert app.house.spammers.listed(SPIKE) is None
        await refresh(app, clock)
        assert app.house.spammers.listed(SPIKE) == "127.0.0.1"
        caplog.clear()
        before = len(publisher.asked)
        await refresh(app, clock, hours=20)
        assert len(publisher.asked) == before, "once a day"
        for body, status in (
            ("", 200), ("<html>\nSorry\n</html>", 200), ("77\n", 200), ("down", 500), ("gone", 404),
        ):  # fmt: skip
            publisher.body, publisher.status, publisher.etag = body, status, '"bad"'
            await refresh(app, clock, days=2)
            assert app.house.spammers.listed(SPIKE), body
            assert app.house.spammers.listed(77) is None
        assert [record.message for record in caplog.records] == [
            "no new list of spammers: the one we have stays"
        ], "said once"
        asked = len(publisher.asked)
        await refresh(app, clock, minutes=10)
        assert len(publisher.asked) == asked, "failures make it wait longer"
    async with start_app(**settings(publisher, service, olga)) as app:
        await app.house.spammers.load()
        assert app.house.spammers.listed(SPIKE), "kept between starts, and read without a network"
        publisher.body, publisher.status, publisher.etag = f"{SPIKE}\n77\n", 200, '"three"'
        await refresh(app, clock, days=2)
        assert app.house.spammers.listed(77)
        assert app.house.spammers.listed(12) is None
        asked = len(publisher.asked)
        publisher.body = ""
        await refresh(app, clock, days=2)
        assert len(publisher.asked) == asked + 2, "a redirect, and the answer that nothing is new"
        assert publisher.asked[-1]["If-None-Match"] == '"three"'
        await refresh(app, clock, hours=20)
        assert len(publisher.asked) == asked + 2, "that counts as a look"
        assert app.house.spammers.listed(77)


async def test_a_list_within_our_own_network_is_not_fetched(
    tg: Sandbox, start_app: Start, olga, service, publisher
) -> None:
    async with start_app(**settings(publisher, service, olga) | {"allow_private_urls": False}) as app:
        await app.house.spammers.refresh(app.house.actor)
        assert publisher.asked == []
        assert app.house.spammers.listed(SPIKE) is None
