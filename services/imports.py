"""`/import`: members from before the bot came, for the owner. What is confirmed here `services.importing`
works off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain import calls, imports
from domain.actor import Actor, Translator
from domain.errors import Conflict, Invalid, NotFound, TelegramRefused
from domain.imports import MOST_BYTES, Stage, State
from domain.plans import EVERY_CHAT, Project
from domain.sheets import to_csv
from domain.telegram import Files
from services.access import Access, Guarded, Permission, needs
from services.import_rows import read_names, understood
from services.work import UnitOfWork, Work
from storage import chats, import_chats, projects
from storage import imports as stored
from storage.database import Database, Tx
from storage.imports import CHAT, FILE, Job, Line
from texts import import_chats as chat_wording
from texts import imports as wording

LONGEST = 3650  # days
NAME_LIMIT = 255
REPORT = "not-imported.csv"


@dataclass(frozen=True, slots=True)
class Progress:
    """An import with what became of its rows: (state, reason) → how many."""

    job: Job
    counts: Mapping[tuple[State, str | None], int]


@dataclass(frozen=True, slots=True)
class PaidChat:
    """A paid chat the bot administers, with the projects it is in; `waits`: it is being imported."""

    chat_id: int
    title: str
    members: int | None
    projects: Sequence[Project]
    waits: bool


class ImportService(Guarded):
    """Imports of a bot."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork, files: Files) -> None:
        super().__init__(access)
        self._db, self._work, self._files = db, work, files

    @needs(Permission.OWNER)
    async def running(self, actor: Actor, bot_id: int) -> list[Progress]:
        """The imports that are not over."""
        async with self._db.read() as tx:
            return [Progress(one, await stored.counts(tx, one.id)) for one in await stored.alive(tx, bot_id)]

    @needs(Permission.OWNER)
    async def ask_file(self, actor: Actor, bot_id: int) -> None:
        """Ask for a file of members."""
        async with self._work(actor) as work:
            await work.ask("imports:file")
            work.show(wording.ask_file(actor.t))

    @needs(Permission.OWNER)
    async def take_file(self, actor: Actor, bot_id: int, file_id: str, name: str, size: int) -> None:
        """Read a file, and show what would come of it. Nothing is done before it is confirmed.

        Raises `Invalid` (file) with the reason why it cannot be read, or when none was sent (no `file_id`).
        """
        if not file_id:
            raise Invalid("file", "import_file")
        if size > MOST_BYTES:
            raise Invalid("file", "import_big")
        try:
            document = await self._files.download(bot_id, file_id, MOST_BYTES)
        except TelegramRefused:
            raise Invalid("file", "import_gone") from None
        rows = imports.read(document)
        async with self._work(actor) as work:
            names = await read_names(work.tx, bot_id, rows, work.now)
            lines = [understood(row, names, work.now) for row in rows]
            name = name[:NAME_LIMIT] or "import.csv"
            job_id = await stored.create(work.tx, bot_id, actor.user_id, FILE, name, work.now)
            await stored.put_lines(work.tx, job_id, lines)
            await work.end_dialog()
            counts = await stored.counts(work.tx, job_id)
            work.reply(wording.preview(actor.t, job_id, name, counts, _troubles(lines)))

    @needs(Permission.OWNER)
    async def confirm(self, actor: Actor, bot_id: int, job_id: int) -> None:
        """Do what was shown. Raises `Conflict` (import_over) when it was done, or let go of, before."""
        async with self._work(actor) as work:
            if not await stored.begin(work.tx, bot_id, job_id, work.now):
                raise Conflict("import_over")
            work.show(wording.begun(actor.t))

    @needs(Permission.OWNER)
    async def drop(self, actor: Actor, bot_id: int, job_id: int) -> None:
        """Let go of what was shown."""
        async with self._work(actor) as work:
            if not await stored.remove_draft(work.tx, bot_id, job_id):
                raise Conflict("import_over")
            work.show(wording.dropped(actor.t))

    @needs(Permission.OWNER)
    async def stop(self, actor: Actor, bot_id: int, job_id: int) -> None:
        """Let nobody else in by an import; what was given stays."""
        async with self._work(actor) as work:
            since = {Stage.RUNNING, Stage.OPEN}
            if not await stored.move(work.tx, bot_id, job_id, Stage.STOPPED, since=since):
                raise Conflict("import_over")
            work.show(wording.stopped(actor.t, await stored.counts(work.tx, job_id)))

    @needs(Permission.OWNER)
    async def left(self, actor: Actor, bot_id: int, job_id: int) -> None:
        """A file of the rows that are not taken, and why."""
        async with self._work(actor) as work:
            if await stored.get(work.tx, bot_id, job_id) is None:
                raise NotFound("import")
            if actor.door is not None:
                file = report(actor.t, await stored.left(work.tx, job_id))
                page = wording.report_file(actor.t)
                work.send(bot_id, calls.send_document(actor.door.chat_id, file, REPORT, page))

    @needs(Permission.OWNER)
    async def chats(self, actor: Actor, bot_id: int) -> list[PaidChat]:
        """The chats whose members can be taken in."""
        async with self._db.read() as tx:
            return await _chats(tx, bot_id)

    @needs(Permission.OWNER)
    async def chat(self, actor: Actor, bot_id: int, chat_id: int) -> PaidChat:
        """One of them. Raises `NotFound` (chat)."""
        async with self._db.read() as tx:
            return await _chat(tx, bot_id, chat_id)

    @needs(Permission.OWNER)
    async def ask_days(self, actor: Actor, bot_id: int, chat_id: int, project_id: int) -> None:
        """Ask how many days everybody gets. Raises `NotFound` (chat)."""
        async with self._work(actor) as work:
            await _chat(work.tx, bot_id, chat_id)
            await work.ask("imports:days", {"chat": chat_id, "project": project_id})
            work.show(chat_wording.ask_days(actor.t))

    @needs(Permission.OWNER)
    async def preview(self, actor: Actor, bot_id: int, chat_id: int, project_id: int, days: int) -> None:
        """Show whom a chat's import would be about. Raises `NotFound` (chat), `Invalid` (days)."""
        async with self._work(actor) as work:
            await self._preview(work, actor, bot_id, chat_id, project_id, days)

    @needs(Permission.OWNER)
    async def days_given(self, actor: Actor, bot_id: int, text: str) -> None:
        """The days that were asked for."""
        text = text.strip()
        if not (text.isascii() and text.isdigit() and len(text) < 6):
            raise Invalid("days", "gift_days")
        async with self._work(actor) as work:
            asked = await work.asked("imports:days")
            await self._preview(work, actor, bot_id, asked["chat"], asked["project"], int(text))
            await work.end_dialog()

    async def _preview(
        self, work: Work, actor: Actor, bot_id: int, chat_id: int, project_id: int, days: int
    ) -> None:
        if not 1 <= days <= LONGEST:
            raise Invalid("days", "gift_days")
        chat = await _chat(work.tx, bot_id, chat_id)
        if project_id not in {EVERY_CHAT, *(one.id for one in chat.projects)}:
            raise NotFound("project")
        if chat.waits:
            raise Conflict("import_runs")
        opening = await projects.of_chat(work.tx, bot_id, chat_id)
        known = await import_chats.count_candidates(work.tx, bot_id, chat_id, opening)
        job_id = await stored.create(
            work.tx, bot_id, actor.user_id, CHAT, chat.title[:NAME_LIMIT], work.now,
            chat_id=chat_id, project_id=project_id, days=days,
        )  # fmt: skip
        work.show(chat_wording.chat_preview(actor.t, job_id, chat.title, days, known, chat.members))


