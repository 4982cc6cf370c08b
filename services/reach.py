"""How to write to somebody in private: by a bot he has started, in his language."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.actor import Translator
from services.directory import BotDirectory
from storage import people
from storage.database import Database

Speak = Callable[..., Translator]  # the first language of those preferred that we speak


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A private chat that can be written to, and the language spoken there."""

    bot_id: int
    user_id: int
    t: Translator


class Reach:
    """Finds the bot that may write to a person: the bot concerned, else the service bot."""

    def __init__(self, db: Database, directory: BotDirectory, speak: Speak) -> None:
        self._db, self._directory, self._speak = db, directory, speak

    async def mailbox(self, bot_id: int, *user_ids: int | None) -> Mailbox | None:
        """The private chat of the first of these people who can be written to; None for nobody."""
        services = [bot.id for bot in await self._directory.all() if bot.is_service and bot.id != bot_id]
        async with self._db.read() as tx:
            for user_id in user_ids:
                for writer in (bot_id, *services):
                    person = await people.get(tx, writer, user_id) if user_id else None
                    if person is not None and person.reachable:
                        t = self._speak(person.language, person.language_code)
                        return Mailbox(writer, person.user_id, t)
        return None
