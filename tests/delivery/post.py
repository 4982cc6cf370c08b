"""A post office for tests of postbacks: what is to be called, and senders for it."""

from typing import Any

from delivery.queues import QueueDelivery
from domain.leads import LeadStatus
from domain.postbacks import Filter, Postback, origin
from domain.urls import Caller
from services.access import Access
from services.directory import BotDirectory
from services.postback_queue import PostbackQueue
from services.work import POSTBACKS
from storage import postbacks
from storage.database import Database
from tests.delivery.courier import Courier

OLGA, CAMPAIGN = 1, 12


class Post(Courier):
    """As a courier of webhooks, but it calls trackers; `caller` is the real one where a test brings it."""

    def __init__(self, db: Database, caller: Caller | None = None) -> None:
        super().__init__(db)
        directory = BotDirectory(db, self.signals, self.vault)
        access = Access(db, self.clock, None, directory, frozenset())  # type: ignore[arg-type]
        self.calls_by: Caller = caller or self.receivers
        self.postbacks = PostbackQueue(access, db, self.work, self.clock)
        self._events = 0

    async def call(self, *urls: str) -> None:
        """A lead whose step is told to each of these URLs."""
        async with self.work() as work:
            for url in urls:
                self._events += 1
                await postbacks.write(
                    work.tx, OLGA, origin(url), url, f"event {self._events}", work.now,
                    campaign_id=CAMPAIGN, status=LeadStatus.APPROVE, lead_id=1, entry=1,
                )  # fmt: skip
            work.signal(POSTBACKS, None)

    def sender(self, *, alone: bool = True) -> QueueDelivery:
        return QueueDelivery(self.postbacks, POSTBACKS, self.house, self.calls_by, self.signals, alone)

    async def told(self) -> list[Postback]:
        """Everything that was or is to be called, the oldest first."""
        async with self.db.read() as tx:
            return (await postbacks.log(tx, OLGA, Filter(), 1000))[::-1]

    async def tries(self, postback_id: int) -> list[Any]:
        """Its attempts, the oldest first."""
        async with self.db.read() as tx:
            return list(await postbacks.attempts(tx, OLGA, postback_id, 50))[::-1]
