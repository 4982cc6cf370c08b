"""Messages come into being, change and disappear here, whoever causes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.announce import announce_message, announce_reaction
from sandbox.model import (
    CHANNEL_BOT_ID,
    GROUP_ANONYMOUS_BOT_ID,
    TELEGRAM_ID,
    Bot,
    Chat,
    Json,
    Message,
    User,
)
from sandbox.money import Invoice
from sandbox.render import chat_json, user_json
from sandbox.world import World


@dataclass(slots=True)
class Draft:
    """Everything about a message that is about to be sent."""

    content: Json
    sender_chat: Chat | None = None
    thread_id: int | None = None
    reply_to: Message | None = None
    forward_origin: Json | None = None
    inline_keyboard: Json | None = None
    reply_keyboard: Json | None = None
    album: str | None = None
    receiver: User | None = None
    service: str | None = None
    protected: bool = False
    invoice: Invoice | None = None
    automatic: bool = False


def post(world: World, chat: Chat, sender: User, draft: Draft) -> Message:
    """Put a message into a chat and let everybody know."""
    message = Message(
        uid=world.new_uid(),
        chat=chat,
        id=0 if draft.receiver is not None else world.new_message_id(chat),
        date=world.clock.unix(),
        sender=_shown_sender(world, chat, sender, draft),
        content=draft.content,
        sender_chat=_shown_chat(chat, sender, draft),
        thread_id=draft.thread_id or _thread_of(chat, draft.reply_to),
        reply_to=draft.reply_to,
        forward_origin=draft.forward_origin,
        is_automatic_forward=draft.automatic,
        album=draft.album,
        inline_keyboard=draft.inline_keyboard,
        reply_keyboard=draft.reply_keyboard,
        receiver=draft.receiver,
        service=draft.service,
        protected=draft.protected,
        invoice=draft.invoice,
        post=sender if isinstance(sender, Bot) else None,
    )
    if chat.is_channel and chat.signatures and not sender.is_bot:
        message.signature = sender.full_name
    if draft.receiver is not None:
        message.ephemeral_id = chat.next_ephemeral_id
        chat.next_ephemeral_id += 1
    else:
        chat.by_id[message.id] = message
    chat.history.append(message)
    announce_message(world, message)
    if chat.is_channel and chat.linked is not None and draft.service is None:
        _forward_to_discussion(world, message, chat.linked)
    return message


def post_service(world: World, chat: Chat, sender: User, kind: str, content: Json, **draft: Any) -> Message:
    """A service message, such as ``new_chat_members``."""
    return post(world, chat, sender, Draft({**content}, service=kind, **draft))


def edit(world: World, message: Message, content: Json, *, by_user: bool = False) -> None:
    """Replace a message's content; bots hear of people's edits only."""
    message.content = content
    message.edit_date = world.clock.unix()
    if by_user:
        announce_message(world, message, edited=True)
    else:
        world.notify("message", message)


def delete(world: World, message: Message) -> None:
    """Remove a message for everybody. Bots are never told."""
    message.deleted = True
    message.chat.by_id.pop(message.id, None)
    if message in message.chat.pinned:
        message.chat.pinned.remove(message)
    world.notify("delete", message)


def react(world: World, message: Message, user: User, emoji: list[str]) -> None:
    """Replace an account's reactions to a message."""
    old = message.reactions.get(user.id, [])
    if old == emoji:
        return
    if emoji:
        message.reactions[user.id] = emoji
    else:
        message.reactions.pop(user.id, None)
    world.notify("message", message)
    if not user.is_bot:
        announce_reaction(world, message, user, old, emoji)


def origin_of(message: Message) -> Json:
    """``MessageOrigin`` for a forward of this message."""
    if message.forward_origin is not None:
        return message.forward_origin
    origin: Json = {"date": message.date}
    if message.chat.is_channel:
        origin |= {"type": "channel", "chat": chat_json(message.chat), "message_id": message.id}
        if message.signature:
            origin["author_signature"] = message.signature
        return origin
    if message.sender_chat is not None:
        return origin | {"type": "chat", "sender_chat": chat_json(message.sender_chat)}
    sender = message.sender or User(0, "Deleted Account")
    return origin | {"type": "user", "sender_user": user_json(sender)}


def _shown_sender(world: World, chat: Chat, sender: User, draft: Draft) -> User | None:
    if chat.is_channel:
        return None
    if draft.automatic:
        return world.users[TELEGRAM_ID]
    if draft.sender_chat is not None:
        return world.users[CHANNEL_BOT_ID]
    return world.users[GROUP_ANONYMOUS_BOT_ID] if _is_anonymous(chat, sender) else sender


def _shown_chat(chat: Chat, sender: User, draft: Draft) -> Chat | None:
    if chat.is_channel:
        return chat
    if draft.sender_chat is not None:
        return draft.sender_chat
    return chat if _is_anonymous(chat, sender) else None


def _is_anonymous(chat: Chat, sender: User) -> bool:
    member = chat.member(sender.id)
    return member is not None and member.is_admin and member.anonymous


def _thread_of(chat: Chat, reply_to: Message | None) -> int | None:
    if reply_to is None or chat.type != "supergroup":
        return None
    if chat.is_forum:
        return reply_to.thread_id
    # In a supergroup every reply belongs to the thread of the message it answers.
    return reply_to.thread_id or (reply_to.id or None)


def _forward_to_discussion(world: World, message: Message, group: Chat) -> None:
    forwarded = post(
        world,
        group,
        world.users[TELEGRAM_ID],
        Draft(
            {**message.content},
            sender_chat=message.chat,
            forward_origin=origin_of(message),
            automatic=True,
        ),
    )
    for old in [pin for pin in group.pinned if pin.is_automatic_forward]:
        group.pinned.remove(old)
    group.pinned.append(forwarded)
