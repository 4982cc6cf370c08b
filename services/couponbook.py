"""The book of a bot's coupons: as its owner keeps it, its members use it and the API lists it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain import calls
from domain.actor import Actor
from domain.bots import Bot
from domain.clock import Clock
from domain.coupons import OPTIONS, Coupon, coupon_link, plain_decimal, read_coupon_name
from domain.errors import Conflict, Invalid, NotFound, Refused
from domain.plans import Plan
from domain.qr import qr_png
from services.access import Access, Guarded, Permission, needs
from services.coupon_fields import FIELDS, read_field
from services.coupons import desk_for
from services.directory import BotDirectory
from services.paying import CREDIT_TRAITS, Paying
from services.plans import PlanService
from services.tokens import WRONG_TRIES, WRONG_WITHIN
from services.work import UnitOfWork, Work
from storage import coupons, plans, tokens
from storage.database import Database, Tx
from texts import coupon_panel as panels
from texts import coupons as wording

PAGE = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """A coupon, and how many orders use it."""

    coupon: Coupon
    used: int


@dataclass(frozen=True, slots=True)
class CouponPanel:
    """A coupon as its owner sees it: with the bot's plans, and the ways to pay by name and title."""

    coupon: Coupon
    used: int
    plans: Sequence[Plan]
    gateways: Sequence[tuple[str, str]]


