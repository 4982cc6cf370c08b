"""Connecting bots, keeping them connected, letting them go."""

import asyncio
import logging
import re
import secrets
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from domain.actor import Actor
from domain.bots import Bot
from domain.clock import Clock
from domain.errors import Conflict, GatehouseError, Invalid, NotFound, Refused, TelegramError, TelegramRefused
from domain.telegram import Telegram
from services.access import Access, Guarded, Permission, needs
from services.accounts import add_key
from services.bot_webhooks import BotWebhooks
from services.directory import TOKEN, BotDirectory
from services.menus import FEATURE as MENU
from services.menus import MenuService
from services.vault import Vault
from services.work import UnitOfWork, Work
from storage import accounts, bots, chats, outbox, settings, webhooks
from storage.database import Database
from storage.settings import DEFAULT_CHAT
from texts import bots as wording

log = logging.getLogger(__name__)
_TOKEN = re.compile(r"\d{5,16}:[A-Za-z0-9_-]{30,64}")


class BotService(Guarded):
    """Bots of an owner."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        telegram: Telegram,
        directory: BotDirectory,
        vault: Vault,
        hooks: BotWebhooks,
        menus: MenuService,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._telegram = db, work, clock, telegram
        self._directory, self._vault, self._hooks, self._menus = directory, vault, hooks, menus
        self._claim_code: str | None = None
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @needs(Permission.ACCOUNT)
    async def list(self, actor: Actor) -> list[Bot]:
        """All bots of the actor, disconnected ones included."""
        async with self._db.read() as tx:
            return await bots.of_owner(tx, actor.user_id)

    @needs(Permission.OWNER)
    async def get(self, actor: Actor, bot_id: int) -> Bot:
        """One connected bot of the actor."""
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot

    @needs(Permission.ACCOUNT)
    async def ask_for_token(self, actor: Actor) -> None:
        """Begin the conversation that connects a bot."""
        async with self._work(actor) as work:
            await work.ask("bots:token")
            manager = await self._directory.get(actor.door.bot_id) if actor.door else None
            work.reply(wording.ask_token(actor.t, can_create=manager is not None and manager.manages_bots))

    @needs(Permission.ACCOUNT)
    async def connect(self, actor: Actor, token: str) -> Bot:
        """Connect the bot of a BotFather token, bring it back, or take its new token over.

        Raises `Invalid` (token) when Telegram does not know it, `Conflict` (exists) when it is somebody
        else's, `Refused` (webhook) when Telegram does not take our address. Nothing stays half-connected.
        """
        token = token.strip()
        me = await self._me(token)
        # Two who connect the same bot at once would overwrite each other's webhook before one of them wins.
        async with self._turns.setdefault(me["id"], asyncio.Lock()):
            return await self._connect(actor, me, token)

    @needs(Permission.OWNER)
    async def connect_beside(self, actor: Actor, bot_id: int, token: str) -> tuple[Bot, str]:
        """Connect another bot for the owner of `bot_id`, and make a key for it; keys it has stay.

        A key of `bot_id` alone may do that: whoever holds a bot's token can do all with it anyway. Raises
        as `connect` does.
        """
        owner = replace(actor, bot_scope=None)
        bot = await self.connect(owner, token)
        async with self._work(owner) as work:
            key = await add_key(work, bot.owner_id, bot.id)
        return bot, key

    @needs(Permission.ACCOUNT)
    async def offer_to_create(self, actor: Actor, bot_id: int) -> None:
        """Show the button by which Telegram itself creates a bot that the service bot manages."""
        manager = await self._directory.get(bot_id)
        if manager is None or not manager.manages_bots:
            raise Refused("cannot_create_bots")
        async with self._work(actor) as work:
            work.reply(wording.ask_to_create(actor.t))

    @needs(Permission.ACCOUNT)
    async def adopt(self, actor: Actor, manager_id: int, telegram_id: int) -> Bot:
        """A bot was created through the manager, or got a new token: connect it for the actor, its owner."""
        token: str = await self._telegram.ask(manager_id, "getManagedBotToken", user_id=telegram_id)
        async with self._db.read() as tx:
            known = await bots.by_telegram_id(tx, telegram_id)
        if known is not None and known.alive and await self._directory.token(known.id) == token:
            return known  # the news was about something else
        try:
            return await self.connect(actor, token)
        except Refused as error:
            if isinstance(error.__cause__, TelegramError):
                raise error.__cause__ from None  # nobody is there to try again: the update comes again
            raise

    async def _connect(self, actor: Actor, me: dict[str, Any], token: str) -> Bot:
        async with self._db.read() as tx:
            known = await bots.by_telegram_id(tx, me["id"])
        if known is not None and known.owner_id != actor.user_id:
            raise Conflict("exists")
        public_id = known.public_id if known is not None else secrets.token_urlsafe(12)
        secret_digest = known.secret_digest if known is not None else b""
        alive = known is not None and known.alive
        renewed = known is not None and alive and await self._directory.token(known.id) != token
        try:
            # A webhook that works is left alone: its secret is known to nobody any more but Telegram.
            if not alive or not await self._hooks.is_set(token, public_id):
                secret_digest = await self._hooks.set_anew(token, public_id)
            async with self._work(actor) as work:
                # The service bot connected by hand stays what it is.
                is_service = known is not None and known.is_service
                bot = await self._save(
                    work, actor.user_id, me, token, public_id, secret_digest, is_service=is_service
                )
                await work.end_dialog()
                work.reply((wording.token_renewed if renewed else wording.connected)(actor.t, bot))
        except Exception:
            await self._hooks.withdraw(token, me["id"])
            raise
        if bot.public_id != public_id:  # another process has connected it for the same owner meanwhile
            await self._hooks.renew(token, bot)
        return bot

    @needs(Permission.HOUSE)
    async def connect_service(self, actor: Actor, token: str, owner_id: int) -> Bot:
        """Connect the service bot of the settings at start; its owner is the first of OWNER_IDS."""
        me = await self._me(token)
        async with self._db.read() as tx:
            known = await bots.by_telegram_id(tx, me["id"])
        public_id = known.public_id if known is not None else secrets.token_urlsafe(12)
        # Of several processes that start, each would replace the secret the others have just set.
        if known is not None and known.alive and await self._hooks.is_set(token, public_id):
            secret_digest = known.secret_digest
        else:
            secret_digest = await self._hooks.set_anew(token, public_id)
        async with self._work() as work:
            owner = known.owner_id if known is not None and not owner_id else owner_id
            if known is not None and known.owner_id != owner:
                await bots.change_owner(work.tx, known.id, owner)
                await webhooks.remove_all(work.tx, known.id)  # they are the earlier owner's
            bot = await self._save(work, owner, me, token, public_id, secret_digest, is_service=True)
        if bot.public_id != public_id:  # another process has connected it meanwhile, under another name
            await self._hooks.renew(token, bot)
        return bot

    @needs(Permission.HOUSE)
    async def offer(self, actor: Actor, bot_id: int) -> str:
        """A new one-time code that makes its first user the owner of a service bot nobody owns yet.

        It is shown where only the installer looks; an earlier code ends.
        """
        self._claim_code = secrets.token_urlsafe(16)
        return self._claim_code

    @needs(Permission.ACCOUNT)
    async def claim(self, actor: Actor, bot_id: int, code: str) -> None:
        """Become the owner of the service bot, by the code the installer was shown.

        Raises `Refused` (claim) for a wrong or used code, and when the bot has an owner.
        """
        if self._claim_code is None or not secrets.compare_digest(code.encode(), self._claim_code.encode()):
            raise Refused("claim")
        async with self._work(actor) as work:
            if not await bots.claim(work.tx, bot_id, actor.user_id):
                raise Refused("claim")
            await accounts.ensure(work.tx, actor.user_id, work.now)
            self._directory.changed(work, bot_id)
            work.event(actor.user_id, bot_id, "bot.claimed")
            work.reply(wording.claimed(actor.t))

    @needs(Permission.OWNER)
    async def disconnect(self, actor: Actor, bot_id: int) -> None:
        """Disconnect a bot: softly, its history is kept. Its webhook is dropped, its caches are cleared."""
        bot = await self.get(actor, bot_id)
        if bot.is_service:
            raise Refused("service_bot")
        token = await self._directory.token(bot_id)
        async with self._work(actor) as work:
            await bots.disconnect(work.tx, bot_id, work.now)
            await chats.forget_bot(work.tx, bot_id)
            await outbox.drop_bot(work.tx, bot_id)
            await settings.remove(work.tx, bot_id, DEFAULT_CHAT, MENU)
            self._directory.changed(work, bot_id)
            work.event(bot.owner_id, bot_id, "bot.disconnected", username=bot.username)
            work.show(wording.disconnected(actor.t, bot))
        try:
            await self._telegram.ask_with(token, "deleteWebhook")
        except TelegramError as error:  # the token may be revoked; updates find no bot from now on anyway
            log.info("webhook not dropped", extra={"bot": bot_id, "details": str(error.details)})
        await self._menus.clear(bot, token)

    @needs(Permission.HOUSE)
    async def refresh_webhooks(self, actor: Actor) -> int:
        """See that every bot's updates come to us, by webhook or (without an address) by being asked for.

        After a change of the public address they do not, nor when somebody else has used the token, or two
        processes have set a webhook at the same moment. Returns how many were set right.
        """
        done = 0
        for bot in await self._directory.all():
            try:
                token = await self._directory.token(bot.id)
                if await self._hooks.is_set(token, bot.public_id):
                    continue
                await self._hooks.renew(token, bot)
            except GatehouseError as error:
                log.warning("webhook not set", extra={"bot": bot.id, "details": str(error.details)})
                continue
            done += 1
        return done

    async def _me(self, token: str) -> dict[str, Any]:
        if not _TOKEN.fullmatch(token):
            raise Invalid("token", "token")
        try:
            me: dict[str, Any] = await self._telegram.ask_with(token, "getMe")
        except TelegramRefused:
            raise Invalid("token", "token") from None
        return me

    async def _save(
        self,
        work: Work,
        owner_id: int,
        me: dict[str, Any],
        token: str,
        public_id: str,
        secret_digest: bytes,
        is_service: bool = False,
    ) -> Bot:
        await accounts.ensure(work.tx, owner_id, work.now)
        bot = await bots.connect(
            work.tx,
            telegram_id=me["id"],
            owner_id=owner_id,
            public_id=public_id,
            username=me.get("username", ""),
            name=me["first_name"],
            token=self._vault.seal(token.encode(), TOKEN),
            secret_digest=secret_digest,
            is_service=is_service,
            manages_bots=bool(me.get("can_manage_bots")),
            now=work.now,
        )
        if bot is None:
            raise Conflict("exists")
        self._directory.changed(work, bot.id)
        work.event(owner_id, bot.id, "bot.connected", username=bot.username)
        return bot
