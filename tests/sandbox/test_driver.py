"""Stories about people."""

from typing import Any

import pytest

from sandbox import BotHandle, ChatHandle, Person, Sandbox, SandboxError
from tests.sandbox.tools import Api


def keyboard(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


async def test_clicking_finds_the_newest_button(tg: Sandbox, api: Api, ann: Person, bot: BotHandle) -> None:
    await ann.start(bot)
    for data in ("old", "new"):
        button = {"text": "🛒 Buy", "callback_data": data}
        await api("sendMessage", chat_id=ann.id, text=data, reply_markup=keyboard([button]))
    await api.updates()
    answer = await ann.click("Buy")
    query = await api.update("callback_query")
    assert query["data"] == "new"
    assert not answer.answered
    await api("answerCallbackQuery", callback_query_id=query["id"], text="Done", show_alert=True)
    assert (answer.text, answer.alert) == ("Done", True)
    words = await api.error("answerCallbackQuery", callback_query_id=query["id"])
    assert words == ("Bad Request: query is too old and response timeout expired or query ID is invalid")
    with pytest.raises(SandboxError, match="no button 'Sell'; there are: 🛒 Buy"):
        await ann.click("Sell")


async def test_callback_answers_expire(tg: Sandbox, api: Api, ann: Person, bot: BotHandle) -> None:
    await ann.start(bot)
    button = {"text": "A", "callback_data": "a"}
    await api("sendMessage", chat_id=ann.id, text="x", reply_markup=keyboard([button]))
    await api.updates()
    await ann.click("A")
    query = await api.update("callback_query")
    tg.clock.advance(minutes=1)
    assert "query is too old" in await api.error("answerCallbackQuery", callback_query_id=query["id"])


async def test_deep_links_in_buttons(
    tg: Sandbox, api: Api, ann: Person, bot: BotHandle, group: ChatHandle
) -> None:
    await ann.start(bot)
    invite = await ann.create_link(group)
    rows = keyboard(
        [{"text": "More", "url": "https://t.me/gate_bot?start=r_abc"}],
        [{"text": "Add", "url": "https://t.me/gate_bot?startgroup=go&admin=delete_messages"}],
        [{"text": "Join", "url": invite}, {"text": "Site", "url": "https://example.org/"}],
        [{"text": "Code", "copy_text": {"text": "XYZ"}}],
    )
    await api("sendMessage", chat_id=ann.id, text="links", reply_markup=rows)
    await ann.click("More")
    assert tg.last(ann).text == "/start r_abc"
    club = tg.group("Club", owner=ann)
    with pytest.raises(SandboxError, match="asks for a chat"):
        await ann.click("Add")
    await ann.click("Add", chat=club)
    assert tg.last(club).text == "/start@gate_bot go"
    assert club.member(bot).rights["can_delete_messages"]
    assert not club.member(bot).rights["can_pin_messages"]
    assert (await ann.click("Site")).url == "https://example.org/"
    assert (await ann.click("Code")).copied == "XYZ"
    cem = tg.user("Cem")
    await cem.follow(invite)
    assert group.has(cem)


async def test_payload_alphabet(ann: Person, bot: BotHandle) -> None:
    with pytest.raises(SandboxError, match="no deep-link payload"):
        await ann.start(bot, "a b")


async def test_reply_keyboards(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle
) -> None:
    await ann.start(bot)
    rights = {"can_delete_messages": True, "can_invite_users": True}
    rows = [
        ["Plain"],
        [{"text": "My phone", "request_contact": True}],
        [
            {
                "text": "Share a group",
                "request_chat": {
                    "request_id": 5,
                    "chat_is_channel": False,
                    "request_title": True,
                    "bot_administrator_rights": rights,
                },
            }
        ],
        [{"text": "Share people", "request_users": {"request_id": 6, "request_name": True}}],
        [
            {
                "text": "Make a bot",
                "request_managed_bot": {"request_id": 7, "suggested_username": "made_bot"},
            }
        ],
    ]
    markup = {"keyboard": rows, "resize_keyboard": True}
    await api("sendMessage", chat_id=ann.id, text="menu", reply_markup=markup)
    await api.updates()
    await ann.press("Plain")
    assert (await api.update("message"))["text"] == "Plain"
    await ann.press("My phone")
    assert (await api.update("message"))["contact"]["user_id"] == ann.id
    club = tg.group("Club", owner=ann)
    await ann.press("Share a group", share=club)
    updates = await api.updates()
    shared = next(u["message"]["chat_shared"] for u in updates if "chat_shared" in u.get("message", {}))
    assert shared == {"request_id": 5, "chat_id": club.id, "title": "Club"}
    assert club.status(bot) == "administrator"
    await ann.press("Share people", share=bob)
    users = (await api.update("message"))["users_shared"]["users"]
    assert users == [{"user_id": bob.id, "first_name": "Bob"}]
    await ann.press("Make a bot", name="Made")
    updates = await api.updates()
    made = next(update["managed_bot"]["bot"] for update in updates if "managed_bot" in update)
    token = await api("getManagedBotToken", user_id=made["id"])
    assert token.startswith(f"{made['id']}:")
    assert await api("replaceManagedBotToken", user_id=made["id"]) != token


async def test_albums_forwards_and_handles(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle
) -> None:
    await bob.join(group)
    await api.updates()
    album = await bob.send_album(group, 3, "Holiday")
    updates = await api.updates()
    assert len({update["message"]["media_group_id"] for update in updates}) == 1
    forwarded = await ann.forward(album[0], bot)
    assert forwarded.text == "Holiday"
    assert forwarded.json["forward_origin"]["sender_user"]["first_name"] == "Bob"
    message = await bob.send(group, "<b>bold</b> & plain", html=True)
    assert (message.text, message.from_) == ("bold & plain", "Bob")
    assert message.html == "<b>bold</b> &amp; plain"
    await bob.delete(message)
    assert message.deleted
    assert tg.last(group, service=True) != message


async def test_several_private_chats(tg: Sandbox, ann: Person, bot: BotHandle) -> None:
    other = tg.bot("other_bot")
    await ann.start(bot, "one")
    await ann.start(other, "two")
    assert tg.last(ann).text == "/start two"
    assert tg.last(ann, bot=bot).text == "/start one"


async def test_ephemeral_commands_reach_only_their_bot(
    tg: Sandbox, api: Api, bob: Person, group: ChatHandle
) -> None:
    commands = [{"command": "rules", "description": "Read them", "is_ephemeral": True}]
    await api("setMyCommands", commands=commands)
    await bob.join(group)
    await api.updates()
    await bob.send(group, "/rules")
    message = await api.update("message")
    assert message["ephemeral_message_id"]
    assert message["message_id"] == 0
