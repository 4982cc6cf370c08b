"""What an owner's administrators teach about spam: written with their decisions, at work in all his chats."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

from domain.actor import Actor
from domain.antispam.fingerprints import Reading
from domain.antispam.lessons import MOST_LESSONS, Lesson, Lessons, lesson_of
from domain.errors import NotFound
from domain.page import Page
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.signals import Signals
from services.work import UnitOfWork, Work
from storage import lessons
from storage.database import Database
from texts import lessons as wording

LESSON = "lesson"  # a topic: [owner, key of the text] was learned or forgotten
EVERYTHING = ""  # the key that stands for all of an owner's lessons
MOST_IN_MEMORY = 20_000  # lessons of all owners: some 10 KB each
_EMPTY = 2  # lessons that an owner without any counts for
MOST_SINGLE = 200  # news about one owner after which all his lessons are read again
_AT_ONCE = 200  # lessons that may keep the event loop from its other work


async def teach(work: Work, owner_id: int, text: str, links: Iterable[str], *, spam: bool) -> None:
    """An administrator of an owner's chat called a text spam, or not: the last word about it counts.

    Texts of very few letters teach nothing.
    """
    lesson = lesson_of(text, links, spam, work.now)
    if lesson is None:
        return
    await lessons.put(work.tx, owner_id, lesson)
    for key in (lesson.key, *await lessons.trim(work.tx, owner_id, MOST_LESSONS)):
        work.signal(LESSON, [owner_id, key])


async def withdraw(work: Work, owner_id: int, text: str, links: Iterable[str]) -> None:
    """A text that was called spam is not so after all, though nobody said that it never is."""
    key = Reading(text, links).key
    if await lessons.withdraw(work.tx, owner_id, key, spam=True):
        work.signal(LESSON, [owner_id, key])


class LessonService(Guarded):
    """What an owner decides about all that was learned from him and his administrators."""

    def __init__(self, access: Access, work: UnitOfWork, directory: BotDirectory) -> None:
        super().__init__(access)
        self._work, self._directory = work, directory

    @needs(Permission.OWNER)
    async def ask_forget(self, actor: Actor, bot_id: int) -> Page:
        """Whether to forget everything."""
        return wording.ask_forget(actor.t)

    @needs(Permission.OWNER)
    async def forget(self, actor: Actor, bot_id: int) -> None:
        """Forget everything, in all chats of the owner of a bot."""
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        async with self._work(actor) as work:
            await lessons.forget(work.tx, bot.owner_id)
            work.signal(LESSON, [bot.owner_id, EVERYTHING])
            work.event(bot.owner_id, bot_id, "spam.forgotten", by=actor.user_id)
            work.show(wording.forgotten(actor.t))


class _Shelf:
    """One owner's lessons in memory; `news` counts what changed since they were read, by key."""

    def __init__(self) -> None:
        self.lessons = Lessons()
        self.news: dict[str, int] = {EVERYTHING: 1}
        self.reading = asyncio.Lock()

    def hear(self, key: str) -> None:
        """A lesson changed."""
        self.news[key] = self.news.get(key, 0) + 1
        if len(self.news) > MOST_SINGLE:
            self.news = {EVERYTHING: sum(self.news.values())}


class LessonBook:
    """Lessons by owner, those that were asked for lately; kept current by signals from any process."""

    def __init__(self, db: Database, signals: Signals) -> None:
        self._db = db
        self._shelves: OrderedDict[int, _Shelf] = OrderedDict()
        signals.on(LESSON, self._hear)
        signals.on_gap(self._doubt)

    def is_current(self, owner_id: int, known: Lessons) -> bool:
        """Whether these are the owner's lessons as they are now."""
        shelf = self._shelves.get(owner_id)
        return shelf is not None and shelf.lessons is known and not shelf.news

    async def of(self, owner_id: int) -> Lessons:
        """The lessons of an owner. They change when others are learned; see `is_current`."""
        shelf = self._shelves.setdefault(owner_id, _Shelf())
        self._shelves.move_to_end(owner_id)
        if shelf.news:
            async with shelf.reading:  # whoever comes meanwhile waits for the news, too
                await self._read(owner_id, shelf)
            self._make_room()
        return shelf.lessons

    async def _read(self, owner_id: int, shelf: _Shelf) -> None:
        while heard := dict(shelf.news):
            if EVERYTHING in heard:
                async with self._db.read() as tx:
                    found = await lessons.every(tx, owner_id)
                shelf.lessons = await _bound(found)
            else:
                async with self._db.read() as tx:
                    found = await lessons.some(tx, owner_id, list(heard))
                for key in heard:
                    shelf.lessons.drop(key)
                for lesson in found:
                    shelf.lessons.put(lesson)
            # What was heard again meanwhile is news still.
            shelf.news = {key: count for key, count in shelf.news.items() if heard.get(key) != count}

    def _make_room(self) -> None:
        held = sum(len(shelf.lessons) + _EMPTY for shelf in self._shelves.values())
        while held > MOST_IN_MEMORY and len(self._shelves) > 1:
            _, dropped = self._shelves.popitem(last=False)
            held -= len(dropped.lessons) + _EMPTY

    def _hear(self, payload: tuple[int, str]) -> None:
        owner_id, key = payload
        if (shelf := self._shelves.get(owner_id)) is not None:
            shelf.hear(key)

    def _doubt(self) -> None:
        for shelf in self._shelves.values():
            shelf.hear(EVERYTHING)


async def _bound(found: list[Lesson]) -> Lessons:
    """A book of lessons, made between other work: many take a while."""
    book = Lessons()
    for at in range(0, len(found), _AT_ONCE):
        for lesson in found[at : at + _AT_ONCE]:
            book.put(lesson)
        await asyncio.sleep(0)
    return book
