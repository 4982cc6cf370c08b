"""The message somebody replied to, as a domain value."""

from aiogram.types import Message

from domain.post import Post


def quoted(message: Message, bot_id: int) -> Post | None:
    """What `message` replies to; None when it replies to nothing, or only opens a topic."""
    reply = message.reply_to_message
    if reply is None or reply.forum_topic_created is not None:
        return None
    user, chat = reply.from_user, reply.sender_chat
    named = chat.title if chat is not None else (user.full_name if user is not None else "")
    kind = str(reply.content_type)
    return Post(
        bot_id=bot_id,
        update_id=0,
        chat_id=message.chat.id,
        message_id=reply.message_id,
        user_id=user.id if user is not None else 0,
        name=named or "",
        username=user.username if user is not None else None,
        is_bot=user.is_bot if user is not None else False,
        text=reply.text or reply.caption or "",
        date=int(reply.date.timestamp()),
        kind=kind.rpartition(".")[2].lower(),
        links=_links(reply),
        media_group_id=reply.media_group_id,
        sender_chat_id=chat.id if chat is not None else None,
        automatic=bool(reply.is_automatic_forward),
        thread_id=reply.message_thread_id if reply.is_topic_message else None,
    )


def _links(message: Message) -> tuple[str, ...]:
    """The addresses in a message, also those behind words."""
    text = message.text or message.caption or ""
    found = (
        entity.url if entity.type == "text_link" else entity.extract_from(text)
        for entity in message.entities or message.caption_entities or ()
        if entity.type in ("url", "text_link")
    )
    return tuple(filter(None, found))
