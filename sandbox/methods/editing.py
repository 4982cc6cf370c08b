"""Changing sent messages, pinning and reactions."""

from __future__ import annotations

from typing import Any

from sandbox.errors import bad_request
from sandbox.markup import inline_keyboard
from sandbox.membership import standing
from sandbox.methods.content import caption_content, text_content
from sandbox.methods.messages import media_content
from sandbox.methods.targets import target_chat, target_message
from sandbox.model import Chat, Json, Message
from sandbox.params import Call, method
from sandbox.posting import edit, post_service, react
from sandbox.reactions import REACTIONS
from sandbox.render import message_json
from sandbox.rights import has_right, may

MEDIA_KINDS = ("photo", "video", "animation", "document", "audio", "voice", "sticker", "video_note")
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)


@method("editMessageText")
def edit_message_text(call: Call) -> Json:
    content = text_content(call)
    message = editable(call)
    return message_json(replace_text(call, message, content))


@method("editMessageCaption")
def edit_message_caption(call: Call) -> Json:
    caption = caption_content(call)
    message = editable(call)
    return message_json(replace_caption(call, message, caption))


@method("editMessageMedia")
def edit_message_media(call: Call) -> Json:
    media = call.params.object("media")
    if media is None:
        raise bad_request("media is not specified")
    content = media_content(call, str(media.get("type")), media.get("media"), "media")
    content |= caption_content(call, media)
    return message_json(replace(call, editable(call), content))


@method("editMessageReplyMarkup")
def edit_message_reply_markup(call: Call) -> Json:
    message = editable(call)
    return message_json(replace(call, message, message.content))


def replace_text(call: Call, message: Message, content: Json) -> Message:
    """Put a new text into a text message."""
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return replace(call, message, content)


def replace_caption(call: Call, message: Message, caption: Json) -> Message:
    """Put a new caption under the media of a message."""
    if not any(kind in message.content for kind in MEDIA_KINDS):
        raise bad_request("there is no caption in the message to edit")
    kept = {k: v for k, v in message.content.items() if not k.startswith("caption")}
    return replace(call, message, kept | caption)


def editable(call: Call) -> Message:
    """The bot's own message the call means (any post of a channel it may edit)."""
    if call.params.text("inline_message_id") is not None:
        raise bad_request("MESSAGE_ID_INVALID")
    chat = target_chat(call)
    message = target_message(call, chat, "edit")
    own = message.sender is call.bot or message.post is call.bot
    member = chat.member(call.bot.id)
    if message.service is not None or not (
        own or (chat.is_channel and has_right(member, "can_edit_messages"))
    ):
        raise bad_request("message can't be edited")
    return message


def replace(call: Call, message: Message, content: Json) -> Message:
    """Put new content and the keyboard of the call into a message; both the same is an error."""
    keyboard = inline_keyboard(call.params.object("reply_markup"))
    if content == message.content and keyboard == message.inline_keyboard:
        raise bad_request(NOT_MODIFIED)
    changed_content = content != message.content
    edited_before = message.edit_date
    message.inline_keyboard = keyboard
    edit(call.world, message, content)
    if not changed_content:
        # Only the keyboard changed: clients show no edit mark, and neither does the page.
        message.edit_date = edited_before or call.world.clock.unix()
    return message


@method("pinChatMessage")
def pin_chat_message(call: Call) -> bool:
    chat = _pinnable(call)
    message = target_message(call, chat, "pin")
    if message in chat.pinned:
        chat.pinned.remove(message)
    chat.pinned.append(message)
    if not chat.is_private or chat.bot is not None:
        content: Json = {"pinned_message": message_json(message, with_reply=False)}
        if not chat.is_channel:
            post_service(call.world, chat, call.bot, "pinned_message", content)
    call.world.notify("chat", chat)
    return True


@method("unpinChatMessage")
def unpin_chat_message(call: Call) -> bool:
    chat = _pinnable(call)
    if call.params.integer("message_id") is None:
        if chat.pinned:
            chat.pinned.pop()
    else:
        message = target_message(call, chat, "unpin")
        if message in chat.pinned:
            chat.pinned.remove(message)
    call.world.notify("chat", chat)
    return True


@method("unpinAllChatMessages")
def unpin_all_chat_messages(call: Call) -> bool:
    chat = _pinnable(call)
    chat.pinned.clear()
    call.world.notify("chat", chat)
    return True


def _pinnable(call: Call) -> Chat:
    chat = target_chat(call)
    if chat.is_private:
        return chat
    standing(call.world, chat, call.bot)
    if chat.is_channel:
        allowed = has_right(chat.member(call.bot.id), "can_edit_messages")
    else:
        allowed = may(chat, call.bot, "can_pin_messages")
    if not allowed:
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


@method("setMessageReaction")
def set_message_reaction(call: Call) -> bool:
    chat = target_chat(call)
    message = target_message(call, chat, "react")
    wanted: list[Any] = call.params.list("reaction") or []
    if len(wanted) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    emoji = [str(item.get("emoji", "")) for item in wanted]
    if any(item.get("type") != "emoji" or item.get("emoji") not in REACTIONS for item in wanted):
        raise bad_request("REACTION_INVALID")
    react(call.world, message, call.bot, emoji)
    return True


@method("deleteMessageReaction")
def delete_message_reaction(call: Call) -> bool:
    chat = target_chat(call)
    message = target_message(call, chat, "react")
    if not has_right(chat.member(call.bot.id), "can_delete_messages"):
        raise bad_request("not enough rights")
    user = call.world.users.get(call.params.user_id())
    if user is None:
        raise bad_request("user not found")
    react(call.world, message, user, [])
    return True


@method("deleteAllMessageReactions")
def delete_all_message_reactions(call: Call) -> bool:
    chat = target_chat(call)
    if not has_right(chat.member(call.bot.id), "can_delete_messages"):
        raise bad_request("not enough rights")
    user = call.world.users.get(call.params.user_id())
    if user is None:
        raise bad_request("user not found")
    for message in chat.by_id.values():
        react(call.world, message, user, [])
    return True
