"""Campaigns, leads and the journal, call by call and code by code."""

from typing import Any

import pytest

from bot.app import App
from domain.tariffs import Tariff
from sandbox import Sandbox
from storage import tariffs
from tests.api.conftest import Owner
from tests.clock import TestClock
from tests.stories.membership import RIGHTS

CAMP = "/api/camp/{}.json"
LEADS, LEAD, JOURNAL = (f"/api/{name}.json" for name in ("leads/list", "leads/get", "journal/list"))


def error(code: str) -> dict[str, str]:
    return {"status": "error", "error": code}


class Ground:
    """A bot of Boris's in a channel of his."""

    def __init__(self, owner: Owner, bot: Any, bot_id: int, chat: Any) -> None:
        self.owner, self.bot, self.bot_id, self.chat = owner, bot, bot_id, chat

    async def get(self, call: str, **query: Any) -> Any:
        path = call if call.startswith("/") else CAMP.format(call)
        return await self.owner.api.get(path, **query)

    async def post(self, call: str, **form: Any) -> Any:
        return await self.owner.api.post(CAMP.format(call), **form)

    async def add(self, **more: Any) -> int:
        answer = await self.post("add", bot=self.bot_id, chat=self.chat.id, **more)
        assert answer["status"] == "ok", answer
        return int(answer["data"]["id"])


@pytest.fixture
async def his(tg: Sandbox, app: App, him: Owner) -> Ground:
    """Boris's bot, in his channel."""
    bot = tg.bot("ads_bot")
    added = await him.api.post("/api/bots/add.json", token=bot.token)
    channel = tg.channel("News", him.person)
    await him.person.start(bot)
    await him.person.add(bot, channel, rights=RIGHTS)
    return Ground(him, bot, added["data"]["id"], channel)


async def test_a_campaign_is_made_shown_and_changed(his: Ground) -> None:
    number = await his.add(name="Spring", text="*Hi*", unsub_window=3600, cost="250.5", currency="usd")
    (row,) = (await his.get("list"))["data"]
    assert row | {"created": 0, "code": ""} == {
        "id": number, "bot": his.bot_id, "chat": his.chat.id, "code": "", "name": "Spring", "status": 0,
        "leads": [0, 0, 0, 0, 0], "created": 0,
    }  # fmt: skip
    full = (await his.get("get", id=number))["data"]
    assert full["start_link"] == f"https://t.me/ads_bot?start={row['code']}"
    assert full["redirect"].endswith(f"/go/{row['code']}")
    assert full["invite_link"].startswith("https://t.me/+")
    assert (full["text"], full["unsub_window"], full["cost"], full["currency"]) == (
        "*Hi*",
        3600,
        "250.5",
        "USD",
    )

    changed = await his.post("edit", id=number, text="", button="Go", cost="", auto_approve=1)
    assert changed == {"status": "ok"}
    full = (await his.get("get", id=number))["data"]
    assert (full["name"], full["text"], full["button"], full["cost"], full["auto_approve"]) == (
        "Spring", "", "Go", "", 1,
    )  # fmt: skip
    chats = await his.get("/api/bots/chats.json", id=his.bot_id)
    assert chats["data"] == [], "its chat is tracked already"


async def test_states_follow_the_calls(his: Ground) -> None:
    number = await his.add()
    for call, code in (
        ("resume", "state"), ("pause", None), ("pause", "state"), ("resume", None), ("del", None),
        ("del", "state"), ("pause", "state"), ("resume", "state"),
    ):  # fmt: skip
        wanted = {"status": "ok"} if code is None else error(code)
        assert await his.post(call, id=number) == wanted, call
    assert await his.post("edit", id=number, name="x") == error("access"), "nothing is left to change"
    assert (await his.get("list"))["data"] == []
    (row,) = (await his.get("list", deleted=1))["data"]
    assert (row["id"], row["status"]) == (number, 2)
    again = await his.add()
    assert again != number, "its chat can have another one"


async def test_what_cannot_be_made(tg: Sandbox, app: App, his: Ground) -> None:
    free = tg.channel("Free", his.owner.person)
    for given, code in (
        ({"chat": free.id}, "access"),
        ({"bot": 999, "chat": his.chat.id}, "access"),
        ({"chat": "x"}, "func"),
        ({"chat": his.chat.id, "text": "*never closed"}, "func"),
        ({"chat": his.chat.id, "link": "javascript:alert(1)", "button": "Go"}, "func"),
        ({"chat": his.chat.id, "media": "nobodys"}, "func"),
        ({"chat": his.chat.id, "unsub_window": -1}, "func"),
        ({"chat": his.chat.id, "cost": "much"}, "func"),
        ({"chat": his.chat.id, "cost": "1", "currency": "ZZZ"}, "func"),
        ({"chat": his.chat.id, "name": " "}, "func"),
        ({"chat": his.chat.id}, None),
    ):
        answer = await his.post("add", **{"bot": his.bot_id, **given})
        assert answer == error(code) if code else answer["status"] == "ok", given
    assert await his.post("add", bot=his.bot_id, chat=his.chat.id) == error("exists")
    async with app.db.write() as tx:
        await tariffs.put(tx, his.owner.person.id, Tariff(campaigns=1))
    await his.owner.person.add(his.bot, free, rights=RIGHTS)
    assert await his.post("add", bot=his.bot_id, chat=free.id) == error("state")


