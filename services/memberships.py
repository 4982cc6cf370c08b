"""Memberships as the member sees them: what he has, the way back in, a trial."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.actor import Actor
from domain.clock import Clock
from domain.errors import NotFound, Refused
from domain.memberships import Membership
from domain.plans import Origin, Plan, Project
from domain.subscriptions import Standing, Subscription
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.grants import Given, give_plan
from services.settling import turn_subscription
from services.subscriptions import Subscriptions
from services.ways import Ways, missing
from services.work import UnitOfWork
from storage import gates, memberships, plans, projects, subscriptions
from storage.database import Database, Tx
from texts import memberships as wording


@dataclass(frozen=True, slots=True)
class Held:
    """A membership with the project and chats it is for, the plan it comes from (None when that is gone or
    not sold any more), and the subscriptions by which it is charged again."""

    membership: Membership
    project: Project | None
    chats: tuple[str, ...]
    plan: Plan | None = None
    subscriptions: tuple[Subscription, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription of the actor's with its plan, and until when what is paid lasts."""

    subscription: Subscription
    plan: Plan | None
    membership: Membership | None


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
        stopping: Subscriptions,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._directory, self._ways, self._stopping = directory, ways, stopping

    @needs(Permission.ANYONE)
    async def mine(self, actor: Actor, bot_id: int) -> list[Held]:
        """What the actor has and had, by project."""
        async with self._db.read() as tx:
            charged = await subscriptions.of_member(tx, bot_id, actor.user_id)
            return [
                await _held(tx, bot_id, one, charged)
                for one in await memberships.of_member(tx, bot_id, actor.user_id)
            ]

    @needs(Permission.ANYONE)
    async def subscribed(self, actor: Actor, bot_id: int, subscription_id: int) -> Subscribed:
        """A subscription of the actor's. Raises `NotFound` (subscription)."""
        async with self._db.read() as tx:
            return await _subscribed(tx, bot_id, actor.user_id, subscription_id)

    @needs(Permission.ANYONE)
    async def cancel(self, actor: Actor, bot_id: int, subscription_id: int) -> None:
        """Be charged no more: the provider is told first. What is paid stays.

        Raises `NotFound` (subscription), `Refused` (subscription_stuck) when the provider takes no such
        word from us, `GatewayUnreachable` when nobody knows: then it can be tried again.
        """
        bot = await self._directory.get(bot_id)
        found = await self.subscribed(actor, bot_id, subscription_id)
        if bot is None:
            raise NotFound("subscription")
        if found.subscription.state is Standing.ACTIVE and not await self._stopping.stop(found.subscription):
            raise Refused("subscription_stuck")
        async with self._work(actor) as work:
            await turn_subscription(
                work, bot, subscription_id, Standing.ENDING, "member", only_from=Standing.ACTIVE
            )
            now = await _subscribed(work.tx, bot_id, actor.user_id, subscription_id)
            work.show(wording.canceled(actor.t, now.plan, now.membership))

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


async def _held(tx: Tx, bot_id: int, one: Membership, charged: Sequence[Subscription]) -> Held:
    chats = tuple(title for _, title in await projects.chats(tx, bot_id, one.project_id))
    plan = await plans.get(tx, bot_id, one.plan_id)
    return Held(
        one,
        await projects.get(tx, bot_id, one.project_id),
        chats,
        plan if plan is not None and plan.enabled else None,
        tuple(other for other in charged if other.project_id == one.project_id),
    )


async def _subscribed(tx: Tx, bot_id: int, member_id: int, subscription_id: int) -> Subscribed:
    found = await subscriptions.get(tx, bot_id, subscription_id)
    if found is None or found.member_id != member_id:
        raise NotFound("subscription")
    return Subscribed(
        found,
        await plans.get(tx, bot_id, found.plan_id),
        await memberships.get(tx, bot_id, member_id, found.project_id),
    )
