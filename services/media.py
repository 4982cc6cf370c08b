"""Pictures and videos in messages: kept once, uploaded once by each bot, sent by Telegram's id after that."""

import asyncio
import hashlib
import logging
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from domain import calls
from domain.actor import Actor
from domain.calls import Call
from domain.creatives import Creative, MediaType
from domain.errors import Invalid, NotFound, TelegramRefused
from domain.media import LARGEST, LIMITS, LONGEST_NAME, MEGABYTE, Media, file_name, type_of
from domain.page import Page
from domain.telegram import Files, Telegram
from services.access import Access, Guarded, Permission, needs
from services.work import UnitOfWork
from storage import media
from storage.database import Database, Tx

log = logging.getLogger(__name__)
MOST_KNOWN = 10_000  # ids of files kept in memory
_METHODS = {MediaType.PHOTO: ("sendPhoto", "photo"), MediaType.VIDEO: ("sendVideo", "video")}
_UNKNOWN_FILE = ("wrong file identifier", "wrong remote file", "file_reference", "wrong file_id")


def attach(chat_id: int, page: Page, creative: Creative) -> Call:
    """The call that sends a page with the creative's picture or video, where it has one.

    The file is looked up when the call is made (`MediaSender`): the outbox holds its ref only.
    """
    if not creative.media:
        return calls.send(chat_id, page)
    method, _ = _METHODS[creative.media_type]
    params: dict[str, Any] = {"chat_id": chat_id, "parse_mode": "HTML"}
    if page.text:
        params["caption"] = page.text
    if (markup := page.markup()) is not None:
        params["reply_markup"] = markup
    return Call(method, params, media=creative.media)


async def owned(tx: Tx, owner_id: int, creative: Creative) -> Creative:
    """The creative with the true type of its file.

    Raises `Invalid` (media) when the file is not one of the owner's, or not of the type it is said to be.
    """
    if not creative.media:
        return replace(creative, media_type=MediaType.NONE)
    found = await media.get(tx, owner_id, creative.media)
    if found is None or creative.media_type not in (MediaType.NONE, found.type):
        raise Invalid("media", "no_media")
    return replace(creative, media_type=found.type)


async def keep(tx: Tx, owner_id: int, name: str, content: bytes, now: datetime) -> Media:
    """Keep a file; the same content has the same ref. Raises as `domain.media.type_of`."""
    kind = type_of(content)
    digest = hashlib.sha256(content).digest()
    ref = secrets.token_urlsafe(16)
    return Media(await media.put(tx, ref, owner_id, kind, name[:LONGEST_NAME], content, digest, now), kind)


async def download(files: Files, bot_id: int, file_id: str, size: int, kind: MediaType) -> bytes:
    """The content of a photo or video somebody sent, to be kept with `keep`.

    Raises `Invalid` (file) with the reason `media_big`, `media_kind` or `media_gone`.
    """
    if size > LIMITS[kind]:
        raise Invalid("file", "media_big", limit=LIMITS[kind] // MEGABYTE)
    try:
        content = await files.download(bot_id, file_id, LARGEST)
    except TelegramRefused:
        raise Invalid("file", "media_gone") from None
    type_of(content)
    return content


class MediaService(Guarded):
    """Files of an account."""

    def __init__(self, access: Access, work: UnitOfWork) -> None:
        super().__init__(access)
        self._work = work

    @needs(Permission.ACCOUNT)
    async def upload(self, actor: Actor, name: str, content: bytes) -> Media:
        """Keep a file of the actor's. Raises as `domain.media.type_of`."""
        async with self._work(actor) as work:
            return await keep(work.tx, actor.user_id, name, content, work.now)


class MediaSender:
    """Makes calls that carry a stored file. Of those a bot makes at once, one uploads and the others wait."""

    def __init__(self, db: Database, telegram: Telegram) -> None:
        self._db, self._telegram = db, telegram
        self._known: OrderedDict[tuple[int, str], str] = OrderedDict()
        self._uploading: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()

    async def send(self, bot_id: int, call: Call, params: Mapping[str, Any]) -> Any:
        """Make the call; Telegram's answer. Raises as `Telegram` does, `NotFound` (media) when the file is
        not there any more."""
        ref = str(call.media)
        file_id = await self._file_id(bot_id, ref)
        if file_id is None:
            lock = self._uploading.setdefault((bot_id, ref), asyncio.Lock())
            async with lock:
                file_id = await self._file_id(bot_id, ref)
                if file_id is None:
                    return await self._upload(bot_id, ref, call.method, params)
        try:
            return await self._telegram.ask(bot_id, call.method, **{**params, _field(call.method): file_id})
        except TelegramRefused as error:
            if not any(words in error.description.lower() for words in _UNKNOWN_FILE):
                raise
        # Telegram has forgotten the file: the message did not go out, so it is sent with the bytes.
        await self._forget(bot_id, ref)
        return await self._upload(bot_id, ref, call.method, params)

    async def _file_id(self, bot_id: int, ref: str) -> str | None:
        key = (bot_id, ref)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        async with self._db.read() as tx:
            found = await media.file_id(tx, ref, bot_id)
        if found is not None:
            self._remember(key, found)
        return found

    def _remember(self, key: tuple[int, str], file_id: str) -> None:
        self._known[key] = file_id
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    async def _upload(self, bot_id: int, ref: str, method: str, params: Mapping[str, Any]) -> Any:
        async with self._db.read() as tx:
            stored = await media.content(tx, ref)
        if stored is None:
            raise NotFound("media")
        files = {_field(method): (file_name(stored.type), stored.content)}
        answer = await self._telegram.ask_with_files(bot_id, method, params, files)
        if (file_id := _file_in(answer, _field(method))) is not None:
            self._remember((bot_id, ref), file_id)
            try:
                async with self._db.write() as tx:
                    await media.put_file_id(tx, ref, bot_id, file_id)
            except Exception:  # the message is sent all the same; after a restart it is uploaded anew
                log.exception("the id of a file is not kept", extra={"bot": bot_id})
        return answer

    async def _forget(self, bot_id: int, ref: str) -> None:
        self._known.pop((bot_id, ref), None)
        async with self._db.write() as tx:
            await media.drop_file_id(tx, ref, bot_id)


def _field(method: str) -> str:
    return next(field for name, field in _METHODS.values() if name == method)


def _file_in(answer: Any, field: str) -> str | None:
    """The id of the file in a message; of a photo's sizes the largest."""
    found = answer.get(field) if isinstance(answer, dict) else None
    if isinstance(found, list):
        found = found[-1] if found else None
    return found.get("file_id") if isinstance(found, dict) else None
