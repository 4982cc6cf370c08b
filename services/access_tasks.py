"""What is owed to paid chats: people to remove from them, and ways in to give. Retried until it is done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from domain import calls
from domain.actor import Actor, Right
from domain.bots import AdminChat, Bot
from domain.clock import Clock
from domain.errors import TelegramError, TelegramFlood, TelegramRefused
from domain.telegram import Telegram
from services.access import Access, Guarded, Permission, needs
from services.chats import CHAT_CHANGED
from services.directory import BotDirectory
from services.endings import speak_to
from services.reach import Reach, Speak
from services.signals import Signals
from services.ways import Ways
from services.work import UnitOfWork
from storage import chats, gates, memberships, people, presence, projects
from storage.database import Database
from storage.gates import Task
from texts import gate as owner_wording
from texts import memberships as wording

log = logging.getLogger(__name__)
MOST_PER_RUN = 200  # after a long stop or a clock gone wrong: a mistake must not empty a chat in one go
LEASE = timedelta(minutes=5)
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=6)
_NO_RIGHTS = ("not enough rights", "chat_admin_required", "member list is inaccessible",
              "need administrator rights")  # fmt: skip


ShutOut = Callable[[Actor, int, int], Awaitable[None]]  # the bot (our id) turns out not to be in a chat


class AccessTasks(Guarded):
    """Works off the tasks of `storage.gates`. Owners, administrators and bots are never removed."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        telegram: Telegram,
        directory: BotDirectory,
        ways: Ways,
        reach: Reach,
        speak: Speak,
        signals: Signals,
        shut_out: ShutOut,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._telegram = db, work, clock, telegram
        self._directory, self._ways, self._reach, self._speak = directory, ways, reach, speak
        self._shut_out = shut_out
        self._running = asyncio.Lock()
        self._changed: set[tuple[int, int]] = set()
        signals.on(CHAT_CHANGED, lambda payload: self._changed.add((payload[0], payload[1])))

    @needs(Permission.HOUSE)
    async def run(self, actor: Actor) -> int:
        """Work off what is due; returns how many tasks were looked at."""
        async with self._running:
            now = self._clock.now()
            changed, self._changed = self._changed, set()
            if not changed:
                async with self._db.read() as tx:
                    if not await gates.any_due(tx, now):
                        return 0
            async with self._db.write() as tx:
                for bot_id, chat_id in changed:
                    await gates.hurry(tx, bot_id, chat_id, now)
                tasks = await gates.claim_tasks(tx, now, MOST_PER_RUN, LEASE)
            resting: set[int] = set()  # bots Telegram asked to slow down; their tasks come again
            for task in tasks:
                if task.bot_id in resting:
                    continue
                try:
                    await self._attempt(actor, task, now, resting)
                except Exception:  # one that fails must not keep the others waiting; it comes again
                    log.exception("a chat's door could not be looked after", extra={"task": str(task)})
            return len(tasks)

    async def _attempt(self, actor: Actor, task: Task, now: datetime, resting: set[int]) -> None:
        bot = await self._directory.get(task.bot_id)
        async with self._db.read() as tx:
            chat = await chats.get(tx, task.bot_id, task.chat_id)
            paid = await projects.of_chat(tx, task.bot_id, task.chat_id)
            entitled = await memberships.entitled(tx, task.bot_id, task.chat_id, task.member_id, now)
        if bot is None or not paid or entitled is (task.kind == gates.REMOVE):
            await self._settle(task)  # the bot is gone, or the membership or the chat changed meanwhile
            return
        needed = Right.RESTRICT_MEMBERS if task.kind == gates.REMOVE else Right.INVITE_USERS
        if chat is None or needed not in chat.rights:
            await self._wait_for_rights(bot, task, chat, now)
            return
        try:
            if task.kind == gates.REMOVE:
                await self._remove(bot, task, chat, now)
            else:
                await self._invite(bot, task, chat, now)
        except TelegramFlood as error:
            resting.add(task.bot_id)
            log.info("removals have to wait", extra={"bot": bot.id, "seconds": error.retry_after})
        except TelegramError as error:
            words = error.description.lower() if isinstance(error, TelegramRefused) else ""
            away = isinstance(error, TelegramRefused) and (error.status == 403 or "chat not found" in words)
            if away:
                await self._shut_out(actor, bot.id, task.chat_id)  # which tells the owner
            if away or any(sign in words for sign in _NO_RIGHTS):
                await self._wait_for_rights(bot, task, chat, now)
            else:
                await self._later(task, now)
            log.warning("a chat's door does not move", extra={"task": str(task), "error": str(error.details)})

    async def _remove(self, bot: Bot, task: Task, chat: AdminChat, now: datetime) -> None:
        member = await self._telegram.ask(
            bot.id, "getChatMember", chat_id=task.chat_id, user_id=task.member_id
        )
        status = member["status"]
        inside = status == "member" or (status == "restricted" and member.get("is_member", False))
        if inside and not member["user"].get("is_bot", False):
            call = calls.remove(task.chat_id, task.member_id)
            if chat.type == "group":
                # A basic group has no unban: there, being banned is being removed, and a link lets back in.
                # It is noted before: should the ban outlast the group's turn to a supergroup, we lift it.
                async with self._work() as work:
                    await presence.note_ban(work.tx, bot.id, task.chat_id, task.member_id, now)
                call = calls.ban(task.chat_id, task.member_id)
            await self._telegram.ask(bot.id, call.method, **call.params)
            log.info("removed", extra={"bot": bot.id, "chat": task.chat_id, "member": task.member_id})
        await self._settle(task, repaired=True)
        await self._make_good(task)

    async def _make_good(self, task: Task) -> None:
        """Somebody may have become entitled while we were about to remove him: he gets a way in."""
        async with self._work() as work:
            here = task.bot_id, task.chat_id, task.member_id
            if await memberships.entitled(work.tx, *here, work.now):
                await gates.owe(work.tx, *here, gates.INVITE, work.now, work.now)

    async def _invite(self, bot: Bot, task: Task, chat: AdminChat, now: datetime) -> None:
        async with self._db.read() as tx:
            mine = await memberships.of_member(tx, bot.id, task.member_id)
            projects_here = await projects.of_chat(tx, bot.id, task.chat_id)
            person = await people.get(tx, bot.id, task.member_id)
        opening = [one for one in mine if one.opens(now) and one.project_id in {*projects_here, 0}]
        if person is None or not opening:
            await self._settle(task)
            return
        ways = await self._ways.into(bot.id, task.member_id, opening[0].project_id, only=task.chat_id)
        if not ways or ways[0].link is None:
            await self._later(task, now)
            return
        t = self._speak(person.language, person.language_code)
        async with self._work() as work:
            if not await gates.settle(work.tx, task.bot_id, task.chat_id, task.member_id, task.kind):
                return  # another process has given him his way in meanwhile
            await gates.repaired(work.tx, bot.id, task.chat_id)
            speak_to(work, bot.id, person, wording.ways_in(t, ways), sealed=True)

    async def _settle(self, task: Task, *, repaired: bool = False) -> None:
        async with self._work() as work:
            await gates.settle(work.tx, task.bot_id, task.chat_id, task.member_id, task.kind)
            if repaired:
                await gates.repaired(work.tx, task.bot_id, task.chat_id)

    async def _later(self, task: Task, now: datetime) -> None:
        async with self._work() as work:
            await gates.postpone(work.tx, task, now + _pause(task.attempts))

    async def _wait_for_rights(self, bot: Bot, task: Task, chat: AdminChat | None, now: datetime) -> None:
        """Try again later, or as soon as news of the chat comes; tell the owner once."""
        mailbox = await self._reach.mailbox(bot.id, bot.owner_id)
        async with self._work() as work:
            await gates.postpone(work.tx, task, now + _pause(task.attempts))
            if await gates.tell_once(work.tx, bot.id, task.chat_id, now) and mailbox is not None:
                title = chat.title if chat else str(task.chat_id)
                page = owner_wording.no_rights(mailbox.t, bot, title)
                work.send(mailbox.bot_id, calls.send(mailbox.user_id, page))


def _pause(attempts: int) -> timedelta:
    doublings: int = 2 ** min(attempts - 1, 10)
    return min(FIRST_RETRY * doublings, LONGEST_RETRY)
