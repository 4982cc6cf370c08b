"""Money that comes: Telegram's updates, the providers' notifications, and asking them ourselves.

All three lead to `services.settling`; none of them is trusted to come, to come once, or to come in order.
"""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from datetime import timedelta

from domain.actor import Actor
from domain.bots import Bot
from domain.clock import Clock
from domain.errors import GatehouseError, GatewayUnreachable, NotFound
from domain.gateways import News, Notification, Proof, State, SubscriptionNews
from domain.news import latest
from domain.orders import Order, Payment, Settled, Status
from domain.subscriptions import Standing, Subscription
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.fulfilment import Outcome
from services.paying import Installed, Paying
from services.payment_notices import PaymentNotices
from services.settling import close, settle, turn_subscription
from services.work import UnitOfWork, Work
from storage import gateway_accounts, orders, payments, subscriptions
from storage.database import Database
from texts import settling as owner_wording

log = logging.getLogger(__name__)
BATCH = 50  # orders and subscriptions asked about in one run
ASK_AGAIN = timedelta(minutes=10)
LATE = timedelta(days=4)  # how long after its making an order without money is still asked about
ASK_SUBSCRIPTIONS = timedelta(hours=6)


class PaymentService(Guarded):
    """Takes money in. Everything may be repeated: a charge counts once."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        paying: Paying,
        notices: PaymentNotices,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._directory, self._paying, self._notices = directory, paying, notices
        self._running = asyncio.Lock()

    @needs(Permission.HOUSE)
    async def paid(self, actor: Actor, bot_id: int, gateway: str, proof: Proof) -> Outcome:
        """Telegram says that somebody has paid: its update is the proof, and it comes until we took it."""
        bot = await self._bot(bot_id)
        return await self._settle(bot, gateway, proof, actor)

    @needs(Permission.HOUSE)
    async def subscription_turned(
        self, actor: Actor, bot_id: int, order_key: str, member_id: int, *, active: bool, failed: bool
    ) -> None:
        """Telegram says that somebody has canceled his subscription in Stars, taken it up again, or could
        not pay."""
        bot = await self._bot(bot_id)
        async with self._work(actor) as work:
            order = await orders.by_key(work.tx, bot_id, order_key)
            found = None if order is None else await subscriptions.of_order(work.tx, bot_id, order.id)
            if found is None or found.member_id != member_id:
                return
            await self._turn(work, bot, found.id, active=active, failed=failed)

    @needs(Permission.HOUSE)
    async def notified(self, actor: Actor, hook_id: str, notification: Notification) -> int:
        """A provider's notification; returns how much news it brought. It may be acknowledged when this
        returns, and not before.

        Raises `NotFound` (hook), `BadSignature`, `GatewayUnreachable` (the provider sends it again).
        """
        async with self._db.read() as tx:
            account = await gateway_accounts.by_hook(tx, hook_id)
        bot = None if account is None else await self._directory.get(account.bot_id)
        installed = None if account is None else self._paying.opened(account)
        if bot is None or installed is None:
            raise NotFound("hook")
        news = await installed.gateway.notified(installed.credentials, notification)
        await self._believe(bot, installed, news)
        return len(news)

    @needs(Permission.HOUSE)
    async def ask(self, actor: Actor, order: Order) -> list[Outcome]:
        """Ask the provider of an order what has become of it, and believe what it says."""
        bot = await self._bot(order.bot_id)
        if order.ref is None:
            return []
        async with self._db.read() as tx:
            installed = await self._paying.of_bot(tx, order.bot_id, order.gateway)
        news = await installed.gateway.look(installed.credentials, order.ref)
        return await self._believe(bot, installed, news)

    @needs(Permission.HOUSE)
    async def expire(self, actor: Actor) -> int:
        """Close orders whose time is over: their places and coupons are free again. Money that comes
        late still credits. Returns how many were closed."""
        now = self._clock.now()
        async with self._db.read() as tx:
            over = await orders.overdue(tx, now, BATCH * 10)
        for order in over:
            if (bot := await self._directory.get(order.bot_id)) is None:
                continue
            async with self._work() as work:
                held = await orders.lock(work.tx, bot.id, order.id)
                if held is not None and held.expires_at <= work.now:
                    await close(work, bot, held, Status.EXPIRED)
        return len(over)

    @needs(Permission.HOUSE)
    async def went_back(
        self, actor: Actor, bot_id: int, payment: Payment, collect: str | None = None
    ) -> Outcome:
        """A payment was given back as a whole: what it gave goes, too. `collect`: the page where the payer
        has to collect it."""
        proof = Proof(
            State.REFUNDED, "", charge_id=payment.charge_id, paid=payment.paid, at=self._clock.now(),
            collect=collect,
        )  # fmt: skip
        return await self._settle(await self._bot(bot_id), payment.gateway, proof, actor)

    @needs(Permission.HOUSE)
    async def reconcile(self, actor: Actor) -> int:
        """Ask about orders whose money may have come unnoticed, and about subscriptions that should have
        been charged; returns how many were asked about."""
        async with self._running:
            now = self._clock.now()
            names = [name for name, one in self._paying.gateways.items() if one.traits.digital_opt_in]
            async with self._db.read() as tx:
                waiting = await orders.unasked(tx, names, now - LATE, now - ASK_AGAIN, BATCH)
                due = await subscriptions.to_ask(tx, names, now, now - ASK_SUBSCRIPTIONS, BATCH)
            for order in waiting:
                await self._quietly(self._ask_order(actor, order), f"order {order.key}")
            for one in due:
                await self._quietly(self._ask_subscription(one), f"subscription {one.id}")
            return len(waiting) + len(due)

    async def _ask_order(self, actor: Actor, order: Order) -> None:
        async with self._db.write() as tx:
            await orders.mark_asked(tx, order.bot_id, order.id, self._clock.now())
        await self.ask(actor, order)

    async def _ask_subscription(self, one: Subscription) -> None:
        async with self._db.write() as tx:
            await subscriptions.mark_asked(tx, one.bot_id, one.id, self._clock.now())
        bot = await self._bot(one.bot_id)
        async with self._db.read() as tx:
            installed = await self._paying.of_bot(tx, one.bot_id, one.gateway)
        news = await installed.gateway.look_subscription(installed.credentials, one.ref)
        await self._believe(bot, installed, news)

    async def _quietly(self, asking: Awaitable[None], what: str) -> None:
        """One provider's trouble must not keep the others from being asked."""
        try:
            await asking
        except GatewayUnreachable as error:
            log.info("a provider does not answer", extra={"about": what, "gateway": error.gateway})
        except GatehouseError as error:
            log.warning("not reconciled", extra={"about": what, "details": str(error.details)})
        except Exception:
            log.exception("reconciling failed", extra={"about": what})

    async def _believe(self, bot: Bot, installed: Installed, news: Sequence[News]) -> list[Outcome]:
        found = []
        name = installed.traits.name
        for one in latest(news):
            if isinstance(one, Proof):
                if (first := await self._unheard(bot, name, one, news)) is not None:
                    found.append(await self._settle(bot, name, first, None))
                found.append(await self._settle(bot, name, one, None))
            else:
                await self._believe_subscription(bot, installed, one)
        return found

    async def _unheard(self, bot: Bot, gateway: str, one: Proof, news: Sequence[News]) -> Proof | None:
        """That the money of a refund or a dispute has come, when nobody told us: it is written down first,
        so that a part that went back is known as a part."""
        if one.state not in (State.REFUNDED, State.DISPUTED) or one.charge_id is None:
            return None
        async with self._db.read() as tx:
            if await payments.find(tx, bot.id, gateway, one.charge_id) is not None:
                return None
        same = [other for other in news if isinstance(other, Proof) and other.charge_id == one.charge_id]
        return next((other for other in same if other.state is State.PAID), None)

    async def _believe_subscription(self, bot: Bot, installed: Installed, news: SubscriptionNews) -> None:
        async with self._work() as work:
            found = await subscriptions.by_ref(work.tx, bot.id, installed.traits.name, news.subscription)
            if found is not None:
                await self._turn(work, bot, found.id, active=news.active, failed=news.failed)

    async def _turn(self, work: Work, bot: Bot, subscription_id: int, *, active: bool, failed: bool) -> None:
        state = Standing.ACTIVE if active else Standing.ENDED if failed else Standing.ENDING
        if not await turn_subscription(work, bot, subscription_id, state, "provider"):
            return
        found = await subscriptions.get(work.tx, bot.id, subscription_id)
        if found is not None:
            await self._notices.subscription_turned(work, bot, found, failed=failed)

    async def _settle(self, bot: Bot, gateway: str, proof: Proof, actor: Actor | None) -> Outcome:
        """One proof, in one unit of work, with everything that has to be said about it."""
        if proof.state is State.PAID and (known := await self._credited(bot, gateway, proof)) is not None:
            return known
        ways = await self._notices.ways_for(bot, gateway, proof)
        owner = await self._notices.owner(bot)
        async with self._work(actor) as work:
            outcome = await settle(work, bot, gateway, proof)
            await self._notices.tell(work, bot, outcome, ways, proof.collect)
            await self._notices.tell_owner(work, bot, outcome, owner, proof.collect)
            if actor is not None and actor.door is not None and actor.door.pressed:
                work.show(owner_wording.outcome(actor.t, outcome.settled, outcome.order, outcome.payment))
        if outcome.settled not in (Settled.REPEATED, Settled.OPEN):
            log.info(
                "settled",
                extra={"bot": bot.id, "gateway": gateway, "charge": proof.charge_id, "as": outcome.settled},
            )
        return outcome

    async def _credited(self, bot: Bot, gateway: str, proof: Proof) -> Outcome | None:
        """What we know of a charge that stands: repeating it changes nothing, and need not wait for a
        transaction."""
        async with self._db.read() as tx:
            found = await payments.find(tx, bot.id, gateway, proof.charge_id or "")
        return Outcome(Settled.REPEATED, None, found) if found is not None and found.stands else None

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot
