"""Money that goes back, and money that was not what was asked for: the owner decides, the house does it."""

import asyncio
import logging
from datetime import timedelta

from domain import calls
from domain.actor import Actor
from domain.bots import Bot
from domain.calls import Priority
from domain.clock import Clock
from domain.errors import GatehouseError, GatewayRefused, GatewayUnreachable, NotFound, Refused
from domain.gateways import Charge
from domain.orders import CREDIT, Payment, sale_link
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.fulfilment import credit_payment
from services.paying import Paying
from services.payment_notices import PaymentNotices
from services.payments import PaymentService
from services.reach import Reach
from services.work import UnitOfWork
from storage import memberships, orders, payments
from storage.database import Database, Tx
from storage.payments import Owed
from texts import settling as wording

log = logging.getLogger(__name__)
BATCH = 20
CLAIM = timedelta(minutes=5)  # a provider's answer takes less
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)


class RefundService(Guarded):
    """Refunds are promised in one transaction and made in the background until they are done: a crash in
    between loses none, and makes none twice, because the provider gets the same key each time."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        paying: Paying,
        taking: PaymentService,
        notices: PaymentNotices,
        reach: Reach,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._directory = db, work, clock, directory
        self._paying, self._taking, self._notices, self._reach = paying, taking, notices, reach
        self._running = asyncio.Lock()

    @needs(Permission.OWNER)
    async def refund(self, actor: Actor, bot_id: int, payment_id: int) -> None:
        """Give a payment back. Raises `NotFound` (payment), `Refused` (refunded) when it went back."""
        async with self._work(actor) as work:
            payment = await _payment(work.tx, bot_id, payment_id)
            if payment.refunded >= payment.paid.minor or payment.disputed_at is not None:
                raise Refused("refunded")
            await payments.owe_refund(work.tx, bot_id, payment_id, "owner", actor.user_id, work.now)
            work.show(wording.refund_promised(actor.t, payment))

    @needs(Permission.OWNER)
    async def returned(self, actor: Actor, bot_id: int, payment_id: int) -> None:
        """The owner gave the money back himself: what it gave goes, too."""
        async with self._db.read() as tx:
            payment = await _payment(tx, bot_id, payment_id)
        if payment.refunded >= payment.paid.minor:
            raise Refused("refunded")
        await self._taking.went_back(actor.as_house(), bot_id, payment)

    @needs(Permission.OWNER)
    async def accept(self, actor: Actor, bot_id: int, payment_id: int) -> None:
        """Too little came, or another currency, and the owner lets it do.

        Raises `NotFound` (payment), `Refused` (payment_settled) when it was decided about before.
        """
        bot = await self._bot(bot_id)
        async with self._db.read() as tx:
            known = await orders.get(tx, bot_id, (await _payment(tx, bot_id, payment_id)).order_id)
        if known is None:
            raise NotFound("order")
        ways = await self._notices.ways_of(known)
        async with self._work(actor) as work:
            if known.member_id is not None:  # the member first, everywhere, so that nobody waits in a circle
                await memberships.lock_member(work.tx, bot_id, known.member_id)
            order = await orders.lock(work.tx, bot_id, known.id)
            payment = await payments.lock(work.tx, bot_id, payment_id)
            if order is None or payment is None:
                raise NotFound("payment")
            owed = await payments.refund_of(work.tx, bot_id, payment_id)
            promised = owed is not None and owed.state != "failed"
            if payment.accepted or payment.refunded or payment.disputed_at is not None or promised:
                raise Refused("payment_settled")
            await payments.change(work.tx, bot_id, payment_id, accepted=True)
            outcome = await credit_payment(work, bot, order, payment, None)
            await self._notices.tell(work, bot, outcome, ways)
            work.show(wording.outcome(actor.t, outcome.settled, outcome.order, outcome.payment))

    @needs(Permission.HOUSE)
    async def run(self, actor: Actor) -> int:
        """Make the refunds that are due; returns how many were tried."""
        async with self._running:
            async with self._db.read() as tx:
                due = await payments.refunds_due(tx, self._clock.now(), BATCH)
            for owed in due:
                if not await self._claimed(owed):
                    continue
                try:
                    await self._make(actor, owed)
                except Exception:  # one that fails must not keep the others waiting
                    log.exception("refund failed", extra={"refund": owed.id})
                    await self._put_off(owed, "our own error")
            return len(due)

    async def _claimed(self, owed: Owed) -> bool:
        """Whether it is ours to make: of several processes one asks the provider."""
        now = self._clock.now()
        async with self._db.write() as tx:
            return await payments.claim_refund(tx, owed.id, now, now + CLAIM)

    async def _make(self, actor: Actor, owed: Owed) -> None:
        bot = await self._bot(owed.bot_id)
        async with self._db.read() as tx:
            payment = await payments.get(tx, owed.bot_id, owed.payment_id)
            if payment is None:
                return
        collect = None
        try:
            if payment.gateway != CREDIT and payment.refunded < payment.paid.minor:
                collect = await self._ask(payment)
        except GatewayUnreachable as error:
            await self._put_off(owed, error.words)
            return
        except (GatewayRefused, NotFound) as error:
            await self._failed(bot, payment, owed, error)
            return
        await self._taking.went_back(actor, bot.id, payment, collect)

    async def _ask(self, payment: Payment) -> str | None:
        async with self._db.read() as tx:
            installed = await self._paying.of_bot(tx, payment.bot_id, payment.gateway)
        charge = Charge(payment.charge_id, payment.paid, f"refund-{payment.id}", payment.member_id)
        return await installed.gateway.refund(installed.credentials, charge)

    async def _failed(self, bot: Bot, payment: Payment, owed: Owed, error: GatehouseError) -> None:
        """The provider says no: the owner has to do it by hand."""
        words = error.words if isinstance(error, GatewayRefused) else "the gateway was removed"
        owner = await self._reach.mailbox(bot.id, bot.owner_id)
        async with self._work() as work:
            if await payments.end_refund(work.tx, payment.id, "failed", words) and owner is not None:
                link = None if owner.bot_id == bot.id else sale_link(bot.username, payment.order_id)
                page = wording.refund_failed(owner.t, payment, words, link)
                work.send(owner.bot_id, calls.send(owner.user_id, page), priority=Priority.TRIGGERED)

    async def _put_off(self, owed: Owed, words: str) -> None:
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(owed.attempts, 12))
        async with self._db.write() as tx:
            await payments.put_off(tx, owed.id, self._clock.now() + wait, words)

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot


async def _payment(tx: Tx, bot_id: int, payment_id: int) -> Payment:
    found = await payments.get(tx, bot_id, payment_id)
    if found is None:
        raise NotFound("payment")
    return found
