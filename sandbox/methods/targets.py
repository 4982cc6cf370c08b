"""Finding the chat, user or message a call is about, and refusing as Telegram refuses."""

from __future__ import annotations

from sandbox.errors import TelegramError, bad_request, forbidden
from sandbox.membership import standing
from sandbox.model import Bot, Chat, Member, Message, User
from sandbox.params import Call
from sandbox.rights import has_right, may
from sandbox.world import World

NOUNS = {"group": "group", "supergroup": "supergroup", "channel": "channel"}


def target_chat(call: Call, name: str = "chat_id") -> Chat:
    """The chat a parameter names, for a bot that is in it (or has met the person)."""
    value = call.params.text(name)
    if value is None:
        raise bad_request(f"{name} is empty")
    chat = _find(call, value.strip())
    if not chat.is_private:
        require_inside(call.bot, chat)
    return chat


def _find(call: Call, value: str) -> Chat:
    world, bot = call.world, call.bot
    if value.startswith("@"):
        found = world.by_username(value)
        if isinstance(found, Chat):
            return found
        if isinstance(found, Bot):
            raise forbidden("bot can't send messages to bots")
        raise bad_request("chat not found")
    try:
        number = int(value)
    except ValueError:
        raise bad_request("chat not found") from None
    if number > 0:
        return _private(world, bot, number)
    if number in world.migrated:
        raise TelegramError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": world.migrated[number].id},
        )
    chat = world.chats.get(number)
    if chat is None or (bot.id not in chat.members and not chat.username):
        raise bad_request("chat not found")
    return chat


def _private(world: World, bot: Bot, user_id: int) -> Chat:
    user = world.users.get(user_id)
    if user is None:
        raise bad_request("chat not found")
    if user.is_bot:
        raise forbidden("bot can't send messages to bots")
    if not world.acquainted(bot, user):
        raise bad_request("chat not found")
    return world.private_chat(user, bot)


def require_inside(bot: Bot, chat: Chat) -> Member:
    """The bot's row in the chat.

    Raises:
        TelegramError: 403 when the bot is not there (any more).
    """
    member = chat.member(bot.id)
    noun = NOUNS[chat.type]
    if member is not None and member.inside:
        return member
    if member is not None and member.status == "kicked":
        raise forbidden(f"bot was kicked from the {noun} chat")
    if member is not None and chat.type == "group":
        # A basic group cannot be left and seen again: Telegram calls it kicked.
        raise forbidden("bot was kicked from the group chat")
    raise forbidden(f"bot is not a member of the {noun} chat")


def writable_chat(call: Call, permission: str = "can_send_messages", what: str = "text messages") -> Chat:
    """The chat of ``chat_id``, when the bot may send ``what`` there now."""
    chat = target_chat(call)
    if chat.is_private:
        require_started(call.world, chat)
    elif chat.is_channel:
        if not has_right(chat.member(call.bot.id), "can_post_messages"):
            raise bad_request("need administrator rights in the channel chat")
    else:
        standing(call.world, chat, call.bot)
        if not may(chat, call.bot, "can_send_messages"):
            raise bad_request("not enough rights to send text messages to the chat")
        if not may(chat, call.bot, permission):
            raise bad_request(f"not enough rights to send {what} to the chat")
    call.world.limits.count_send(call.bot.id, chat, paid=call.params.flag("allow_paid_broadcast"))
    return chat


def require_started(world: World, chat: Chat) -> None:
    """Refuse to write to somebody who never started the bot or stopped it."""
    if chat.person is not None and chat.person.deactivated:
        raise forbidden("user is deactivated")
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    if not chat.started and chat.writable_until <= world.clock.time():
        raise forbidden("bot can't initiate conversation with a user")


def target_user(call: Call, name: str = "user_id") -> User:
    """An account the bot could know."""
    user = call.world.users.get(call.params.user_id(name))
    if user is None:
        raise bad_request("user not found")
    return user


def target_message(call: Call, chat: Chat, purpose: str, name: str = "message_id") -> Message:
    """A message of the chat; ``purpose`` is the verb of Telegram's "message to … not found"."""
    message_id = call.params.integer(name)
    if message_id is None:
        raise bad_request(f"{name.replace('_', ' ')} is not specified")
    message = chat.by_id.get(message_id)
    if message is None:
        raise bad_request(f"message to {purpose} not found")
    return message


def require_right(call: Call, chat: Chat, right: str, words: str) -> Member:
    """The bot's row, when it is an administrator with the right."""
    member = require_inside(call.bot, chat)
    if not has_right(member, right):
        raise bad_request(words)
    return member
