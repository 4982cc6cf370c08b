"""Ephemeral messages: seen by one member of a group only (Bot API 10.x)."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.methods.content import caption_content, text_content
from sandbox.methods.editing import replace, replace_caption, replace_text
from sandbox.methods.messages import media_content
from sandbox.methods.targets import target_chat
from sandbox.model import Message
from sandbox.params import Call, method
from sandbox.posting import delete


def _ephemeral(call: Call, purpose: str) -> Message:
    chat = target_chat(call)
    receiver = call.params.user_id("receiver_user_id")
    number = call.params.integer("ephemeral_message_id")
    for message in reversed(chat.history):
        if (
            message.ephemeral_id == number
            and not message.deleted
            and message.receiver is not None
            and message.receiver.id == receiver
            and message.sender is call.bot
        ):
            return message
    raise bad_request(f"message to {purpose} not found")


@method("editEphemeralMessageText")
def edit_ephemeral_message_text(call: Call) -> bool:
    content = text_content(call)
    replace_text(call, _ephemeral(call, "edit"), content)
    return True


@method("editEphemeralMessageCaption")
def edit_ephemeral_message_caption(call: Call) -> bool:
    caption = caption_content(call)
    replace_caption(call, _ephemeral(call, "edit"), caption)
    return True


@method("editEphemeralMessageMedia")
def edit_ephemeral_message_media(call: Call) -> bool:
    media = call.params.object("media")
    if media is None:
        raise bad_request("media is not specified")
    content = media_content(call, str(media.get("type")), media.get("media"), "media")
    replace(call, _ephemeral(call, "edit"), content | caption_content(call, media))
    return True


@method("editEphemeralMessageReplyMarkup")
def edit_ephemeral_message_reply_markup(call: Call) -> bool:
    message = _ephemeral(call, "edit")
    replace(call, message, message.content)
    return True


@method("deleteEphemeralMessage")
def delete_ephemeral_message(call: Call) -> bool:
    delete(call.world, _ephemeral(call, "delete"))
    return True
