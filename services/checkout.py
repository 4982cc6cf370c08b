"""Pre-checkout: Telegram asks, ten seconds before money moves, whether it may."""

import logging
from datetime import datetime

from domain.actor import Actor, Translator
from domain.errors import GatehouseError, NotFound, Refused, TelegramRefused
from domain.money import Money
from domain.orders import CLOSING, Order, Status
from domain.plans import Origin, refusal
from domain.telegram import Telegram
from services import coupons
from services.access import Access, Guarded, Permission, needs
from services.paying import Paying
from services.reach import Speak
from services.work import UnitOfWork, Work
from storage import customers, memberships, orders, people, plans
from storage.database import Database
from texts.errors import sentence

log = logging.getLogger(__name__)


class CheckoutService(Guarded):
    """Says yes only to what would give access now, and keeps the place for whom it said yes to.

    No update is claimed here: the question may be answered twice, and the second answer is the same.
    """

    def __init__(
        self, access: Access, db: Database, work: UnitOfWork, telegram: Telegram, paying: Paying, speak: Speak
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._telegram = db, work, telegram
        self._paying, self._speak = paying, speak

    @needs(Permission.ANYONE)
    async def answer(self, actor: Actor, bot_id: int, query_id: str, key: str, asked: Money) -> bool:
        """Answer a pre-checkout query about the order of a key; returns whether money may move.

        `asked` is what Telegram is about to take. Any trouble of ours is a no: nobody pays for nothing.
        """
        words, t = None, actor.t
        try:
            t = await self._language(actor, bot_id)
            async with self._work() as work:
                await self._allow(work, actor, bot_id, key, asked)
        except GatehouseError as error:
            words = sentence(t, error)
            log.info("pre-checkout refused", extra={"code": error.code, "details": str(error.details)})
        except Exception:
            words = t("Something went wrong on our side, and nothing was paid. Please try again.")
            log.exception("pre-checkout failed")
        try:
            await self._telegram.ask(
                bot_id, "answerPreCheckoutQuery", pre_checkout_query_id=query_id, ok=words is None,
                **({} if words is None else {"error_message": words}),
            )  # fmt: skip
        except TelegramRefused as error:  # too late, or answered before
            log.info("pre-checkout not answered", extra={"words": error.description})
        return words is None

    async def _language(self, actor: Actor, bot_id: int) -> Translator:
        """The language the buyer chose; Telegram's question says only that of his app."""
        async with self._db.read() as tx:
            person = await people.get(tx, bot_id, actor.user_id)
        return actor.t if person is None else self._speak(person.language, person.language_code)

    async def _allow(self, work: Work, actor: Actor, bot_id: int, key: str, asked: Money) -> None:
        found = await orders.by_key(work.tx, bot_id, key)
        if found is None:
            raise NotFound("order")
        if not await memberships.lock_member(work.tx, bot_id, actor.user_id):
            raise NotFound("member")
        order = await orders.lock(work.tx, bot_id, found.id)
        if order is None:
            raise NotFound("order")
        if order.member_id not in (None, actor.user_id):
            raise Refused("order_not_yours")
        if order.status is Status.COMPLETED:
            raise Refused("order_paid")
        if asked != order.amount:
            raise Refused("price_changed")
        await self._still_sold(work, actor.user_id, order)
        await orders.change(
            work.tx, bot_id, order.id, status=Status.PENDING.value, closed_at=None,
            expires_at=max(order.expires_at, work.now + CLOSING),
        )  # fmt: skip

    async def _still_sold(self, work: Work, member_id: int, order: Order) -> None:
        """Whether the plan is still to be had like that, by him, at this moment."""
        if order.gateway not in {
            one.traits.name for one in await self._paying.installed(work.tx, order.bot_id)
        }:
            raise Refused("method_gone")
        plan = await plans.lock(work.tx, order.bot_id, order.plan_id)
        if plan is None:
            raise NotFound("plan")
        if (plan.price, str(plan.duration), plan.project_id) != (
            order.price, order.length, order.project_id,
        ):  # fmt: skip
            raise Refused("price_changed")
        now: datetime = work.now
        person = await customers.standing(
            work.tx, order.bot_id, member_id, plan.project_id, plan.id, now,
            but=order.id,
        )  # fmt: skip
        if (reason := refusal(plan, person, Origin.PURCHASE, now)) is not None:
            raise Refused(reason, plan=plan.name)
        if not await coupons.still_good(work.tx, order, now):
            raise Refused("coupon_gone")
