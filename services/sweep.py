"""The sweep: updates can be missed, so Telegram is asked from time to time who is in the paid chats."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain import calls
from domain.actor import Actor
from domain.bots import Bot
from domain.clock import Clock
from domain.errors import TelegramError, TelegramRefused
from domain.joins import Standing, standing_of
from domain.plans import EVERY_CHAT
from domain.presence import overstays
from domain.telegram import Telegram
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.grants import lift_bans
from services.people import person_of
from services.work import UnitOfWork, Work
from storage import gates, join_requests, journal, memberships, people, presence, projects
from storage.database import Database
from storage.presence import Candidate

log = logging.getLogger(__name__)
AGAIN = timedelta(days=1)  # Telegram keeps updates for a day: what is missed for longer is missed for good
BOTS_AT_ONCE = 20  # asked for in one run
QUEUE = 500  # people of a bot fetched at a time
REFILL = timedelta(minutes=10)
REST = timedelta(minutes=1)  # of a bot that Telegram asked to slow down, or that it did not answer


class SweepService(Guarded):
    """Looks after people Telegram may have forgotten to tell us about; one person per bot and run.

    A look finds those who are inside though their time is over (they become tasks of `AccessTasks`, which
    removes nobody it must not), and those who are kept out though they are entitled. Whatever Telegram
    does not answer clearly changes nothing.
    """

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        telegram: Telegram,
        directory: BotDirectory,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._telegram, self._directory = telegram, directory
        self._queues: dict[int, deque[Candidate]] = {}  # in the order the bots take their turns
        self._filled: dict[int, datetime] = {}
        self._resting: dict[int, datetime] = {}
        self._listed: datetime | None = None
        self._running = asyncio.Lock()

    @needs(Permission.HOUSE)
    async def run(self, actor: Actor) -> int:
        """Look for the next person of each bot, of `BOTS_AT_ONCE` bots at most; returns how many were."""
        async with self._running:
            now = self._clock.now()
            await self._fill(now)
            turns = [
                bot_id
                for bot_id, queue in self._queues.items()
                if queue and not _within(now, self._resting.get(bot_id), REST)
            ][:BOTS_AT_ONCE]
            for bot_id in turns:
                self._queues[bot_id] = self._queues.pop(bot_id)  # to the end of the line
            return sum(await asyncio.gather(*(self._look_safely(bot_id, now) for bot_id in turns)))

    async def _fill(self, now: datetime) -> None:
        """Fetch more people for the bots that have looked at all of theirs."""
        if not _within(now, self._listed, REFILL):
            async with self._db.read() as tx:
                known = await presence.bots(tx)
            self._queues = {bot_id: self._queues.get(bot_id, deque()) for bot_id in known}
            self._listed = now
        for bot_id, queue in self._queues.items():
            if not queue and not _within(now, self._filled.get(bot_id), REFILL):
                async with self._db.read() as tx:
                    queue.extend(await presence.candidates(tx, bot_id, now - AGAIN, now, QUEUE))
                if len(queue) < QUEUE:  # else there may be more, and the next come as soon as these are done
                    self._filled[bot_id] = now

    async def _look_safely(self, bot_id: int, now: datetime) -> int:
        queue = self._queues[bot_id]
        try:
            return await self._look(bot_id, queue, now)
        except TelegramError as error:
            self._resting[bot_id] = now
            log.info("the sweep waits", extra={"bot": bot_id, "error": str(error.details)})
        except Exception:  # one bot's trouble must not keep the others from being looked after
            queue.popleft()
            log.exception("the sweep stumbled", extra={"bot": bot_id})
        return 0

    async def _look(self, bot_id: int, queue: deque[Candidate], now: datetime) -> int:
        bot = await self._directory.get(bot_id)
        if bot is None or not bot.alive:
            queue.clear()
            return 0
        one = queue[0]
        async with self._db.read() as tx:
            if await presence.fresh(tx, bot_id, one, now - AGAIN, now):
                queue.popleft()
                return 0
        member = await self._ask(bot, one)
        async with self._work() as work:
            await presence.checked(work.tx, bot_id, one, work.now)
            if member is not None:
                await _meet(work, bot, member["user"])
                await _settle(work, bot, one, standing_of(member))
        queue.popleft()
        return 1

    async def _ask(self, bot: Bot, one: Candidate) -> Mapping[str, Any] | None:
        """What Telegram says of him; None for a bot, and where it refuses to tell."""
        try:
            member: Mapping[str, Any] = await self._telegram.ask(
                bot.id, "getChatMember", chat_id=one.chat_id, user_id=one.member_id
            )
        except TelegramRefused as error:
            log.info("the sweep sees nothing", extra={"bot": bot.id, "error": str(error.details)})
            return None
        return None if member["user"].get("is_bot", False) else member


async def _meet(work: Work, bot: Bot, user: Mapping[str, Any]) -> None:
    """Whoever was imported by his id alone gets his name."""
    known = await people.get(work.tx, bot.id, user["id"])
    if known is not None and not known.first_name:
        await people.remember(work.tx, bot.id, person_of(user), work.now, started=False)


async def _settle(work: Work, bot: Bot, one: Candidate, standing: Standing) -> None:
    """Decide by what is committed at this moment."""
    tx, chat_id, member_id = work.tx, one.chat_id, one.member_id
    paid = await projects.of_chat(tx, bot.id, chat_id)
    if await memberships.entitled(tx, bot.id, chat_id, member_id, work.now):
        if standing.banned:
            await lift_bans(work, bot, member_id, [chat_id])
        elif not standing.inside:
            for waiting in await join_requests.approve_waiting(tx, bot.id, member_id, [chat_id], work.now):
                work.send(bot.id, calls.approve_join(waiting, member_id))
        return
    if not paid or not standing.inside or standing.admin:
        return
    held = await memberships.of_member(tx, bot.id, member_id)
    covering = [other for other in held if other.project_id in {*paid, EVERY_CHAT}]
    last = await journal.last(tx, bot.id, chat_id, member_id)
    since = await gates.one_use_since(tx, bot.id, chat_id)
    if overstays(covering, last, since, bot.telegram_id) and await gates.owe_once(
        tx, bot.id, chat_id, member_id, gates.REMOVE, work.now
    ):
        work.event(bot.owner_id, bot.id, "gate.overstayed", chat=chat_id, member=member_id)


def _within(now: datetime, since: datetime | None, length: timedelta) -> bool:
    """Whether less than `length` has passed since then; a clock that was set back does not stop time."""
    return since is not None and timedelta(0) <= now - since < length
