"""Campaigns of an owner: made, changed, paused and deleted; and their links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from domain import calls
from domain.actor import Actor
from domain.campaigns import (
    Campaign,
    CampaignLink,
    CampaignStatus,
    check_name,
    check_source,
    check_window,
)
from domain.creatives import Creative
from domain.errors import Conflict, NotFound, Refused
from domain.money import currency_of
from services.access import Access, Guarded, Permission, needs
from services.campaign_making import CampaignMaker, Ground, NewCampaign, check_new
from services.campaign_panels import CampaignCard, CampaignPanel, cards, panel
from services.creatives import check
from services.media import owned
from services.work import UnitOfWork, Work
from storage import campaigns
from storage.database import Database, Tx
from texts import campaign_links as link_wording
from texts import campaigns as wording

PAGE = 8
LIVE = (CampaignStatus.ACTIVE, CampaignStatus.PAUSED)


class CampaignService(Guarded):
    """Campaigns. A foreign one looks like one that is not there."""

    def __init__(
        self, access: Access, db: Database, work: UnitOfWork, maker: CampaignMaker, public_url: str
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._maker, self._public_url = db, work, maker, public_url

    @needs(Permission.ACCOUNT)
    async def page(
        self, actor: Actor, number: int, of_bot: int | None = None
    ) -> tuple[list[CampaignCard], bool]:
        """A page (from 0) of the actor's campaigns, the newest first, and whether there are more."""
        async with self._db.read() as tx:
            found = await campaigns.listing(
                tx, actor.user_id, bot_id=of_bot, offset=number * PAGE, limit=PAGE + 1
            )
            return await cards(tx, actor.user_id, found[:PAGE]), len(found) > PAGE

    @needs(Permission.ACCOUNT)
    async def all(self, actor: Actor) -> list[CampaignCard]:
        """All campaigns of the actor, deleted ones included, the newest first."""
        async with self._db.read() as tx:
            return await cards(tx, actor.user_id, await campaigns.listing(tx, actor.user_id, deleted=True))

    @needs(Permission.ACCOUNT)
    async def get(self, actor: Actor, campaign_id: int) -> CampaignPanel:
        """One campaign. Raises `NotFound` (campaign)."""
        async with self._db.read() as tx:
            return await panel(tx, actor.user_id, campaign_id, self._public_url)

    @needs(Permission.ACCOUNT)
    async def add(self, actor: Actor, new: NewCampaign) -> Campaign:
        """Make a campaign and its own invite link.

        Raises `NotFound` (bot, chat) for what is not the actor's or not administered, `Conflict`
        (campaign_exists) when the bot has a live campaign for the chat, `Refused` (unpaid, tariff_campaigns,
        cannot_invite), `Invalid` for an unusable field.
        """
        check_new(new)
        ground = await self._maker.look(actor, new.bot_id, new.chat_id)
        link = await self._maker.make_link(ground, new.name or ground.chat.title, asks=new.asks, public=True)
        try:
            async with self._work(actor) as work:
                return await self._maker.place(work, actor.user_id, new, ground, link)
        except Exception:
            await self._maker.drop_link(ground, link)
            raise

    @needs(Permission.ACCOUNT)
    async def edit(self, actor: Actor, campaign_id: int, changes: Mapping[str, Any]) -> None:
        """Set fields of a live campaign. Raises as `change`."""
        async with self._work(actor) as work:
            await change(work, actor.user_id, campaign_id, changes)

    @needs(Permission.ACCOUNT)
    async def turn_auto_approve(self, actor: Actor, campaign_id: int, on: bool) -> None:
        """Let in whoever asks and came by the campaign, or leave that to the administrators."""
        async with self._work(actor) as work:
            await change(work, actor.user_id, campaign_id, {"auto_approve": on})
            work.show(wording.panel(actor.t, await self._shown(work.tx, actor, campaign_id)))

    @needs(Permission.ACCOUNT)
    async def pause(self, actor: Actor, campaign_id: int) -> None:
        """No new leads, no postbacks. Raises `NotFound`, `Conflict` (campaign_state) unless it is active."""
        await self._turn(actor, campaign_id, (CampaignStatus.ACTIVE,), CampaignStatus.PAUSED)

    @needs(Permission.ACCOUNT)
    async def resume(self, actor: Actor, campaign_id: int) -> None:
        """Go on. Raises `NotFound`, `Conflict` (campaign_state) unless it is paused."""
        await self._turn(actor, campaign_id, (CampaignStatus.PAUSED,), CampaignStatus.ACTIVE)

    @needs(Permission.ACCOUNT)
    async def delete(self, actor: Actor, campaign_id: int) -> None:
        """Delete softly: its leads and figures stay, its chat can have another one. Its links still lead into
        the chat, for the ads that show them. Raises `NotFound`, `Conflict` (campaign_state)."""
        await self._turn(actor, campaign_id, LIVE, CampaignStatus.DELETED)

    @needs(Permission.ACCOUNT)
    async def add_link(self, actor: Actor, campaign_id: int, source: str, *, asks: bool) -> CampaignLink:
        """Make an invite link of its own for a source.

        Raises `NotFound` (campaign, bot, chat), `Invalid` (source), `Conflict` (source_exists), `Refused`
        (cannot_invite).
        """
        source = check_source(source)
        campaign, ground = await self._live(actor, campaign_id)
        url = await self._maker.make_link(ground, source, asks=asks)
        try:
            async with self._work(actor) as work:
                await hold(work, actor.user_id, campaign_id)
                if any(one.source == source for one in await campaigns.links(work.tx, campaign_id)):
                    raise Conflict("source_exists")
                link = await campaigns.add_link(work.tx, campaign, url, source, asks, work.now)
                await work.end_dialog()
                work.reply(link_wording.link(actor.t, await self._shown(work.tx, actor, campaign_id), link))
        except Exception:
            await self._maker.drop_link(ground, url)
            raise
        return link

    @needs(Permission.ACCOUNT)
    async def replace_own_link(self, actor: Actor, campaign_id: int, *, asks: bool) -> None:
        """A new link behind the button, which lets people in at once or asks; the one before is revoked.

        Raises `NotFound` (campaign, bot, chat), `Refused` (cannot_invite).
        """
        campaign, ground = await self._live(actor, campaign_id)
        url = await self._maker.make_link(ground, campaign.name, asks=asks, public=True)
        try:
            async with self._work(actor) as work:
                await hold(work, actor.user_id, campaign_id)
                before = await campaigns.own_link(work.tx, campaign_id)
                if before is not None and before.invite_link != url:
                    await _revoke(work, campaign, before)
                await campaigns.add_link(work.tx, campaign, url, "", asks, work.now)
                work.show(link_wording.links(actor.t, await self._shown(work.tx, actor, campaign_id)))
        except Exception:
            await self._maker.drop_link(ground, url)
            raise

    @needs(Permission.ACCOUNT)
    async def revoke_link(self, actor: Actor, campaign_id: int, link_id: int) -> None:
        """Take a named link out of use. Whoever came by it stays what he is.

        Raises `NotFound` (campaign, link), `Refused` (own_link) for the one behind the button.
        """
        async with self._work(actor) as work:
            shown = await self._shown(work.tx, actor, campaign_id)
            if shown.own is not None and shown.own.id == link_id:
                raise Refused("own_link")
            link = next((one for one in shown.links if one.id == link_id), None)
            if link is None:
                raise NotFound("link")
            await _revoke(work, shown.campaign, link)
            work.show(link_wording.links(actor.t, await self._shown(work.tx, actor, campaign_id)))

    async def _turn(
        self, actor: Actor, campaign_id: int, expected: Sequence[CampaignStatus], status: CampaignStatus
    ) -> None:
        async with self._work(actor) as work:
            found = await campaigns.set_status(
                work.tx, actor.user_id, campaign_id, expected, status, work.now
            )
            if found is None:
                known = await campaigns.get(work.tx, actor.user_id, campaign_id)
                raise NotFound("campaign") if known is None else Conflict("campaign_state")
            work.event(actor.user_id, found.bot_id, f"campaign.{status.name.lower()}", campaign=campaign_id)
            if status is CampaignStatus.DELETED:
                work.show(wording.deleted(actor.t, found))
            else:
                work.show(wording.panel(actor.t, await self._shown(work.tx, actor, campaign_id)))

    async def _live(self, actor: Actor, campaign_id: int) -> tuple[Campaign, Ground]:
        async with self._db.read() as tx:
            campaign = await campaigns.get(tx, actor.user_id, campaign_id)
        if campaign is None or not campaign.live:
            raise NotFound("campaign")
        return campaign, await self._maker.ground(campaign)

    async def _shown(self, tx: Tx, actor: Actor, campaign_id: int) -> CampaignPanel:
        return await panel(tx, actor.user_id, campaign_id, self._public_url)


