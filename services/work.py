"""The unit of work: one write transaction, with everything it promises to the outside."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec

from domain import calls
from domain.actor import Actor, Door
from domain.calls import Call, Policy, Priority
from domain.clock import Clock
from domain.errors import Conflict, DuplicateUpdate
from domain.page import Page
from domain.webhooks import make_body, public_event
from services.signals import Signals
from services.vault import Vault
from storage import dialogs, events, outbox, updates, webhooks
from storage.database import Database, Tx
from storage.dialogs import Dialog
from storage.events import NewEvent
from storage.outbox import NewRow, Row

OUTBOX, WEBHOOKS, POSTBACKS = "outbox", "webhooks", "postbacks"  # topics: something waits to be sent
_encoder = msgspec.json.Encoder()


class Work:
    """What one transaction does. Calls, events and signals are written with it and take effect at commit."""

    def __init__(self, tx: Tx, now: datetime, door: Door | None, actor: Actor | None) -> None:
        self.tx, self.now, self.door, self.actor = tx, now, door, actor
        self.calls: list[tuple[int, Call, Policy, Priority, bool, datetime]] = []
        self.events: list[NewEvent] = []
        self.signals: list[tuple[str, Any]] = []

    def send(
        self,
        bot_id: int,
        call: Call,
        *,
        priority: Priority = Priority.REPLY,
        policy: Policy = Policy.REPEATABLE,
        sealed: bool = False,
        after: float = 0,
    ) -> None:
        """Promise a Bot API call. `sealed` encrypts it while it waits; `after` delays it by seconds."""
        due_at = self.now + timedelta(seconds=after)
        self.calls.append((bot_id, call, policy, priority, sealed, due_at))

    def reply(self, page: Page, *, sealed: bool = False, delete_after: int | None = None) -> None:
        """Answer where the actor spoke; nothing when he came through an API."""
        if (door := self.door) is None:
            return
        call = calls.send(
            door.chat_id,
            page,
            thread_id=door.thread_id,
            reply_to=None if door.private or door.pressed else door.message_id,
            delete_after=delete_after,
        )
        self.send(door.bot_id, call, sealed=sealed)

    def show(self, page: Page) -> None:
        """Turn the panel whose button was pressed into `page`; answer with it where no button was."""
        if (door := self.door) is not None and door.pressed and door.message_id is not None:
            self.send(door.bot_id, calls.edit(door.chat_id, door.message_id, page))
        else:
            self.reply(page)

    def event(self, owner_id: int, bot_id: int | None, kind: str, **data: Any) -> None:
        """Log what happened."""
        self.events.append(NewEvent(owner_id, bot_id, kind, data))

    def signal(self, topic: str, payload: Any) -> None:
        """Tell caches, in every process, once this is committed."""
        self.signals.append((topic, payload))

    async def ask(self, step: str, data: Mapping[str, Any] | None = None) -> None:
        """Wait for the actor's next message at `step` of a conversation; nothing through an API."""
        if self.door is not None and self.actor is not None:
            await dialogs.put(
                self.tx,
                self.door.bot_id,
                self.door.chat_id,
                self.actor.user_id,
                Dialog(step, data or {}),
                self.now,
            )

    async def asked(self, step: str) -> dict[str, Any]:
        """What was gathered for `step`, which the actor was asked at.

        Raises `Conflict` (wizard_over) when he is somewhere else by now: a button of an old message.
        """
        found = None
        if self.door is not None and self.actor is not None:
            found = await dialogs.get(self.tx, self.door.bot_id, self.door.chat_id, self.actor.user_id)
        if found is None or found.step != step:
            raise Conflict("wizard_over")
        return dict(found.data)

    async def end_dialog(self) -> bool:
        """The conversation is over; False when there was none."""
        if self.door is None or self.actor is None:
            return False
        return await dialogs.end(self.tx, self.door.bot_id, self.door.chat_id, self.actor.user_id)


class UnitOfWork:
    """Opens units of work: `async with self._work(actor) as work:`."""

    def __init__(self, db: Database, clock: Clock, vault: Vault, signals: Signals) -> None:
        self._db, self._clock, self._vault, self._signals = db, clock, vault, signals

    @asynccontextmanager
    async def __call__(self, actor: Actor | None = None, door: Door | None = None) -> AsyncIterator[Work]:
        """One write transaction, claimed for the update the actor came by.

        Raises `DuplicateUpdate` when that update was committed before: nothing happens twice. The house
        (no actor) and the APIs claim nothing.
        """
        door = door or (actor.door if actor else None)
        if door is not None:
            if door.spent:
                raise RuntimeError(f"update {door.update_id} opens a second unit of work: one is all it has")
            door.spent = True
        news: list[tuple[str, Any]] = []
        rows: list[Row] = []
        try:
            async with self._db.write() as tx:
                work = Work(tx, self._clock.now(), door, actor)
                if door is not None and not await updates.claim(tx, door.bot_id, door.update_id, work.now):
                    raise DuplicateUpdate
                yield work
                rows = await self._write(work)
                news = work.signals
        except BaseException:
            # Cut off during the commit: it may have been made all the same, and then caches are old. What
            # is promised is looked for in the database.
            self._tell(news, None if rows else [])
            raise
        self._tell(news, rows)

    async def _write(self, work: Work) -> list[Row]:
        """Write down what the unit of work has gathered; returns the promised calls."""
        rows = await outbox.put(work.tx, [self._row(*one) for one in work.calls], work.now)
        if work.events:
            await self._log(work)
        for topic, payload in work.signals:
            await self._signals.announce(work.tx, topic, payload)
        if rows:
            await self._signals.announce(work.tx, OUTBOX, None)
        return rows

    async def _log(self, work: Work) -> None:
        """Write events down, for the log and for the webhooks that are told of them."""
        told = False
        event_ids = await events.append(work.tx, work.events, work.now)
        for one, event_id in zip(work.events, event_ids, strict=True):
            public = public_event(one.kind, one.data)
            if public is not None and one.bot_id is not None:
                body = make_body(*public, event_id, work.now)
                told |= await webhooks.enqueue(work.tx, one.bot_id, event_id, public[0], body, work.now)
        if told:
            work.signal(WEBHOOKS, None)

    def _tell(self, news: Sequence[tuple[str, Any]], rows: list[Row] | None) -> None:
        for topic, payload in news:
            self._signals.dispatch(topic, payload)
        if rows or rows is None:
            self._signals.dispatch(OUTBOX, rows)

    def _row(
        self, bot_id: int, call: Call, policy: Policy, priority: Priority, sealed: bool, due_at: datetime
    ) -> NewRow:
        payload = _encoder.encode(call)
        if sealed:
            payload = self._vault.seal(payload, OUTBOX)
        return NewRow(bot_id, call.chat_id, call.method, payload, sealed, policy, priority, due_at)
