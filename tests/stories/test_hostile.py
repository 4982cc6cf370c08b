"""Bad input and bad luck: a clear answer to it, nothing lost, and nobody else notices."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from bot.app import App
from domain.cleaning import is_visible, plain
from sandbox import Sandbox
from storage import dialogs, events
from storage.dialogs import Dialog
from tests.conftest import Start
from tests.stories import attempts, moderated
from tests.stories import estate as estates
from tests.stories.estate import Estate, hurry
from tests.stories.membership import RIGHTS, Club
from tests.stories.moderated import person, said

boris, estate, group = estates.boris, estates.estate, moderated.group

NAMES = {
    "html": '<b>Max</b> & "co" </a><script>',
    "turned around": "\u202egnp.exe\u2066 \u200fx",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈😀",
    "invisible": "\u200b\u2060\u3164",
    "placeholders": "{{name}} {chat} %s {0}",
    "long": "😀" * 32,
}
LONG = {
    "letters": "x" * 4096,
    "html": "<" * 4096,
    "emoji": "😀" * 2048,
    "lines": "x\n" * 2047,
    "digits": "9" * 4096,
    "invisible": "\u200b" * 4096,
    "tags": "<b>" * 1365,
    "placeholders": "{{name}}" * 512,
    "numbers": "١٢٣ ²",
}


def refused_by_telegram(tg: Sandbox) -> list[Any]:
    """Calls Telegram took for nonsense: a mistake of ours, whatever people write."""
    harmless = ("query is too old", "not modified", "message to", "not found", "member")
    return [
        (call.method, call.params, call.error.description)
        for call in tg.calls
        if call.error is not None
        and call.error.code == 400
        and not any(words in call.error.description for words in harmless)
    ]


def check_shown(tg: Sandbox, *places: Any) -> None:
    """What bots said turns no line around, and every button can be read."""
    for place in places:
        for message in tg.messages(place):
            if message.message.sender is not None and not hasattr(message.message.sender, "token"):
                continue
            assert message.text.replace("\n", "") == plain(message.text).replace("\n", "")
            for label in (label for row in message.buttons for label in row):
                assert label == plain(label)
                assert is_visible(label)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_names_are_shown_as_they_are_and_do_nothing(
    tg: Sandbox, start_app: Start, service: Any, name: str
) -> None:
    """Everybody and everything has the name: owner, member, bot, chat, project."""
    olga, ann = tg.user(name, id=4_200_001), tg.user(name)
    async with start_app(paces=hurry, bot_token=service.token, owner_ids=(olga.id,)) as app:
        bot = tg.bot("club_bot", name=name)
        chat = tg.group(name, olga)
        await olga.start(service)
        await olga.send(service, f"/connect {bot.token}")
        await olga.start(bot)
        await olga.add(bot, chat, rights=RIGHTS)
        await _sell(tg, olga, bot, name)
        await _join(tg, olga, ann, bot, chat)
        await _moderate(tg, app, olga, ann, bot, chat)
        await _look_around(tg, olga, bot, service, chat)
        assert app.intake.metrics.outcomes["failed"] == 0
        assert refused_by_telegram(tg) == []
        check_shown(tg, olga, ann, chat)


async def _sell(tg: Sandbox, olga: Any, bot: Any, name: str) -> None:
    await olga.send(bot, "/projects")
    await olga.click("New")
    await olga.send(bot, name[:24])
    if not is_visible(name):
        assert "1 to 24" in tg.last(olga, bot=bot).text
        await olga.send(bot, "Chess")
    row = next(row for row in tg.last(olga, bot=bot).inline_keyboard if "projects:chat" in str(row))
    await olga.press_callback(tg.last(olga, bot=bot), row[0])
    await olga.send(bot, "/newplan")
    await olga.send(bot, "Gold")
    for step in ("1 month", "5 USD"):
        await olga.send(bot, step)
    shown = tg.last(olga, bot=bot)
    await olga.press_callback(shown, shown.inline_keyboard[0][0])
    await olga.click("Create")


async def _join(tg: Sandbox, olga: Any, ann: Any, bot: Any, chat: Any) -> None:
    """A token, the way in, an affiliate's link, a welcome with every value."""
    await ann.start(bot)
    await olga.start(bot, f"welcome_{chat.id}")
    await olga.click("Text")
    await olga.send(bot, "Hi {{name}} {{first}} {{mention}} {{chat}} {{username}}")
    await olga.click("▫️ On")
    await olga.send(bot, f"/token Gold {ann.id}")
    link = next(line for line in tg.last(olga, bot=bot).text.splitlines() if line.startswith("https://t.me/"))
    await ann.follow(link)
    await ann.click(tg.last(ann, bot=bot), "Join")
    assert chat.has(ann)
    assert any("Hi " in text for text in said(tg, chat))
    await ann.send(bot, "/memberships")
    await ann.send(bot, "/affiliate")
    await ann.send(bot, "/plans")


