"""Conversations as such: leaving one."""

from domain.actor import Actor, Door
from domain.errors import DuplicateUpdate
from services.access import Access, Guarded, Permission, needs
from services.work import UnitOfWork
from storage import dialogs, updates
from storage.database import Database
from storage.dialogs import Dialog
from texts import start as wording


class StartService(Guarded):
    """The steps people are in."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork) -> None:
        super().__init__(access)
        self._db, self._work = db, work

    @needs(Permission.ANYONE)
    async def cancel(self, actor: Actor) -> None:
        """Leave whatever conversation the actor is in; nothing it gathered is kept."""
        async with self._work(actor) as work:
            work.show(wording.cancelled(actor.t, was_busy=await work.end_dialog() or _pressed(actor)))

    async def dialog(self, door: Door, user_id: int) -> Dialog | None:
        """The step somebody is in. Raises `DuplicateUpdate` when this very message has ended it before."""
        async with self._db.read() as tx:
            found = await dialogs.get(tx, door.bot_id, door.chat_id, user_id)
            if await updates.is_processed(tx, door.bot_id, door.update_id):
                raise DuplicateUpdate
        return found


def _pressed(actor: Actor) -> bool:
    return actor.door is not None and actor.door.pressed
