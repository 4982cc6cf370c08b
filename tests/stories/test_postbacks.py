"""Postbacks: a tracker of Olga's hears what becomes of the clicks it sold her."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from bot.app import App
from domain.errors import Conflict, Invalid, NotAllowed, NotFound
from domain.leads import LeadStatus
from domain.postbacks import GLOBAL, Filter, Postback
from domain.webhooks import DELAYS, State
from sandbox import Sandbox
from storage import postbacks
from tests.clock import TestClock
from tests.conftest import Start
from tests.stories.receiver import Got, Receiver, receiving
from tests.stories.tracker import Ads, actor_of, open_ads

WAIT, HOLD, APPROVE, CANCEL, TRASH = LeadStatus


@pytest.fixture
async def app(start_app: Start, service: Any, olga: Any) -> AsyncIterator[App]:
    """An application of a developer: it may call servers on this machine."""
    async with start_app(
        bot_token=service.token, owner_ids=frozenset({olga.id}), allow_private_urls=True
    ) as running:
        yield running


@pytest.fixture
async def tracker() -> AsyncIterator[Receiver]:
    """Olga's tracker."""
    async with receiving() as one:
        yield one


@pytest.fixture
async def ads(tg: Sandbox, app: App, olga: Any, service: Any) -> Ads:
    """A campaign of Olga's; nobody who leaves after an hour is told of."""
    return await open_ads(tg, app, olga, service, unsub_window=3600)


def query(got: Got) -> dict[str, str]:
    """What a call said."""
    found = parse_qs(urlsplit(got.path).query, keep_blank_values=True)
    return {name: values[0] for name, values in found.items()}


def statuses(tracker: Receiver) -> list[str]:
    """The statuses a tracker was told, in the order they came."""
    return [query(one)["status"] for one in tracker.got]


async def set_all(ads: Ads, tracker: Receiver, campaign_id: int, extra: str = "") -> None:
    """The tracker is told of every status."""
    url = f"{tracker.url}?click={{click}}&status={{status}}{extra}"
    for status in LeadStatus:
        await ads.app.house.postbacks.set(ads.actor, campaign_id, status, url)


async def log(ads: Ads) -> list[Postback]:
    """All postbacks of Olga's, the oldest first."""
    async with ads.app.db.read() as tx:
        return (await postbacks.log(tx, ads.olga.id, Filter(), 100))[::-1]


async def test_every_status_is_told_once(tg: Sandbox, ads: Ads, tracker: Receiver) -> None:
    await set_all(ads, tracker, ads.campaign_id)
    ann, ben, cat = tg.user("Ann"), tg.user("Ben"), tg.user("Cat")
    door = await ads.source("door", asks=True)
    await ann.follow(ads.link("click-1"))
    await ann.join(via=await ads.own_link())
    await ann.leave(ads.chat)
    assert [(one["click"], one["status"]) for one in map(query, tracker.got)] == [
        ("click-1", "0"), ("click-1", "2"), ("click-1", "3"),
    ]  # fmt: skip
    await ben.request(ads.chat, via=door.invite_link)
    await ads.olga.approve(ben, ads.chat)
    await ads.olga.ban(ben, ads.chat)
    assert statuses(tracker)[3:] == ["1", "2", "4"]
    await cat.follow(ads.link("click-2"))
    assert statuses(tracker)[6:] == ["0"]
    assert all(one.headers["gatehouse-attempt"] == "1" for one in tracker.got)
    assert len({one.headers["gatehouse-event"] for one in tracker.got}) == 7, "though all came twice"
    assert {one.state for one in await log(ads)} == {State.DELIVERED}


async def test_another_click_is_told_again(tg: Sandbox, ads: Ads, tracker: Receiver) -> None:
    await set_all(ads, tracker, GLOBAL)
    ann = tg.user("Ann")
    await ann.follow(ads.link("first"))
    await ann.follow(ads.link("second"))
    await ann.follow(ads.link("second"))
    assert [(one["click"], one["status"]) for one in map(query, tracker.got)] == [
        ("first", "0"),
        ("second", "0"),
    ]


