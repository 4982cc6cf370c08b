"""The anti-spam of chats as people set it up: settings, and trying a text."""

from collections.abc import Mapping
from typing import Any

from domain.actor import Actor, Right
from domain.antispam.evidence import is_spam, score
from domain.antispam.memory import ChatMemory
from domain.antispam.pipeline import Pipeline, post_of_text
from domain.antispam.settings import AntiSpamSettings, checked, from_document, read
from domain.antispam.spammers import nobody
from domain.antispam.views import AntiSpamView, Trial
from domain.bots import AdminChat, Bot
from domain.clock import Clock
from domain.errors import NotAllowed, NotFound, Refused
from domain.page import Page
from services.access import Access, Guarded, Permission, needs
from services.chats import CHAT_CHANGED
from services.directory import BotDirectory
from services.lessons import LessonBook
from services.spammers import Spammers
from services.work import UnitOfWork
from storage import antispam, chats, federation, lessons, memberships, moderation, settings
from storage.database import Database, Tx
from texts import antispam_panel as wording

FEATURE = "antispam"  # the name of the settings document


async def settings_of(tx: Tx, bot_id: int, chat_id: int) -> AntiSpamSettings:
    """The settings that work in a chat."""
    return from_document(await settings.merged(tx, bot_id, chat_id, FEATURE))


def own_names(bot: Bot, chat: AdminChat | None) -> frozenset[str]:
    """What a chat may always mention: the bot, and itself."""
    names = (bot.username, chat.username if chat is not None else None)
    return frozenset(f"@{name.lower()}" for name in names if name)


