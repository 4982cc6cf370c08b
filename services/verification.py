"""Verification of newcomers: they are asked a question before they may write, or come in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain import calls
from domain.actor import Actor, Right
from domain.errors import NotFound, Refused
from domain.page import Page
from domain.verification import MOST_WRONG, Method, VerificationSettings, checked
from services.access import Access, Guarded, Permission, needs
from services.doorboard import FEATURE, setup_of
from services.doorkeeper import Doorkeeper
from services.work import UnitOfWork, Work
from storage import chats, raids, settings, verification
from storage.database import Database, Tx
from storage.verification import OWED, PASSED, WAITING, Held
from texts import verification as wording


@dataclass(frozen=True, slots=True)
class VerificationView:
    """Settings as they work in a chat; `own` holds what was set for this very chat."""

    chat_id: int
    title: str | None  # None: all chats (`_default`)
    settings: VerificationSettings
    own: Mapping[str, Any]


class VerificationService(Guarded):
    """Answers of newcomers, decisions of administrators, and the panel."""

    def __init__(
        self,
        access: Access,
        db: Database,
        work: UnitOfWork,
        doorkeeper: Doorkeeper,
    ) -> None:
        super().__init__(access)
        self._db, self._work, self._doorkeeper = db, work, doorkeeper

    @needs(Permission.ANYONE)
    async def answer(
        self, actor: Actor, bot_id: int, chat_id: int, nonce: str, choice: int, ephemeral_id: int | None
    ) -> str:
        """A newcomer presses an answer; what he is told. Only his own question counts.

        Raises `Refused`: question_not_yours, question_answered, question_old.
        """
        async with self._work(actor) as work:
            held = await verification.get(work.tx, bot_id, chat_id, actor.user_id)
            held = held or await verification.by_nonce(work.tx, bot_id, actor.user_id, nonce)
            if held is None or held.state != WAITING:
                answered = held is not None and held.state in (PASSED, OWED)
                raise Refused("question_answered" if answered else "question_not_yours")
            question = held.challenge or await verification.question(work.tx, bot_id, chat_id)
            if question is None or question.nonce != nonce:
                raise Refused("question_old")
            t = await self._doorkeeper.words(work.tx, held)
            if question.is_right(choice):
                if not await self._doorkeeper.let_in(work, held):
                    raise Refused("question_answered")
                words = wording.passed(t, requests=held.requests)
            else:
                wrong = await verification.miss(work.tx, bot_id, held.chat_id, actor.user_id)
                if wrong is not None and wrong < MOST_WRONG:
                    return wording.wrong(t, MOST_WRONG - wrong)
                await self._doorkeeper.turn_away(work, held)
                words = wording.turned_away(t)
            self._tidy(work, held, ephemeral_id, words)
        return words

    def _tidy(self, work: Work, held: Held, ephemeral_id: int | None, words: str) -> None:
        """A question that was one person's alone goes once it is answered; in private it becomes `words`."""
        door = work.door
        if door is None or held.challenge is None:
            return
        if held.requests and door.message_id is not None:
            edit = calls.edit_caption if held.challenge.method is Method.PICTURE else calls.edit
            work.send(door.bot_id, edit(door.chat_id, door.message_id, Page(words)))
        elif ephemeral_id is not None:
            work.send(held.bot_id, calls.delete_ephemeral(held.chat_id, held.user_id, ephemeral_id))

    @needs(Right.RESTRICT_MEMBERS)
    async def let_in(self, actor: Actor, bot_id: int, chat_id: int, user_id: int) -> None:
        """*Let in*: an administrator vouches for somebody. Raises `NotFound` (newcomer)."""
        async with self._work(actor) as work:
            held = await self._waiting(work, bot_id, chat_id, user_id)
            if not await self._doorkeeper.let_in(work, held):
                raise NotFound("newcomer")
            work.show(wording.decided(actor.t, user_id, held.name, actor.name, let_in=True))

    @needs(Right.RESTRICT_MEMBERS)
    async def expel(self, actor: Actor, bot_id: int, chat_id: int, user_id: int) -> None:
        """*Remove*: an administrator sends somebody away, free to return. Raises `NotFound` (newcomer)."""
        async with self._work(actor) as work:
            held = await self._waiting(work, bot_id, chat_id, user_id)
            if not await self._doorkeeper.turn_away(work, held):
                raise NotFound("newcomer")
            work.show(wording.decided(actor.t, user_id, held.name, actor.name, let_in=False))

    async def _waiting(self, work: Work, bot_id: int, chat_id: int, user_id: int) -> Held:
        held = await verification.get(work.tx, bot_id, chat_id, user_id)
        if held is None or held.state != WAITING:
            raise NotFound("newcomer")
        return held

    @needs(Right.RESTRICT_MEMBERS)
    async def get(self, actor: Actor, bot_id: int, chat_id: int) -> VerificationView:
        """The settings that work in a chat (0: in all). Raises `NotFound` (chat)."""
        async with self._db.read() as tx:
            return await _view(tx, bot_id, chat_id)

    @needs(Right.RESTRICT_MEMBERS)
    async def page(self, actor: Actor, bot_id: int, chat_id: int, name: str = wording.MAIN) -> Page:
        """A page of the panel. Raises `NotFound` (chat)."""
        async with self._db.read() as tx:
            view = await _view(tx, bot_id, chat_id)
        return _page(actor, view, name)

    @needs(Right.RESTRICT_MEMBERS)
    async def set(
        self, actor: Actor, bot_id: int, chat_id: int, changes: Mapping[str, Any], page: str = wording.MAIN
    ) -> VerificationView:
        """Change settings (None: inherit again). Whoever is not asked any more by them is let in.

        Raises `Invalid` naming the field (see `domain.verification.checked`), `NotFound` (chat).
        """
        stored = checked(changes)
        async with self._work(actor) as work:
            view = await _view(work.tx, bot_id, chat_id)
            await settings.change(work.tx, bot_id, chat_id, FEATURE, stored, work.now)
            await self._release(work, bot_id, chat_id)
            view = await _view(work.tx, bot_id, chat_id)
            work.show(_page(actor, view, page))
        return view

    @needs(Right.RESTRICT_MEMBERS)
    async def reset(self, actor: Actor, bot_id: int, chat_id: int) -> None:
        """Forget what was set for the chat: it inherits everything again. Raises `NotFound` (chat)."""
        async with self._work(actor) as work:
            await settings.remove(work.tx, bot_id, chat_id, FEATURE)
            await self._release(work, bot_id, chat_id)
            work.show(_page(actor, await _view(work.tx, bot_id, chat_id), wording.MAIN))

    async def _release(self, work: Work, bot_id: int, chat_id: int) -> None:
        """Let in whom nothing asks any more: verification was switched off, and no lockdown is on."""
        for place in [chat_id] if chat_id else await verification.chats_waiting(work.tx, bot_id):
            setup = await setup_of(work.tx, bot_id, place)
            raid = await raids.active(work.tx, bot_id, place, work.now)
            if setup.method is Method.OFF and not (raid is not None and raid.acts):
                for held in await verification.waiting(work.tx, bot_id, place):
                    await self._doorkeeper.release(work, held)


async def _view(tx: Tx, bot_id: int, chat_id: int) -> VerificationView:
    chat = await chats.get(tx, bot_id, chat_id) if chat_id else None
    if chat_id and chat is None:
        raise NotFound("chat")
    own = await settings.get(tx, bot_id, chat_id, FEATURE)
    return VerificationView(
        chat_id, chat.title if chat is not None else None, await setup_of(tx, bot_id, chat_id), own
    )


def _page(actor: Actor, view: VerificationView, name: str) -> Page:
    write = wording.raids if name == wording.RAIDS else wording.main
    return write(actor.t, view.chat_id, view.title, view.settings, own=bool(view.own))
