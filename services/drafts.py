"""Making an order: the checkout at the provider is opened first, then everything is written at once.

Every door comes through here: the chat, the API, the web. Rules are looked at when somebody chooses, and
again, with everything held, when the order is written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.actor import Translator
from domain.bots import Bot
from domain.clock import Clock
from domain.errors import NotFound, Refused
from domain.gateways import Checkout, Wanted
from domain.orders import (
    BY_TELEGRAM,
    CHECKOUT_HOLD,
    CREDIT,
    FREE,
    HOLD,
    Kind,
    Order,
    Status,
    new_key,
    order_link,
)  # fmt: skip
from domain.plans import Origin, Plan, refusal
from services.paying import CREDIT_TRAITS, Installed, Method, Paying, every
from services.settling import close
from services.work import Work
from storage import customers, memberships, orders, plans
from storage.database import Database, Tx
from texts import orders as wording

AT_ONCE = frozenset({FREE, CREDIT})  # nothing to wait for
TITLE_LIMIT, ABOUT_LIMIT = 32, 255  # https://core.telegram.org/bots/api#sendinvoice


@dataclass(frozen=True, slots=True)
class Draft:
    """An order before it is made: what somebody chose, as it looks to him. `member_id` None is somebody
    not known yet."""

    bot: Bot
    plan: Plan
    method: Method
    member_id: int | None
    key: str
    about: str
    locale: str
    email: str | None = None
    coin: str | None = None
    return_url: str = ""
    cancel_url: str = ""


class Drafts:
    """Draws orders up, opens their checkouts, writes them down."""

    def __init__(self, db: Database, clock: Clock, paying: Paying) -> None:
        self._db, self._clock, self._paying = db, clock, paying

    async def draw(
        self,
        bot: Bot,
        plan_id: int,
        gateway: str,
        member_id: int | None,
        t: Translator,
        *,
        email: str | None = None,
        coin: str | None = None,
        return_url: str = "",
        cancel_url: str = "",
    ) -> Draft:
        """What somebody chose. Raises `NotFound` (plan), or `Refused` with the rule that says no."""
        now = self._clock.now()
        async with self._db.read() as tx:
            plan = await plans.get(tx, bot.id, plan_id)
            if plan is None:
                raise NotFound("plan")
            await _check(tx, bot.id, plan, member_id, gateway, now)
            method = await self._method(tx, bot.id, plan, member_id, gateway, now)
            if email is None and member_id is not None and method.requires_email:
                email = await orders.last_email(tx, bot.id, member_id)
        key = new_key(now)
        link = order_link(bot.username, key)
        return Draft(
            bot, plan, method, member_id, key, wording.about(t, plan, bot), t.locale, email, coin,
            return_url or link, cancel_url or link,
        )  # fmt: skip

    async def checkout(self, draft: Draft) -> Checkout | None:
        """Open the checkout at the provider; None where there is no page to go to.

        Raises `GatewayRefused` or `GatewayUnreachable`.
        """
        if draft.method.gateway in AT_ONCE:
            return None
        async with self._db.read() as tx:
            installed = await self._paying.of_bot(tx, draft.bot.id, draft.method.gateway)
        return await installed.gateway.checkout(installed.credentials, self._wanted(draft, installed))

    async def place(self, work: Work, draft: Draft, checkout: Checkout | None) -> Order:
        """Write the order down, if everything is still as it was shown: it holds a place among the plan's
        customers and a use of its coupon from now on.

        Raises `NotFound` (member, plan), or `Refused` with the rule that says no.
        """
        bot_id, member_id = draft.bot.id, draft.member_id
        if member_id is not None and not await memberships.lock_member(work.tx, bot_id, member_id):
            raise NotFound("member")
        plan = await plans.lock(work.tx, bot_id, draft.plan.id)
        if plan is None:
            raise NotFound("plan")
        await _check(work.tx, bot_id, plan, member_id, draft.method.gateway, work.now)
        method = await self._method(
            work.tx, bot_id, plan, member_id, draft.method.gateway, work.now, lock=True
        )
        if method != draft.method:
            raise Refused("price_changed")
        if member_id is not None:  # after the price, which he was shown while his earlier order stood
            await _supersede(work, draft, member_id)
        order = await orders.create(
            work.tx, bot_id, draft.key, kind=await _kind(work, bot_id, plan, member_id),
            status=Status.PENDING, member_id=member_id, plan_id=plan.id, plan_name=plan.name,
            project_id=plan.project_id, length=str(plan.duration), gateway=method.gateway,
            price=plan.price, discount=method.discount, amount=method.amount, coupon_id=method.coupon_id,
            email=draft.email, ref=checkout.ref if checkout else None,
            checkout_url=checkout.url if checkout else None, recurring=method.recurring, now=work.now,
            expires_at=work.now + _hold(method),
        )  # fmt: skip
        work.event(
            draft.bot.owner_id, bot_id, "order.created",
            order=order.key, member=member_id, plan=plan.id, project=plan.project_id,
            gateway=method.gateway, amount=f"{method.amount.amount:f}", currency=method.amount.currency,
        )  # fmt: skip
        return order

    async def _method(
        self,
        tx: Tx,
        bot_id: int,
        plan: Plan,
        member_id: int | None,
        gateway: str,
        now: datetime,
        *,
        lock: bool = False,
    ) -> Method:
        """What the plan costs by that gateway. Raises `Refused` (method_gone) when it cannot be paid so, or
        with the reason why the coupon in somebody's hand does not fit."""
        traits = CREDIT_TRAITS
        if gateway not in AT_ONCE:
            offered = {one.traits.name: one.traits for one in await self._paying.installed(tx, bot_id)}
            if gateway not in offered:
                raise Refused("method_gone")
            traits = offered[gateway]
        method = await self._paying.method(tx, bot_id, plan, member_id, traits, now, lock=lock, strict=True)
        if method is None or (gateway == FREE and method.gateway != FREE):
            raise Refused("method_gone")
        return method

    def _wanted(self, draft: Draft, installed: Installed) -> Wanted:
        return Wanted(
            key=draft.key,
            amount=draft.method.amount,
            title=draft.plan.name[:TITLE_LIMIT],
            description=draft.about[:ABOUT_LIMIT],
            return_url=draft.return_url,
            cancel_url=draft.cancel_url,
            notify_url=self._paying.notify_url(installed),
            member_id=draft.member_id,
            email=draft.email,
            coin=draft.coin,
            locale=draft.locale,
            **(every(draft.plan.duration) if draft.method.recurring else {}),
        )


