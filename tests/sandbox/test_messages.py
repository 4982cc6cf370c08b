"""Sending, editing, deleting — and being refused in Telegram's words."""

from datetime import timedelta

import pytest

from sandbox import BotHandle, ChatHandle, Person, Sandbox, SandboxError
from tests.sandbox.tools import Api


async def test_a_bot_can_write_only_to_those_who_started_it(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle
) -> None:
    assert await api.error("sendMessage", chat_id=12345, text="x") == "Bad Request: chat not found"
    assert await api.error("sendMessage", chat_id=bob.id, text="x") == "Bad Request: chat not found"
    words = "Forbidden: bot can't initiate conversation with a user"
    assert await api.error("sendMessage", chat_id=ann.id, text="x") == words
    await ann.start(bot)
    await api("sendMessage", chat_id=ann.id, text="hello")
    assert tg.last(ann).text == "hello"
    await ann.block(bot)
    words = "Forbidden: bot was blocked by the user"
    assert await api.error("sendMessage", chat_id=ann.id, text="x") == words
    await ann.unblock(bot)
    await api("sendMessage", chat_id=ann.id, text="again")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "message text is empty"),
        ({"text": "  \n"}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        (
            {"text": "<b>x", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "ж" * 33}]]}},
            "BUTTON_DATA_INVALID",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a", "url": "nonsense"}]]}},
            "inline keyboard button URL 'nonsense' is invalid: Wrong HTTP URL",
        ),
    ],
)
async def test_refused_texts(
    api: Api, ann: Person, bot: BotHandle, params: dict[str, object], words: str
) -> None:
    await ann.start(bot)
    assert await api.error("sendMessage", chat_id=ann.id, **params) == f"Bad Request: {words}"


async def test_4096_utf16_units_after_parsing_fit(api: Api, ann: Person, bot: BotHandle) -> None:
    await ann.start(bot)
    await api("sendMessage", chat_id=ann.id, text=f"<b>{'😀' * 2048}</b>", parse_mode="HTML")


async def test_editing(tg: Sandbox, api: Api, ann: Person, bot: BotHandle) -> None:
    await ann.start(bot)
    sent = await api("sendMessage", chat_id=ann.id, text="one")
    here = {"chat_id": ann.id, "message_id": sent["message_id"]}
    edited = await api("editMessageText", **here, text="two")
    assert edited["text"] == "two"
    assert edited["edit_date"]
    words = await api.error("editMessageText", **here, text="two")
    assert words.startswith("Bad Request: message is not modified: specified new message content")
    keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]}
    await api("editMessageReplyMarkup", **here, reply_markup=keyboard)
    assert tg.last(ann).buttons == [["a"]]
    words = await api.error("editMessageReplyMarkup", **here, reply_markup=keyboard)
    assert words.startswith("Bad Request: message is not modified")
    assert await api.error("editMessageText", chat_id=ann.id, message_id=77, text="x") == (
        "Bad Request: message to edit not found"
    )
    own = await ann.send(bot, "mine")
    assert await api.error("editMessageText", chat_id=ann.id, message_id=own.id, text="x") == (
        "Bad Request: message can't be edited"
    )


async def test_deleting(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle
) -> None:
    await bob.join(group)
    message = await bob.send(group, "spam")
    await api("deleteMessage", chat_id=group.id, message_id=message.id)
    assert message.deleted
    words = "Bad Request: message to delete not found"
    assert await api.error("deleteMessage", chat_id=group.id, message_id=message.id) == words
    other = await bob.send(group, "more")
    await ann.promote(bot, group, ["invite_users"])
    words = "Bad Request: message can't be deleted"
    assert await api.error("deleteMessage", chat_id=group.id, message_id=other.id) == words
    own = await api("sendMessage", chat_id=group.id, text="old")
    tg.clock.advance(hours=49)
    words = "Bad Request: message can't be deleted for everyone"
    assert await api.error("deleteMessage", chat_id=group.id, message_id=own["message_id"]) == words


async def test_delete_messages_skips_missing_ones(api: Api, ann: Person, bot: BotHandle) -> None:
    first = await ann.start(bot)
    second = await ann.send(bot, "b")
    await api("deleteMessages", chat_id=ann.id, message_ids=[first.id, 999, second.id])
    assert first.deleted
    assert second.deleted


async def test_photos_captions_and_files(tg: Sandbox, api: Api, ann: Person, bot: BotHandle) -> None:
    photo = await ann.send(bot, "look", photo=True)
    file_id = photo.json["photo"][-1]["file_id"]
    file = await api("getFile", file_id=file_id)
    url = f"{tg.url}/file/bot{bot.token}/{file['file_path']}"
    async with api._session.get(url) as response:
        assert await response.read() == photo.photo
    await api("sendPhoto", chat_id=ann.id, photo=file_id, caption="<i>back</i>", parse_mode="HTML")
    assert tg.last(ann).html == "<i>back</i>"
    assert await api.error("sendPhoto", chat_id=ann.id, photo=file_id, caption="x" * 1025) == (
        "Bad Request: message caption is too long"
    )
    assert await api.error("sendPhoto", chat_id=ann.id, photo="bogus") == (
        "Bad Request: wrong file identifier/HTTP URL specified"
    )
    assert await api.error("getFile", file_id="bogus") == "Bad Request: invalid file_id"


