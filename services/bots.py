"""Connecting bots, keeping them connected, letting them go."""

import logging
import re
import secrets
from dataclasses import dataclass
from typing import Any

from domain.actor import Actor
from domain.bots import ALLOWED_UPDATES, Bot
from domain.clock import Clock
from domain.errors import Conflict, GatehouseError, Invalid, NotFound, Refused, TelegramError, TelegramRefused
from domain.telegram import Telegram
from services.access import Access, Guarded, Permission, needs
from services.directory import TOKEN, BotDirectory
from services.vault import Vault, digest
from services.work import UnitOfWork, Work
from storage import accounts, bots, chats, outbox
from storage.database import Database
from texts import bots as wording

log = logging.getLogger(__name__)
_TOKEN = re.compile(r"\d{5,16}:[A-Za-z0-9_-]{30,64}")
WEBHOOK_CONNECTIONS = 40


@dataclass(frozen=True, slots=True)
class Reached:
    """Where Telegram can reach us: `public_url` is empty with long polling."""

    public_url: str

    def webhook(self, public_id: str) -> str:
        """The webhook address of a bot."""
        return f"{self.public_url}/tg/{public_id}"


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
        reached: Reached,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._telegram = db, work, clock, telegram
        self._directory, self._vault, self._reached = directory, vault, reached

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
        """Connect the bot of a BotFather token, or bring it back.

        Raises `Invalid` (token) when Telegram does not know it, `Conflict` (exists) when it is somebody
        else's, `Refused` (webhook) when Telegram does not take our address. Nothing stays half-connected.
        """
        token = token.strip()
        me = await self._me(token)
        async with self._db.read() as tx:
            known = await bots.by_telegram_id(tx, me["id"])
        if known is not None and known.owner_id != actor.user_id:
            raise Conflict("exists")
        public_id = known.public_id if known is not None else secrets.token_urlsafe(12)
        secret = secrets.token_urlsafe(32)
        await self._listen(token, public_id, secret)
        try:
            async with self._work(actor) as work:
                bot = await self._save(work, actor, me, token, public_id, secret)
                await work.end_dialog()
                work.reply(wording.connected(actor.t, bot))
        except GatehouseError:
            await self._withdraw(token, known)
            raise
        return bot

    @needs(Permission.HOUSE)
    async def connect_service(self, actor: Actor, token: str, owner_id: int) -> Bot:
        """Connect the service bot of the settings at start; its owner is the first of OWNER_IDS."""
        me = await self._me(token)
        async with self._db.read() as tx:
            known = await bots.by_telegram_id(tx, me["id"])
        public_id = known.public_id if known is not None else secrets.token_urlsafe(12)
        secret = secrets.token_urlsafe(32)
        await self._listen(token, public_id, secret)
        async with self._work() as work:
            owner = Actor(known.owner_id if known is not None and not owner_id else owner_id, actor.t)
            if known is not None and known.owner_id != owner.user_id:
                await bots.change_owner(work.tx, known.id, owner.user_id)
            return await self._save(work, owner, me, token, public_id, secret, is_service=True)

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
            self._directory.changed(work, bot_id)
            work.event(bot.owner_id, bot_id, "bot.disconnected", username=bot.username)
            work.show(wording.disconnected(actor.t, bot))
        try:
            await self._telegram.ask_with(token, "deleteWebhook")
        except TelegramError as error:  # the token may be revoked; updates find no bot from now on anyway
            log.info("webhook not dropped", extra={"bot": bot_id, "details": str(error.details)})

    @needs(Permission.HOUSE)
    async def refresh_webhooks(self, actor: Actor) -> int:
        """After a change of the public address: tell Telegram about it for every bot; returns how many."""
        done = 0
        for bot in await self._directory.all():
            if bot.is_service:
                continue  # connected anew at every start
            try:
                token = await self._directory.token(bot.id)
                if await self._is_listening(token, bot.public_id):
                    continue
                secret = secrets.token_urlsafe(32)
                await self._listen(token, bot.public_id, secret)
            except GatehouseError as error:
                log.warning("webhook not set", extra={"bot": bot.id, "details": str(error.details)})
                continue
            async with self._work() as work:
                await bots.change_secret(work.tx, bot.id, digest(secret))
                self._directory.changed(work, bot.id)
            done += 1
        return done

    async def _is_listening(self, token: str, public_id: str) -> bool:
        info = await self._telegram.ask_with(token, "getWebhookInfo")
        wanted = self._reached.webhook(public_id) if self._reached.public_url else ""
        return bool(info.get("url", "") == wanted)

    async def _me(self, token: str) -> dict[str, Any]:
        if not _TOKEN.fullmatch(token):
            raise Invalid("token", "token")
        try:
            me: dict[str, Any] = await self._telegram.ask_with(token, "getMe")
        except TelegramRefused:
            raise Invalid("token", "token") from None
        return me

    async def _listen(self, token: str, public_id: str, secret: str) -> None:
        if not self._reached.public_url:
            await self._telegram.ask_with(token, "deleteWebhook")
            return
        try:
            await self._telegram.ask_with(
                token,
                "setWebhook",
                url=self._reached.webhook(public_id),
                secret_token=secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=WEBHOOK_CONNECTIONS,
            )
        except TelegramRefused as error:
            log.warning("webhook refused", extra={"words": error.description})
            raise Refused("webhook", words=error.description) from None

    async def _withdraw(self, token: str, known: Bot | None) -> None:
        """The bot was not saved: no webhook of it may stay behind, unless it was connected before."""
        if known is not None and known.alive:
            return
        try:
            await self._telegram.ask_with(token, "deleteWebhook")
        except TelegramError as error:
            log.warning("webhook left behind", extra={"details": str(error.details)})

    async def _save(
        self,
        work: Work,
        owner: Actor,
        me: dict[str, Any],
        token: str,
        public_id: str,
        secret: str,
        is_service: bool = False,
    ) -> Bot:
        await accounts.ensure(work.tx, owner.user_id, work.now)
        bot = await bots.connect(
            work.tx,
            telegram_id=me["id"],
            owner_id=owner.user_id,
            public_id=public_id,
            username=me.get("username", ""),
            name=me["first_name"],
            token=self._vault.seal(token.encode(), TOKEN),
            secret_digest=digest(secret),
            is_service=is_service,
            manages_bots=bool(me.get("can_manage_bots")),
            now=work.now,
        )
        if bot is None:
            raise Conflict("exists")
        self._directory.changed(work, bot.id)
        work.event(owner.user_id, bot.id, "bot.connected", username=bot.username)
        return bot
