"""Service messages in plain English, as Telegram's clients word them."""

from __future__ import annotations

from sandbox.model import Json, Message
from sandbox.paying import display_amount


def service_sentence(message: Message) -> str | None:
    """What a service message says, or None for an ordinary message."""
    kind = message.service
    if kind is None:
        return None
    if message.sender_chat is not None:
        who = message.sender_chat.title or ""
    else:
        who = message.sender.full_name if message.sender else message.chat.title or ""
    body = message.content.get(kind)
    if kind in ("new_chat_members", "left_chat_member"):
        return _membership(message, who, kind)
    if kind == "pinned_message" and isinstance(body, dict):
        text = body.get("text") or body.get("caption") or "a message"
        return f"{who} pinned “{str(text)[:60]}”"
    if kind in ("successful_payment", "refunded_payment") and isinstance(body, dict):
        amount = display_amount(body["currency"], body["total_amount"])
        return f"{who} paid {amount}" if kind == "successful_payment" else f"{who} got {amount} back"
    if isinstance(body, dict) and kind in ("forum_topic_created", "forum_topic_edited"):
        verb = "created" if kind == "forum_topic_created" else "renamed"
        return f"{who} {verb} the topic “{body['name']}”"
    sentences = {
        "new_chat_title": f"{who} changed the name to “{body}”",
        "new_chat_photo": f"{who} changed the photo",
        "delete_chat_photo": f"{who} removed the photo",
        "migrate_to_chat_id": "This group was upgraded to a supergroup",
        "migrate_from_chat_id": "This supergroup was made from a group",
        "forum_topic_closed": f"{who} closed the topic",
        "forum_topic_reopened": f"{who} reopened the topic",
        "chat_shared": f"{who} shared a chat",
        "users_shared": f"{who} shared people",
        "managed_bot_created": f"{who} created {_bot_name(body)}",
    }
    return sentences.get(kind, kind.replace("_", " ").capitalize())


def _membership(message: Message, who: str, kind: str) -> str:
    if kind == "left_chat_member":
        gone = _name(message.content[kind])
        return f"{gone} left the group" if gone == who else f"{who} removed {gone}"
    names = [_name(user) for user in message.content[kind]]
    if names == [who]:
        return f"{who} joined the group"
    return f"{who} added {', '.join(names)}"


def _name(user: Json) -> str:
    return " ".join(filter(None, (user["first_name"], user.get("last_name"))))


def _bot_name(body: object) -> str:
    return f"@{body['bot']['username']}" if isinstance(body, dict) and "bot" in body else "a bot"
