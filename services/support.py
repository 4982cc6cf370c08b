"""`/paysupport` and `/terms`: Telegram wants every bot that takes money to have them
(https://core.telegram.org/bots/payments-stars#7-live-checklist)."""

from datetime import timedelta

from domain import calls
from domain.actor import Actor
from domain.bots import Bot
from domain.calls import Priority
from domain.errors import Invalid, NotFound, Refused
from domain.formatting import length, plain
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.reach import Reach, Speak
from services.work import UnitOfWork
from storage import memberships, orders, people, settings, support
from storage.database import Database
from texts import support as wording

FEATURE = "terms"  # of the settings
MOST, WITHIN = 3, timedelta(hours=1)  # questions of one person
QUESTION_LIMIT = 2_000  # characters: with the orders below it fits one message
TERMS_LIMIT = 4_000  # UTF-16 units as people see them
LAST_ORDERS = 3


class SupportService(Guarded):
    """Questions about payments go to the owner, his answers back; and the terms he sells by."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        directory: BotDirectory,
        reach: Reach,
        speak: Speak,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._directory = db, work, directory
        self._reach, self._speak = reach, speak

    @needs(Permission.ANYONE)
    async def ask(self, actor: Actor, bot_id: int) -> None:
        """Ask what the question is."""
        async with self._work(actor) as work:
            await work.ask("support:question")
            work.show(wording.ask(actor.t))

    @needs(Permission.ANYONE)
    async def pass_on(self, actor: Actor, bot_id: int, text: str) -> None:
        """Pass a question on to the owner, with who asks and what he bought last.

        Raises `Invalid` (question), `Refused`: owner_away when he cannot be written to, support_tries
        when somebody asks too often.
        """
        text = text.strip()
        if not 1 <= len(text) <= QUESTION_LIMIT:
            raise Invalid("question", "question")
        bot = await self._bot(bot_id)
        owner = await self._reach.mailbox(bot_id, bot.owner_id)
        if owner is None:
            raise Refused("owner_away")
        async with self._work(actor) as work:
            await memberships.lock_member(work.tx, bot_id, actor.user_id)
            if await support.asked_since(work.tx, bot_id, actor.user_id, work.now - WITHIN) >= MOST:
                raise Refused("support_tries")
            await support.note(work.tx, bot_id, actor.user_id, work.now)
            found = await orders.listing(work.tx, bot_id, 0, LAST_ORDERS, member_id=actor.user_id)
            asked = wording.Question(actor.user_id, actor.name, actor.username, text)
            answers = owner.bot_id == bot_id
            page = wording.to_owner(owner.t, bot, asked, [order for order, _ in found], answers=answers)
            work.send(owner.bot_id, calls.send(owner.user_id, page))
            await work.end_dialog()
            work.reply(wording.passed_on(actor.t))

    @needs(Permission.OWNER)
    async def ask_answer(self, actor: Actor, bot_id: int, member_id: int) -> None:
        """Ask the owner for his answer. Raises `NotFound` (member)."""
        async with self._work(actor) as work:
            person = await people.get(work.tx, bot_id, member_id)
            if person is None:
                raise NotFound("member")
            await work.ask("support:answer", {"member": member_id})
            work.reply(wording.ask_answer(actor.t, person.full_name))

    @needs(Permission.OWNER)
    async def answer(self, actor: Actor, bot_id: int, text: str) -> None:
        """The owner's answer to somebody's question.

        Raises `Invalid` (question), `Refused` (member_away) when he cannot be written to.
        """
        text = text.strip()
        if not 1 <= len(text) <= QUESTION_LIMIT:
            raise Invalid("question", "question")
        async with self._work(actor) as work:
            asked = await work.asked("support:answer")
            person = await people.get(work.tx, bot_id, int(asked["member"]))
            if person is None:
                raise NotFound("member")
            if not person.reachable:
                raise Refused("member_away")
            await work.end_dialog()
            t = self._speak(person.language, person.language_code)
            page = wording.answered(t, text)
            work.send(bot_id, calls.send(person.user_id, page), priority=Priority.TRIGGERED)
            work.reply(wording.answer_sent(actor.t, person.full_name))

    @needs(Permission.ANYONE)
    async def terms(self, actor: Actor, bot_id: int) -> str | None:
        """What the owner wrote, as Telegram HTML; None when he has written nothing."""
        async with self._db.read() as tx:
            found = await settings.get(tx, bot_id, settings.DEFAULT_CHAT, FEATURE)
        text: str | None = found.get("text")
        return text

    @needs(Permission.OWNER)
    async def ask_terms(self, actor: Actor, bot_id: int) -> None:
        """Ask for the owner's terms."""
        async with self._work(actor) as work:
            await work.ask("support:terms")
            work.show(wording.ask_terms(actor.t))

    @needs(Permission.OWNER)
    async def set_terms(self, actor: Actor, bot_id: int, html: str | None) -> None:
        """The owner's terms, in Telegram HTML; None goes back to the usual ones.

        Raises `Invalid` (terms) when they are empty or too long, or with the mistake in the HTML.
        """
        if html is not None and not 1 <= length(plain(html, "terms").strip()) <= TERMS_LIMIT:
            raise Invalid("terms", "terms")
        bot = await self._bot(bot_id)
        async with self._work(actor) as work:
            await settings.change(work.tx, bot_id, settings.DEFAULT_CHAT, FEATURE, {"text": html}, work.now)
            await work.end_dialog()
            work.show(wording.terms(actor.t, bot, html, mine=True))

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot
