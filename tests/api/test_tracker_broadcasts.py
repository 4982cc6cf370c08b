"""Broadcasts and triggered blocks by the API: every call of the wire contract, its shape, and every error."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.app import App
from domain.broadcasts import Audience, BroadcastStatus
from domain.creatives import Creative
from domain.tariffs import UNLIMITED
from sandbox import Sandbox
from storage import broadcasts, recipients, tariffs
from tests.api.conftest import Owner
from tests.clock import TestClock
from tests.stories.tracker import Ads, open_ads

ROOT = "/api/broadcast"
OK = {"status": "ok"}
DRAFT, RUNNING, DONE, CANCELLED, PAUSED = BroadcastStatus
EVERY = frozenset(BroadcastStatus)
# Each call of a broadcast: what it takes besides the id, where it is allowed, and where it leads to.
CALLS: dict[str, tuple[dict[str, Any], frozenset[BroadcastStatus], BroadcastStatus | None]] = {
    "edit": ({"name": "Changed", "text": "Hello", "statuses": 31}, EVERY, None),
    "start": ({}, frozenset({DRAFT, DONE, CANCELLED}), RUNNING),
    "pause": ({}, frozenset({RUNNING}), PAUSED),
    "resume": ({}, frozenset({PAUSED}), RUNNING),
    "cancel": ({}, frozenset({RUNNING, PAUSED}), CANCELLED),
    "reset": ({}, frozenset({DONE, CANCELLED}), DRAFT),
    "test": ({}, EVERY, None),
    "unknown": ({"action": "resend"}, frozenset({RUNNING, PAUSED, DONE}), None),
    "edit_sent": ({}, EVERY - {DRAFT}, None),
    "recall": ({}, frozenset({PAUSED, DONE, CANCELLED}), None),
    "del": ({}, EVERY - {RUNNING}, None),
}
ROW = {
    "id", "name", "status", "statuses", "campaigns", "total", "sent", "queued", "failed", "started",
    "created",
}  # fmt: skip
FULL = ROW | {
    "created_from", "created_to", "status_from", "status_to", "text", "media", "media_type", "button", "link",
    "remaining",
}  # fmt: skip
BLOCK = {"status", "on", "delay", "text", "media", "media_type", "button", "link"}


@pytest.fixture
async def ads(tg: Sandbox, app: App, her: Owner, service: Any) -> Ads:
    """A campaign of Olga's with two people in it."""
    ads = await open_ads(tg, app, her.person, service)
    for name in ("Ann", "Ben"):
        await tg.user(name).follow(ads.link("c"))
    return ads


async def draft(her: Owner, **said: Any) -> int:
    """A broadcast for everybody who has pressed Start."""
    made = await her.api.post(f"{ROOT}/add.json", name="May win-back")
    one = int(made["data"]["id"])
    body = {"name": "May win-back", "text": "We miss you 🎁", "statuses": 1, **said}
    assert await her.api.post(f"{ROOT}/edit.json", id=one, **body) == OK
    return one


async def made(app: App, her: Owner, status: BroadcastStatus) -> int:
    """A broadcast for everybody that is somewhere, and has reached nobody."""
    said = (Audience(statuses=1), Creative("Hello"), False)
    async with app.db.write() as tx:
        one = await broadcasts.create(tx, her.person.id, "", app.clock.now())
        assert await broadcasts.edit(tx, her.person.id, one, "", *said)
        assert await broadcasts.move(tx, her.person.id, one, EVERY, status)
    return one


async def where_is(app: App, her: Owner, one: int) -> BroadcastStatus | None:
    """Where a broadcast is by now; None for one that is gone."""
    async with app.db.read() as tx:
        found = await broadcasts.get(tx, her.person.id, one)
    return None if found is None else found.status


async def settled(app: App, her: Owner, one: int) -> None:
    """It sends nothing more."""
    async with app.db.write() as tx:
        await broadcasts.move(tx, her.person.id, one, EVERY, CANCELLED)
        await recipients.clear(tx, one)


async def tariff(app: App, her: Owner, **values: Any) -> None:
    """Olga has a tariff."""
    async with app.db.write() as tx:
        await tariffs.put(tx, her.person.id, replace(UNLIMITED, **values))