async def test_forward_and_copy(
    tg: Sandbox, api: Api, ann: Person, bot: BotHandle, group: ChatHandle
) -> None:
    source = await ann.send(group, "news")
    sent = await api("forwardMessage", chat_id=group.id, from_chat_id=group.id, message_id=source.id)
    assert sent["forward_origin"]["sender_user"]["id"] == ann.id
    copied = await api("copyMessage", chat_id=group.id, from_chat_id=group.id, message_id=source.id)
    assert set(copied) == {"message_id"}
    assert tg.last(group).text == "news"
    words = "Bad Request: message to copy not found"
    assert words == await api.error("copyMessage", chat_id=group.id, from_chat_id=group.id, message_id=9999)


async def test_groups_refuse_strangers_and_the_muted(
    tg: Sandbox, api: Api, ann: Person, bot: BotHandle, group: ChatHandle
) -> None:
    other = tg.group("Elsewhere", owner=ann)
    assert await api.error("sendMessage", chat_id=other.id, text="x") == "Bad Request: chat not found"
    await ann.demote(bot, group)
    await ann.restrict(bot, group)
    words = "Bad Request: not enough rights to send text messages to the chat"
    assert await api.error("sendMessage", chat_id=group.id, text="x") == words
    await ann.ban(bot, group)
    words = "Forbidden: bot was kicked from the supergroup chat"
    assert await api.error("sendMessage", chat_id=group.id, text="x") == words
    await ann.unban(bot, group)
    words = "Forbidden: bot is not a member of the supergroup chat"
    assert await api.error("sendMessage", chat_id=group.id, text="x") == words


async def test_ephemeral_messages_are_seen_by_one(
    tg: Sandbox, api: Api, ann: Person, bob: Person, group: ChatHandle
) -> None:
    await bob.join(group)
    sent = await api(
        "sendMessage",
        chat_id=group.id,
        text="only you",
        ephemeral_message_parameters={"receiver_user_id": bob.id},
        reply_markup={"inline_keyboard": [[{"text": "OK", "callback_data": "ok"}]]},
    )
    assert sent["message_id"] == 0
    assert sent["receiver_user"]["id"] == bob.id
    here = {
        "chat_id": group.id,
        "receiver_user_id": bob.id,
        "ephemeral_message_id": sent["ephemeral_message_id"],
    }
    with pytest.raises(SandboxError, match="sees no button"):
        await ann.click("OK")
    await bob.click("OK")
    assert await api("editEphemeralMessageText", **here, text="changed") is True
    assert tg.last(group).text == "changed"
    assert tg.last(group).only_for == "Bob"
    assert await api("deleteEphemeralMessage", **here) is True
    assert await api.error("deleteEphemeralMessage", **here) == ("Bad Request: message to delete not found")


async def test_forms_queries_and_wrong_addresses(tg: Sandbox, api: Api, ann: Person, bot: BotHandle) -> None:
    await ann.start(bot)
    base = f"{tg.url}/bot{bot.token}"
    async with api._session.get(f"{base}/SENDMESSAGE", params={"chat_id": ann.id, "text": "q"}) as got:
        assert (await got.json())["result"]["text"] == "q"
    keyboard = '{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}'
    form = {"chat_id": str(ann.id), "text": "f", "reply_markup": keyboard}
    async with api._session.post(f"{base}/sendMessage", data=form) as got:
        assert (await got.json())["result"]["reply_markup"]["inline_keyboard"][0][0]["text"] == "a"
    assert await api.answer("noSuchMethod") == (
        404,
        {"ok": False, "error_code": 404, "description": "Not Found: method not found"},
    )
    async with api._session.get(f"{tg.url}/bot1:x/getMe") as got:
        assert (got.status, (await got.json())["description"]) == (401, "Unauthorized")


async def test_flood_limits(tg: Sandbox, api: Api, ann: Person, bot: BotHandle) -> None:
    await ann.start(bot)
    tg.limits.flood = True
    for _ in range(5):
        await api("sendMessage", chat_id=ann.id, text="x")
    status, body = await api.answer("sendMessage", chat_id=ann.id, text="x")
    assert status == 429
    assert body["description"] == f"Too Many Requests: retry after {body['parameters']['retry_after']}"
    tg.clock.advance(seconds=body["parameters"]["retry_after"])
    await api("sendMessage", chat_id=ann.id, text="x")


async def test_people_are_refused_as_in_the_client(
    tg: Sandbox, ann: Person, bob: Person, group: ChatHandle
) -> None:
    with pytest.raises(SandboxError, match="Bob is not in Chess"):
        await bob.send(group, "hi")
    await bob.join(group)
    await ann.restrict(bob, group, until=timedelta(hours=1))
    with pytest.raises(SandboxError, match="Bob may not write in Chess"):
        await bob.send(group, "hi")
    tg.clock.advance(hours=2)
    await bob.send(group, "hi")
