"""`/lock` and `/unlock`: what members of a group may send, taken and given back."""

from typing import Any

from domain.actor import Actor, Right
from domain.bots import Bot
from domain.calls import Call, Priority
from domain.errors import NotFound, Refused
from domain.locks import ALL, permissions_of, read_kinds, with_taken
from domain.telegram import Telegram
from services import standing
from services.access import Access, Guarded, needs
from services.directory import BotDirectory
from services.judgements import answer
from services.work import UnitOfWork, Work
from storage import locks
from storage.locks import State
from texts import locks as wording


class LockService(Guarded):
    """What was open before is remembered, so that unlocking gives back exactly what locking took."""

    def __init__(self, access: Access, work: UnitOfWork, telegram: Telegram, directory: BotDirectory) -> None:
        super().__init__(access)
        self._work, self._telegram, self._directory = work, telegram, directory

    @needs(Right.RESTRICT_MEMBERS)
    async def lock(self, actor: Actor, bot_id: int, chat_id: int, words: str) -> None:
        """Take kinds of messages from the members; everything when none is named.

        Raises `Invalid` (lock_kind), `Refused` (bot_right, locked_already).
        """
        kinds = read_kinds(words)
        bot, current = await self._current(bot_id, chat_id)
        async with self._work(actor) as work:
            state = _real(await locks.hold(work.tx, bot_id, chat_id, work.now), current)
            now = with_taken(current, state.taken, state.given)
            fresh = frozenset(one for one in permissions_of(kinds) if now.get(one))
            if not fresh:
                raise Refused("locked_already")
            state = State(state.taken | fresh, state.given - fresh)
            await locks.keep(work.tx, bot_id, chat_id, state)
            _set(work, bot_id, chat_id, with_taken(now, fresh, frozenset()))
            work.event(bot.owner_id, bot_id, "moderation.lock", chat=chat_id, kinds=kinds, by=actor.user_id)
            answer(work, wording.locked(actor.t, kinds))

    @needs(Right.RESTRICT_MEMBERS)
    async def unlock(self, actor: Actor, bot_id: int, chat_id: int, words: str) -> None:
        """Give back what locking took; everything when no kind is named.

        Raises `Invalid` (lock_kind), `Refused` (bot_right, not_locked).
        """
        kinds = read_kinds(words)
        bot, current = await self._current(bot_id, chat_id)
        async with self._work(actor) as work:
            state = _real(await locks.hold(work.tx, bot_id, chat_id, work.now), current)
            back = state.taken if kinds == [ALL] else state.taken & permissions_of(kinds)
            if not back:
                raise Refused("not_locked")
            state = State(state.taken - back, state.given | back)
            await locks.keep(work.tx, bot_id, chat_id, state)
            _set(work, bot_id, chat_id, with_taken(current, state.taken, state.given))
            work.event(bot.owner_id, bot_id, "moderation.unlock", chat=chat_id, kinds=kinds, by=actor.user_id)
            answer(work, wording.unlocked(actor.t, kinds))

    async def _current(self, bot_id: int, chat_id: int) -> tuple[Bot, dict[str, bool]]:
        """The bot, once it is sure that it may, and what members may send now."""
        bot = await self._directory.get(bot_id)
        if bot is None:
            raise NotFound("bot")
        await standing.demand(self._telegram, bot, chat_id, Right.RESTRICT_MEMBERS)
        chat: dict[str, Any] = await self._telegram.ask(bot_id, "getChat", chat_id=chat_id)
        return bot, dict(chat.get("permissions") or {})


def _real(state: State, current: dict[str, bool]) -> State:
    """What is still locked by us: once Telegram knows all, its word counts, for administrators may have
    opened something by hand."""
    if not state.settled:
        return state
    return State(frozenset(one for one in state.taken if not current.get(one)))


def _set(work: Work, bot_id: int, chat_id: int, permissions: dict[str, bool]) -> None:
    params = {
        "chat_id": chat_id, "permissions": permissions, "use_independent_chat_permissions": True,
    }  # fmt: skip
    work.send(bot_id, Call("setChatPermissions", params), priority=Priority.MODERATION)
