"""Triggered blocks of a campaign, as their owner keeps them. They are sent by `services.trigger_jobs`."""

from dataclasses import dataclass, replace

from domain.actor import Actor
from domain.campaigns import Campaign
from domain.clock import Clock
from domain.creatives import MediaType, Sent, read_button
from domain.errors import Invalid, NotFound
from domain.leads import LeadStatus
from domain.telegram import Files
from domain.triggers import Block, JobState, check_delay, read_delay
from services import creatives, media
from services.access import Access, Permission, needs
from services.campaign_fields import content_of, kept
from services.directory import BotDirectory
from services.lead_writing import LeadWriting, check_paid
from services.reach import Reach
from services.tariffs import allowed
from services.work import UnitOfWork, Work
from storage import campaigns, triggers
from storage.database import Database, Tx
from texts import triggers as wording

TYPED = ("body", "button", "delay")


@dataclass(frozen=True, slots=True)
class BlockPanel:
    """A block with its campaign, and what became of its messages so far."""

    campaign: Campaign
    block: Block
    counts: dict[JobState, int]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a call of the API says of a block; None: nothing, it stays."""

    on: bool | None = None
    delay: int | None = None
    text: str | None = None
    media: str | None = None
    media_type: int | None = None
    button: str | None = None
    link: str | None = None

    def apply(self, block: Block) -> Block:
        """The block with what was said. Raises `Invalid` (media_type, delay, text)."""
        said = {name: getattr(self, name) for name in ("text", "media", "button", "link")}
        creative = replace(
            block.creative, **{name: value for name, value in said.items() if value is not None}
        )
        if self.media_type is not None or self.media is not None:
            creative = replace(creative, media_type=MediaType(self.media_type or MediaType.NONE))
        delay = block.delay if self.delay is None else check_delay(self.delay)
        changed = replace(block, delay=delay, creative=creative)
        return changed.turned(block.on if self.on is None else self.on)


class TriggerService(LeadWriting):
    """Triggered blocks of an account's campaigns.

    A block that is off may always be written and left off: an account whose tariff has no messages can still
    turn one off (the wire contract).
    """

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        reach: Reach,
        files: Files,
    ) -> None:
        super().__init__(access, directory, reach)
        self._db, self._work, self._clock, self._files = db, work, clock, files

    @needs(Permission.ACCOUNT)
    async def blocks(self, actor: Actor, campaign_id: int) -> list[Block]:
        """The five blocks of a campaign, by status. Raises `NotFound` (campaign)."""
        owner_id = await self._owner(actor)
        async with self._db.read() as tx:
            campaign = await _campaign(tx, owner_id, campaign_id)
            found = await triggers.blocks(tx, [campaign.id])
        return [found.get((campaign.id, status), Block(status)) for status in LeadStatus]

    @needs(Permission.ACCOUNT)
    async def overview(self, actor: Actor, campaign_id: int) -> list[BlockPanel]:
        """The same with what became of their messages."""
        owner_id = await self._owner(actor)
        async with self._db.read() as tx:
            return [await _panel(tx, owner_id, campaign_id, status) for status in LeadStatus]

    @needs(Permission.ACCOUNT)
    async def panel(self, actor: Actor, campaign_id: int, status: LeadStatus) -> BlockPanel:
        """One block. Raises `NotFound` (campaign)."""
        owner_id = await self._owner(actor)
        async with self._db.read() as tx:
            return await _panel(tx, owner_id, campaign_id, status)

    @needs(Permission.ACCOUNT)
    async def save(self, actor: Actor, campaign_id: int, status: LeadStatus, changes: Changes) -> None:
        """Change a block by what is said of it; it takes effect at once, also for messages that wait.

        Raises `NotFound` (campaign), `Refused` (unpaid, broadcasts) for one that is on then, `Invalid` for
        what Telegram would not take and for one that is on and says nothing.
        """
        async with self._work(actor) as work:
            await self._change(work, actor, campaign_id, status, changes)
            await self._show(work, actor, campaign_id, status)

    @needs(Permission.ACCOUNT)
    async def test(self, actor: Actor, campaign_id: int, status: LeadStatus) -> None:
        """Show a block to the actor himself: in the chat as it will be, else by the service bot.

        Raises `NotFound` (campaign), `Refused` (unpaid), `Invalid` (text) when it says nothing, `Conflict`
        (no_preview) when he has not started the service bot.
        """
        owner_id = await self._owner(actor)
        async with self._db.read() as tx:
            await check_paid(tx, owner_id, self._clock.now())
            campaign = await _campaign(tx, owner_id, campaign_id)
            block = await triggers.block(tx, campaign.id, status)
        bot_id, call = await self._preview_for(actor, block.creative)
        async with self._work(actor) as work:
            work.send(bot_id, call)

    @needs(Permission.ACCOUNT)
    async def ask(self, actor: Actor, campaign_id: int, status: LeadStatus, what: str) -> None:
        """Ask for a part of a block (`TYPED`). Raises `Invalid` (field) for any other."""
        if what not in TYPED:
            raise Invalid("field")
        async with self._work(actor) as work:
            shown = await _panel(work.tx, await self._owner(actor), campaign_id, status)
            await work.ask(f"triggers:{what}", {"campaign": campaign_id, "status": int(status)})
            work.show(wording.ask(actor.t, what, shown))

    @needs(Permission.ACCOUNT)
    async def set_body(self, actor: Actor, sent: Sent) -> None:
        """What was sent is what the block says. Raises `Invalid` (text, file), naming the place."""
        content = await content_of(self._files, actor, sent)
        async with self._work(actor) as work:
            campaign_id, status = await _asked(work, "body")
            before = await triggers.block(work.tx, campaign_id, status)
            creative = await kept(work, actor, before.creative, sent, content)
            said = Changes(text=creative.text, media=creative.media, media_type=creative.media_type)
            await self._answer(work, actor, campaign_id, status, said)

    @needs(Permission.ACCOUNT)
    async def set_button(self, actor: Actor, text: str) -> None:
        """The button that was typed. Raises `Invalid` (button, link)."""
        button, link = read_button(text)
        async with self._work(actor) as work:
            said = Changes(button=button, link=link)
            await self._answer(work, actor, *await _asked(work, "button"), said)

    @needs(Permission.ACCOUNT)
    async def set_delay(self, actor: Actor, text: str) -> None:
        """The delay that was typed. Raises `Invalid` (delay)."""
        said = Changes(delay=read_delay(text))
        async with self._work(actor) as work:
            await self._answer(work, actor, *await _asked(work, "delay"), said)

    async def _answer(
        self, work: Work, actor: Actor, campaign_id: int, status: LeadStatus, changes: Changes
    ) -> None:
        await self._change(work, actor, campaign_id, status, changes)
        await work.end_dialog()
        await self._show(work, actor, campaign_id, status)

    async def _change(
        self, work: Work, actor: Actor, campaign_id: int, status: LeadStatus, changes: Changes
    ) -> None:
        owner_id = await self._owner(actor)
        campaign = await _campaign(work.tx, owner_id, campaign_id)
        before = await triggers.block(work.tx, campaign.id, status, lock=True)
        after = changes.apply(before)
        if after.on:
            (await allowed(work.tx, owner_id)).check_broadcasts(work.now)
        creative = await media.owned(work.tx, owner_id, after.creative)
        creatives.check(creative)
        await triggers.put_block(work.tx, campaign.id, replace(after, creative=creative))
        if before.on != after.on:
            kind = "trigger.on" if after.on else "trigger.off"
            work.event(owner_id, campaign.bot_id, kind, campaign=campaign.id, status=int(status))

    async def _show(self, work: Work, actor: Actor, campaign_id: int, status: LeadStatus) -> None:
        if work.door is not None:
            shown = await _panel(work.tx, await self._owner(actor), campaign_id, status)
            work.show(wording.block(actor.t, shown))


async def _campaign(tx: Tx, owner_id: int, campaign_id: int) -> Campaign:
    found = await campaigns.get(tx, owner_id, campaign_id)
    if found is None or not found.live:
        raise NotFound("campaign")
    return found


async def _panel(tx: Tx, owner_id: int, campaign_id: int, status: LeadStatus) -> BlockPanel:
    campaign = await _campaign(tx, owner_id, campaign_id)
    counts = await triggers.counts(tx, campaign.id)
    mine = {state: number for (where, state), number in counts.items() if where is status}
    return BlockPanel(campaign, await triggers.block(tx, campaign.id, status), mine)


async def _asked(work: Work, what: str) -> tuple[int, LeadStatus]:
    asked = await work.asked(f"triggers:{what}")
    return int(asked["campaign"]), LeadStatus(int(asked["status"]))
