"""Who is banned: listed, banned and let in again by id, in one chat or in many."""

from collections.abc import Sequence

from domain import calls
from domain.actor import Actor, Right
from domain.antispam import sanctions
from domain.antispam.sanctions import Action
from domain.bots import Bot
from domain.calls import Priority
from domain.clock import Clock
from domain.errors import Invalid, NotFound, Refused
from services import penalties
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.penalties import Culprit
from services.work import UnitOfWork, Work
from storage import chats, federation, moderation, people
from storage.database import Database
from storage.moderation import Ban

LARGEST_ID = 2**53  # https://core.telegram.org/bots/api#user


class BanService(Guarded):
    """Bans by id. Chat id 0 is all chats of the bot."""

    def __init__(
        self, access: Access, db: Database, work: UnitOfWork, clock: Clock, directory: BotDirectory
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock, self._directory = db, work, clock, directory

    @needs(Permission.OWNER)
    async def all(self, actor: Actor, bot_id: int) -> Sequence[Ban]:
        """Everybody who is banned through the bot, wherever, the newest first."""
        async with self._db.read() as tx:
            return await moderation.bans(tx, bot_id, None, self._clock.now())

    @needs(Right.RESTRICT_MEMBERS)
    async def list(self, actor: Actor, bot_id: int, chat_id: int) -> Sequence[Ban]:
        """Who is banned from a chat (0: from all chats at once), the newest first."""
        async with self._db.read() as tx:
            return await moderation.bans(tx, bot_id, chat_id, self._clock.now())

    @needs(Right.RESTRICT_MEMBERS)
    async def ban(self, actor: Actor, bot_id: int, chat_id: int, user_id: int, reason: str = "") -> Ban:
        """Ban a person from a chat, or (0) from all chats of the bot; in Telegram, too.

        Raises `Invalid` (user_id), `NotFound` (chat), `Refused` (target_me, target_admin, bot_right). With 0
        chats that the person administers are left out.
        """
        if not 0 < user_id <= LARGEST_ID:
            raise Invalid("user_id", "person")
        bot = await self._bot(bot_id)
        if user_id == bot.telegram_id:
            raise Refused("target_me")
        if chat_id and user_id in await self.access.administrators(bot_id, chat_id):
            raise Refused("target_admin")
        async with self._work(actor) as work:
            person = await people.get(work.tx, bot_id, user_id)
            name = person.full_name if person is not None else str(user_id)
            if chat_id:
                await _check_place(work, bot_id, chat_id)
                culprit = Culprit(bot_id, chat_id, user_id, name)
                await penalties.apply(work, culprit, Action.BAN, 0, by=actor.user_id, reason=reason)
            else:
                await _ban_everywhere(work, bot_id, user_id, name, reason, actor.user_id)
            work.event(bot.owner_id, bot_id, "moderation.ban", chat=chat_id, user=user_id, by=actor.user_id)
        return Ban(chat_id, user_id, name, reason, actor.user_id, work.now)

    @needs(Right.RESTRICT_MEMBERS)
    async def unban(self, actor: Actor, bot_id: int, chat_id: int, user_id: int) -> None:
        """Lift the ban of a chat or (0) all bans of a person; in Telegram, too. Raises `NotFound` (ban)."""
        bot = await self._bot(bot_id)
        async with self._work(actor) as work:
            if chat_id:
                culprit = Culprit(bot_id, chat_id, user_id, "")
                known = (await penalties.lift(work, culprit, Action.BAN)).known
            else:
                known = await _unban_everywhere(work, bot_id, user_id)
            if not known:
                raise NotFound("ban")
            work.event(bot.owner_id, bot_id, "moderation.unban", chat=chat_id, user=user_id, by=actor.user_id)

    @needs(Permission.OWNER)
    async def federate(self, actor: Actor, bot_id: int, on: bool) -> None:
        """Let bans count in all chats of the owner from now on, or each where it is made."""
        bot = await self._bot(bot_id)
        async with self._work(actor) as work:
            await federation.switch(work.tx, bot.owner_id, on, work.now)
            work.event(bot.owner_id, bot_id, "moderation.federation", on=on, by=actor.user_id)

    async def _bot(self, bot_id: int) -> Bot:
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        return bot


async def _check_place(work: Work, bot_id: int, chat_id: int) -> None:
    chat = await chats.get(work.tx, bot_id, chat_id)
    if chat is None or not chat.present or chat.type == "channel":
        raise NotFound("chat")
    if Right.RESTRICT_MEMBERS not in chat.rights:
        raise Refused("bot_right", right=Right.RESTRICT_MEMBERS)


async def _ban_everywhere(work: Work, bot_id: int, user_id: int, name: str, reason: str, by: int) -> None:
    places = await federation.places(work.tx, bot_id, user_id)
    for one in {bot_id, *(place.bot_id for place in places)}:
        await moderation.put_ban(work.tx, one, Ban(0, user_id, name, reason, by, work.now))
    for place in places:
        work.send(place.bot_id, calls.ban(place.chat_id, user_id), priority=Priority.MODERATION)


async def _unban_everywhere(work: Work, bot_id: int, user_id: int) -> bool:
    places = await federation.places(work.tx, bot_id, user_id)
    known = await federation.forget_person(work.tx, {bot_id, *(place.bot_id for place in places)}, user_id)
    for place in places:
        for call in sanctions.pardon(Action.BAN, place.chat_id, user_id):
            work.send(place.bot_id, call, priority=Priority.MODERATION)
    return known
