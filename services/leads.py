"""The people campaigns bring: what Telegram tells of them, and how owners look at them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.actor import Actor
from domain.bots import Bot
from domain.calls import Call
from domain.campaigns import Campaign, StartPayload, read_payload
from domain.clock import Clock
from domain.errors import NotFound, TelegramError
from domain.joins import standing_of
from domain.leads import Fact, FactKind, Lead, Noted, Origin
from domain.macros import values_of
from domain.movements import Movement
from domain.telegram import Telegram
from services.access import Access, Guarded, Permission, needs
from services.campaign_greeting import greeting
from services.gate import JoinRequest
from services.lead_facts import link_of, movement_fact, request_fact
from services.tracking import Tracking
from services.work import UnitOfWork, Work
from storage import campaigns, chats, clicks, leads, movements, people
from storage.database import Database, Tx
from storage.leads import LeadFilter
from storage.people import Person

MOST = 200  # leads in one answer
PAGE = 8


@dataclass(frozen=True, slots=True)
class LeadPanel:
    """A lead with what it is shown with. `person` is None when the bot has never met him."""

    lead: Lead
    campaign: Campaign
    person: Person | None
    history: list[Noted]
    stale: bool


@dataclass(frozen=True, slots=True)
class LeadPage:
    """A page of leads, and how many there are on all pages."""

    rows: list[LeadPanel]
    total: int


class LeadService(Guarded):
    """Leads. A `MovementListener`, and a `RequestListener` of the gate's."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        telegram: Telegram,
        tracking: Tracking,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._telegram, self._tracking = telegram, tracking

    @needs(Permission.ANYONE)
    async def started(self, actor: Actor, tenant: Bot, payload: str, at: datetime) -> bool:
        """Somebody followed a campaign's start link: he is a lead now, and is told where to go.

        `at` is Telegram's date of his message. False when there is nothing to say: no such campaign of this
        bot, or one that takes no new people.
        """
        link = read_payload(payload)
        async with self._db.read() as tx:
            campaign = await campaigns.by_code(tx, link.code)
            if campaign is None or campaign.bot_id != tenant.id or not campaign.live:
                return False
            lead = await leads.of_person(tx, campaign.id, actor.user_id)
            if lead is None and not campaign.active:
                return False
            traced = await movements.of_person(tx, tenant.id, campaign.chat_id, actor.user_id, limit=1)
        member = lead is None and not traced and await self._is_inside(campaign, actor.user_id)
        async with self._work(actor) as work:
            await leads.hold_person(work.tx, tenant.id, actor.user_id)
            start = replace(await _start(work, actor, campaign, link, at), member=member)
            lead = await self._tracking.hear(work, campaign, actor.user_id, [start])
            if lead is not None:
                work.send(tenant.id, await _welcome(work.tx, actor, campaign, lead))
        return True

    async def moved(self, work: Work, movement: Movement) -> None:
        """Somebody came to or left a campaign's chat (`MovementListener`)."""
        campaign = await campaigns.get_live_by_chat(work.tx, movement.bot_id, movement.chat_id)
        if campaign is None:
            return
        await leads.hold_person(work.tx, movement.bot_id, movement.user_id)
        fact = await movement_fact(work.tx, campaign, movement)
        if fact is not None:
            await self._tracking.hear(work, campaign, movement.user_id, [fact])

    async def requested(self, work: Work, tenant: Bot, request: JoinRequest) -> bool:
        """Somebody asks to be let into a campaign's chat (`RequestListener`); whether the campaign lets him.

        It lets in its leads, and whoever came by one of its links: his start may still be on its way.
        """
        campaign = await campaigns.get_live_by_chat(work.tx, tenant.id, request.chat_id)
        if campaign is None:
            return False
        await leads.hold_person(work.tx, tenant.id, request.user_id)
        link = await link_of(work.tx, campaign, request.invite_link)
        fact = request_fact(request.at, request.user_id, link)
        lead = await self._tracking.hear(work, campaign, request.user_id, [fact])
        return campaign.auto_approve and (lead is not None or link is not None)

    async def declined(self, work: Work, bot_id: int, chat_id: int, user_id: int) -> None:
        """We have declined somebody's request (`RequestListener`)."""
        campaign = await campaigns.get_live_by_chat(work.tx, bot_id, chat_id)
        if campaign is None:
            return
        await leads.hold_person(work.tx, bot_id, user_id)
        key = f"d{int(work.now.timestamp() * 1_000_000)}"
        await self._tracking.hear(work, campaign, user_id, [Fact(key, FactKind.DECLINE, work.now, 0)])

    @needs(Permission.ACCOUNT)
    async def page(self, actor: Actor, wanted: LeadFilter, *, limit: int = PAGE, offset: int = 0) -> LeadPage:
        """The actor's leads that fit, the newest first, at most 200; without their histories.

        Raises `NotFound` (campaign) when those of a campaign are wanted that is not his.
        """
        async with self._db.read() as tx:
            if wanted.campaign_id is not None:
                await _check_campaign(tx, actor, wanted.campaign_id)
            found = await leads.listing(tx, actor.user_id, wanted, limit=min(limit, MOST), offset=offset)
            total = await leads.count(tx, actor.user_id, wanted)
            return LeadPage(await _panels(tx, actor.user_id, found, self._clock.now()), total)

    @needs(Permission.ACCOUNT)
    async def get(self, actor: Actor, lead_id: int) -> LeadPanel:
        """One lead with its history. Raises `NotFound` (lead)."""
        async with self._db.read() as tx:
            lead = await leads.get(tx, actor.user_id, lead_id)
            if lead is None:
                raise NotFound("lead")
            (panel,) = await _panels(tx, actor.user_id, [lead], self._clock.now())
            return replace(panel, history=await leads.history(tx, lead.id))

    @needs(Permission.ACCOUNT)
    async def journal(
        self, actor: Actor, wanted: movements.JournalFilter, limit: int
    ) -> list[movements.JournalRow]:
        """Who came and went in the chats of the actor's bots, the newest first, at most 200.

        Raises `NotFound` (campaign) as `page` does.
        """
        async with self._db.read() as tx:
            if wanted.campaign_id is not None:
                await _check_campaign(tx, actor, wanted.campaign_id)
            return await movements.listing(tx, actor.user_id, wanted, min(limit, MOST))

    async def _is_inside(self, campaign: Campaign, user_id: int) -> bool:
        """Whether Telegram says that somebody nobody has told us of is in the chat; no answer means no."""
        try:
            member = await self._telegram.ask(
                campaign.bot_id, "getChatMember", chat_id=campaign.chat_id, user_id=user_id
            )
        except TelegramError:
            return False
        return standing_of(member).inside


