"""Members as the owner sees them: finding, extending, giving, ending."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain import calls, durations
from domain.actor import Actor
from domain.bots import Bot
from domain.clock import Clock
from domain.errors import Invalid, NotFound
from domain.imports import ALL_CHATS, HEADER, written
from domain.memberships import REMINDER_HOURS, SETTINGS, Membership, Settings
from domain.money import Money
from domain.plans import EVERY_CHAT, Project
from domain.sheets import to_csv
from domain.subscriptions import Standing, Subscription
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.endings import close_chats, speak_to
from services.grants import Given, give_time, read_settings
from services.people import PeopleService
from services.reach import Speak
from services.settling import turn_subscription
from services.subscriptions import Subscriptions
from services.work import UnitOfWork, Work
from storage import credit, history, memberships, people, plans, projects, settings, subscriptions
from storage.database import Database, Tx
from storage.memberships import Listed
from storage.people import Person
from texts import memberships as member_wording
from texts import subscribers as wording

PAGE = 10
LONGEST_GIFT = 3650  # days
LONGEST_GRACE = 30  # days
MOST_IN_FILE, CHUNK = 50_000, 1_000  # memberships in the file; read at a time


@dataclass(frozen=True, slots=True)
class Member:
    """A person with his memberships, the projects he could be given, and his credit."""

    person: Person
    memberships: Sequence[Membership]
    projects: Sequence[Project]
    credit: Sequence[Money] = ()


class SubscriberService(Guarded):
    """Members of a bot, for its owner."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        known: PeopleService,
        speak: Speak,
        stopping: Subscriptions,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._directory, self._people, self._speak = directory, known, speak
        self._stopping = stopping

    @needs(Permission.OWNER)
    async def listing(self, actor: Actor, bot_id: int, page: int) -> tuple[Sequence[Listed], bool]:
        """A page (from 0) of running memberships, the next to end first, and whether there are more."""
        async with self._db.read() as tx:
            found = await memberships.listing(tx, bot_id, self._clock.now(), page * PAGE, PAGE + 1)
        return found[:PAGE], len(found) > PAGE

    @needs(Permission.OWNER)
    async def export(self, actor: Actor, bot_id: int) -> int:
        """All running memberships as a CSV document that `/import` reads back; returns its rows."""
        rows: list[Sequence[object]] = []
        now = self._clock.now()
        async with self._db.read() as tx:
            sold = {one.id: one.name for one in await plans.of_bot(tx, bot_id)}
            known = {one.id: one.name for one in await projects.of_bot(tx, bot_id)} | {EVERY_CHAT: ALL_CHATS}
        while len(rows) < MOST_IN_FILE:
            async with self._db.read() as tx:
                found = await memberships.listing(tx, bot_id, now, len(rows), CHUNK)
            for one in found:
                held = one.membership
                rows.append(
                    (held.member_id, one.username or "", one.name, known.get(held.project_id, ""),
                     sold.get(held.plan_id, ""), written(held.started_at), written(held.end_at))
                )  # fmt: skip
            if len(found) < CHUNK:
                break
        async with self._work(actor) as work:
            if actor.door is not None:
                page = wording.exported(actor.t, len(rows))
                file = to_csv(HEADER, rows)
                work.send(bot_id, calls.send_document(actor.door.chat_id, file, "members.csv", page))
        return len(rows)

    @needs(Permission.OWNER)
    async def page(
        self,
        actor: Actor,
        bot_id: int,
        offset: int,
        limit: int,
        *,
        member_id: int | None = None,
        plan_id: int | None = None,
        project_id: int | None = None,
    ) -> Sequence[Membership]:
        """So many running memberships, the longest running first; only those of the ids that are given."""
        async with self._db.read() as tx:
            return await memberships.page(
                tx, bot_id, self._clock.now(), offset, limit,
                member_id=member_id, plan_id=plan_id, project_id=project_id,
            )  # fmt: skip

    @needs(Permission.OWNER)
    async def find(self, actor: Actor, bot_id: int, who: str) -> Member:
        """Somebody the bot has met, by id or @username. Raises `NotFound` (member)."""
        person = await self._people.find(bot_id, who.strip())
        if person is None:
            raise NotFound("member")
        async with self._db.read() as tx:
            return await self._member(tx, bot_id, person.user_id)

    @needs(Permission.OWNER)
    async def ask_who(self, actor: Actor, bot_id: int) -> None:
        """Ask whom to look for."""
        async with self._work(actor) as work:
            await work.ask("subscribers:find")
            work.show(wording.ask_who(actor.t))

    @needs(Permission.OWNER)
    async def found(self, actor: Actor, bot_id: int, who: str) -> None:
        """Whom the owner was asked for."""
        member = await self.find(actor, bot_id, who)
        async with self._work(actor) as work:
            await work.end_dialog()
            work.reply(wording.panel(actor.t, member, work.now))

    @needs(Permission.OWNER)
    async def ask_days(self, actor: Actor, bot_id: int, member_id: int, project_id: int) -> None:
        """Ask for how many days to give."""
        async with self._work(actor) as work:
            member = await self._member(work.tx, bot_id, member_id)
            await work.ask("subscribers:days", {"member": member_id, "project": project_id})
            work.show(wording.ask_days(actor.t, member.person.full_name))

    @needs(Permission.OWNER)
    async def give_asked(self, actor: Actor, bot_id: int, text: str) -> None:
        """The days that were asked for."""
        async with self._work(actor) as work:
            asked = await work.asked("subscribers:days")
            await self._give(work, actor, bot_id, asked["member"], asked["project"], _days(text))
            await work.end_dialog()

    @needs(Permission.OWNER)
    async def give(self, actor: Actor, bot_id: int, member_id: int, project_id: int, days: int) -> Given:
        """Give so many days in a project: more for who is a member, a beginning for who is not."""
        async with self._work(actor) as work:
            return await self._give(work, actor, bot_id, member_id, project_id, _days(str(days)))

    async def _give(
        self, work: Work, actor: Actor, bot_id: int, member_id: int, project_id: int, days: int
    ) -> Given:
        bot = await self._bot(bot_id)
        project = await projects.get(work.tx, bot_id, project_id)
        if project is None and project_id != EVERY_CHAT:
            raise NotFound("project")
        given = await give_time(work, bot, member_id, project_id, durations.days(days))
        person = await people.get(work.tx, bot_id, member_id)
        if person is not None:
            page = member_wording.gift(self._words(person), project, given.membership)
            speak_to(work, bot_id, person, page)
        work.show(wording.panel(actor.t, await self._member(work.tx, bot_id, member_id), work.now))
        return given

    @needs(Permission.OWNER)
    async def end(self, actor: Actor, bot_id: int, member_id: int, project_id: int) -> None:
        """End a membership now, without grace: the member is told, removed from what it opened, and charged
        for it no more. Raises `GatewayUnreachable` when nobody knows whether he is."""
        bot = await self._bot(bot_id)
        charged, stuck = await self._stop(bot_id, member_id, project_id)
        async with self._work(actor) as work:
            closed = await memberships.close(work.tx, bot_id, member_id, project_id, work.now)
            if closed is None:
                raise NotFound("membership")
            await history.note_closing(work.tx, bot_id, member_id, project_id, work.now)
            await close_chats(work, bot, closed, due=work.now)
            person = await people.get(work.tx, bot_id, member_id)
            project = await projects.get(work.tx, bot_id, project_id)
            if person is not None:
                page = member_wording.ended(self._words(person), bot, project, None)
                speak_to(work, bot_id, person, page)
            for one in charged:
                await turn_subscription(
                    work, bot, one.id, Standing.ENDING, "owner", only_from=Standing.ACTIVE
                )
            member = await self._member(work.tx, bot_id, member_id)
            work.show(wording.panel(actor.t, member, work.now, stuck=stuck))

    async def _stop(
        self, bot_id: int, member_id: int, project_id: int
    ) -> tuple[Sequence[Subscription], Sequence[str]]:
        """The subscriptions to a project that are charged no more from now on, and the gateways of those
        that the provider did not let us stop."""
        async with self._db.read() as tx:
            running = [
                one
                for one in await subscriptions.of_member(tx, bot_id, member_id)
                if one.project_id == project_id and one.state is Standing.ACTIVE
            ]
        stopped = [one for one in running if await self._stopping.stop(one)]
        return stopped, [one.gateway for one in running if one not in stopped]

    @needs(Permission.OWNER)
    async def settings(self, actor: Actor, bot_id: int) -> Settings:
        """The settings of memberships and affiliates."""
        async with self._db.read() as tx:
            return await read_settings(tx, bot_id)

    @needs(Permission.OWNER)
    async def set_grace(self, actor: Actor, bot_id: int, days: int) -> None:
        """How many days access outlasts the end; it counts for memberships that run, too."""
        if not 0 <= days <= LONGEST_GRACE:
            raise Invalid("grace", "grace")
        async with self._work(actor) as work:
            changed = await settings.change(
                work.tx, bot_id, settings.DEFAULT_CHAT, SETTINGS, {"grace_days": days}, work.now
            )
            rules = Settings.read(changed)
            await memberships.set_grace(work.tx, bot_id, rules.grace)
            work.show(wording.rules(actor.t, rules))

    @needs(Permission.OWNER)
    async def turn_reminder(self, actor: Actor, bot_id: int, hours: int) -> None:
        """Remind members so many hours before the end, or no longer."""
        if hours not in REMINDER_HOURS:
            raise Invalid("reminder")
        async with self._work(actor) as work:
            rules = await read_settings(work.tx, bot_id)
            chosen = sorted({hours} ^ set(rules.reminder_hours), reverse=True)
            changed = await settings.change(
                work.tx, bot_id, settings.DEFAULT_CHAT, SETTINGS, {"reminder_hours": chosen}, work.now
            )
            await memberships.rethink_notices(work.tx, bot_id, work.now)
            work.show(wording.rules(actor.t, Settings.read(changed)))

    async def _member(self, tx: Tx, bot_id: int, member_id: int) -> Member:
        person = await people.get(tx, bot_id, member_id)
        if person is None:
            raise NotFound("member")
        held = await memberships.of_member(tx, bot_id, member_id)
        has = await credit.balance(tx, bot_id, member_id)
        return Member(person, held, await projects.of_bot(tx, bot_id), has)

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot

    def _words(self, person: Person) -> Any:
        return self._speak(person.language, person.language_code)


def _days(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= LONGEST_GIFT):
        raise Invalid("days", "gift_days")
    return int(text)
