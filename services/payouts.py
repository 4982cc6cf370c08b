"""Payouts: what affiliates ask for, what the owner pays them, and telling them what they earned."""

import logging
from collections.abc import Sequence

from domain import calls
from domain.actor import Actor
from domain.bots import Bot
from domain.clock import Clock
from domain.commissions import Account, How, Payout, State
from domain.errors import Conflict, Invalid, NotFound, Refused
from domain.money import Money, currency_of
from domain.sheets import to_csv
from services.access import Access, Guarded, Permission, needs
from services.commissions import read_terms
from services.directory import BotDirectory
from services.endings import speak_to
from services.reach import Reach, Speak
from services.work import UnitOfWork, Work
from storage import commissions, credit, memberships, payouts, people
from storage.credit import Reason
from storage.database import Database
from storage.payouts import Earned
from texts import payouts as wording

log = logging.getLogger(__name__)
PAGE = 10
MOST_IN_FILE = 50_000
BATCH = 200  # affiliates told of what they earned in one run
NOTE_LIMIT = 200


class PayoutService(Guarded):
    """Payouts of a bot. What is due is counted while the affiliate is held, so nothing is paid twice."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        reach: Reach,
        speak: Speak,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._directory, self._reach, self._speak = directory, reach, speak

    @needs(Permission.ANYONE)
    async def request(self, actor: Actor, bot_id: int, currency: str) -> Money:
        """Ask the owner for all that is due to the actor in a currency; the owner is told.

        Raises `Refused` (payout_open, payout_nothing, payout_minimum).
        """
        bot, code = await self._bot(bot_id), currency_of(currency)
        owner = await self._reach.mailbox(bot_id, bot.owner_id)
        async with self._work(actor) as work:
            account = await self._hold(work, bot_id, actor.user_id, code)
            if account.requested:
                raise Refused("payout_open")
            least = (await read_terms(work.tx, bot_id)).minimum.get(code, 0)
            if 0 < account.due < least:
                raise Refused("payout_minimum", minimum=Money(least, code))
            amount = _due(account)
            payout_id = await payouts.add(
                work.tx, bot_id, actor.user_id, amount, State.REQUESTED, How.OWNER, work.now
            )
            work.event(
                bot.owner_id, bot_id, "affiliate.asked",
                affiliate=actor.user_id, payout=payout_id, amount=f"{amount.amount:f}", currency=code,
            )  # fmt: skip
            work.show(wording.asked(actor.t, amount))
            if owner is not None:
                mine = payout_id if owner.bot_id == bot_id else None
                page = wording.new_request(owner.t, bot, actor.name, amount, mine)
                work.send(owner.bot_id, calls.send(owner.user_id, page))
        return amount

    @needs(Permission.ANYONE)
    async def as_credit(self, actor: Actor, bot_id: int, currency: str) -> Money:
        """Turn all that is due to the actor in a currency into credit, which he can pay plans with.

        Raises `Refused` (payout_nothing).
        """
        bot, code = await self._bot(bot_id), currency_of(currency)
        async with self._work(actor) as work:
            amount = _due(await self._hold(work, bot_id, actor.user_id, code))
            payout_id = await payouts.add(
                work.tx, bot_id, actor.user_id, amount, State.PAID, How.CREDIT, work.now
            )
            await credit.add(work.tx, bot_id, actor.user_id, amount, Reason.PAYOUT, payout_id, work.now)
            _log_paid(work, bot, actor.user_id, payout_id, amount, How.CREDIT)
            held = await credit.balance(work.tx, bot_id, actor.user_id)
            work.show(wording.turned_to_credit(actor.t, amount, held))
        return amount

    @needs(Permission.OWNER)
    async def listing(self, actor: Actor, bot_id: int, page: int) -> tuple[Sequence[Payout], bool]:
        """A page (from 0) of the payouts, open requests first, and whether there are more."""
        async with self._db.read() as tx:
            found = await payouts.listing(tx, bot_id, page * PAGE, PAGE + 1)
        return found[:PAGE], len(found) > PAGE

    @needs(Permission.OWNER)
    async def panel(self, actor: Actor, bot_id: int, payout_id: int) -> tuple[Payout, int]:
        """A payout, and how much of it (in minor units) refunds have left."""
        async with self._db.read() as tx:
            found = await payouts.get(tx, bot_id, payout_id)
            if found is None:
                raise NotFound("payout")
            account = await commissions.account(
                tx, bot_id, found.member_id, found.amount.currency, self._clock.now()
            )
        return found, _left(found, account)

    @needs(Permission.OWNER)
    async def pay(self, actor: Actor, bot_id: int, payout_id: int, minor: int) -> None:
        """The owner has paid a request: `minor` is what he was shown. The affiliate is told.

        Raises `Conflict`: payout_settled, or payout_changed when refunds have made it less by now.
        """
        bot = await self._bot(bot_id)
        async with self._work(actor) as work:
            found, account = await self._request(work, bot_id, payout_id)
            left = _left(found, account)
            if left != minor or left <= 0:
                raise Conflict("payout_changed")
            amount = Money(left, found.amount.currency)
            if not await payouts.settle(work.tx, bot_id, payout_id, State.PAID, left, work.now):
                raise Conflict("payout_settled")
            _log_paid(work, bot, found.member_id, payout_id, amount, How.OWNER)
            await self._tell(work, bot, found.member_id, amount, None)
            await self._show_list(work, actor, bot_id)

    @needs(Permission.OWNER)
    async def ask_reason(self, actor: Actor, bot_id: int, payout_id: int) -> None:
        """Ask why a request is declined."""
        async with self._work(actor) as work:
            found, _ = await self._request(work, bot_id, payout_id)
            await work.ask("payouts:reason", {"payout": payout_id})
            work.show(wording.ask_reason(actor.t, found))

    @needs(Permission.OWNER)
    async def decline(
        self, actor: Actor, bot_id: int, payout_id: int | None, reason: str | None = None
    ) -> None:
        """Decline a request (None: the one that is spoken of): what it asked for stays due. The affiliate is
        told why. Raises `Conflict` (payout_settled), `Invalid` (payout_reason)."""
        bot = await self._bot(bot_id)
        if reason is not None and not 1 <= len(reason := reason.strip()) <= NOTE_LIMIT:
            raise Invalid("reason", "payout_reason")
        async with self._work(actor) as work:
            if payout_id is None:
                payout_id = int((await work.asked("payouts:reason"))["payout"])
            found, _ = await self._request(work, bot_id, payout_id)
            if not await payouts.settle(
                work.tx, bot_id, payout_id, State.DECLINED, found.amount.minor, work.now, reason
            ):
                raise Conflict("payout_settled")
            await work.end_dialog()
            await self._tell(work, bot, found.member_id, found.amount, reason or "")
            await self._show_list(work, actor, bot_id)

    @needs(Permission.OWNER)
    async def export(self, actor: Actor, bot_id: int) -> None:
        """All payouts as a CSV document."""
        async with self._db.read() as tx:
            found = await payouts.listing(tx, bot_id, 0, MOST_IN_FILE)
        rows = [
            (one.id, one.member_id, one.name, one.username or "", f"{one.amount.amount:f}",
             one.amount.currency, one.state.value, one.how.value, one.at.isoformat(timespec="seconds"),
             one.settled_at.isoformat(timespec="seconds") if one.settled_at else "", one.note or "")
            for one in found
        ]  # fmt: skip
        header = ("payout_id", "member_id", "name", "username", "amount", "currency", "state", "how",
                  "requested_at", "settled_at", "note")  # fmt: skip
        async with self._work(actor) as work:
            if actor.door is not None:
                page = wording.exported(actor.t, len(rows))
                file = to_csv(header, rows)
                work.send(bot_id, calls.send_document(actor.door.chat_id, file, "payouts.csv", page))

    @needs(Permission.HOUSE)
    async def tell(self, actor: Actor) -> int:
        """Tell affiliates what they earned since they were last told; returns how many."""
        async with self._db.read() as tx:
            waiting = await payouts.untold(tx, BATCH)
        for one in waiting:
            try:
                await self._tell_earned(one)
            except Exception:  # one that fails must not keep the others waiting
                log.exception(
                    "telling an affiliate failed", extra={"bot": one.bot_id, "member": one.member_id}
                )
        return len(waiting)

    async def _tell_earned(self, about: Earned) -> None:
        bot = await self._directory.get(about.bot_id)
        async with self._work() as work:
            told = await payouts.mark_told(work.tx, about, work.now)
            person = await people.get(work.tx, about.bot_id, about.member_id)
            if told is None or bot is None or person is None:
                return
            t = self._speak(person.language, person.language_code)
            due_at = told.due_at if told.due_at > work.now else None
            speak_to(work, bot.id, person, wording.earned(t, bot, told.amount, told.payments, due_at))

    async def _tell(self, work: Work, bot: Bot, member_id: int, amount: Money, declined: str | None) -> None:
        person = await people.get(work.tx, bot.id, member_id)
        if person is None:
            return
        t = self._speak(person.language, person.language_code)
        page = (
            wording.paid(t, bot, amount) if declined is None else wording.declined(t, bot, amount, declined)
        )
        speak_to(work, bot.id, person, page)

    async def _request(self, work: Work, bot_id: int, payout_id: int) -> tuple[Payout, Account]:
        """An open request with the affiliate's account; he is held until the transaction ends."""
        known = await payouts.get(work.tx, bot_id, payout_id)
        if known is None:
            raise NotFound("payout")
        account = await self._hold(work, bot_id, known.member_id, known.amount.currency)
        found = await payouts.get(work.tx, bot_id, payout_id)
        if found is None or found.state is not State.REQUESTED:
            raise Conflict("payout_settled")
        return found, account

    async def _hold(self, work: Work, bot_id: int, member_id: int, currency: str) -> Account:
        if not await memberships.lock_member(work.tx, bot_id, member_id):
            raise NotFound("member")
        return await commissions.account(work.tx, bot_id, member_id, currency, work.now)

    async def _show_list(self, work: Work, actor: Actor, bot_id: int) -> None:
        found = await payouts.listing(work.tx, bot_id, 0, PAGE + 1)
        work.show(wording.listing(actor.t, found[:PAGE], 0, len(found) > PAGE))

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot


def _due(account: Account) -> Money:
    if account.due <= 0:
        raise Refused("payout_nothing")
    return Money(account.due, account.currency)


def _left(payout: Payout, account: Account) -> int:
    return account.covered(payout.amount.minor) if payout.state is State.REQUESTED else payout.amount.minor


def _log_paid(work: Work, bot: Bot, member_id: int, payout_id: int, amount: Money, how: How) -> None:
    work.event(
        bot.owner_id, bot.id, "affiliate.paid",
        affiliate=member_id, payout=payout_id, amount=f"{amount.amount:f}", currency=amount.currency,
        how=how.value,
    )  # fmt: skip
