"""Writing a broadcast in the chat: whom it is for, what it says, and the conversation that leads to a start.

The draft is a broadcast from the first step on, so nothing of it is lost when the server restarts or the
owner comes back next week; what is asked for in between is in the dialog.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.actor import Actor
from domain.broadcasts import Audience, Broadcast, BroadcastStatus, Shown
from domain.campaigns import Campaign
from domain.creatives import Sent, read_button
from domain.errors import Invalid, NotFound
from domain.leads import LeadStatus
from domain.telegram import Files
from services import creatives
from services.access import Access, Permission, needs
from services.boards import figures, show_board
from services.broadcasts import checked_name
from services.campaign_fields import content_of, kept
from services.directory import BotDirectory
from services.lead_writing import LeadWriting, check_campaigns, preview_call
from services.reach import Reach
from services.tariffs import allowed
from services.work import UnitOfWork, Work
from storage import broadcasts, campaigns
from storage.database import Database
from texts import newbroadcast as wording

PAGE = 8
TYPED = ("body", "button", "name")
# What can be tapped for a date: from so many days ago on, or before that.
PRESETS: Mapping[str, tuple[str, int]] = {
    "any": ("", 0), "last1": ("from", 1), "last7": ("from", 7), "last30": ("from", 30),
    "before7": ("to", 7), "before30": ("to", 30),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """The campaigns a broadcast may be for: a page of the owner's, and those that were chosen."""

    broadcast: Broadcast
    campaigns: list[Campaign]
    number: int
    more: bool


