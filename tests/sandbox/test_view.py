"""What the page gets and does."""

import asyncio
import json
from typing import Any

import pytest
from yarl import URL

from sandbox import BotHandle, ChatHandle, Person, Sandbox
from sandbox.seed import SERVICE_BOT_TOKEN, seed_demo
from tests.sandbox.tools import Api, Listener, Page


async def test_state_of_the_demo(tg: Sandbox, page: Page) -> None:
    world = await seed_demo(tg)
    state = await page.state()
    assert [person["first_name"] for person in state["people"]] == [
        "Olga",
        "Ann",
        "Bob",
        "Cem",
        "Dora",
        "Spike",
    ]
    assert {chat["title"] for chat in state["chats"]} == {"Chess Club", "Chess Masters", "Chess News"}
    club = next(chat for chat in state["chats"] if chat["title"] == "Chess Club")
    assert [link["name"] for link in club["links"] if not link["primary"]] == [
        "Poster",
        "Newsletter",
        "By request",
    ]
    assert [message["service"] or message["text"] for message in state["messages"][club["key"]]][-2:] == [
        "Good morning! Who plays on Friday?",
        "I do, and I bring the clock.",
    ]
    assert len(state["tries"]) >= 5
    assert world.service_bot.token == SERVICE_BOT_TOKEN


