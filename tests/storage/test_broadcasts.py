"""Broadcasts, tariffs and files in the database, on both engines."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.broadcasts import PAUSABLE, STARTABLE, Audience, BroadcastStatus
from domain.creatives import Creative, MediaType
from domain.media import Media
from domain.tariffs import EVERYBODY, UNLIMITED, Tariff
from services.tariffs import allowed
from storage import broadcasts, media, recipients, tariffs
from storage.database import Database

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
OLGA, BORIS = 1, 2
DRAFT, RUNNING, DONE, CANCELLED, PAUSED = BroadcastStatus


async def draft(db: Database, owner_id: int = OLGA, name: str = "News", text: str = "Hello") -> int:
    async with db.write() as tx:
        one = await broadcasts.create(tx, owner_id, name, NOW)
        await broadcasts.edit(tx, owner_id, one, name, Audience(31), Creative(text), False)
    return one


async def test_all_that_is_said_comes_back(db: Database) -> None:
    one = await draft(db)
    said = Audience(24, (18, 12), NOW, NOW + timedelta(days=1), None, NOW)
    creative = Creative("Hi", "ref", MediaType.VIDEO, "Open", "https://example.com")
    async with db.write() as tx:
        assert await broadcasts.edit(tx, OLGA, one, "Other", said, creative, True)
    async with db.read() as tx:
        found = await broadcasts.get(tx, OLGA, one)
        (listed,) = await broadcasts.listing(tx, OLGA)
    assert found == listed
    assert found is not None
    assert (found.name, found.audience.campaigns, found.paid) == ("Other", (12, 18), True)
    assert (found.creative, found.audience.created_to) == (creative, NOW + timedelta(days=1))
    async with db.write() as tx:
        await broadcasts.edit(tx, OLGA, one, "", Audience(), Creative(), False)
        again = await broadcasts.get(tx, OLGA, one, lock=True)
    assert again is not None
    assert (again.audience, again.creative) == (Audience(), Creative()), "the scope is replaced, too"


async def test_to_each_his_own(db: Database) -> None:
    hers, his = await draft(db), await draft(db, BORIS)
    async with db.write() as tx:
        assert await broadcasts.get(tx, BORIS, hers) is None
        assert not await broadcasts.edit(tx, BORIS, hers, "x", Audience(1, (5,)), Creative(), False)
        assert not await broadcasts.move(tx, BORIS, hers, STARTABLE, RUNNING)
        assert not await broadcasts.remove(tx, BORIS, hers)
        await broadcasts.show_at(tx, BORIS, hers, 1, 1)
        found = await broadcasts.get(tx, OLGA, hers)
        assert found is not None
        assert (found.name, found.audience.campaigns, found.board_bot_id) == ("News", (), None)
        assert [one.id for one in await broadcasts.listing(tx, BORIS)] == [his]


async def test_the_newest_first_page_by_page(db: Database) -> None:
    made = [await draft(db, name=f"{number}") for number in range(5)]
    async with db.read() as tx:
        assert [one.id for one in await broadcasts.listing(tx, OLGA, 1, 2)] == [made[3], made[2]]


async def test_steps_are_taken_from_where_it_is(db: Database) -> None:
    one = await draft(db)
    async with db.write() as tx:
        assert not await broadcasts.move(tx, OLGA, one, PAUSABLE, PAUSED)
        assert await broadcasts.move(tx, OLGA, one, STARTABLE, RUNNING, started_at=NOW)
        assert not await broadcasts.move(tx, OLGA, one, STARTABLE, RUNNING)
        assert not await broadcasts.remove(tx, OLGA, one), "what runs cannot be deleted"
        assert await broadcasts.move(tx, OLGA, one, PAUSABLE, PAUSED)
        found = await broadcasts.get(tx, OLGA, one)
        assert found is not None
        assert (found.status, found.started_at) == (PAUSED, NOW)
        assert await broadcasts.remove(tx, OLGA, one)
        assert await broadcasts.get(tx, OLGA, one) is None


async def _start(db: Database, one: int, *, at_once: bool) -> bool:
    """A start: in one statement, or (the control) after a look in another transaction."""
    if at_once:
        async with db.write() as tx:
            return await broadcasts.move(tx, OLGA, one, STARTABLE, RUNNING)
    async with db.read() as tx:
        found = await broadcasts.get(tx, OLGA, one)
    assert found is not None
    if found.status not in STARTABLE:
        return False
    await asyncio.sleep(0.01)
    async with db.write() as tx:
        return await broadcasts.move(tx, OLGA, one, set(BroadcastStatus), RUNNING)


@pytest.mark.parametrize("at_once", [True, False], ids=["", "control"])
async def test_of_many_starts_one_counts(db: Database, at_once: bool) -> None:
    one = await draft(db)
    started = await asyncio.gather(*(_start(db, one, at_once=at_once) for _ in range(10)))
    assert (sum(started) == 1) is at_once


async def test_numbers_are_never_used_again(db: Database) -> None:
    """Calls in flight mean recipients and broadcasts by their numbers."""
    one = await draft(db)
    async with db.write() as tx:
        await recipients.clear(tx, one)
        assert await broadcasts.remove(tx, OLGA, one)
    assert await draft(db) > one


async def test_drafts_that_say_nothing_are_forgotten(db: Database) -> None:
    empty, written, old = await draft(db, name="", text=""), await draft(db), await draft(db, text="")
    async with db.write() as tx:
        await broadcasts.move(tx, OLGA, old, {DRAFT}, CANCELLED)
        await broadcasts.forget_empty(tx, NOW)
        assert await broadcasts.get(tx, OLGA, empty) is not None, "made at that very moment"
        await broadcasts.forget_empty(tx, NOW + timedelta(seconds=1))
        assert {one.id for one in await broadcasts.listing(tx, OLGA)} == {written, old}


async def test_what_a_program_has_begun_is_not_forgotten(db: Database) -> None:
    """It has the id, and may write the text weeks later."""
    async with db.write() as tx:
        named = await broadcasts.create(tx, OLGA, "May win-back", NOW)
        bare = await broadcasts.create(tx, OLGA, "", NOW)
        button = await broadcasts.create(tx, OLGA, "", NOW)
        creative = Creative(button="Open", link="https://example.com/")
        assert await broadcasts.edit(tx, OLGA, button, "", Audience(24), creative, False)
        await broadcasts.forget_empty(tx, NOW + timedelta(days=30))
        assert {one.id for one in await broadcasts.listing(tx, OLGA)} == {named, bare, button}


async def test_boards(db: Database) -> None:
    one, _ = await draft(db), await draft(db)
    async with db.write() as tx:
        await broadcasts.show_at(tx, OLGA, one, 7, 1)
        assert [found.id for found in await broadcasts.with_board(tx, 10)] == [one]
        await broadcasts.show_at(tx, OLGA, one, None, None)
        assert await broadcasts.with_board(tx, 10) == []


async def test_tariffs(db: Database) -> None:
    small, none = Tariff("Small", 2, True, 500, NOW), Tariff("None", 0, False, 0, None)
    async with db.write() as tx:
        assert await allowed(tx, OLGA) == UNLIMITED
        await tariffs.put(tx, OLGA, small)
        await tariffs.put(tx, EVERYBODY, none)
        assert (await allowed(tx, OLGA), await allowed(tx, BORIS)) == (small, none)
        await tariffs.put(tx, OLGA, none)
        assert await tariffs.listing(tx, 0, 10) == [(EVERYBODY, none), (OLGA, none)]
        assert await tariffs.remove(tx, OLGA)
        assert not await tariffs.remove(tx, OLGA)
        assert await tariffs.listing(tx, 1, 10) == []


async def test_files(db: Database) -> None:
    async def put(ref: str, owner_id: int, content: bytes, at: datetime = NOW) -> str:
        async with db.write() as tx:
            return await media.put(
                tx, ref, owner_id, MediaType.PHOTO, "a.png", content, content.ljust(32, b"\0"), at
            )

    assert await put("one", OLGA, b"cat") == "one"
    assert await put("two", OLGA, b"cat") == "one", "the same content is the same file"
    assert await put("three", BORIS, b"cat") == "three"
    assert await put("four", OLGA, b"dog") == "four"
    async with db.write() as tx:
        assert await media.get(tx, OLGA, "one") == Media("one", MediaType.PHOTO)
        assert await media.get(tx, OLGA, "three") is None
        stored = await media.content(tx, "four")
        assert stored is not None
        assert stored.content == b"dog"
        await media.put_file_id(tx, "one", 7, "AgAC")
        await media.put_file_id(tx, "one", 7, "AgAD")
        assert (await media.file_id(tx, "one", 7), await media.file_id(tx, "one", 8)) == ("AgAD", None)
        await media.drop_file_id(tx, "one", 7)
        assert await media.file_id(tx, "one", 7) is None


async def test_files_nothing_names_are_forgotten(db: Database) -> None:
    one = await draft(db)
    async with db.write() as tx:
        for ref, at in (("used", NOW), ("unused", NOW), ("again", NOW), ("new", NOW + timedelta(days=9))):
            await media.put(tx, ref, OLGA, MediaType.PHOTO, "", b"x", ref.encode().ljust(32), at)
            await media.put_file_id(tx, ref, 7, f"id of {ref}")
        creative = Creative("Look", "used", MediaType.PHOTO)
        await broadcasts.edit(tx, OLGA, one, "", Audience(), creative, False)
        later = NOW + timedelta(days=8)
        await media.put(tx, "x", OLGA, MediaType.PHOTO, "", b"x", b"again".ljust(32), later)
        assert await media.forget_unused(tx, NOW + timedelta(days=7)) == 1
        left = [ref for ref in ("used", "unused", "again", "new") if await media.get(tx, OLGA, ref)]
        assert left == ["used", "again", "new"]
        assert await media.file_id(tx, "unused", 7) is None
