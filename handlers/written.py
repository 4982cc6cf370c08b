"""What somebody wrote, as Telegram HTML."""

import re

from aiogram.types import Message

from domain.errors import Invalid
from domain.welcome import Media

# Formatting people choose; the rest (links, mentions, hashtags) Telegram finds by itself.
_CHOSEN = frozenset((
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link", "text_mention",
    "custom_emoji", "blockquote", "expandable_blockquote", "date_time",
))  # fmt: skip
_TYPED_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def plain_text(message: Message) -> str:
    """The text of a message. Raises `Invalid` (not_a_text) for one without."""
    if not message.text:
        raise Invalid("text", "not_a_text")
    return message.text


def html_text(message: Message) -> str:
    """The text with its formatting. Raises `Invalid` (not_a_text) for a message without text."""
    plain_text(message)
    return formatted(message)


def media_of(message: Message) -> Media | None:
    """The photo, video or animation that came with a message."""
    if message.photo:
        return Media("photo", message.photo[-1].file_id)
    if message.animation is not None:  # Telegram gives animations a `document` as well, never a `video`
        return Media("animation", message.animation.file_id)
    return Media("video", message.video.file_id) if message.video is not None else None


def formatted(message: Message) -> str:
    """Text or caption with its formatting; empty when there is neither.

    Some type the tags by hand: a message without formatting of its own but with tags in it is HTML.
    """
    raw = message.text or message.caption or ""
    entities = message.entities or message.caption_entities or []
    typed = _TYPED_TAG.search(raw) and not any(entity.type in _CHOSEN for entity in entities)
    return raw if typed or not raw else message.html_text
