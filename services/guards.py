"""The guards of chats in memory: compiled from settings and rules, dropped when those change."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

from domain.antispam.lessons import Lessons
from domain.antispam.memory import ChatMemory, Memories
from domain.antispam.pipeline import Doubt, Pipeline
from domain.antispam.settings import AntiSpamSettings, Mode
from domain.autoreplies import Rule, RuleBook
from domain.bots import AdminChat, Bot
from domain.clock import Clock
from domain.post import Post
from services.access import Access
from services.antispam import own_names, settings_of
from services.autoreplies import AutoReplyService
from services.chats import CHAT_CHANGED
from services.chatter import Reaction
from services.directory import BotDirectory
from services.hits import HitService, Protection
from services.lessons import LessonBook
from services.signals import Signals
from services.spammers import Spammers
from services.suspects import Suspects
from storage import antispam, autoreplies, chats, moderation
from storage.database import Database, Tx

MOST_GUARDS = 5_000
FRESH = 600.0  # seconds a guard lives: where the bot is no administrator, nothing tells who else is one
RETRY = 30.0  # seconds, when the administrators could not be asked for
TELEGRAM = 777_000  # the account posts of the linked channel come from
_NEEDED = frozenset(("can_delete_messages", "can_restrict_members"))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a guard is compiled from."""

    rules: tuple[Rule, ...]
    settings: AntiSpamSettings
    since: datetime | None
    exempt: frozenset[int]
    chat: AdminChat | None


