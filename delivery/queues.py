"""Sends to servers of owners: events to webhooks, postbacks to trackers.

Each server has a queue of its own, from which one delivery at a time is under way. Those that have failed
or were slow share a few places of their own, so however many servers are dead, the others do not wait.
"""

import asyncio
import logging
from typing import Any
from uuid import uuid4

from domain.actor import Actor
from domain.urls import Answer, Caller, NoAnswer
from domain.webhooks import KEPT_ANSWER, TIMEOUT
from services.queues import SendingQueue
from services.signals import Signals
from storage.queues import Parcel

log = logging.getLogger(__name__)
POLL = 1.0  # seconds between looks for deliveries that became due
PLACES = 128  # servers being sent to at a time
DOUBTFUL_PLACES = 32  # … and beside them those that have failed or were slow
TURN = 20  # deliveries to one server before others have their turn


class QueueDelivery:
    """The sender of one queue. With several processes, each server is one process's at a time."""

    def __init__(
        self,
        queue: SendingQueue[Any],
        topic: str,
        house: Actor,
        caller: Caller,
        signals: Signals,
        alone: bool,
    ) -> None:
        """`topic` signals that something waits. `alone`: there is one process only, and what is held at the
        start is left from its last life."""
        self._queue, self._house, self._caller, self._alone = queue, house, caller, alone
        self._me = uuid4().hex
        self._wake = asyncio.Event()
        self._sending: dict[bool, dict[int, asyncio.Task[None]]] = {False: {}, True: {}}  # by doubtful
        self._accepting = self._looking = False
        signals.on(topic, lambda _: self._wake.set())

    async def run(self) -> None:
        """Send until cancelled."""
        if self._alone and not any(self._sending.values()):
            await self._queue.let_go(self._house)
        self._accepting = True
        while True:
            self._wake.clear()
            self._looking = True
            try:
                if await self._queue.any_ready(self._house):
                    # Together: what becomes due meanwhile waits for one look at the database, not for two.
                    await asyncio.gather(self._take(False, PLACES), self._take(True, DOUBTFUL_PLACES))
            finally:
                self._looking = False
            try:
                async with asyncio.timeout(POLL):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def stop(self, seconds: float) -> None:
        """Begin nothing more, and give what is under way `seconds` to end. What is cut off is sent again."""
        self._accepting = False
        tasks = [task for group in self._sending.values() for task in group.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        await self._queue.let_go(self._house, self._me)

    async def idle(self) -> bool:
        """True when nothing that can be sent waits; what does is sent at once (for tests and scripts)."""
        if self._busy():
            return False
        if await self._queue.any_ready(self._house):
            self._wake.set()
        return not self._busy()  # what was not ready may have been taken while we looked

    def _busy(self) -> bool:
        return self._looking or self._wake.is_set() or any(self._sending.values())

    async def _take(self, doubtful: bool, places: int) -> None:
        room = places - len(self._sending[doubtful])
        if room <= 0 or not self._accepting:
            return
        busy = [receiver_id for group in self._sending.values() for receiver_id in group]
        for parcel in await self._queue.take(self._house, self._me, room, doubtful, busy):
            self._start(parcel, self._sending[doubtful])

    def _start(self, parcel: Parcel, group: dict[int, asyncio.Task[None]]) -> None:
        def ended(_: asyncio.Task[None]) -> None:
            del group[parcel.receiver_id]
            self._wake.set()  # something may have become due for it meanwhile, and there is a place again

        task = asyncio.create_task(self._send(parcel))  # noqa: TID251 - held in _sending, ended by stop()
        group[parcel.receiver_id] = task
        task.add_done_callback(ended)

    async def _send(self, first: Parcel) -> None:
        """Send to one server what is due, until nothing is, something fails, or it is others' turn."""
        parcel: Parcel | None = first
        try:
            for number in range(1, TURN + 1):
                if parcel is None or not self._accepting:
                    return
                result = await self._attempt(parcel)
                parcel = await self._queue.settle(
                    self._house, parcel, result, self._me, go_on=number < TURN and self._accepting
                )
        except Exception:  # what was not written down is sent again, with the same id
            log.exception("delivery not settled", extra={"receiver": first.receiver_id})

    async def _attempt(self, parcel: Parcel) -> Answer | NoAnswer:
        request = await self._queue.request(self._house, parcel)
        try:
            return await self._caller.request(
                request.method,
                request.url,
                headers=request.headers,
                body=request.body,
                keep=KEPT_ANSWER,
                seconds=TIMEOUT,
            )
        except NoAnswer as error:
            return error
