"""Who comes to a chat and who goes: journalled, counted, and told to the features that act on it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from domain import calls
from domain.actor import Actor, Right
from domain.bots import AdminChat, Bot
from domain.charts import stacked_bars
from domain.clock import Clock
from domain.errors import NotFound
from domain.join_report import JoinReport, Period, report
from domain.joins import MemberChange, movement_of, source_of
from domain.movements import Movement, MovementKind
from services.access import Access, Guarded, Permission, needs
from services.chats import CHAT_CHANGED
from services.movements import MovementListener, StandingListener
from services.work import UnitOfWork, Work
from storage import chats, journal, people
from storage.database import Database
from storage.people import Person
from texts import joins as wording

CHART = "joins.png"
REPORT_STAYS = 600  # seconds in a group


@dataclass(frozen=True, slots=True)
class Drawn:
    """A report about a chat with its chart (PNG)."""

    chat: AdminChat
    report: JoinReport
    chart: bytes


class JoinService(Guarded):
    """Movements. `listeners` act on each within the movement's own unit of work, `standings` on a change
    of those who neither came nor went."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        listeners: Sequence[MovementListener],
        standings: Sequence[StandingListener] = (),
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._listeners = db, work, clock, listeners
        self._standings = standings

    @needs(Permission.HOUSE)
    async def moved(self, actor: Actor, tenant: Bot, change: MemberChange) -> None:
        """The standing of somebody (not of the bot itself) changed: the one unit of work of a `chat_member`.

        It keeps the chat's administrators current, takes its title over, and for a movement writes the
        journal, moves the member count and calls the listeners. Bots are journalled, but nobody greets
        them or holds them for people.
        """
        async with self._work(actor) as work:
            await self._keep_chat(work, tenant, change)
            movement = _movement(tenant, change)
            if movement is None:
                for one in self._standings:
                    await one.changed(work, tenant, change)
                return
            await journal.add(work.tx, movement)
            await chats.count_members(work.tx, tenant.id, change.chat.id, movement.change)
            unlike = {"is_bot": True} if change.is_bot else {}
            if not (movement.came or movement.was_inside):
                unlike["was_inside"] = False
            work.event(
                tenant.owner_id, tenant.id, f"chat.{movement.kind}",
                chat=movement.chat_id, user=movement.user_id, source=movement.source, **unlike,
            )  # fmt: skip
            if change.is_bot:
                return
            seen = Person(
                change.user_id, change.first_name, change.last_name, change.username, change.language_code
            )
            await people.remember(work.tx, tenant.id, seen, work.now, started=False)
            for listener in self._listeners:
                await listener.moved(work, movement)

    @needs(Right.MANAGE_CHAT)
    async def report(self, actor: Actor, bot_id: int, chat_id: int, period: Period) -> Drawn:
        """Who came and went in a period, by source. Raises `NotFound` (chat)."""
        now = self._clock.now()
        since, slot = period.begin(now), period.slot
        async with self._db.read() as tx:
            chat = await chats.get(tx, bot_id, chat_id)
            came = await journal.came(tx, bot_id, chat_id, since, slot)
            went = await journal.went(tx, bot_id, chat_id, since, slot)
        if chat is None:
            raise NotFound("chat")
        found = report(
            period, now, ((c.at, c.source, c.people) for c in came), ((c.at, c.people) for c in went)
        )
        return Drawn(chat, found, await asyncio.to_thread(stacked_bars, found.slots))

    @needs(Right.MANAGE_CHAT)
    async def post_report(self, actor: Actor, bot_id: int, chat_id: int, period: Period) -> None:
        """Answer with the report in the group it is about, for a while."""
        drawn = await self.report(actor, bot_id, chat_id, period)
        async with self._work(actor) as work:
            door = work.door
            call = calls.send_photo(
                chat_id,
                drawn.chart,
                CHART,
                wording.report(actor.t, drawn.chat, drawn.report),
                reply_to=door.message_id if door else None,
                thread_id=door.thread_id if door else None,
                delete_after=REPORT_STAYS,
            )
            work.send(bot_id, call)

    async def _keep_chat(self, work: Work, tenant: Bot, change: MemberChange) -> None:
        chat = change.chat
        news = await chats.notice(work.tx, tenant.id, chat.id, chat.type, chat.title, chat.username)
        if change.new.admin:
            await chats.put_admin(
                work.tx, tenant.id, chat.id, change.user_id, change.new.creator, change.new.rights
            )
        elif change.old.admin:
            await chats.put_admin(work.tx, tenant.id, chat.id, change.user_id, False, None)
        if news or change.new.admin or change.old.admin:
            work.signal(CHAT_CHANGED, [tenant.id, chat.id])


def _movement(tenant: Bot, change: MemberChange) -> Movement | None:
    kind = movement_of(change.old, change.new, by_self=change.actor_id == change.user_id)
    if kind is None:
        return None
    return Movement(
        bot_id=tenant.id,
        owner_id=tenant.owner_id,
        chat_id=change.chat.id,
        chat_type=change.chat.type,
        chat_title=change.chat.title,
        user_id=change.user_id,
        name=change.name,
        username=change.username,
        language_code=change.language_code,
        is_bot=change.is_bot,
        kind=kind,
        actor_id=change.actor_id,
        source=source_of(change) if kind is MovementKind.JOIN else "",
        invite_link=change.invite_link,
        link_name=change.link_name,
        via_request=change.via_request or change.link_asks,
        at=change.at,
        update_id=change.update_id,
        was_inside=change.old.inside,
        restricted=change.new.restricted,
    )
