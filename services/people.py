"""People a bot meets: their names, their language, whether they can be written to."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from domain.actor import Actor, Translator
from domain.clock import Clock
from domain.errors import Invalid
from services.access import Access, Guarded, Permission, needs
from services.signals import Signals
from services.work import UnitOfWork
from storage import people
from storage.database import Database
from storage.people import Person
from texts import start as wording

CACHED = 20_000
PERSON_CHANGED = "person"  # signal: [bot id, user id], the language or the reach of a person has changed


class PeopleService(Guarded):
    """Remembers who is who, without a write for every message."""

    def __init__(
        self, access: Access, db: Database, work: UnitOfWork, clock: Clock, signals: Signals
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._known: OrderedDict[tuple[int, int], Person] = OrderedDict()
        signals.on(PERSON_CHANGED, self._forget)
        signals.on_gap(self._known.clear)

    @needs(Permission.HOUSE)
    async def meet(self, actor: Actor, bot_id: int, seen: Person, *, started: bool) -> Person:
        """Remember a person as just seen; `started` when he wrote in private, so the bot may write back."""
        known = self._known.get((bot_id, seen.user_id))
        if known is None or (started and not known.reachable) or not _same(known, seen):
            async with self._db.write() as tx:
                await people.remember(tx, bot_id, seen, self._clock.now(), started=started)
                known = await people.get(tx, bot_id, seen.user_id) or seen
            self._keep(bot_id, known)
        return known

    @needs(Permission.ANYONE)
    async def choose_language(
        self, actor: Actor, bot_id: int, language: str, spoken: Mapping[str, Translator]
    ) -> None:
        """Speak `language`, one of those `spoken` here, with the actor from now on."""
        if language not in spoken:
            raise Invalid("language", "unknown_language")
        async with self._work(actor) as work:
            await people.choose_language(work.tx, bot_id, actor.user_id, language)
            work.signal(PERSON_CHANGED, [bot_id, actor.user_id])
            work.show(wording.language_chosen(spoken[language]))

    @needs(Permission.HOUSE)
    async def blocked(self, actor: Actor, bot_id: int, user_id: int) -> None:
        """The person blocked the bot, or left Telegram."""
        async with self._work(actor) as work:
            await people.mark_blocked(work.tx, bot_id, user_id, work.now)
            work.signal(PERSON_CHANGED, [bot_id, user_id])

    async def find(self, bot_id: int, who: str) -> Person | None:
        """A person by id or @username, among those the bot has met."""
        async with self._db.read() as tx:
            if who.isascii() and who.isdigit():
                return await people.get(tx, bot_id, int(who)) if len(who) < 19 else None
            return await people.by_username(tx, bot_id, who.lstrip("@"))

    def _forget(self, payload: list[int]) -> None:
        bot_id, user_id = payload
        self._known.pop((bot_id, user_id), None)

    def _keep(self, bot_id: int, person: Person) -> None:
        self._known[bot_id, person.user_id] = person
        self._known.move_to_end((bot_id, person.user_id))
        if len(self._known) > CACHED:
            self._known.popitem(last=False)


def person_of(user: Mapping[str, Any]) -> Person:
    """A person as Bot API `User` describes him."""
    return Person(
        user["id"], user.get("first_name", ""), user.get("last_name"), user.get("username"),
        user.get("language_code"),
    )  # fmt: skip


def _same(known: Person, seen: Person) -> bool:
    return (known.first_name, known.last_name, known.username) == (
        seen.first_name,
        seen.last_name,
        seen.username,
    ) and seen.language_code in (None, known.language_code)
