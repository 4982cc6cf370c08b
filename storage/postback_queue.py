"""The queues of postbacks (`storage.queues`): one for each server of an owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from storage.queues import Queue
from storage.tables.postbacks import postback, postback_attempt, postback_endpoint


@dataclass(frozen=True, slots=True)
class Parcel:
    """A postback that is due. `attempts` are those made so far, `failures` the endpoint's in a row."""

    id: int
    endpoint_id: int
    owner_id: int
    event_id: str
    url: str
    attempts: int
    failures: int
    failing_since: datetime | None

    @property
    def receiver_id(self) -> int:
        return self.endpoint_id

    @property
    def tenant_id(self) -> int:
        return self.owner_id


class _Postbacks(Queue[Parcel]):
    def _columns(self) -> Sequence[ColumnElement[Any]]:
        return (
            postback.c.id, postback.c.endpoint_id, postback.c.owner_id, postback.c.event_id, postback.c.url,
            postback.c.attempts, postback_endpoint.c.failures, postback_endpoint.c.failing_since,
        )  # fmt: skip

    def _parcel(self, row: Any, now: datetime) -> Parcel:
        return Parcel(**row._mapping)


ROWS = _Postbacks(
    postback_endpoint,
    postback,
    postback_attempt,
    receiver=postback.c.endpoint_id,
    item=postback_attempt.c.postback_id,
    tenant="owner_id",
)
