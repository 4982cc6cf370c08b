"""The conversation that makes a campaign: the bot, the chat, a name, what newcomers are told."""

from typing import Any

from domain.actor import Actor
from domain.bots import Bot
from domain.campaigns import check_name
from domain.creatives import Creative, Sent
from domain.errors import Conflict, NotAllowed, NotFound
from domain.telegram import Files
from services.access import Access, Guarded, Permission, needs
from services.bots import BotService
from services.campaign_fields import content_of, kept
from services.campaign_making import CampaignMaker, Ground, NewCampaign, check_new
from services.campaign_panels import panel
from services.chats import ChatService
from services.work import UnitOfWork, Work
from storage import dialogs
from storage.database import Database
from texts import campaign_links as link_wording
from texts import newcampaign as own_wording

SKIP = "-"  # the name is the chat's, the greeting ours


class NewCampaignService(Guarded):
    """The draft lives in the dialog, so it survives a restart and is gone when cancelled."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        maker: CampaignMaker,
        bots: BotService,
        chats: ChatService,
        files: Files,
        public_url: str,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._maker = db, work, maker
        self._bots, self._chats, self._files, self._public_url = bots, chats, files, public_url

    @needs(Permission.ACCOUNT)
    async def begin(self, actor: Actor, tenant: Bot) -> None:
        """Begin: with the bot spoken to, or in the service bot with the choice of one."""
        found = [bot for bot in await self._bots.list(actor) if bot.alive]
        if not tenant.is_service:
            found = [bot for bot in found if bot.id == tenant.id]
        if len(found) == 1:
            await self.choose_bot(actor, found[0].id)
            return
        async with self._work(actor) as work:
            if found:
                await work.ask("newcampaign:bot")
            work.show(own_wording.choose_bot(actor.t, found))

    @needs(Permission.ACCOUNT)
    async def choose_bot(self, actor: Actor, bot_id: int) -> None:
        """The bot; its chats are shown. Raises `NotAllowed` for one that is not the actor's."""
        bot = await self._bots.get(actor, bot_id)
        found = await self._chats.pickable(actor, bot_id)
        async with self._work(actor) as work:
            if found:
                await work.ask("newcampaign:chat", {"bot": bot_id})
            work.show(own_wording.choose_chat(actor.t, bot, found))

    @needs(Permission.ACCOUNT)
    async def choose_chat(self, actor: Actor, chat_id: int) -> None:
        """The chat. Raises `NotFound` (bot, chat), `Conflict` (campaign_exists, wizard_over)."""
        draft = await self._draft(actor, "chat")
        ground = await self._maker.look(actor, int(draft["bot"]), chat_id)
        async with self._work(actor) as work:
            draft = await work.asked("newcampaign:chat")
            await work.ask("newcampaign:name", draft | {"chat": chat_id, "title": ground.chat.title})
            work.show(own_wording.ask_name(actor.t, ground.chat))

    @needs(Permission.ACCOUNT)
    async def name(self, actor: Actor, text: str) -> None:
        """The name; a dash for the chat's own. Raises `Invalid` (name), `Conflict` (wizard_over)."""
        await self._draft(actor, "name")
        async with self._work(actor) as work:
            draft = await work.asked("newcampaign:name")
            name = check_name(str(draft["title"])[:128] if text == SKIP else text)
            await work.ask("newcampaign:text", draft | {"name": name})
            work.show(own_wording.ask_text(actor.t))

    @needs(Permission.ACCOUNT)
    async def finish(self, actor: Actor, sent: Sent | None) -> None:
        """What newcomers are told (None: our own greeting); the campaign is made.

        Raises as `services.campaigns.CampaignService.add`, `Conflict` (wizard_over), and stays there.
        """
        draft = await self._draft(actor, "text")
        content = b"" if sent is None else await content_of(self._files, actor, sent)
        new = _new(draft, Creative(text=sent.text) if sent is not None else Creative())
        check_new(new)
        ground = await self._maker.look(actor, new.bot_id, new.chat_id)
        link = await self._maker.make_link(ground, new.name, asks=False, public=True)
        try:
            async with self._work(actor) as work:
                await self._make(work, actor, draft, sent, content, (ground, link))
        except Exception:
            await self._maker.drop_link(ground, link)
            raise

    async def _make(
        self,
        work: Work,
        actor: Actor,
        draft: dict[str, Any],
        sent: Sent | None,
        content: bytes,
        prepared: tuple[Ground, str],
    ) -> None:
        if await work.asked("newcampaign:text") != draft:
            raise Conflict("wizard_over")
        creative = Creative()
        if sent is not None:
            creative = await kept(work, actor, creative, sent, content)
        new = _new(draft, creative)
        check_new(new)
        made = await self._maker.place(work, actor.user_id, new, *prepared)
        await work.end_dialog()
        shown = await panel(work.tx, actor.user_id, made.id, self._public_url)
        work.show(link_wording.links(actor.t, shown))

    async def _draft(self, actor: Actor, step: str) -> dict[str, Any]:
        """What was gathered so far, before the unit of work.

        Raises `Conflict` (wizard_over), `NotAllowed` when the bot is not the actor's any more.
        """
        door = actor.door
        if door is None:
            raise NotFound("button")
        async with self._db.read() as tx:
            found = await dialogs.get(tx, door.bot_id, door.chat_id, actor.user_id)
        if found is None or found.step != f"newcampaign:{step}":
            raise Conflict("wizard_over")
        if not await self.access.owns(actor, int(found.data["bot"])):
            raise NotAllowed
        return dict(found.data)


def _new(draft: dict[str, Any], creative: Creative) -> NewCampaign:
    return NewCampaign(int(draft["bot"]), int(draft["chat"]), str(draft["name"]), creative)
