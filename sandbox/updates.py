"""Updates of one bot: what is queued, what was delivered, in which order it must go out.

Telegram keeps an update until the bot acknowledges it: by a 2xx answer of its webhook or by the
next ``getUpdates`` with a higher offset. Order is kept per chat for messages and per user for
callbacks and membership changes; these queues are independent of each other.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.errors import TelegramError, bad_request
from sandbox.model import Json

Lane = tuple[str, int]

UPDATE_KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "subscription",
    "stopped_message_generation",
)
NAMED_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that come only when ``allowed_updates`` names them."""
POLLER_PATIENCE = 1.0
DEFAULT_KINDS = frozenset(UPDATE_KINDS) - NAMED_ONLY


@dataclass(slots=True)
class Webhook:
    """Where updates go."""

    url: str
    secret: str = ""
    max_connections: int = 40
    ip_address: str | None = None
    custom_certificate: bool = False
    last_error_date: int | None = None
    last_error_message: str | None = None


@dataclass(eq=False, slots=True)
class StoredUpdate:
    """An update and its fate: ``pending``, ``sending`` or ``acknowledged``."""

    update_id: int
    kind: str
    body: Json
    lane: Lane
    status: str = "pending"
    attempts: int = 0
    last_error: str | None = None
    date: float = 0.0


@dataclass(eq=False)
class UpdateFeed:
    """All updates of one bot since the sandbox started, and how they leave."""

    next_id: int
    clock: Clock
    changed: Callable[[UpdateFeed], None]
    """Called after every change of the queue or of the way out."""
    stops: Callable[[str, Json, Lane], bool] = lambda kind, payload, lane: False
    """Asked about every new update: True keeps it from the bot."""
    log: list[StoredUpdate] = field(default_factory=list)
    waiting: dict[Lane, deque[StoredUpdate]] = field(default_factory=dict)
    allowed: frozenset[str] = DEFAULT_KINDS
    allowed_as_set: list[str] | None = None
    webhook: Webhook | None = None
    polled_at: float = float("-inf")
    poller: asyncio.Future[None] | None = None
    pending_count: int = 0

    def push(self, kind: str, payload: Json, lane: Lane, *, late: bool = False) -> None:
        """Queue an update unless the bot did not ask for its kind, or a fault keeps it back.

        ``late`` is for one that was kept back before.
        """
        if kind not in self.allowed or (not late and self.stops(kind, payload, lane)):
            return
        update_id = self.next_id
        self.next_id += 1
        self._queue(update_id, kind, {"update_id": update_id, kind: payload}, lane)

    def inject(self, body: Json) -> StoredUpdate:
        """Queue a hand-made update; without ``update_id`` it gets the next one."""
        update_id = int(body.get("update_id", self.next_id))
        self.next_id = max(self.next_id, update_id + 1)
        kind = next((name for name in body if name != "update_id"), "unknown")
        return self._queue(update_id, kind, {**body, "update_id": update_id}, ("raw", 0))

    def repeat(self, update_id: int) -> StoredUpdate | None:
        """Queue an update of the past again, with the same id; None when no update had it."""
        for update in self.log:
            if update.update_id == update_id:
                return self._queue(update_id, update.kind, update.body, update.lane)
        return None

    def _queue(self, update_id: int, kind: str, body: Json, lane: Lane) -> StoredUpdate:
        update = StoredUpdate(update_id, kind, body, lane, date=self.clock.time())
        self.log.append(update)
        self.waiting.setdefault(lane, deque()).append(update)
        self.pending_count += 1
        if self.poller is not None and not self.poller.done():
            self.poller.set_result(None)
        self.changed(self)
        return update

    def acknowledge(self, update: StoredUpdate) -> None:
        """Forget an update the bot has taken."""
        lane = self.waiting.get(update.lane)
        if update.status == "acknowledged" or lane is None or update not in lane:
            return
        update.status = "acknowledged"
        lane.remove(update)
        if not lane:
            del self.waiting[update.lane]
        self.pending_count -= 1
        self.changed(self)

    def drop_pending(self) -> None:
        """Forget everything not yet delivered (``drop_pending_updates``)."""
        for update in self.pending():
            self.acknowledge(update)

    def pending(self) -> list[StoredUpdate]:
        """Updates not yet acknowledged, oldest first."""
        found = [update for lane in self.waiting.values() for update in lane]
        return sorted(found, key=lambda update: update.update_id)

    def allow(self, kinds: Iterable[str] | None) -> None:
        """Apply ``allowed_updates``: None keeps the setting, an empty list restores the default.

        Unknown names are ignored, as Telegram does.
        """
        if kinds is None:
            return
        names = [name for name in kinds if name in UPDATE_KINDS]
        self.allowed = frozenset(names) or DEFAULT_KINDS
        self.allowed_as_set = names or None

    @property
    def listening(self) -> str | None:
        """How the bot takes its updates now: ``webhook``, ``polling`` or None.

        A long poller that handles its batch counts as polling for a second of real time; a
        single look without timeout is no listener.
        """
        if self.webhook is not None:
            return "webhook"
        waiting = self.poller is not None and not self.poller.done()
        if waiting or time.monotonic() - self.polled_at < POLLER_PATIENCE:
            return "polling"
        return None

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:
        """``getUpdates``.

        Raises:
            TelegramError: 409 beside a webhook, or when another poll takes over.
        """
        self._refuse_beside_webhook()
        if timeout > 0:
            self.polled_at = time.monotonic()
        if self.poller is not None and not self.poller.done():
            self.poller.set_exception(_other_poll())
        if offset < 0:
            kept = self.pending()[offset:]
            offset = kept[0].update_id if kept else 0
        for update in self.pending():
            if update.update_id < offset:
                self.acknowledge(update)
        if not self.waiting and timeout > 0:
            await self._wait(timeout)
        batch = self.pending()[:limit]
        for update in batch:
            update.attempts += 1
        return [update.body for update in batch]

    async def _wait(self, timeout: float) -> None:
        poller = self.poller = asyncio.get_running_loop().create_future()
        self.changed(self)
        try:
            async with asyncio.timeout(timeout):
                await poller
        except TimeoutError:
            pass
        finally:
            self.polled_at = time.monotonic()
            if self.poller is poller:
                self.poller = None
        self._refuse_beside_webhook()

    def _refuse_beside_webhook(self) -> None:
        if self.webhook is not None:
            raise TelegramError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )

    def set_webhook(self, webhook: Webhook | None) -> None:
        """Change the way out; a waiting poll ends with 409."""
        self.webhook = webhook
        if webhook is not None and self.poller is not None:
            if not self.poller.done():
                self.poller.set_result(None)
            self.poller = None
        self.changed(self)


def _other_poll() -> TelegramError:
    return TelegramError(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )


def webhook_url_error(url: str) -> TelegramError | None:
    """Why Telegram would refuse this webhook address; http is allowed for this machine."""
    scheme, _, rest = url.partition("://")
    host = rest.split("/")[0].rsplit(":", 1)[0].strip("[]")
    if scheme == "http" and host in ("127.0.0.1", "localhost", "::1"):
        return None
    if scheme != "https" or not host:
        return bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    return None
