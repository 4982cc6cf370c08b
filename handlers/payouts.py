"""What affiliates ask for (`/affiliate`) and what the owner pays them (`/payouts`)."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number, page_number, text
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.payouts import PayoutService
from texts import payouts as wording


def payouts_feature() -> Feature:
    """Requests for payouts, and answering them."""
    feature = Feature("payouts")

    @feature.button("request")
    async def request(
        query: CallbackQuery, actor: Actor, tenant: Bot, payouts: PayoutService, args: list[str]
    ) -> None:
        await payouts.request(actor, tenant.id, text(args, 0))

    @feature.button("credit")
    async def as_credit(
        query: CallbackQuery, actor: Actor, tenant: Bot, payouts: PayoutService, args: list[str]
    ) -> None:
        await payouts.as_credit(actor, tenant.id, text(args, 0))

    _owner(feature)
    return feature


def _owner(feature: Feature) -> None:
    @feature.command("payouts", audience=Audience.OWNER, describe=lambda t: t("Pay those who bring members"))
    async def listed(message: Message, actor: Actor, tenant: Bot, payouts: PayoutService, talk: Talk) -> None:
        found, more = await payouts.listing(actor, tenant.id, 0)
        await talk.show(wording.listing(actor.t, found, 0, more))

    @feature.button("list")
    async def turned(
        query: CallbackQuery, actor: Actor, tenant: Bot, payouts: PayoutService, talk: Talk, args: list[str]
    ) -> None:
        page = page_number(args)
        found, more = await payouts.listing(actor, tenant.id, page)
        await talk.show(wording.listing(actor.t, found, page, more))

    @feature.button("open")
    async def opened(
        query: CallbackQuery, actor: Actor, tenant: Bot, payouts: PayoutService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.panel(actor.t, *await payouts.panel(actor, tenant.id, number(args, 0))))

    @feature.button("pay")
    async def pay(
        query: CallbackQuery, actor: Actor, tenant: Bot, payouts: PayoutService, args: list[str]
    ) -> None:
        await payouts.pay(actor, tenant.id, number(args, 0), number(args, 1))

    @feature.button("decline")
    async def ask_reason(
        query: CallbackQuery, actor: Actor, tenant: Bot, payouts: PayoutService, args: list[str]
    ) -> None:
        await payouts.ask_reason(actor, tenant.id, number(args, 0))

    @feature.button("declined")
    async def decline(
        query: CallbackQuery, actor: Actor, tenant: Bot, payouts: PayoutService, args: list[str]
    ) -> None:
        await payouts.decline(actor, tenant.id, number(args, 0))

    @feature.step("reason")
    async def reason(message: Message, actor: Actor, tenant: Bot, payouts: PayoutService) -> None:
        await payouts.decline(actor, tenant.id, None, message.text or "")

    @feature.button("export")
    async def export(query: CallbackQuery, actor: Actor, tenant: Bot, payouts: PayoutService) -> None:
        await payouts.export(actor, tenant.id)
