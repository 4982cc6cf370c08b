"""Administrators find the settings, and change the welcome on their phone."""

import pytest

from bot.app import App
from sandbox import Sandbox


@pytest.fixture
async def group(tg: Sandbox, app: App, olga, service):
    """Olga's chess club, with the bot as administrator."""
    club = tg.group("Chess Club", olga)
    await olga.add(service, club, rights="all")
    return club


@pytest.fixture
async def dan(tg: Sandbox, olga, service, group):
    """An administrator of the club, who does not own the bot."""
    dan = tg.user("Dan")
    await olga.add(dan, group, rights=["can_change_info", "can_restrict_members"])
    await dan.start(service)
    return dan


async def open_welcome(dan, group, entry: str = "Welcome") -> None:
    await dan.send(group, "/settings")
    await dan.click("Open the settings")
    await dan.click(entry)


async def test_the_way_from_the_group_to_the_panel(tg: Sandbox, app, clock, service, group, dan) -> None:
    asked = await dan.send(group, "/settings")
    assert tg.last(group).buttons == [["⚙️ Open the settings"]]
    await dan.click("Open the settings")
    panel = tg.last(dan, bot=service)
    assert "Settings of Chess Club" in panel.text
    assert ["👋 Welcome", "🚪 Goodbye"] in panel.buttons
    clock.advance(seconds=61)
    for _ in range(3):
        with tg.no_settle():
            await tg.wait_for_change(2)
        await tg.settle()
    assert asked.deleted, "the group stays clean"
    assert not [m for m in tg.messages(group) if "stays clean" in m.text]


async def test_people_without_rights_are_refused_kindly(tg: Sandbox, service, group) -> None:
    ann = tg.user("Ann")
    await ann.join(group)
    await ann.send(group, "/settings")
    assert "Only administrators" in tg.last(group).text
    await ann.start(service, f"settings_{group.id}")
    assert "You may not do that" in tg.last(ann, bot=service).text
    await ann.start(service, f"welcome_{group.id}")
    assert "You may not do that" in tg.last(ann, bot=service).text
    await ann.start(service, "settings_garbage")
    assert "older version" in tg.last(ann, bot=service).text
    await ann.send(service, "/settings")
    assert "I know of no group" in tg.last(ann, bot=service).text


async def test_the_list_holds_ones_own_chats_and_all_chats_for_the_owner(
    tg: Sandbox, olga, service, group, dan
) -> None:
    other = tg.group("Other", olga)
    await olga.add(service, other, rights="all")
    await dan.send(group, "/settings")
    await dan.send(service, "/settings")
    assert tg.last(dan, bot=service).buttons == [["Chess Club"]]
    await olga.start(service)
    await olga.send(service, "/settings")
    assert tg.last(olga, bot=service).buttons == [["⭐ All chats"], ["Chess Club"], ["Other"]]
    await olga.click("All chats")
    assert "nothing of its own" in tg.last(olga, bot=service).text


async def test_writing_a_welcome_with_the_phones_own_formatting(tg: Sandbox, service, group, dan) -> None:
    await open_welcome(dan, group)
    await dan.click("▫️ On")
    await dan.click("Text")
    assert "{{mention}}" in tg.last(dan, bot=service).text
    await dan.send(service, "Hi <b>{{name}}</b>, read &lt;this&gt;!", html=True)
    preview, panel = tg.messages(dan, bot=service)[-2:]
    assert preview.html == "Hi <b>Dan</b>, read &lt;this&gt;!"
    assert "Saved" in panel.text
    await tg.user("Ann").join(group)
    assert tg.last(group).html == "Hi <b>Ann</b>, read &lt;this&gt;!"


async def test_typed_tags_are_html_too(tg: Sandbox, service, group, dan) -> None:
    await open_welcome(dan, group)
    await dan.click("Text")
    await dan.send(service, "<b>Hi</b>\n<center>{{name}}</center>")
    words = tg.last(dan, bot=service).text
    assert "Line 2, place 1: Telegram does not know the tag <center>" in words
    await dan.send(service, "<b>Hi</b> {{nmae}}")
    assert "I do not know {{nmae}}. You can use {{name}}" in tg.last(dan, bot=service).text
    await dan.send(service, "<b>Hi</b> {{name}}")
    assert tg.messages(dan, bot=service)[-2].html == "<b>Hi</b> Dan"


async def test_a_photo_with_a_caption(tg: Sandbox, service, group, dan) -> None:
    await open_welcome(dan, group)
    await dan.click("▫️ On")
    await dan.click("Text")
    await dan.send(service, "Look, {{name}}", photo=True)
    assert tg.messages(dan, bot=service)[-2].photo
    await tg.user("Ann").join(group)
    assert tg.last(group).photo
    assert tg.last(group).text == "Look, Ann"
    await dan.click("✏️ Text")
    await dan.send(service, "a" * 1025)
    assert "Below a picture Telegram takes 1024" in tg.last(dan, bot=service).text
    await dan.send(service, "/cancel")
    await open_welcome(dan, group)
    await dan.click("Remove the picture")
    await tg.user("Bob").join(group)
    assert not tg.last(group).photo


