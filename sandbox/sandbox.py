"""A whole Telegram in one object."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Self

from sandbox.activity import Activity
from sandbox.clock import Clock
from sandbox.delivery import Deliverer
from sandbox.errors import SandboxError
from sandbox.faults import Faults
from sandbox.gateway import Gateway
from sandbox.handles import BotHandle, ChatHandle
from sandbox.late import LateUpdates
from sandbox.looking import Looking
from sandbox.model import Bot, Json
from sandbox.money import Payment
from sandbox.paying import take_back
from sandbox.people import Person
from sandbox.server import Server
from sandbox.settling import IdleHook, come_to_rest
from sandbox.subscriptions import charge_due, next_charge
from sandbox.updates import StoredUpdate
from sandbox.view import View
from sandbox.world import ChatKind, World


class Sandbox(Looking):
    """Telegram on this machine: ``async with Sandbox() as tg``.

    Args:
        host, port: where to listen; a free loopback port by default.
        settle: whether every action of a person waits until all bots have come to rest.
        quiet: seconds without any Bot API call that count as rest.
        timeout: seconds after which :meth:`settle` gives up.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        settle: bool = True,
        quiet: float = 0.03,
        timeout: float = 10.0,
    ) -> None:
        self.clock = Clock()
        self.auto_settle = settle
        self.quiet = quiet
        self.timeout = timeout
        self.idle_hooks: list[IdleHook] = []
        """Awaited while settling, to let an application finish work Telegram cannot see."""
        self._activity = Activity()
        self.world = World(self.clock, self._feed_changed)
        self.faults = Faults(self._faults_changed)
        self.late = LateUpdates(self.clock, self.faults)
        self.world.stops = self.late.stops
        self.clock.when_due(partial(next_charge, self.world), partial(charge_due, self.world))
        self.gateway = Gateway(self.world, self.faults, self._activity)
        self.deliverer = Deliverer(self.gateway.webhook_reply)
        self._server = Server(self.gateway, host, port)
        self.view = View(self)
        self.view.add_routes(self._server.app)

    # -- life -------------------------------------------------------------------------------

    async def start(self) -> Self:
        """Listen; :attr:`url` is known afterwards."""
        await self._server.start()
        return self

    async def close(self) -> None:
        """Stop everything."""
        self.view.close()
        await self.deliverer.close()
        await self._server.close()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def url(self) -> str:
        """Base address for Bot API clients, and of the page at ``/sandbox/``."""
        return self._server.url

    # -- making things ----------------------------------------------------------------------

    def user(
        self,
        name: str,
        *,
        language: str | None = "en",
        username: str | None = None,
        premium: bool = False,
        bio: str | None = None,
        stars: int = 0,
        id: int | None = None,
    ) -> Person:
        """A new person."""
        user = self.world.add_user(
            name, language=language, username=username, premium=premium, bio=bio, user_id=id
        )
        user.stars = stars
        return Person(self, user)

    def bot(
        self,
        username: str,
        *,
        name: str | None = None,
        token: str | None = None,
        owner: Person | None = None,
        privacy: bool = True,
        can_manage_bots: bool = False,
        can_join_groups: bool = True,
        supports_join_request_queries: bool = False,
    ) -> BotHandle:
        """A new bot, as BotFather makes it."""
        bot = self.world.add_bot(
            username,
            name=name,
            token=token,
            owner=owner.user if owner else None,
            privacy=privacy,
            can_manage_bots=can_manage_bots,
            can_join_groups=can_join_groups,
            supports_join_request_queries=supports_join_request_queries,
        )
        return BotHandle(self, bot)

    def group(
        self,
        title: str,
        owner: Person,
        *,
        kind: ChatKind = "supergroup",
        username: str | None = None,
        forum: bool = False,
        join_by_request: bool = False,
    ) -> ChatHandle:
        """A new supergroup (or ``kind="group"``)."""
        chat = self.world.add_chat(kind, title, owner.user, username=username)
        chat.is_forum, chat.join_by_request = forum, join_by_request
        return ChatHandle(self, chat)

    def channel(
        self,
        title: str,
        owner: Person,
        *,
        username: str | None = None,
        discussion: ChatHandle | None = None,
    ) -> ChatHandle:
        """A new channel, optionally with a linked discussion group."""
        chat = self.world.add_chat("channel", title, owner.user, username=username)
        if discussion is not None:
            chat.linked, discussion.chat.linked = discussion.chat, chat
        return ChatHandle(self, chat)

    # -- raw updates ------------------------------------------------------------------------

    async def inject(self, bot: BotHandle, update: Json) -> StoredUpdate:
        """Queue a hand-made update."""
        stored = bot.bot.feed.inject(update)
        await self.acted()
        return stored

    async def redeliver(self, update: int | StoredUpdate) -> None:
        """Deliver an update of the past once more.

        Raises:
            SandboxError: no bot ever had an update with this id.
        """
        number = update if isinstance(update, int) else update.update_id
        for bot in self.world.bots.values():
            if bot.feed.repeat(number) is not None:
                await self.acted()
                return
        raise SandboxError("No bot ever had an update {number}.", number=number)

    @property
    def redeliver_everything(self) -> bool:
        """Whether each update is delivered twice."""
        return self.deliverer.duplicate_everything

    @redeliver_everything.setter
    def redeliver_everything(self, value: bool) -> None:
        self.deliverer.duplicate_everything = value
        self.world.notify("faults", None)

    def lose_next(self, what: str, *, bot: BotHandle | None = None, count: int | None = 1) -> None:
        """The next update of a kind never comes, though what it tells of has happened.

        ``what`` is a kind of update or what a message carries, such as ``successful_payment``.
        """
        self.faults.lose_update(what, bot=bot, count=count)

    def delay_next(
        self, what: str, *, bot: BotHandle | None = None, count: int | None = 1, **delta: float
    ) -> None:
        """The next update of a kind comes when the sandbox's clock has moved on by that much.

        ``delta`` in the words of ``timedelta``: ``tg.delay_next("successful_payment", hours=2)``.
        """
        seconds = timedelta(**delta).total_seconds()
        self.faults.delay_update(what, seconds=seconds, bot=bot, count=count)

    async def take_back(self, payment: Payment) -> None:
        """Telegram takes Stars back from the bot: the shop they were bought in refunded the buyer."""
        take_back(self.world, payment)
        await self.acted()

    # -- coming to rest ---------------------------------------------------------------------

    async def acted(self) -> None:
        """What every action of a person ends with: settle, unless switched off."""
        if self.auto_settle:
            await self.settle()

    @contextmanager
    def no_settle(self) -> Iterator[None]:
        """Inside, actions return at once."""
        before, self.auto_settle = self.auto_settle, False
        try:
            yield
        finally:
            self.auto_settle = before

    async def settle(self, *, timeout: float | None = None) -> None:
        """Wait until every update is acknowledged and no call has come for ``quiet`` seconds.

        Updates of bots nobody listens for do not count.

        Raises:
            NotSettledError: what is still pending after ``timeout`` seconds.
        """
        limit = self.timeout if timeout is None else timeout
        await come_to_rest(
            self.world,
            self._activity,
            self.idle_hooks,
            self.quiet,
            limit,
            delivering=lambda: not self.faults.down,
        )

    async def wait_for_change(self, timeout: float) -> bool:
        """Wait for the next Bot API call or update; False when none came in time (seconds)."""
        return await self._activity.changed(timeout)

    def _feed_changed(self, bot: Bot) -> None:
        self._activity.beat()
        self.deliverer.wake(bot)
        self.world.notify("feed", bot)

    def _faults_changed(self) -> None:
        self.deliverer.paused = self.faults.down
        for bot in self.world.bots.values():
            self.deliverer.wake(bot)
        self.world.notify("faults", None)
