"""A closer look at messages that may be spam: what only the database and Telegram can tell."""

from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, datetime

from domain.antispam.evidence import Evidence, is_spam
from domain.antispam.memory import ChatMemory
from domain.antispam.opinions import judged
from domain.antispam.pipeline import Doubt, Pipeline, names_a_bot, outsider
from domain.antispam.settings import AntiSpamSettings
from domain.bots import Bot
from domain.errors import TelegramError, TelegramRefused
from domain.post import Post
from domain.telegram import Telegram
from services.activity import ActivityService
from services.opinions import Opinions
from services.profiles import Profiles
from storage import antispam, memberships
from storage.database import Database

MOST_MENTIONS = 3  # of a message that are looked up
MOST_NAMES = 10_000
_LISTED = "known_spammer"


class Suspects:
    """Resolves doubts. Costs a query or a question to Telegram, for a small part of all messages.

    What is left in doubt is put before a language model, where a chat wants that: `opinions`.
    """

    def __init__(
        self, db: Database, telegram: Telegram, activity: ActivityService, opinions: Opinions | None = None
    ) -> None:
        self._db, self._telegram, self._activity, self._opinions = db, telegram, activity, opinions
        self._profiles = Profiles(telegram)
        self._outsiders: OrderedDict[str, int | None] = OrderedDict()  # name → id of the chat, None: a person

    async def weigh(
        self, tenant: Bot, post: Post, pipeline: Pipeline, memory: ChatMemory, doubt: Doubt
    ) -> tuple[Evidence, ...] | None:
        """All evidence against a message; None when it is not enough."""
        if any(one.code == _LISTED for one in doubt.evidence) and await self._is_customer(tenant, post):
            doubt = replace(doubt, evidence=tuple(one for one in doubt.evidence if one.code != _LISTED))
        evidence, newcomer = doubt.evidence, None
        by_person = doubt.opinion and post.sender_chat_id is None
        asked = doubt.newcomer or doubt.profile or by_person
        if doubt.common or (asked and not is_spam(evidence)):
            newcomer = await self._is_newcomer(tenant, post, pipeline.settings)
            if doubt.common and not newcomer:
                evidence = tuple(one for one in evidence if one.code != "similar")
            if newcomer and doubt.newcomer and not is_spam(evidence):
                evidence = pipeline.as_newcomer(post, doubt)
            if newcomer and doubt.profile and not is_spam(evidence):
                evidence = await self._profiles.look(post, pipeline, evidence)
            if newcomer is False:
                memory.regular(post.user_id)
        for mention in doubt.mentions[:MOST_MENTIONS]:
            if not is_spam(evidence) and await self._is_outsider(tenant, post, mention):
                evidence = (*evidence, outsider(mention))
        if doubt.opinion and newcomer is not False and not is_spam(evidence):
            evidence = (*evidence, *await self._opinion(tenant, post))
        return evidence if is_spam(evidence) else None

    async def _is_customer(self, tenant: Bot, post: Post) -> bool:
        """Whether the author has paid the owner, who knows him better than a list does."""
        async with self._db.read() as tx:
            at = datetime.fromtimestamp(post.date, UTC)
            return await memberships.is_customer(tx, tenant.owner_id, post.user_id, at)

    async def _opinion(self, tenant: Bot, post: Post) -> tuple[Evidence, ...]:
        """What the language model has against a message."""
        found = await self._opinions.of(tenant.owner_id, post.text) if self._opinions is not None else None
        return (judged(found),) if found is not None and found.spam else ()

    async def _is_newcomer(self, tenant: Bot, post: Post, settings: AntiSpamSettings) -> bool | None:
        """Few messages so far, and joined lately, or not at all: he comments from outside.

        None when Telegram does not say: nobody is taken for a stranger without proof, nor for a regular.
        """
        bot_id, chat_id, user_id = tenant.id, post.chat_id, post.user_id
        if await self._activity.messages(bot_id, chat_id, user_id) >= settings.newcomer_messages:
            return False
        async with self._db.read() as tx:
            joined = await antispam.joined_at(tx, bot_id, chat_id, user_id)
        if joined is not None:
            return post.date - joined.timestamp() < settings.newcomer_seconds
        try:
            member = await self._telegram.ask(tenant.id, "getChatMember", chat_id=chat_id, user_id=user_id)
        except TelegramError:
            return None
        return member["status"] in ("left", "kicked")

    async def _is_outsider(self, tenant: Bot, post: Post, mention: str) -> bool:
        """Whether a mention advertises a bot, or a channel or group other than this one."""
        if names_a_bot(mention):
            return True
        name = mention.lower()
        if name not in self._outsiders:
            try:
                chat = await self._telegram.ask(tenant.id, "getChat", chat_id=mention)
            except TelegramRefused:  # people cannot be looked up by name, only chats
                self._outsiders[name] = None
            except TelegramError:
                return False  # not known for now
            else:
                self._outsiders[name] = chat["id"] if chat["type"] != "private" else None
            if len(self._outsiders) > MOST_NAMES:
                self._outsiders.popitem(last=False)
        found = self._outsiders[name]
        return found is not None and found != post.chat_id