async def test_after_the_window_a_leave_is_not_told(tg: Sandbox, ads: Ads, tracker: Receiver) -> None:
    await set_all(ads, tracker, ads.campaign_id)
    ann = tg.user("Ann")
    await ann.follow(ads.link("c"))
    await ann.join(via=await ads.own_link())
    tg.clock.advance(seconds=3700)
    await ann.leave(ads.chat)
    assert statuses(tracker) == ["0", "2"]
    assert await ads.status(ann) is CANCEL, "the status moves anyway"


async def test_a_paused_campaign_tells_nothing(tg: Sandbox, ads: Ads, tracker: Receiver) -> None:
    await set_all(ads, tracker, ads.campaign_id)
    ann = tg.user("Ann")
    await ann.follow(ads.link("c"))
    await ads.app.house.campaigns.pause(ads.actor, ads.campaign_id)
    await ann.join(via=await ads.own_link())
    assert statuses(tracker) == ["0"]
    assert await ads.status(ann) is APPROVE
    await ads.app.house.campaigns.resume(ads.actor, ads.campaign_id)
    await ann.leave(ads.chat)
    assert statuses(tracker) == ["0", "3"], "what happened meanwhile is not told afterwards"


async def test_its_own_or_the_global_ones(tg: Sandbox, ads: Ads, tracker: Receiver) -> None:
    await set_all(ads, tracker, GLOBAL, "&from=global")
    ann, ben = tg.user("Ann"), tg.user("Ben")
    await ann.follow(ads.link("a"))
    own = f"{tracker.url}?status={{status}}&from=own"
    await ads.app.house.postbacks.set(ads.actor, ads.campaign_id, APPROVE, own)
    await ben.follow(ads.link("b"))
    await ben.join(via=await ads.own_link())
    assert [(one["from"], one["status"]) for one in map(query, tracker.got)] == [
        ("global", "0"),
        ("own", "2"),
    ], "with any of its own it uses only its own"


async def test_what_macros_say(tg: Sandbox, ads: Ads, tracker: Receiver) -> None:
    names = (
        "campaign user lead subscriber username chat time title first_name invite source sub1 event_id cost"
    )
    extra = "".join(f"&{name}={{{name}}}" for name in names.split())
    await set_all(ads, tracker, ads.campaign_id, f"{extra}&odd={{payout}}")
    ann = tg.user("Ann&Co#1", username="ann_and_co")
    blog = await ads.source("blog & more")
    await ann.join(via=blog.invite_link)
    (got,) = tracker.got
    said, lead = query(got), await ads.lead(ann)
    assert lead is not None
    assert said == {
        "click": "", "status": "2", "campaign": str(ads.campaign_id), "user": str(ann.id),
        "lead": str(lead.id), "subscriber": str(ann.id), "username": "ann_and_co", "chat": str(ads.chat.id),
        "time": str(int(lead.status_at.timestamp())), "title": "News of chess",
        "first_name": "Ann&Co#1", "invite": blog.invite_link, "source": "blog & more", "sub1": "",
        "event_id": got.headers["gatehouse-event"], "cost": "", "odd": "{payout}",
    }  # fmt: skip


async def test_a_tracker_that_is_down_hears_of_it_later(
    tg: Sandbox, ads: Ads, tracker: Receiver, clock: TestClock
) -> None:
    await set_all(ads, tracker, ads.campaign_id)
    tracker.fail(500)
    await tg.user("Ann").follow(ads.link("c"))
    assert len(tracker.got) == 1
    (one,) = await log(ads)
    assert (one.state, one.code, one.attempts) == (State.WAITING, 500, 1)
    clock.advance(seconds=7)
    await tg.settle()
    assert len(tracker.got) == 2
    tracker.recover()
    clock.advance(minutes=7)
    await tg.settle()
    assert [got.headers["gatehouse-attempt"] for got in tracker.got] == ["1", "2", "3"]
    assert len({got.path for got in tracker.got}) == 1
    (one,) = await log(ads)
    assert (one.state, one.code, one.attempts) == (State.DELIVERED, 200, 3)
    clock.advance(days=5)
    await tg.settle()
    assert len(tracker.got) == 3


