"""One's own orders."""

from aiogram.types import CallbackQuery

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number, page_number
from handlers.routing import Feature
from handlers.talk import Talk
from services.receipts import ReceiptService
from texts import receipts as wording


def receipts_feature() -> Feature:
    """The list behind “My payments”."""
    feature = Feature("receipts")

    @feature.button("list")
    async def listed(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        receipts: ReceiptService,
        talk: Talk,
        args: list[str],
    ) -> None:
        page = page_number(args)
        found, more = await receipts.mine(actor, tenant.id, page)
        await talk.show(wording.listing(actor.t, found, page, more))

    @feature.button("open")
    async def opened(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        receipts: ReceiptService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await talk.show(wording.panel(actor.t, await receipts.get(actor, tenant.id, number(args, 0))))

    return feature