async def _moderate(tg: Sandbox, app: App, olga: Any, ann: Any, bot: Any, chat: Any) -> None:
    ours = next(one.id for one in await app.house.directory.all() if one.username == bot.username)
    await app.house.antispam.set(person(app, olga), ours, chat.id, {"mode": "on"})
    spam = await ann.send(chat, "Look: https://t.me/+AbCdEf123456")
    assert spam.deleted
    entry = next(m for m in reversed(tg.messages(olga)) if "antispam:why" in str(m.inline_keyboard))
    await olga.click(entry, "Why")
    await olga.click(entry, "Not spam")
    late = await olga.press_callback(entry, {"callback_data": f"antispam:ham:{ours}:{chat.id}:m{spam.id}"})
    assert "restored this already" in (late.text or "")
    assert plain(late.text) == late.text
    for command in ("warn", "warns", "unwarn", "mute", "unmute", "ham", "report"):
        post = await ann.send(chat, "Hello") if chat.member(ann).status == "member" else None
        await olga.send(chat, f"/{command}", reply_to=post or tg.last(chat))


async def _look_around(tg: Sandbox, olga: Any, bot: Any, service: Any, chat: Any) -> None:
    """Every page with names on it."""
    await olga.send(chat, "/joins")
    await olga.send(chat, "/settings")
    for command in ("joins", "settings", "members", "tokens", "affiliates", "projects", "plans", "members"):
        await olga.send(bot, f"/{command}")
        page = tg.last(olga, bot=bot)
        for button in [one for row in page.inline_keyboard for one in row if "callback_data" in one][:3]:
            await olga.press_callback(page, button)
    await olga.send(service, "/bots")
    page = tg.last(olga, bot=service)
    await olga.press_callback(page, page.inline_keyboard[0][0])


def heard(tg: Sandbox, bot: Any) -> int:
    """How much a bot has said so far."""
    return sum(1 for call in tg.calls if call.bot is bot.bot and call.method.startswith(("send", "edit")))


async def answers_at_every_step(estate: Estate, send: Callable[[Any], Awaitable[Any]]) -> None:
    """Send something unheard-of at every step of every conversation: each answers, none breaks."""
    tg, olga, ids = estate.tg, estate.olga, estate.ids
    for step in estate.app.dispatch.routes.steps.keys() - {"start:anything"}:
        name, door = ("service", estate.service) if step == "bots:token" else ("bot", estate.bot)
        data = estate.left_at(attempts.STEPS[step].data)
        async with estate.app.db.write() as tx:
            now = estate.app.clock.now()
            await dialogs.put(tx, ids[name], olga.id, olga.id, Dialog(step, data), now)
        before = heard(tg, door)
        await send(door)
        assert heard(tg, door) > before, f"{step} does not answer"
    assert refused_by_telegram(tg) == []


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
async def test_the_longest_messages_at_every_step(estate: Estate, text: str) -> None:
    await answers_at_every_step(estate, lambda door: estate.olga.send(door, text))


@pytest.mark.parametrize("kind", ["sticker", "voice", "photo", "document"])
async def test_what_is_no_text_at_every_step(estate: Estate, kind: str) -> None:
    given: dict[str, Any] = {kind: True}
    await answers_at_every_step(estate, lambda door: estate.olga.send(door, **given))


async def test_a_caption_of_the_greatest_length_is_greeted_with(
    tg: Sandbox, app: App, olga: Any, service: Any, group: Any
) -> None:
    await olga.start(service, f"welcome_{group.id}")
    await olga.click("Text")
    await olga.send(service, "x" * 1024 + "y", photo=True)
    assert "1024" in tg.last(olga, bot=service).text, "too long by one, and told so"
    await olga.send(service, "x" * 1024, photo=True)
    await olga.click("▫️ On")
    await tg.user("Ann").join(group)
    assert tg.last(group).text == "x" * 1024
    assert refused_by_telegram(tg) == []


