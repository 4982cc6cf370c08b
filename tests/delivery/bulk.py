"""A post office that sends broadcasts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import select

from bench.mailing import FIRST, Mailing
from bot.i18n import Languages
from delivery.outbox import Listeners, OutboxDelivery
from delivery.pacing import BotPace, ChatPaces
from domain.actor import Actor
from domain.broadcasts import Broadcast, BroadcastStatus
from services.access import Access
from services.deferred import DEFERRED, DeferredSource
from services.directory import BOT_CHANGED, BotDirectory
from services.people import PeopleService
from services.recipients import FollowUps, Recipients
from storage.tables.broadcasts import broadcast_recipient
from tests.delivery.office import Post


class Fast(BotPace):
    """No pace: these tests are about books."""

    def wait(self, now: float) -> float:
        return 0.0


class Bulk(Post):
    """A post office that sends broadcasts."""

    mailing: Mailing
    bot_id: int
    campaign_id: int

    def new_delivery(self) -> OutboxDelivery:
        directory = BotDirectory(self.db, self.signals, self.vault)
        speak = Languages().translator
        self.sources: list[DeferredSource] = [
            Recipients(self.db, self.work, self.clock, directory, speak),
            FollowUps(self.db, self.clock, speak),
        ]
        access = Access(self.db, self.clock, self.telegram, directory, frozenset())
        people = PeopleService(access, self.db, self.work, self.clock, self.signals)

        async def shut_out(bot_id: int, chat_id: int, words: str) -> None:
            await people.blocked(Actor(0, speak()), bot_id, chat_id)

        async def migrated(*what: Any) -> None:
            raise AssertionError("people do not move")

        return OutboxDelivery(
            self.db, self.telegram, self.vault, self.clock, self.signals, Listeners(shut_out, migrated),
            lambda: (self.pace(), ChatPaces()), self.sources,
        )  # fmt: skip

    def pace(self) -> BotPace:
        """The pace of the bot."""
        return Fast(10_000)

    async def open_mail(self, people: int = 10) -> None:
        """A bot with a campaign of so many people."""
        self.mailing = Mailing(self.db, self.clock.now())
        self.bot_id = await self.mailing.bot()
        self.signals.dispatch(BOT_CHANGED, self.bot_id)
        self.campaign_id = await self.mailing.campaign(self.bot_id)
        await self.mailing.people(self.bot_id, self.campaign_id, range(FIRST, FIRST + people))

    async def start(self, one: Broadcast) -> None:
        """Start a broadcast, as the service does."""
        await self.mailing.start(one)
        self.signals.dispatch(DEFERRED, None)

    async def resume(self, one: Broadcast) -> None:
        """Let it go on."""
        await self.mailing.put(one, BroadcastStatus.RUNNING)
        self.signals.dispatch(DEFERRED, None)

    async def counted(self, one: Broadcast) -> Counter[str]:
        """Its recipients by state."""
        return Counter((await self.mailing.states(one)).values())

    async def message_ids(self, one: Broadcast) -> dict[int, int | None]:
        """The messages its recipients got, by user id."""
        c = broadcast_recipient.c
        async with self.db.read() as tx:
            rows = await tx.execute(select(c.user_id, c.message_id).where(c.broadcast_id == one.id))
            return {row.user_id: row.message_id for row in rows}

    @property
    def reached(self) -> Counter[int]:
        """Whom Telegram was asked to write to, and how often."""
        return Counter(
            params["chat_id"] for _, method, params in self.telegram.made if method == "sendMessage"
        )

    @asynccontextmanager
    async def held(self) -> AsyncIterator[asyncio.Event]:
        """Telegram does not answer until the event is set."""
        answer, ask = asyncio.Event(), self.telegram.ask

        async def slow(bot_id: int, method: str, /, **params: Any) -> Any:
            result = await ask(bot_id, method, **params)
            await answer.wait()
            return result

        self.telegram.ask = slow  # type: ignore[method-assign]
        yield answer
