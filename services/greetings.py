"""From settings and an occasion to the call that greets: used for the real thing and for its preview."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from domain import calls, greetings, templates
from domain.actor import Translator
from domain.calls import Call
from domain.greetings import Guest
from domain.page import Page
from domain.welcome import Greeting, Media, Side, WelcomeSettings
from texts import greetings as wording


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who came to (or left) which chat. `members` is the chat's count, `inviter` plain text, if any."""

    chat_id: int
    chat: str
    members: int | None
    guests: Sequence[Guest]
    bot_username: str
    inviter: str = ""
    returned: bool = False


def compose(t: Translator, settings: WelcomeSettings, side: Side, occasion: Occasion) -> Call | None:
    """The call that greets in the chat; None when no text comes out of it."""
    greeting = settings.of(side)
    found = _page(t, settings, side, occasion)
    if found is None:
        return None
    page, media = found
    return _call(occasion.chat_id, greeting, page, media, keep_as=side.value)


def preview(
    t: Translator, settings: WelcomeSettings, side: Side, occasion: Occasion, template: str, to: int
) -> Call | None:
    """The same message with the text `template`, for one pair of eyes in the private chat `to`."""
    found = _page(t, settings, side, occasion, template)
    if found is None:
        return None
    page, media = found
    return _call(to, Greeting(), page, media, keep_as=None)


def rules_link(bot_username: str, chat_id: int) -> str:
    """The deep link that shows a chat's rules in private."""
    return f"https://t.me/{bot_username}?start=rules_{chat_id}"


def rules_of(settings: WelcomeSettings, chat: str, members: int | None, t: Translator) -> str:
    """The rules with their placeholders filled; empty when there are none."""
    values = wording.values(t, [Guest(0, "")], chat, members, "")(1)
    return templates.fill(settings.rules_text, {name: values[name] for name in ("chat", "count")})


def _page(
    t: Translator, settings: WelcomeSettings, side: Side, occasion: Occasion, template: str | None = None
) -> tuple[Page, Media | None] | None:
    greeting = settings.of(side)
    template = template or _choose(t, settings, side, occasion)
    values = wording.values(t, occasion.guests, occasion.chat, occasion.members, occasion.inviter)
    rules = rules_of(settings, occasion.chat, occasion.members, t)
    url = None
    if side is Side.WELCOME and settings.rules_text and settings.rules_button:
        url = rules_link(occasion.bot_username, occasion.chat_id)
    # A text inherited from all chats may be too long for the picture of one chat: then the text goes alone.
    attempts = [(greeting.media, templates.CAPTION_LIMIT)] if greeting.media else []
    for media, limit in [*attempts, (None, templates.TEXT_LIMIT)]:
        html = greetings.fitted(template, limit, values, len(occasion.guests), rules)
        if html is not None:
            return wording.greeting(t, greeting, html, url), media
    return None


def _choose(t: Translator, settings: WelcomeSettings, side: Side, occasion: Occasion) -> str:
    if side is Side.WELCOME and occasion.returned and settings.back_text:
        return settings.back_text
    return random.choice(settings.of(side).texts or (wording.default_text(t, side),))


def _call(chat_id: int, greeting: Greeting, page: Page, media: Media | None, keep_as: str | None) -> Call:
    thread_id, delete_after = greeting.thread_id or None, greeting.delete_after or None
    if media is None:
        return calls.send(
            chat_id, page, thread_id=thread_id, silent=greeting.silent, keep_as=keep_as,
            delete_after=delete_after,
        )  # fmt: skip
    return calls.send_file(
        chat_id, media.kind, media.file_id, page, thread_id=thread_id, silent=greeting.silent,
        keep_as=keep_as, delete_after=delete_after,
    )  # fmt: skip
