"""Broadcasts: what may be done with them when, and what comes of it. They are sent by `services.recipients`.

What may follow what is the wire contract's business (`domain.broadcasts`). Every step is one statement that
finds the broadcast where it must be: of two people who press at once, one comes too late and is told so.
"""

from collections.abc import Collection
from typing import Any

from domain import broadcasts as rules
from domain.actor import Actor
from domain.broadcasts import Audience, Broadcast, BroadcastStatus, FollowUp, Quota, Shown
from domain.clock import Clock
from domain.creatives import Creative
from domain.errors import Conflict, Invalid, NotFound
from services import creatives, media
from services.access import Access, Permission, needs
from services.boards import figures, show_board
from services.broadcast_queue import BroadcastQueue
from services.deferred import DEFERRED
from services.directory import BotDirectory
from services.lead_writing import LeadWriting, check_campaigns, check_paid, check_says_something
from services.reach import Reach
from services.tariffs import allowed
from services.work import UnitOfWork, Work
from storage import broadcasts, recipients, triggers
from storage.database import Database
from texts import broadcasts as wording

PAGE = 8


class BroadcastService(LeadWriting):
    """Broadcasts of an account."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        reach: Reach,
    ) -> None:
        super().__init__(access, directory, reach)
        self._db, self._work, self._clock = db, work, clock
        self._queue = BroadcastQueue(db, clock)

    @needs(Permission.ACCOUNT)
    async def listing(self, actor: Actor) -> list[Shown]:
        """All of the actor's, the newest first, with their counters. Raises `Refused` (unpaid)."""
        owner_id = await self._owner(actor)
        async with self._db.read() as tx:
            await check_paid(tx, owner_id, self._clock.now())
            return await figures(tx, await broadcasts.listing(tx, owner_id))

    @needs(Permission.ACCOUNT)
    async def page(self, actor: Actor, number: int) -> tuple[list[Shown], bool]:
        """A page (from 0) of them for the chat, and whether there are more."""
        owner_id = await self._owner(actor)
        async with self._db.read() as tx:
            found = await broadcasts.listing(tx, owner_id, number * PAGE, PAGE + 1)
            return await figures(tx, found[:PAGE]), len(found) > PAGE

    @needs(Permission.ACCOUNT)
    async def quota(self, actor: Actor) -> Quota:
        """How far the day's cap is used, and what waits to be sent. Raises `Refused` (unpaid)."""
        owner_id = await self._owner(actor)
        now = self._clock.now()
        async with self._db.read() as tx:
            await check_paid(tx, owner_id, now)
            waiting = await recipients.waiting(tx, owner_id) + await triggers.waiting(tx, owner_id, now)
            cap = (await allowed(tx, owner_id)).daily_cap
            return Quota(cap, await recipients.used_today(tx, owner_id, now), waiting)

    @needs(Permission.ACCOUNT)
    async def get(self, actor: Actor, broadcast_id: int) -> Shown:
        """One with all its figures. Raises `NotFound` (broadcast), `Refused` (unpaid)."""
        owner_id = await self._owner(actor)
        now = self._clock.now()
        async with self._db.read() as tx:
            await check_paid(tx, owner_id, now)
            one = await broadcasts.get(tx, owner_id, broadcast_id)
            if one is None:
                raise NotFound("broadcast")
            return (await figures(tx, [one], now))[0]

    @needs(Permission.ACCOUNT)
    async def open(self, actor: Actor, broadcast_id: int) -> None:
        """Show its panel; one that runs is kept current there."""
        async with self._work(actor) as work:
            await self._show(work, actor, await self._mine(work, actor, broadcast_id))

    @needs(Permission.ACCOUNT)
    async def add(self, actor: Actor, name: str = "") -> int:
        """A new draft; its id. Raises `Invalid` (name), `Refused` (unpaid)."""
        owner_id = await self._owner(actor)
        name = checked_name(name)
        async with self._work(actor) as work:
            await check_paid(work.tx, owner_id, work.now)
            return await broadcasts.create(work.tx, owner_id, name, work.now)

    @needs(Permission.ACCOUNT)
    async def edit(
        self,
        actor: Actor,
        broadcast_id: int,
        name: str,
        audience: Audience,
        creative: Creative,
        paid: bool = False,
    ) -> None:
        """Replace all that is said of a broadcast, in any status: what is not sent yet goes out as it says
        now.

        Raises `NotFound` (broadcast, campaign), `Refused` (unpaid), `Invalid` for what Telegram would not
        take.
        """
        owner_id = await self._owner(actor)
        name = checked_name(name)
        if not 0 <= audience.statuses <= rules.EVERY_STATUS:
            raise Invalid("statuses")
        async with self._work(actor) as work:
            await check_paid(work.tx, owner_id, work.now)
            creative = await media.owned(work.tx, owner_id, creative)
            creatives.check(creative)
            await check_campaigns(work.tx, owner_id, audience.campaigns)
            if not await broadcasts.edit(work.tx, owner_id, broadcast_id, name, audience, creative, paid):
                raise NotFound("broadcast")

    @needs(Permission.ACCOUNT)
    async def start(self, actor: Actor, broadcast_id: int) -> int:
        """Queue everybody of the audience who was not reached yet, and run; returns how many that are.

        With nobody new (0) the broadcast stays what it was. Raises `NotFound`, `Conflict`
        (broadcast_state), `Refused` (unpaid, broadcasts), `Invalid` (text) for one that says nothing.
        """
        owner_id = await self._owner(actor)
        async with self._queue.ahead(owner_id, broadcast_id) as ahead, self._work(actor) as work:
            one = await self._mine(work, actor, broadcast_id)
            (await allowed(work.tx, owner_id)).check_broadcasts(work.now)
            if one.status not in rules.STARTABLE:
                raise Conflict("broadcast_state")
            check_says_something(one.creative)
            queued = await self._queue.fill(work.tx, one, ahead)
            if queued:
                started = {"started_at": work.now}
                await self._move(work, actor, one, rules.STARTABLE, BroadcastStatus.RUNNING, **started)
            else:
                work.reply(wording.nobody_new(actor.t, one))
        return queued

    @needs(Permission.ACCOUNT)
    async def pause(self, actor: Actor, broadcast_id: int) -> None:
        """What is not sent yet waits. Raises `Conflict` (broadcast_state) unless it runs."""
        async with self._work(actor) as work:
            one = await self._mine(work, actor, broadcast_id)
            await self._move(work, actor, one, rules.PAUSABLE, BroadcastStatus.PAUSED)

    @needs(Permission.ACCOUNT)
    async def resume(self, actor: Actor, broadcast_id: int) -> None:
        """Go on where it was paused. Raises `Conflict` (broadcast_state), `Refused` (unpaid, broadcasts)."""
        async with self._work(actor) as work:
            one = await self._mine(work, actor, broadcast_id)
            (await allowed(work.tx, one.owner_id)).check_broadcasts(work.now)
            await self._move(work, actor, one, rules.RESUMABLE, BroadcastStatus.RUNNING)

    @needs(Permission.ACCOUNT)
    async def cancel(self, actor: Actor, broadcast_id: int) -> None:
        """Drop what is not sent yet; who was reached stays reached. Raises `Conflict` (broadcast_state)."""
        async with self._work(actor) as work:
            one = await self._mine(work, actor, broadcast_id)
            if one.status in rules.CANCELLABLE:
                await recipients.drop_queued(work.tx, one.id)
            await self._move(work, actor, one, rules.CANCELLABLE, BroadcastStatus.CANCELLED)

    @needs(Permission.ACCOUNT)
    async def reset(self, actor: Actor, broadcast_id: int) -> None:
        """A draft again, which has reached nobody: the next start writes to everybody. Raises `Conflict`."""
        async with self._work(actor) as work:
            one = await self._mine(work, actor, broadcast_id)
            if one.status in rules.RESETTABLE:
                await recipients.clear(work.tx, one.id)
            fresh = {"started_at": None}
            await self._move(work, actor, one, rules.RESETTABLE, BroadcastStatus.DRAFT, **fresh)

    @needs(Permission.ACCOUNT)
    async def delete(self, actor: Actor, broadcast_id: int) -> None:
        """Delete it with all that is known of it. Raises `Conflict` (broadcast_state) while it runs."""
        async with self._work(actor) as work:
            one = await self._mine(work, actor, broadcast_id)
            if one.status in rules.DELETABLE:
                await recipients.clear(work.tx, one.id)
            if not await broadcasts.remove(work.tx, one.owner_id, one.id):
                raise Conflict("broadcast_state")
            work.show(wording.deleted(actor.t, one))

    @needs(Permission.ACCOUNT)
    async def test(self, actor: Actor, broadcast_id: int) -> None:
        """Show the message to the actor himself: in the chat as it will be, else by the service bot.

        Raises `Invalid` (text) when there is none, `Conflict` (no_preview) when he has not started the
        service bot.
        """
        shown = await self.get(actor, broadcast_id)
        bot_id, call = await self._preview_for(actor, shown.broadcast.creative)
        async with self._work(actor) as work:
            work.send(bot_id, call)

    @needs(Permission.ACCOUNT)
    async def decide_unknown(self, actor: Actor, broadcast_id: int, *, resend: bool) -> int:
        """Send once more, or let be, the messages nobody knows the fate of; returns how many these are.

        Sending again makes one that is done run again. Raises `Conflict` (broadcast_state).
        """
        async with self._work(actor) as work:
            one = await self._mine(work, actor, broadcast_id)
            if resend:
                (await allowed(work.tx, one.owner_id)).check_broadcasts(work.now)
                if one.status not in rules.DECIDABLE:
                    raise Conflict("broadcast_state")
                if one.status is BroadcastStatus.DONE:  # a top-up that never came about left its queue
                    await recipients.drop_queued(work.tx, one.id)
            number = await recipients.decide_unknown(work.tx, one.id, resend=resend, now=work.now)
            if resend and number and one.status is BroadcastStatus.DONE:
                await self._move(work, actor, one, {BroadcastStatus.DONE}, BroadcastStatus.RUNNING)
            else:
                await self._show(work, actor, one)
            work.signal(DEFERRED, None)
        return number

    @needs(Permission.ACCOUNT)
    async def edit_sent(self, actor: Actor, broadcast_id: int) -> int:
        """Make the messages that were sent say what the broadcast says now; returns how many there are."""
        return await self._follow_up(actor, broadcast_id, FollowUp.EDIT, rules.EDITABLE_WHEN_SENT)

    @needs(Permission.ACCOUNT)
    async def recall(self, actor: Actor, broadcast_id: int) -> int:
        """Delete the messages that were sent, where Telegram still lets us (48 hours); returns how many
        there are."""
        return await self._follow_up(actor, broadcast_id, FollowUp.RECALL, rules.RECALLABLE)

    async def _follow_up(
        self, actor: Actor, broadcast_id: int, what: FollowUp, since: Collection[BroadcastStatus]
    ) -> int:
        async with self._work(actor) as work:
            one = await self._mine(work, actor, broadcast_id)
            (await allowed(work.tx, one.owner_id)).check_broadcasts(work.now)
            if one.status not in since:
                raise Conflict("broadcast_state")
            if what is FollowUp.EDIT:
                check_says_something(one.creative)
            number = await recipients.follow_up(work.tx, one.id, what)
            work.reply(wording.following_up(actor.t, what, number))
            work.signal(DEFERRED, None)
        return number

    async def _mine(self, work: Work, actor: Actor, broadcast_id: int) -> Broadcast:
        """One of the actor's, held until the transaction ends. Raises `NotFound`, `Refused` (unpaid)."""
        owner_id = await self._owner(actor)
        one = await broadcasts.get(work.tx, owner_id, broadcast_id, lock=True)
        if one is None:
            raise NotFound("broadcast")
        await check_paid(work.tx, owner_id, work.now)
        return one

    async def _move(
        self,
        work: Work,
        actor: Actor,
        one: Broadcast,
        since: Collection[BroadcastStatus],
        to: BroadcastStatus,
        **values: Any,
    ) -> None:
        if not await broadcasts.move(work.tx, one.owner_id, one.id, since, to, **values):
            raise Conflict("broadcast_state")
        work.event(one.owner_id, None, f"broadcast.{to.name.lower()}", broadcast=one.id)
        work.signal(DEFERRED, None)
        await self._show(work, actor, one)

    async def _show(self, work: Work, actor: Actor, one: Broadcast) -> None:
        now = await broadcasts.get(work.tx, one.owner_id, one.id)
        if now is not None and work.door is not None:
            await show_board(work, actor.t, (await figures(work.tx, [now], work.now))[0])


def checked_name(name: str) -> str:
    """Raise `Invalid` (name) unless the name fits."""
    name = " ".join(name.split())
    if len(name) > rules.LONGEST_NAME:
        raise Invalid("name", "broadcast_name", limit=rules.LONGEST_NAME)
    return name
