"""The ways to pay a bot has, as its owner sees them: switching them, checking them, removing them.

Telegram Stars are there by themselves; `services.newgateway` installs the others.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from domain.actor import Actor
from domain.errors import Conflict, Invalid, NotFound
from domain.gateways import Traits
from domain.memberships import SETTINGS
from domain.orders import BY_TELEGRAM, STARS
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.grants import read_settings
from services.paying import Paying, events
from services.work import UnitOfWork, Work
from storage import gateway_accounts, orders, settings, subscriptions
from storage.database import Database, Tx
from texts import payments as wording

SWITCHES = ("tell_sales", "refund_second")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to pay in the list. `account` is what the provider calls the owner's account."""

    traits: Traits
    account: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """All that `/payments` shows; `more`: there are ways to pay that are not installed."""

    ways: Sequence[Way]
    more: bool
    tell_sales: bool
    refund_second: bool


@dataclass(frozen=True, slots=True)
class GatewayPanel:
    """One way to pay.

    `address` is where its notifications come in, None where none can come or need to; `events` are the
    provider's names of those it is to send; `hears`: all is there that checking them takes. `waiting` are
    orders that may still be paid by it.
    """

    way: Way
    address: str | None
    events: tuple[str, ...]
    hears: bool
    subscriptions: int
    waiting: int


class GatewayService(Guarded):
    """The ways to pay of a bot, for its owner."""

    def __init__(
        self, access: Access, db: Database, work: UnitOfWork, directory: BotDirectory, paying: Paying
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._directory, self._paying = db, work, directory, paying

    @needs(Permission.OWNER)
    async def overview(self, actor: Actor, bot_id: int) -> Overview:
        """What can be paid with, and what the owner has set about sales."""
        async with self._db.read() as tx:
            return await self._overview(tx, bot_id)

    @needs(Permission.OWNER)
    async def to_add(self, actor: Actor, bot_id: int) -> list[Traits]:
        """The ways to pay that are not installed."""
        async with self._db.read() as tx:
            return await self._missing(tx, bot_id)

    @needs(Permission.OWNER)
    async def panel(self, actor: Actor, bot_id: int, name: str) -> GatewayPanel:
        """One way to pay. Raises `NotFound` (gateway)."""
        async with self._db.read() as tx:
            return await self.read_panel(tx, bot_id, name)

    @needs(Permission.OWNER)
    async def turn(self, actor: Actor, bot_id: int, name: str, enabled: bool) -> None:
        """Offer a way to pay to buyers, or no longer. What was begun with it is finished all the same."""
        traits = self._paying.named(name).traits
        async with self._work(actor) as work:
            if traits.name == STARS:
                await self._note_stars(work, bot_id)
            if not await gateway_accounts.switch(work.tx, bot_id, traits.name, enabled):
                raise NotFound("gateway")
            await self.log(work, bot_id, "gateway.on" if enabled else "gateway.off", traits.name)
            work.show(wording.panel(actor.t, await self.read_panel(work.tx, bot_id, traits.name)))

    @needs(Permission.OWNER)
    async def check(self, actor: Actor, bot_id: int, name: str) -> str:
        """Ask the provider whether the keys are still good; returns the account's name.

        Raises `NotFound` (gateway), `GatewayRefused`, `GatewayUnreachable`.
        """
        async with self._db.read() as tx:
            installed = await self._paying.of_bot(tx, bot_id, name)
        return await installed.gateway.verify(installed.credentials)

    @needs(Permission.OWNER)
    async def remove(self, actor: Actor, bot_id: int, name: str) -> None:
        """Forget a provider and its keys.

        Raises `Conflict` (gateway_busy) while somebody is charged again and again by it: nobody would
        notice his payments any more.
        """
        traits = self._paying.named(name).traits
        async with self._work(actor) as work:
            if running := await subscriptions.running_by(work.tx, bot_id, traits.name):
                raise Conflict("gateway_busy", count=running)
            if traits.name == STARS or not await gateway_accounts.remove(work.tx, bot_id, traits.name):
                raise NotFound("gateway")
            await self.log(work, bot_id, "gateway.removed", traits.name)
            work.show(wording.overview(actor.t, await self._overview(work.tx, bot_id)))

    @needs(Permission.OWNER)
    async def set_sales(self, actor: Actor, bot_id: int, name: str, on: bool) -> None:
        """Set one of `SWITCHES`. Raises `Invalid` (option) for anything else."""
        if name not in SWITCHES:
            raise Invalid("option", "option")
        async with self._work(actor) as work:
            await settings.change(work.tx, bot_id, settings.DEFAULT_CHAT, SETTINGS, {name: on}, work.now)
            work.show(wording.overview(actor.t, await self._overview(work.tx, bot_id)))

    async def read_panel(self, tx: Tx, bot_id: int, name: str) -> GatewayPanel:
        """As `panel`, for a caller whose right was asked before."""
        way = await self._way(tx, bot_id, name)
        name = way.traits.name
        ready = await self._paying.of_bot(tx, bot_id, name)
        hears_nothing = name in BY_TELEGRAM or not self._paying.reachable
        return GatewayPanel(
            way,
            None if hears_nothing else self._paying.notify_url(ready),
            events(ready.gateway),
            all(field.name in ready.credentials for field in way.traits.fields),
            await subscriptions.running_by(tx, bot_id, name),
            await orders.waiting_by(tx, bot_id, name),
        )

    async def log(self, work: Work, bot_id: int, kind: str, name: str) -> None:
        """Note what the owner did with a way to pay."""
        bot = await self._directory.get(bot_id)
        if bot is not None:
            work.event(bot.owner_id, bot_id, kind, gateway=name)

    async def _overview(self, tx: Tx, bot_id: int) -> Overview:
        rules = await read_settings(tx, bot_id)
        ways = [await self._way(tx, bot_id, STARS)]
        ways += [
            Way(ready.traits, one.account, one.enabled)
            for one in await gateway_accounts.of_bot(tx, bot_id)
            if one.gateway != STARS and (ready := self._paying.opened(one)) is not None
        ]
        more = bool(await self._missing(tx, bot_id))
        return Overview(ways, more, rules.tell_sales, rules.refund_second)

    async def _missing(self, tx: Tx, bot_id: int) -> list[Traits]:
        there = {one.gateway for one in await gateway_accounts.of_bot(tx, bot_id)}
        found = [one.traits for one in self._paying.gateways.values() if one.traits.fields]
        return [one for one in found if one.name not in there]

    async def _way(self, tx: Tx, bot_id: int, name: str) -> Way:
        traits = self._paying.named(name).traits
        account = await gateway_accounts.get(tx, bot_id, traits.name)
        if traits.name == STARS:
            return Way(traits, "", account is None or account.enabled)
        if account is None:
            raise NotFound("gateway")
        return Way(traits, account.account, account.enabled)

    async def _note_stars(self, work: Work, bot_id: int) -> None:
        """Stars need no account, so there is a row for them only once they were switched."""
        if await gateway_accounts.get(work.tx, bot_id, STARS) is None:
            hook_id = secrets.token_urlsafe(16)
            await gateway_accounts.put(
                work.tx, bot_id, STARS, self._paying.seal({}), "Telegram Stars", hook_id, work.now
            )