class AntiSpamService(Guarded):
    """Anti-spam settings. Chat id 0 is `_default`, which the other chats inherit from.

    `model_host` is where the installation's language model is; empty when it has none.
    """

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        lessons: LessonBook,
        spammers: Spammers,
        model_host: str = "",
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._directory = db, work, clock, directory
        self._lessons, self._spammers, self._model_host = lessons, spammers, model_host
        absent = {"known": not spammers.any, "judged": not model_host}
        self._absent = frozenset(name for name, lacks in absent.items() if lacks)

    @needs(Right.RESTRICT_MEMBERS)
    async def get(self, actor: Actor, bot_id: int, chat_id: int) -> AntiSpamView:
        """The settings that work in a chat. Raises `NotFound` (chat)."""
        async with self._db.read() as tx:
            return await self._view(tx, bot_id, chat_id)

    @needs(Permission.OWNER)
    async def all(self, actor: Actor, bot_id: int) -> dict[int, dict[str, Any]]:
        """What was set, chat by chat; 0 is `_default`."""
        async with self._db.read() as tx:
            return await settings.of_bot(tx, bot_id, FEATURE)

    @needs(Right.RESTRICT_MEMBERS)
    async def set(
        self,
        actor: Actor,
        bot_id: int,
        chat_id: int,
        changes: Mapping[str, Any],
        page: str = wording.MAIN,
    ) -> AntiSpamView:
        """Change settings (None: inherit again) and show the panel's `page` where a button was pressed.

        Raises `Invalid` naming the field (see `domain.antispam.settings.checked`), `NotAllowed` for a log
        chat the actor does not administer, `Refused` (judge_owner) when somebody but the bot's owner would
        have texts sent to another service.
        """
        stored = checked(changes)
        if stored.get("block_judged") and not await self.access.owns(actor, bot_id):
            raise Refused("judge_owner")
        if log_chat := stored.get("log_chat"):
            await self._check_log_chat(actor, bot_id, log_chat)
        async with self._work(actor) as work:
            document = await settings.change(work.tx, bot_id, chat_id, FEATURE, stored, work.now)
            from_document(document)
            work.signal(CHAT_CHANGED, [bot_id, chat_id])
            await work.end_dialog()
            view = await self._view(work.tx, bot_id, chat_id)
            work.show(await self._page(work.tx, actor, bot_id, view, page))
        return view

    @needs(Right.RESTRICT_MEMBERS)
    async def reset(self, actor: Actor, bot_id: int, chat_id: int) -> None:
        """Forget what was set for the chat: it inherits everything again."""
        async with self._work(actor) as work:
            await settings.remove(work.tx, bot_id, chat_id, FEATURE)
            work.signal(CHAT_CHANGED, [bot_id, chat_id])
            view = await self._view(work.tx, bot_id, chat_id)
            work.show(wording.main(actor.t, view))

    @needs(Right.RESTRICT_MEMBERS)
    async def log_here(self, actor: Actor, bot_id: int, chat_id: int) -> None:
        """`/antispam log here`: the log of this chat (for the owner: of all chats) is kept in this chat."""
        scope = 0 if await self.access.owns(actor, bot_id) else chat_id
        async with self._work(actor) as work:
            await settings.change(work.tx, bot_id, scope, FEATURE, {"log_chat": chat_id}, work.now)
            work.signal(CHAT_CHANGED, [bot_id, scope])
            work.reply(wording.logged_here(actor.t, everything=scope == 0), delete_after=60)

    @needs(Right.RESTRICT_MEMBERS)
    async def page(self, actor: Actor, bot_id: int, chat_id: int, name: str = wording.MAIN) -> Page:
        """A page of the panel. Raises `NotFound` (chat, button)."""
        async with self._db.read() as tx:
            return await self._page(tx, actor, bot_id, await self._view(tx, bot_id, chat_id), name)

    @needs(Permission.ANYONE)
    async def asks_model(self, actor: Actor, bot_id: int) -> str:
        """The host that doubtful messages of a bot's chats are sent to; empty when they are sent nowhere."""
        async with self._db.read() as tx:
            documents = await settings.of_bot(tx, bot_id, FEATURE)
        return self._model_host if any(one.get("block_judged") for one in documents.values()) else ""

    @needs(Right.RESTRICT_MEMBERS)
    async def ask(self, actor: Actor, bot_id: int, chat_id: int, field: str) -> None:
        """Ask for a value (`wording.ASKED`) or a text to try (`test`) in the private chat."""
        if field not in wording.ASKED:
            raise NotFound("button")
        async with self._work(actor) as work:
            view = await self._view(work.tx, bot_id, chat_id)
            await work.ask("antispam:value", {"chat": chat_id, "field": field})
            work.show(wording.ask(actor.t, view, field))

    @needs(Right.RESTRICT_MEMBERS)
    async def write(self, actor: Actor, bot_id: int, chat_id: int, field: str, text: str) -> None:
        """What was asked for came. Raises `Invalid` and keeps asking."""
        if field == wording.TEST:
            trial = await self.check(actor, bot_id, chat_id, text)
            async with self._work(actor) as work:
                await work.end_dialog()
                work.reply(wording.tried(actor.t, chat_id, trial))
            return
        await self.set(actor, bot_id, chat_id, {field: read(field, text)}, wording.page_of(field))

    @needs(Right.RESTRICT_MEMBERS)
    async def check(self, actor: Actor, bot_id: int, chat_id: int, text: str, user_id: int = 0) -> Trial:
        """What a chat's checks make of a text, without any side effect. Raises `NotFound` (chat).

        Memory, newcomers and the language model do not count. With a `user_id` it is told whether that person
        is exempt there, and it counts whether he is a known spammer.
        """
        bot = await self._directory.get(bot_id)
        async with self._db.read() as tx:
            view = await self._view(tx, bot_id, chat_id)
            chat = await chats.get(tx, bot_id, chat_id) if chat_id else None
            exempt = user_id in await moderation.approved_in(tx, bot_id, chat_id)
        if user_id and chat_id and not exempt:
            exempt = user_id in await self.access.administrators(bot_id, chat_id)
        if bot is None:
            raise NotFound("bot")
        post = post_of_text(bot_id, chat_id, user_id, text)
        await self._spammers.load()
        async with self._db.read() as tx:
            customer = await memberships.is_customer(tx, bot.owner_id, user_id, self._clock.now())
        lessons, listed = await self._lessons.of(bot.owner_id), nobody if customer else self._spammers.listed
        pipeline = Pipeline(view.settings, own_names(bot, chat), lessons, listed)
        doubt = pipeline.examine(post, ChatMemory())
        evidence = doubt.evidence if doubt is not None else ()
        return Trial(is_spam(evidence), score(evidence), evidence, view.settings.action, exempt)

    async def _view(self, tx: Tx, bot_id: int, chat_id: int) -> AntiSpamView:
        chat = await chats.get(tx, bot_id, chat_id) if chat_id else None
        if chat_id and chat is None:
            raise NotFound("chat")
        setup = await settings_of(tx, bot_id, chat_id)
        own = await settings.get(tx, bot_id, chat_id, FEATURE)
        now = self._clock.now()
        since = await antispam.guarded_since(tx, bot_id, chat_id) or now
        mode = setup.mode_at(now, since) if chat_id else setup.mode
        if chat is not None:
            return AntiSpamView(chat_id, chat.title, setup, own, mode, absent=self._absent)
        federated, learned = await federation.is_on(tx, bot_id), await lessons.learned(tx, bot_id)
        return AntiSpamView(0, None, setup, own, mode, federated, learned, self._absent)

    async def _page(self, tx: Tx, actor: Actor, bot_id: int, view: AntiSpamView, name: str) -> Page:
        if name == wording.LOG:
            mine = await self._log_chats(tx, actor, bot_id)
            return wording.log_page(actor.t, view, mine)
        return wording.PAGES.get(name, wording.main)(actor.t, view)

    async def _log_chats(self, tx: Tx, actor: Actor, bot_id: int) -> list[tuple[int, str]]:
        """Groups in which the actor may have a log kept."""
        groups = {c.chat_id: c.title for c in await chats.present(tx, bot_id) if c.type != "channel"}
        if await self.access.owns(actor, bot_id):
            return list(groups.items())
        mine = await chats.administered_by(tx, bot_id, actor.user_id)
        return [(chat_id, title) for chat_id, title, _ in mine if chat_id in groups]

    async def _check_log_chat(self, actor: Actor, bot_id: int, log_chat: int) -> None:
        async with self._db.read() as tx:
            known = await chats.get(tx, bot_id, log_chat)
        may = await self.access.allows(actor, Right.RESTRICT_MEMBERS, bot_id, log_chat)
        if known is None or not may:
            raise NotAllowed