async def test_acting(
    tg: Sandbox,
    page: Page,
    api: Api,
    ann: Person,
    bob: Person,
    bot: BotHandle,
    group: ChatHandle,
    hook: Listener,
) -> None:
    key = f"p{bob.id}_{bot.id}"
    sent = await page.act(bob, "send", chat=key, text="/start")
    assert sent["message"]
    keyboard = {
        "inline_keyboard": [[{"text": "A", "callback_data": "a"}, {"text": "Link", "url": "https://x.org/"}]]
    }
    await api("sendMessage", chat_id=bob.id, text="<b>hi</b>", parse_mode="HTML", reply_markup=keyboard)
    shown = (await page.state())["messages"][key][-1]
    assert shown["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert [button["kind"] for button in shown["buttons"][0]] == ["callback", "url"]
    await page.act(bob, "click", message=shown["uid"], row=0, column=0)
    assert bot.updates[-1].kind == "callback_query"
    link = (await page.act(ann, "create_link", chat=group.chat.key, name="Ads"))["url"]
    asked = await page.act(bob, "open", url=link)
    assert (asked["kind"], asked["title"], asked["request"]) == ("join", "Chess", False)
    assert (await page.act(bob, "join", link=link))["status"] == "member"
    assert (await page.act(bob, "open", url=link))["kind"] == "chat"
    start = await page.act(bob, "open", url=bot.link("abc"))
    assert start == {"kind": "chat", "chat": key}
    assert tg.last(bob).text == "/start abc"
    pick = await page.act(bob, "open", url="https://t.me/gate_bot?startgroup=x")
    assert pick["kind"] == "pick_chat"
    assert (await page.act(bob, "open", url="https://example.org"))["kind"] == "external"
    await page.act(ann, "ban", chat=group.chat.key, user=bob.id, seconds=3600)
    assert "not in Chess" in await page.refused(bob, "send", chat=group.chat.key, text="x")
    assert await page.refused(bob, "dance") == "There is no action 'dance'."
    await page.act(bob, "block", bot=bot.id)
    made = await page.act(bob, "create_chat", title="Mine", type="channel")
    await page.act(bob, "add", chat=made["chat"], user=bot.id, rights="all")
    file = {"name": "p.png", "mime": "image/png", "data": "iVBORw0KGgo="}
    photo = await page.act(ann, "send", chat=group.chat.key, text="look", file=file)
    message = tg.world.message(photo["message"])
    assert message is not None
    assert message.content["caption"] == "look"


async def test_stream(tg: Sandbox, page: Page, api: Api, ann: Person, bot: BotHandle) -> None:
    async with page.session.get(f"{tg.url}/sandbox/api/events") as stream:
        await stream.content.readuntil(b"\n\n")
        await ann.start(bot)
        await api("sendMessage", chat_id=ann.id, text="hello")
        seen: dict[str, Any] = {}
        async with asyncio.timeout(60):
            while "call" not in seen:
                lines = (await stream.content.readuntil(b"\n\n")).decode().strip().split("\n")
                seen[lines[0].removeprefix("event: ")] = json.loads(lines[1].removeprefix("data: "))
        assert seen["message"]["text"] == "hello"
        assert seen["chat"]["started"] is True
        assert seen["call"]["method"] == "sendMessage"


async def test_switches(tg: Sandbox, page: Page) -> None:
    status, answer = await page.post("faults", add={"kind": "flood", "retry_after": 3, "count": None})
    assert status == 200
    assert answer["result"]["active"][0]["kind"] == "flood"
    await page.post("faults", duplicates=True, flood=True)
    assert tg.redeliver_everything
    assert tg.limits.flood
    await page.post("faults", clear=True)
    assert not tg.faults.active
    assert not tg.limits.flood
    before = tg.clock.time()
    await page.post("clock", advance=86_400)
    assert tg.clock.time() - before >= 86_400
    await page.post("clock", reset=True)
    status, answer = await page.post("people", name="Eve Adams", language="es")
    assert tg.world.users[answer["result"]["id"]].full_name == "Eve Adams"
    assert (await page.post("people", name=" "))[0] == 400


async def test_commands_of_a_chat(
    tg: Sandbox, page: Page, api: Api, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle
) -> None:
    await bob.join(group)

    async def offered(person: Person) -> list[str]:
        query = {"as": str(person.id), "chat": group.chat.key}
        async with page.session.get(f"{tg.url}/sandbox/api/commands", params=query) as got:
            return [command["description"] for command in await got.json()]

    commands = [{"command": "x", "description": "for all"}]
    await api("setMyCommands", commands=commands)
    await api("setMyCommands", commands=[{"command": "x", "description": "für alle"}], language_code="de")
    await api(
        "setMyCommands",
        commands=[{"command": "x", "description": "for admins"}],
        scope={"type": "all_chat_administrators"},
    )
    assert await offered(ann) == ["for admins"]
    assert await offered(bob) == ["für alle"]


async def test_service_messages_are_facts_for_the_page_to_word(
    page: Page, api: Api, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle
) -> None:
    await bob.join(group)
    photo = await bob.send(group, photo=True)
    await api("pinChatMessage", chat_id=group.id, message_id=photo.message.id)
    await ann.kick(bob, group)
    await ann.rename(group, "Go")
    shown = [message["service"] for message in (await page.state())["messages"][group.chat.key]]
    assert [service for service in shown if service] == [
        {"kind": "added", "who": "Ann Reed", "names": ["Gate"]},
        {"kind": "joined", "who": "Bob", "names": ["Bob"]},
        {"kind": "pinned_message", "who": "Gate", "text": "", "content": "photo"},
        {"kind": "removed", "who": "Ann Reed", "names": ["Bob"]},
        {"kind": "new_chat_title", "who": "Ann Reed", "text": "Go"},
    ]


async def test_an_answer_names_what_it_answers(
    page: Page, ann: Person, bob: Person, group: ChatHandle
) -> None:
    await bob.join(group)
    photo = await bob.send(group, photo=True)
    await ann.send(group, "Nice", reply_to=photo)
    answer = (await page.state())["messages"][group.chat.key][-1]
    assert answer["reply_to"] == {"uid": photo.message.uid, "name": "Bob", "text": "", "content": "photo"}


async def test_a_refusal_comes_as_sentence_and_facts(page: Page, bob: Person, group: ChatHandle) -> None:
    body = {"as": bob.id, "do": "send", "chat": group.chat.key, "text": "x"}
    assert await page.post("act", **body) == (
        400,
        {
            "ok": False,
            "error": "Bob is not in Chess.",
            "sentence": "{name} is not in {chat}.",
            "facts": {"name": "Bob", "chat": "Chess"},
        },
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "text/html"),
        ("app.js", "text/javascript"),
        ("en.js", "text/javascript"),
        ("style.css", "text/css"),
    ],
)
async def test_the_page_is_served(tg: Sandbox, page: Page, name: str, kind: str) -> None:
    async with page.session.get(f"{tg.url}/sandbox/{name}") as got:
        assert (got.status, got.content_type, got.charset) == (200, kind, "utf-8")
        assert got.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["view.py", "..%2fview.py", "..%2fstatic%2fapp.js", "nobody.js"])
async def test_nothing_but_the_page_is_served(tg: Sandbox, page: Page, name: str) -> None:
    async with page.session.get(URL(f"{tg.url}/sandbox/{name}", encoded=True)) as got:
        assert got.status == 404


async def test_the_root_leads_to_the_page(tg: Sandbox, page: Page) -> None:
    async with page.session.get(f"{tg.url}/", allow_redirects=False) as got:
        assert got.headers["Location"] == "/sandbox/"
