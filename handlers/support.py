"""`/paysupport` and `/terms`."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.arguments import number
from handlers.routing import Feature
from handlers.talk import Talk
from handlers.written import html_text, plain_text
from services.access import Access, Permission
from services.support import SupportService
from texts import support as wording


def support_feature() -> Feature:
    """Questions about payments, and the terms."""
    feature = Feature("support")

    @feature.command("paysupport", describe=lambda t: t("Ask about a payment"))
    async def ask(message: Message, actor: Actor, tenant: Bot, support: SupportService, args: str) -> None:
        if args:
            await support.pass_on(actor, tenant.id, args)
        else:
            await support.ask(actor, tenant.id)

    @feature.button("ask")
    async def ask_pressed(query: CallbackQuery, actor: Actor, tenant: Bot, support: SupportService) -> None:
        await support.ask(actor, tenant.id)

    @feature.step("question")
    async def question(message: Message, actor: Actor, tenant: Bot, support: SupportService) -> None:
        await support.pass_on(actor, tenant.id, plain_text(message))

    @feature.button("reply")
    async def ask_answer(
        query: CallbackQuery, actor: Actor, tenant: Bot, support: SupportService, args: list[str]
    ) -> None:
        await support.ask_answer(actor, tenant.id, number(args, 0))

    @feature.step("answer")
    async def answer(message: Message, actor: Actor, tenant: Bot, support: SupportService) -> None:
        await support.answer(actor, tenant.id, plain_text(message))

    @feature.command("terms", describe=lambda t: t("What holds for whoever buys here"))
    async def terms(
        message: Message, actor: Actor, tenant: Bot, support: SupportService, access: Access, talk: Talk
    ) -> None:
        mine = await access.allows(actor, Permission.OWNER, tenant.id)
        text = await support.terms(actor, tenant.id)
        await talk.show(wording.terms(actor.t, tenant, text, mine=mine))

    @feature.button("terms")
    async def ask_terms(query: CallbackQuery, actor: Actor, tenant: Bot, support: SupportService) -> None:
        await support.ask_terms(actor, tenant.id)

    @feature.step("terms")
    async def set_terms(message: Message, actor: Actor, tenant: Bot, support: SupportService) -> None:
        await support.set_terms(actor, tenant.id, html_text(message))

    @feature.button("usual")
    async def usual(query: CallbackQuery, actor: Actor, tenant: Bot, support: SupportService) -> None:
        await support.set_terms(actor, tenant.id, None)

    return feature