async def test_given_up_and_called_again_by_hand(
    tg: Sandbox, ads: Ads, tracker: Receiver, clock: TestClock
) -> None:
    await set_all(ads, tracker, ads.campaign_id)
    tracker.fail(503)
    await tg.user("Ann").follow(ads.link("c"))
    for wait in DELAYS:
        clock.advance(seconds=1.3 * wait.total_seconds())
        await tg.settle()
    assert [one.state for one in await log(ads)] == [State.DEAD]
    assert len(tracker.got) == 10
    olga = ads.olga
    await olga.send(ads.bot, "/postbacks")
    assert "1 call was given up." in tg.last(olga, bot=ads.bot).text
    await olga.click("📜 Calls")
    assert "⛔️ 503 · 0️⃣ lead" in tg.last(olga, bot=ads.bot).text
    await olga.click("⛔️ 0️⃣ lead")
    shown = tg.last(olga, bot=ads.bot)
    assert "Attempt 10" in shown.text
    assert "no <b>way</b>" in shown.text, "what it answered is shown as it is"
    tracker.recover()
    await olga.click("🔁 Call again")
    assert len(tracker.got) == 11
    assert len({got.headers["gatehouse-event"] for got in tracker.got}) == 1
    assert [one.state for one in await log(ads)] == [State.DELIVERED]
    await olga.click("🔄 Refresh")
    assert "✅ 200" in tg.last(olga, bot=ads.bot).text


async def test_all_that_was_given_up_at_once(tg: Sandbox, ads: Ads, tracker: Receiver) -> None:
    await set_all(ads, tracker, ads.campaign_id)
    tracker.fail(410)
    for name in ("Ann", "Ben", "Cat"):
        await tg.user(name).follow(ads.link(name))
    assert {one.state for one in await log(ads)} == {State.DEAD}, "it knows nothing of these clicks"
    tracker.recover()
    await ads.olga.send(ads.bot, "/postbacks")
    await ads.olga.click("🔁 Call them again")
    assert {one.state for one in await log(ads)} == {State.DELIVERED}
    assert len(tracker.got) == 6


async def test_a_redirect_is_not_followed(tg: Sandbox, ads: Ads, tracker: Receiver) -> None:
    await set_all(ads, tracker, ads.campaign_id)
    elsewhere = {"Location": "/elsewhere"}
    tracker.answer = lambda _: web.Response(status=302, headers=elsewhere)
    await tg.user("Ann").follow(ads.link("c"))
    assert {urlsplit(got.path).path for got in tracker.got} == {"/hook"}
    assert [one.state for one in await log(ads)] == [State.WAITING]


async def test_setting_one_in_the_chat(tg: Sandbox, ads: Ads, tracker: Receiver) -> None:
    olga = ads.olga
    await olga.send(ads.bot, "/campaigns")
    await olga.click("Spring")
    await olga.click("📮 Postbacks")
    assert "Postbacks of Spring" in tg.last(olga, bot=ads.bot).text
    await olga.click("2️⃣")
    assert "Nothing is called." in tg.last(olga, bot=ads.bot).text
    await olga.click("➕ Set an address")
    assert "{click}" in tg.last(olga, bot=ads.bot).text
    for wrong, words in {
        "ftp://example.org": "has to begin with https://",
        "https://{click}.example.org/": "The name of the server may hold no placeholder",
        "https://YOUR-DOMAIN/postback": "in place of YOUR-DOMAIN",
    }.items():
        await olga.send(ads.bot, wrong)
        assert words in tg.last(olga, bot=ads.bot).text
    await olga.send(ads.bot, f"{tracker.url}?c={{click}}&s={{status}}")
    assert f"{tracker.url}?c={{click}}" in tg.last(olga, bot=ads.bot).text, "it still waited for one"
    await olga.click("2️⃣")
    await olga.click("🧪 Call it with samples")
    (got,) = tracker.got
    assert query(got) == {"c": "abc123", "s": "2"}
    await olga.click("🔄 Refresh")
    assert "✅ 200 · 2️⃣ test" in tg.last(olga, bot=ads.bot).text
    await olga.click("‹ Back")
    await olga.click("2️⃣")
    await olga.click("🗑 Remove")
    async with ads.app.db.read() as tx:
        assert await postbacks.templates(tx, olga.id, ads.campaign_id) == {}


