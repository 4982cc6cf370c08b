"""Wording at the gate of paid chats."""

from collections.abc import Sequence

from domain.actor import Translator
from domain.bots import Bot
from domain.page import Page
from texts.markup import bold
from texts.plans import OfferLike, shop


def closed(t: Translator, chat_title: str, offers: Sequence[OfferLike]) -> Page:
    """Somebody asks to be let in who has no membership."""
    offered = shop(t, offers)
    words = t(
        "{chat} is for members. Your request waits: as soon as you have a membership, you are in.",
        chat=bold(chat_title),
    )
    return Page(f"{words}\n\n{offered.text}", offered.rows)


def no_rights(t: Translator, bot: Bot, chat_title: str) -> Page:
    """The owner is told that a chat cannot be guarded."""
    text = t(
        "⚠️ {bot} cannot look after {chat}: it lacks the right to invite or to remove people there. Members "
        "cannot get in and people whose membership ended cannot be removed. Give it these rights back; what "
        "is waiting is then done by itself.",
        bot=bold(f"@{bot.username}"),
        chat=bold(chat_title),
    )
    return Page(text)
