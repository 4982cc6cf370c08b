"""Long polling for installations without a public address: the same intake, fed by getUpdates."""

import asyncio
import logging
from collections import defaultdict
from typing import Any

import msgspec

from bot import fastlane
from bot.intake import Intake
from delivery.telegram import TelegramClient
from domain.bots import ALLOWED_UPDATES, Bot
from domain.errors import GatehouseError, TelegramFlood, TelegramRefused
from services.directory import BotDirectory

log = logging.getLogger(__name__)
WAIT = 50  # seconds Telegram holds the line open
PAUSE = 1.0  # seconds after a failure


class Polling:
    """Asks Telegram for the updates of one bot and confirms only what has been worked off."""

    def __init__(self, client: TelegramClient, directory: BotDirectory, intake: Intake) -> None:
        self._client, self._directory, self._intake = client, directory, intake

    async def run(self, bot: Bot) -> None:
        """Poll until cancelled; while the bot is disconnected, nothing is asked."""
        offset = 0
        done: set[int] = set()  # updates from the offset on that need not be worked off again
        while True:
            current = await self._directory.get(bot.id)
            if current is None:
                await asyncio.sleep(PAUSE)
                continue
            try:
                answer = await self._ask(bot.id, offset)
            except TelegramFlood as error:
                await asyncio.sleep(error.retry_after)
                continue
            except TelegramRefused as error:
                log.warning("polling refused", extra={"bot": bot.id, "words": error.description})
                await asyncio.sleep(10 * PAUSE)
                continue
            except GatehouseError:
                await asyncio.sleep(PAUSE)
                continue
            offset = await self._take(current, answer, offset, done)

    async def _ask(self, bot_id: int, offset: int) -> list[dict[str, Any]]:
        token = await self._directory.token(bot_id)
        params = {"offset": offset, "timeout": WAIT, "allowed_updates": ALLOWED_UPDATES}
        answer: list[dict[str, Any]] = await self._client.post(token, "getUpdates", params, timeout=WAIT + 15)
        return answer

    async def _take(self, bot: Bot, batch: list[dict[str, Any]], offset: int, done: set[int]) -> int:
        """Work a batch off, chats beside each other; returns the next offset.

        Telegram forgets what lies below the offset: it stops before the first update that has to come again.
        What was done beyond it is noted in `done`, so that one chat that has to wait (for a flood to pass,
        say) stops nobody else.
        """
        lanes: dict[object, list[dict[str, Any]]] = defaultdict(list)
        for update in batch:
            if update["update_id"] not in done:
                lanes[_lane(update)].append(update)
        await asyncio.gather(*(self._work_off(bot, lane, done) for lane in lanes.values()))
        for update in batch:
            if update["update_id"] not in done:
                await asyncio.sleep(PAUSE)
                break
            offset = max(offset, update["update_id"] + 1)
        done.difference_update([number for number in done if number < offset])
        return offset

    async def _work_off(self, bot: Bot, lane: list[dict[str, Any]], done: set[int]) -> None:
        """Work updates of one chat off in order, up to one that has to come again."""
        for update in lane:
            body = msgspec.json.encode(update)
            try:
                envelope = fastlane.decode(body)
            except msgspec.MsgspecError:  # it will look no better the next time
                log.exception("no update as we know them", extra={"bot": bot.id})
                done.add(update["update_id"])
                continue
            try:
                await self._intake.take(bot, envelope, body)
            except Exception as error:
                log.info("an update waits", extra={"bot": bot.id, "why": type(error).__name__})
                return
            done.add(update["update_id"])


def _lane(update: dict[str, Any]) -> object:
    """What an update must keep its order with: its chat, else its person."""
    for content in update.values():
        if isinstance(content, dict):
            chat = content.get("chat") or (content.get("message") or {}).get("chat")
            return (chat or content.get("from") or content.get("user") or {}).get("id")
    return None