async def test_a_preset_for_all_statuses(tg: Sandbox, ads: Ads, tracker: Receiver) -> None:
    olga = ads.olga
    await olga.send(ads.bot, "/postbacks")
    await olga.click("🧩 Ready for my tracker")
    await olga.click("Keitaro")
    shown = tg.last(olga, bot=ads.bot)
    preset = "https://YOUR-DOMAIN/YOUR-KEY/postback?subid={click}&status=[status]"
    assert preset in shown.text
    await olga.send(ads.bot, preset)
    assert "in place of YOUR-DOMAIN" in tg.last(olga, bot=ads.bot).text
    await olga.send(ads.bot, preset.replace("https://YOUR-DOMAIN/YOUR-KEY/postback", tracker.url))
    assert "Postbacks of all campaigns" in tg.last(olga, bot=ads.bot).text
    ann = tg.user("Ann")
    await ann.follow(ads.link("c1"))
    await ann.join(via=await ads.own_link())
    await ann.leave(ads.chat)
    assert [query(got) for got in tracker.got] == [
        {"subid": "c1", "status": word} for word in ("lead", "sale", "rejected")
    ]


async def test_a_conversation_survives_a_restart_and_can_be_left(
    tg: Sandbox, start_app: Start, service: Any, olga: Any, tracker: Receiver
) -> None:
    settings = {"bot_token": service.token, "owner_ids": frozenset({olga.id}), "allow_private_urls": True}
    async with start_app(**settings) as app:
        ads = await open_ads(tg, app, olga, service)
        await olga.send(ads.bot, "/postbacks")
        await olga.click("0️⃣")
        await olga.click("➕ Set an address")
    async with start_app(**settings) as app:
        await olga.send(ads.bot, f"{tracker.url}?c={{click}}")
        async with app.db.read() as tx:
            assert await postbacks.templates(tx, olga.id, GLOBAL) == {WAIT: f"{tracker.url}?c={{click}}"}
        await olga.send(ads.bot, "/postbacks")
        await olga.click("1️⃣")
        await olga.click("➕ Set an address")
        await olga.click("Cancel")
        await olga.send(ads.bot, f"{tracker.url}?c={{click}}")
        async with app.db.read() as tx:
            assert set(await postbacks.templates(tx, olga.id, GLOBAL)) == {WAIT}


async def test_what_a_service_says_no_to(tg: Sandbox, ads: Ads, tracker: Receiver) -> None:
    service, olga = ads.app.house.postbacks, ads.actor
    boris = actor_of(ads.app, tg.user("Boris"))
    with pytest.raises(Conflict, match="postback_missing"):
        await service.test(olga, ads.campaign_id, WAIT)
    with pytest.raises(Invalid, match="url_malformed"):
        await service.set(olga, GLOBAL, WAIT, "https://exam ple.org/")
    with pytest.raises(NotFound, match="campaign"):
        await service.set(olga, ads.campaign_id + 1, WAIT, tracker.url)
    with pytest.raises(NotFound, match="preset"):
        await service.ask_preset(olga, GLOBAL, "nobody's")
    with pytest.raises(NotFound, match="postback"):
        await service.redeliver(olga, 999)
    with pytest.raises(NotAllowed):
        await service.panel(boris, GLOBAL)


async def test_as_it_is_installed_nobody_is_called_in_the_own_network(
    tg: Sandbox, start_app: Start, service: Any, olga: Any, tracker: Receiver
) -> None:
    """A template from days of development is still there: the guard stands all the same."""
    async with start_app(bot_token=service.token, owner_ids=frozenset({olga.id})) as app:
        ads = await open_ads(tg, app, olga, service)
        with pytest.raises(Invalid, match="url_not_https"):
            await app.house.postbacks.set(ads.actor, GLOBAL, WAIT, tracker.url)
        secure = tracker.url.replace("http:", "https:")
        await app.house.postbacks.set(ads.actor, GLOBAL, WAIT, secure)
        async with app.db.write() as tx:
            await postbacks.put_template(tx, olga.id, GLOBAL, APPROVE, tracker.url)
        ann = tg.user("Ann")
        await ann.follow(ads.link("c"))
        await ann.join(via=await ads.own_link())
        told = await log(ads)
    assert [(one.status, one.code, one.error) for one in told] == [
        (WAIT, None, "denied"),
        (APPROVE, None, "denied"),
    ]
    assert tracker.got == []