class NewBroadcastService(LeadWriting):
    """Writing broadcasts in the chat. Each change takes effect at once, also on one that runs."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        directory: BotDirectory,
        reach: Reach,
        files: Files,
    ) -> None:
        super().__init__(access, directory, reach)
        self._db, self._work, self._files = db, work, files

    @needs(Permission.ACCOUNT)
    async def begin(self, actor: Actor) -> None:
        """Begin a draft with its audience: everybody who is inside. Raises `Refused` (unpaid, broadcasts)."""
        owner_id = await self._owner(actor)
        async with self._work(actor) as work:
            (await allowed(work.tx, owner_id)).check_broadcasts(work.now)
            one_id = await broadcasts.create(work.tx, owner_id, "", work.now)
            one = await self._mine(work, owner_id, one_id)
            inside = Audience(statuses=1 << LeadStatus.APPROVE)
            await self._change(work, replace(one, audience=inside))
            await self._show_audience(work, actor, one_id)

    @needs(Permission.ACCOUNT)
    async def audience(self, actor: Actor, broadcast_id: int) -> None:
        """Show whom it is for, to be changed."""
        async with self._work(actor) as work:
            await work.end_dialog()
            await self._show_audience(work, actor, broadcast_id)

    @needs(Permission.ACCOUNT)
    async def turn_status(self, actor: Actor, broadcast_id: int, status: int) -> None:
        """Write to leads of a status, or no longer. Raises `NotFound` (button) for no status."""
        if status not in set(LeadStatus):
            raise NotFound("button")
        async with self._work(actor) as work:
            one = await self._mine(work, await self._owner(actor), broadcast_id)
            said = one.audience
            await self._change(
                work, replace(one, audience=replace(said, statuses=said.statuses ^ 1 << status))
            )
            await self._show_audience(work, actor, broadcast_id)

    @needs(Permission.ACCOUNT)
    async def scope(self, actor: Actor, broadcast_id: int, number: int) -> None:
        """Show a page (from 0) of the campaigns it may be for."""
        async with self._work(actor) as work:
            await self._show_scope(work, actor, broadcast_id, number)

    @needs(Permission.ACCOUNT)
    async def turn_campaign(self, actor: Actor, broadcast_id: int, campaign_id: int, number: int) -> None:
        """Write to leads of a campaign, or no longer (0: of all campaigns)."""
        owner_id = await self._owner(actor)
        async with self._work(actor) as work:
            one = await self._mine(work, owner_id, broadcast_id)
            chosen = set(one.audience.campaigns) ^ {campaign_id} if campaign_id else set()
            await check_campaigns(work.tx, owner_id, chosen)
            said = replace(one.audience, campaigns=tuple(sorted(chosen)))
            await self._change(work, replace(one, audience=said))
            await self._show_scope(work, actor, broadcast_id, number)

    @needs(Permission.ACCOUNT)
    async def dates(self, actor: Actor, broadcast_id: int) -> None:
        """Ask when they must have come, or got to where they are."""
        async with self._work(actor) as work:
            one = await self._mine(work, await self._owner(actor), broadcast_id)
            work.show(wording.dates(actor.t, one.id))

    @needs(Permission.ACCOUNT)
    async def set_dates(self, actor: Actor, broadcast_id: int, which: str, preset: str) -> None:
        """Write to those who came (`created`) or changed their status (`status`) in a time (`PRESETS`)."""
        if which not in ("created", "status") or preset not in PRESETS:
            raise NotFound("button")
        async with self._work(actor) as work:
            one = await self._mine(work, await self._owner(actor), broadcast_id)
            said = _dated(one.audience, which, preset, work.now)
            await self._change(work, replace(one, audience=said))
            await self._show_audience(work, actor, broadcast_id)

    @needs(Permission.ACCOUNT)
    async def turn_paid(self, actor: Actor, broadcast_id: int) -> None:
        """Pay for a faster pace, or not."""
        async with self._work(actor) as work:
            one = await self._mine(work, await self._owner(actor), broadcast_id)
            await self._change(work, replace(one, paid=not one.paid))
            await self._show(work, actor, broadcast_id)

    @needs(Permission.ACCOUNT)
    async def ask(self, actor: Actor, broadcast_id: int, what: str) -> None:
        """Ask for a part of it (`TYPED`). Raises `Invalid` (field) for any other."""
        if what not in TYPED:
            raise Invalid("field")
        async with self._work(actor) as work:
            await self._ask(work, actor, await self._mine(work, await self._owner(actor), broadcast_id), what)

    @needs(Permission.ACCOUNT)
    async def set_body(self, actor: Actor, sent: Sent) -> None:
        """What was sent is what it says. Raises `Invalid` (text, file), naming the place.

        A new draft has no button yet: that is asked for next.
        """
        content = await content_of(self._files, actor, sent)
        async with self._work(actor) as work:
            one = await self._asked(work, actor, "body")
            creative = await kept(work, actor, one.creative, sent, content)
            creatives.check(creative)
            await self._change(work, replace(one, creative=creative))
            if one.status is BroadcastStatus.DRAFT and not one.creative.button:
                await self._ask(work, actor, one, "button")
            else:
                await self._finish(work, actor, one.id)

    @needs(Permission.ACCOUNT)
    async def set_button(self, actor: Actor, text: str) -> None:
        """The button that was typed. Raises `Invalid` (button, link)."""
        button, link = read_button(text)
        async with self._work(actor) as work:
            one = await self._asked(work, actor, "button")
            await self._set_button(work, actor, one, button, link)

    @needs(Permission.ACCOUNT)
    async def no_button(self, actor: Actor, broadcast_id: int) -> None:
        """It has no button."""
        async with self._work(actor) as work:
            one = await self._mine(work, await self._owner(actor), broadcast_id)
            await self._set_button(work, actor, one, "", "")

    @needs(Permission.ACCOUNT)
    async def set_name(self, actor: Actor, text: str) -> None:
        """The name that was typed. Raises `Invalid` (name)."""
        name = checked_name(text)
        async with self._work(actor) as work:
            one = await self._asked(work, actor, "name")
            await self._change(work, replace(one, name=name))
            await work.end_dialog()
            await self._show(work, actor, one.id)

    async def _set_button(self, work: Work, actor: Actor, one: Broadcast, button: str, link: str) -> None:
        creative = replace(one.creative, button=button, link=link)
        creatives.check(creative)
        await self._change(work, replace(one, creative=creative))
        await self._finish(work, actor, one.id)

    async def _finish(self, work: Work, actor: Actor, broadcast_id: int) -> None:
        """The message is written: show it as its readers will see it, and what can be done now."""
        await work.end_dialog()
        one = await self._mine(work, await self._owner(actor), broadcast_id)
        if work.door is not None and (one.creative.text or one.creative.media):
            work.send(work.door.bot_id, preview_call(actor, work.door.chat_id, one.creative))
        await self._show(work, actor, broadcast_id, below=True)

    async def _ask(self, work: Work, actor: Actor, one: Broadcast, what: str) -> None:
        await work.ask(f"newbroadcast:{what}", {"broadcast": one.id})
        page = wording.ask(actor.t, what, one)
        # The panel of one that runs is kept current: what is asked there would be written over.
        if one.status in (BroadcastStatus.RUNNING, BroadcastStatus.PAUSED):
            work.reply(page)
        else:
            work.show(page)

    async def _asked(self, work: Work, actor: Actor, what: str) -> Broadcast:
        asked: dict[str, Any] = await work.asked(f"newbroadcast:{what}")
        return await self._mine(work, await self._owner(actor), int(asked["broadcast"]))

    async def _mine(self, work: Work, owner_id: int, broadcast_id: int) -> Broadcast:
        one = await broadcasts.get(work.tx, owner_id, broadcast_id, lock=True)
        if one is None:
            raise NotFound("broadcast")
        return one

    async def _change(self, work: Work, one: Broadcast) -> None:
        (await allowed(work.tx, one.owner_id)).check_paid(work.now)
        await broadcasts.edit(work.tx, one.owner_id, one.id, one.name, one.audience, one.creative, one.paid)

    async def _shown(self, work: Work, actor: Actor, broadcast_id: int) -> Shown:
        one = await self._mine(work, await self._owner(actor), broadcast_id)
        return (await figures(work.tx, [one], work.now))[0]

    async def _show(self, work: Work, actor: Actor, broadcast_id: int, *, below: bool = False) -> None:
        await show_board(work, actor.t, await self._shown(work, actor, broadcast_id), below=below)

    async def _show_audience(self, work: Work, actor: Actor, broadcast_id: int) -> None:
        work.show(wording.audience(actor.t, await self._shown(work, actor, broadcast_id)))

    async def _show_scope(self, work: Work, actor: Actor, broadcast_id: int, number: int) -> None:
        owner_id = await self._owner(actor)
        one = await self._mine(work, owner_id, broadcast_id)
        found = await campaigns.listing(work.tx, owner_id, offset=number * PAGE, limit=PAGE + 1)
        work.show(wording.scope(actor.t, Scope(one, found[:PAGE], number, len(found) > PAGE)))


def _dated(said: Audience, which: str, preset: str, now: datetime) -> Audience:
    side, days = PRESETS[preset]
    moment = now - timedelta(days=days)
    since, until = moment if side == "from" else None, moment if side == "to" else None
    if which == "created":
        return replace(said, created_from=since, created_to=until)
    return replace(said, status_from=since, status_to=until)
