"""`/leads`: who came by campaigns."""

from aiogram.types import CallbackQuery, Message

from domain.actor import Actor
from domain.bots import Bot
from domain.errors import NotFound
from domain.leads import LeadStatus
from handlers.arguments import number, page_number
from handlers.routing import Audience, Feature
from handlers.talk import Talk
from services.campaigns import CampaignService
from services.leads import PAGE, LeadService
from storage.leads import LeadFilter
from texts import leads as wording


def leads_feature() -> Feature:
    """`/leads` and its pages."""
    feature = Feature("leads")

    @feature.command("leads", audience=Audience.ACCOUNT, describe=lambda t: t("People your ads have brought"))
    async def listed(message: Message, actor: Actor, leads: LeadService, talk: Talk) -> None:
        await _show(actor, leads, talk, 0, wording.EVERY, 0)

    @feature.button("list")
    async def turned(
        query: CallbackQuery, actor: Actor, leads: LeadService, talk: Talk, args: list[str]
    ) -> None:
        await _show(actor, leads, talk, number(args, 0), number(args, 1), page_number(args[2:]))

    @feature.button("open")
    async def opened(
        query: CallbackQuery, actor: Actor, leads: LeadService, talk: Talk, args: list[str]
    ) -> None:
        back = f"leads:list:{number(args, 1)}:{number(args, 2)}:{number(args, 3)}"
        await talk.show(wording.panel(actor.t, await leads.get(actor, number(args, 0)), back))

    @feature.button("campaigns")
    async def choose(
        query: CallbackQuery,
        actor: Actor,
        tenant: Bot,
        campaigns: CampaignService,
        talk: Talk,
        args: list[str],
    ) -> None:
        page = page_number(args)
        found, more = await campaigns.page(actor, page)
        await talk.show(wording.choose_campaign(actor.t, [one.campaign for one in found], more, page))

    return feature


async def _show(
    actor: Actor, leads: LeadService, talk: Talk, campaign_id: int, status: int, page: int
) -> None:
    """A page of leads; campaign 0 is all of them, status 9 every one."""
    if status != wording.EVERY and status not in list(LeadStatus):
        raise NotFound("button")
    wanted = LeadFilter(
        campaign_id=campaign_id or None,
        statuses=() if status == wording.EVERY else (LeadStatus(status),),
    )
    found = await leads.page(actor, wanted, offset=page * PAGE)
    await talk.show(
        wording.listing(
            actor.t, found.rows, found.total, campaign_id=campaign_id, status=status, number=page, size=PAGE
        )
    )
