"""Messages with a stored file: uploaded once by each bot, sent by Telegram's id after that."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.calls import Call
from domain.creatives import Creative, MediaType
from domain.errors import NotFound, TelegramRefused
from domain.page import Button, page
from services.media import MediaSender, attach, keep
from storage import media
from storage.database import Database

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
CAT = b"\xff\xd8\xff cat"


class Telegram:
    """Takes files and gives ids for them."""

    def __init__(self) -> None:
        self.made: list[tuple[int, str, Any]] = []
        self.forgets: set[str] = set()

    async def ask(self, bot_id: int, method: str, /, **params: Any) -> Any:
        """A call without a file."""
        await asyncio.sleep(0)
        if params["photo"] in self.forgets:
            raise TelegramRefused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        self.made.append((bot_id, method, params["photo"]))
        return {"message_id": len(self.made)}

    async def ask_with(self, token: str, method: str, /, **params: Any) -> Any:
        """Nobody asks so here."""
        raise AssertionError(method)

    async def ask_with_files(
        self, bot_id: int, method: str, params: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]
    ) -> Any:
        """An upload: of the sizes of a photo, the last is the largest."""
        await asyncio.sleep(0.01)
        self.made.append((bot_id, method, files["photo"][1]))
        number = len(self.made)
        sizes = [{"file_id": f"small {number}"}, {"file_id": f"id {number}"}]
        return {"message_id": number, "photo": sizes}

    @property
    def uploads(self) -> int:
        """How often a file came."""
        return sum(what == CAT for _, _, what in self.made)


@pytest.fixture
async def call(db: Database) -> Call:
    """A photo with a caption and a button."""
    async with db.write() as tx:
        kept = await keep(tx, 1, "cat.jpg", CAT, NOW)
    creative = Creative("Cat", kept.ref, kept.type)
    return attach(7, page("Cat", [Button("Open", url="https://example.com")]), creative)


async def send(sender: MediaSender, call: Call, bot_id: int = 1) -> Any:
    return await sender.send(bot_id, call, call.params)


async def test_of_many_at_once_one_uploads(db: Database, call: Call) -> None:
    telegram = Telegram()
    sender = MediaSender(db, telegram)
    answers = await asyncio.gather(*(send(sender, call) for _ in range(20)))
    assert sorted(answer["message_id"] for answer in answers) == list(range(1, 21)), "all of them are sent"
    assert telegram.uploads == 1
    assert telegram.made[-1] == (1, "sendPhoto", "id 1")


async def test_another_process_knows_the_id_and_another_bot_does_not(db: Database, call: Call) -> None:
    telegram = Telegram()
    await send(MediaSender(db, telegram), call)
    await send(MediaSender(db, telegram), call)
    assert telegram.uploads == 1
    await send(MediaSender(db, telegram), call, bot_id=2)
    assert telegram.uploads == 2


async def test_an_id_telegram_has_forgotten(db: Database, call: Call) -> None:
    telegram = Telegram()
    sender = MediaSender(db, telegram)
    await send(sender, call)
    telegram.forgets = {"id 1"}
    assert (await send(sender, call))["message_id"] == 2
    assert telegram.uploads == 2
    await send(sender, call)
    assert telegram.made[-1] == (1, "sendPhoto", "id 2")


async def test_other_refusals_are_the_callers_business(db: Database, call: Call) -> None:
    telegram = Telegram()
    sender = MediaSender(db, telegram)
    await send(sender, call)

    async def refuse(*_: Any, **__: Any) -> Any:
        raise TelegramRefused(403, "Forbidden: bot was blocked by the user")

    telegram.ask = refuse  # type: ignore[method-assign]
    with pytest.raises(TelegramRefused):
        await send(sender, call)
    assert telegram.uploads == 1


async def test_what_was_sent_counts_as_sent_though_its_id_is_lost(
    db: Database, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    telegram = Telegram()

    async def fail(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(media, "put_file_id", fail)
    assert (await send(MediaSender(db, telegram), call))["message_id"] == 1


async def test_a_file_that_is_gone(db: Database, call: Call) -> None:
    async with db.write() as tx:
        assert await media.forget_unused(tx, datetime(2027, 1, 1, tzinfo=UTC)) == 1
    with pytest.raises(NotFound):
        await send(MediaSender(db, Telegram()), call)


def test_what_a_call_looks_like() -> None:
    text = attach(7, page("Hi"), Creative("Hi"))
    assert (text.method, text.media) == ("sendMessage", None)
    film = attach(7, page(""), Creative("", "ref", MediaType.VIDEO))
    assert (film.method, film.media) == ("sendVideo", "ref")
    assert film.params == {"chat_id": 7, "parse_mode": "HTML"}, "no caption, no buttons"
