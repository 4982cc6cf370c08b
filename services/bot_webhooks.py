"""Where Telegram sends the updates of bots: their webhooks, or none with long polling."""

import logging

from domain.bots import ALLOWED_UPDATES, Bot
from domain.errors import GatehouseError, Refused, TelegramError, TelegramRefused
from domain.telegram import Telegram
from services.directory import BotDirectory
from services.vault import Vault, digest
from services.work import UnitOfWork
from storage import bots
from storage.database import Database

log = logging.getLogger(__name__)
CONNECTIONS = 40  # of Telegram's at once, for each bot


class BotWebhooks:
    """The webhooks of bots. Telegram reaches us at `public_url`, which is empty with long polling."""

    def __init__(
        self,
        db: Database,
        work: UnitOfWork,
        telegram: Telegram,
        directory: BotDirectory,
        vault: Vault,
        public_url: str,
    ) -> None:
        self._db, self._work, self._telegram = db, work, telegram
        self._directory, self._vault, self._public_url = directory, vault, public_url

    async def is_set(self, token: str, public_id: str) -> bool:
        """Whether Telegram sends the bot's updates here, all kinds of them, and with the right secret."""
        info = await self._telegram.ask_with(token, "getWebhookInfo")
        if not self._public_url:
            return not info.get("url")
        return (
            info.get("url") == self._address(public_id)
            and set(info.get("allowed_updates", ())) == set(ALLOWED_UPDATES)
            and "401" not in info.get("last_error_message", "")  # what we answer to a wrong secret
        )

    async def set_anew(self, token: str, public_id: str) -> bytes:
        """Set the webhook; returns the digest of its secret. With long polling there is none.

        The secret is the same for all processes as long as the token is. If each made up its own, two that
        start together could leave one's with Telegram and the other's in the database, and updates would be
        refused for an hour.
        """
        secret = self._vault.derive(f"webhook {public_id} {token}")
        if not self._public_url:
            await self._telegram.ask_with(token, "deleteWebhook")
            return digest(secret)
        try:
            await self._telegram.ask_with(
                token,
                "setWebhook",
                url=self._address(public_id),
                secret_token=secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=CONNECTIONS,
            )
        except TelegramRefused as error:
            log.warning("webhook refused", extra={"words": error.description})
            raise Refused("webhook", words=error.description) from None
        except TelegramError as error:
            error.details["during"] = "webhook"  # the bots API has a code for it
            raise
        return digest(secret)

    async def renew(self, token: str, bot: Bot) -> None:
        """Let Telegram send the bot's updates here, with a new secret."""
        secret_digest = await self.set_anew(token, bot.public_id)
        async with self._work() as work:
            await bots.change_secret(work.tx, bot.id, secret_digest)
            self._directory.changed(work, bot.id)

    async def withdraw(self, token: str, telegram_id: int) -> None:
        """The bot was not saved: its webhook is that of whoever has it connected, or none."""
        async with self._db.read() as tx:
            winner = await bots.by_telegram_id(tx, telegram_id)
        try:
            if winner is None or not winner.alive:
                await self._telegram.ask_with(token, "deleteWebhook")
            elif not await self.is_set(token, winner.public_id):
                await self.renew(token, winner)
        except GatehouseError as error:
            log.warning("webhook left behind", extra={"details": str(error.details)})

    def _address(self, public_id: str) -> str:
        return f"{self._public_url}/tg/{public_id}"
