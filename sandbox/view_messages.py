"""Messages as the page gets them; ``page_api.md`` describes the shape."""

from __future__ import annotations

from typing import Any

from sandbox.entities import entities_of, text_of
from sandbox.model import Json, Message
from sandbox.services import content_kind, service_facts
from sandbox.view_money import invoice_shape, receipt_shape

NO_FILES = ("location", "contact", "dice", "poll", "invoice")
"""Kinds of content that bring no file."""


def message_shape(message: Message) -> Json:
    """Message."""
    content = message.content
    return {
        "uid": message.uid,
        "chat": message.chat.key,
        "id": message.id,
        "topic": message.thread_id,
        "date": message.date,
        "edited": message.edit_date,
        "from": message.author_id,
        "sender": _sender(message),
        "text": text_of(content),
        "entities": entities_of(content),
        "reply_to": _reply(message.reply_to),
        "forward": _forward(message.forward_origin),
        "only_for": message.receiver.id if message.receiver else None,
        "media": _media(content),
        "album": message.album,
        "location": content.get("location"),
        "contact": content.get("contact"),
        "dice": content.get("dice"),
        "poll": content.get("poll"),
        "invoice": _invoice(message),
        "receipts": [receipt_shape(payment) for payment in message.payments],
        "service": service_facts(message),
        "buttons": _buttons(message),
        **_keyboard(message),
        "reactions": _reactions(message),
    }


def _sender(message: Message) -> Json:
    if message.sender_chat is not None:
        chat = message.sender_chat
        return {"name": chat.title, "color": abs(chat.id) % 7, "kind": "chat"}
    sender = message.sender
    if sender is None:
        return {"name": message.chat.title, "color": 0, "kind": "chat"}
    kind = "bot" if sender.is_bot else "user"
    return {"name": sender.full_name, "color": sender.id % 7, "kind": kind}


def _reply(message: Message | None) -> Json | None:
    if message is None:
        return None
    return {
        "uid": message.uid,
        "name": _sender(message)["name"],
        "text": text_of(message.content)[:100],
        "content": content_kind(message.content),
    }


def _forward(origin: Json | None) -> str | None:
    if origin is None:
        return None
    chat = origin.get("chat") or origin.get("sender_chat")
    if chat:
        return str(chat["title"])
    user = origin.get("sender_user", {})
    return " ".join(filter(None, (user.get("first_name"), user.get("last_name"))))


def _media(content: Json) -> Json | None:
    kind = content_kind(content)
    if kind is None or kind in NO_FILES:
        return None
    body: Any = content[kind]
    file = body[-1] if isinstance(body, list) else body
    return {
        "kind": kind,
        "file_id": file["file_id"],
        "file_name": file.get("file_name"),
        "mime_type": file.get("mime_type"),
        "emoji": file.get("emoji"),
        "url": f"/sandbox/api/file/{file['file_id']}",
    }


def _invoice(message: Message) -> Json | None:
    return invoice_shape(message.invoice) if message.invoice is not None else None


def _buttons(message: Message) -> list[list[Json]]:
    rows = (message.inline_keyboard or {}).get("inline_keyboard", [])
    return [[_button(button) for button in row] for row in rows]


def _button(button: Json) -> Json:
    kinds = {
        "callback_data": "callback",
        "url": "url",
        "pay": "pay",
        "copy_text": "copy",
        "web_app": "web_app",
        "disabled": "disabled",
    }
    kind = next((name for field, name in kinds.items() if button.get(field) is not None), "other")
    return {
        "text": button["text"],
        "kind": kind,
        "url": button.get("url") or (button.get("web_app") or {}).get("url"),
        "copy": (button.get("copy_text") or {}).get("text"),
        "style": button.get("style"),
    }


_REQUESTS = {
    "request_contact": "contact",
    "request_location": "location",
    "request_chat": "chat",
    "request_users": "users",
    "request_managed_bot": "managed_bot",
    "request_poll": "poll",
    "web_app": "web_app",
}


def _keyboard(message: Message) -> Json:
    markup = message.reply_keyboard or {}
    only_for = None
    if markup.get("selective") and message.reply_to is not None:
        only_for = [message.reply_to.author_id]
    rows = [
        [
            {
                "text": button["text"],
                "kind": next((kind for f, kind in _REQUESTS.items() if button.get(f)), "text"),
            }
            for button in row
        ]
        for row in markup.get("keyboard", [])
    ]
    keyboard = {
        "rows": rows,
        "resize": bool(markup.get("resize_keyboard")),
        "one_time": bool(markup.get("one_time_keyboard")),
        "placeholder": markup.get("input_field_placeholder"),
        "only_for": only_for,
    }
    return {
        "keyboard": keyboard if rows else None,
        "remove_keyboard": bool(markup.get("remove_keyboard")),
        "force_reply": bool(markup.get("force_reply")),
    }


def _reactions(message: Message) -> list[Json]:
    by_emoji: dict[str, list[int]] = {}
    for user_id, emojis in message.reactions.items():
        for emoji in emojis:
            by_emoji.setdefault(emoji, []).append(user_id)
    return [{"emoji": emoji, "from": users} for emoji, users in by_emoji.items()]
