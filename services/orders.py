"""Orders: how a plan can be paid, what its buyer sees of it, and what the owner and the API do with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain import calls
from domain.actor import Actor
from domain.bots import Bot
from domain.clock import Clock
from domain.emails import read_email
from domain.errors import DuplicateUpdate, Invalid, NotFound, Refused
from domain.orders import BY_TELEGRAM, CREDIT, STARS, Order, Settled, Status, order_link
from domain.plans import Plan
from services import credit
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.drafts import ABOUT_LIMIT, AT_ONCE, TITLE_LIMIT, Draft, Drafts
from services.fulfilment import claim, complete_free, credit_payment
from services.grants import Given
from services.paying import Method, Paying
from services.payments import PaymentService
from services.settling import close
from services.ways import Way, Ways, missing
from services.work import UnitOfWork, Work
from storage import gates, memberships, orders, payments, people, plans, updates
from storage.database import Database
from texts import memberships as member_wording
from texts import orders as wording


class OrderService(Guarded):
    """Orders of a bot."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        paying: Paying,
        drafts: Drafts,
        payments: PaymentService,
        ways: Ways,
        house: Actor,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._directory = db, work, clock, directory
        self._paying, self._drafts, self._payments, self._ways = paying, drafts, payments, ways
        self._house = house

    @needs(Permission.ANYONE)
    async def methods(self, actor: Actor, bot_id: int, plan_id: int) -> list[Method]:
        """How the actor could pay for a plan."""
        async with self._db.read() as tx:
            plan = await plans.get(tx, bot_id, plan_id)
            if plan is None:
                raise NotFound("plan")
            return await self._paying.methods(tx, bot_id, plan, actor.user_id, self._clock.now())

    @needs(Permission.ANYONE)
    async def buy(self, actor: Actor, bot_id: int, plan_id: int, gateway: str) -> None:
        """Order a plan by a gateway: the invoice or the way to the provider's page, or the membership
        itself when there is nothing to wait for. Raises `Refused` with the rule that says no."""
        bot = await self._bot(bot_id)
        await self._first_time(actor)
        draft = await self._drafts.draw(bot, plan_id, gateway, actor.user_id, actor.t)
        if draft.method.requires_email and draft.email is None:
            async with self._work(actor) as work:
                await work.ask("orders:email", {"plan": plan_id, "gateway": gateway})
                work.show(wording.ask_email(actor.t, draft.method))
        else:
            await self._buy(actor, draft)

    @needs(Permission.ANYONE)
    async def email_given(self, actor: Actor, bot_id: int, asked: Mapping[str, Any], text: str) -> None:
        """The address a provider wants to know. Raises `Invalid` (email)."""
        bot = await self._bot(bot_id)
        await self._first_time(actor)
        draft = await self._drafts.draw(
            bot, asked["plan"], asked["gateway"], actor.user_id, actor.t, email=read_email(text)
        )
        await self._buy(actor, draft)

    @needs(Permission.ANYONE)
    async def open(self, actor: Actor, bot_id: int, key: str) -> None:
        """An order's link: its state for its buyer, after asking the provider. What was paid by somebody
        unknown becomes the actor's."""
        bot = await self._bot(bot_id)
        order = await self._asked(bot_id, key)
        unclaimed = order.member_id is None and order.status is Status.COMPLETED
        ways = await self._ways.into(bot_id, actor.user_id, order.project_id) if unclaimed else []
        async with self._work(actor) as work:
            await memberships.lock_member(work.tx, bot_id, actor.user_id)  # before the order, as everywhere
            held = await orders.lock(work.tx, bot_id, order.id)
            if held is None or held.member_id not in (None, actor.user_id):
                raise Refused("order_not_yours")
            plan = await plans.get(work.tx, bot_id, held.plan_id)
            if held.member_id is None and held.status is Status.COMPLETED and plan is not None:
                for given in (await claim(work, bot, held, actor.user_id))[-1:]:
                    await _let_in(work, actor, bot, plan, given, ways)
            else:
                work.reply(wording.state(actor.t, held))

    @needs(Permission.ANYONE)
    async def check(self, actor: Actor, bot_id: int, order_id: int) -> Order:
        """Ask the provider whether an order of the actor's is paid; the order as it is then."""
        async with self._db.read() as tx:
            order = await orders.get(tx, bot_id, order_id)
        if order is None or order.member_id != actor.user_id:
            raise NotFound("order")
        return await self._asked(bot_id, order.key)

    @needs(Permission.ANYONE)
    async def cancel(self, actor: Actor, bot_id: int, order_id: int) -> None:
        """Let go of an order that is not paid: its place and its coupon are free again."""
        bot = await self._bot(bot_id)
        async with self._work(actor) as work:
            order = await orders.lock(work.tx, bot_id, order_id)
            if order is None or order.member_id != actor.user_id:
                raise NotFound("order")
            if (await close(work, bot, order, Status.CANCELED)).settled is not Settled.CLOSED:
                raise Refused("order_closed")
            work.show(wording.canceled(actor.t))

    @needs(Permission.OWNER)
    async def make(
        self,
        actor: Actor,
        bot_id: int,
        plan_id: int,
        gateway: str,
        *,
        member_id: int | None = None,
        email: str | None = None,
        coin: str | None = None,
        return_url: str = "",
        cancel_url: str = "",
    ) -> Order:
        """An order by API, with its `checkout_url`, for a member or for whoever pays it.

        Raises `NotFound` (plan, member, gateway), `Invalid` (email, token) or `Refused` with the rule that
        says no.
        """
        bot, name = await self._bot(bot_id), gateway.lower()
        if name not in AT_ONCE:
            name = self._paying.named(gateway).traits.name
        await self._known(bot_id, member_id)
        address = read_email(email) if email else None
        draft = await self._drafts.draw(
            bot, plan_id, name, member_id, actor.t,
            email=address, coin=coin, return_url=return_url, cancel_url=cancel_url,
        )  # fmt: skip
        if draft.method.requires_email and draft.email is None:
            raise Invalid("email", "email")
        if draft.method.gateway in AT_ONCE and member_id is None:
            raise Invalid("member_id", "order_member")
        checkout = await self._drafts.checkout(draft)
        async with self._work() as work:
            order = await self._drafts.place(work, draft, checkout)
            if draft.method.gateway in AT_ONCE and member_id is not None:
                await self._at_once(work, draft, order, member_id)
            return await orders.get(work.tx, bot_id, order.id) or order

    @needs(Permission.OWNER)
    async def listing(
        self,
        actor: Actor,
        bot_id: int,
        offset: int,
        limit: int,
        *,
        member_id: int | None = None,
        plan_id: int | None = None,
        project_id: int | None = None,
        status: Status | None = None,
    ) -> Sequence[tuple[Order, str | None]]:
        """Orders with their buyers' names, the newest first."""
        async with self._db.read() as tx:
            return await orders.listing(
                tx, bot_id, offset, limit,
                member_id=member_id, plan_id=plan_id, project_id=project_id, status=status,
            )  # fmt: skip

    @needs(Permission.OWNER)
    async def by_key(self, actor: Actor, bot_id: int, key: str) -> tuple[Order, str | None]:
        """One order with its buyer's name. Raises `NotFound` (order)."""
        async with self._db.read() as tx:
            order = await orders.by_key(tx, bot_id, key)
            if order is None:
                raise NotFound("order")
            name = None if order.member_id is None else await orders.name_of(tx, bot_id, order.member_id)
        return order, name

    @needs(Permission.OWNER)
    async def link(self, actor: Actor, bot_id: int, order: Order) -> str:
        """The link to an order, for whoever pays it."""
        return order_link((await self._bot(bot_id)).username, order.key)

    async def _first_time(self, actor: Actor) -> None:
        """A press that was worked off before opens no second checkout. Raises `DuplicateUpdate`."""
        if (door := actor.door) is not None:
            async with self._db.read() as tx:
                if await updates.is_processed(tx, door.bot_id, door.update_id):
                    raise DuplicateUpdate

    async def _known(self, bot_id: int, member_id: int | None) -> None:
        """An order by API is for somebody the bot can write to, or for nobody yet."""
        if member_id is None:
            return
        async with self._db.read() as tx:
            person = await people.get(tx, bot_id, member_id)
        if person is None or not person.reachable:
            raise NotFound("member")

    async def _asked(self, bot_id: int, key: str) -> Order:
        """The order, after asking its provider where it can be asked."""
        async with self._db.read() as tx:
            order = await orders.by_key(tx, bot_id, key)
        if order is None:
            raise NotFound("order")
        if order.completed_at is not None or order.ref is None or order.gateway in BY_TELEGRAM:
            return order
        await self._payments.ask(self._house, order)
        async with self._db.read() as tx:
            return await orders.by_key(tx, bot_id, key) or order

    async def _buy(self, actor: Actor, draft: Draft) -> None:
        by_invoice = draft.method.gateway == STARS and not draft.method.recurring
        checkout = None if by_invoice else await self._drafts.checkout(draft)
        ways: list[Way] = []
        if draft.method.gateway in AT_ONCE:
            ways = await self._ways.into(draft.bot.id, actor.user_id, draft.plan.project_id)
        async with self._work(actor) as work:
            order = await self._drafts.place(work, draft, checkout)
            await work.end_dialog()
            if draft.method.gateway in AT_ONCE:
                given = await self._at_once(work, draft, order, actor.user_id)
                await _let_in(work, actor, draft.bot, draft.plan, given, ways)
            elif by_invoice:
                _send_invoice(work, draft, order)
            else:
                work.show(wording.checkout(actor.t, order, draft.method))

    async def _at_once(self, work: Work, draft: Draft, order: Order, member_id: int) -> Given:
        """Nothing to pay, or paid with one's credit: the membership begins here."""
        if draft.method.gateway != CREDIT:
            return await complete_free(work, draft.bot, order, member_id)
        if not await credit.spend(work, draft.bot.id, member_id, order.amount, order.id):
            raise Refused("credit_short")
        payment = await payments.note(
            work.tx, draft.bot.id, order.id, CREDIT, order.key, member_id=member_id, paid=order.amount,
            rate=None, paid_at=work.now, accepted=True, now=work.now,
        )  # fmt: skip
        assert payment is not None  # noqa: S101 - the order's key is new
        given = (await credit_payment(work, draft.bot, order, payment, None)).given
        assert given is not None  # noqa: S101 - the order has a member
        return given

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot


def _send_invoice(work: Work, draft: Draft, order: Order) -> None:
    """The invoice with its Pay button, in the chat."""
    if work.door is None:
        return
    call = calls.invoice(
        work.door.chat_id,
        title=draft.plan.name[:TITLE_LIMIT],
        description=draft.about[:ABOUT_LIMIT],
        payload=order.key,
        amount=order.amount,
    )
    work.send(draft.bot.id, call)


async def _let_in(work: Work, actor: Actor, bot: Bot, plan: Plan, given: Given, ways: Sequence[Way]) -> None:
    """Show the ways into what was given; where there is none now, it is owed."""
    for chat_id in missing(ways):
        await gates.owe(work.tx, bot.id, chat_id, actor.user_id, gates.INVITE, work.now, work.now)
    entries = [way for way in ways if way.chat_id not in given.let_in]
    work.reply(member_wording.given(actor.t, plan, given.membership, entries, given.extended), sealed=True)
