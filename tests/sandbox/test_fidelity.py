"""Answers and updates are what aiogram's own types expect."""

from typing import Any

import pytest
from aiogram import Bot as Client
from aiogram import methods as m
from aiogram import types as t
from aiogram.methods.base import TelegramMethod

from sandbox import BotHandle, ChatHandle, Person, Sandbox
from sandbox.methods import METHOD_NAMES
from sandbox.rights import COMMON_RIGHTS
from tests.sandbox.tools import Api

REQUIRED = """
getMe logOut close setWebhook deleteWebhook getWebhookInfo getUpdates
sendMessage sendPhoto sendVideo sendAnimation sendDocument sendAudio sendVoice sendSticker
sendMediaGroup sendLocation sendContact sendPoll sendDice forwardMessage copyMessage
editMessageText editMessageCaption editMessageReplyMarkup editMessageMedia deleteMessage
deleteMessages pinChatMessage unpinChatMessage unpinAllChatMessages setMessageReaction
sendChatAction answerCallbackQuery getChat getChatMember getChatAdministrators
getChatMemberCount leaveChat banChatMember unbanChatMember restrictChatMember promoteChatMember
setChatPermissions banChatSenderChat unbanChatSenderChat setChatAdministratorCustomTitle
exportChatInviteLink createChatInviteLink editChatInviteLink revokeChatInviteLink
createChatSubscriptionInviteLink approveChatJoinRequest declineChatJoinRequest
answerChatJoinRequestQuery sendChatJoinRequestWebApp setMyCommands getMyCommands
deleteMyCommands setMyName getMyName setMyDescription setMyShortDescription getMyDescription
getMyShortDescription setChatMenuButton getChatMenuButton setMyDefaultAdministratorRights
getMyDefaultAdministratorRights getFile sendInvoice createInvoiceLink answerPreCheckoutQuery
refundStarPayment getStarTransactions editUserStarSubscription getMyStarBalance
getManagedBotToken replaceManagedBotToken getManagedBotAccessSettings
setManagedBotAccessSettings savePreparedKeyboardButton editEphemeralMessageText
editEphemeralMessageCaption editEphemeralMessageMedia editEphemeralMessageReplyMarkup
deleteEphemeralMessage
"""


def test_required_methods_exist() -> None:
    missing = set(REQUIRED.split()) - set(METHOD_NAMES.values())
    assert not missing


def test_every_method_is_one_of_telegram() -> None:
    known = {
        getattr(m, name).__api_method__ for name in m.__all__ if hasattr(getattr(m, name), "__api_method__")
    }
    assert set(METHOD_NAMES.values()) - known <= {"kickChatMember"}


PHOTO = t.BufferedInputFile(b"\x89PNG\r\n\x1a\n" + bytes(32), "p.png")
FILE = t.BufferedInputFile(b"data", "file.bin")
PRICES = [t.LabeledPrice(label="x", amount=5)]
INVOICE: dict[str, Any] = {
    "title": "T",
    "description": "D",
    "payload": "p",
    "currency": "XTR",
    "prices": PRICES,
}
BUTTON = t.InlineKeyboardMarkup(inline_keyboard=[[t.InlineKeyboardButton(text="a", callback_data="b")]])


def sending(chat: int) -> list[TelegramMethod[Any]]:
    here: dict[str, Any] = {"chat_id": chat}
    return [
        m.SendMessage(**here, text="<b>x</b>", parse_mode="HTML", reply_markup=BUTTON),
        m.SendPhoto(**here, photo=PHOTO, caption="c"),
        m.SendVideo(**here, video=FILE),
        m.SendAnimation(**here, animation=FILE),
        m.SendDocument(**here, document=FILE),
        m.SendAudio(**here, audio=FILE),
        m.SendVoice(**here, voice=FILE),
        m.SendSticker(**here, sticker=FILE),
        m.SendVideoNote(**here, video_note=FILE),
        m.SendMediaGroup(
            **here,
            media=[t.InputMediaPhoto(media=PHOTO, caption="a"), t.InputMediaPhoto(media=PHOTO)],
        ),
        m.SendLocation(**here, latitude=1.5, longitude=2.5),
        m.SendVenue(**here, latitude=1.5, longitude=2.5, title="T", address="A"),
        m.SendContact(**here, phone_number="+1", first_name="A"),
        m.SendPoll(**here, question="?", options=["a", t.InputPollOption(text="b")]),
        m.SendDice(**here),
        m.SendInvoice(**here, **INVOICE),
        m.SendChatAction(**here, action="typing"),
    ]