async def test_from_a_draft_to_everybody(tg: Sandbox, app: App, her: Owner, ads: Ads) -> None:
    one = await draft(her, button="Claim", link="https://example.com/back?click={click}", campaigns="")
    shown = (await her.api.get(f"{ROOT}/get.json", id=one))["data"]
    assert shown.keys() >= FULL
    assert (shown["status"], shown["total"], shown["remaining"], shown["started"]) == (0, 2, 2, 0)
    assert await her.api.post(f"{ROOT}/start.json", id=one) == {**OK, "data": {"queued": 2}}
    await tg.settle()
    (listed,) = (await her.api.get(f"{ROOT}/list.json"))["data"]
    assert listed.keys() == ROW
    assert {name: listed[name] for name in ("name", "total", "sent", "queued", "failed", "campaigns")} == {
        "name": "May win-back", "total": 2, "sent": 2, "queued": 0, "failed": 0, "campaigns": [],
    }  # fmt: skip
    assert listed["started"] >= listed["created"] > 0
    quota = (await her.api.get(f"{ROOT}/quota.json"))["data"]
    assert quota == {"cap": 0, "used": 2, "queued": 0}
    late = tg.user("Late")
    await late.follow(ads.link("c"))
    shown = (await her.api.get(f"{ROOT}/get.json", id=one))["data"]
    assert (shown["status"], shown["total"], shown["remaining"], shown["sent"]) == (2, 3, 1, 2)
    assert (await her.api.post(f"{ROOT}/start.json", id=one))["data"] == {"queued": 1}
    await tg.settle()
    assert tg.last(late, bot=ads.bot).text == "We miss you 🎁"
    assert (await her.api.post(f"{ROOT}/start.json", id=one))["data"] == {"queued": 0}
    assert (await her.api.get(f"{ROOT}/get.json", id=one))["data"]["status"] == 2, "nobody new: it stays"


async def test_every_call_in_every_status(app: App, her: Owner, ads: Ads, service: Any) -> None:
    for call, (more, allowed, leads_to) in CALLS.items():
        for status in BroadcastStatus:
            one = await made(app, her, status)
            answer = await her.api.post(f"{ROOT}/{call}.json", id=one, **more)
            where = f"{call} in {status.name}"
            if status not in allowed:
                assert answer == {"status": "error", "error": "state"}, where
            else:
                assert answer["status"] == "ok", where
            now = await where_is(app, her, one)
            if status not in allowed or leads_to is None:
                wanted = None if call == "del" and status in allowed else status
            else:
                wanted = leads_to
            # What runs is through its people in no time.
            assert now == wanted or (wanted is RUNNING and now is DONE), where
            await settled(app, her, one)


async def test_who_has_not_paid(app: App, her: Owner, ads: Ads, clock: TestClock) -> None:
    one, block = await draft(her), {"id": ads.campaign_id, "status": 0}
    await tariff(app, her, paid_until=clock.now() - timedelta(seconds=1))
    unpaid = {"status": "error", "error": "unpaid"}
    for call, (more, _, _) in CALLS.items():
        assert await her.api.post(f"{ROOT}/{call}.json", id=one, **more) == unpaid, call
    assert await her.api.post(f"{ROOT}/add.json") == unpaid
    for reading in ("list", "quota"):
        assert await her.api.get(f"{ROOT}/{reading}.json") == unpaid
    assert await her.api.get(f"{ROOT}/get.json", id=one) == unpaid
    assert await her.api.post("/api/camp/broadcast.json", **block, on=1, text="x") == unpaid
    assert await her.api.post("/api/camp/btest.json", **block) == unpaid
    assert await her.api.post("/api/camp/broadcast.json", **block, on=0) == OK, "to turn off is free"
    assert (await her.api.get("/api/camp/broadcast.json", id=ads.campaign_id))["status"] == "ok"


async def test_a_tariff_without_broadcasts(app: App, her: Owner, ads: Ads) -> None:
    one, block = await draft(her), {"id": ads.campaign_id, "status": 0}
    assert await her.api.post("/api/camp/broadcast.json", **block, on=1, text="Hi") == OK
    await tariff(app, her, broadcasts=False, daily_cap=500)
    refused = {"status": "error", "error": "broadcasts"}
    assert await her.api.post(f"{ROOT}/start.json", id=one) == refused
    assert await her.api.post("/api/camp/broadcast.json", **block, on=1) == refused
    assert await her.api.post("/api/camp/broadcast.json", **block, text="It is on") == refused
    assert await her.api.post("/api/camp/broadcast.json", **block, on=0) == OK
    assert await her.api.post("/api/camp/broadcast.json", **block, text="It is off") == OK
    assert (await her.api.get(f"{ROOT}/quota.json"))["data"]["cap"] == 500
    assert await her.api.post(f"{ROOT}/edit.json", id=one, text="Still a draft") == OK


