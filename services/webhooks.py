"""Webhooks of a bot: registered by its owner, tested before they are stored, looked after."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import uuid4

from domain.actor import Actor
from domain.clock import Clock
from domain.errors import Conflict, NotFound, Refused
from domain.urls import Caller, NoAnswer, check_url
from domain.webhooks import (
    MOST_WEBHOOKS,
    OVERLAP,
    TEST,
    Attempt,
    Delivery,
    Webhook,
    make_body,
    new_secret,
    request_headers,
)
from services.access import Access, Guarded, Permission, needs
from services.vault import Vault
from services.work import WEBHOOKS, UnitOfWork, Work
from storage import webhooks
from storage.database import Database, Tx
from storage.webhooks import Stored
from texts import webhooks as wording

PURPOSE = "webhook"  # of the vault
PAGE = 10
SHOWN_ATTEMPTS = 5
PATIENCE = 10.0  # seconds: somebody waits for the answer to a registration


class Registered(NamedTuple):
    """A webhook as the API tells of it."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A webhook, and how many deliveries to it were given up."""

    webhook: Webhook
    dead: int


@dataclass(frozen=True, slots=True)
class Log:
    """A page (from 0) of what was sent to a webhook, and whether there is more."""

    webhook: Webhook
    deliveries: Sequence[Delivery]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery with its last attempts, the newest first."""

    delivery: Delivery
    attempts: Sequence[Attempt]


class WebhookService(Guarded):
    """Webhooks of a bot, for its owner. `private` lets URLs of development pass (ALLOW_PRIVATE_URLS)."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        vault: Vault,
        caller: Caller,
        *,
        private: bool = False,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._vault, self._caller, self._private = vault, caller, private

    @needs(Permission.OWNER)
    async def register(self, actor: Actor, bot_id: int, url: str) -> list[Registered]:
        """Send the bot's events to a URL, which must answer 200 to a test first.

        A URL that is registered stays as it is, with the secret it has; one that was switched off is tested
        and switched on. Raises `Invalid` (url, see `domain.urls.check_url`), `Conflict` (webhooks_full),
        `Refused` (webhook_no_200 with `status`, webhook_no_answer with `why`).
        """
        url = check_url(url, private=self._private)
        key = _digest(url)
        async with self._db.read() as tx:
            known = await webhooks.by_url(tx, bot_id, key)
            if known is None and await webhooks.count(tx, bot_id) >= MOST_WEBHOOKS:
                raise Conflict("webhooks_full", most=MOST_WEBHOOKS)
        secret = self._open(known) if known is not None else new_secret()
        tried = known is None or not known.webhook.enabled
        if tried:
            await self._try(url, secret)
        async with self._work(actor) as work:
            stored = None if tried else await webhooks.by_url(work.tx, bot_id, key)
            if stored is None:
                sealed = self._vault.seal(secret.encode(), PURPOSE)
                stored = await webhooks.put(work.tx, bot_id, url, key, sealed, work.now)
            if await webhooks.count(work.tx, bot_id) > MOST_WEBHOOKS:
                raise Conflict("webhooks_full", most=MOST_WEBHOOKS)
            secret = self._open(stored)
            await work.end_dialog()
            work.reply(wording.registered(actor.t, stored.webhook, secret), sealed=True)
        return [Registered(url, secret)]

    async def _try(self, url: str, secret: str) -> None:
        """Send a test. Raises `Refused` unless it is answered with 200."""
        now, event_id = self._clock.now(), uuid4().hex
        body = make_body(TEST, {}, event_id, now)
        headers = request_headers([secret], event_id, now, body, 1)
        try:
            answer = await self._caller.request("POST", url, headers=headers, body=body, seconds=PATIENCE)
        except NoAnswer as error:
            raise Refused("webhook_no_answer", why=error.reason) from None
        if answer.status != 200:
            raise Refused("webhook_no_200", status=answer.status)

    @needs(Permission.OWNER)
    async def ask_url(self, actor: Actor, bot_id: int) -> None:
        """Ask where events shall be sent."""
        async with self._work(actor) as work:
            await work.ask("webhooks:url")
            work.show(wording.ask_url(actor.t))

    @needs(Permission.OWNER)
    async def listing(self, actor: Actor, bot_id: int) -> Sequence[Webhook]:
        """The bot's webhooks, the oldest first."""
        async with self._db.read() as tx:
            return await webhooks.of_bot(tx, bot_id)

    @needs(Permission.OWNER)
    async def get(self, actor: Actor, bot_id: int, webhook_id: int) -> Panel:
        """One webhook. Raises `NotFound` (webhook)."""
        async with self._db.read() as tx:
            return await _panel(tx, bot_id, webhook_id)

    @needs(Permission.OWNER)
    async def log(self, actor: Actor, bot_id: int, webhook_id: int, page: int) -> Log:
        """What was sent to a webhook or waits to be sent, the newest first. Raises `NotFound` (webhook)."""
        async with self._db.read() as tx:
            return await _log(tx, bot_id, webhook_id, page)

    @needs(Permission.OWNER)
    async def delivery(self, actor: Actor, bot_id: int, delivery_id: int) -> Sent:
        """One delivery with its last attempts. Raises `NotFound` (delivery)."""
        async with self._db.read() as tx:
            return await _sent(tx, bot_id, delivery_id)

    @needs(Permission.OWNER)
    async def test(self, actor: Actor, bot_id: int, webhook_id: int) -> None:
        """Send a test event as any other one is sent. Raises `Conflict` (webhook_off), `NotFound`."""
        async with self._work(actor) as work:
            await _require_on(work, bot_id, webhook_id)
            event_id = uuid4().hex
            body = make_body(TEST, {}, event_id, work.now)
            await webhooks.enqueue_one(work.tx, bot_id, webhook_id, event_id, TEST, body, work.now)
            await self._go(work, actor, bot_id, webhook_id)

    @needs(Permission.OWNER)
    async def redeliver(self, actor: Actor, bot_id: int, delivery_id: int) -> None:
        """Send a delivery once more, with the same id and bytes. Raises `Conflict` (webhook_off),
        `NotFound` (delivery)."""
        async with self._work(actor) as work:
            found = await webhooks.delivery(work.tx, bot_id, delivery_id)
            if found is None:
                raise NotFound("delivery")
            await _require_on(work, bot_id, found.webhook_id)
            await webhooks.again(work.tx, bot_id, delivery_id, work.now)
            await self._go(work, actor, bot_id, found.webhook_id)

    @needs(Permission.OWNER)
    async def redeliver_dead(self, actor: Actor, bot_id: int, webhook_id: int) -> int:
        """Send everything that was given up once more; returns how much. Raises as `test` does."""
        async with self._work(actor) as work:
            await _require_on(work, bot_id, webhook_id)
            count = await webhooks.all_dead_again(work.tx, bot_id, webhook_id, work.now)
            await self._go(work, actor, bot_id, webhook_id)
        return count

    async def _go(self, work: Work, actor: Actor, bot_id: int, webhook_id: int) -> None:
        """Something is to be sent at once, and somebody watches."""
        work.signal(WEBHOOKS, None)
        work.show(wording.log(actor.t, await _log(work.tx, bot_id, webhook_id, 0)))

    @needs(Permission.OWNER)
    async def enable(self, actor: Actor, bot_id: int, webhook_id: int) -> None:
        """Switch a webhook on again; what was given up stays so until it is sent again by hand."""
        async with self._work(actor) as work:
            if not await webhooks.enable(work.tx, bot_id, webhook_id, work.now):
                raise NotFound("webhook")
            work.show(wording.panel(actor.t, await _panel(work.tx, bot_id, webhook_id)))

    @needs(Permission.OWNER)
    async def rotate(self, actor: Actor, bot_id: int, webhook_id: int) -> str:
        """A new secret; for a day the old one signs beside it. Raises `NotFound` (webhook)."""
        secret = new_secret()
        sealed = self._vault.seal(secret.encode(), PURPOSE)
        async with self._work(actor) as work:
            until = work.now + OVERLAP
            if not await webhooks.change_secret(work.tx, bot_id, webhook_id, sealed, until):
                raise NotFound("webhook")
            work.reply(wording.rotated(actor.t, secret, until), sealed=True)
        return secret

    @needs(Permission.OWNER)
    async def remove(self, actor: Actor, bot_id: int, url: str) -> None:
        """Remove the webhook of a URL. Raises `Invalid` (url), `NotFound` (webhook)."""
        url = check_url(url, private=True)  # whatever could be registered once can be removed
        async with self._work(actor) as work:
            found = await webhooks.by_url(work.tx, bot_id, _digest(url))
            if found is None:
                raise NotFound("webhook")
            await webhooks.remove(work.tx, bot_id, found.webhook.id)

    @needs(Permission.OWNER)
    async def drop(self, actor: Actor, bot_id: int, webhook_id: int) -> None:
        """Remove a webhook by its id. Raises `NotFound` (webhook)."""
        async with self._work(actor) as work:
            if not await webhooks.remove(work.tx, bot_id, webhook_id):
                raise NotFound("webhook")
            work.show(wording.listing(actor.t, await webhooks.of_bot(work.tx, bot_id)))

    def _open(self, stored: Stored) -> str:
        return self._vault.open(stored.secret, PURPOSE).decode()


