"""Sending to webhooks: each attempt signed anew, and what answers nothing for days switched off."""

import logging
from datetime import datetime

from domain import calls
from domain.bots import Bot
from domain.calls import Priority
from domain.clock import Clock
from domain.urls import Answer
from domain.webhooks import Fate, Why, fate, request_headers
from services.access import Access
from services.directory import BotDirectory
from services.queues import Also, Request, SendingQueue
from services.reach import Mailbox, Reach
from services.vault import Vault
from services.webhooks import PURPOSE
from services.work import UnitOfWork, Work
from storage import webhook_queue
from storage.database import Database
from storage.webhook_queue import Parcel
from texts import webhooks as wording

log = logging.getLogger(__name__)


class WebhookQueue(SendingQueue[Parcel]):
    """The queue of events for webhooks."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        vault: Vault,
        directory: BotDirectory,
        reach: Reach,
    ) -> None:
        super().__init__(access, db, work, clock, webhook_queue.ROWS)
        self._vault, self._directory, self._reach = vault, directory, reach

    def _request(self, parcel: Parcel) -> Request:
        secrets = [self._vault.open(one, PURPOSE).decode() for one in parcel.secrets]
        headers = request_headers(
            secrets, parcel.event_id, self._clock.now(), parcel.body, parcel.attempts + 1
        )
        return Request("POST", parcel.url, headers, parcel.body)

    def _fate(self, parcel: Parcel, answer: Answer | None, now: datetime) -> Fate:
        tried, failed = parcel.attempts + 1, parcel.failures + 1
        return fate(answer, tried, failed, parcel.failing_since, now, self._jitter())

    async def _also(self, parcel: Parcel, outcome: Fate) -> Also | None:
        why = outcome.disable
        if why is None:
            return None
        bot = await self._directory.get(parcel.bot_id)
        mailbox = await self._reach.mailbox(parcel.bot_id, bot.owner_id) if bot is not None else None

        async def switch_off(work: Work) -> None:
            if await webhook_queue.disable(work.tx, parcel, why, work.now):
                _tell(work, parcel, bot, mailbox, why)

        return switch_off


def _tell(work: Work, parcel: Parcel, bot: Bot | None, mailbox: Mailbox | None, why: Why) -> None:
    """A webhook was switched off: its owner has to know, because events are lost to it from now on."""
    log.info("webhook switched off", extra={"webhook": parcel.webhook_id, "why": why.value})
    if bot is None:
        return
    work.event(bot.owner_id, bot.id, "webhook.disabled", webhook=parcel.webhook_id, why=why.value)
    if mailbox is not None:
        page = wording.switched_off(mailbox.t, bot, parcel.url, why)
        work.send(mailbox.bot_id, calls.send(mailbox.user_id, page), priority=Priority.TRIGGERED)
