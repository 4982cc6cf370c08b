"""`/memberships`: what a member has, the way back in, trials."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.clock import Clock
from handlers.arguments import number
from handlers.routing import Feature
from handlers.talk import Talk
from services.credit import CreditService
from services.memberships import MembershipService
from texts import memberships as wording


def memberships_feature() -> Feature:
    """`/memberships` and its buttons."""
    feature = Feature("memberships")

    @feature.command("memberships", describe=lambda t: t("My memberships"))
    async def mine(
        message: Message,
        actor: Actor,
        tenant: Bot,
        memberships: MembershipService,
        credit: CreditService,
        clock: Clock,
        talk: Talk,
    ) -> None:
        held = await memberships.mine(actor, tenant.id)
        has = await credit.mine(actor, tenant.id)
        await talk.show(wording.mine(actor.t, held, clock.now(), has))

    @feature.button("list")
    async def mine_pressed(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        memberships: MembershipService,
        credit: CreditService,
        clock: Clock,
        talk: Talk,
    ) -> None:
        held = await memberships.mine(actor, tenant.id)
        has = await credit.mine(actor, tenant.id)
        await talk.show(wording.mine(actor.t, held, clock.now(), has))

    @feature.button("enter")
    async def enter(
        query: CallbackQuery, actor: Actor, tenant: Bot, memberships: MembershipService, args: list[str]
    ) -> None:
        await memberships.enter(actor, tenant.id, number(args, 0))

    @feature.button("cancel")
    async def ask_cancel(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        memberships: MembershipService,
        talk: Talk,
        args: list[str],
    ) -> None:
        found = await memberships.subscribed(actor, tenant.id, number(args, 0))
        await talk.show(wording.ask_cancel(actor.t, found))

    @feature.button("canceled")
    async def cancel(
        query: CallbackQuery, actor: Actor, tenant: Bot, memberships: MembershipService, args: list[str]
    ) -> None:
        await memberships.cancel(actor, tenant.id, number(args, 0))

    @feature.button("try")
    async def start_trial(
        query: CallbackQuery, actor: Actor, tenant: Bot, memberships: MembershipService, args: list[str]
    ) -> None:
        await memberships.start_trial(actor, tenant.id, number(args, 0))

    return feature
