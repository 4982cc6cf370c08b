"""Sending postbacks: a GET of the URL as it was when the lead changed, the same at every try."""

from datetime import datetime

from domain.clock import Clock
from domain.postbacks import fate, request_headers
from domain.urls import Answer, NoAnswer
from domain.webhooks import Fate
from services.access import Access
from services.queues import Request, SendingQueue
from services.work import UnitOfWork
from storage import postback_queue
from storage.database import Database
from storage.postback_queue import Parcel


class PostbackQueue(SendingQueue[Parcel]):
    """The queue of postbacks. Nothing switches a server off: owners see in the log what was given up."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork, clock: Clock) -> None:
        super().__init__(access, db, work, clock, postback_queue.ROWS)

    def _request(self, parcel: Parcel) -> Request:
        return Request("GET", parcel.url, request_headers(parcel.event_id, parcel.attempts + 1))

    def _tells_of(self, result: Answer | NoAnswer) -> bool:
        """A server our own guard keeps us from calling has not failed: its other postbacks do not wait."""
        return not (isinstance(result, NoAnswer) and result.denied)

    def _fate(self, parcel: Parcel, answer: Answer | None, now: datetime) -> Fate:
        return fate(answer, parcel.attempts + 1, parcel.failures + 1, now, self._jitter())
