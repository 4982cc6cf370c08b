"""Projects: which chats a purchase opens."""

from dataclasses import dataclass

from domain.actor import Actor
from domain.errors import NotFound
from domain.plans import EVERY_CHAT, Project, check_project_name
from services.access import Access, Guarded, Permission, needs
from services.chats import CHAT_CHANGED
from services.work import UnitOfWork
from storage import chats, gates, projects
from storage.database import Database, Tx
from texts import projects as wording


@dataclass(frozen=True, slots=True)
class ProjectChat:
    """A chat the bot administers, as a project sees it."""

    chat_id: int
    title: str
    opened: bool
    one_use: bool


class ProjectService(Guarded):
    """Projects of a bot."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork) -> None:
        super().__init__(access)
        self._db, self._work = db, work

    @needs(Permission.OWNER)
    async def all(self, actor: Actor, bot_id: int) -> list[Project]:
        """All projects, the hidden ones, too."""
        async with self._db.read() as tx:
            return await projects.of_bot(tx, bot_id)

    @needs(Permission.OWNER)
    async def page(
        self, actor: Actor, bot_id: int, offset: int, limit: int, project_id: int | None = None
    ) -> list[Project]:
        """So many projects, the hidden ones, too; only the one of an id, where one is given."""
        async with self._db.read() as tx:
            return await projects.page(tx, bot_id, offset, limit, project_id)

    @needs(Permission.OWNER)
    async def panel(
        self, actor: Actor, bot_id: int, project_id: int
    ) -> tuple[Project | None, list[ProjectChat]]:
        """A project (None: the one of all paid chats) with the chats it may open."""
        async with self._db.read() as tx:
            return await self._panel(tx, bot_id, project_id)

    @needs(Permission.OWNER)
    async def ask_name(self, actor: Actor, bot_id: int, project_id: int | None = None) -> None:
        """Ask for the name of a new project, or another one for `project_id`."""
        async with self._work(actor) as work:
            if project_id is not None and await projects.get(work.tx, bot_id, project_id) is None:
                raise NotFound("project")
            await work.ask("projects:name", {"project": project_id})
            work.show(wording.ask_name(actor.t))

    @needs(Permission.OWNER)
    async def name(self, actor: Actor, bot_id: int, text: str) -> None:
        """The name that was asked for: make the project, or rename it."""
        async with self._work(actor) as work:
            name = check_project_name(text)
            project_id: int | None = (await work.asked("projects:name"))["project"]
            if project_id is None:
                project_id = await projects.create(work.tx, bot_id, name, work.now)
            elif not await projects.rename(work.tx, bot_id, project_id, name):
                raise NotFound("project")
            await work.end_dialog()
            work.reply(wording.panel(actor.t, *await self._panel(work.tx, bot_id, project_id)))

    @needs(Permission.OWNER)
    async def hide(self, actor: Actor, bot_id: int, project_id: int, hidden: bool) -> None:
        """Show the project to members, or not."""
        async with self._work(actor) as work:
            if not await projects.hide(work.tx, bot_id, project_id, hidden):
                raise NotFound("project")
            work.show(wording.panel(actor.t, *await self._panel(work.tx, bot_id, project_id)))

    @needs(Permission.OWNER)
    async def toggle_chat(self, actor: Actor, bot_id: int, project_id: int, chat_id: int) -> None:
        """Let the project open a chat the bot administers, or no longer."""
        async with self._work(actor) as work:
            if project_id != EVERY_CHAT and await projects.get(work.tx, bot_id, project_id) is None:
                raise NotFound("project")
            chat = await chats.get(work.tx, bot_id, chat_id)
            if chat is None or not chat.admin:
                raise NotFound("paid_chat")
            await projects.toggle_chat(work.tx, bot_id, project_id, chat_id)
            work.signal(CHAT_CHANGED, [bot_id, chat_id])
            work.show(wording.panel(actor.t, *await self._panel(work.tx, bot_id, project_id)))

    @needs(Permission.OWNER)
    async def toggle_gate(self, actor: Actor, bot_id: int, project_id: int, chat_id: int) -> None:
        """Guard a chat by one-use links instead of join requests, or the other way round."""
        async with self._work(actor) as work:
            _, found = await self._panel(work.tx, bot_id, project_id)
            chat = next((one for one in found if one.chat_id == chat_id and one.opened), None)
            if chat is None:
                raise NotFound("paid_chat")
            await gates.set_one_use(work.tx, bot_id, chat_id, not chat.one_use, work.now)
            work.signal(CHAT_CHANGED, [bot_id, chat_id])
            work.show(wording.panel(actor.t, *await self._panel(work.tx, bot_id, project_id)))

    async def _panel(self, tx: Tx, bot_id: int, project_id: int) -> tuple[Project | None, list[ProjectChat]]:
        project = await projects.get(tx, bot_id, project_id)
        if project is None and project_id != EVERY_CHAT:
            raise NotFound("project")
        marked = await projects.marked(tx, bot_id, project_id)
        administered = await chats.administered(tx, bot_id)
        one_use = await gates.one_use(tx, bot_id, [chat.chat_id for chat in administered])
        return project, [
            ProjectChat(chat.chat_id, chat.title, chat.chat_id in marked, chat.chat_id in one_use)
            for chat in administered
        ]
