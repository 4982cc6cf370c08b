"""Who may do what: declared on every service call, refused unless declared and given."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from enum import Enum
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from domain.actor import Actor, Right
from domain.clock import Clock
from domain.errors import NotAllowed, TelegramError
from domain.telegram import Telegram
from services.directory import BotDirectory
from storage import chats
from storage.database import Database

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Guarded")

FRESH = timedelta(minutes=10)  # how long a fetched administrator list is believed without updates


class Permission(Enum):
    """What a service call demands besides chat rights (`domain.actor.Right`)."""

    ANYONE = "anyone"
    ACCOUNT = "account"  # somebody who may own bots here
    OWNER = "owner"  # of the bot `bot_id`
    HOUSE = "house"  # background work only


Demand = Permission | Right


class Guarded:
    """A service whose calls declare what they demand. `access` decides."""

    def __init__(self, access: "Access") -> None:
        self.access = access


def needs(
    demand: Demand,
) -> Callable[
    [Callable[Concatenate[S, Actor, P], Awaitable[R]]],
    Callable[Concatenate[S, Actor, P], Coroutine[Any, Any, R]],
]:
    """Declare a service call's demand; it is checked before the call runs.

    `OWNER` and chat rights look at the parameter `bot_id`, chat rights at `chat_id`, too: a call that
    lacks them cannot be declared. Chat id 0 (`_default`, all chats of the bot) is the owner's alone.
    """

    def declare(
        method: Callable[Concatenate[S, Actor, P], Awaitable[R]],
    ) -> Callable[Concatenate[S, Actor, P], Coroutine[Any, Any, R]]:
        places = signature(method)
        wanted = (
            ["bot_id", "chat_id"] if isinstance(demand, Right) else ["bot_id"] * (demand is Permission.OWNER)
        )
        if missing := [name for name in wanted if name not in places.parameters]:
            raise TypeError(f"{method.__qualname__} demands {demand} but has no parameter {missing}")

        @wraps(method)
        async def guarded(self: S, actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
            given = places.bind(self, actor, *args, **kwargs).arguments
            await self.access.check(actor, demand, *(given[name] for name in wanted))
            return await method(self, actor, *args, **kwargs)

        guarded.demand = demand  # type: ignore[attr-defined]  # structural tests read it
        return cast(Callable[Concatenate[S, Actor, P], Coroutine[Any, Any, R]], guarded)

    return declare


class Access:
    """Decides on demands. Owners are known from the bots, administrators from a cache kept by updates."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        telegram: Telegram,
        directory: BotDirectory,
        owner_ids: frozenset[int],
    ) -> None:
        self._db, self._clock, self._telegram = db, clock, telegram
        self._directory, self._owner_ids = directory, owner_ids

    async def check(self, actor: Actor, demand: Demand, bot_id: int = 0, chat_id: int = 0) -> None:
        """Raise `NotAllowed` unless the actor may."""
        if not await self.allows(actor, demand, bot_id, chat_id):
            raise NotAllowed

    async def allows(self, actor: Actor, demand: Demand, bot_id: int = 0, chat_id: int = 0) -> bool:
        """Whether the actor meets the demand."""
        if actor.is_house or demand is Permission.ANYONE:
            return True
        if actor.bot_scope is not None and actor.bot_scope != bot_id:
            return False
        if demand is Permission.ACCOUNT:
            return self.may_own_bots(actor.user_id)
        if demand is Permission.OWNER:
            return await self.owns(actor, bot_id)
        if isinstance(demand, Right):
            return await self.owns(actor, bot_id) or await self._has_right(actor, bot_id, chat_id, demand)
        return False

    def may_own_bots(self, user_id: int) -> bool:
        """Whether somebody may own bots in this installation (setting OWNER_IDS; empty: anyone)."""
        return user_id > 0 and (not self._owner_ids or user_id in self._owner_ids)

    async def owns(self, actor: Actor, bot_id: int) -> bool:
        """Whether the bot is the actor's."""
        bot = await self._directory.get(bot_id)
        return bot is not None and bot.owner_id == actor.user_id and self.may_own_bots(actor.user_id)

    async def administrators(self, bot_id: int, chat_id: int) -> dict[int, frozenset[str]]:
        """Administrators of a chat with their rights; fetched when nothing fresh is known."""
        async with self._db.read() as tx:
            known = await chats.admins(tx, bot_id, chat_id, fresh_since=self._clock.now() - FRESH)
        if known is not None:
            return known
        try:
            answer = await self._telegram.ask(bot_id, "getChatAdministrators", chat_id=chat_id)
        except TelegramError:
            return {}  # nobody is believed to be an administrator without proof
        admins = [(a["user"]["id"], a["status"] == "creator", _rights(a)) for a in answer]
        async with self._db.write() as tx:
            await chats.put_admins(tx, bot_id, chat_id, admins, self._clock.now())
        return {user: rights for user, _, rights in admins}

    async def _has_right(self, actor: Actor, bot_id: int, chat_id: int, right: Right) -> bool:
        if chat_id == 0:
            return False
        if actor.anonymous_in == chat_id:
            return True  # Telegram vouches that he is an administrator, and never says which
        rights = (await self.administrators(bot_id, chat_id)).get(actor.user_id)
        return rights is not None and right in rights


def _rights(member: dict[str, Any]) -> frozenset[str]:
    if member["status"] == "creator":
        return frozenset(Right)
    return frozenset(name for name, value in member.items() if name.startswith("can_") and value is True)
