"""Who wants no messages: the button below each of them, pressed by whoever got it."""

from domain.actor import Actor
from domain.campaigns import Campaign
from domain.errors import NotFound
from services.access import Access, Guarded, Permission, needs
from services.work import UnitOfWork, Work
from storage import campaigns, chats, leads
from texts import broadcasts as wording


class UnsubscribeService(Guarded):
    """Messages of a campaign to one person, by broadcasts and triggered blocks alike."""

    def __init__(self, access: Access, work: UnitOfWork) -> None:
        super().__init__(access)
        self._work = work

    @needs(Permission.ANYONE)
    async def stop(self, actor: Actor, bot_id: int, campaign_id: int) -> None:
        """The actor gets no more messages of a campaign. Raises `NotFound` (campaign) unless he is one of
        its leads."""
        async with self._work(actor) as work:
            campaign, about = await self._turn(work, actor, bot_id, campaign_id, wants=False)
            work.reply(wording.unsubscribed(actor.t, about, campaign.id))

    @needs(Permission.ANYONE)
    async def undo(self, actor: Actor, bot_id: int, campaign_id: int) -> None:
        """He gets them again. Raises `NotFound` (campaign)."""
        async with self._work(actor) as work:
            _, about = await self._turn(work, actor, bot_id, campaign_id, wants=True)
            work.show(wording.subscribed(actor.t, about))

    async def _turn(
        self, work: Work, actor: Actor, bot_id: int, campaign_id: int, *, wants: bool
    ) -> tuple[Campaign, str]:
        campaign = await campaigns.find(work.tx, campaign_id)
        if campaign is None or campaign.bot_id != bot_id:
            raise NotFound("campaign")
        at = None if wants else work.now
        lead = await leads.unsubscribe(work.tx, campaign.id, actor.user_id, at)
        if lead is None:
            raise NotFound("campaign")
        kind = "lead.subscribed" if wants else "lead.unsubscribed"
        work.event(campaign.owner_id, bot_id, kind, campaign=campaign.id, lead=lead.id, user=lead.user_id)
        chat = await chats.get(work.tx, bot_id, campaign.chat_id)
        return campaign, chat.title if chat is not None else campaign.name
