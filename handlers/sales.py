"""`/orders`: what was bought, for the owner, and giving money back."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.errors import NotFound
from domain.orders import SALE_PREFIX, Which
from handlers.arguments import choice, number, page_number
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.refunds import RefundService
from services.sales import SaleService
from texts import sales as wording


def sales_feature() -> Feature:
    """`/orders`, its panels, and the link to one order."""
    feature = Feature("sales")

    @feature.command("orders", audience=Audience.OWNER, describe=lambda t: t("What was bought"))
    async def listed(
        message: Message, actor: Actor, tenant: Bot, sales: SaleService, talk: Talk, args: str
    ) -> None:
        member_id = None
        if args:
            sought = await sales.find(actor, tenant.id, args)
            if sought.order_id is not None:
                await talk.show(wording.panel(actor.t, await sales.get(actor, tenant.id, sought.order_id)))
                return
            member_id = sought.member_id
        found, more = await sales.listing(actor, tenant.id, Which.ALL, member_id, 0)
        await talk.show(wording.listing(actor.t, found, Which.ALL, member_id, 0, more))

    @feature.button("list")
    async def turned(
        query: CallbackQuery, actor: Actor, tenant: Bot, sales: SaleService, talk: Talk, args: list[str]
    ) -> None:
        which, member_id = choice(Which, args, 0), number(args, 1) or None
        page = page_number(args[2:])
        found, more = await sales.listing(actor, tenant.id, which, member_id, page)
        await talk.show(wording.listing(actor.t, found, which, member_id, page, more))

    @feature.button("open")
    async def opened(
        query: CallbackQuery, actor: Actor, tenant: Bot, sales: SaleService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.panel(actor.t, await sales.get(actor, tenant.id, number(args, 0))))

    @feature.link(SALE_PREFIX)
    async def linked(
        message: Message, actor: Actor, tenant: Bot, sales: SaleService, talk: Talk, args: str
    ) -> None:
        try:
            order_id = number([args], 0)
        except NotFound:
            raise NotFound("order") from None
        await talk.show(wording.panel(actor.t, await sales.get(actor, tenant.id, order_id)))

    @feature.button("ask")
    async def ask_what(query: CallbackQuery, actor: Actor, tenant: Bot, sales: SaleService) -> None:
        await sales.ask_what(actor, tenant.id)

    @feature.step("find")
    async def found(message: Message, actor: Actor, tenant: Bot, sales: SaleService) -> None:
        await sales.found(actor, tenant.id, message.text or "")

    @feature.button("cancel")
    async def cancel(
        query: CallbackQuery, actor: Actor, tenant: Bot, sales: SaleService, args: list[str]
    ) -> None:
        await sales.cancel(actor, tenant.id, number(args, 0))

    @feature.button("export")
    async def export(query: CallbackQuery, actor: Actor, tenant: Bot, sales: SaleService) -> None:
        await sales.export(actor, tenant.id)

    _money(feature)
    return feature


def _money(feature: Feature) -> None:
    """What can be done with a payment."""

    @feature.button("refund")
    async def ask_refund(
        query: CallbackQuery, actor: Actor, tenant: Bot, sales: SaleService, talk: Talk, args: list[str]
    ) -> None:
        sale, paid = await sales.of_payment(actor, tenant.id, number(args, 0))
        await talk.show(wording.ask_refund(actor.t, sale, paid))

    @feature.button("refunded")
    async def refund(
        query: CallbackQuery, actor: Actor, tenant: Bot, refunds: RefundService, args: list[str]
    ) -> None:
        await refunds.refund(actor, tenant.id, number(args, 0))

    @feature.button("returned")
    async def ask_returned(
        query: CallbackQuery, actor: Actor, tenant: Bot, sales: SaleService, talk: Talk, args: list[str]
    ) -> None:
        sale, paid = await sales.of_payment(actor, tenant.id, number(args, 0))
        await talk.show(wording.ask_returned(actor.t, sale, paid))

    @feature.button("gone")
    async def returned(
        query: CallbackQuery, actor: Actor, tenant: Bot, refunds: RefundService, args: list[str]
    ) -> None:
        await refunds.returned(actor, tenant.id, number(args, 0))

    @feature.button("accept")
    async def accept(
        query: CallbackQuery, actor: Actor, tenant: Bot, refunds: RefundService, args: list[str]
    ) -> None:
        await refunds.accept(actor, tenant.id, number(args, 0))