async def _check(tx: Tx, bot_id: int, plan: Plan, member_id: int | None, gateway: str, now: datetime) -> None:
    """The rules of a plan, the same as at every other door. Somebody unknown is a newcomer."""
    person = await customers.standing(tx, bot_id, member_id or 0, plan.project_id, plan.id, now)
    reason = refusal(plan, person, Origin.PURCHASE, now, by_credit=gateway == CREDIT)
    if reason is not None:
        raise Refused(reason, plan=plan.name)


async def _supersede(work: Work, draft: Draft, member_id: int) -> None:
    """Who chooses anew lets go of what he chose before by the same gateway: he holds one place, not many.
    An invoice that is open can still be paid, if there is room for him then."""
    for order in await orders.pending_of(
        work.tx, draft.bot.id, member_id, draft.plan.id, draft.method.gateway
    ):
        await close(work, draft.bot, order, Status.CANCELED)


async def _kind(work: Work, bot_id: int, plan: Plan, member_id: int | None) -> Kind:
    if member_id is None:
        return Kind.NEW
    held = await memberships.get(work.tx, bot_id, member_id, plan.project_id)
    return Kind.RENEWAL if held is not None and held.opens(work.now) else Kind.NEW


def _hold(method: Method) -> timedelta:
    return HOLD if method.gateway in BY_TELEGRAM | AT_ONCE else CHECKOUT_HOLD