class GuardCache:
    """Guards by bot and chat, the busiest ones. `memories` outlive the guards that use them."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        signals: Signals,
        access: Access,
        directory: BotDirectory,
        memories: Memories,
        reactions: "Reactions",
        lessons: LessonBook,
        spammers: Spammers,
    ) -> None:
        self._db, self._clock, self._access, self._directory = db, clock, access, directory
        self._memories, self._reactions, self._lessons = memories, reactions, lessons
        self._spammers = spammers
        self._guards: OrderedDict[tuple[int, int], ChatGuard] = OrderedDict()
        self._loading: dict[tuple[int, int], asyncio.Lock] = {}
        self._changed: set[tuple[int, int]] = set()  # while they are being loaded
        self._books: WeakValueDictionary[tuple[Rule, ...], RuleBook] = WeakValueDictionary()
        signals.on(CHAT_CHANGED, self._forget)
        signals.on_gap(self._forget_all)

    def get(self, bot_id: int, chat_id: int) -> "ChatGuard | None":
        """The guard of a chat; None when `load` must fetch it, or what was taught lately."""
        key = (bot_id, chat_id)
        guard = self._guards.get(key)
        if guard is None or guard.until < time.monotonic():
            return None
        if (taught := guard.taught) is not None and not self._lessons.is_current(*taught):
            return None
        self._guards.move_to_end(key)
        return guard

    async def load(self, bot_id: int, chat_id: int) -> "ChatGuard":
        """Compile the guard of a chat; who comes meanwhile waits for the same one."""
        key = (bot_id, chat_id)
        lock = self._loading.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if (old := self._guards.get(key)) is not None and old.taught is not None:
                    await self._lessons.of(old.taught[0])
                guard = self.get(bot_id, chat_id)
                while guard is None:
                    self._changed.discard(key)
                    guard = await self._compile(bot_id, chat_id)
                    if key in self._changed:  # what was read is old already
                        guard = None
                        continue
                    self._keep(key, guard)
                return guard
        finally:
            if not lock.locked():
                self._loading.pop(key, None)
                self._changed.discard(key)

    def _keep(self, key: tuple[int, int], guard: "ChatGuard") -> None:
        self._guards[key] = guard
        self._guards.move_to_end(key)
        if len(self._guards) > MOST_GUARDS:
            self._guards.popitem(last=False)

    def _forget(self, payload: list[int]) -> None:
        """Something about a chat changed; chat 0 is every chat of the bot."""
        bot_id, chat_id = payload
        self._changed |= {key for key in self._loading if key[0] == bot_id and chat_id in (0, key[1])}
        if chat_id:
            self._guards.pop((bot_id, chat_id), None)
            return
        for key in [key for key in self._guards if key[0] == bot_id]:
            del self._guards[key]

    def _forget_all(self) -> None:
        self._changed |= self._loading.keys()
        self._guards.clear()

    async def _compile(self, bot_id: int, chat_id: int) -> "ChatGuard":
        bot = await self._directory.get(bot_id)
        async with self._db.read() as tx:
            facts = await _read(tx, bot_id, chat_id)
        pipeline = protection = taught = None
        lives = FRESH
        exempt = facts.exempt
        if bot is not None and facts.settings.mode is not Mode.OFF:
            admins = await self._access.administrators(bot_id, chat_id)
            if not admins:  # every group has some: Telegram did not answer, and nobody is punished unproved
                lives = RETRY
            else:
                since = facts.since or await self._begin(bot_id, chat_id)
                exempt |= {chat_id, TELEGRAM, bot.owner_id, bot.telegram_id, *admins}
                lessons = await self._lessons.of(bot.owner_id)
                await self._spammers.load()
                own = own_names(bot, facts.chat)
                pipeline = Pipeline(facts.settings, own, lessons, self._spammers.listed)
                taught = bot.owner_id, lessons
                protection = Protection(facts.settings, since, _able(facts.chat))
        memory = self._memories.of(bot_id, chat_id)
        guard = ChatGuard(
            self._clock, self._reactions, memory, self._book(facts.rules), time.monotonic() + lives
        )
        if pipeline is not None and protection is not None:
            guard.protect(pipeline, protection, exempt)
            guard.taught = taught
        return guard

    async def _begin(self, bot_id: int, chat_id: int) -> datetime:
        """A chat is guarded for the first time: its day of observation begins."""
        async with self._db.write() as tx:
            return await antispam.guard(tx, bot_id, chat_id, self._clock.now())

    def _book(self, rules: tuple[Rule, ...]) -> RuleBook | None:
        """Rules compiled; chats with the same rules share them."""
        if not rules:
            return None
        book = self._books.get(rules)
        if book is None:
            book = self._books[rules] = RuleBook(rules)
        return book


async def _read(tx: Tx, bot_id: int, chat_id: int) -> _Facts:
    rules = await autoreplies.heard_in(tx, bot_id, (0, chat_id))
    chat = await chats.get(tx, bot_id, chat_id)
    exempt = await moderation.approved_in(tx, bot_id, chat_id)
    linked = chat.linked_chat_id if chat is not None else None
    return _Facts(
        # The chat's own rules are asked before those of all chats.
        rules=tuple(sorted(rules, key=lambda rule: (rule.chat_id == 0, rule.id))),
        settings=await settings_of(tx, bot_id, chat_id),
        since=await antispam.guarded_since(tx, bot_id, chat_id),
        exempt=exempt | ({linked} if linked is not None else set()),
        chat=chat,
    )


def _able(chat: AdminChat | None) -> bool:
    """Whether the bot has the rights it needs, as far as we know."""
    return chat is None or not chat.admin or chat.rights >= _NEEDED


@dataclass(frozen=True, slots=True)
class Reactions:
    """What guards have done by others."""

    hits: HitService
    suspects: Suspects
    autoreplies: AutoReplyService


class ChatGuard:
    """One chat's checks and rules (`services.chatter.Guard`). `until` is a moment of `time.monotonic`;
    `taught` are the lessons it goes by, and whose they are."""

    def __init__(
        self,
        clock: Clock,
        reactions: Reactions,
        memory: ChatMemory,
        book: RuleBook | None,
        until: float,
    ) -> None:
        self._clock, self._reactions, self._memory, self._book = clock, reactions, memory, book
        self.until = until
        self.taught: tuple[int, Lessons] | None = None
        self._pipeline: Pipeline | None = None
        self._protection: Protection | None = None
        self._exempt: frozenset[int] = frozenset()

    def protect(self, pipeline: Pipeline, protection: Protection, exempt: frozenset[int]) -> None:
        """Check messages of everybody who is not exempt."""
        self._pipeline, self._protection, self._exempt = pipeline, protection, exempt

    def examine(self, post: Post) -> Reaction | None:
        """Look at a message. Bots are neither judged nor answered; edited messages are not answered."""
        sender_chat = post.sender_chat_id
        if not post.edited:
            self._memory.wrote(post.message_id, post.thread_id)
        if post.automatic or (post.is_bot and sender_chat is None):
            return None
        if post.username is not None and sender_chat is None:
            self._memory.met(post.username, post.user_id, post.name)
        answer = None
        if self._book is not None and not post.edited:
            answer = self._answer(self._book, post)
        if self._pipeline is None or (sender_chat or post.user_id) in self._exempt:
            return answer
        if post.media_group_id is not None and self._memory.album(post.media_group_id, post.message_id):
            return Leftover(self._reactions.hits)
        doubt = self._pipeline.examine(post, self._memory)
        if doubt is None or self._protection is None:
            return answer
        return Suspicion(self._reactions, self._pipeline, self._protection, self._memory, doubt, answer)

    def _answer(self, book: RuleBook, post: Post) -> "Answer | None":
        found = book.find(post.text)
        if not found:
            return None
        now = self._clock.now()
        rule = next((rule for rule in found if rule.answers_at(now)), None)
        return None if rule is None else Answer(self._reactions.autoreplies, rule)


@dataclass(frozen=True, slots=True)
class Answer:
    """A rule answers."""

    autoreplies: AutoReplyService
    rule: Rule

    async def react(self, tenant: Bot, post: Post) -> None:
        await self.autoreplies.answer(tenant, post, self.rule)


@dataclass(frozen=True, slots=True)
class Leftover:
    """A further part of an album that was taken for spam."""

    hits: HitService

    async def react(self, tenant: Bot, post: Post) -> None:
        await self.hits.discard(tenant, post)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A message that may be spam; when it is not, `otherwise` happens."""

    reactions: Reactions
    pipeline: Pipeline
    protection: Protection
    memory: ChatMemory
    doubt: Doubt
    otherwise: Reaction | None

    async def react(self, tenant: Bot, post: Post) -> None:
        guilty = await self.reactions.suspects.weigh(tenant, post, self.pipeline, self.memory, self.doubt)
        if guilty is None:
            if self.otherwise is not None:
                await self.otherwise.react(tenant, post)
            return
        album = self.memory.seen_of(post.media_group_id)
        acted = await self.reactions.hits.catch(tenant, post, self.protection, guilty, album)
        if acted and post.media_group_id is not None:
            self.memory.condemn(post.media_group_id)
