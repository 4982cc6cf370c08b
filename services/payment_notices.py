"""What payers and owners are told of money that came, and the ways into what was paid for."""

from collections.abc import Sequence

from domain import calls
from domain.bots import Bot
from domain.calls import Priority
from domain.gateways import Proof, State
from domain.orders import Order, Settled, sale_link
from domain.subscriptions import Subscription
from services.endings import speak_to
from services.fulfilment import Outcome
from services.grants import read_settings
from services.reach import Mailbox, Reach, Speak
from services.ways import Way, Ways, missing
from services.work import Work
from storage import gates, orders, people, plans
from storage.database import Database
from texts import orders as wording
from texts import settling as owner_wording


class PaymentNotices:
    """Messages about payments. What has to be looked up comes first (`ways_for`, `ways_of`, `owner`); the
    messages are promised in the unit of work in which the money is settled."""

    def __init__(self, db: Database, ways: Ways, reach: Reach, speak: Speak) -> None:
        self._db, self._ways, self._reach, self._speak = db, ways, reach, speak

    async def owner(self, bot: Bot) -> Mailbox | None:
        """Where the owner of a bot is told."""
        return await self._reach.mailbox(bot.id, bot.owner_id)

    async def ways_for(self, bot: Bot, gateway: str, proof: Proof) -> list[Way]:
        """The ways into what an order opens, made beforehand: only where money has come."""
        if proof.state is not State.PAID:
            return []
        async with self._db.read() as tx:
            order = None
            if proof.order_key:
                order = await orders.by_key(tx, bot.id, proof.order_key)
            elif proof.ref:
                order = await orders.by_ref(tx, bot.id, gateway, proof.ref)
        return [] if order is None else await self.ways_of(order, proof.payer)

    async def ways_of(self, order: Order, payer: int | None = None) -> list[Way]:
        """The ways into what an order opens, for whoever it belongs to, or belongs to from now on."""
        member_id = order.member_id or payer
        return [] if member_id is None else await self._ways.into(order.bot_id, member_id, order.project_id)

    async def tell(
        self, work: Work, bot: Bot, outcome: Outcome, ways: Sequence[Way], collect: str | None = None
    ) -> None:
        """Tell the payer what became of his money."""
        order = outcome.order
        if order is None or order.member_id is None:
            return
        person = await people.get(work.tx, bot.id, order.member_id)
        if person is None:
            return
        t = self._speak(person.language, person.language_code)
        if outcome.settled is Settled.CREDITED and outcome.given is not None:
            for chat_id in missing(ways):
                await gates.owe(work.tx, bot.id, chat_id, person.user_id, gates.INVITE, work.now, work.now)
            entries = [way for way in ways if way.chat_id not in outcome.given.let_in]
            given = outcome.given
            page = wording.credited(t, order, given.membership, entries, extended=given.extended)
            speak_to(work, bot.id, person, page, sealed=True)
        elif (words := wording.to_payer(t, outcome.settled, order, outcome.payment, collect)) is not None:
            speak_to(work, bot.id, person, words, sealed=collect is not None)

    async def tell_owner(
        self, work: Work, bot: Bot, outcome: Outcome, owner: Mailbox | None, collect: str | None
    ) -> None:
        """Tell the owner of what he has to decide about, and of sales if he wants to hear of them."""
        if owner is None or outcome.order is None or outcome.payment is None:
            return
        sales = (await read_settings(work.tx, bot.id)).tell_sales
        if outcome.settled in (Settled.CREDITED, Settled.UNCLAIMED) and not sales:
            return
        name = None
        if outcome.order.member_id is not None:
            name = await orders.name_of(work.tx, bot.id, outcome.order.member_id)
        link = None if owner.bot_id == bot.id else sale_link(bot.username, outcome.order.id)
        page = owner_wording.to_owner(
            owner.t, outcome.settled, outcome.order, outcome.payment, name, collect, link
        )  # fmt: skip
        if page is not None:
            work.send(owner.bot_id, calls.send(owner.user_id, page), priority=Priority.TRIGGERED)

    async def subscription_turned(self, work: Work, bot: Bot, found: Subscription, *, failed: bool) -> None:
        """Tell the payer that his subscription goes on no longer, or again."""
        person = await people.get(work.tx, bot.id, found.member_id)
        if person is None:
            return
        t = self._speak(person.language, person.language_code)
        plan = await plans.get(work.tx, bot.id, found.plan_id)
        speak_to(work, bot.id, person, wording.subscription_turned(t, plan, found, failed=failed))
