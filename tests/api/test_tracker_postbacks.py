"""Postbacks and figures by the tracker's API, call by call."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from api.tracker.postbacks import POSTBACKS
from api.tracker.stats import STATS
from bot.app import App
from domain.postbacks import PRESETS
from sandbox import Sandbox
from tests.api.conftest import Owner
from tests.clock import TestClock
from tests.conftest import Start
from tests.stories.receiver import Receiver, receiving
from tests.stories.tracker import Ads, open_ads

OF, GLOBAL = "/api/camp/postbacks.json", "/api/postback/global.json"
LOG, GET, AGAIN, TEST, READY = (
    f"/api/postback/{name}.json" for name in ("log", "get", "redeliver", "test", "presets")
)
SUMMARY, DAYS, SOURCES, RETENTION = (
    f"/api/stats/{name}.json" for name in ("summary", "days", "sources", "retention")
)
URL = "https://tracker.example.org/postback?click={click}&status={status}"


@pytest.fixture
async def app(start_app: Start, service: Any, olga: Any, boris: Any) -> AsyncIterator[App]:
    """An application of a developer: it may call servers on this machine."""
    async with start_app(
        bot_token=service.token, owner_ids=(olga.id, boris.id), allow_private_urls=True
    ) as running:
        yield running


@pytest.fixture
async def tracker() -> AsyncIterator[Receiver]:
    """Olga's tracker."""
    async with receiving() as one:
        yield one


@pytest.fixture
async def ads(tg: Sandbox, app: App, olga: Any, service: Any) -> Ads:
    """A campaign of Olga's."""
    return await open_ads(tg, app, olga, service)


def error(code: str) -> dict[str, str]:
    return {"status": "error", "error": code}


def urls(answer: dict[str, Any]) -> list[tuple[str, str]]:
    assert [row["status"] for row in answer["data"]] == [0, 1, 2, 3, 4]
    return [(row["url"], row["used"]) for row in answer["data"]]


async def test_templates_of_a_campaign_and_of_all(ads: Ads, her: Owner) -> None:
    nothing = [("", "")] * 5
    assert urls(await her.api.get(OF, id=ads.campaign_id)) == urls(await her.api.get(GLOBAL)) == nothing
    assert await her.api.post(GLOBAL, status=0, url=URL) == {"status": "ok"}
    assert urls(await her.api.get(GLOBAL))[0] == (URL, URL)
    assert urls(await her.api.get(OF, id=ads.campaign_id))[0] == ("", URL)
    assert await her.api.post(OF, id=ads.campaign_id, status=2, url=f"{URL}&own=1") == {"status": "ok"}
    own = urls(await her.api.get(OF, id=ads.campaign_id))
    assert own == [("", ""), ("", ""), (f"{URL}&own=1",) * 2, ("", ""), ("", "")], "only its own"
    assert await her.api.post(OF, id=ads.campaign_id, status=2) == {"status": "ok"}, "an empty one is removed"
    assert urls(await her.api.get(OF, id=ads.campaign_id))[0] == ("", URL)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"status": 5, "url": URL},
        {"status": -1, "url": URL},
        {"status": "x", "url": URL},
        {"url": URL},
        {"status": 0, "url": "ftp://example.org/"},
        {"status": 0, "url": "https://{click}/"},
        {"status": 0, "url": "https://user:pw@example.org/"},
        {"status": 0, "url": "https://example.org:22/"},
        {"status": 0, "url": "https://example.org/" + "x" * 2048},
        {"status": 0, "url": PRESETS[0].url},
    ],
)
async def test_what_is_not_taken(her: Owner, given: dict[str, Any]) -> None:
    assert await her.api.post(GLOBAL, **given) == error("func")


