"""How a feature says what it listens to: events as in any aiogram router, the rest by name.

Commands, buttons, deep links and steps of conversations are found in a table by their name. Trying one
router after another would cost some 7 to 50 µs for each that does not match, for every update.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, Flag, auto
from functools import cached_property
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.handler import CallableObject

from domain.actor import Translator

Handler = Callable[..., Awaitable[Any]]


class Where(Flag):
    """In which chats a command works."""

    PRIVATE = auto()
    GROUPS = auto()
    EVERYWHERE = PRIVATE | GROUPS


class Audience(Enum):
    """Whom a command is for: it decides in whose menu it appears. Services decide who may."""

    EVERYONE = "everyone"
    ADMINS = "admins"  # administrators of the group
    OWNER = "owner"  # of the bot
    SERVICE = "service"  # people talking to the service bot, where bots are connected
    ACCOUNT = "account"  # whoever owns bots: in his own bots, and in the service bot


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its handler and how menus and /help describe it (None: in no menu)."""

    name: str
    handler: CallableObject
    where: Where
    audience: Audience
    describe: Callable[[Translator], str] | None


class Feature:
    """A feature's tables of names, and its router for events, made when the first is asked for.

    Most features hear of no events; a router for nothing would still be asked about each of them.

    Handlers of named things get `args` besides what the middlewares provide: for a command the text
    after it, for a button the parts after `feature:verb`, for a deep link what follows its prefix. What a
    button's handler returns is shown as the answer to the press.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.commands: list[Command] = []
        self.buttons: dict[str, CallableObject] = {}
        self.links: dict[str, CallableObject] = {}
        self.steps: dict[str, CallableObject] = {}

    @cached_property
    def events(self) -> Router:
        """aiogram's router: `@feature.events.chat_member()` handles an event as in any aiogram bot."""
        return Router(name=self.name)

    def command(
        self,
        name: str,
        *,
        where: Where = Where.PRIVATE,
        audience: Audience = Audience.EVERYONE,
        describe: Callable[[Translator], str] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Handle `/name`."""

        def register(handler: Handler) -> Handler:
            self.commands.append(Command(name, CallableObject(handler), where, audience, describe))
            return handler

        return register

    def button(self, verb: str) -> Callable[[Handler], Handler]:
        """Handle presses of buttons with the action `feature:verb[:arguments]`."""
        return _register(self.buttons, f"{self.name}:{verb}")

    def link(self, prefix: str) -> Callable[[Handler], Handler]:
        """Handle `/start` deep links that begin with `prefix`."""
        return _register(self.links, prefix)

    def step(self, name: str) -> Callable[[Handler], Handler]:
        """Handle the next private message of somebody who was asked at the step `feature:name`.

        The handler gets `dialog`, with what was gathered before.
        """
        return _register(self.steps, f"{self.name}:{name}")


def _register(table: dict[str, CallableObject], key: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        if key in table:
            raise ValueError(f"{key} has a handler already")
        table[key] = CallableObject(handler)
        return handler

    return register


class Routes:
    """All features' tables joined; a name that two features claim is an error at start."""

    def __init__(self, features: list[Feature]) -> None:
        self.features = features
        self.commands: dict[str, Command] = {}
        self.buttons: dict[str, CallableObject] = {}
        self.links: dict[str, CallableObject] = {}
        self.steps: dict[str, CallableObject] = {}
        for feature in features:
            _join(self.commands, {command.name: command for command in feature.commands})
            _join(self.buttons, feature.buttons)
            _join(self.links, feature.links)
            _join(self.steps, feature.steps)

    @property
    def routers(self) -> list[Router]:
        """The routers of the features that hear of events."""
        return [feature.events for feature in self.features if "events" in vars(feature)]

    def link_for(self, payload: str) -> tuple[CallableObject, str] | None:
        """The handler of a deep link's payload, and what follows the prefix."""
        for prefix, handler in self.links.items():
            if payload.startswith(prefix):
                return handler, payload.removeprefix(prefix)
        return None


def _join(table: dict[str, Any], more: dict[str, Any]) -> None:
    if twice := table.keys() & more.keys():
        raise ValueError(f"claimed by two features: {', '.join(sorted(twice))}")
    table.update(more)