async def test_sending(client: Client, ann: Person, bot: BotHandle, group: ChatHandle) -> None:
    await ann.start(bot)
    for chat in (ann.id, group.id):
        for call in sending(chat):
            await client(call)


async def test_messages(client: Client, ann: Person, bot: BotHandle, group: ChatHandle) -> None:
    await ann.start(bot)
    text = await client.send_message(group.id, "x")
    photo = await client.send_photo(group.id, PHOTO)
    here: dict[str, Any] = {"chat_id": group.id, "message_id": text.message_id}
    source: dict[str, Any] = {"from_chat_id": group.id, "message_id": text.message_id}
    calls: list[TelegramMethod[Any]] = [
        m.EditMessageText(**here, text="y", reply_markup=BUTTON),
        m.EditMessageReplyMarkup(**here),
        m.EditMessageCaption(chat_id=group.id, message_id=photo.message_id, caption="c"),
        m.EditMessageMedia(
            chat_id=group.id, message_id=photo.message_id, media=t.InputMediaDocument(media=FILE)
        ),
        m.SetMessageReaction(**here, reaction=[t.ReactionTypeEmoji(emoji="👍")]),
        m.PinChatMessage(**here),
        m.GetChat(chat_id=group.id),
        m.UnpinChatMessage(**here),
        m.UnpinAllChatMessages(chat_id=group.id),
        m.ForwardMessage(chat_id=ann.id, **source),
        m.ForwardMessages(chat_id=ann.id, from_chat_id=group.id, message_ids=[text.message_id]),
        m.CopyMessage(chat_id=ann.id, **source, reply_markup=BUTTON),
        m.CopyMessages(chat_id=ann.id, from_chat_id=group.id, message_ids=[text.message_id]),
        m.DeleteMessage(**here),
        m.DeleteMessages(chat_id=group.id, message_ids=[photo.message_id]),
    ]
    for call in calls:
        await client(call)


async def test_chats_and_members(
    tg: Sandbox, client: Client, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle
) -> None:
    await ann.promote(
        bot,
        group,
        [
            *["delete_messages", "restrict_members", "promote_members"],
            *["change_info", "invite_users", "pin_messages", "manage_tags"],
        ],
    )
    await bob.join(group)
    blog = tg.channel("Blog", owner=bob)
    member: dict[str, Any] = {"chat_id": group.id, "user_id": bob.id}
    calls: list[TelegramMethod[Any]] = [
        m.GetChat(chat_id=group.id),
        *(m.GetChatMember(chat_id=group.id, user_id=who) for who in (ann.id, bob.id, bot.id)),
        m.GetChatAdministrators(chat_id=group.id),
        m.GetChatMemberCount(chat_id=group.id),
        m.PromoteChatMember(**member, can_delete_messages=True),
        m.SetChatAdministratorCustomTitle(**member, custom_title="Mod"),
        m.GetChatMember(**member),
        m.PromoteChatMember(**member),
        m.SetChatMemberTag(**member, tag="VIP"),
        m.GetChatMember(**member),
        m.RestrictChatMember(**member, permissions=t.ChatPermissions(can_send_messages=True)),
        m.GetChatMember(**member),
        m.SetChatPermissions(chat_id=group.id, permissions=t.ChatPermissions(can_send_messages=True)),
        m.BanChatMember(**member),
        m.GetChatMember(**member),
        m.UnbanChatMember(**member),
        m.GetChatMember(**member),
        m.BanChatSenderChat(chat_id=group.id, sender_chat_id=blog.id),
        m.UnbanChatSenderChat(chat_id=group.id, sender_chat_id=blog.id),
        m.SetChatTitle(chat_id=group.id, title="Chess 2"),
        m.SetChatDescription(chat_id=group.id, description="About"),
        m.SetChatPhoto(chat_id=group.id, photo=PHOTO),
        m.DeleteChatPhoto(chat_id=group.id),
        m.GetUserProfilePhotos(user_id=bob.id),
        m.ExportChatInviteLink(chat_id=group.id),
        m.CreateChatInviteLink(chat_id=group.id, name="x", creates_join_request=True),
        m.GetChat(chat_id=group.id),
        m.LeaveChat(chat_id=group.id),
    ]
    for call in calls:
        await client(call)
    assert tg.members(group) == ["Ann Reed"]


