"""The ways into paid chats: join-request links that let in whoever is entitled, and one-use links."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain import calls
from domain.clock import Clock
from domain.errors import TelegramError, TelegramRefused
from domain.telegram import Telegram
from services.directory import BotDirectory
from services.work import UnitOfWork
from storage import gates, projects
from storage.database import Database

log = logging.getLogger(__name__)
ENTRY_LASTS = timedelta(days=1)
LINK_NAME_LIMIT = 32  # https://core.telegram.org/bots/api#createchatinvitelink
_NO_REQUESTS = ("approval", "join request", "creates_join_request")


@dataclass(frozen=True, slots=True)
class Way:
    """A way into one chat; `link` is None while the bot cannot make one. One-use links are secrets."""

    chat_id: int
    title: str
    link: str | None
    one_use: bool = False


class Ways:
    """Makes and keeps links. Telegram is asked here, so this happens before a unit of work."""

    def __init__(
        self, db: Database, work: UnitOfWork, clock: Clock, telegram: Telegram, directory: BotDirectory
    ) -> None:
        self._db, self._work, self._clock = db, work, clock
        self._telegram, self._directory = telegram, directory

    async def into(
        self, bot_id: int, member_id: int, project_id: int, *, verify: bool = False, only: int | None = None
    ) -> list[Way]:
        """The ways somebody has into the chats of a project (or into the chat `only`).

        A join-request link is no privilege: it is made once per chat and project and shown to everybody.
        `verify` makes sure that nobody has revoked it.
        """
        async with self._db.read() as tx:
            found = await projects.chats(tx, bot_id, project_id)
            chats = [(chat_id, title) for chat_id, title in found if only in (None, chat_id)]
            one_use = await gates.one_use(tx, bot_id, [chat_id for chat_id, _ in chats])
            known = await gates.links(tx, bot_id, project_id)
            project = await projects.get(tx, bot_id, project_id)
        bot = await self._directory.get(bot_id)
        name = (project.name if project else bot.name if bot else "")[:LINK_NAME_LIMIT]
        ways: list[Way] = []
        for chat_id, title in chats:
            try:
                way = None
                if chat_id not in one_use:
                    way = await self._gate(
                        bot_id, chat_id, title, project_id, name, known.get(chat_id), verify
                    )
                ways.append(way or await self._entry(bot_id, chat_id, title, member_id))
            except TelegramError as error:
                log.info("no way into a chat", extra={"chat": chat_id, "details": str(error.details)})
                ways.append(Way(chat_id, title, None))
        return ways

    async def _gate(
        self,
        bot_id: int,
        chat_id: int,
        title: str,
        project_id: int,
        name: str,
        known: str | None,
        verify: bool,
    ) -> Way | None:
        """The join-request link; None for a chat that turns out to take no join requests."""
        options = {"name": name, "creates_join_request": True}
        if known is not None and (not verify or await self._works(bot_id, chat_id, known, **options)):
            return Way(chat_id, title, known)
        try:
            made = await self._make(bot_id, chat_id, **options)
        except TelegramRefused as error:
            if not any(sign in error.description.lower() for sign in _NO_REQUESTS):
                raise
            async with self._work() as work:
                await gates.set_one_use(work.tx, bot_id, chat_id, True, work.now)
            return None
        async with self._work() as work:
            kept = await gates.keep_link(work.tx, bot_id, chat_id, project_id, made, known, work.now)
            if kept != made:  # somebody else made one at the same moment
                work.send(bot_id, calls.revoke_link(chat_id, made))
        return Way(chat_id, title, kept)

    async def _works(self, bot_id: int, chat_id: int, link: str, **options: Any) -> bool:
        """Whether a link still lets people in: setting it to what it is fails for a revoked one."""
        try:
            answer = await self._telegram.ask(
                bot_id, "editChatInviteLink", chat_id=chat_id, invite_link=link, **options
            )
        except TelegramRefused as error:
            return "not modified" in error.description.lower()
        return not answer.get("is_revoked", False)

    async def _entry(self, bot_id: int, chat_id: int, title: str, member_id: int) -> Way:
        """A one-use link: the one he has, so that asking twice does not revoke what he was just shown."""
        now = self._clock.now()
        async with self._db.read() as tx:
            known = await gates.entry(tx, bot_id, chat_id, member_id, now + ENTRY_LASTS / 2)
        expires = now + ENTRY_LASTS
        options = {"member_limit": 1, "expire_date": int(expires.timestamp())}
        if known is not None and await self._works(bot_id, chat_id, known, **options):
            return Way(chat_id, title, known, one_use=True)
        link = await self._make(bot_id, chat_id, **options)
        async with self._work() as work:
            for old in await gates.keep_entry(work.tx, bot_id, chat_id, member_id, link, expires):
                work.send(bot_id, calls.revoke_link(chat_id, old))
        return Way(chat_id, title, link, one_use=True)

    async def _make(self, bot_id: int, chat_id: int, **options: Any) -> str:
        answer = await self._telegram.ask(bot_id, "createChatInviteLink", chat_id=chat_id, **options)
        return str(answer["invite_link"])


def missing(ways: Sequence[Way]) -> list[int]:
    """Chats that have no way in for the moment: it is owed, and given when the bot's rights return."""
    return [way.chat_id for way in ways if way.link is None]
