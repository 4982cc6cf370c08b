"""What triggered blocks and broadcasts share: whose they are, and how their owner sees one beforehand."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from domain.actor import Actor
from domain.calls import Call
from domain.creatives import Creative, MediaType
from domain.errors import Conflict, Invalid, NotAllowed, NotFound
from domain.macros import SAMPLES
from services import creatives, media
from services.access import Access, Guarded
from services.directory import BotDirectory
from services.reach import Mailbox, Reach
from services.tariffs import allowed
from storage import campaigns
from storage.database import Tx
from texts import broadcasts as wording


class LeadWriting(Guarded):
    """A service about messages to an account's leads. In the chat it is open in the account's own bots and
    in the service bot; an API key is the account's."""

    def __init__(self, access: Access, directory: BotDirectory, reach: Reach) -> None:
        super().__init__(access)
        self._directory, self._reach = directory, reach

    async def _owner(self, actor: Actor) -> int:
        """The account the actor speaks for. Raises `NotAllowed` in a bot of somebody else."""
        if actor.door is not None:
            bot = await self._directory.get(actor.door.bot_id)
            if bot is None or not (bot.is_service or bot.owner_id == actor.user_id):
                raise NotAllowed
        return actor.user_id

    async def _preview_for(self, actor: Actor, creative: Creative) -> tuple[int, Call]:
        """The call that shows a creative to the actor, and the bot that makes it: here in the chat, or by
        the service bot, which sends the text and the button alone (the wire contract).

        Raises `Invalid` (text) for one that says nothing, `Conflict` (no_preview) when no service bot may
        write to him.
        """
        check_says_something(creative)
        if (door := actor.door) is not None:
            return door.bot_id, preview_call(actor, door.chat_id, creative)
        mailbox = await self._mailbox(actor)
        bare = replace(creative, media="", media_type=MediaType.NONE)
        return mailbox.bot_id, preview_call(replace(actor, t=mailbox.t), mailbox.user_id, bare)

    async def _mailbox(self, actor: Actor) -> Mailbox:
        for bot in await self._directory.all():
            if bot.is_service and (found := await self._reach.mailbox(bot.id, actor.user_id)) is not None:
                return found
        raise Conflict("no_preview")


def preview_call(actor: Actor, chat_id: int, creative: Creative) -> Call:
    """The call that shows a creative to the actor, with his own name and samples for the rest."""
    values = dict(SAMPLES) | {"user": str(actor.user_id), "subscriber": str(actor.user_id)}
    values |= {"first_name": actor.name} if actor.name else {}
    values |= {"username": actor.username} if actor.username else {}
    page = creatives.compose(creative, values, actor.t)
    if not page.text and not creative.media:
        page = replace(page, text=wording.only_media(actor.t))
    return media.attach(chat_id, page, creative)


def check_says_something(creative: Creative) -> None:
    """Raise `Invalid` (text) for a creative with neither a text nor a picture or video."""
    if not creative.text.strip() and not creative.media:
        raise Invalid("text", "nothing_to_send")


async def check_paid(tx: Tx, owner_id: int, now: datetime) -> None:
    """Raise `Refused` (unpaid) when the account's subscription is over."""
    (await allowed(tx, owner_id)).check_paid(now)


async def check_campaigns(tx: Tx, owner_id: int, wanted: Collection[int]) -> None:
    """Raise `NotFound` (campaign) unless all of them are the owner's. Deleted ones bring nobody, and are
    let be: a broadcast may be older than that."""
    if not wanted:
        return
    mine = {one.id for one in await campaigns.listing(tx, owner_id, deleted=True)}
    if not mine.issuperset(wanted):
        raise NotFound("campaign")