async def test_the_log_a_call_and_calling_again(
    tg: Sandbox, ads: Ads, her: Owner, tracker: Receiver, clock: TestClock
) -> None:
    await her.api.post(OF, id=ads.campaign_id, status=0, url=f"{tracker.url}?c={{click}}")
    tracker.fail(500)
    ann = tg.user("Ann")
    await ann.follow(ads.link("c1"))
    lead = await ads.lead(ann)
    assert lead is not None
    (row,) = (await her.api.get(LOG))["data"]
    due = row.pop("due")
    assert 0 < due - row["created"] <= 7
    assert abs(row.pop("created") - clock.now().timestamp()) < 60
    event_id = tracker.got[0].headers["gatehouse-event"]
    assert row == {
        "id": row["id"], "campaign": ads.campaign_id, "lead": lead.id, "status": 0, "event_id": event_id,
        "url": f"{tracker.url}?c=c1", "state": "waiting", "attempts": 1, "code": 500, "error": "",
    }  # fmt: skip
    tracker.recover()
    assert await her.api.post(AGAIN, id=row["id"]) == {"status": "ok"}
    await tg.settle()
    full = (await her.api.get(GET, id=row["id"]))["data"]
    assert (full["state"], full["code"], full["due"]) == ("delivered", 200, 0)
    assert [(one["code"], one["answer"]) for one in full["tries"]] == [
        (200, "thanks"),
        (500, "no <b>way</b>"),
    ]
    assert len(tracker.got) == 2


async def test_the_log_by_what_is_wanted(tg: Sandbox, ads: Ads, her: Owner, tracker: Receiver) -> None:
    for status in (0, 2):
        await her.api.post(GLOBAL, status=status, url=f"{tracker.url}?s={{status}}")
    people = [tg.user(name) for name in ("Ann", "Ben", "Cat")]
    for one in people:
        await one.follow(ads.link(one.name))
    await people[0].join(via=await ads.own_link())

    async def ids(**which: Any) -> list[int]:
        return [row["id"] for row in (await her.api.get(LOG, **which))["data"]]

    every = await ids()
    assert every == sorted(every, reverse=True)
    assert len(every) == 4
    lead = await ads.lead(people[0])
    assert lead is not None
    assert await ids(limit=2) == every[:2]
    assert await ids(limit=2, before=every[1]) == every[2:]
    assert await ids(status=2) == every[:1]
    assert await ids(lead=lead.id) == [every[0], every[3]]
    assert await ids(state="delivered") == every
    assert await ids(state="dead") == []
    assert await ids(campaign=ads.campaign_id) == every
    assert await ids(campaign=ads.campaign_id + 1) == []
    for wrong in ({"limit": 201}, {"limit": 0}, {"state": "lost"}, {"status": 7}, {"before": 0}):
        assert await her.api.get(LOG, **wrong) == error("func")


async def test_samples(ads: Ads, her: Owner, tracker: Receiver, tg: Sandbox) -> None:
    assert await her.api.post(TEST, status=2) == error("state")
    await her.api.post(GLOBAL, status=2, url=f"{tracker.url}?c={{click}}&s={{status}}&n={{campaign}}")
    made = (await her.api.post(TEST, status=2, campaign=ads.campaign_id))["data"]["id"]
    await tg.settle()
    (got,) = tracker.got
    sample = {"c": ["abc123"], "s": ["2"], "n": [str(ads.campaign_id)]}
    assert parse_qs(urlsplit(got.path).query) == sample
    full = (await her.api.get(GET, id=made))["data"]
    assert (full["lead"], full["code"]) == (0, 200)


async def test_presets(her: Owner) -> None:
    found = (await her.api.get(READY))["data"]
    assert [one["name"] for one in found] == [one.name for one in PRESETS]
    assert found[0]["words"] == {"0": "lead", "1": "lead", "2": "sale", "3": "rejected", "4": "rejected"}


