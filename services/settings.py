"""The way to the settings: which chats somebody may set up, and what there."""

from domain import calls
from domain.actor import Actor
from domain.errors import NotAllowed, NotFound
from domain.page import Page
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.work import UnitOfWork
from storage import chats
from storage.database import Database
from texts import settings as wording

STAYS = 60  # seconds that the way to the settings stays in a group
GROUPS = ("group", "supergroup")


class SettingsService(Guarded):
    """What is shown here is decided for the actor anew each time; the features check again for themselves."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork, directory: BotDirectory) -> None:
        super().__init__(access)
        self._db, self._work, self._directory = db, work, directory

    @needs(Permission.ANYONE)
    async def open_in_private(self, actor: Actor, bot_id: int, chat_id: int, link: str = "settings") -> None:
        """Answer a command in a group with the deep link `link`, or kindly refuse; both for a minute."""
        bot = await self._directory.get(bot_id)
        allowed = await self._allowed(actor, bot_id, chat_id)
        async with self._work(actor) as work:
            if allowed and bot is not None:
                page = wording.open_in_private(actor.t, bot.username, f"{link}_{chat_id}")
            else:
                page = wording.not_yours(actor.t)
            work.reply(page, delete_after=STAYS)
            if work.door is not None and work.door.message_id is not None:
                work.send(bot_id, calls.delete(chat_id, work.door.message_id), after=STAYS)

    @needs(Permission.ANYONE)
    async def chats(self, actor: Actor, bot_id: int, first: int = 0) -> Page:
        """The groups the actor may set up, as far as their administrators are known."""
        owner = await self.access.owns(actor, bot_id)
        rights = {str(entry.right) for entry in wording.ENTRIES}
        async with self._db.read() as tx:
            groups = {c.chat_id: c.title for c in await chats.present(tx, bot_id) if c.type in GROUPS}
            mine = await chats.administered_by(tx, bot_id, actor.user_id)
        if not owner:
            known = {chat_id for chat_id, _, his in mine if his & rights}
            groups = {chat_id: title for chat_id, title in groups.items() if chat_id in known}
        return wording.choose_chat(actor.t, list(groups.items()), owner=owner, first=max(0, first))

    @needs(Permission.ANYONE)
    async def panel(self, actor: Actor, bot_id: int, chat_id: int) -> Page:
        """What the actor may set in a chat (0: in all). Raises `NotAllowed` when that is nothing."""
        entries = await self._allowed(actor, bot_id, chat_id)
        if not entries:
            raise NotAllowed
        async with self._db.read() as tx:
            chat = await chats.get(tx, bot_id, chat_id) if chat_id else None
        if chat_id and chat is None:
            raise NotFound("chat")
        return wording.panel(actor.t, chat_id, chat.title if chat else None, entries)

    async def _allowed(self, actor: Actor, bot_id: int, chat_id: int) -> list[wording.Entry]:
        """The features whose right the actor has there."""
        has = {
            right: await self.access.allows(actor, right, bot_id, chat_id)
            for right in {entry.right for entry in wording.ENTRIES}
        }
        return [entry for entry in wording.ENTRIES if has[entry.right]]