async def test_a_sticker_is_no_text(tg: Sandbox, service, group, dan) -> None:
    await open_welcome(dan, group)
    await dan.click("Text")
    await dan.send(service, sticker=True)
    assert "Please send me a text" in tg.last(dan, bot=service).text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "tg://user?id=1",
        "http://example.com",
        "https://a@b.com",
        "https://localhost",
        "x",
    ],
)
async def test_buttons_open_only_safe_addresses(tg: Sandbox, service, group, dan, url) -> None:
    await open_welcome(dan, group)
    await dan.click("🔗 Buttons")
    await dan.send(service, f"Press me - {url}")
    assert "begins with https://" in tg.last(dan, bot=service).text
    await tg.user("Ann").join(group)


async def test_buttons_in_rows(tg: Sandbox, service, group, dan) -> None:
    await open_welcome(dan, group)
    await dan.click("▫️ On")
    await dan.click("🔗 Buttons")
    await dan.send(service, "no button at all")
    assert "cannot read this button: no button at all" in tg.last(dan, bot=service).text
    await dan.send(
        service, "Site - https://example.com | Chat - t.me/chess\nMy-Shop - https://shop.example/a-b"
    )
    await tg.user("Ann").join(group)
    assert tg.last(group).buttons == [["Site", "Chat"], ["My-Shop"]]
    assert tg.last(group).url("My-Shop") == "https://shop.example/a-b"
    assert tg.last(group).url("Chat") == "https://t.me/chess"


async def test_variants_are_added_and_removed(tg: Sandbox, service, group, dan) -> None:
    await open_welcome(dan, group)
    await dan.click("Variants")
    await dan.click("Add a variant")
    await dan.send(service, "First")
    await dan.click("Variants")
    old = tg.last(dan, bot=service)
    await dan.click("Add a variant")
    await dan.send(service, "Second")
    await dan.click("Variants")
    await dan.click("🗑 1")
    assert "1. Second" in tg.last(dan, bot=service).text
    drop = "welcome:drop:welcome:" + f"{group.id}:00000000"
    answer = await dan.press_callback(old, {"text": "🗑 1", "callback_data": drop})
    assert "gone already" in (answer.text or "")


async def test_timer_preview_and_reset(tg: Sandbox, service, group, dan) -> None:
    await open_welcome(dan, group, "Goodbye")
    await dan.click("Delete: never")
    await dan.click("5 minutes")
    assert any("Delete: 5 minutes" in b for row in tg.last(dan, bot=service).buttons for b in row)
    await dan.click("Preview")
    assert tg.messages(dan, bot=service)[-2].text == "Dan has left. Farewell!"
    await dan.click("Like all chats")
    await dan.click("Yes, forget it")
    assert "follows “All chats”" in tg.last(dan, bot=service).text


async def test_a_conversation_survives_a_demotion_but_the_text_does_not(
    tg: Sandbox, olga, service, group, dan
) -> None:
    await open_welcome(dan, group)
    await dan.click("Text")
    await olga.demote(dan, group)
    await dan.send(service, "I am still here")
    assert "You may not do that" in tg.last(dan, bot=service).text


CALLBACKS = [
    "settings:open:{chat}",
    "welcome:panel:welcome:{chat}",
    "welcome:panel:goodbye:{chat}",
    "welcome:set:welcome:{chat}:enabled:1",
    "welcome:set:welcome:{chat}:delete_after:60",
    "welcome:variants:welcome:{chat}",
    "welcome:drop:welcome:{chat}:00000000",
    "welcome:timer:welcome:{chat}",
    "welcome:preview:welcome:{chat}",
    "welcome:ask_reset:welcome:{chat}",
    "welcome:reset:welcome:{chat}",
    "welcome:write:welcome:{chat}:text",
    "welcome:clear:welcome:{chat}:buttons",
]


async def press(tg: Sandbox, who, service, action: str):
    message = tg.last(who, bot=service)
    return await who.press_callback(message, {"text": "x", "callback_data": action})


@pytest.mark.parametrize("action", CALLBACKS)
async def test_every_button_asks_again_who_presses(tg: Sandbox, olga, service, group, dan, action) -> None:
    """Strangers, administrators of other chats, demoted ones, and those without this very right."""
    other = tg.group("Other", olga)
    await olga.add(service, other, rights="all")
    stranger, neighbour, mover = tg.user("Stranger"), tg.user("Neighbour"), tg.user("Mover")
    await olga.add(neighbour, other, rights="all")
    await olga.add(mover, group, rights=["can_pin_messages"])
    await olga.demote(dan, group)
    for who in (stranger, neighbour, mover, dan):
        await who.start(service)
        for chat_id in (group.id, 0):
            answer = await press(tg, who, service, action.format(chat=chat_id))
            assert answer.alert
            assert "You may not do that" in (answer.text or ""), (who, chat_id)


