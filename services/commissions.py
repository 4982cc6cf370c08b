"""Commissions: earned by a payment, taken back with it, at the terms the owner sets."""

from domain.actor import Actor
from domain.bots import Bot
from domain.commissions import (
    LONGEST_HOLD,
    MOST_LEVELS,
    SETTINGS,
    Terms,
    read_level,
    share,
    stored_levels,
)
from domain.errors import Invalid, NotFound
from domain.money import Money, parse
from domain.orders import CREDIT, FREE, NO_SALE, Kind, Order
from services.access import Access, Guarded, Permission, needs
from services.grants import read_settings
from services.work import UnitOfWork, Work
from storage import commissions, payments, settings
from storage.database import Database, Tx
from texts import commissions as wording

_NO_MONEY = NO_SALE | {CREDIT, FREE}
_NO_PURCHASE = frozenset({Kind.GIFT, Kind.DONATION})


async def read_terms(tx: Tx, bot_id: int) -> Terms:
    """A bot's commissions."""
    return Terms.read(await settings.get(tx, bot_id, settings.DEFAULT_CHAT, SETTINGS))


async def earn(work: Work, bot: Bot, order: Order, payment_id: int, paid: Money, *, first: bool) -> None:
    """Those who brought the payer earn their share of what he paid, once per payment;
    `services.payouts.PayoutService.tell` tells them.

    `first`: it is the payer's first order; else the percentage of renewals counts. Nothing is earned by
    what was paid from credit or given away, nor while affiliates are switched off.
    """
    if order.gateway in _NO_MONEY or order.kind in _NO_PURCHASE:
        return
    payer_id = order.member_id or await _claimer(work.tx, bot.id, payment_id)
    if payer_id is None:
        return
    terms = await read_terms(work.tx, bot.id)
    if not terms.levels or not (await read_settings(work.tx, bot.id)).affiliates:
        return
    above = await commissions.upline(work.tx, bot.id, payer_id, len(terms.levels))
    for level, affiliate_id in enumerate(above, start=1):
        percent = terms.percent(level, first=first)
        amount = share(paid, percent)
        if amount.minor <= 0:
            continue
        new = await commissions.add(
            work.tx, bot.id, payment_id, level,
            affiliate_id=affiliate_id, invitee_id=payer_id, percent=percent, amount=amount,
            due_at=work.now + terms.hold, now=work.now,
        )  # fmt: skip
        if not new:
            continue
        work.event(
            bot.owner_id, bot.id, "affiliate.earned",
            affiliate=affiliate_id, member=payer_id, order=order.key, level=level,
            amount=f"{amount.amount:f}", currency=amount.currency,
        )  # fmt: skip


async def _claimer(tx: Tx, bot_id: int, payment_id: int) -> int | None:
    """Who took an order that was made for nobody: the payment knows him."""
    payment = await payments.get(tx, bot_id, payment_id)
    return None if payment is None else payment.member_id


async def reverse(work: Work, bot: Bot, payment_id: int) -> None:
    """The payment went back: so do its commissions. What of them was paid out before is made up for by
    what the affiliate earns next."""
    for one in await commissions.take_back(work.tx, bot.id, payment_id, work.now):
        work.event(
            bot.owner_id, bot.id, "affiliate.reversed",
            affiliate=one.affiliate_id, payment=payment_id,
            amount=f"{one.amount.amount:f}", currency=one.amount.currency,
        )  # fmt: skip


class CommissionService(Guarded):
    """What a bot's owner gives those who bring members."""

    def __init__(self, access: Access, db: Database, work: UnitOfWork) -> None:
        super().__init__(access)
        self._db, self._work = db, work

    @needs(Permission.OWNER)
    async def terms(self, actor: Actor, bot_id: int) -> Terms:
        """The commissions as they are."""
        async with self._db.read() as tx:
            return await read_terms(tx, bot_id)

    @needs(Permission.OWNER)
    async def ask_level(self, actor: Actor, bot_id: int, level: int) -> None:
        """Ask what a level gets: one there is, or the next one."""
        async with self._work(actor) as work:
            terms = await read_terms(work.tx, bot_id)
            _check_level(terms, level)
            await work.ask("commissions:level", {"level": level})
            work.show(wording.ask_level(actor.t, terms, level))

    @needs(Permission.OWNER)
    async def set_level(self, actor: Actor, bot_id: int, text: str) -> None:
        """What the level gets that was asked for: `20 10` are 20 % of first orders, 10 % of later ones.

        It counts for what is paid from now on. Raises `Invalid` (commission).
        """
        async with self._work(actor) as work:
            level = int((await work.asked("commissions:level"))["level"])
            terms = await read_terms(work.tx, bot_id)
            _check_level(terms, level)
            levels = [*terms.levels[: level - 1], read_level(text), *terms.levels[level:]]
            await work.end_dialog()
            await self._set(work, actor, bot_id, {"levels": stored_levels(levels)})

    @needs(Permission.OWNER)
    async def drop_level(self, actor: Actor, bot_id: int) -> None:
        """The last level gets nothing any more; what was earned stays."""
        async with self._work(actor) as work:
            levels = (await read_terms(work.tx, bot_id)).levels[:-1]
            await self._set(work, actor, bot_id, {"levels": stored_levels(levels)})

    @needs(Permission.OWNER)
    async def set_hold(self, actor: Actor, bot_id: int, days: int) -> None:
        """How many days a commission waits; it counts for what is earned from now on."""
        if not 0 <= days <= LONGEST_HOLD:
            raise Invalid("hold", "commission_hold")
        async with self._work(actor) as work:
            await self._set(work, actor, bot_id, {"hold_days": days})

    @needs(Permission.OWNER)
    async def ask_minimum(self, actor: Actor, bot_id: int) -> None:
        """Ask from what amount on payouts are made."""
        async with self._work(actor) as work:
            await work.ask("commissions:minimum")
            work.show(wording.ask_minimum(actor.t, await read_terms(work.tx, bot_id)))

    @needs(Permission.OWNER)
    async def set_minimum(self, actor: Actor, bot_id: int, text: str) -> None:
        """The least payout in a currency: `10 USD`; `0 USD` is any amount.

        Raises `Invalid` (price, currency).
        """
        least = parse(text)
        async with self._work(actor) as work:
            await work.asked("commissions:minimum")
            known = dict((await read_terms(work.tx, bot_id)).minimum) | {least.currency: least.minor}
            await work.end_dialog()
            kept = {code: minor for code, minor in known.items() if minor}
            await self._set(work, actor, bot_id, {"minimum": kept})

    async def _set(self, work: Work, actor: Actor, bot_id: int, changes: dict[str, object]) -> None:
        changed = await settings.change(work.tx, bot_id, settings.DEFAULT_CHAT, SETTINGS, changes, work.now)
        work.show(wording.panel(actor.t, Terms.read(changed)))


def _check_level(terms: Terms, level: int) -> None:
    if not 1 <= level <= min(len(terms.levels) + 1, MOST_LEVELS):
        raise NotFound("level")
