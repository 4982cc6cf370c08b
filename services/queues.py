"""Sending to servers of owners, as far as it is written down: what is next, and what follows from each
answer. Webhooks and postbacks are two queues of this kind."""

import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from domain.actor import Actor
from domain.clock import Clock
from domain.urls import Answer, NoAnswer
from domain.webhooks import KEPT_ANSWER, SLOW, Attempt, Fate, arrived
from services.access import Access, Guarded, Permission, needs
from services.work import UnitOfWork, Work
from storage.database import Database
from storage.queues import Parcel, Queue

LEASE = timedelta(seconds=60)  # longer than any call; after a crash so much time is lost
KEEP = timedelta(days=30)  # of what was delivered, and of attempts
P = TypeVar("P", bound=Parcel)
Also = Callable[[Work], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    """One attempt as it is about to be made."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None = None


class SendingQueue(Guarded, ABC, Generic[P]):
    """The books of a sender (`delivery.queues`). House business only.

    `jitter` is a chance from 0 to 1: it keeps what failed together from coming back together.
    """

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        rows: Queue[P],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._rows, self._jitter = rows, jitter

    @abstractmethod
    def _request(self, parcel: P) -> Request:
        """The next attempt of a parcel."""

    @abstractmethod
    def _fate(self, parcel: P, answer: Answer | None, now: datetime) -> Fate:
        """What follows from an attempt that ended `now`."""

    def _tells_of(self, result: Answer | NoAnswer) -> bool:
        """Whether an attempt tells how the receiver is doing."""
        return True

    async def _also(self, parcel: P, outcome: Fate) -> Also | None:
        """What a fate changes besides the books, done in their transaction; looked up before it begins."""
        return None

    @needs(Permission.HOUSE)
    async def any_ready(self, actor: Actor) -> bool:
        """Whether something can be sent now."""
        async with self._db.read() as tx:
            return await self._rows.any_ready(tx, self._clock.now())

    @needs(Permission.HOUSE)
    async def take(
        self, actor: Actor, holder: str, limit: int, doubtful: bool, busy: Collection[int] = ()
    ) -> Sequence[P]:
        """Hold up to `limit` receivers for `holder`, and return what is to be sent to each first.

        `doubtful` ones have failed or were slow the last time; they get other places than the rest.
        `busy` ones are left out: what was sent to them may be written down without our having heard so.
        """
        async with self._db.write() as tx:
            return await self._rows.hold(
                tx, holder, self._clock.now(), LEASE, limit, doubtful=doubtful, busy=busy
            )

    @needs(Permission.HOUSE)
    async def request(self, actor: Actor, parcel: P) -> Request:
        """The next attempt of a parcel."""
        return self._request(parcel)

    @needs(Permission.HOUSE)
    async def settle(
        self, actor: Actor, parcel: P, result: Answer | NoAnswer, holder: str, go_on: bool
    ) -> P | None:
        """Write down what an attempt came to, and what follows from it.

        Returns what is to be sent to the same receiver next. None when there is nothing, when it failed, or
        when the sender does not `go_on`: then the receiver is free.
        """
        answer = result if isinstance(result, Answer) else None
        now = self._clock.now()
        outcome = self._fate(parcel, answer, now)
        also = await self._also(parcel, outcome)
        slow = timedelta(milliseconds=result.took_ms) > SLOW
        async with self._work() as work:
            # Without them it was removed meanwhile, or settled by a process that found us dead.
            if not await self._rows.lock(work.tx, parcel) or not await self._rows.note(
                work.tx, parcel, _attempt(parcel, result, now), outcome.state, outcome.due_at, now
            ):
                return None
            ok = arrived(answer)
            if self._tells_of(result):
                await self._rows.note_health(
                    work.tx, parcel, ok=ok, slow=slow, pause_until=outcome.pause_until, now=now
                )
            if also is not None:
                await also(work)
            following = None
            if ok and not slow and go_on:
                following = await self._rows.first(work.tx, parcel.receiver_id, now)
            until = now if following is None else now + LEASE
            held = await self._rows.renew(work.tx, parcel.receiver_id, holder, until)
        return following if held else None

    @needs(Permission.HOUSE)
    async def let_go(self, actor: Actor, holder: str | None = None) -> None:
        """Free everything `holder` holds; without a name, everything: for a process that is alone."""
        async with self._db.write() as tx:
            await self._rows.let_go(tx, self._clock.now(), holder)

    @needs(Permission.HOUSE)
    async def forget(self, actor: Actor) -> None:
        """Drop old attempts and what was delivered long ago. What was given up stays."""
        before = self._clock.now() - KEEP
        gone = 1
        while gone:
            async with self._db.write() as tx:
                gone = await self._rows.forget_before(tx, before)


def _attempt(parcel: Parcel, result: Answer | NoAnswer, now: datetime) -> Attempt:
    number = parcel.attempts + 1
    if isinstance(result, NoAnswer):
        return Attempt(number, now, None, None, result.reason, result.took_ms)
    return Attempt(number, now, result.status, result.body[:KEPT_ANSWER], None, result.took_ms)
