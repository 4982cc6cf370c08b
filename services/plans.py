"""Plans: what members see of them, and how the owner changes them."""

from dataclasses import dataclass, replace
from typing import Any

from domain import durations
from domain.actor import Actor
from domain.clock import Clock
from domain.errors import Conflict, Invalid, NotFound
from domain.money import Money
from domain.plans import EVERY_CHAT, Origin, Plan, Project, check_recurring, next_option, refusal
from services import coupons
from services.access import Access, Guarded, Permission, needs
from services.plan_fields import FIELDS, NewPlan, read_field
from services.work import UnitOfWork, Work
from storage import customers, plans, projects, subscriptions
from storage.database import Database, Tx
from texts import plans as wording


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan as one person sees it: what it opens, why he may not take it, where that is so, and what it
    costs him with a coupon, where he has one."""

    plan: Plan
    project: Project | None
    chats: tuple[str, ...]
    refusal: str | None
    may_try: bool
    reduced: Money | None = None


@dataclass(frozen=True, slots=True)
class PlanPanel:
    """A plan as its owner sees it."""

    plan: Plan
    project: Project | None
    customers: int


class PlanService(Guarded):
    """Plans of a bot."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork, clock: Clock) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock

    @needs(Permission.ANYONE)
    async def offers(self, actor: Actor, bot_id: int) -> list[Offer]:
        """The plans the actor can find in the list: open ones, not hidden, of projects that are shown, and
        not closed to him by their rules for newcomers and invitees."""
        async with self._db.read() as tx:
            shown = {one.id for one in await projects.of_bot(tx, bot_id, with_hidden=False)} | {EVERY_CHAT}
            found = [
                await self._offer(tx, actor, bot_id, plan)
                for plan in await plans.of_bot(tx, bot_id, only_enabled=True)
                if not plan.options.is_hidden and plan.project_id in shown
            ]
            mine = [offer for offer in found if offer.refusal is None or not _personal(offer.refusal)]
            plans_ = [offer.plan for offer in mine if offer.refusal is None]
            costs = await coupons.prices(tx, bot_id, plans_, actor.user_id, self._clock.now())
        return [
            replace(offer, reduced=costs[offer.plan.id].amount) if offer.plan.id in costs else offer
            for offer in mine
        ]

    @needs(Permission.ANYONE)
    async def offer(self, actor: Actor, bot_id: int, plan_id: int) -> Offer:
        """One plan; a hidden one, too, for whoever has its link."""
        async with self._db.read() as tx:
            plan = await plans.get(tx, bot_id, plan_id)
            if plan is None or not plan.enabled:
                raise NotFound("plan")
            return await self._offer(tx, actor, bot_id, plan)

    async def _offer(self, tx: Tx, actor: Actor, bot_id: int, plan: Plan) -> Offer:
        now = self._clock.now()
        person = await customers.standing(tx, bot_id, actor.user_id, plan.project_id, plan.id, now)
        chats = tuple(title for _, title in await projects.chats(tx, bot_id, plan.project_id))
        project = await projects.get(tx, bot_id, plan.project_id)
        no_trial = refusal(plan, person, Origin.TRIAL, now)
        # How it is paid for is looked at later: for the methods there are.
        reason = refusal(plan, person, Origin.TOKEN, now, by_credit=True)
        return Offer(plan, project, chats, reason, no_trial is None)

    @needs(Permission.OWNER)
    async def all(self, actor: Actor, bot_id: int) -> list[Plan]:
        """All plans in their order, the disabled ones, too."""
        async with self._db.read() as tx:
            return await plans.of_bot(tx, bot_id)

    @needs(Permission.OWNER)
    async def page(
        self,
        actor: Actor,
        bot_id: int,
        offset: int,
        limit: int,
        plan_id: int | None = None,
        project_id: int | None = None,
    ) -> list[Plan]:
        """So many plans, the disabled ones, too; only those of the ids that are given."""
        async with self._db.read() as tx:
            return await plans.page(tx, bot_id, offset, limit, plan_id, project_id)

    @needs(Permission.OWNER)
    async def create(self, actor: Actor, bot_id: int, wanted: NewPlan) -> Plan:
        """A new plan below the others. Raises `Invalid` that names the field, `NotFound` (project)."""
        async with self._work(actor) as work:
            values = wanted.values(work.now)
            if (
                wanted.project_id != EVERY_CHAT
                and await projects.get(work.tx, bot_id, wanted.project_id) is None
            ):
                raise NotFound("project")
            plan_id = await plans.create(work.tx, bot_id, values, work.now)
            return (await self._panel(work.tx, bot_id, plan_id)).plan

    @needs(Permission.OWNER)
    async def panel(self, actor: Actor, bot_id: int, plan_id: int) -> PlanPanel:
        """One plan with what the owner wants to know of it."""
        async with self._db.read() as tx:
            return await self._panel(tx, bot_id, plan_id)

    async def _panel(self, tx: Tx, bot_id: int, plan_id: int) -> PlanPanel:
        plan = await plans.get(tx, bot_id, plan_id)
        if plan is None:
            raise NotFound("plan")
        held_by = await customers.count(tx, bot_id, plan_id, self._clock.now())
        return PlanPanel(plan, await projects.get(tx, bot_id, plan.project_id), held_by)

    @needs(Permission.OWNER)
    async def turn_option(self, actor: Actor, bot_id: int, plan_id: int, option: str) -> None:
        """Put an option into its next state. Raises `Invalid` (recurring) for a plan that cannot be charged
        again by itself."""
        async with self._work(actor) as work:
            plan = await _held(work, bot_id, plan_id)
            value = next_option(option, getattr(plan.options, option, 0))
            if option == "recurring" and value:
                check_recurring(plan.duration, plan.price)
            await self._change(work, actor, bot_id, plan_id, {option: value})

    @needs(Permission.OWNER)
    async def enable(self, actor: Actor, bot_id: int, plan_id: int, enabled: bool) -> None:
        """Sell a plan, or no longer; memberships that run are not touched."""
        async with self._work(actor) as work:
            await self._change(work, actor, bot_id, plan_id, {"enabled": enabled})

    @needs(Permission.OWNER)
    async def move_up(self, actor: Actor, bot_id: int, plan_id: int) -> None:
        """Show a plan one place higher."""
        async with self._work(actor) as work:
            if not await plans.move_up(work.tx, bot_id, plan_id):
                raise NotFound("plan")
            work.show(wording.managed(actor.t, await plans.of_bot(work.tx, bot_id)))

    @needs(Permission.OWNER)
    async def set_project(self, actor: Actor, bot_id: int, plan_id: int, project_id: int) -> None:
        """Let a plan open another project; what was bought before stays as it is."""
        async with self._work(actor) as work:
            if project_id != EVERY_CHAT and await projects.get(work.tx, bot_id, project_id) is None:
                raise NotFound("project")
            await self._change(work, actor, bot_id, plan_id, {"project_id": project_id})

    @needs(Permission.OWNER)
    async def ask_field(self, actor: Actor, bot_id: int, plan_id: int, field: str) -> None:
        """Ask for another value of a plan's field."""
        if field not in FIELDS:
            raise Invalid("field")
        async with self._work(actor) as work:
            plan = (await self._panel(work.tx, bot_id, plan_id)).plan
            await work.ask("plans:field", {"plan": plan_id, "field": field})
            work.show(wording.ask_field(actor.t, field, plan))

    @needs(Permission.OWNER)
    async def set_field(self, actor: Actor, bot_id: int, text: str) -> None:
        """The value that was asked for.

        Raises `Conflict` (plan_price_fixed) for the price of a plan somebody subscribes to, `Invalid`
        (recurring) for what a recurring plan cannot be.
        """
        async with self._work(actor) as work:
            asked = await work.asked("plans:field")
            plan = await _held(work, bot_id, asked["plan"])
            values = read_field(asked["field"], text, work.now, plan.price.currency)
            price = Money(values.get("price", plan.price.minor), values.get("currency", plan.price.currency))
            if price != plan.price and await subscriptions.charged_for(work.tx, bot_id, plan.id):
                raise Conflict("plan_price_fixed")
            if plan.options.recurring:
                check_recurring(durations.parse(values.get("duration", str(plan.duration))), price)
            await work.end_dialog()
            await self._change(work, actor, bot_id, plan.id, values)

    @needs(Permission.OWNER)
    async def delete(self, actor: Actor, bot_id: int, plan_id: int) -> None:
        """Delete a plan nobody has had. Raises `Conflict` (plan_used) for another."""
        async with self._work(actor) as work:
            await self._panel(work.tx, bot_id, plan_id)
            if not await plans.remove(work.tx, bot_id, plan_id):
                raise Conflict("plan_used")
            work.show(wording.managed(actor.t, await plans.of_bot(work.tx, bot_id)))

    async def _change(
        self, work: Work, actor: Actor, bot_id: int, plan_id: int, values: dict[str, Any]
    ) -> None:
        if not await plans.change(work.tx, bot_id, plan_id, values):
            raise NotFound("plan")
        work.show(wording.panel(actor.t, await self._panel(work.tx, bot_id, plan_id)))


async def _held(work: Work, bot_id: int, plan_id: int) -> Plan:
    """A plan, held until the transaction ends: nobody begins to subscribe to it while it is changed."""
    plan = await plans.lock(work.tx, bot_id, plan_id)
    if plan is None:
        raise NotFound("plan")
    return plan


def _personal(reason: str) -> bool:
    """Rules that make a plan none of this person's business, rather than a plan he has used up."""
    return reason in {"plan_newcomers", "plan_returning", "plan_invited", "plan_not_invited", "plan_over"}
