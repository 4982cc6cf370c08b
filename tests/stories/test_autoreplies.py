"""Questions that come again and again are answered by rules."""

from typing import Any

import pytest

from bot.app import App
from domain.errors import Invalid, NotAllowed, NotFound
from sandbox import Sandbox
from tests.clock import TestClock
from tests.stories import moderated
from tests.stories.moderated import bot_id, person, protect, said

ann, group = moderated.ann, moderated.group


async def add(app: App, who: Any, chat_id: int, private: bool = False, **fields: Any) -> int:
    """Save a rule as the API would."""
    fields = {"keyword": "price", "response": "It is free.", **fields}
    rule = await app.house.autoreplies.create(person(app, who), await bot_id(app), chat_id, fields, private)
    return rule.id


async def test_a_reply_is_made_in_chat(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    await olga.send(group, "/autoreply")
    await olga.click("Open the settings")
    await olga.click("Add")
    await olga.send(service, "price\nhow much")
    await olga.click("as a whole word")
    await olga.send(service, "Hello {{mention}}, it is <b>free</b> in {{chat}}!", html=True)
    preview = tg.messages(olga, bot=service)[-2]
    assert preview.text == "Hello Olga, it is free in Chess Club!"
    await olga.click("Save")
    assert "Saved" in tg.last(olga, bot=service).text
    question = await ann.send(group, "What's the PRICE?")
    answer = tg.last(group)
    assert answer.text == "Hello Ann, it is free in Chess Club!"
    assert "<b>free</b>" in answer.html
    assert answer.reply_to == question
    await ann.send(group, "priceless")
    assert tg.last(group).text == "priceless"
    assert len([text for text in said(tg, group) if text.startswith("Hello Ann")]) == 1


async def test_a_rule_is_looked_after(
    tg: Sandbox, app: App, olga, service, group, ann, clock: TestClock
) -> None:
    await add(app, olga, group.id)
    await olga.start(service, f"autoreply_{group.id}")
    await olga.click("price")
    await olga.click("Cooldown")
    await olga.send(service, "soon")
    assert "whole number of seconds" in tg.last(olga, bot=service).text
    await olga.send(service, "10m")
    assert "for 10 minutes" in tg.last(olga, bot=service).text
    for _ in range(2):
        await ann.send(group, "price?")
    bob = tg.user("Bob")
    await bob.join(group)
    await bob.send(group, "price?")
    assert said(tg, group).count("It is free.") == 2, "Ann has to wait, Bob has not"
    clock.advance(minutes=11)
    await ann.send(group, "price?")
    assert said(tg, group).count("It is free.") == 3
    await olga.click("✅ On")
    await ann.send(group, "price?")
    clock.advance(minutes=11)
    assert said(tg, group).count("It is free.") == 3
    await olga.click("⬜ On")
    await olga.click("⬜ Delete the question")
    asked = await bob.send(group, "price?")
    assert asked.deleted
    await olga.click("Buttons")
    await olga.send(service, "Shop - https://shop.example")
    await olga.click("Hours")
    await olga.send(service, "25:00-26:00")
    assert "Send the hours like" in tg.last(olga, bot=service).text
    await olga.send(service, "00:00-24:00 Europe/Berlin")
    clock.advance(minutes=11)
    await bob.send(group, "price?")
    assert tg.last(group).url("Shop") == "https://shop.example"
    await olga.click("🗑 Delete")
    await olga.click("Yes, delete")
    assert "There are none yet" in tg.last(olga, bot=service).text
    clock.advance(minutes=11)
    await bob.send(group, "price?")
    assert tg.last(group).text == "price?"


async def test_trying_a_text(tg: Sandbox, app: App, olga, service, group) -> None:
    await add(app, olga, group.id, keyword="prices", match_mode="word")
    await add(app, olga, group.id)
    await add(app, olga, 0, keyword="rice")
    await add(app, olga, group.id, keyword="pri", enabled=False)
    await olga.start(service, f"autoreply_{group.id}")
    await olga.click("Try a text")
    await olga.send(service, "The price, please")
    text = tg.last(olga, bot=service).text
    assert "Answered by: price" in text
    assert "rice — another one comes first" in text
    assert "pri — switched off" in text
    assert "prices — no keyword fits" in text


async def test_an_answer_with_a_picture(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    await olga.start(service, f"autoreply_{group.id}")
    await olga.click("Add")
    await olga.send(service, "menu")
    await olga.click("anywhere")
    await olga.send(service, sticker=True)
    assert "Please send me a text, or a photo" in tg.last(olga, bot=service).text
    await olga.send(service, "Bon appétit, {{name}}!", photo=True)
    preview = tg.messages(olga, bot=service)[-2]
    assert (bool(preview.photo), preview.text) == (True, "Bon appétit, Olga!")
    await olga.click("Save")
    asked = await ann.send(group, "The menu?")
    answer = tg.last(group)
    assert (bool(answer.photo), answer.text, answer.reply_to) == (True, "Bon appétit, Ann!", asked)
    await olga.click("More about it")
    assert "It comes with a picture or video." in tg.last(olga, bot=service).text
    await olga.click("✏️ Answer")
    await olga.send(service, "x" * 1025)
    assert "Below a picture Telegram takes 1024" in tg.last(olga, bot=service).text
    await olga.send(service, photo=True)
    await ann.send(group, "menu!")
    assert (bool(tg.last(group).photo), tg.last(group).text) == (True, "")
    answer = await olga.click("Remove the picture")
    assert "Something is missing" in (answer.text or ""), "nothing would be left of the answer"
    await olga.click("Another answer")
    await olga.send(service, "Soup.")
    await olga.click("Remove the picture")
    await ann.send(group, "menu?")
    assert (tg.last(group).photo, tg.last(group).text) == (None, "Soup.")


async def test_a_reply_for_some_groups(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    go, shogi = [tg.group(name, olga) for name in ("Go Club", "Shogi Club")]
    for club in (go, shogi):
        await olga.add(service, club, rights="all")
        await ann.join(club)
    rule = await add(app, olga, 0)
    await olga.send(service, "/autoreply")
    for caption in ("All chats", "Auto-replies", "price", "Where"):
        await olga.click(tg.last(olga, bot=service), caption)
    panel = tg.last(olga, bot=service)
    assert [row[0] for row in panel.buttons][:4] == [
        "✅ In all groups", "⬜ Chess Club", "⬜ Go Club", "⬜ Shogi Club",
    ]  # fmt: skip
    await olga.click(panel, "Go Club")
    await olga.click(panel, "Chess Club")
    for club, answered in ((group, True), (go, True), (shogi, False)):
        await ann.send(club, "price?")
        assert (tg.last(club).text == "It is free.") is answered, club
    await olga.click(panel, "Back")
    assert "Where: in 2 groups" in panel.text
    await olga.start(service, f"autoreply_{shogi.id}")
    await olga.click("Try a text")
    await olga.send(service, "price?")
    assert "price — it answers in other groups only" in tg.last(olga, bot=service).text
    dora = tg.user("Dora")
    await olga.add(dora, shogi, rights="all")
    await dora.start(service, f"autoreply_{shogi.id}")
    for data in (f"places:{rule}:0", f"place:{rule}:{shogi.id}:0", f"place:{rule}:0:0"):
        answer = await dora.press_callback(
            tg.last(dora, bot=service), {"text": "?", "callback_data": f"autoreplies:{data}"}
        )
        assert "You may not do that here" in (answer.text or ""), data
    for data in (f"place:{rule}:-1:0", f"place:99:{shogi.id}:0", f"places:{rule}:-5"):
        answer = await olga.press_callback(panel, {"text": "?", "callback_data": f"autoreplies:{data}"})
        assert answer.text or "In all groups" in str(panel.buttons), data
    await olga.click(panel, "In all groups")
    await ann.send(shogi, "price?")
    assert tg.last(shogi).text == "It is free."


async def test_the_first_rule_wins_and_own_rules_go_first(tg: Sandbox, app: App, olga, group, ann) -> None:
    await add(app, olga, 0, response="general")
    await add(app, olga, group.id, response="own")
    await add(app, olga, group.id, response="second")
    await ann.send(group, "price")
    assert tg.last(group).text == "own"
    assert len(said(tg, group)) == 2


async def test_admins_are_answered_and_edits_and_bots_are_not(
    tg: Sandbox, app: App, olga, service, group, ann
) -> None:
    await add(app, olga, group.id)
    await olga.send(group, "price?")
    assert tg.last(group).text == "It is free."
    await olga.set_anonymous(group)
    await olga.send(group, "price again?")
    assert said(tg, group).count("It is free.") == 2
    message = await ann.send(group, "hello")
    await ann.edit(message, "price")
    assert said(tg, group).count("It is free.") == 2
    channel = tg.channel("News", ann, discussion=group)
    await ann.post(channel, "price list")
    assert said(tg, group).count("It is free.") == 2


async def test_private_answers(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    await add(app, olga, 0, private=True, response="In private: {{first}}")
    await ann.start(service)
    await ann.send(service, "the price?")
    assert tg.last(ann, bot=service).text == "In private: Ann"
    await ann.send(service, "something else")
    assert "I did not understand" in tg.last(ann, bot=service).text
    await ann.send(group, "price")
    assert tg.last(group).text == "price"


async def test_spam_is_not_answered(tg: Sandbox, app: App, olga, group, ann) -> None:
    await add(app, olga, group.id)
    await protect(app, olga, group, mode="on", notice_seconds=0)
    await ann.send(group, "price: https://t.me/+abcdefgh")
    assert said(tg, group) == []
    await ann.send(group, "price: https://example.com")
    assert tg.last(group).text == "It is free."


async def test_hostile_names_in_answers(tg: Sandbox, app: App, olga, group) -> None:
    await add(app, olga, group.id, response="Hi {{name}} {{username}} {{mention}}")
    eve = tg.user("<b>{{chat}}</b>\u202e")
    await eve.join(group)
    await eve.send(group, "price")
    assert tg.last(group).text.startswith("Hi <b>{{chat}}</b> ")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"match_mode": "regex", "keyword": "(a"}, "regex"),
        ({"match_mode": "regex", "keyword": "(?=a)b"}, "regex"),
        ({"match_mode": "regex", "keyword": "(a{500}){500}"}, "regex"),
        ({"match_mode": "regex", "keyword": "x*"}, "regex_empty"),
        ({"match_mode": "sometimes"}, "match_mode"),
        ({"keyword": ""}, "reply_count"),
        ({"keyword": 5}, "malformed"),
        ({"response": "<b>open"}, "html_unclosed"),
        ({"response": "{{nobody}}"}, "placeholder"),
        ({"cooldown_seconds": -1}, "reply_number"),
        ({"cooldown_seconds": True}, "reply_number"),
        ({"hours": "9-18 Mars/Base"}, "time_zone"),
        ({"buttons": "Bad - javascript:alert(1)"}, "button_url"),
        ({"colour": "red"}, "unknown_field"),
    ],
)
async def test_bad_rules_are_refused_when_saved(app: App, olga, group, fields: Any, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        await add(app, olga, group.id, **fields)
    assert refused.value.reason == reason
    assert await app.house.autoreplies.list(person(app, olga), await bot_id(app), group.id) == []


async def test_rules_of_others_look_like_nothing(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    rule = await add(app, olga, group.id)
    eve = tg.user("Eve")
    own = tg.group("Eve's", eve)
    await eve.add(service, own, rights="all")
    actor, bot = person(app, eve), await bot_id(app)
    service_ = app.house.autoreplies
    for call in (
        lambda: service_.update(actor, bot, group.id, rule, {"response": "mine"}),
        lambda: service_.delete(actor, bot, group.id, rule),
        lambda: service_.list(actor, bot, group.id),
        lambda: service_.create(actor, bot, 0, {"keyword": "a", "response": "b"}),
        lambda: service_.create(actor, bot, own.id, {"keyword": "a", "response": "b"}, True),
        lambda: service_.all(actor, bot),
    ):
        with pytest.raises(NotAllowed):
            await call()
    for call in (
        lambda: service_.update(actor, bot, own.id, rule, {"response": "mine"}),
        lambda: service_.delete(actor, bot, own.id, rule),
        lambda: service_.get(actor, bot, own.id, rule),
    ):
        with pytest.raises(NotFound):
            await call()
    await eve.start(service, f"autoreply_{own.id}")
    panel = tg.last(eve, bot=service)
    for data in (
        f"autoreplies:drop:{group.id}:{rule}", f"autoreplies:drop:{own.id}:{rule}", "autoreplies:panel:p",
        "autoreplies:save", "autoreplies:mode:word", "autoreplies:open:x:y", "autoreplies:set:0",
        f"autoreplies:ask:{own.id}:{rule}:hours", f"autoreplies:set:{own.id}:{rule}:chat_id:5",
    ):  # fmt: skip
        answer = await eve.press_callback(panel, {"text": "?", "callback_data": data})
        assert answer.text, data
    await ann.send(group, "price")
    assert tg.last(group).text == "It is free."
