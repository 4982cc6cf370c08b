"""sendMessage and its relatives, forwarding and copying."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.errors import bad_request
from sandbox.filestore import input_file, media_json
from sandbox.methods.content import (
    caption_content,
    deliver,
    post_draft,
    text_content,
    thread_of,
)
from sandbox.methods.targets import require_started, target_chat, target_message, writable_chat
from sandbox.model import Json, Message
from sandbox.params import Call, method
from sandbox.posting import Draft, origin_of, post
from sandbox.render import message_json

MEDIA = {
    "sendPhoto": ("photo", "can_send_photos", "photos"),
    "sendVideo": ("video", "can_send_videos", "videos"),
    "sendAnimation": ("animation", "can_send_other_messages", "animations"),
    "sendDocument": ("document", "can_send_documents", "documents"),
    "sendAudio": ("audio", "can_send_audios", "audios"),
    "sendVoice": ("voice", "can_send_voice_notes", "voice notes"),
    "sendVideoNote": ("video_note", "can_send_video_notes", "video notes"),
    "sendSticker": ("sticker", "can_send_other_messages", "stickers"),
}
"""Method -> (field, the permission it needs, Telegram's word for it)."""
_BY_METHOD = {name.lower(): row for name, row in MEDIA.items()}
UNCOPYABLE = ("invoice", "poll")


@method("sendMessage")
def send_message(call: Call) -> Json:
    return deliver(call, text_content(call))


@method(*MEDIA)
def send_media(call: Call) -> Json:
    kind, permission, what = _BY_METHOD[call.method.lower()]
    content = media_content(call, kind, call.params.raw(kind), kind)
    if kind not in ("sticker", "video_note"):
        content |= caption_content(call)
    if call.params.flag("has_spoiler"):
        content["has_media_spoiler"] = True
    return deliver(call, content, permission=permission, what=what)


def media_content(call: Call, kind: str, value: Any, field: str) -> Json:
    """The media field of a message; an animation also counts as a document."""
    file = input_file(call.world, call.params, kind, value, field)
    content: Json = {kind: media_json(file)}
    if kind == "animation":
        keys = ("file_id", "file_unique_id", "file_size", "file_name", "mime_type")
        body: Any = content["animation"]
        content["document"] = {key: body[key] for key in keys if key in body}
    return content


@method("sendMediaGroup")
def send_media_group(call: Call) -> list[Json]:
    items = call.params.list("media")
    if not items:
        raise bad_request("there are no messages to send")
    if not 2 <= len(items) <= 10:
        raise bad_request("group must contain from 2 to 10 items")
    contents = []
    for item in items:
        kind = str(item.get("type"))
        if kind not in ("photo", "video", "document", "audio"):
            raise bad_request(f'type "{kind}" is not allowed in an album')
        content = media_content(call, kind, item.get("media"), "media")
        contents.append(content | caption_content(call, item))
    chat = writable_chat(call, "can_send_photos", "media")
    album = str(secrets.randbelow(10**17) + 10**16)
    sent = [post_draft(call, chat, content, album=album) for content in contents]
    return [message_json(message) for message in sent]


@method("sendLocation")
def send_location(call: Call) -> Json:
    location = {
        "latitude": float(call.params.required("latitude")),
        "longitude": float(call.params.required("longitude")),
    }
    return deliver(call, {"location": location})


@method("sendVenue")
def send_venue(call: Call) -> Json:
    location = {
        "latitude": float(call.params.required("latitude")),
        "longitude": float(call.params.required("longitude")),
    }
    venue = {
        "location": location,
        "title": call.params.required("title"),
        "address": call.params.required("address"),
    }
    return deliver(call, {"venue": venue, "location": location})


@method("sendContact")
def send_contact(call: Call) -> Json:
    contact = {
        "phone_number": call.params.required("phone_number"),
        "first_name": call.params.required("first_name"),
    }
    if last_name := call.params.text("last_name"):
        contact["last_name"] = last_name
    return deliver(call, {"contact": contact})


@method("sendDice")
def send_dice(call: Call) -> Json:
    emoji = call.params.text("emoji") or "🎲"
    sides = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}
    if emoji not in sides:
        raise bad_request("wrong dice emoji specified")
    value = secrets.randbelow(sides[emoji]) + 1
    return deliver(
        call,
        {"dice": {"emoji": emoji, "value": value}},
        permission="can_send_other_messages",
        what="dice",
    )


