"""From a rule and a person to the answer he gets: used for the real thing and for its preview."""

import random
from dataclasses import dataclass

from domain import calls, greetings, templates, welcome
from domain.actor import Translator
from domain.autoreplies import Rule
from domain.calls import Call
from domain.greetings import Guest
from domain.page import Page
from domain.welcome import Media
from services.greetings import rules_of
from storage import chats, settings
from storage.database import Tx
from texts import autoreplies as wording
from texts import greetings as greeting_wording

_OF_CHAT = frozenset(("chat", "count", "rules"))  # placeholders that need more than the message


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, ready to be sent. The page is the caption of the picture where there is one."""

    page: Page
    media: Media | None = None

    def call(
        self,
        chat_id: int,
        *,
        reply_to: int | None = None,
        thread_id: int | None = None,
        delete_after: int | None = None,
    ) -> Call:
        """The call that sends it."""
        if self.media is None:
            return calls.send(
                chat_id, self.page, reply_to=reply_to, thread_id=thread_id, delete_after=delete_after
            )
        return calls.send_file(
            chat_id, self.media.kind, self.media.file_id, self.page, reply_to=reply_to, thread_id=thread_id,
            delete_after=delete_after,
        )  # fmt: skip


async def compose(
    tx: Tx, t: Translator, bot_id: int, chat_id: int, rule: Rule, guest: Guest, private_name: str = ""
) -> Reply | None:
    """One of the rule's answers with its values; None when they make it longer than Telegram takes, or
    leave nothing to read.

    `private_name` is what `{{chat}}` says in the chat with the bot.
    """
    if not rule.responses:
        return Reply(wording.reply("", rule.buttons), rule.media)
    template = random.choice(rule.responses)
    names = templates.used(template)
    asks = not _OF_CHAT.isdisjoint(names)
    chat = await chats.get(tx, bot_id, chat_id) if chat_id and asks else None
    title = chat.title if chat is not None else private_name
    members = chat.members if chat is not None else None
    rules = ""
    if "rules" in names and chat_id:
        document = await settings.merged(tx, bot_id, chat_id, "welcome")
        rules = rules_of(welcome.from_document(document), title, members, t)
    values = greeting_wording.values(t, [guest], title, members, "")
    limit = templates.CAPTION_LIMIT if rule.media is not None else templates.TEXT_LIMIT
    html = greetings.fitted(template, limit, values, 1, rules)
    return None if html is None else Reply(wording.reply(html, rule.buttons), rule.media)