async def test_nothing_of_hers_is_his(
    tg: Sandbox, ads: Ads, her: Owner, him: Owner, tracker: Receiver
) -> None:
    await her.api.post(OF, id=ads.campaign_id, status=0, url=f"{tracker.url}?c={{click}}")
    await tg.user("Ann").follow(ads.link("c1"))
    (row,) = (await her.api.get(LOG))["data"]
    for call in (
        him.api.get(OF, id=ads.campaign_id),
        him.api.post(OF, id=ads.campaign_id, status=0, url=URL),
        him.api.post(TEST, campaign=ads.campaign_id, status=0),
        him.api.get(GET, id=row["id"]),
        him.api.post(AGAIN, id=row["id"]),
        *(him.api.get(path, campaign=ads.campaign_id) for path in (SUMMARY, DAYS, SOURCES, RETENTION)),
    ):
        assert await call == error("access")
    assert (await him.api.get(LOG))["data"] == []
    assert (await him.api.get(LOG, campaign=ads.campaign_id))["data"] == []
    assert (await him.api.get(SUMMARY))["data"]["starts"] == 0
    assert len(tracker.got) == 1


async def test_figures(tg: Sandbox, ads: Ads, her: Owner, clock: TestClock) -> None:
    await ads.change(cost_micros=2_500_000, currency="EUR")
    blog = await ads.source("blog")
    ann, ben, cat = tg.user("Ann"), tg.user("Ben"), tg.user("Cat")
    await ann.follow(ads.link("c1"))
    await ann.join(via=await ads.own_link())
    await ben.join(via=blog.invite_link)
    await ben.leave(ads.chat)
    await cat.follow(ads.link("c2"))
    assert (await her.api.get(SUMMARY))["data"] == {
        "starts": 3, "confirms": 2, "unsubs": 1, "cr": 0.6667, "kept": 1,
        "costs": [{"currency": "EUR", "cost": "2.5", "kept": 1, "per_kept": "2.5"}],
    }  # fmt: skip
    days = (await her.api.get(DAYS, campaign=ads.campaign_id))["data"]
    assert len(days) == 30
    assert days[-1] == {
        "day": f"{clock.now():%Y-%m-%d}", "starts": 3, "confirms": 2, "unsubs": 1, "cr": 0.6667,
    }  # fmt: skip
    assert (await her.api.get(SOURCES))["data"] == [
        {"source": "", "starts": 2, "confirms": 1, "unsubs": 0, "kept": 1, "cr": 0.5},
        {"source": "blog", "starts": 1, "confirms": 1, "unsubs": 1, "kept": 0, "cr": 1.0},
    ]
    clock.advance(days=1, hours=1)
    assert (await her.api.get(RETENTION))["data"] == [
        {"days": 1, "of": 2, "kept": 1, "rate": 0.5},
        {"days": 7, "of": 0, "kept": 0, "rate": 0.0},
        {"days": 30, "of": 0, "kept": 0, "rate": 0.0},
    ]


async def test_figures_of_a_time(tg: Sandbox, ads: Ads, her: Owner, clock: TestClock) -> None:
    await tg.user("Ann").follow(ads.link("c1"))
    now = int(clock.now().timestamp())

    async def starts(**span: int) -> int:
        return int((await her.api.get(SUMMARY, **span))["data"]["starts"])

    assert await starts(**{"from": now - 3600}) == await starts(to=now + 3600) == 1
    assert await starts(**{"from": now + 60}) == await starts(to=now - 3600) == 0
    assert len((await her.api.get(DAYS, **{"from": now - 3 * 86_400}))["data"]) == 4
    for wrong in ({"from": 1}, {"from": now - 367 * 86_400}):
        assert await her.api.get(DAYS, **wrong) == error("func")
    for wrong in ({"from": -1}, {"to": 10**15}, {"from": "yesterday"}, {"campaign": 0}):
        assert await her.api.get(SUMMARY, **wrong) == error("func")


def test_examples_are_what_is_answered() -> None:
    for row in (*POSTBACKS, *STATS):
        if row.result is not None:
            assert msgspec.convert(msgspec.to_builtins(row.example), row.result) == row.example, row.path
