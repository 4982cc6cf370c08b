"""Greets who comes and says goodbye to who goes, without ever drowning the chat."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from domain import calls
from domain.actor import Actor, Translator
from domain.bots import AdminChat
from domain.calls import Priority
from domain.clock import Clock
from domain.greetings import Guest
from domain.movements import Movement, MovementKind
from domain.welcome import EPHEMERAL_RIGHT, Side, WelcomeSettings, from_document
from services.access import Access, Guarded, Permission, needs
from services.directory import BotDirectory
from services.greetings import Occasion, compose
from services.work import UnitOfWork, Work
from storage import chats, people, raids, settings, welcome
from storage.database import Database, Tx

log = logging.getLogger(__name__)
FEATURE = "welcome"  # the name of the settings document
WINDOW = timedelta(seconds=10)
TRY_AGAIN = timedelta(minutes=5)
AT_ONCE = 3  # greetings within WINDOW; who comes after them is greeted with the others when it is over
MOST_ALONE = 20  # of a crowd that is greeted one by one (only the newcomer sees it): Telegram's group limit

Speaks = Callable[[str | None], Translator]


class Greeter(Guarded):
    """The movement listener of welcome and goodbye (`services.movements.MovementListener`)."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        clock: Clock,
        directory: BotDirectory,
        speaks: Speaks,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._clock = db, work, clock
        self._directory, self._speaks = directory, speaks

    async def moved(self, work: Work, movement: Movement) -> None:
        """Greet or see off, within the movement's own unit of work; bots and channels go unnoticed."""
        if movement.is_bot or movement.chat_type not in ("group", "supergroup"):
            return
        if movement.came:
            await self._came(work, movement)
        elif movement.went:
            await self._went(work, movement)

    @needs(Permission.HOUSE)
    async def greet_waiting(self, actor: Actor) -> None:
        """Greet those who came in a crowd, where their time has come. Called about once a second."""
        async with self._db.read() as tx:
            due = await welcome.due(tx, self._clock.now())
        for bot_id, chat_id in due:
            try:
                async with self._work(actor) as work:
                    guests = await welcome.take_waiting(work.tx, bot_id, chat_id, work.now)
                    if guests:
                        await self._greet_crowd(work, bot_id, chat_id, guests)
            except Exception:  # one chat that fails must not keep the others waiting
                log.exception("a crowd could not be greeted", extra={"bot": bot_id, "chat": chat_id})
                async with self._work(actor) as work:
                    await welcome.postpone(work.tx, bot_id, chat_id, work.now + TRY_AGAIN)

    @needs(Permission.ANYONE)
    async def clean(self, actor: Actor, bot_id: int, chat_id: int, message_id: int) -> None:
        """Delete Telegram's own "… joined" or "… left", where the chat wants that, and during a lockdown.

        It asks for no right: whoever caused the message, the chat's administrators have decided.
        """
        async with self._db.read() as tx:
            raid = await raids.active(tx, bot_id, chat_id, self._clock.now())
            wanted = (await _settings(tx, bot_id, chat_id)).clean_service or (raid is not None and raid.acts)
        if wanted:
            async with self._work(actor) as work:
                work.send(bot_id, calls.delete(chat_id, message_id), priority=Priority.TRIGGERED)

    async def _came(self, work: Work, movement: Movement) -> None:
        bot_id, chat_id = movement.bot_id, movement.chat_id
        settings_ = await _settings(work.tx, bot_id, chat_id)
        if not settings_.welcome.enabled:
            return
        guest = await _guest(work.tx, movement)
        place = await welcome.arrive(work.tx, bot_id, chat_id, guest, work.now, WINDOW, AT_ONCE)
        if not place:
            return
        chat = await chats.get(work.tx, bot_id, chat_id)
        occasion = Occasion(
            chat_id=chat_id,
            chat=movement.chat_title,
            members=chat.members if chat else None,
            guests=[guest],
            bot_username=await self._username(bot_id),
            inviter=await _inviter(work.tx, movement),
            returned=await welcome.was_here(work.tx, bot_id, chat_id, guest.user_id, movement.update_id),
        )
        self._greet(work, bot_id, settings_, occasion, alone=_sees_alone(settings_, chat), place=place)

    async def later(self, work: Work, movement: Movement, after: timedelta) -> None:
        """Greet somebody with all the others who come within `after`, however few they are: during a raid."""
        settings_ = await _settings(work.tx, movement.bot_id, movement.chat_id)
        if settings_.welcome.enabled:
            guest = await _guest(work.tx, movement)
            await welcome.arrive(work.tx, movement.bot_id, movement.chat_id, guest, work.now, after, 0)

    async def take_back(self, work: Work, bot_id: int, chat_id: int, since: datetime, due: datetime) -> None:
        """A raid began: greetings sent `since` then are taken back, and all are greeted together at `due`."""
        greeted = await welcome.take_back(work.tx, bot_id, chat_id, since, due)
        names = [Side.WELCOME.value, *(_single(place + 1) for place in range(min(greeted, AT_ONCE)))]
        for name in names if greeted else ():
            work.send(bot_id, calls.delete(chat_id, None, about=name), priority=Priority.TRIGGERED)

    async def greet_at(self, work: Work, bot_id: int, chat_id: int, due: datetime) -> None:
        """Greet those who wait at `due`: the raid they came in is over."""
        await welcome.postpone(work.tx, bot_id, chat_id, due)

    async def forget(self, work: Work, bot_id: int, chat_id: int, user_id: int) -> None:
        """Somebody who waits to be greeted is not: he has a question to answer first."""
        await welcome.forget_waiting(work.tx, bot_id, chat_id, user_id)

    async def _greet_crowd(self, work: Work, bot_id: int, chat_id: int, guests: list[Guest]) -> None:
        settings_ = await _settings(work.tx, bot_id, chat_id)
        chat = await chats.get(work.tx, bot_id, chat_id)
        username = await self._username(bot_id)
        if chat is None or not chat.present or not settings_.welcome.enabled or not username:
            return  # switched off, or thrown out, while they waited
        alone = _sees_alone(settings_, chat)
        for group in [[guest] for guest in guests[:MOST_ALONE]] if alone else [guests]:
            occasion = Occasion(chat_id, chat.title, chat.members, group, username)
            self._greet(work, bot_id, settings_, occasion, alone=alone)

    def _greet(
        self,
        work: Work,
        bot_id: int,
        settings_: WelcomeSettings,
        occasion: Occasion,
        *,
        alone: bool,
        place: int = 0,
    ) -> None:
        t = self._speaks(occasion.guests[0].language_code)
        call = compose(t, settings_, Side.WELCOME, occasion)
        if call is None:
            return
        if alone:
            call = calls.only_for(occasion.guests[0].user_id, call)
        elif settings_.welcome.delete_previous:
            previous = calls.delete(occasion.chat_id, None, about=Side.WELCOME)
            work.send(bot_id, previous, priority=Priority.TRIGGERED)
        elif place:
            call = replace(call, keep_as=_single(place))  # a raid may turn out to have begun with him
        work.send(bot_id, call, priority=Priority.TRIGGERED)

    async def _went(self, work: Work, movement: Movement) -> None:
        """Goodbye is for those who leave by themselves: who was removed gets no kind words in public."""
        bot_id, chat_id = movement.bot_id, movement.chat_id
        unnoticed = await welcome.forget_waiting(work.tx, bot_id, chat_id, movement.user_id)
        if unnoticed or movement.kind is not MovementKind.LEAVE:
            return
        settings_ = await _settings(work.tx, bot_id, chat_id)
        if not settings_.goodbye.enabled:
            return
        if not await welcome.may_say_goodbye(work.tx, bot_id, chat_id, work.now, WINDOW, AT_ONCE):
            return
        chat = await chats.get(work.tx, bot_id, chat_id)
        guest = await _guest(work.tx, movement)
        occasion = Occasion(
            chat_id,
            movement.chat_title,
            chat.members if chat else None,
            [guest],
            await self._username(bot_id),
        )
        call = compose(self._speaks(guest.language_code), settings_, Side.GOODBYE, occasion)
        if call is None:
            return
        if settings_.goodbye.delete_previous:
            previous = calls.delete(chat_id, None, about=Side.GOODBYE)
            work.send(bot_id, previous, priority=Priority.TRIGGERED)
        work.send(bot_id, call, priority=Priority.TRIGGERED)

    async def _username(self, bot_id: int) -> str:
        bot = await self._directory.get(bot_id)
        return bot.username if bot is not None else ""


def _single(place: int) -> str:
    """The name under which a greeting of one person is kept."""
    return f"{Side.WELCOME}:{place}"


async def _settings(tx: Tx, bot_id: int, chat_id: int) -> WelcomeSettings:
    return from_document(await settings.merged(tx, bot_id, chat_id, FEATURE))


async def _guest(tx: Tx, movement: Movement) -> Guest:
    known = await people.get(tx, movement.bot_id, movement.user_id)
    same = known if known is not None and known.full_name == movement.name else None
    return Guest(
        movement.user_id,
        movement.name,
        movement.username,
        movement.language_code,
        first=same.first_name if same else "",
        last=(same.last_name or "") if same else "",
    )


async def _inviter(tx: Tx, movement: Movement) -> str:
    """Who added the person, else the name of the link he came by."""
    if movement.actor_id != movement.user_id and not movement.via_request:
        person = await people.get(tx, movement.bot_id, movement.actor_id)
        if person is not None:
            return person.full_name
    return movement.link_name or ""


def _sees_alone(settings_: WelcomeSettings, chat: AdminChat | None) -> bool:
    return settings_.only_newcomer and chat is not None and EPHEMERAL_RIGHT in chat.rights
