"""The chats a bot is in: a cache kept by Telegram's news, verified lazily."""

from domain.actor import Actor
from domain.bots import AdminChat
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.work import UnitOfWork
from storage import bots, chat_moves, chats
from storage.database import Database

CHAT_CHANGED = "chat"  # signal: [bot id, chat id], whatever is known or set about the chat has changed


class ChatService(Guarded):
    """Chats of a bot."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork, directory: BotDirectory) -> None:
        super().__init__(access)
        self._db, self._work, self._directory = db, work, directory

    @needs(Permission.OWNER)
    async def administered(self, actor: Actor, bot_id: int) -> list[AdminChat]:
        """Chats the bot administers."""
        async with self._db.read() as tx:
            return await chats.administered(tx, bot_id)

    @needs(Permission.HOUSE)
    async def shut_out(self, actor: Actor, bot_id: int, chat_id: int) -> None:
        """Telegram says the bot is not in the chat (any more)."""
        async with self._work(actor) as work:
            await chats.leave(work.tx, bot_id, chat_id)
            await bots.refresh_status(work.tx, bot_id)
            self._directory.changed(work, bot_id)

    @needs(Permission.HOUSE)
    async def migrated(self, actor: Actor, bot_id: int, old: int, new: int) -> None:
        """A group became a supergroup: everything we know of it goes over to the new id."""
        async with self._work(actor) as work:
            await chat_moves.move(work.tx, bot_id, old, new)
            work.signal(CHAT_CHANGED, [bot_id, old])
            work.signal(CHAT_CHANGED, [bot_id, new])