async def _chat(tx: Tx, bot_id: int, chat_id: int) -> PaidChat:
    found = next((one for one in await _chats(tx, bot_id) if one.chat_id == chat_id), None)
    if found is None:
        raise NotFound("chat")
    return found


async def _chats(tx: Tx, bot_id: int) -> list[PaidChat]:
    running = {one.chat_id for one in await stored.alive(tx, bot_id)}
    all_projects = await projects.of_bot(tx, bot_id)
    administered = {one.chat_id: one for one in await chats.present(tx, bot_id) if one.admin}
    found = []
    for chat_id, title in await projects.chats(tx, bot_id, EVERY_CHAT):
        if (chat := administered.get(chat_id)) is not None:
            opening = await projects.of_chat(tx, bot_id, chat_id)
            mine = [one for one in all_projects if one.id in opening]
            found.append(PaidChat(chat_id, title, chat.members, mine, chat_id in running))
    return found


def _troubles(lines: Sequence[Line]) -> list[Line]:
    """Some of those that are not taken, for the preview."""
    return [line for line in lines if line.state is State.LEFT and line.reason != "import_has"][:5]


def report(t: Translator, lines: Sequence[Line]) -> bytes:
    """The rows that were not taken, as a CSV document."""
    rows = [(line.number, line.who, wording.reason(t, line.reason)) for line in lines]
    return to_csv(wording.report_header(t), rows)
