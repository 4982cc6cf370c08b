"""How memberships end, in the background: reminders, the end itself, and who has to leave which chats."""

import asyncio
import logging
from datetime import datetime, timedelta

from domain import calls
from domain.actor import Actor
from domain.bots import Bot
from domain.calls import Priority
from domain.clock import Clock
from domain.memberships import Membership, due_notice, next_notice, removal_due
from domain.page import Page
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.gate import RequestListener
from services.grants import read_settings
from services.reach import Speak
from services.work import UnitOfWork, Work
from storage import endings, gates, join_requests, memberships, people, projects
from storage.database import Database
from storage.endings import Due
from storage.people import Person
from texts import memberships as wording

log = logging.getLogger(__name__)
BATCH = 500  # notices and ends looked at in one run
REQUEST_WAITS = timedelta(days=1)
KEEP_NOTICES = timedelta(days=400)


class EndingService(Guarded):
    """Keeps time. Every step decides in its own statement, so that runs may overlap and be cut short."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        speak: Speak,
        listener: RequestListener,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._directory, self._speak, self._listener = directory, speak, listener
        self._running = asyncio.Lock()

    @needs(Permission.HOUSE)
    async def run(self, actor: Actor) -> None:
        """Say what is due, then end what is over, then let stale requests go."""
        async with self._running:
            now = self._clock.now()
            await self._notify(now)
            await self._end(now)
            await self._tidy(now)

    async def _notify(self, now: datetime) -> None:
        async with self._db.read() as tx:
            due = await endings.to_notify(tx, now, BATCH)
        for one in due:
            try:
                bot = await self._directory.get(one.bot_id)
                async with self._work() as work:
                    await self._notice(work, one, bot, now)
            except Exception:  # one that fails must not keep the others waiting
                log.exception("notice failed", extra={"due": str(one)})

    async def _notice(self, work: Work, due: Due, bot: Bot | None, now: datetime) -> None:
        one = due.membership
        if one.end_at is None:
            return
        rules = await read_settings(work.tx, due.bot_id)
        before = due_notice(one.end_at, rules.reminders, now, due.agreed_at)
        following = next_notice(one.end_at, rules.reminders, now)
        missed = [other for other in rules.reminders if one.end_at - other <= now and other != before]
        next_at = following[0] if following else None
        if not await endings.claim_notice(work.tx, due, before, missed, next_at, now) or bot is None:
            return
        person = await people.get(work.tx, due.bot_id, one.member_id)
        if person is None or one.ended_at is not None or before is None:
            return
        t = self._speak(person.language, person.language_code)
        project = await projects.get(work.tx, due.bot_id, one.project_id)
        if before:
            page = wording.reminder(t, bot, project, one)
            work.event(
                bot.owner_id, bot.id, "membership.expiring",
                member=one.member_id, project=one.project_id, plan=one.plan_id,
                end=int(one.end_at.timestamp()),
            )  # fmt: skip
        else:
            grace = one.access_until if one.access_until and one.access_until > now else None
            page = wording.ended(t, bot, project, grace)
        speak_to(work, due.bot_id, person, page)

    async def _end(self, now: datetime) -> None:
        async with self._db.read() as tx:
            over = await endings.over(tx, now, BATCH)
        for one in over:
            try:
                await self._close(one, now)
            except Exception:  # one that fails must not keep the others inside
                log.exception("ending failed", extra={"due": str(one)})

    async def _close(self, due: Due, now: datetime) -> None:
        one, bot = due.membership, await self._directory.get(due.bot_id)
        async with self._work() as work:
            if not await endings.close_over(work.tx, due, now) or bot is None:
                return
            await close_chats(work, bot, one, due=removal_due(one.access_until or now, now))
        log.info(
            "membership ended", extra={"bot": bot.id, "member": one.member_id, "project": one.project_id}
        )

    async def _tidy(self, now: datetime) -> None:
        async with self._work() as work:
            for bot_id, chat_id, user_id in await join_requests.decline_stale(
                work.tx, now - REQUEST_WAITS, now, BATCH
            ):
                work.send(bot_id, calls.decline_join(chat_id, user_id), priority=Priority.TRIGGERED)
                await self._listener.declined(work, bot_id, chat_id, user_id)
            await gates.forget_entries(work.tx, now - REQUEST_WAITS)
            await endings.forget_notices(work.tx, now - KEEP_NOTICES)


async def close_chats(work: Work, bot: Bot, ended: Membership, due: datetime) -> None:
    """The chats of an ended membership that nothing else opens have to be left: noted as owed."""
    for chat_id, _ in await projects.chats(work.tx, bot.id, ended.project_id):
        await gates.settle(work.tx, bot.id, chat_id, ended.member_id, gates.INVITE)
        if not await memberships.entitled(work.tx, bot.id, chat_id, ended.member_id, work.now):
            await gates.owe(work.tx, bot.id, chat_id, ended.member_id, gates.REMOVE, due, work.now)
    work.event(
        bot.owner_id, bot.id, "membership.ended",
        member=ended.member_id, project=ended.project_id, plan=ended.plan_id,
    )  # fmt: skip


def speak_to(work: Work, bot_id: int, person: Person, page: Page, *, sealed: bool = False) -> None:
    """Write to somebody who can be written to; `sealed` when the page holds a secret."""
    if person.reachable:
        work.send(bot_id, calls.send(person.user_id, page), priority=Priority.TRIGGERED, sealed=sealed)
