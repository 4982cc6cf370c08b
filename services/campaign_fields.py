"""Changing a campaign in a conversation: its owner is asked for a field, and sends it."""

from dataclasses import replace
from typing import Any

from domain import durations
from domain.actor import Actor
from domain.campaigns import Campaign
from domain.creatives import Creative, MediaType, Sent
from domain.durations import Unit
from domain.errors import Invalid, NotFound
from domain.macros import SAMPLES, to_micros
from domain.money import currency_of
from domain.telegram import Files
from services.access import Access, Guarded, Permission, needs
from services.campaign_greeting import greeting
from services.campaign_panels import panel
from services.campaigns import change, hold
from services.media import download, keep
from services.work import UnitOfWork, Work
from storage import campaigns
from storage.database import Database
from texts import campaign_links as link_wording
from texts import campaigns as wording

FIELDS = ("name", "button", "window", "cost")
NONE = "0"  # typed for: as it was in the beginning


class CampaignFieldService(Guarded):
    """The fields of a campaign, one at a time."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork, files: Files, public_url: str) -> None:
        super().__init__(access)
        self._db, self._work, self._files, self._public_url = db, work, files, public_url

    @needs(Permission.ACCOUNT)
    async def ask(self, actor: Actor, campaign_id: int, field: str) -> None:
        """Ask for another value of a field. Raises `NotFound` (campaign), `Invalid` (field)."""
        if field not in FIELDS:
            raise Invalid("field")
        async with self._work(actor) as work:
            campaign = await _campaign(work, actor, campaign_id)
            await work.ask("campaigns:field", {"campaign": campaign_id, "field": field})
            work.show(wording.ask_field(actor.t, field, campaign))

    @needs(Permission.ACCOUNT)
    async def answer(self, actor: Actor, text: str) -> None:
        """The value that was asked for. Raises `Invalid` with a reason of its own."""
        async with self._work(actor) as work:
            asked = await work.asked("campaigns:field")
            campaign = await hold(work, actor.user_id, int(asked["campaign"]))
            changes = read_field(str(asked["field"]), text, campaign)
            await self._change(work, actor, campaign.id, changes)

    @needs(Permission.ACCOUNT)
    async def ask_message(self, actor: Actor, campaign_id: int) -> None:
        """Ask for what newcomers are told. Raises `NotFound` (campaign)."""
        async with self._work(actor) as work:
            await _campaign(work, actor, campaign_id)
            await work.ask("campaigns:message", {"campaign": campaign_id})
            work.show(wording.ask_message(actor.t))

    @needs(Permission.ACCOUNT)
    async def set_message(self, actor: Actor, sent: Sent) -> None:
        """What was sent is what newcomers are told from now on.

        Raises `Invalid` (text, file) when it cannot be used, naming the place.
        """
        content = await content_of(self._files, actor, sent)
        async with self._work(actor) as work:
            asked = await work.asked("campaigns:message")
            campaign = await hold(work, actor.user_id, int(asked["campaign"]))
            said = await kept(work, actor, campaign.creative, sent, content)
            parts = {"text": said.text, "media": said.media, "media_type": said.media_type}
            await self._change(work, actor, campaign.id, parts)

    @needs(Permission.ACCOUNT)
    async def ask_source(self, actor: Actor, campaign_id: int, asks: bool) -> None:
        """Ask for the name of a new link. Raises `NotFound` (campaign)."""
        async with self._work(actor) as work:
            await _campaign(work, actor, campaign_id)
            await work.ask("campaigns:source", {"campaign": campaign_id, "asks": asks})
            work.show(link_wording.ask_source(actor.t))

    @needs(Permission.ACCOUNT)
    async def preview(self, actor: Actor, campaign_id: int) -> None:
        """Show the actor what newcomers are told, with values made up. Raises `NotFound` (campaign)."""
        async with self._work(actor) as work:
            campaign = await _campaign(work, actor, campaign_id)
            own = await campaigns.own_link(work.tx, campaign.id)
            if actor.door is not None:
                call = greeting(actor, actor.door.chat_id, campaign, SAMPLES, own, SAMPLES["title"])
                work.send(actor.door.bot_id, call)

    async def _change(self, work: Work, actor: Actor, campaign_id: int, changes: dict[str, Any]) -> None:
        await change(work, actor.user_id, campaign_id, changes)
        await work.end_dialog()
        work.reply(wording.panel(actor.t, await panel(work.tx, actor.user_id, campaign_id, self._public_url)))


async def _campaign(work: Work, actor: Actor, campaign_id: int) -> Campaign:
    found = await campaigns.get(work.tx, actor.user_id, campaign_id)
    if found is None or not found.live:
        raise NotFound("campaign")
    return found


async def content_of(files: Files, actor: Actor, sent: Sent) -> bytes:
    """The file that was sent with a message; empty when there is none. Raises `Invalid` (file)."""
    if sent.media_type is MediaType.NONE or actor.door is None:
        return b""
    return await download(files, actor.door.bot_id, sent.file_id, sent.size, sent.media_type)


async def kept(work: Work, actor: Actor, before: Creative, sent: Sent, content: bytes) -> Creative:
    """The creative with what was sent as its text and file; the button stays. Raises `Invalid` (file)."""
    if not content:
        return replace(before, text=sent.text, media="", media_type=MediaType.NONE)
    media = await keep(work.tx, actor.user_id, "", content, work.now)
    return replace(before, text=sent.text, media=media.ref, media_type=media.type)


def read_field(field: str, text: str, campaign: Campaign) -> dict[str, Any]:
    """A field as people type it, as what it changes. Raises `Invalid` with a reason of its own."""
    text = text.strip()
    match field:
        case "name":
            return {"name": text}
        case "button":
            caption, _, link = ("" if text == NONE else text).partition("\n")
            return {"button": caption.strip(), "link": link.strip()}
        case "window":
            return {"unsub_window": _window(text)}
        case "cost":
            return _cost(text, campaign.currency)
        case _:
            raise Invalid("field")


_DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30}


def _window(text: str) -> int:
    """`3 days` in seconds; a month has 30 days here."""
    if text == NONE:
        return 0
    try:
        length = durations.parse(text)
    except Invalid:
        raise Invalid("unsub_window", "window", days=366) from None
    if length.unit not in _DAYS:
        raise Invalid("unsub_window", "window", days=366)
    return length.count * _DAYS[length.unit] * 86_400


def _cost(text: str, currency: str) -> dict[str, Any]:
    """`250 USD`; a bare number keeps the currency it had."""
    number, _, code = text.partition(" ")
    micros = to_micros(number)
    return {
        "cost_micros": micros or None,
        "currency": currency_of(code) if code.strip() else currency or "USD",
    }
