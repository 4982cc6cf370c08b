"""Works imports off in the background, in small steps: a crash repeats nothing and loses nothing.

A file's rows are given what they say. Of a chat, everybody who may be inside is looked at once at Telegram,
and whoever is, without ever having had a membership, gets the days the owner chose. Those the bot has not
met yet cannot be listed (Telegram tells nobody who is in a chat): they are let be, and get the same when they
write there or start the bot. Owners, administrators and bots need no membership, and get none.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain import calls, durations, imports
from domain.actor import Actor
from domain.bots import Bot
from domain.calls import Priority
from domain.clock import Clock
from domain.durations import parse
from domain.errors import TelegramError, TelegramRefused
from domain.imports import Stage, State
from domain.joins import standing_of
from domain.plans import Origin
from domain.telegram import Telegram
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.grants import Given, give_time, give_until
from services.imports import REPORT, report
from services.people import person_of
from services.reach import Reach, Speak
from services.work import UnitOfWork, Work
from storage import import_chats, memberships, people, projects
from storage import imports as stored
from storage.database import Database
from storage.imports import FILE, Job, Line
from storage.people import Person
from texts import imports as wording

log = logging.getLogger(__name__)
JOBS = 10  # looked after in one run
LINES, BATCHES = 20, 5  # rows given in one transaction; transactions of a file in one run
LOOKS, QUEUE = 5, 200  # people of a chat asked for in one run; fetched at a time
AGAIN = timedelta(minutes=5)  # between looks for people of a chat who were seen since
REST = timedelta(minutes=10)  # when Telegram does not let us look
_NOBODY = ("user not found", "participant_id_invalid", "user_id_invalid", "member not found")


class Importer(Guarded):
    """Imports of all bots that were confirmed."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        telegram: Telegram,
        directory: BotDirectory,
        reach: Reach,
        speak: Speak,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._telegram, self._directory = telegram, directory
        self._reach, self._speak = reach, speak
        self._queues: dict[int, deque[int]] = {}  # whom to look at next, by job
        self._running = asyncio.Lock()

    @needs(Permission.HOUSE)
    async def run(self, actor: Actor) -> int:
        """Go on with every import for a bit; returns how many went on."""
        async with self._running:
            async with self._db.read() as tx:
                due = await stored.due(tx, self._clock.now(), JOBS)
            for job in due:
                try:
                    bot = await self._directory.get(job.bot_id)
                    if bot is None or not bot.alive:
                        await self._rest(job)
                    elif job.kind == FILE:
                        await self._file(bot, job)
                    else:
                        await self._chat(bot, job)
                except TelegramError as error:
                    log.info("an import waits", extra={"job": job.id, "details": str(error.details)})
                    await self._rest(job)
                except Exception:  # one that fails must not keep the others waiting
                    log.exception("an import failed", extra={"job": job.id})
                    await self._rest(job)
            return len(due)

    async def _rest(self, job: Job, wait: timedelta = REST) -> None:
        async with self._db.write() as tx:
            await stored.look_again(tx, job.id, self._clock.now() + wait)

    async def _file(self, bot: Bot, job: Job) -> None:
        for _ in range(BATCHES):
            try:
                done = await self._batch(bot, job, LINES)
            except Exception:
                log.exception("some rows of an import failed", extra={"job": job.id})
                done = await self._one_by_one(bot, job)
            if not done:
                await self._finish(bot, job, Stage.DONE)
                return

    async def _batch(self, bot: Bot, job: Job, limit: int) -> int:
        """Give some rows what they say; returns how many."""
        async with self._work() as work:
            lines = await stored.next_lines(work.tx, job.id, limit)
            for line in lines:
                await self._give(work, bot, job, line)
            return len(lines)

    async def _one_by_one(self, bot: Bot, job: Job) -> int:
        """The same, so that a row that cannot be given keeps none of the others from it."""
        for count in range(LINES):
            try:
                if not await self._batch(bot, job, 1):
                    return count
            except Exception:
                log.exception("a row of an import failed", extra={"job": job.id})
                async with self._work() as work:
                    for line in await stored.next_lines(work.tx, job.id, 1):
                        await stored.settle(work.tx, job.id, line.number, State.LEFT, "import_error")
        return LINES

    async def _give(self, work: Work, bot: Bot, job: Job, line: Line) -> None:
        member_id = line.member_id or 0
        if not await memberships.lock_member(work.tx, bot.id, member_id):
            # An id is an id, met or not: what it gives waits for whoever it is.
            await people.remember(work.tx, bot.id, Person(member_id, ""), work.now, started=False)
            await memberships.lock_member(work.tx, bot.id, member_id)
        held = await memberships.get(work.tx, bot.id, member_id, line.project_id)
        if (
            held is not None
            and held.opens(work.now)
            and imports.has_already(held.end_at, line.length, line.end_at)
        ):
            await stored.settle(work.tx, job.id, line.number, State.LEFT, "import_has")
            return
        if line.end_at is not None and line.end_at <= work.now:
            await stored.settle(work.tx, job.id, line.number, State.LEFT, "import_past")
            return
        if line.end_at is not None:
            given = await give_until(
                work, bot, member_id, line.project_id, line.plan_id, line.end_at, Origin.IMPORT
            )
        else:
            given = await give_time(
                work, bot, member_id, line.project_id, parse(line.length), Origin.IMPORT, line.plan_id
            )
        await stored.settle(work.tx, job.id, line.number, State.TAKEN)
        await self._tell(work, bot, given)

    async def _chat(self, bot: Bot, job: Job) -> None:
        assert job.chat_id is not None  # noqa: S101 - an import of a chat has one
        queue = self._queues.setdefault(job.id, deque())
        if not queue:
            async with self._db.read() as tx:
                opening = await projects.of_chat(tx, bot.id, job.chat_id)
                queue.extend(await import_chats.candidates(tx, bot.id, job.chat_id, opening, job.id, QUEUE))
        if not queue:
            del self._queues[job.id]
            if job.state is Stage.RUNNING:
                await self._finish(bot, job, Stage.OPEN)
            await self._rest(job, AGAIN)
        for _ in range(min(LOOKS, len(queue))):
            await self._look_safely(bot, job, queue[0])
            queue.popleft()

    async def _look_safely(self, bot: Bot, job: Job, user_id: int) -> None:
        """One person's trouble must not keep the others waiting; Telegram's is everybody's."""
        try:
            await self._look(bot, job, user_id)
        except TelegramError:
            raise
        except Exception:
            log.exception("somebody could not be taken in", extra={"job": job.id, "member": user_id})
            async with self._work() as work:
                await import_chats.look_at(work.tx, job, user_id, str(user_id))
                await stored.settle(work.tx, job.id, user_id, State.LEFT, "import_error")

    async def _look(self, bot: Bot, job: Job, user_id: int) -> None:
        """Look at one person, and give him his days if he was inside when the import began."""
        assert job.chat_id is not None and job.project_id is not None and job.days is not None  # noqa: S101, PT018
        try:
            member = await self._telegram.ask(bot.id, "getChatMember", chat_id=job.chat_id, user_id=user_id)
        except TelegramRefused as error:
            if not any(sign in error.description.lower() for sign in _NOBODY):
                raise
            member = None
        person = None if member is None else person_of(member["user"])
        async with self._work() as work:
            name = str(user_id) if person is None else person.full_name
            now = await stored.get(work.tx, bot.id, job.id)
            if now is None or now.state not in (Stage.RUNNING, Stage.OPEN):
                return  # stopped meanwhile
            if not await import_chats.look_at(work.tx, job, user_id, name):
                return
            reason = await self._refusal(work, bot, job, user_id, member)
            if reason is None and person is not None:
                await people.remember(work.tx, bot.id, person, work.now, started=False)
                given = await give_time(
                    work, bot, user_id, job.project_id, durations.days(job.days), Origin.IMPORT
                )
                await self._tell(work, bot, given)
            state = State.TAKEN if reason is None else State.LEFT
            await stored.settle(work.tx, job.id, user_id, state, reason)

    async def _refusal(
        self, work: Work, bot: Bot, job: Job, user_id: int, member: Mapping[str, Any] | None
    ) -> str | None:
        """Why somebody gets no days; None when he does."""
        assert job.chat_id is not None  # noqa: S101 - an import of a chat has one
        if member is None:
            return "import_absent"
        standing = standing_of(member)
        if member["user"].get("is_bot", False):
            return "import_bot"
        if standing.admin:
            return "import_admin"
        if not standing.inside:
            return "import_absent"
        if await import_chats.came_later(work.tx, job, user_id):
            return "import_later"
        if await memberships.entitled(work.tx, bot.id, job.chat_id, user_id, work.now):
            return "import_has"
        return None

    async def _tell(self, work: Work, bot: Bot, given: Given) -> None:
        """Tell whoever can be written to what he has now."""
        one = given.membership
        person = await people.get(work.tx, bot.id, one.member_id)
        if person is None or not person.reachable:
            return
        project = await projects.get(work.tx, bot.id, one.project_id)
        page = wording.given(self._speak(person.language, person.language_code), bot, project, one)
        work.send(bot.id, calls.send(person.user_id, page), priority=Priority.BULK)

    async def _finish(self, bot: Bot, job: Job, state: Stage) -> None:
        """All rows are worked off, or everybody known was looked at: tell the owner, once."""
        owner = await self._reach.mailbox(bot.id, job.by)
        async with self._work() as work:
            if await stored.waits(work.tx, job.id):
                return  # another process is at them
            if not await stored.move(work.tx, bot.id, job.id, state, since={Stage.RUNNING}):
                return
            if owner is None:
                return
            counts = await stored.counts(work.tx, job.id)
            mine = job.id if owner.bot_id == bot.id else None
            page = wording.finished(owner.t, bot, job, counts, mine)
            left = await stored.left(work.tx, job.id)
            if left:
                file = report(owner.t, left)
                call = calls.send_document(owner.user_id, file, REPORT, page)
            else:
                call = calls.send(owner.user_id, page)
            work.send(owner.bot_id, call, priority=Priority.TRIGGERED)