async def test_a_bot_that_may_not_invite_makes_no_campaign(tg: Sandbox, his: Ground) -> None:
    free, town = tg.channel("Free", his.owner.person), tg.channel("Town", his.owner.person, username="town")
    for chat in (free, town):
        await his.owner.person.add(his.bot, chat, rights=["restrict_members"])
    assert await his.post("add", bot=his.bot_id, chat=free.id) == error("state")
    made = await his.post("add", bot=his.bot_id, chat=town.id)
    full = await his.get("get", id=made["data"]["id"])
    assert full["data"]["invite_link"] == "https://t.me/town", "a public chat has an address of its own"


async def test_links_by_source(tg: Sandbox, his: Ground) -> None:
    number = await his.add()
    made = (await his.post("link", id=number, source="blog", request=1))["data"]
    assert (made["source"], made["request"]) == ("blog", 1)
    own, blog = (await his.get("links", id=number))["data"]
    assert (own["source"], blog) == ("", made)
    assert await his.post("link", id=number, source="blog") == error("state")
    assert await his.post("link", id=number, source=" ") == error("func")
    assert await his.post("unlink", id=number, link=own["id"]) == error("state")
    assert await his.post("unlink", id=number, link=made["id"]) == {"status": "ok"}
    assert await his.post("unlink", id=number, link=made["id"]) == error("access")
    await tg.settle()
    assert tg.calls_of("revokeChatInviteLink")[-1].params["invite_link"] == made["url"]
    assert len((await his.get("links", id=number))["data"]) == 1


async def test_leads_are_listed_and_shown(tg: Sandbox, his: Ground, clock: TestClock) -> None:
    number = await his.add()
    blog = (await his.post("link", id=number, source="blog"))["data"]
    code = (await his.get("get", id=number))["data"]["code"]
    ann, ben, eve = tg.user("Ann", username="ann"), tg.user("Ben"), tg.user("Eve")
    await ann.follow(his.bot.link(f"{code}-c1"))
    tg.clock.advance(seconds=5)
    await ann.join(via=tg.last(ann, bot=his.bot).url("➡️ Join"))
    await ben.join(via=blog["url"])
    await eve.join(via=await his.owner.person.create_link(his.chat, name="posters"))
    found = (await his.get(LEADS))["data"]
    assert [(row["name"], row["status"], row["click"], row["source"]) for row in found] == [
        ("Ben", 2, "", "blog"), ("Ann", 2, "c1", ""),
    ]  # fmt: skip
    assert (await his.get("list"))["data"][0]["leads"] == [0, 0, 2, 0, 0]
    for query, names in (
        ({"statuses": "2"}, ["Ben", "Ann"]),
        ({"statuses": "0,1"}, []),
        ({"source": "blog"}, ["Ben"]),
        ({"user": ann.id}, ["Ann"]),
        ({"limit": 1}, ["Ben"]),
        ({"before": found[0]["id"]}, ["Ann"]),
        ({"campaign": number, "created_from": found[1]["created"]}, ["Ben", "Ann"]),
        ({"created_to": found[1]["created"]}, []),
    ):
        assert [row["name"] for row in (await his.get(LEADS, **query))["data"]] == names, query
    assert await his.get(LEADS, limit=201) == error("func")
    assert await his.get(LEADS, statuses="7") == error("func")
    full = (await his.get(LEAD, id=found[1]["id"]))["data"]
    assert [(one["number"], one["status"], one["click"], one["told"]) for one in full["history"]] == [
        (1, 0, "c1", 1), (2, 2, "c1", 1),
    ]  # fmt: skip
    assert (full["username"], full["user"]) == ("ann", ann.id)
    assert await his.get(LEAD, id=999) == error("access")


async def test_the_journal_has_everybody(tg: Sandbox, his: Ground) -> None:
    number = await his.add()
    blog = (await his.post("link", id=number, source="blog"))["data"]
    ben, eve = tg.user("Ben"), tg.user("Eve")
    await ben.join(via=blog["url"])
    await eve.join(via=await his.owner.person.create_link(his.chat, name="posters"))
    await his.owner.person.kick(ben, his.chat)
    rows = (await his.get(JOURNAL))["data"]
    assert [(row["user"], row["kind"], row["source"], row["organic"], row["actor"]) for row in rows] == [
        (ben.id, "kick", "", 0, his.owner.person.id),
        (eve.id, "join", "posters", 1, eve.id),
        (ben.id, "join", "blog", 0, ben.id),
    ]
    assert rows[2]["link"] == blog["url"]
    assert (rows[2]["campaign"], rows[1]["campaign"], rows[1]["lead"]) == (number, 0, 0)
    for query, users in (
        ({"organic": 1}, [eve.id]),
        ({"organic": 0, "kinds": "join"}, [ben.id]),
        ({"kinds": "kick,ban"}, [ben.id]),
        ({"user": eve.id}, [eve.id]),
        ({"source": "blog"}, [ben.id]),
        ({"campaign": number, "chat": his.chat.id, "limit": 2}, [ben.id, eve.id]),
        ({"before": rows[1]["id"]}, [ben.id]),
        ({"at_to": rows[2]["at"]}, []),
    ):
        assert [row["user"] for row in (await his.get(JOURNAL, **query))["data"]] == users, query
    assert await his.get(JOURNAL, kinds="dance") == error("func")
    assert await his.get(JOURNAL, campaign=999) == error("access")