BOMBS = ("(a+)+$", "(a|aa)+$", "(.*a){25}", "((a{1,100}){1,100}){1,100}", "(?:a?){500}a{500}")


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_regex_bomb_harms_nobody(
    tg: Sandbox, app: App, olga: Any, service: Any, group: Any, bomb: str
) -> None:
    await olga.start(service, f"autoreply_{group.id}")
    await olga.click("Add")
    await olga.send(service, bomb)
    await olga.click("regular expression")
    await olga.send(service, "Boom")
    if "Save" in str(tg.last(olga, bot=service).buttons):
        await olga.click("Save")
    ann = tg.user("Ann")
    await ann.join(group)
    began = time.process_time()
    await ann.send(group, "a" * 4000 + "b")
    await ann.start(service)
    assert time.process_time() - began < 10, "of computing; a matcher that goes back takes years"
    assert "Hello Ann" in tg.last(ann, bot=service).text


async def test_the_bot_is_kicked_amid_the_settings(
    tg: Sandbox, app: App, olga: Any, service: Any, group: Any
) -> None:
    """What was begun ends in words, and goes on when the bot is back."""
    await olga.start(service, f"autoreply_{group.id}")
    await olga.click("Add")
    await olga.send(service, "price")
    await olga.click("as a whole word")
    await olga.kick(service, group)
    before = heard(tg, service)
    await olga.send(service, "It is free.")
    assert heard(tg, service) > before
    await olga.click("Save")
    for link in ("settings", "welcome", "autoreply", "antispam"):
        await olga.start(service, f"{link}_{group.id}")
        for button in tg.last(olga, bot=service).inline_keyboard[0][:1]:
            await olga.press_callback(tg.last(olga, bot=service), button)
    await olga.send(service, "/settings")
    assert ["Chess Club"] not in tg.last(olga, bot=service).buttons
    assert app.intake.metrics.outcomes["failed"] == 0
    await olga.add(service, group, rights="all")
    ann = tg.user("Ann")
    await ann.join(group)
    await ann.send(group, "What is the price?")
    assert tg.last(group).text == "It is free.", "nothing of the work is lost"


async def test_the_bot_is_kicked_before_a_token_is_used(tg: Sandbox, club: Club) -> None:
    link = await club.token(tg)
    ann = tg.user("Ann")
    await club.olga.kick(club.bot, club.chat)
    await ann.follow(link)
    assert "Welcome! You have Gold" in tg.last(ann, bot=club.bot).text, "what was paid for is given"
    await club.keep_time()
    await club.olga.add(club.bot, club.chat, rights=RIGHTS)
    await ann.send(club.bot, "/memberships")
    await ann.click("Chess")
    await ann.click(tg.last(ann, bot=club.bot), "Join")
    assert club.chat.has(ann)
    async with club.app.db.read() as tx:
        kinds = [kind for kind, _ in await events.of_owner(tx, club.olga.id)]
    assert kinds.count("membership.started") == 1


async def test_somebodys_nonsense_is_not_the_others_trouble(
    tg: Sandbox, app: App, olga: Any, service: Any, group: Any
) -> None:
    """Broken updates arrive at the webhook while Ann has an ordinary conversation."""
    ann = tg.user("Ann")
    await ann.start(service)
    hook = service.bot.feed.webhook
    headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret}
    strange = [
        b"{", b'{"update_id": 5, "message": 7}', b"\xff", b"[" * 100_000, b'{"update_id": 99, "message": {}}',
        json.dumps({"update_id": 10**9, "callback_query": {"id": "1", "data": "bots:drop:1"}}).encode(),
        b"x" * 300 * 1024,
    ]  # fmt: skip
    async with aiohttp.ClientSession() as session:

        async def post(body: bytes) -> int:
            try:
                async with session.post(hook.url, data=body, headers=headers) as answer:
                    return answer.status
            except aiohttp.ClientOSError:  # it hung up on a body that is too large
                return 413

        with tg.no_settle():
            *statuses, _ = await asyncio.gather(*map(post, strange * 3), ann.send(service, "/language"))
    await tg.settle()
    assert set(statuses) <= {200, 400, 413, 500}
    assert len([m for m in tg.messages(ann, bot=service) if "language" in m.text.lower()]) >= 1
    await ann.click("English")
    assert "English" in tg.last(ann, bot=service).text