async def test_links(tg: Sandbox, client: Client, ann: Person, bot: BotHandle) -> None:
    channel = tg.channel("News", owner=ann)
    await ann.add(bot, channel)
    link = await client.create_chat_invite_link(channel.id, name="a", member_limit=3)
    edited = await client.edit_chat_invite_link(channel.id, link.invite_link, name="b")
    assert edited.name == "b"
    assert (await client.revoke_chat_invite_link(channel.id, link.invite_link)).is_revoked
    paid = await client.create_chat_subscription_invite_link(channel.id, 2_592_000, 50)
    assert paid.subscription_price == 50


async def test_the_bot_itself(client: Client, ann: Person, bot: BotHandle) -> None:
    await ann.start(bot)
    commands = [t.BotCommand(command="start", description="Start")]
    rights = t.ChatAdministratorRights(
        **dict.fromkeys(("is_anonymous", *COMMON_RIGHTS), False), can_pin_messages=True
    )
    calls: list[TelegramMethod[Any]] = [
        m.GetMe(),
        m.SetMyCommands(commands=commands, scope=t.BotCommandScopeChat(chat_id=ann.id)),
        m.GetMyCommands(scope=t.BotCommandScopeChat(chat_id=ann.id)),
        m.DeleteMyCommands(),
        m.SetMyName(name="New", language_code="de"),
        m.GetMyName(language_code="de"),
        m.SetMyDescription(description="D"),
        m.GetMyDescription(),
        m.SetMyShortDescription(short_description="S"),
        m.GetMyShortDescription(),
        m.SetChatMenuButton(chat_id=ann.id, menu_button=t.MenuButtonCommands()),
        m.GetChatMenuButton(chat_id=ann.id),
        m.SetMyDefaultAdministratorRights(rights=rights),
        m.GetMyDefaultAdministratorRights(),
        m.CreateInvoiceLink(**INVOICE),
        m.GetStarTransactions(),
        m.GetMyStarBalance(),
        m.GetWebhookInfo(),
        m.LogOut(),
        m.Close(),
    ]
    for call in calls:
        await client(call)
    assert (await client.get_my_description()).description == "D"
    with pytest.raises(Exception, match="BOT_COMMAND_INVALID"):
        await client.set_my_commands([t.BotCommand(command="No Way", description="x")])


async def test_managed_bots(client: Client, ann: Person, bot: BotHandle) -> None:
    await ann.follow("https://t.me/newbot/gate_bot/child_bot?name=Child")
    update = next(u.managed_bot for u in await client.get_updates() if u.managed_bot)
    child = update.bot_user.id
    assert (await client.get_managed_bot_access_settings(child)).is_access_restricted is False
    assert await client.set_managed_bot_access_settings(
        child, is_access_restricted=True, added_user_ids=[ann.id]
    )
    settings = await client.get_managed_bot_access_settings(child)
    assert settings.added_users is not None
    button = t.KeyboardButton(text="x", request_managed_bot=t.KeyboardButtonRequestManagedBot(request_id=1))
    assert (await client.save_prepared_keyboard_button(ann.id, button)).id


async def test_updates_parse(
    tg: Sandbox, client: Client, api: Api, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle
) -> None:
    await api.listen()
    await bob.start(bot)
    await client.send_message(bob.id, "x", reply_markup=BUTTON)
    await bob.click("a")
    await bob.block(bot)
    await bob.join(group)
    await bob.send(group, "hello @gate_bot", photo=True)
    message = await bob.send(group, "hello")
    await ann.send(group, "hi", reply_to=message)
    await bob.edit(message, "bye")
    await bob.react(message, "👍")
    await ann.rename(group, "Chess 2")
    await ann.pin(message)
    await ann.restrict(bob, group)
    await ann.ban(bob, group)
    cem = tg.user("Cem", bio="I play")
    await cem.request(group, via=await ann.create_link(group, request=True))
    await ann.approve(cem, group)
    await ann.promote(cem, group)
    await ann.demote(cem, group)
    await ann.kick(cem, group)
    for update in bot.updates:
        parsed = t.Update.model_validate(update.body, context={"bot": client})
        assert parsed.event_type == update.kind
    kinds = {update.kind for update in bot.updates}
    assert kinds == {
        "message",
        "edited_message",
        "callback_query",
        "chat_member",
        "my_chat_member",
        "chat_join_request",
        "message_reaction",
    }
