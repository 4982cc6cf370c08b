"""`/apikey`: a new key for the account (in the service bot) or for one bot (in that bot)."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.access import Access, Permission
from services.accounts import AccountService
from texts import accounts as wording


def apikey_feature() -> Feature:
    """`/apikey` and its buttons."""
    feature = Feature("apikey")

    @feature.command("apikey", audience=Audience.OWNER, describe=lambda t: t("A key for the API"))
    async def apikey(message: Message, actor: Actor, tenant: Bot, access: Access, talk: Talk) -> None:
        if tenant.is_service:
            await access.check(actor, Permission.ACCOUNT)
        else:
            await access.check(actor, Permission.OWNER, tenant.id)
        await talk.show(wording.ask_key(actor.t, for_bot=not tenant.is_service))

    @feature.button("new")
    async def new(
        query: CallbackQuery, actor: Actor, tenant: Bot, accounts: AccountService, args: list[str]
    ) -> None:
        at_once = args == ["now"]
        if tenant.is_service:
            await accounts.new_account_key(actor, at_once=at_once)
        else:
            await accounts.new_bot_key(actor, tenant.id, at_once=at_once)

    return feature
