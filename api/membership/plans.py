"""Plans: what is sold."""

from typing import Annotated

import msgspec

from api.membership.rows import Id, OfBot, Turned, WhichPlan, WhichProject, bot_of, row
from domain.actor import Actor
from domain.plans import InviteeOnly, Newcomers, Plan, SingleUse
from domain.plans import PlanOptions as Options
from domain.rates import written
from services.house import House
from services.plan_fields import NewPlan


class PlanOptions(msgspec.Struct):
    """Who may have a plan, and how."""

    recurring: Annotated[bool, msgspec.Meta(description="It is charged again by itself.")] = False
    newcomers: Annotated[
        int,
        msgspec.Meta(
            description="0: for everyone · 1: newcomers only · 2: returning users only.", ge=0, le=2
        ),
    ] = 0
    singleuse: Annotated[
        int,
        msgspec.Meta(
            description="0: any number of times · 1: once per user · 2: only while holding a membership · "
            "3: only after having held one, and not holding one now.",
            ge=0,
            le=3,
        ),
    ] = 0
    token_only: Annotated[bool, msgspec.Meta(description="For access tokens only.")] = False
    credit_only: Annotated[bool, msgspec.Meta(description="For credit only.")] = False
    invitee_only: Annotated[
        int,
        msgspec.Meta(
            description="0: for everyone · 1: only for whom an affiliate invited · 2: only for others.",
            ge=0,
            le=2,
        ),
    ] = 0
    is_hidden: Annotated[bool, msgspec.Meta(description="Not listed, but open to whoever has its link.")] = (
        False
    )


class PlanRow(msgspec.Struct):
    """A plan. `max_customers` 0: no limit; higher `sort_order` comes first."""

    plan_id: int
    plan_name: str
    duration: str
    price: str
    currency: str
    options: PlanOptions
    max_customers: int
    sort_order: int
    enabled: bool


class WhichPlans(Turned, kw_only=True):
    """Which plans."""

    plan_id: WhichPlan = None
    project_id: WhichProject = None


class PlanToMake(OfBot, kw_only=True):
    """A plan to be made."""

    plan_name: Annotated[
        str,
        msgspec.Meta(description="3 to 24 characters, the first a letter.", examples=["Name of the plan"]),
    ]
    plan_duration: Annotated[
        str,
        msgspec.Meta(
            description="`1 week`, `1 month`, `1 year` and the like, `lifetime`, or a last day as "
            "`31.12.2030`.",
            examples=["1 week"],
        ),
    ]
    plan_price: Annotated[
        str,
        msgspec.Meta(description="A decimal number, without the currency.", examples=["100"]),
    ]
    plan_currency: Annotated[
        str,
        msgspec.Meta(description="Three-letter code; `XTR` for Telegram Stars.", examples=["USD"]),
    ]
    plan_trial: Annotated[
        str | None,
        msgspec.Meta(description="How long it may be tried without payment.", examples=["3 days"]),
    ] = None
    plan_project_id: Annotated[
        Id | None,
        msgspec.Meta(description="The project it opens; every paid chat where there is none.", examples=[1]),
    ] = None
    options: Annotated[
        PlanOptions | None,
        msgspec.Meta(description="Who may have it. In a form: `options[recurring]=true`."),
    ] = None


async def list_plans(house: House, actor: Actor, given: WhichPlans) -> list[PlanRow]:
    """The plans of the bot."""
    bot = await bot_of(house, actor, given)
    found = await house.plans.page(actor, bot.id, given.offset, given.limit, given.plan_id, given.project_id)
    return [_row(plan) for plan in found]


async def make_plan(house: House, actor: Actor, given: PlanToMake) -> PlanRow:
    """A new plan."""
    bot = await bot_of(house, actor, given)
    wanted = NewPlan(
        name=given.plan_name,
        duration=given.plan_duration,
        price=given.plan_price,
        currency=given.plan_currency,
        trial=given.plan_trial,
        project_id=given.plan_project_id or 0,
        options=_options(given.options or PlanOptions()),
    )
    return _row(await house.plans.create(actor, bot.id, wanted))


def _options(given: PlanOptions) -> Options:
    return Options(
        recurring=given.recurring,
        newcomers=Newcomers(given.newcomers),
        singleuse=SingleUse(given.singleuse),
        token_only=given.token_only,
        credit_only=given.credit_only,
        invitee_only=InviteeOnly(given.invitee_only),
        is_hidden=given.is_hidden,
    )


def _row(plan: Plan) -> PlanRow:
    options = plan.options
    return PlanRow(
        plan_id=plan.id,
        plan_name=plan.name,
        duration=str(plan.duration),
        price=written(plan.price.amount),
        currency=plan.price.currency,
        options=PlanOptions(
            recurring=options.recurring,
            newcomers=int(options.newcomers),
            singleuse=int(options.singleuse),
            token_only=options.token_only,
            credit_only=options.credit_only,
            invitee_only=int(options.invitee_only),
            is_hidden=options.is_hidden,
        ),
        max_customers=plan.max_customers,
        sort_order=plan.sort_order,
        enabled=plan.enabled,
    )


PLANS = (
    row(
        "GET", "/plans", list_plans, "List plans",
        input=WhichPlans, result=list[PlanRow], section="Plans",
        details="The bot's plans in the order members see them, disabled and hidden ones included.",
        example=[
            PlanRow(20, "EUR Demo Plan", "2 days", "1.23", "EUR", PlanOptions(), 0, 100, True),
            PlanRow(19, "USD Demo Plan", "1 year", "99.99", "USD", PlanOptions(), 0, 90, True),
        ],
    ),
    row(
        "POST", "/plans", make_plan, "Make a plan",
        input=PlanToMake, result=PlanRow, section="Plans", status=201,
        details="A new plan below the others, enabled at once.",
        example=PlanRow(77, "Name of the plan", "1 week", "100", "USD", PlanOptions(), 0, 0, True),
        errors={"404": "There is no project with this id."},
    ),
)  # fmt: skip
