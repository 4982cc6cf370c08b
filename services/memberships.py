"""Memberships as the member sees them: what he has, the way back in, a trial."""

from dataclasses import dataclass

from domain.actor import Actor
from domain.clock import Clock
from domain.errors import NotFound, Refused
from domain.memberships import Membership
from domain.plans import Origin, Project
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.grants import Given, give_plan
from services.ways import Ways, missing
from services.work import UnitOfWork
from storage import gates, memberships, plans, projects
from storage.database import Database, Tx
from texts import memberships as wording


@dataclass(frozen=True, slots=True)
class Held:
    """A membership with the project and chats it is for."""

    membership: Membership
    project: Project | None
    chats: tuple[str, ...]


class MembershipService(Guarded):
    """Memberships of the actor himself."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        ways: Ways,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._directory, self._ways = directory, ways

    @needs(Permission.ANYONE)
    async def mine(self, actor: Actor, bot_id: int) -> list[Held]:
        """What the actor has and had, by project."""
        async with self._db.read() as tx:
            return [
                await _held(tx, bot_id, one) for one in await memberships.of_member(tx, bot_id, actor.user_id)
            ]

    @needs(Permission.ANYONE)
    async def enter(self, actor: Actor, bot_id: int, project_id: int) -> None:
        """The way (back) into the chats of a running membership. Raises `Refused` (membership_over)."""
        async with self._db.read() as tx:
            current = await memberships.get(tx, bot_id, actor.user_id, project_id)
        if current is None:
            raise NotFound("membership")
        if not current.opens(self._clock.now()):
            raise Refused("membership_over")
        ways = await self._ways.into(bot_id, actor.user_id, project_id, verify=True)
        async with self._work(actor) as work:
            for chat_id in missing(ways):
                await gates.owe(work.tx, bot_id, chat_id, actor.user_id, gates.INVITE, work.now, work.now)
            work.reply(wording.ways_in(actor.t, ways), sealed=True)

    @needs(Permission.ANYONE)
    async def start_trial(self, actor: Actor, bot_id: int, plan_id: int) -> Given:
        """Begin the free trial of a plan. Raises `Refused` with the rule that says no."""
        bot = await self._directory.get(bot_id)
        async with self._db.read() as tx:
            plan = await plans.get(tx, bot_id, plan_id)
        if bot is None or plan is None:
            raise NotFound("plan")
        ways = await self._ways.into(bot_id, actor.user_id, plan.project_id)
        async with self._work(actor) as work:
            plan, given = await give_plan(work, bot, actor.user_id, plan_id, Origin.TRIAL)
            for chat_id in missing(ways):
                await gates.owe(work.tx, bot_id, chat_id, actor.user_id, gates.INVITE, work.now, work.now)
            ways = [way for way in ways if way.chat_id not in given.let_in]
            work.reply(wording.given(actor.t, plan, given.membership, ways, given.extended), sealed=True)
        return given


async def _held(tx: Tx, bot_id: int, one: Membership) -> Held:
    chats = tuple(title for _, title in await projects.chats(tx, bot_id, one.project_id))
    return Held(one, await projects.get(tx, bot_id, one.project_id), chats)