async def hold(work: Work, owner_id: int, campaign_id: int) -> Campaign:
    """A live campaign of the owner; whoever else changes it waits until the unit of work ends.

    Raises `NotFound` (campaign), also when it was deleted meanwhile.
    """
    found = await campaigns.get(work.tx, owner_id, campaign_id, lock=True)
    if found is None or not found.live:
        raise NotFound("campaign")
    return found


async def change(work: Work, owner_id: int, campaign_id: int, changes: Mapping[str, Any]) -> None:
    """Set fields of a live campaign of the owner: those of `domain.campaigns.Campaign` an owner writes, and
    parts of its creative (of `domain.creatives.Creative`), whose others stay as they are.

    Raises `NotFound` (campaign), `Invalid` for an unusable field.
    """
    before = await hold(work, owner_id, campaign_id)
    checked = {name: _CHECKS[name](value) if name in _CHECKS else value for name, value in changes.items()}
    parts = {name: checked.pop(name) for name in _CREATIVE if name in checked}
    if parts:
        creative = checked["creative"] = await owned(work.tx, owner_id, replace(before.creative, **parts))
        check(creative)
    await campaigns.edit(work.tx, owner_id, campaign_id, checked)


_CREATIVE = frozenset(one.name for one in fields(Creative))
_CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": check_name,
    "unsub_window": check_window,
    "currency": lambda code: code and currency_of(code),
}


async def _revoke(work: Work, campaign: Campaign, link: CampaignLink) -> None:
    await campaigns.revoke_link(work.tx, campaign.id, link.id, work.now)
    if "/+" in link.invite_link:  # the address of a public chat cannot be revoked
        work.send(campaign.bot_id, calls.revoke_link(campaign.chat_id, link.invite_link))