async def test_what_is_said_wrongly(app: App, her: Owner, ads: Ads) -> None:
    one = await draft(her)
    wrong = {"status": "error", "error": "func"}
    wrongly: list[dict[str, Any]] = [
        {"text": "*open"}, {"text": "x" * 4097}, {"statuses": 32}, {"statuses": -1}, {"link": "nowhere"},
        {"button": "x" * 65}, {"campaigns": "12,x"}, {"created_from": -1}, {"status_to": 10**15},
        {"media": "unknown"}, {"media_type": 3}, {"name": "x" * 129}, {"campaigns": "9" * 30},
    ]  # fmt: skip
    for said in wrongly:
        assert await her.api.post(f"{ROOT}/edit.json", id=one, **said) == wrong, said
    for call in CALLS:
        assert await her.api.post(f"{ROOT}/{call}.json") == wrong, call
    assert await her.api.post(f"{ROOT}/unknown.json", id=one, action="forget") == wrong
    assert await her.api.get(f"{ROOT}/get.json") == wrong
    assert await her.api.post(f"{ROOT}/nothing.json", id=one) == wrong
    assert await her.api.get(f"{ROOT}/start.json", id=one) == wrong, "it is a POST"
    empty = (await her.api.post(f"{ROOT}/add.json"))["data"]["id"]
    for call in ("start", "test"):
        assert await her.api.post(f"{ROOT}/{call}.json", id=empty) == wrong, "it says nothing"
    wrongly = [
        {"status": 5}, {"status": -1}, {"status": 0, "delay": -1}, {"status": 0, "delay": 10**9},
        {"status": 0, "on": 1}, {"status": 0, "on": 2}, {"status": 0, "text": "_open"}, {},
    ]  # fmt: skip
    for said in wrongly:
        answer = await her.api.post("/api/camp/broadcast.json", id=ads.campaign_id, **said)
        assert answer == wrong, said
    assert await her.api.post("/api/camp/btest.json", id=ads.campaign_id, status=3) == wrong, "no block yet"


async def test_what_is_somebody_elses(app: App, her: Owner, him: Owner, ads: Ads) -> None:
    one, his = await draft(her), await draft(him)
    foreign = {"status": "error", "error": "access"}
    for call, (more, _, _) in CALLS.items():
        assert await him.api.post(f"{ROOT}/{call}.json", id=one, **more) == foreign, call
    assert await him.api.get(f"{ROOT}/get.json", id=one) == foreign
    scope = {"id": his, "campaigns": str(ads.campaign_id), "text": "x"}
    assert await him.api.post(f"{ROOT}/edit.json", **scope) == foreign
    block = {"id": ads.campaign_id, "status": 0}
    assert await him.api.get("/api/camp/broadcast.json", id=ads.campaign_id) == foreign
    assert await him.api.post("/api/camp/broadcast.json", **block, text="x") == foreign
    assert await him.api.post("/api/camp/btest.json", **block) == foreign
    assert (await her.api.get(f"{ROOT}/get.json", id=one))["data"]["text"] == "We miss you 🎁"


async def test_without_a_key(stranger: Any) -> None:
    for call in CALLS:
        assert await stranger.post(f"{ROOT}/{call}.json", id=1) == {"status": "error", "error": "key"}


async def test_an_edit_replaces_everything(her: Owner, ads: Ads) -> None:
    one = await draft(her)
    said = {
        "name": "Other", "statuses": 24, "campaigns": f" {ads.campaign_id},{ads.campaign_id} ",
        "created_from": 1714521600, "created_to": 1717113600, "status_from": 0, "status_to": 1717113601,
        "text": "Hello", "button": "Open", "link": "https://example.com/{click}",
    }  # fmt: skip
    assert await her.api.call("POST", f"{ROOT}/edit.json", json={"id": one, **said}) == OK
    shown = (await her.api.get(f"{ROOT}/get.json", id=one))["data"]
    said["campaigns"] = [ads.campaign_id]
    assert {name: shown[name] for name in said} == said
    assert await her.api.post(f"{ROOT}/edit.json", id=one, name="Bare") == OK
    shown = (await her.api.get(f"{ROOT}/get.json", id=one))["data"]
    assert (shown["name"], shown["text"], shown["campaigns"], shown["created_from"]) == ("Bare", "", [], 0)


async def test_the_five_blocks(tg: Sandbox, her: Owner, ads: Ads, service: Any) -> None:
    path, block = "/api/camp/broadcast.json", {"id": ads.campaign_id, "status": 0}
    found = (await her.api.get(path, id=ads.campaign_id))["data"]
    assert [one["status"] for one in found] == [0, 1, 2, 3, 4]
    zero = {"on": 0, "delay": 0, "text": "", "media": "", "media_type": 0, "button": "", "link": ""}
    assert found[4] == {"status": 4, **zero}
    said = {
        "on": 1, "delay": 1800, "text": "Welcome! Tap below to continue 👇", "media": "", "media_type": 0,
        "button": "Open", "link": "https://example.com/l?click={click}",
    }  # fmt: skip
    assert await her.api.post(path, **block, **said) == OK
    assert (await her.api.get(path, id=ads.campaign_id))["data"][0] == {"status": 0, **said}
    assert await her.api.post(path, **block, button="", link="") == OK
    assert (await her.api.get(path, id=ads.campaign_id))["data"][0] == {
        "status": 0, **said, "button": "", "link": "",
    }  # fmt: skip
    assert await her.api.post("/api/camp/btest.json", **block) == OK
    await tg.settle()
    assert tg.last(her.person, bot=service).text == "Welcome! Tap below to continue 👇"


async def test_a_preview_needs_the_service_bot(tg: Sandbox, him: Owner) -> None:
    """Boris has never started it."""
    one = await draft(him)
    assert await him.api.post(f"{ROOT}/test.json", id=one) == {"status": "error", "error": "state"}
