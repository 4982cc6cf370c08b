"""The log of spam: where a chat's administrators read it, and what is written there and in the group."""

from dataclasses import dataclass

from domain import calls
from domain.actor import Translator
from domain.antispam.hits import Hit
from domain.antispam.settings import AntiSpamSettings
from domain.antispam.views import Penalty
from domain.bots import Bot
from domain.calls import Priority
from services.reach import Reach, Speak
from services.work import Work
from storage import chats
from storage.database import Database
from texts import antispam as wording


@dataclass(frozen=True, slots=True)
class LogPlace:
    """A chat in which the log of the chat `title` is kept, the bot that writes it, and its language."""

    bot_id: int
    chat_id: int
    t: Translator
    title: str


class SpamLog:
    """Writes the log. `reach` finds the private chat of an owner, `speak` a language."""

    def __init__(self, db: Database, reach: Reach, speak: Speak) -> None:
        self._db, self._reach, self._speak = db, reach, speak

    async def place(self, tenant: Bot, chat_id: int, settings: AntiSpamSettings) -> LogPlace | None:
        """Where it is kept: the chosen chat, or the owner's private chat; None when nobody can be reached."""
        owner = await self._reach.mailbox(tenant.id, tenant.owner_id)
        title = await self.title(tenant.id, chat_id)
        if settings.log_chat:
            t = owner.t if owner is not None else self._speak(None)
            return LogPlace(tenant.id, settings.log_chat, t, title)
        return None if owner is None else LogPlace(owner.bot_id, owner.user_id, owner.t, title)

    async def title(self, bot_id: int, chat_id: int) -> str:
        """What a chat is called."""
        async with self._db.read() as tx:
            chat = await chats.get(tx, bot_id, chat_id)
        return chat.title if chat is not None else str(chat_id)

    def write(
        self,
        work: Work,
        tenant: Bot,
        hit: Hit,
        penalty: Penalty,
        place: LogPlace | None,
        *,
        able: bool = True,
    ) -> None:
        """An entry with its buttons. `able`: the bot had the rights to do what it should."""
        if place is None:
            return
        page = wording.entry(place.t, tenant.id, hit, place.title, penalty=penalty, able=able)
        work.send(place.bot_id, calls.send(place.chat_id, page, silent=True), priority=Priority.MODERATION)

    def notice(
        self,
        work: Work,
        tenant: Bot,
        hit: Hit,
        penalty: Penalty,
        settings: AntiSpamSettings,
        language: str | None,
    ) -> None:
        """A short word in the group, which goes by itself."""
        if not settings.notice_seconds:
            return
        page = wording.notice(self._speak(language), hit, penalty)
        call = calls.send(
            hit.chat_id, page, thread_id=hit.thread_id, silent=True, delete_after=settings.notice_seconds
        )
        work.send(tenant.id, call, priority=Priority.MODERATION)
