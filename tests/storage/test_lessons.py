"""Lessons of owners, on both engines, and the book that has them in memory."""

import asyncio
from datetime import UTC, datetime, timedelta

from domain.antispam.fingerprints import Reading
from domain.antispam.lessons import Learned, Lesson, lesson_of
from services import lessons as service
from services.lessons import EVERYTHING, LESSON, LessonBook
from services.signals import Signals
from storage import lessons
from storage.database import Database, Tx
from tests.storage.test_federation import connect

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OLGA, BORIS = 4, 5
TEXTS = [
    f"Our club number {'abcdefgh'[n] * 2} meets on Friday in the old library, bring friends" for n in range(6)
]


def lesson(number: int, spam: bool = True, minute: int | None = None) -> Lesson:
    at = NOW + timedelta(minutes=number if minute is None else minute)
    found = lesson_of(TEXTS[number], [f"https://club{number}.example/"], spam, at)
    assert found is not None
    return found


async def put(db: Database, *given: Lesson, owner_id: int = OLGA) -> None:
    async with db.write() as tx:
        for one in given:
            await lessons.put(tx, owner_id, one)


async def every(db: Database, owner_id: int = OLGA) -> list[Lesson]:
    async with db.read() as tx:
        return await lessons.every(tx, owner_id)


async def test_the_last_word_about_a_text_is_kept_for_its_owner(db: Database) -> None:
    bot_id = await connect(db, OLGA, 101)
    await put(db, lesson(1), lesson(0))
    await put(db, lesson(1, spam=False, minute=9))
    await put(db, lesson(2), owner_id=BORIS)
    assert await every(db) == [lesson(0), lesson(1, spam=False, minute=9)], "as they were, the oldest first"
    async with db.write() as tx:
        assert await lessons.some(tx, OLGA, [lesson(0).key, lesson(2).key]) == [lesson(0)]
        assert await lessons.learned(tx, bot_id) == Learned(1, 1)
        assert not await lessons.withdraw(tx, OLGA, lesson(1).key, spam=True), "it says otherwise"
        assert await lessons.withdraw(tx, OLGA, lesson(0).key, spam=True)
        await lessons.forget(tx, OLGA)
    assert await every(db) == []
    assert await every(db, BORIS) == [lesson(2)]


async def test_the_oldest_make_room(db: Database) -> None:
    await put(db, *map(lesson, range(5)))
    await put(db, lesson(0), owner_id=BORIS)
    await put(db, lesson(0, minute=7))
    async with db.write() as tx:
        assert set(await lessons.trim(tx, OLGA, 3)) == {lesson(1).key, lesson(2).key}
        assert await lessons.trim(tx, OLGA, 3) == []
    assert await every(db) == [lesson(3), lesson(4), lesson(0, minute=7)]
    assert len(await every(db, BORIS)) == 1


async def test_the_book_hears_of_every_change(db: Database) -> None:
    signals = Signals()
    book = LessonBook(db, signals)
    await put(db, lesson(0), lesson(1))
    await put(db, lesson(2), owner_id=BORIS)
    first, his = await asyncio.gather(book.of(OLGA), book.of(BORIS))
    assert (first.learned, his.learned) == (Learned(2, 0), Learned(1, 0))
    assert book.is_current(OLGA, first)
    assert await book.of(OLGA) is first
    await put(db, lesson(1, spam=False, minute=9), lesson(3))
    assert first.learned == Learned(2, 0)
    for number in (1, 3):
        signals.dispatch(LESSON, [OLGA, lesson(number).key])
    assert not book.is_current(OLGA, first)
    assert book.is_current(BORIS, his)
    assert await book.of(OLGA) is first, "what is compiled with it goes on"
    assert first.learned == Learned(2, 1)
    assert book.is_current(OLGA, first)
    async with db.write() as tx:
        await lessons.withdraw(tx, OLGA, lesson(3).key, spam=True)
    signals.dispatch(LESSON, [OLGA, lesson(3).key])
    assert (await book.of(OLGA)).learned == Learned(1, 1)
    async with db.write() as tx:
        await lessons.forget(tx, OLGA)
    signals.dispatch(LESSON, [OLGA, EVERYTHING])
    assert len(await book.of(OLGA)) == 0
    await put(db, lesson(4))
    signals.missed()
    assert not book.is_current(BORIS, his)
    seen = Reading(TEXTS[4], ["https://club4.example/"])
    assert (await book.of(OLGA)).spam(seen) is not None


async def test_what_is_taught_while_the_book_is_read_is_news_still(db: Database, monkeypatch) -> None:
    signals, read = Signals(), lessons.every

    async def slowly(tx: Tx, owner_id: int) -> list[Lesson]:
        found = await read(tx, owner_id)
        if len(found) < 2:
            await put(db, lesson(1))
            signals.dispatch(LESSON, [OLGA, lesson(1).key])
        return found

    monkeypatch.setattr(lessons, "every", slowly)
    book = LessonBook(db, signals)
    await put(db, lesson(0))
    found = await asyncio.gather(*(book.of(OLGA) for _ in range(3)))
    assert {one.learned for one in found} == {Learned(2, 0)}


async def test_only_so_many_are_in_memory(db: Database, monkeypatch) -> None:
    monkeypatch.setattr(service, "MOST_IN_MEMORY", 5)
    book = LessonBook(db, Signals())
    await put(db, lesson(0), lesson(1))
    await put(db, lesson(2), owner_id=BORIS)
    hers = await book.of(OLGA)
    his = await book.of(BORIS)
    assert book.is_current(BORIS, his)
    assert not book.is_current(OLGA, hers), "she was asked for longer ago"
    assert (await book.of(OLGA)).learned == Learned(2, 0)
