"""The fast lane: group chatter is decoded into the few fields that matter, without aiogram.

Most updates are chatter that concerns nobody. Decoding them with msgspec and looking at them with the
chat's compiled checks costs a tenth of what building and dispatching aiogram's objects does.
"""

from typing import Annotated, Any

import msgspec

from domain.bots import Bot
from domain.post import Post

_KINDS = (
    "photo", "video", "animation", "document", "audio", "voice", "video_note", "sticker", "story", "contact",
    "location", "venue", "poll", "dice", "game", "paid_media", "checklist", "giveaway",
)  # fmt: skip

# Fields of which only the presence matters are skipped over, not decoded. An absent `Raw` is empty and
# false; `Raw | None` would decode null and nothing else.
_ABSENT = msgspec.Raw()


class _Chat(msgspec.Struct, gc=False):
    id: int
    type: str
    title: str | None = None


class _User(msgspec.Struct, gc=False):
    id: int
    first_name: str = ""
    is_bot: bool = False
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None


class _Entity(msgspec.Struct, gc=False):
    type: str
    offset: int
    length: int
    url: str | None = None


class _Reply(msgspec.Struct, gc=False):
    sender: _User | None = msgspec.field(default=None, name="from")


class _Message(msgspec.Struct, gc=False):
    message_id: int
    chat: _Chat
    date: int = 0
    sender: _User | None = msgspec.field(default=None, name="from")
    sender_chat: _Chat | None = None
    text: str | None = None
    caption: str | None = None
    entities: list[_Entity] = []
    caption_entities: list[_Entity] = []
    is_automatic_forward: bool = False
    is_topic_message: bool = False
    message_thread_id: int | None = None
    media_group_id: str | None = None
    forward_origin: msgspec.Raw = _ABSENT
    via_bot: msgspec.Raw = _ABSENT
    reply_markup: msgspec.Raw = _ABSENT
    reply_to_message: _Reply | None = None
    photo: msgspec.Raw = _ABSENT
    video: msgspec.Raw = _ABSENT
    animation: msgspec.Raw = _ABSENT
    document: msgspec.Raw = _ABSENT
    audio: msgspec.Raw = _ABSENT
    voice: msgspec.Raw = _ABSENT
    video_note: msgspec.Raw = _ABSENT
    sticker: msgspec.Raw = _ABSENT
    story: msgspec.Raw = _ABSENT
    contact: msgspec.Raw = _ABSENT
    location: msgspec.Raw = _ABSENT
    venue: msgspec.Raw = _ABSENT
    poll: msgspec.Raw = _ABSENT
    dice: msgspec.Raw = _ABSENT
    game: msgspec.Raw = _ABSENT
    paid_media: msgspec.Raw = _ABSENT
    checklist: msgspec.Raw = _ABSENT
    giveaway: msgspec.Raw = _ABSENT
    successful_payment: msgspec.Raw = _ABSENT
    refunded_payment: msgspec.Raw = _ABSENT
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None
    new_chat_title: str | None = None
    new_chat_members: list[_User] = []
    left_chat_member: _User | None = None


class Envelope(msgspec.Struct, gc=False):
    """An update, as far as the fast lane reads it."""

    update_id: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    message: _Message | None = None
    edited_message: _Message | None = None
    pre_checkout_query: msgspec.Raw = _ABSENT

    @property
    def urgent(self) -> bool:
        """Whether somebody is about to pay: Telegram gives us ten seconds, and then he cannot."""
        return bool(self.pre_checkout_query)


decode = msgspec.json.Decoder(Envelope).decode


def chatter(tenant: Bot, envelope: Envelope, commands: Any) -> Post | None:
    """The update as group chatter; None when it is something a handler must see.

    `commands` holds the names of our commands: "/shrug" of another bot is chatter like any other.
    """
    message = envelope.message or envelope.edited_message
    if message is None or message.chat.type not in ("group", "supergroup"):
        return None
    if message.migrate_to_chat_id is not None or message.migrate_from_chat_id is not None:
        return None
    if message.new_chat_title is not None or has_payment(message):
        return None
    if message.new_chat_members or message.left_chat_member is not None:
        return None
    edited = envelope.message is None
    text = message.text or message.caption or ""
    if text.startswith("/") and not edited and _is_command(text, tenant.username, commands):
        return None
    return _post(tenant.id, envelope.update_id, message, text, edited)


def has_payment(message: _Message | None) -> bool:
    """Whether a message tells of money."""
    return message is not None and bool(message.successful_payment or message.refunded_payment)


def _is_command(text: str, username: str, commands: Any) -> bool:
    word = text[1:].split(None, 1)[0] if len(text) > 1 else ""
    name, _, addressee = word.partition("@")
    return name.lower() in commands and (not addressee or addressee.lower() == username.lower())


def _post(bot_id: int, update_id: int, message: _Message, text: str, edited: bool) -> Post:
    sender = message.sender
    links: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    emojis = 0
    entities = message.entities or message.caption_entities
    if entities:
        found = [(e.type, e.url if e.url is not None else _slice(text, e.offset, e.length)) for e in entities]
        links = tuple(value for kind, value in found if kind in ("url", "text_link"))
        mentions = tuple(value for kind, value in found if kind == "mention")
        emojis = sum(kind == "custom_emoji" for kind, _ in found)
    kind = "text"
    if message.text is None:
        kind = next((name for name in _KINDS if getattr(message, name)), "other")
    return Post(
        bot_id=bot_id,
        update_id=update_id,
        chat_id=message.chat.id,
        message_id=message.message_id,
        user_id=sender.id if sender is not None else 0,
        name=(message.sender_chat and message.sender_chat.title) or _name(sender),
        username=sender.username if sender is not None else None,
        is_bot=sender.is_bot if sender is not None else False,
        text=text,
        date=message.date,
        kind=kind,
        edited=edited,
        links=links,
        mentions=mentions,
        emojis=emojis,
        media_group_id=message.media_group_id,
        forwarded=bool(message.forward_origin),
        via_bot=bool(message.via_bot),
        buttons=bool(message.reply_markup),
        sender_chat_id=message.sender_chat.id if message.sender_chat is not None else None,
        automatic=message.is_automatic_forward,
        thread_id=message.message_thread_id if message.is_topic_message else None,
        reply_to_user=_author(message.reply_to_message),
        language_code=sender.language_code if sender is not None else None,
    )


def _author(reply: _Reply | None) -> int | None:
    return reply.sender.id if reply is not None and reply.sender is not None else None


def _name(user: _User | None) -> str:
    if user is None:
        return ""
    return f"{user.first_name} {user.last_name}" if user.last_name else user.first_name


def _slice(text: str, offset: int, length: int) -> str:
    """Part of a text by Telegram's offsets, which count UTF-16 units."""
    if text.isascii():
        return text[offset : offset + length]
    raw = text.encode("utf-16-le")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")