@method("sendPoll")
def send_poll(call: Call) -> Json:
    question = call.params.required("question")
    options = call.params.list("options") or []
    if not 1 <= len(options) <= 12:
        raise bad_request("poll must have at least 1 option and at most 12 options")
    poll = {
        "id": str(5_000_000_000_000_000_000 + call.world.new_uid()),
        "question": question,
        "options": [
            {
                "persistent_id": str(number),
                "text": option["text"] if isinstance(option, dict) else str(option),
                "voter_count": 0,
            }
            for number, option in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": call.params.flag("is_closed"),
        "is_anonymous": call.params.boolean("is_anonymous") is not False,
        "type": call.params.text("type") or "regular",
        "allows_multiple_answers": call.params.flag("allows_multiple_answers"),
        "allows_revoting": call.params.boolean("allows_revoting") is not False,
        "members_only": call.params.flag("members_only"),
    }
    return deliver(call, {"poll": poll}, permission="can_send_polls", what="polls")


@method("sendChatAction")
def send_chat_action(call: Call) -> bool:
    action = call.params.required("action")
    chat = target_chat(call)
    if chat.is_private:
        require_started(call.world, chat)
    call.world.notify("typing", (chat, call.bot, action))
    return True


@method("forwardMessage")
def forward_message(call: Call) -> Json:
    source = target_chat(call, "from_chat_id")
    message = target_message(call, source, "forward")
    return message_json(_forward(call, message))


@method("forwardMessages")
def forward_messages(call: Call) -> list[Json]:
    return [{"message_id": _forward(call, message).id} for message in _several(call, "forward")]


def _forward(call: Call, message: Message) -> Message:
    if message.service is not None:
        raise bad_request("message can't be forwarded")
    if message.protected:
        raise bad_request("message can't be forwarded")
    chat = writable_chat(call)
    draft = Draft(
        dict(message.content),
        thread_id=thread_of(call, chat),
        forward_origin=origin_of(message),
        invoice=message.invoice,
    )
    return post(call.world, chat, call.bot, draft)


@method("copyMessage")
def copy_message(call: Call) -> Json:
    source = target_chat(call, "from_chat_id")
    message = target_message(call, source, "copy")
    return {"message_id": _copy(call, message, caption_content(call)).id}


@method("copyMessages")
def copy_messages(call: Call) -> list[Json]:
    return [{"message_id": _copy(call, message, {}).id} for message in _several(call, "copy")]


def _several(call: Call, purpose: str) -> list[Message]:
    source = target_chat(call, "from_chat_id")
    numbers = call.params.list("message_ids") or []
    if not 1 <= len(numbers) <= 100:
        raise bad_request("message identifiers must be 1-100 numbers")
    found = [source.by_id[int(n)] for n in numbers if int(n) in source.by_id]
    if not found:
        raise bad_request(f"there are no messages to {purpose}")
    return found


def _copy(call: Call, message: Message, caption: Json) -> Message:
    if message.service is not None or any(kind in message.content for kind in UNCOPYABLE):
        raise bad_request("message can't be copied")
    if message.protected:
        raise bad_request("message can't be copied")
    content = dict(message.content)
    if call.params.flag("remove_caption") or "caption" in call.params.values:
        for field in ("caption", "caption_entities"):
            content.pop(field, None)
        content |= caption
    chat = writable_chat(call)
    return post_draft(call, chat, content)
