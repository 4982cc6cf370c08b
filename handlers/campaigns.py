"""`/campaigns`, and the start links of campaigns."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.campaigns import CODE_PREFIX
from domain.errors import NotFound
from handlers.arguments import number, page_number, text
from handlers.composed import composed
from handlers.routing import Audience, Feature
from handlers.start import greeting_rows
from handlers.talk import Talk
from services.access import Access
from services.campaign_fields import CampaignFieldService
from services.campaigns import CampaignService
from services.leads import LeadService
from storage.dialogs import Dialog
from texts import campaign_links as link_wording
from texts import campaigns as wording
from texts import start as start_wording


def campaigns_feature() -> Feature:
    """Campaigns: following their links (everybody) and keeping them (their owners)."""
    feature = Feature("campaigns")

    @feature.link(CODE_PREFIX)
    async def started(
        message: Message, actor: Actor, tenant: Bot, leads: LeadService, access: Access, talk: Talk, args: str
    ) -> None:
        if message.chat.type != "private":
            return
        if not await leads.started(actor, tenant, CODE_PREFIX + args, message.date):
            rows = await greeting_rows(actor, tenant, access)
            await talk.show(start_wording.greeting(actor.t, tenant, actor.name, rows))

    @feature.command(
        "campaigns", audience=Audience.ACCOUNT, describe=lambda t: t("Ads and who comes by them")
    )
    async def listed(
        message: Message, actor: Actor, tenant: Bot, campaigns: CampaignService, talk: Talk
    ) -> None:
        await _list(actor, tenant, campaigns, talk, 0)

    @feature.button("list")
    async def turned(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        campaigns: CampaignService,
        talk: Talk,
        args: list[str],
    ) -> None:
        await _list(actor, tenant, campaigns, talk, page_number(args))

    @feature.button("open")
    async def opened(
        query: CallbackQuery, actor: Actor, campaigns: CampaignService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(wording.panel(actor.t, await campaigns.get(actor, number(args, 0))))

    _states(feature)
    _links(feature)
    _fields(feature)
    return feature


async def _list(actor: Actor, tenant: Bot, campaigns: CampaignService, talk: Talk, page: int) -> None:
    """All campaigns of somebody; spoken to in a bot of his own, those of that bot."""
    of_bot = None if tenant.is_service else tenant.id
    await talk.show(wording.listing(actor.t, *await campaigns.page(actor, page, of_bot), page))


def _states(feature: Feature) -> None:
    @feature.button("pause")
    async def pause(query: CallbackQuery, actor: Actor, campaigns: CampaignService, args: list[str]) -> None:
        await campaigns.pause(actor, number(args, 0))

    @feature.button("resume")
    async def resume(query: CallbackQuery, actor: Actor, campaigns: CampaignService, args: list[str]) -> None:
        await campaigns.resume(actor, number(args, 0))

    @feature.button("approve")
    async def approve(
        query: CallbackQuery, actor: Actor, campaigns: CampaignService, args: list[str]
    ) -> None:
        await campaigns.turn_auto_approve(actor, number(args, 0), text(args, 1) == "1")

    @feature.button("drop")
    async def ask_drop(
        query: CallbackQuery, actor: Actor, campaigns: CampaignService, talk: Talk, args: list[str]
    ) -> None:
        shown = await campaigns.get(actor, number(args, 0))
        await talk.show(wording.ask_drop(actor.t, shown.campaign))

    @feature.button("dropped")
    async def drop(query: CallbackQuery, actor: Actor, campaigns: CampaignService, args: list[str]) -> None:
        await campaigns.delete(actor, number(args, 0))


def _links(feature: Feature) -> None:
    @feature.button("links")
    async def links(
        query: CallbackQuery, actor: Actor, campaigns: CampaignService, talk: Talk, args: list[str]
    ) -> None:
        await talk.show(link_wording.links(actor.t, await campaigns.get(actor, number(args, 0))))

    @feature.button("link")
    async def link(
        query: CallbackQuery, actor: Actor, campaigns: CampaignService, talk: Talk, args: list[str]
    ) -> None:
        shown = await campaigns.get(actor, number(args, 0))
        found = next((one for one in shown.links if one.id == number(args, 1)), None)
        if found is None:
            raise NotFound("link")
        await talk.show(link_wording.link(actor.t, shown, found))

    @feature.button("own")
    async def own(query: CallbackQuery, actor: Actor, campaigns: CampaignService, args: list[str]) -> None:
        await campaigns.replace_own_link(actor, number(args, 0), asks=text(args, 1) == "1")

    @feature.button("source")
    async def ask_source(
        query: CallbackQuery, actor: Actor, campaign_fields: CampaignFieldService, args: list[str]
    ) -> None:
        await campaign_fields.ask_source(actor, number(args, 0), text(args, 1) == "1")

    @feature.step("source")
    async def source(message: Message, actor: Actor, campaigns: CampaignService, dialog: Dialog) -> None:
        asked = dialog.data
        await campaigns.add_link(actor, int(asked["campaign"]), message.text or "", asks=bool(asked["asks"]))

    @feature.button("revoke")
    async def revoke(query: CallbackQuery, actor: Actor, campaigns: CampaignService, args: list[str]) -> None:
        await campaigns.revoke_link(actor, number(args, 0), number(args, 1))


def _fields(feature: Feature) -> None:
    @feature.button("ask")
    async def ask(
        query: CallbackQuery, actor: Actor, campaign_fields: CampaignFieldService, args: list[str]
    ) -> None:
        await campaign_fields.ask(actor, number(args, 0), text(args, 1))

    @feature.step("field")
    async def field(message: Message, actor: Actor, campaign_fields: CampaignFieldService) -> None:
        await campaign_fields.answer(actor, message.text or "")

    @feature.button("message")
    async def ask_message(
        query: CallbackQuery, actor: Actor, campaign_fields: CampaignFieldService, args: list[str]
    ) -> None:
        await campaign_fields.ask_message(actor, number(args, 0))

    @feature.step("message")
    async def sent(message: Message, actor: Actor, campaign_fields: CampaignFieldService) -> None:
        await campaign_fields.set_message(actor, composed(message))

    @feature.button("preview")
    async def preview(
        query: CallbackQuery, actor: Actor, campaign_fields: CampaignFieldService, args: list[str]
    ) -> None:
        await campaign_fields.preview(actor, number(args, 0))