@pytest.mark.parametrize(
    "action",
    [
        "settings:open", "settings:open:x", "settings:list:²", "settings:open:99999999999999999999",
        "welcome:panel", "welcome:panel:nobody:1", "welcome:panel:welcome:", "welcome:set:welcome:0",
        "welcome:set:welcome:0:enabled", "welcome:set:welcome:0:nonsense:1", "welcome:write:welcome:0:media",
        "welcome:write:welcome:0:x", "welcome:set:welcome:0:delete_after:-5", "welcome:panel:welcome:-1",
        "welcome:set:welcome:0:delete_after:99999999", "welcome:set:welcome:0:texts:1",
    ],
)  # fmt: skip
async def test_garbage_in_buttons_is_refused_in_words(tg: Sandbox, app: App, olga, service, action) -> None:
    await olga.start(service)
    answer = await press(tg, olga, service, action)
    assert answer.alert
    assert answer.text
    assert "our side" not in answer.text


async def test_an_anonymous_administrator_gets_the_way(tg: Sandbox, olga, group, dan) -> None:
    await olga.set_anonymous(group)
    await olga.send(group, "/settings")
    assert tg.last(group).buttons == [["⚙️ Open the settings"]]


async def test_two_press_the_same_switch_at_once(tg: Sandbox, olga, service, group, dan) -> None:
    await olga.start(service)
    await open_welcome(dan, group)
    await open_welcome(olga, group)
    with tg.no_settle():
        await dan.click("▫️ On")
        await olga.click("▫️ On")
    await tg.settle()
    assert "It is on." in tg.last(dan, bot=service).text
    assert "It is on." in tg.last(olga, bot=service).text


async def test_rules_are_written_from_the_group(tg: Sandbox, service, group, dan) -> None:
    await dan.send(group, "/rules")
    assert "no rules written down" in tg.last(group).text
    await dan.send(group, "/setrules")
    await dan.click("Open the settings")
    await dan.send(service, "Be kind, {{name}}")
    assert "I do not know {{name}}" in tg.last(dan, bot=service).text
    await dan.send(service, "Be kind in {{chat}}.")
    assert "Saved" in tg.last(dan, bot=service).text
    await dan.send(group, "/rules")
    assert "Be kind in Chess Club." in tg.last(group).text


async def test_shortcuts_in_the_group(tg: Sandbox, olga, service, group, dan) -> None:
    await dan.send(group, "/goodbye")
    await dan.click("Open the settings")
    assert "Goodbye" in tg.last(dan, bot=service).text
    ann = tg.user("Ann")
    await ann.join(group)
    await ann.send(group, "/welcome here")
    assert "You may not do that" in tg.last(group).text
    await ann.send(group, "/setrules")
    assert "Only administrators" in tg.last(group).text


async def test_the_owner_sets_all_chats(tg: Sandbox, olga, service, group) -> None:
    await olga.start(service)
    await olga.send(service, "/welcome")
    await olga.click("All chats")
    await olga.click("👋 Welcome")
    await olga.click("▫️ On")
    await olga.click("✏️ Text")
    await olga.send(service, "Hi {{name}}, this is {{chat}}!")
    preview, panel = tg.messages(olga, bot=service)[-2:]
    assert preview.text == "Hi Olga, this is your chat!"
    assert not any("Like all chats" in button for row in panel.buttons for button in row)
    await tg.user("Ann").join(group)
    assert tg.last(group).text == "Hi Ann, this is Chess Club!"


async def test_titles_with_html_do_no_harm(tg: Sandbox, app: App, olga, service) -> None:
    group = tg.group("<b>R&D</b> " + "x" * 200, olga)
    await olga.add(service, group, rights="all")
    await olga.start(service)
    await olga.send(group, "/settings")
    await olga.click("Open the settings")
    assert "<b>R&D</b>" in tg.last(olga, bot=service).text
    await olga.click("👋 Welcome")
    await olga.click("👁 Preview")
    assert "Welcome to <b>R&D</b>" in tg.messages(olga, bot=service)[-2].text


async def test_a_long_list_of_chats_is_turned_over(tg: Sandbox, olga, service, app: App) -> None:
    for n in range(10):
        await olga.add(service, tg.group(f"Group {n}", olga), rights="all")
    await olga.start(service)
    await olga.send(service, "/settings")
    assert tg.last(olga, bot=service).buttons[-1] == ["›"]
    await olga.click("›")
    assert tg.last(olga, bot=service).buttons == [["Group 8"], ["Group 9"], ["‹"]]
