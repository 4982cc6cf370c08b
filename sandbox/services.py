"""Service messages as facts; the page words them in its reader's language."""

from __future__ import annotations

from typing import Any

from sandbox.model import Json, Message
from sandbox.paying import display_amount

CONTENT_KINDS = (
    "animation",
    "photo",
    "video",
    "document",
    "audio",
    "voice",
    "sticker",
    "video_note",
    "location",
    "contact",
    "dice",
    "poll",
    "invoice",
)


def content_kind(content: Json) -> str | None:
    """What a message carries besides text, by its field in ``Message``; None for plain text."""
    return next((kind for kind in CONTENT_KINDS if kind in content), None)


def service_facts(message: Message) -> Json | None:
    """What happened, to whom and by whom; None for an ordinary message.

    ``kind`` is Telegram's field name, but for members: ``joined`` and ``left`` happen by one's own
    will, ``added`` and ``removed`` by somebody else's. Charges of subscriptions are ``subscribed``
    and ``renewed``.
    """
    kind = message.service
    if kind is None:
        return None
    who = _author(message)
    return {"kind": kind, "who": who} | _details(kind, who, message.content.get(kind))


def _author(message: Message) -> str:
    if message.sender_chat is not None:
        return message.sender_chat.title or ""
    return message.sender.full_name if message.sender else message.chat.title or ""


def _details(kind: str, who: str, body: Any) -> Json:
    match kind:
        case "new_chat_members":
            names = [_name(user) for user in body]
            return {"kind": "joined" if names == [who] else "added", "names": names}
        case "left_chat_member":
            gone = _name(body)
            return {"kind": "left" if gone == who else "removed", "names": [gone]}
        case "pinned_message":
            return {"text": body.get("text") or body.get("caption") or "", "content": content_kind(body)}
        case "successful_payment" | "refunded_payment":
            return _paid(body)
        case "forum_topic_created" | "forum_topic_edited":
            return {"text": body["name"]}
        case "new_chat_title":
            return {"text": body}
        case "managed_bot_created":
            return {"text": f"@{body['bot']['username']}"}
        case _:
            return {}


def _paid(body: Any) -> Json:
    facts = {"price": display_amount(body["currency"], body["total_amount"])}
    recurring = body.get("is_recurring")
    if recurring:
        facts["kind"] = "subscribed" if body.get("is_first_recurring") else "renewed"
    return facts


def _name(user: Json) -> str:
    return " ".join(filter(None, (user["first_name"], user.get("last_name"))))
