"""The conversation that makes a plan: name, duration, price, project, options."""

from collections.abc import Mapping
from typing import Any

from domain.actor import Actor
from domain.errors import Invalid, NotFound
from domain.plans import EVERY_CHAT, check_recurring, next_option
from services.access import Access, Guarded, Permission, needs
from services.plan_fields import read_field
from services.work import UnitOfWork, Work
from storage import plans, projects
from texts import newplan as wording

# What is asked for in text, and where the conversation goes from there.
_NEXT = {
    "name": "duration", "duration": "price", "price": "project", "trial": "options",
    "max_customers": "options",
}  # fmt: skip


class NewPlanService(Guarded):
    """The draft lives in the dialog, so it survives a restart and is gone when cancelled."""

    def __init__(self, access: Access, work: UnitOfWork) -> None:
        super().__init__(access)
        self._work = work

    @needs(Permission.OWNER)
    async def begin(self, actor: Actor, bot_id: int) -> None:
        """Begin."""
        async with self._work(actor) as work:
            await self._go(work, actor, bot_id, "name", {})

    @needs(Permission.OWNER)
    async def answer(self, actor: Actor, bot_id: int, step: str, text: str) -> None:
        """What was asked for at `step`, typed or tapped. Raises `Invalid` and stays there when unusable."""
        async with self._work(actor) as work:
            draft = await work.asked(f"newplan:{step}")
            draft |= read_field(step, text, work.now)
            await self._go(work, actor, bot_id, _NEXT[step], draft)

    @needs(Permission.OWNER)
    async def choose_project(self, actor: Actor, bot_id: int, project_id: int) -> None:
        """The project the plan opens."""
        async with self._work(actor) as work:
            draft = await work.asked("newplan:project")
            if project_id != EVERY_CHAT and await projects.get(work.tx, bot_id, project_id) is None:
                raise NotFound("project")
            await self._go(work, actor, bot_id, "options", draft | {"project_id": project_id})

    @needs(Permission.OWNER)
    async def turn_option(self, actor: Actor, bot_id: int, option: str) -> None:
        """Put an option into its next state. Raises `Invalid` (recurring) for a plan that cannot be charged
        again by itself."""
        async with self._work(actor) as work:
            draft = await work.asked("newplan:options")
            draft[option] = next_option(option, draft.get(option, 0))
            _check(draft)
            await self._go(work, actor, bot_id, "options", draft)

    @needs(Permission.OWNER)
    async def ask_detail(self, actor: Actor, bot_id: int, detail: str) -> None:
        """Ask for the trial or the limit of customers."""
        if _NEXT.get(detail) != "options":
            raise Invalid("field")
        async with self._work(actor) as work:
            draft = await work.asked("newplan:options")
            await self._go(work, actor, bot_id, detail, draft)

    @needs(Permission.OWNER)
    async def create(self, actor: Actor, bot_id: int) -> int:
        """Make the plan; returns its id."""
        async with self._work(actor) as work:
            draft = await work.asked("newplan:options")
            _check(draft)
            plan_id = await plans.create(work.tx, bot_id, draft, work.now)
            await work.end_dialog()
            plan = await plans.get(work.tx, bot_id, plan_id)
            assert plan is not None  # noqa: S101 - made two lines above
            work.show(wording.created(actor.t, plan))
        return plan_id

    async def _go(self, work: Work, actor: Actor, bot_id: int, step: str, draft: Mapping[str, Any]) -> None:
        await work.ask(f"newplan:{step}", draft)
        if step == "options":
            plan = plans.plan_of(draft)
            project = await projects.get(work.tx, bot_id, plan.project_id)
            work.show(wording.options(actor.t, plan, project))
        elif step == "project":
            work.show(wording.ask_project(actor.t, await projects.of_bot(work.tx, bot_id)))
        else:
            work.show(wording.ask(actor.t, step))


def _check(draft: Mapping[str, Any]) -> None:
    plan = plans.plan_of(draft)
    if plan.options.recurring:
        check_recurring(plan.duration, plan.price)
