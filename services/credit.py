"""Credit of members: given by the owner, earned as affiliates, spent on plans."""

from domain.actor import Actor
from domain.errors import Invalid, NotFound, Refused
from domain.money import Money, parse
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.endings import speak_to
from services.reach import Speak
from services.work import UnitOfWork, Work
from storage import credit, memberships, people
from storage.credit import Reason
from storage.database import Database, Tx
from storage.people import Person
from texts import credit as wording

_MINUS = ("-", "−", "–")


async def balance(tx: Tx, bot_id: int, member_id: int) -> list[Money]:
    """The credit somebody has, by currency; currencies without any are missing."""
    return await credit.balance(tx, bot_id, member_id)


async def spend(work: Work, bot_id: int, member_id: int, amount: Money, order_id: int) -> bool:
    """Pay an order from somebody's credit; False, and nothing changes, when he has not enough.

    An order is paid once: doing it again is True and takes nothing. The member is held until the
    transaction ends. Raises `NotFound` (member).
    """
    await _hold(work, bot_id, member_id)
    if await credit.has(work.tx, bot_id, member_id, Reason.ORDER, order_id):
        return True
    if not await _covers(work.tx, bot_id, member_id, amount):
        return False
    taken = Money(-amount.minor, amount.currency)
    return await credit.add(work.tx, bot_id, member_id, taken, Reason.ORDER, order_id, work.now)


async def give_back(work: Work, bot_id: int, member_id: int, amount: Money, payment_id: int) -> bool:
    """Give back what was paid from credit; False when that was done before."""
    return await credit.add(work.tx, bot_id, member_id, amount, Reason.REFUND, payment_id, work.now)


async def _covers(tx: Tx, bot_id: int, member_id: int, amount: Money) -> bool:
    has = {one.currency: one.minor for one in await credit.balance(tx, bot_id, member_id)}
    return 0 <= amount.minor <= has.get(amount.currency, 0)


async def _hold(work: Work, bot_id: int, member_id: int) -> None:
    if not await memberships.lock_member(work.tx, bot_id, member_id):
        raise NotFound("member")


class CreditService(Guarded):
    """Credit of a bot's members."""

    def __init__(
        self, access: Access, db: Database, work: UnitOfWork, directory: BotDirectory, speak: Speak
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._directory, self._speak = db, work, directory, speak

    @needs(Permission.ANYONE)
    async def mine(self, actor: Actor, bot_id: int) -> list[Money]:
        """The actor's own credit, by currency."""
        async with self._db.read() as tx:
            return await credit.balance(tx, bot_id, actor.user_id)

    @needs(Permission.OWNER)
    async def ask(self, actor: Actor, bot_id: int, member_id: int) -> None:
        """Ask how much credit to give somebody."""
        async with self._work(actor) as work:
            person = await self._person(work, bot_id, member_id)
            await work.ask("credit:amount", {"member": member_id})
            held = await credit.balance(work.tx, bot_id, member_id)
            work.show(wording.ask(actor.t, person.full_name, held))

    @needs(Permission.OWNER)
    async def give_asked(self, actor: Actor, bot_id: int, text: str) -> Money:
        """The amount that was asked for: `10 USD` is given, `-10 USD` is taken back; the member is told.

        Raises `Invalid` (price, currency), `Refused` (credit_less) when he has less than is taken back.
        """
        amount = _signed(text)
        bot = await self._directory.get(bot_id)
        async with self._work(actor) as work:
            member_id = int((await work.asked("credit:amount"))["member"])
            person = await self._person(work, bot_id, member_id)
            if bot is None:
                raise NotFound("bot")
            await _hold(work, bot_id, member_id)
            back = Money(-amount.minor, amount.currency)
            if amount.minor < 0 and not await _covers(work.tx, bot_id, member_id, back):
                raise Refused("credit_less")
            await credit.add(work.tx, bot_id, member_id, amount, Reason.GIFT, None, work.now)
            await work.end_dialog()
            work.event(
                bot.owner_id, bot_id, "credit.given",
                member=member_id, amount=f"{amount.amount:f}", currency=amount.currency,
            )  # fmt: skip
            held = await credit.balance(work.tx, bot_id, member_id)
            t = self._speak(person.language, person.language_code)
            speak_to(work, bot_id, person, wording.given(t, bot, amount, held))
            work.reply(wording.done(actor.t, person.full_name, member_id, amount, held))
        return amount

    async def _person(self, work: Work, bot_id: int, member_id: int) -> Person:
        person = await people.get(work.tx, bot_id, member_id)
        if person is None:
            raise NotFound("member")
        return person


def _signed(text: str) -> Money:
    """An amount as people write it, perhaps with a minus before it, but not nothing."""
    word = text.strip()
    taken = word.startswith(_MINUS)
    amount = parse(word[1:] if taken else word)
    if amount.minor == 0:
        raise Invalid("price", "credit_nothing")
    return Money(-amount.minor if taken else amount.minor, amount.currency)
