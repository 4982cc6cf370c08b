"""Making a campaign: what Telegram is asked for first, and what is written down then."""

from dataclasses import dataclass, field

from domain.actor import Actor
from domain.bots import AdminChat, Bot
from domain.campaigns import LONGEST_SOURCE, Campaign, check_name, check_window, new_code
from domain.creatives import Creative
from domain.errors import Conflict, NotFound, Refused, TelegramRefused
from domain.money import currency_of
from domain.telegram import Telegram
from services.access import Access
from services.chats import ChatService
from services.creatives import check
from services.directory import BotDirectory
from services.media import owned
from services.tariffs import allowed
from services.work import Work
from storage import campaigns, chats, leads
from storage.database import Database

_MADE_LINK = "/+"  # in an invite link, as against the address of a public chat


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What a campaign is made of. `name` empty: the chat's title; `asks`: its own link asks to join."""

    bot_id: int
    chat_id: int
    name: str = ""
    creative: Creative = field(default_factory=Creative)
    unsub_window: int = 0
    auto_approve: bool = False
    asks: bool = False
    cost_micros: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a campaign is: its bot and its chat."""

    bot: Bot
    chat: AdminChat


class CampaignMaker:
    """Looks at the ground, makes links, writes campaigns down."""

    def __init__(
        self, access: Access, db: Database, telegram: Telegram, directory: BotDirectory, chats: ChatService
    ) -> None:
        self._access, self._db, self._telegram = access, db, telegram
        self._directory, self._chats = directory, chats

    async def look(self, actor: Actor, bot_id: int, chat_id: int) -> Ground:
        """Where a new campaign of the actor's would be.

        Raises `NotFound` (bot, chat) for what is not his or not administered by the bot, `Conflict`
        (campaign_exists) for a chat that has a campaign already.
        """
        bot = await self._directory.get(bot_id)
        if bot is None or not await self._access.owns(actor, bot_id):
            raise NotFound("bot")
        found = [chat for chat in await self._chats.administered(actor, bot_id) if chat.chat_id == chat_id]
        async with self._db.read() as tx:
            taken = await campaigns.get_live_by_chat(tx, bot_id, chat_id)
        if taken is not None:
            raise Conflict("campaign_exists")
        if not found:
            raise NotFound("chat")
        return Ground(bot, found[0])

    async def ground(self, campaign: Campaign) -> Ground:
        """Where a campaign is. Raises `NotFound` (bot) while the bot is disconnected, `NotFound` (chat)."""
        bot = await self._directory.get(campaign.bot_id)
        if bot is None:
            raise NotFound("bot")
        async with self._db.read() as tx:
            chat = await chats.get(tx, bot.id, campaign.chat_id)
        if chat is None:
            raise NotFound("chat")
        return Ground(bot, chat)

    async def make_link(self, ground: Ground, name: str, *, asks: bool, public: bool = False) -> str:
        """A new invite link. With `public`, the address of a public chat does where the bot may not invite.

        Raises `Refused` (cannot_invite) when it may not, with Telegram's `words`.
        """
        chat = ground.chat
        try:
            answer = await self._telegram.ask(
                ground.bot.id,
                "createChatInviteLink",
                chat_id=chat.chat_id,
                name=name[:LONGEST_SOURCE],
                creates_join_request=asks,
            )
        except TelegramRefused as error:
            if public and chat.username and not asks:
                return f"https://t.me/{chat.username}"
            raise Refused("cannot_invite", title=chat.title, words=error.description) from None
        return str(answer["invite_link"])

    async def drop_link(self, ground: Ground, link: str) -> None:
        """What the link was made for did not come about."""
        if _MADE_LINK not in link:
            return
        try:
            await self._telegram.ask(
                ground.bot.id, "revokeChatInviteLink", chat_id=ground.chat.chat_id, invite_link=link
            )
        except TelegramRefused:
            return  # it leads into the chat, and to nothing of ours

    async def place(self, work: Work, owner_id: int, new: NewCampaign, ground: Ground, link: str) -> Campaign:
        """Write a campaign down. Raises `Refused` (unpaid, tariff_campaigns), `Conflict` (campaign_exists),
        `Invalid` for an unusable field."""
        await leads.hold_person(work.tx, 0, owner_id)  # two made at once would both fit the tariff
        tariff = await allowed(work.tx, owner_id)
        tariff.check_campaigns(await campaigns.count_live(work.tx, owner_id), work.now)
        chat = ground.chat
        made = await campaigns.create(
            work.tx, owner_id, ground.bot.id, chat.chat_id, code=new_code(),
            name=check_name(new.name or chat.title), creative=await owned(work.tx, owner_id, new.creative),
            unsub_window=check_window(new.unsub_window), auto_approve=new.auto_approve,
            cost_micros=new.cost_micros, currency=new.currency and currency_of(new.currency), now=work.now,
        )  # fmt: skip
        if made is None:
            raise Conflict("campaign_exists")
        await campaigns.add_link(work.tx, made, link, "", new.asks, work.now)
        work.event(owner_id, ground.bot.id, "campaign.created", campaign=made.id, chat=chat.chat_id)
        return made


def check_new(new: NewCampaign) -> None:
    """Raise `Invalid` for what can be seen to be unusable before Telegram is asked for anything."""
    check(new.creative)
    check_window(new.unsub_window)
    if new.name:
        check_name(new.name)
    if new.currency:
        currency_of(new.currency)
