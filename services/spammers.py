"""Known spammers: lists that others publish, held in memory and brought up to date once a day.

Only the lists come here. Nobody is asked about a person, so that no list learns who is in which chat.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from domain.actor import Actor
from domain.antispam.spammers import Ids, may_replace, parse
from domain.clock import Clock
from domain.urls import Answer, Caller, NoAnswer
from services.access import Access, Guarded, Permission, needs
from storage import spammer_lists
from storage.spammer_lists import About

log = logging.getLogger(__name__)
EVERY, SPREAD = timedelta(days=1), timedelta(hours=2)  # not all installations at the same moment
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=30), timedelta(hours=12)  # after failures
LARGEST = 64 * 1024 * 1024  # bytes of a list
SECONDS = 180.0  # for a list from beginning to end
MOST_REDIRECTS = 3
_MOVED = frozenset((301, 302, 303, 307, 308))


class Unusable(Exception):
    """What came is no list, or none that may replace the one we have; the text is for the log."""


@dataclass(slots=True)
class _List:
    """One list. `due` is when it is asked for again, `failures` how often in a row that has failed."""

    url: str
    host: str
    path: Path
    about: About = field(default_factory=About)
    ids: Ids | None = None
    due: datetime | None = None
    failures: int = 0


class Spammers(Guarded):
    """Who is on a list. `folder` keeps the lists between starts; without network the old ones work on."""

    def __init__(
        self, access: Access, clock: Clock, caller: Caller, urls: Sequence[str], folder: Path
    ) -> None:
        super().__init__(access)
        self._clock, self._caller = clock, caller
        self._lists = [_List(url, urlsplit(url).hostname or "", _file_of(folder, url)) for url in urls]
        self._loading = asyncio.Lock()
        self._loaded = not self._lists

    @property
    def any(self) -> bool:
        """Whether the installation has lists."""
        return bool(self._lists)

    def listed(self, user_id: int) -> str | None:
        """The host of a list that somebody is on; None when he is on none of those in memory (`load`)."""
        for one in self._lists:
            if one.ids is not None and user_id in one.ids:
                return one.host
        return None

    async def load(self) -> None:
        """Have the kept lists in memory. Quick once they are; nothing is fetched."""
        if self._loaded:
            return
        async with self._loading:
            if not self._loaded:
                for one in self._lists:
                    await self._read(one)
                self._loaded = True

    @needs(Permission.HOUSE)
    async def refresh(self, actor: Actor) -> None:
        """Fetch the lists that are due: once a day, and after a failure in growing pauses."""
        await self.load()
        for one in self._lists:
            now = self._clock.now()
            if one.due is not None and one.due > now:
                continue
            if await self._came_elsewhere(one, now):
                continue
            try:
                await self._fetch(one, now)
            except (NoAnswer, Unusable, OSError) as error:
                one.failures += 1
                one.due = now + min(FIRST_PAUSE * 2 ** min(one.failures - 1, 10), LONGEST_PAUSE)
                if one.failures == 1:
                    reason = error.reason if isinstance(error, NoAnswer) else str(error)
                    about = {"list": one.host, "reason": reason, "ids": len(one.ids or ())}
                    log.info("no new list of spammers: the one we have stays", extra=about)
            else:
                if one.failures:
                    log.info("the list of spammers is there again", extra={"list": one.host})
                one.failures = 0

    async def _read(self, one: _List) -> None:
        """Take a list from its file."""
        kept = await asyncio.to_thread(spammer_lists.read, one.path)
        if kept is None:
            return
        one.about, one.ids = kept
        looked = spammer_lists.last_look(one.path)
        if looked is not None and looked <= self._clock.now():
            one.due = _again(looked)

    async def _came_elsewhere(self, one: _List, now: datetime) -> bool:
        """Whether another process that shares the folder has fetched it meanwhile."""
        looked = spammer_lists.last_look(one.path)
        if one.ids is None or looked is None or not now - EVERY < looked <= now:
            return False
        await self._read(one)
        return one.due is not None and one.due > now

    async def _fetch(self, one: _List, now: datetime) -> None:
        """Fetch a list, and keep it where it is newer and good."""
        answer = await self._ask(one)
        if answer.status == 304 and one.ids is not None:
            spammer_lists.looked_at(one.path, now)
            one.due = _again(now)
            return
        if answer.status != 200:
            raise Unusable(f"HTTP {answer.status}")
        if answer.cut:
            raise Unusable("it is too long")
        try:
            ids = await asyncio.to_thread(parse, answer.body)
        except ValueError as error:
            raise Unusable(str(error)) from None
        if not may_replace(ids, one.ids):
            raise Unusable(f"only {len(ids)} ids")
        about = About(answer.headers.get("etag", "")[:200], answer.headers.get("last-modified", "")[:100])
        await asyncio.to_thread(spammer_lists.write, one.path, about, ids, now)
        one.about, one.ids, one.due = about, ids, _again(now)
        log.info("a new list of spammers", extra={"list": one.host, "ids": len(ids)})

    async def _ask(self, one: _List) -> Answer:
        """The publisher's answer; he may send us on to another address of his."""
        asked = {"If-None-Match": one.about.etag, "If-Modified-Since": one.about.modified}
        headers = {name: value for name, value in asked.items() if value and one.ids is not None}
        url = one.url
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._caller.request("GET", url, headers=headers, keep=LARGEST, seconds=SECONDS)
            if answer.status not in _MOVED or not (there := answer.headers.get("location")):
                return answer
            url = urljoin(url, there)
        raise Unusable("it sends us round in circles")


def _again(looked: datetime) -> datetime:
    return looked + EVERY + random.random() * SPREAD


def _file_of(folder: Path, url: str) -> Path:
    """Where a list is kept. Its address may hold a key, and stays out of the name."""
    return folder / f"{sha256(url.encode()).hexdigest()[:16]}.ids"
