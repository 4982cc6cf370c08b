"""Which bot learns of what: the visibility rules between the world and the update queues."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.entities import bot_command_target, mentions
from sandbox.model import (
    Bot,
    Chat,
    InviteLink,
    JoinRequest,
    Json,
    Message,
    Query,
    User,
)
from sandbox.render import (
    chat_json,
    message_json,
    shortened_link_json,
    user_json,
)
from sandbox.rights import has_right
from sandbox.world import World

SEEN_BY_THEIR_AUTHOR = frozenset(
    {
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "left_chat_member",
        "pinned_message",
        "video_chat_started",
        "video_chat_ended",
    }
)
"""Service messages that reach even the bot that caused them."""


def bots_in(world: World, chat: Chat) -> Iterator[Bot]:
    """Bots that are in the chat now."""
    if chat.bot is not None:
        yield chat.bot
        return
    for member in chat.members.values():
        if isinstance(member.user, Bot) and member.inside:
            yield member.user


def announce_message(world: World, message: Message, *, edited: bool = False) -> None:
    """Queue a message (or its edit) for every bot that may see it."""
    world.notify("message", message)
    noun = "channel_post" if message.chat.is_channel else "message"
    kind = f"edited_{noun}" if edited else noun
    body: Json | None = None
    for bot in bots_in(world, message.chat):
        if sees_message(bot, message):
            body = body or message_json(message)
            bot.feed.push(kind, body, ("chat", message.chat.id))


def sees_message(bot: Bot, message: Message) -> bool:
    """Whether Telegram would give the message to the bot."""
    chat, sender = message.chat, message.sender
    if message.ephemeral_id is not None:
        return message.receiver is bot
    own = sender is bot or message.post is bot
    if own:
        return message.service in SEEN_BY_THEIR_AUTHOR
    if chat.is_private:
        return True
    if message.service is not None or chat.is_channel:
        return True
    if sender is not None and sender.is_bot and message.sender_chat is None:
        return False
    return _reads_everything(bot, chat) or _addressed_to(bot, message)


def _reads_everything(bot: Bot, chat: Chat) -> bool:
    member = chat.member(bot.id)
    return not bot.privacy or (member is not None and member.is_admin)


def _addressed_to(bot: Bot, message: Message) -> bool:
    if message.reply_to is not None and message.reply_to.sender is bot:
        return True
    target = bot_command_target(message.content)
    if target is not None:
        return target in ("", (bot.username or "").lower())
    return (bot.username or "").lower() in mentions(message.content)


def announce_member(
    world: World,
    chat: Chat,
    actor: User,
    user: User,
    old: Json,
    new: Json,
    *,
    link: InviteLink | None = None,
    via_join_request: bool = False,
) -> None:
    """Queue ``my_chat_member`` for the bot concerned and ``chat_member`` for admin bots."""
    body: Json = {
        "chat": chat_json(chat),
        "from": user_json(actor),
        "date": world.clock.unix(),
        "old_chat_member": old,
        "new_chat_member": new,
    }
    if via_join_request and link is None:
        body["via_join_request"] = True
    if isinstance(user, Bot):
        user.feed.push("my_chat_member", body, ("user", actor.id))
    for bot in bots_in(world, chat):
        member = chat.member(bot.id)
        if bot is user or member is None or not member.is_admin:
            continue
        seen = {**body, "invite_link": shortened_link_json(link, bot)} if link else body
        bot.feed.push("chat_member", seen, ("user", user.id))


def announce_private(world: World, chat: Chat, old_status: str, new_status: str) -> None:
    """Queue ``my_chat_member`` of a private chat: the person blocked or unblocked the bot."""
    bot = chat.bot
    if bot is None or chat.person is None:
        return

    def member(status: str) -> Json:
        body: Json = {"user": user_json(bot), "status": status}
        return {**body, "until_date": 0} if status == "kicked" else body

    bot.feed.push(
        "my_chat_member",
        {
            "chat": chat_json(chat),
            "from": user_json(chat.person),
            "date": world.clock.unix(),
            "old_chat_member": member(old_status),
            "new_chat_member": member(new_status),
        },
        ("user", chat.person.id),
    )


def announce_join_request(world: World, request: JoinRequest) -> None:
    """Queue ``chat_join_request`` for administrator bots that may invite."""
    chat = request.chat
    for bot in bots_in(world, chat):
        if not has_right(chat.member(bot.id), "can_invite_users"):
            continue
        body: Json = {
            "chat": chat_json(chat),
            "from": user_json(request.user),
            "user_chat_id": request.user.id,
            "date": request.date,
        }
        if request.user.bio:
            body["bio"] = request.user.bio
        if request.link is not None:
            body["invite_link"] = shortened_link_json(request.link, bot)
        if request.query_id is not None and chat.guard_bot is bot:
            body["query_id"] = request.query_id
        bot.feed.push("chat_join_request", body, ("user", request.user.id))


def announce_callback(query: Query, data: str) -> None:
    """Queue ``callback_query`` for the bot whose button was pressed."""
    message = query.message
    body: Json = {
        "id": query.id,
        "from": user_json(query.user),
        "chat_instance": str(hash_of_chat(message.chat)) if message else "0",
        "data": data,
    }
    if message is not None:
        body["message"] = message_json(message)
    query.bot.feed.push("callback_query", body, ("user", query.user.id))


def announce_reaction(world: World, message: Message, user: User, old: list[str], new: list[str]) -> None:
    """Queue ``message_reaction`` for administrator bots (and the bot of a private chat)."""
    if message.chat.is_channel:
        return
    body: Json = {
        "chat": chat_json(message.chat),
        "message_id": message.id,
        "date": world.clock.unix(),
        "old_reaction": [{"type": "emoji", "emoji": emoji} for emoji in old],
        "new_reaction": [{"type": "emoji", "emoji": emoji} for emoji in new],
        "user": user_json(user),
    }
    for bot in bots_in(world, message.chat):
        member = message.chat.member(bot.id)
        if message.chat.is_private or (member is not None and member.is_admin):
            bot.feed.push("message_reaction", body, ("chat", message.chat.id))


def hash_of_chat(chat: Chat) -> int:
    """A stable number for ``chat_instance``."""
    return 3_000_000_000_000_000_000 + abs(chat.id) * 31
