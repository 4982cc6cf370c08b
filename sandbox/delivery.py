"""Carries updates to webhooks: in order per lane, again and again until a 2xx answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import aiohttp

from sandbox.model import Bot, Json
from sandbox.updates import Lane, StoredUpdate, Webhook

ReplyRunner = Callable[[Bot, Json], Awaitable[None]]


class Deliverer:
    """Webhook deliveries of all bots.

    Args:
        run_reply: executes a method call that a webhook answered with.
        first_delay, longest_delay: seconds before a redelivery, doubling in between.
    """

    def __init__(
        self, run_reply: ReplyRunner, *, first_delay: float = 0.05, longest_delay: float = 2.0
    ) -> None:
        self.first_delay = first_delay
        self.longest_delay = longest_delay
        self.timeout = 60.0
        self.duplicate_everything = False
        self.stopped = False
        self.paused = False
        self._run_reply = run_reply
        self._session: aiohttp.ClientSession | None = None
        self._lanes: dict[tuple[int, Lane], asyncio.Task[None]] = {}
        self._slots: dict[int, tuple[Webhook, asyncio.Semaphore]] = {}

    def wake(self, bot: Bot) -> None:
        """Start a carrier for every lane of the bot that has none."""
        if self.stopped or self.paused or bot.feed.webhook is None:
            return
        for lane in bot.feed.waiting:
            key = (bot.id, lane)
            if key not in self._lanes:
                task = asyncio.get_running_loop().create_task(
                    self._carry(bot, lane), name=f"sandbox-lane-{bot.username}-{lane}"
                )
                self._lanes[key] = task

    async def close(self) -> None:
        """Stop carrying; what is undelivered stays pending."""
        self.stopped = True
        tasks = list(self._lanes.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _carry(self, bot: Bot, lane: Lane) -> None:
        delay = self.first_delay
        try:
            while (webhook := bot.feed.webhook) is not None and not self.paused:
                queue = bot.feed.waiting.get(lane)
                if not queue:
                    return
                update = queue[0]
                wait = await self._deliver(bot, webhook, update)
                if wait is None:
                    delay = self.first_delay
                    bot.feed.acknowledge(update)
                    continue
                update.status = "pending"
                bot.feed.changed(bot.feed)
                await asyncio.sleep(max(wait, delay))
                delay = min(delay * 2, self.longest_delay)
        finally:
            self._lanes.pop((bot.id, lane), None)

    async def _deliver(self, bot: Bot, webhook: Webhook, update: StoredUpdate) -> float | None:
        """Post once (twice when everything is duplicated); None means acknowledged.

        Otherwise the seconds the webhook asked to wait, zero when it named none.
        """
        wait = await self._attempt(bot, webhook, update)
        if wait is None and self.duplicate_everything:
            wait = await self._attempt(bot, webhook, update)
        return wait

    async def _attempt(self, bot: Bot, webhook: Webhook, update: StoredUpdate) -> float | None:
        async with self._slot(bot, webhook):
            update.status = "sending"
            update.attempts += 1
            headers = {"Content-Type": "application/json"}
            if webhook.secret:
                headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret
            try:
                async with self._client().post(
                    webhook.url, data=json.dumps(update.body), headers=headers
                ) as answer:
                    status, body = answer.status, await answer.read()
                    retry_after = answer.headers.get("Retry-After", "")
                    is_json = answer.content_type == "application/json"
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                return self._failed(bot, webhook, update, _connection_words(error), "")
        if not 200 <= status < 300:
            words = f"Wrong response from the webhook: {status}"
            return self._failed(bot, webhook, update, words, retry_after)
        update.last_error = None
        if is_json:
            await self._reply(bot, body)
        return None

    def _failed(
        self, bot: Bot, webhook: Webhook, update: StoredUpdate, words: str, retry_after: str
    ) -> float:
        update.last_error = webhook.last_error_message = words
        webhook.last_error_date = bot.feed.clock.unix()
        try:
            return max(0.0, float(retry_after))
        except ValueError:
            return 0.0

    async def _reply(self, bot: Bot, body: bytes) -> None:
        try:
            call = json.loads(body)
        except ValueError:
            return
        if isinstance(call, dict) and isinstance(call.get("method"), str):
            await self._run_reply(bot, call)

    def _slot(self, bot: Bot, webhook: Webhook) -> asyncio.Semaphore:
        held = self._slots.get(bot.id)
        if held is None or held[0] is not webhook:
            held = self._slots[bot.id] = (webhook, asyncio.Semaphore(webhook.max_connections))
        return held[1]

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=self.timeout),
            )
        return self._session


def _connection_words(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "Read timeout expired"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "Connection refused"
    return f"Connection failed: {error}"
