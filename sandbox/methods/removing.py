"""deleteMessage and deleteMessages."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.methods.targets import target_chat, target_message
from sandbox.model import Chat, Message
from sandbox.params import Call, method
from sandbox.posting import delete
from sandbox.rights import has_right

NEVER_DELETABLE = ("supergroup_chat_created", "channel_chat_created", "migrate_from_chat_id")


@method("deleteMessage")
def delete_message(call: Call) -> bool:
    chat = target_chat(call)
    message = target_message(call, chat, "delete")
    refusal = _refusal(call, chat, message)
    if refusal is not None:
        raise bad_request(refusal)
    delete(call.world, message)
    return True


@method("deleteMessages")
def delete_messages(call: Call) -> bool:
    chat = target_chat(call)
    numbers = call.params.list("message_ids")
    if numbers is None or not 1 <= len(numbers) <= 100:
        raise bad_request("message identifiers must be 1-100 numbers")
    messages = [chat.by_id.get(int(number)) for number in numbers]
    for message in messages:
        # Messages that are gone are skipped; one that may not be deleted fails the call.
        if message is not None and (refusal := _refusal(call, chat, message)):
            raise bad_request(refusal)
    for message in messages:
        if message is not None:
            delete(call.world, message)
    return True


def _refusal(call: Call, chat: Chat, message: Message) -> str | None:
    own = message.sender is call.bot or message.post is call.bot
    age = call.world.clock.time() - message.date
    too_old = age > call.world.limits.delete_hours * 3600
    if message.service in NEVER_DELETABLE:
        return "message can't be deleted"
    if chat.is_private:
        return "message can't be deleted for everyone" if too_old else None
    if has_right(chat.member(call.bot.id), "can_delete_messages"):
        return None
    if not own:
        return "message can't be deleted"
    return "message can't be deleted for everyone" if too_old else None