def _digest(url: str) -> bytes:
    return hashlib.sha256(url.encode()).digest()


async def _panel(tx: Tx, bot_id: int, webhook_id: int) -> Panel:
    found = await webhooks.get(tx, bot_id, webhook_id)
    if found is None:
        raise NotFound("webhook")
    return Panel(found.webhook, await webhooks.count_dead(tx, bot_id, webhook_id))


async def _log(tx: Tx, bot_id: int, webhook_id: int, page: int) -> Log:
    found = await webhooks.get(tx, bot_id, webhook_id)
    if found is None:
        raise NotFound("webhook")
    rows = await webhooks.deliveries(tx, bot_id, webhook_id, page * PAGE, PAGE + 1)
    return Log(found.webhook, rows[:PAGE], page, len(rows) > PAGE)


async def _sent(tx: Tx, bot_id: int, delivery_id: int) -> Sent:
    found = await webhooks.delivery(tx, bot_id, delivery_id)
    if found is None:
        raise NotFound("delivery")
    return Sent(found, await webhooks.attempts(tx, bot_id, delivery_id, SHOWN_ATTEMPTS))


async def _require_on(work: Work, bot_id: int, webhook_id: int) -> None:
    """Hold a webhook that is switched on, and let what follows go out at once."""
    await webhooks.hurry(work.tx, bot_id, webhook_id, work.now)
    found = await webhooks.get(work.tx, bot_id, webhook_id)
    if found is None:
        raise NotFound("webhook")
    if not found.webhook.enabled:
        raise Conflict("webhook_off")
