"""Paying for a plan, and what became of an order, for its buyer."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.orders import LINK_PREFIX
from handlers.arguments import number, text
from handlers.routing import Feature
from handlers.talk import Talk
from services.orders import OrderService
from storage.dialogs import Dialog
from texts import orders as wording


def orders_feature() -> Feature:
    """The buttons under a plan, and the link to an order."""
    feature = Feature("orders")

    @feature.button("pay")
    async def pay(
        query: CallbackQuery, actor: Actor, tenant: Bot, orders: OrderService, args: list[str]
    ) -> None:
        await orders.buy(actor, tenant.id, number(args, 0), text(args, 1))

    @feature.step("email")
    async def email(
        message: Message, actor: Actor, tenant: Bot, orders: OrderService, dialog: Dialog
    ) -> None:
        await orders.email_given(actor, tenant.id, dialog.data, message.text or "")

    @feature.button("check")
    async def check(
        query: CallbackQuery, actor: Actor, tenant: Bot, orders: OrderService, talk: Talk, args: list[str]
    ) -> str:
        order = await orders.check(actor, tenant.id, number(args, 0))
        await talk.show(wording.state(actor.t, order))
        return wording.status(actor.t, order)

    @feature.button("cancel")
    async def cancel(
        query: CallbackQuery, actor: Actor, tenant: Bot, orders: OrderService, args: list[str]
    ) -> None:
        await orders.cancel(actor, tenant.id, number(args, 0))

    @feature.link(LINK_PREFIX)
    async def linked(message: Message, actor: Actor, tenant: Bot, orders: OrderService, args: str) -> None:
        await orders.open(actor, tenant.id, args)

    return feature
