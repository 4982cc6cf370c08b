"""Prepares calls a little ahead of their moment: looks up what they say, commits the intent to make them.

Those that come together are prepared together: one look, one commit.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from delivery.deferred import DeferredCalls
from domain.calls import Call, Policy
from storage.outbox import Row

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Then:
    """What follows: `run` starts a task; `intend` commits intents and returns the ids that may be made; the
    others are told of each row that is prepared, not wanted any more, to be prepared again later, or given
    back after it was prepared."""

    run: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
    intend: Callable[[list[Row]], Awaitable[set[int]]]
    prepared: Callable[[Row], None]
    unwanted: Callable[[Row], None]
    later: Callable[[Row], None]
    given_back: Callable[[Row], None]


class Preparer:
    """Keeps the calls of rows from when they are prepared until they are made."""

    def __init__(self, deferred: DeferredCalls, then: Then) -> None:
        self._deferred, self._then = deferred, then
        self._waiting: list[Row] = []
        self._calls: dict[int, Call | None] = {}  # by row id; None: the row holds the call itself
        self._task: asyncio.Task[None] | None = None

    def add(self, row: Row) -> None:
        """Prepare a row, soon."""
        self._waiting.append(row)
        if self._task is None or self._task.done():
            self._task = self._then.run(self._all())

    def take(self, row: Row) -> Call | None:
        """The call of a row that is made now, where the row does not hold it."""
        return self._calls.pop(row.id, None)

    def drop(self, row: Row) -> None:
        """The row is not made now; one that was prepared is given back."""
        if row.id in self._calls:
            del self._calls[row.id]
            self._then.given_back(row)

    async def _all(self) -> None:
        await asyncio.sleep(0)  # those that come now are prepared together
        while self._waiting:
            rows, self._waiting = self._waiting, []
            try:
                await self._some(rows)
            except Exception:
                log.exception("calls not prepared")
                for row in rows:
                    self._then.later(row)

    async def _some(self, rows: list[Row]) -> None:
        calls: dict[int, Call | None] = {row.id: None for row in rows if row.source is None}
        calls |= await self._deferred.resolve(row for row in rows if row.source is not None)
        may = set(calls)
        if once := [row for row in rows if row.id in calls and row.policy is Policy.ONCE]:
            may -= {row.id for row in once} - await self._then.intend(once)
        for row in rows:
            if row.id in may:
                self._calls[row.id] = calls[row.id]
                self._then.prepared(row)
            else:
                self._then.unwanted(row)
