"""The way of an update: checked, worked off, committed; only then acknowledged.

Until we answer 200, Telegram keeps the update and sends it again: it is our durable inbox. Webhook and
long polling both come through `Intake.take`.
"""

import asyncio
import hmac
import logging
from contextlib import suppress
from time import perf_counter
from typing import cast

import msgspec
from aiohttp import HttpVersion11, web

from bot import fastlane
from bot.dispatcher import Dispatch
from bot.logs import redact
from bot.metrics import IntakeMetrics
from domain.bots import Bot
from domain.clock import Clock
from domain.errors import DuplicateUpdate, GatehouseError, TelegramFlood, TelegramUnreachable
from services.chatter import Chatter
from services.directory import BotDirectory
from services.recent import Recent
from services.vault import digest
from storage import updates
from storage.database import Database
from storage.outages import is_outage

log = logging.getLogger(__name__)
LARGEST_BODY = 256 * 1024  # bytes
MOST_IN_FLIGHT = 500  # updates worked on at a time; beyond that Telegram is asked to come again
POISON_AFTER = 3  # failures of one update
RETRY_AFTER = 2  # seconds
LET_PASS = 1  # seconds, at most, that other updates wait while somebody is about to pay
_NO_UPDATE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Busy(Exception):
    """The update cannot be worked off now; whoever sent it keeps it."""


class Intake:
    """Takes updates in."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        directory: BotDirectory,
        dispatch: Dispatch,
        chatter: Chatter,
        answered: Recent,
    ) -> None:
        self._db, self._clock, self._directory = db, clock, directory
        self._dispatch, self._chatter = dispatch, chatter
        # Pure reads leave no mark in the database: a redelivered /help is not answered again.
        self._answered = answered
        self.metrics = IntakeMetrics()
        self._in_flight = 0
        self._urgent = 0
        self._calm = asyncio.Event()  # nobody is about to pay
        self._calm.set()
        self.open = True

    @property
    def in_flight(self) -> int:
        """Updates being worked on."""
        return self._in_flight

    async def webhook(self, request: web.Request) -> web.Response:
        """`POST /tg/{public_id}`."""
        bot = await self._directory.by_public_id(request.match_info["public_id"])
        if bot is None:
            return _refuse(404, "There is no bot at this address.")
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(digest(secret), bot.secret_digest):
            return _refuse(401, "The secret token is wrong.")
        if request.content_length is not None and request.content_length > LARGEST_BODY:
            return _refuse(413, f"An update has at most {LARGEST_BODY} bytes.")
        try:
            body = await request.read()
            if len(body) > LARGEST_BODY:
                return _refuse(413, f"An update has at most {LARGEST_BODY} bytes.")
            envelope = fastlane.decode(body)
        except web.HTTPRequestEntityTooLarge:
            return _refuse(413, f"An update has at most {LARGEST_BODY} bytes.")
        except (*_NO_UPDATE, web.RequestPayloadError):
            return _refuse(400, "The body is not an update.")
        try:
            await self.take(bot, envelope, body)
        except Busy:
            return _refuse(503, "Busy. Please come again.", {"Retry-After": str(RETRY_AFTER)})
        except Exception:
            return _refuse(500, "The update could not be worked off. Please send it again.")
        if not request.keep_alive or request.version != HttpVersion11:
            return web.Response()
        return cast(web.Response, _Acknowledged(request))

    async def take(self, bot: Bot, envelope: fastlane.Envelope, body: bytes) -> None:
        """Work one update off. Returns when it may be acknowledged.

        Raises `Busy` when it cannot be now, and the failure itself while it is worth another try; the
        third failure of one update is recorded and acknowledged, so that it cannot block the others.
        """
        if not self.open or (self._in_flight >= MOST_IN_FLIGHT and not envelope.urgent):
            self.metrics.outcomes["busy"] += 1
            raise Busy
        self._in_flight += 1
        began = perf_counter()
        try:
            if envelope.urgent:
                await self._ahead(bot, envelope, body)
            else:
                if self._urgent:
                    await self._let_pass()
                await self._work_off(bot, envelope, body)
        except DuplicateUpdate:
            self.metrics.outcomes["duplicate"] += 1
        except (TelegramFlood, TelegramUnreachable) as error:  # an outage says nothing about the update
            self.metrics.outcomes["busy"] += 1
            log.info("telegram is out of reach for an update", extra={"details": str(error.details)})
            raise Busy from error
        except GatehouseError as error:
            self.metrics.outcomes["refused"] += 1
            log.info("update refused", extra={"code": error.code, "details": str(error.details)})
        except Exception as error:
            await self._failed(bot, envelope, error)
        else:
            self.metrics.outcomes["done"] += 1
        finally:
            self._in_flight -= 1
            self.metrics.took(perf_counter() - began)

    async def _ahead(self, bot: Bot, envelope: fastlane.Envelope, body: bytes) -> None:
        """Who is about to pay goes first: what is not urgent begins when he has his answer.

        Under a backlog a hundred updates take turns at every step, and his has ten seconds in all.
        """
        self._urgent += 1
        self._calm.clear()
        try:
            await self._work_off(bot, envelope, body)
        finally:
            self._urgent -= 1
            if not self._urgent:
                self._calm.set()

    async def _let_pass(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._calm.wait(), LET_PASS)

    async def _work_off(self, bot: Bot, envelope: fastlane.Envelope, body: bytes) -> None:
        post = fastlane.chatter(bot, envelope, self._dispatch.routes.commands)
        if post is not None:
            await self._chatter.hear(bot, post)
            return
        key = (bot.id, envelope.update_id)
        if key in self._answered:
            raise DuplicateUpdate
        await self._dispatch.feed(bot, msgspec.json.decode(body))
        self._answered.add(key)

    async def _failed(self, bot: Bot, envelope: fastlane.Envelope, error: Exception) -> None:
        update_id = envelope.update_id
        if is_outage(error):
            self.metrics.outcomes["busy"] += 1
            log.warning("the database is out of reach", extra={"error": type(error).__name__})
            raise Busy from error
        try:
            async with self._db.write() as tx:
                if await updates.is_processed(tx, bot.id, update_id):
                    return  # it took effect; only what came after the commit went wrong
                words = redact(f"{type(error).__name__}: {error}")[:500]
                attempts = await updates.record_failure(tx, bot.id, update_id, words, self._clock.now())
                given_up = attempts >= POISON_AFTER and not fastlane.has_payment(envelope.message)
                if given_up:
                    await updates.claim(tx, bot.id, update_id, self._clock.now())
        except Exception as second:
            raise Busy from second
        if not given_up:  # money is never given up: Telegram keeps telling of it for a day
            self.metrics.outcomes["failed"] += 1
            log.warning("update failed, it comes again", exc_info=error, extra={"attempt": attempts})
            raise error
        self.metrics.outcomes["poison"] += 1
        log.error("update given up", exc_info=error, extra={"bot": bot.id, "update": update_id})


class _Acknowledged:
    """An empty 200 for a kept connection, written as the bytes it is.

    Composing headers nobody reads takes aiohttp longer than the checks of a group's message take us. Of
    a response, aiohttp's server uses no more than what is here.
    """

    __slots__ = ("_transport",)
    keep_alive = True

    def __init__(self, request: web.Request) -> None:
        self._transport = request.transport

    async def prepare(self, request: web.BaseRequest) -> None:
        """There is nothing to compose."""

    async def write_eof(self) -> None:
        """Answer."""
        if self._transport is not None:
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def _refuse(status: int, words: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=words, headers=headers)
