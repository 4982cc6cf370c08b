"""Raids: told by the pace of joins, met by a lockdown that ends by itself."""

import logging
from datetime import timedelta

from domain import calls
from domain.actor import Actor, Right
from domain.antispam.settings import Mode, mode_at
from domain.bots import Bot
from domain.calls import Priority
from domain.clock import Clock
from domain.errors import NotFound
from domain.movements import Movement
from domain.raids import Raid, is_raid, recent
from domain.verification import Method, VerificationSettings
from services.access import Access, Guarded, Permission, needs
from services.antispam import settings_of
from services.directory import BotDirectory
from services.doorboard import setup_of
from services.doorkeeper import Doorkeeper
from services.greeter import Greeter
from services.spamlog import LogPlace, SpamLog
from services.work import UnitOfWork, Work
from storage import antispam, raids, verification
from storage.database import Database
from texts import verification as wording

log = logging.getLogger(__name__)
MERGED = timedelta(minutes=1)  # during a raid that is only observed, newcomers are greeted so often


class RaidService(Guarded):
    """Raids. What administrators do about one is asked of them once, in the log."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        doorkeeper: Doorkeeper,
        greeter: Greeter,
        spamlog: SpamLog,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._directory = db, work, clock, directory
        self._doorkeeper, self._greeter, self._log = doorkeeper, greeter, spamlog

    async def came(self, work: Work, movement: Movement, setup: VerificationSettings) -> Raid | None:
        """Count somebody who came by himself; the raid that is on, which may have begun with him."""
        bot_id, chat_id = movement.bot_id, movement.chat_id
        joins, raid = await raids.lock(work.tx, bot_id, chat_id)
        if raid is not None and raid.until > work.now:
            return raid
        if setup.raid_mode is Mode.OFF:
            return None
        if not joins:
            await antispam.guard(work.tx, bot_id, chat_id, work.now)  # its day of observation begins
        joins = recent(joins, movement, setup.raid_seconds)
        if not is_raid(joins, setup.raid_limit):
            await raids.keep_recent(work.tx, bot_id, chat_id, joins)
            return None
        return await self._begin(work, joins, movement, setup)

    async def left(self, work: Work, movement: Movement) -> None:
        """Somebody went: whatever begins now is not about him."""
        await raids.left(work.tx, movement.bot_id, movement.chat_id, movement.user_id)

    async def _begin(
        self, work: Work, joins: list[Movement], latest: Movement, setup: VerificationSettings
    ) -> Raid:
        """Lock the chat down for everybody who came since the raid began."""
        bot_id, chat_id = latest.bot_id, latest.chat_id
        guarded = await antispam.guarded_since(work.tx, bot_id, chat_id) or work.now
        acts = mode_at(setup.raid_mode, work.now, guarded) is Mode.ON
        raid = Raid(joins[0].at, work.now + timedelta(minutes=setup.raid_minutes), acts)
        await raids.begin(work.tx, bot_id, chat_id, raid)
        greeted = work.now - timedelta(seconds=setup.raid_seconds)
        due = raid.until if raid.acts else min(raid.until, work.now + MERGED)
        await self._greeter.take_back(work, bot_id, chat_id, greeted, due)
        if raid.acts:
            for one in joins:
                if one.user_id != latest.user_id:
                    await self._hold(work, one, setup)
        tenant = await self._directory.get(bot_id)
        if tenant is not None:
            state = "acted" if raid.acts else "observed"
            work.event(tenant.owner_id, bot_id, f"raid.{state}", chat=chat_id, joins=len(joins))
            place = await self._place(work, tenant, chat_id)
            if place is not None:
                page = wording.raid(place.t, bot_id, chat_id, place.title, setup, acts=raid.acts)
                work.send(place.bot_id, calls.send(place.chat_id, page), priority=Priority.MODERATION)
        return raid

    async def _hold(self, work: Work, movement: Movement, setup: VerificationSettings) -> None:
        """Somebody who came before the raid was told: he is asked now, unless he has answered already."""
        known = await verification.get(work.tx, movement.bot_id, movement.chat_id, movement.user_id)
        if await self._doorkeeper.is_exempt(work, movement, known):
            return
        if known is not None and known.state == verification.WAITING:
            return
        await self._greeter.forget(work, movement.bot_id, movement.chat_id, movement.user_id)
        await self._doorkeeper.hold(work, movement, setup, setup.in_lockdown, crowd=True)

    @needs(Permission.HOUSE)
    async def run(self, actor: Actor) -> None:
        """End the lockdowns that are over. Called about once a second."""
        async with self._db.read() as tx:
            over = await raids.over(tx, self._clock.now())
        for bot_id, chat_id in over:
            try:
                async with self._work(actor) as work:
                    since = await raids.end(work.tx, bot_id, chat_id, only_due=work.now)
                    if since is not None:
                        await self._ended(work, bot_id, chat_id, release=False)
            except Exception:  # one chat that fails must not keep the others locked
                log.exception("a lockdown could not be ended", extra={"bot": bot_id, "chat": chat_id})

    @needs(Right.RESTRICT_MEMBERS)
    async def calm(self, actor: Actor, bot_id: int, chat_id: int) -> None:
        """*End now*: it is no raid. Where verification is off, whoever waits is let in.

        Raises `NotFound` (raid) when no lockdown is on.
        """
        async with self._work(actor) as work:
            setup = await setup_of(work.tx, bot_id, chat_id)
            if await raids.end(work.tx, bot_id, chat_id) is None:
                raise NotFound("raid")
            await self._ended(work, bot_id, chat_id, release=setup.method is Method.OFF)
            work.show(wording.calmed(actor.t, actor.name))

    @needs(Right.RESTRICT_MEMBERS)
    async def sweep(self, actor: Actor, bot_id: int, chat_id: int) -> None:
        """*Remove those who came*: everybody since the raid began who has not answered yet.

        Raises `NotFound` (raid) when there was none.
        """
        async with self._work(actor) as work:
            since = await raids.since(work.tx, bot_id, chat_id)
            if since is None:
                raise NotFound("raid")
            removed = 0
            for held in await verification.waiting(work.tx, bot_id, chat_id, since):
                removed += await self._doorkeeper.turn_away(work, held)
            on = await raids.active(work.tx, bot_id, chat_id, work.now)
            work.show(wording.swept(actor.t, bot_id, chat_id, removed, locked=on is not None))

    async def _ended(self, work: Work, bot_id: int, chat_id: int, *, release: bool) -> None:
        """The chat is open again: those who passed are welcomed, and let in where they asked to be."""
        await self._greeter.greet_at(work, bot_id, chat_id, work.now)
        if release:
            for held in await verification.waiting(work.tx, bot_id, chat_id):
                await self._doorkeeper.release(work, held)
        for held in await verification.owed(work.tx, bot_id, chat_id):
            await self._doorkeeper.let_in(work, held, owed=True)

    async def _place(self, work: Work, tenant: Bot, chat_id: int) -> LogPlace | None:
        return await self._log.place(tenant, chat_id, await settings_of(work.tx, tenant.id, chat_id))