async def _check_campaign(tx: Tx, actor: Actor, campaign_id: int) -> None:
    if await campaigns.get(tx, actor.user_id, campaign_id) is None:
        raise NotFound("campaign")


async def _start(work: Work, actor: Actor, campaign: Campaign, link: StartPayload, at: datetime) -> Fact:
    """The start as a fact, with what its click says."""
    assert actor.door is not None  # noqa: S101 - a start is an update
    stored = await clicks.get(work.tx, campaign.id, link.token) if link.token else None
    origin = Origin(link.click) if stored is None else Origin(stored.click, stored.subs, stored.cost_micros)
    update_id = actor.door.update_id
    return Fact(f"s{update_id}", FactKind.START, at, update_id, origin, actor.user_id)


async def _welcome(tx: Tx, actor: Actor, campaign: Campaign, lead: Lead) -> Call:
    """What somebody is told after a start."""
    own = await campaigns.own_link(tx, campaign.id)
    chat = await chats.get(tx, campaign.bot_id, campaign.chat_id)
    person = await people.get(tx, campaign.bot_id, lead.user_id)
    title = chat.title if chat is not None else campaign.name
    values = values_of(
        campaign, lead, status=lead.status, at=lead.status_at, event_id="", title=title,
        username=actor.username, first_name=person.first_name if person is not None else actor.name,
    )  # fmt: skip
    return greeting(actor, lead.user_id, campaign, values, own, title)


async def _panels(tx: Tx, owner_id: int, found: Sequence[Lead], now: datetime) -> list[LeadPanel]:
    """Leads with their campaigns and people."""
    owned = await campaigns.several(tx, owner_id, {lead.campaign_id for lead in found})
    met: dict[tuple[int, int], Person] = {}
    for bot_id in {lead.bot_id for lead in found}:
        users = {lead.user_id for lead in found if lead.bot_id == bot_id}
        met |= {(bot_id, user): one for user, one in (await people.several(tx, bot_id, users)).items()}
    return [
        LeadPanel(lead, owned[lead.campaign_id], met.get((lead.bot_id, lead.user_id)), [], lead.stale(now))
        for lead in found
    ]
