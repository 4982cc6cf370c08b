"""What administrators taught the anti-spam, and forgetting it."""

from aiogram.types import CallbackQuery

from domain.actor import Actor
from domain.bots import Bot
from handlers.routing import Feature
from handlers.talk import Talk
from services.lessons import LessonService


def lessons_feature() -> Feature:
    """Learning from decisions."""
    feature = Feature("lessons")

    @feature.button("ask_forget")
    async def ask_forget(
        query: CallbackQuery, actor: Actor, tenant: Bot, lessons: LessonService, talk: Talk
    ) -> None:
        await talk.show(await lessons.ask_forget(actor, tenant.id))

    @feature.button("forget")
    async def forget(query: CallbackQuery, actor: Actor, tenant: Bot, lessons: LessonService) -> None:
        await lessons.forget(actor, tenant.id)

    return feature
