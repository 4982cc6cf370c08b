"""Long polling for installations without a public address: the same intake, fed by getUpdates."""

import asyncio
import logging
from typing import Any

import msgspec

from bot import fastlane
from bot.intake import Intake
from delivery.telegram import TelegramClient
from domain.bots import ALLOWED_UPDATES, Bot
from domain.errors import TelegramError, TelegramFlood, TelegramRefused
from services.directory import BotDirectory

log = logging.getLogger(__name__)
WAIT = 50  # seconds Telegram holds the line open
PAUSE = 1.0  # seconds after a failure


class Polling:
    """Asks Telegram for the updates of one bot and confirms only what has been worked off."""

    def __init__(self, client: TelegramClient, directory: BotDirectory, intake: Intake) -> None:
        self._client, self._directory, self._intake = client, directory, intake

    async def run(self, bot: Bot) -> None:
        """Poll until cancelled or the bot is disconnected."""
        offset = 0
        while (current := await self._directory.get(bot.id)) is not None:
            try:
                answer = await self._ask(bot.id, offset)
            except TelegramFlood as error:
                await asyncio.sleep(error.retry_after)
                continue
            except TelegramRefused as error:
                log.warning("polling refused", extra={"bot": bot.id, "words": error.description})
                await asyncio.sleep(10 * PAUSE)
                continue
            except TelegramError:
                await asyncio.sleep(PAUSE)
                continue
            offset = await self._take(current, answer, offset)

    async def _ask(self, bot_id: int, offset: int) -> list[dict[str, Any]]:
        token = await self._directory.token(bot_id)
        params = {"offset": offset, "timeout": WAIT, "allowed_updates": ALLOWED_UPDATES}
        answer: list[dict[str, Any]] = await self._client.post(token, "getUpdates", params, timeout=WAIT + 15)
        return answer

    async def _take(self, bot: Bot, batch: list[dict[str, Any]], offset: int) -> int:
        """Work a batch off in order; an update that fails is asked for again before any later one."""
        for update in batch:
            body = msgspec.json.encode(update)
            try:
                await self._intake.take(bot, fastlane.decode(body), body)
            except Exception as error:
                log.info("an update waits", extra={"bot": bot.id, "why": type(error).__name__})
                await asyncio.sleep(PAUSE)
                return offset
            offset = max(offset, int(update["update_id"]) + 1)
        return offset
