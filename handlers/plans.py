"""`/plans`: the list for members, the panels for the owner."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.errors import NotFound
from domain.page import Page
from handlers.arguments import number, text
from handlers.fields import edit_fields
from handlers.routing import Feature
from handlers.talk import Talk
from services.access import Access, Permission
from services.orders import OrderService
from services.plans import PlanService
from services.projects import ProjectService
from texts import plans as wording


def plans_feature() -> Feature:
    """`/plans`, the link to one plan, and the panels behind them."""
    feature = Feature("plans")

    @feature.command("plans", describe=lambda t: t("Plans"))
    async def listed(
        message: Message, actor: Actor, tenant: Bot, plans: PlanService, access: Access, talk: Talk
    ) -> None:
        if await access.allows(actor, Permission.OWNER, tenant.id):
            await talk.show(wording.managed(actor.t, await plans.all(actor, tenant.id)))
        else:
            await talk.show(wording.shop(actor.t, await plans.offers(actor, tenant.id)))

    @feature.button("list")
    async def shop(query: CallbackQuery, actor: Actor, tenant: Bot, plans: PlanService, talk: Talk) -> None:
        await talk.show(wording.shop(actor.t, await plans.offers(actor, tenant.id)))

    @feature.button("show")
    async def show(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        plans: PlanService,
        orders: OrderService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await talk.show(await _offered(actor, tenant, plans, orders, number(args, 0)))

    @feature.link("plan_")
    async def linked(
        message: Message,
        actor: Actor,
        tenant: Bot,
        plans: PlanService,
        orders: OrderService,
        talk: Talk,
        args: str,
    ) -> None:
        try:
            plan_id = number([args], 0)
        except NotFound:
            raise NotFound("plan") from None
        await talk.show(await _offered(actor, tenant, plans, orders, plan_id))

    _owner(feature)
    edit_fields(feature)
    return feature


async def _offered(actor: Actor, tenant: Bot, plans: PlanService, orders: OrderService, plan_id: int) -> Page:
    """A plan with the ways to pay for it."""
    offer = await plans.offer(actor, tenant.id, plan_id)
    methods = await orders.methods(actor, tenant.id, plan_id) if offer.refusal is None else []
    return wording.offered(actor.t, offer, methods)


def _owner(feature: Feature) -> None:
    """The owner's panels."""

    @feature.button("manage")
    async def manage(query: CallbackQuery, actor: Actor, tenant: Bot, plans: PlanService, talk: Talk) -> None:
        await talk.show(wording.managed(actor.t, await plans.all(actor, tenant.id)))

    @feature.button("edit")
    async def edit(
        query: CallbackQuery, actor: Actor, tenant: Bot, plans: PlanService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.panel(actor.t, await plans.panel(actor, tenant.id, number(args, 0))))

    @feature.button("turn")
    async def turn(
        query: CallbackQuery, actor: Actor, tenant: Bot, plans: PlanService, args: list[str]
    ) -> None:
        await plans.turn_option(actor, tenant.id, number(args, 0), text(args, 1))

    @feature.button("enable")
    async def enable(
        query: CallbackQuery, actor: Actor, tenant: Bot, plans: PlanService, args: list[str]
    ) -> None:
        await plans.enable(actor, tenant.id, number(args, 0), number(args, 1) == 1)

    @feature.button("up")
    async def move_up(
        query: CallbackQuery, actor: Actor, tenant: Bot, plans: PlanService, args: list[str]
    ) -> None:
        await plans.move_up(actor, tenant.id, number(args, 0))

    @feature.button("project")
    async def choose_project(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        plans: PlanService,
        projects: ProjectService,
        talk: Talk,
        args: list[str],
    ) -> None:
        shown = await plans.panel(actor, tenant.id, number(args, 0))
        found = await projects.all(actor, tenant.id)
        await talk.show(wording.choose_project(actor.t, shown.plan, found))

    @feature.button("opens")
    async def set_project(
        query: CallbackQuery, actor: Actor, tenant: Bot, plans: PlanService, args: list[str]
    ) -> None:
        await plans.set_project(actor, tenant.id, number(args, 0), number(args, 1))

    @feature.button("drop")
    async def ask_drop(
        query: CallbackQuery, actor: Actor, tenant: Bot, plans: PlanService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.ask_drop(actor.t, await plans.panel(actor, tenant.id, number(args, 0))))

    @feature.button("dropped")
    async def drop(
        query: CallbackQuery, actor: Actor, tenant: Bot, plans: PlanService, args: list[str]
    ) -> None:
        await plans.delete(actor, tenant.id, number(args, 0))
