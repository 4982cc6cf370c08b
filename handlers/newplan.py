"""`/newplan`: the conversation that makes a plan."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number, text
from handlers.routing import Audience, Feature
from services.newplan import NewPlanService

_TYPED = ("name", "duration", "price", "trial", "max_customers")


def newplan_feature() -> Feature:
    """`/newplan` and its steps, for the owner."""
    feature = Feature("newplan")

    @feature.command("newplan", audience=Audience.OWNER, describe=lambda t: t("Make a plan"))
    async def begin(message: Message, actor: Actor, tenant: Bot, newplan: NewPlanService) -> None:
        await newplan.begin(actor, tenant.id)

    @feature.button("begin")
    async def begin_pressed(query: CallbackQuery, actor: Actor, tenant: Bot, newplan: NewPlanService) -> None:
        await newplan.begin(actor, tenant.id)

    for step in _TYPED:
        _typed(feature, step)

    @feature.button("duration")
    async def duration(
        query: CallbackQuery, actor: Actor, tenant: Bot, newplan: NewPlanService, args: list[str]
    ) -> None:
        await newplan.answer(actor, tenant.id, "duration", text(args, 0))

    @feature.button("price")
    async def price(
        query: CallbackQuery, actor: Actor, tenant: Bot, newplan: NewPlanService, args: list[str]
    ) -> None:
        await newplan.answer(actor, tenant.id, "price", text(args, 0))

    @feature.button("project")
    async def project(
        query: CallbackQuery, actor: Actor, tenant: Bot, newplan: NewPlanService, args: list[str]
    ) -> None:
        await newplan.choose_project(actor, tenant.id, number(args, 0))

    @feature.button("turn")
    async def turn(
        query: CallbackQuery, actor: Actor, tenant: Bot, newplan: NewPlanService, args: list[str]
    ) -> None:
        await newplan.turn_option(actor, tenant.id, text(args, 0))

    @feature.button("ask")
    async def ask(
        query: CallbackQuery, actor: Actor, tenant: Bot, newplan: NewPlanService, args: list[str]
    ) -> None:
        await newplan.ask_detail(actor, tenant.id, text(args, 0))

    @feature.button("create")
    async def create(query: CallbackQuery, actor: Actor, tenant: Bot, newplan: NewPlanService) -> None:
        await newplan.create(actor, tenant.id)

    return feature


def _typed(feature: Feature, step: str) -> None:
    @feature.step(step)
    async def answered(message: Message, actor: Actor, tenant: Bot, newplan: NewPlanService) -> None:
        await newplan.answer(actor, tenant.id, step, message.text or "")
