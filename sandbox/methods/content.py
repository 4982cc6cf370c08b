"""Texts, captions and the common part of every send method."""

from __future__ import annotations

from typing import Any

from sandbox.entities import formatted
from sandbox.errors import bad_request
from sandbox.limits import check_caption, check_text
from sandbox.markup import keyboards
from sandbox.membership import standing
from sandbox.methods.targets import writable_chat
from sandbox.model import Chat, Json, Message, User
from sandbox.money import Invoice
from sandbox.params import Call
from sandbox.posting import Draft, post
from sandbox.render import message_json, user_json
from sandbox.world import World


def text_content(call: Call) -> Json:
    """``text`` and ``entities`` of the call, parsed and measured."""
    raw = call.params.text("text")
    if raw is None:
        raise bad_request("message text is empty")
    text, entities = formatted(raw, call.params.text("parse_mode"), call.params.list("entities"))
    check_text(text)
    return with_entities({"text": text}, "entities", known_mentions(call.world, entities))


def caption_content(call: Call, source: Json | None = None, parse_mode: str | None = None) -> Json:
    """``caption`` and ``caption_entities`` of the call, or of an InputMedia object."""
    if source is not None:
        raw, parse_mode = source.get("caption"), source.get("parse_mode")
        given = source.get("caption_entities")
    else:
        raw, parse_mode = call.params.text("caption"), call.params.text("parse_mode")
        given = call.params.list("caption_entities")
    if not raw:
        return {}
    text, entities = formatted(str(raw), parse_mode, given)
    check_caption(text)
    content: Json = {"caption": text} if text else {}
    above = (
        source.get("show_caption_above_media") if source else call.params.boolean("show_caption_above_media")
    )
    if above:
        content["show_caption_above_media"] = True
    return with_entities(content, "caption_entities", known_mentions(call.world, entities))


def with_entities(content: Json, field: str, entities: list[Json]) -> Json:
    """Add the entities when there are any: Telegram leaves out empty lists."""
    return {**content, field: entities} if entities else content


def known_mentions(world: World, entities: list[Json]) -> list[Json]:
    """Mentions by id get their user; those of unknown people vanish, as in Telegram."""
    kept = []
    for entity in entities:
        if entity["type"] != "text_mention":
            kept.append(entity)
            continue
        user_id = entity.get("user_id") or (entity.get("user") or {}).get("id")
        user = world.users.get(int(user_id or 0))
        if user is not None:
            plain = {k: v for k, v in entity.items() if k != "user_id"}
            kept.append({**plain, "user": user_json(user)})
    return kept


def deliver(
    call: Call,
    content: Json,
    *,
    permission: str = "can_send_messages",
    what: str = "text messages",
    invoice: Invoice | None = None,
) -> Json:
    """Check the chat, the reply and the keyboard, then post; returns the Message."""
    chat = writable_chat(call, permission, what)
    return message_json(post_draft(call, chat, content, invoice=invoice))


def post_draft(call: Call, chat: Chat, content: Json, **extra: Any) -> Message:
    """Post with the options that all send methods share."""
    inline, reply = keyboards(call.params.object("reply_markup"), chat)
    draft = Draft(
        content,
        thread_id=thread_of(call, chat),
        reply_to=replied_message(call, chat),
        inline_keyboard=inline,
        reply_keyboard=reply,
        receiver=ephemeral_receiver(call, chat),
        protected=call.params.flag("protect_content"),
        **extra,
    )
    return post(call.world, chat, call.bot, draft)


def thread_of(call: Call, chat: Chat) -> int | None:
    """The forum topic of the call."""
    thread = call.params.integer("message_thread_id")
    if thread is None or chat.is_private:
        return None
    if not chat.is_forum:
        if thread in chat.by_id:
            return thread
        raise bad_request("message thread not found")
    topic = chat.topics.get(thread)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.closed:
        raise bad_request("TOPIC_CLOSED")
    return thread


def replied_message(call: Call, chat: Chat) -> Message | None:
    """The message the call replies to."""
    reply = call.params.object("reply_parameters") or {}
    if reply.get("ephemeral_message_id") is not None:
        return next((m for m in chat.history if m.ephemeral_id == int(reply["ephemeral_message_id"])), None)
    message_id = reply.get("message_id") or call.params.integer("reply_to_message_id")
    if message_id is None:
        return None
    elsewhere = reply.get("chat_id")
    source = chat if elsewhere in (None, chat.id) else call.world.chats.get(int(elsewhere))
    message = source.by_id.get(int(message_id)) if source else None
    lenient = reply.get("allow_sending_without_reply") or call.params.flag("allow_sending_without_reply")
    if message is None and not lenient:
        raise bad_request("message to be replied not found")
    return message if source is chat else None


def ephemeral_receiver(call: Call, chat: Chat) -> User | None:
    """The only person who will see the message, when the call asks for an ephemeral one."""
    options = call.params.object("ephemeral_message_parameters") or {}
    receiver_id = options.get("receiver_user_id") or call.params.integer("receiver_user_id")
    if receiver_id is None:
        return None
    if not chat.is_group:
        raise bad_request("ephemeral messages can be sent only to groups and supergroups")
    user = call.world.users.get(int(receiver_id))
    if user is None or user.is_bot:
        raise bad_request("user not found")
    if not standing(call.world, chat, user).inside:
        raise bad_request("USER_NOT_PARTICIPANT")
    return user
