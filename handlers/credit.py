"""Credit: the owner gives it to members."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number
from handlers.routing import Feature
from services.credit import CreditService


def credit_feature() -> Feature:
    """Giving credit, from the panel of a member."""
    feature = Feature("credit")

    @feature.button("ask")
    async def ask(
        query: CallbackQuery, actor: Actor, tenant: Bot, credit: CreditService, args: list[str]
    ) -> None:
        await credit.ask(actor, tenant.id, number(args, 0))

    @feature.step("amount")
    async def amount(message: Message, actor: Actor, tenant: Bot, credit: CreditService) -> None:
        await credit.give_asked(actor, tenant.id, message.text or "")

    return feature
