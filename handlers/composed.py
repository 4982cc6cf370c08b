"""What somebody sent to be sent on: text with its formatting as Telegram Markdown, a picture or a video."""

from aiogram.types import Message

from domain.creatives import MediaType, Sent
from domain.errors import Invalid
from domain.markdown import Span, from_entities


def composed(message: Message) -> Sent:
    """The message as a creative. Raises `Invalid` (not_sendable) for one with neither text, photo nor video.

    Some type the marks by hand: a message without formatting of its own is taken as Markdown already.
    """
    raw = message.text or message.caption or ""
    spans = [
        Span(entity.type, entity.offset, entity.length, entity.url)
        for entity in message.entities or message.caption_entities or []
    ]
    formatted = any(span.type in ("bold", "italic", "code", "pre", "text_link") for span in spans)
    text = from_entities(raw, spans) if formatted else raw
    if message.photo:
        largest = message.photo[-1]
        return Sent(text, MediaType.PHOTO, largest.file_id, largest.file_size or 0)
    if message.video is not None:
        return Sent(text, MediaType.VIDEO, message.video.file_id, message.video.file_size or 0)
    if not text:
        raise Invalid("text", "not_sendable")
    return Sent(text)