class CouponService(Guarded):
    """Coupons of a bot. New ones are made by `services.newcoupon`."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        paying: Paying,
        shop: PlanService,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._directory, self._paying, self._shop = directory, paying, shop

    @needs(Permission.OWNER)
    async def listing(self, actor: Actor, bot_id: int) -> list[dict[str, Any]]:
        """All coupons as the membership API shows them; what does not limit a coupon is left out."""
        async with self._db.read() as tx:
            found = await coupons.of_bot(tx, bot_id)
            uses = await coupons.used(tx, bot_id, [one.id for one in found], self._clock.now())
        return [_document(one, uses.get(one.id, 0)) for one in found]

    @needs(Permission.ANYONE)
    async def ask_code(self, actor: Actor, bot_id: int) -> None:
        """Ask for the coupon's code; says which one the actor has in hand."""
        async with self._work(actor) as work:
            hand = await coupons.in_hand(work.tx, bot_id, actor.user_id)
            held = await coupons.get(work.tx, bot_id, hand) if hand is not None else None
            await work.ask("coupons:enter")
            work.show(wording.ask_code(actor.t, held))

    @needs(Permission.ANYONE)
    async def enter(self, actor: Actor, bot_id: int, text: str) -> Coupon | None:
        """Put a coupon into the actor's hand, for his next order, and show what plans cost with it.

        None when there is none of that code: that is counted, so that nobody can guess. Raises `Refused`
        for one that is not for him (or nobody, any more), and after too many wrong ones.
        """
        offers = await self._shop.offers(actor, bot_id)
        name = read_coupon_name(text)
        async with self._work(actor) as work:
            since = work.now - WRONG_WITHIN
            if await tokens.wrong_tries(work.tx, bot_id, actor.user_id, since) >= WRONG_TRIES:
                raise Refused("coupon_tries")
            found = await coupons.by_name(work.tx, bot_id, name) if name is not None else None
            if found is None:
                await tokens.note_wrong(work.tx, bot_id, actor.user_id, work.now, WRONG_WITHIN)
                work.reply(wording.unknown(actor.t))
                return None
            desk = await desk_for(work.tx, bot_id, actor.user_id, found.id, [found], work.now)
            if (reason := desk.refusal(found)) is not None:
                raise Refused(reason, coupon=found.name)
            await coupons.take(work.tx, bot_id, actor.user_id, found.id, work.now)
            await work.end_dialog()
            open_ = [offer.plan for offer in offers if offer.refusal is None]
            costs = [(plan, applied.amount) for plan in open_ if (applied := desk.best(plan, None))]
            work.reply(wording.in_hand(actor.t, found, costs))
        return found

    @needs(Permission.ANYONE)
    async def put_away(self, actor: Actor, bot_id: int) -> None:
        """Let go of the coupon in hand; it can be entered again."""
        async with self._work(actor) as work:
            await coupons.put_away(work.tx, bot_id, actor.user_id)
            await work.end_dialog()
            work.show(wording.put_away(actor.t))

    @needs(Permission.OWNER)
    async def page(self, actor: Actor, bot_id: int, page: int) -> tuple[Sequence[Counted], bool]:
        """A page (from 0) of the coupons, the newest first, and whether there are more."""
        async with self._db.read() as tx:
            return await self._page(tx, bot_id, page)

    async def _page(self, tx: Tx, bot_id: int, page: int) -> tuple[Sequence[Counted], bool]:
        found = await coupons.listing(tx, bot_id, page * PAGE, PAGE + 1)
        uses = await coupons.used(tx, bot_id, [one.id for one in found], self._clock.now())
        return [Counted(one, uses.get(one.id, 0)) for one in found[:PAGE]], len(found) > PAGE

    @needs(Permission.OWNER)
    async def panel(self, actor: Actor, bot_id: int, coupon_id: int) -> CouponPanel:
        """One coupon with what the owner wants to know of it."""
        async with self._db.read() as tx:
            return await self._panel(tx, bot_id, coupon_id)

    async def _panel(self, tx: Tx, bot_id: int, coupon_id: int) -> CouponPanel:
        coupon = await coupons.get(tx, bot_id, coupon_id)
        if coupon is None:
            raise NotFound("coupon")
        uses = await coupons.used(tx, bot_id, [coupon.id], self._clock.now())
        traits = [one.traits for one in await self._paying.installed(tx, bot_id)] + [CREDIT_TRAITS]
        gateways = [(one.name, one.display_name) for one in traits]
        return CouponPanel(coupon, uses.get(coupon.id, 0), await plans.of_bot(tx, bot_id), gateways)

    @needs(Permission.OWNER)
    async def ask_field(self, actor: Actor, bot_id: int, coupon_id: int, field: str) -> None:
        """Ask for another value of a coupon's field."""
        if field not in FIELDS:
            raise Invalid("field")
        async with self._work(actor) as work:
            shown = await self._panel(work.tx, bot_id, coupon_id)
            await work.ask("coupons:field", {"coupon": coupon_id, "field": field})
            work.show(panels.ask_field(actor.t, field, shown.coupon))

    @needs(Permission.OWNER)
    async def set_field(self, actor: Actor, bot_id: int, text: str) -> None:
        """The value that was asked for; orders that are made already keep their price."""
        async with self._work(actor) as work:
            asked = await work.asked("coupons:field")
            values = read_field(asked["field"], text, work.now)
            await work.end_dialog()
            await self._change(work, actor, bot_id, asked["coupon"], values)

    @needs(Permission.OWNER)
    async def turn(self, actor: Actor, bot_id: int, coupon_id: int, option: str) -> None:
        """Turn a switch of a coupon (`domain.coupons.OPTIONS`, or `enabled`)."""
        if option not in (*OPTIONS, "enabled"):
            raise Invalid("option")
        async with self._work(actor) as work:
            coupon = await self._held(work, bot_id, coupon_id)
            await self._change(work, actor, bot_id, coupon_id, {option: not getattr(coupon, option)})

    @needs(Permission.OWNER)
    async def turn_plan(self, actor: Actor, bot_id: int, coupon_id: int, plan_id: int) -> None:
        """Let a coupon count for a plan, or no longer (0: for all)."""
        async with self._work(actor) as work:
            coupon = await self._held(work, bot_id, coupon_id)
            if plan_id and await plans.get(work.tx, bot_id, plan_id) is None:
                raise NotFound("plan")
            chosen = coupon.plans ^ {plan_id} if plan_id else frozenset()
            await coupons.change(work.tx, bot_id, coupon_id, {"plans": chosen})
            work.show(panels.choose_plans(actor.t, await self._panel(work.tx, bot_id, coupon_id)))

    @needs(Permission.OWNER)
    async def turn_gateway(self, actor: Actor, bot_id: int, coupon_id: int, gateway: str) -> None:
        """Let a coupon count for a way to pay, or no longer ("all": for all)."""
        async with self._work(actor) as work:
            coupon = await self._held(work, bot_id, coupon_id)
            known = {name for name, _ in (await self._panel(work.tx, bot_id, coupon_id)).gateways}
            if gateway != "all" and gateway not in known | coupon.gateways:
                raise NotFound("gateway")
            chosen = coupon.gateways ^ {gateway} if gateway != "all" else frozenset()
            await coupons.change(work.tx, bot_id, coupon_id, {"gateways": chosen})
            work.show(panels.choose_gateways(actor.t, await self._panel(work.tx, bot_id, coupon_id)))

    @needs(Permission.OWNER)
    async def send_link(self, actor: Actor, bot_id: int, coupon_id: int) -> None:
        """A coupon's link with its QR picture."""
        bot = await self._bot(bot_id)
        coupon = (await self.panel(actor, bot_id, coupon_id)).coupon
        picture = qr_png(coupon_link(bot.username, coupon.name))
        async with self._work(actor) as work:
            if actor.door is not None:
                page = wording.link(actor.t, bot, coupon)
                work.send(bot_id, calls.send_photo(actor.door.chat_id, picture, "coupon.png", page))

    @needs(Permission.OWNER)
    async def delete(self, actor: Actor, bot_id: int, coupon_id: int) -> None:
        """Delete a coupon nobody has ordered with. Raises `Conflict` (coupon_ordered) for another."""
        async with self._work(actor) as work:
            await self._held(work, bot_id, coupon_id)
            if not await coupons.remove(work.tx, bot_id, coupon_id):
                raise Conflict("coupon_ordered")
            work.show(wording.listing(actor.t, *await self._page(work.tx, bot_id, 0), 0))

    async def _held(self, work: Work, bot_id: int, coupon_id: int) -> Coupon:
        """A coupon, held until the transaction ends."""
        coupon = await coupons.get(work.tx, bot_id, coupon_id, lock=True)
        if coupon is None:
            raise NotFound("coupon")
        return coupon

    async def _change(
        self, work: Work, actor: Actor, bot_id: int, coupon_id: int, values: dict[str, Any]
    ) -> None:
        if not await coupons.change(work.tx, bot_id, coupon_id, values):
            raise NotFound("coupon")
        work.show(panels.panel(actor.t, await self._panel(work.tx, bot_id, coupon_id)))

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot


def _document(coupon: Coupon, uses: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": coupon.name,
        "amount": plain_decimal(coupon.amount),
        "percent": plain_decimal(coupon.percent),
        "min_amount": plain_decimal(coupon.min_amount),
        "max_amount": plain_decimal(coupon.max_amount),
        "uses": coupon.uses,
        "used": uses,
    }
    if coupon.gateways:
        found["payment_gateways"] = sorted(coupon.gateways)
    found["plans"] = sorted(coupon.plans)
    if coupon.revenue is not None:
        found["revenue"] = {
            "direction": coupon.revenue.direction.value,
            "amount": plain_decimal(coupon.revenue.amount),
            "currency": coupon.revenue.currency,
        }
    return found | {name: getattr(coupon, name) for name in (*OPTIONS, "enabled")}
