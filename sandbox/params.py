"""Parameters of a Bot API call, whether they came as JSON, form, query or multipart."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import bad_request
from sandbox.model import Bot, Json
from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the request."""

    name: str
    mime: str
    data: bytes


@dataclass(slots=True)
class Params:
    """Typed reading of loosely typed values; every reader returns None when absent."""

    values: Mapping[str, Any]
    files: Mapping[str, Upload] = field(default_factory=dict)

    def raw(self, name: str) -> Any:
        """The value as it came; empty strings count as absent."""
        value = self.values.get(name)
        return None if value == "" else value

    def text(self, name: str) -> str | None:
        """A string."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, dict | list):
            return json.dumps(value)
        return str(value)

    def integer(self, name: str) -> int | None:
        """A whole number."""
        value = self.raw(name)
        if value is None:
            return None
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f'parameter "{name}" must be an integer') from None

    def boolean(self, name: str) -> bool | None:
        """A flag; the words true, yes and 1 are true."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return value
        return str(value).lower() in ("true", "yes", "1")

    def flag(self, name: str) -> bool:
        """A flag that is false when absent."""
        return bool(self.boolean(name))

    def json(self, name: str) -> Any:
        """A JSON value, parsed when it came as a string."""
        value = self.raw(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def object(self, name: str) -> Json | None:
        """A JSON object."""
        value = self.json(name)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"object expected as {name.replace('_', ' ')}")
        return value

    def list(self, name: str) -> list[Any] | None:
        """A JSON array."""
        value = self.json(name)
        if value is not None and not isinstance(value, list):
            raise bad_request(f"expected an Array of {name.replace('_', ' ')}")
        return value

    def required(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if value is None:
            raise bad_request(f'parameter "{name}" is required')
        return value

    def user_id(self, name: str = "user_id") -> int:
        """A user's identifier."""
        value = self.raw(name)
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f"invalid {name} specified") from None


@dataclass(slots=True)
class Call:
    """One call of a Bot API method."""

    world: World
    bot: Bot
    method: str
    params: Params


Method = Callable[[Call], Any]
"""Answers with the result as JSON, or with an awaitable of it."""

METHODS: dict[str, Method] = {}
"""Lower-case name -> method: Telegram does not look at case."""
METHOD_NAMES: dict[str, str] = {}
"""Lower-case name -> name as documented."""


def method(*names: str) -> Callable[[Method], Method]:
    """Register a function under Bot API method names."""

    def register(function: Method) -> Method:
        for name in names:
            METHODS[name.lower()] = function
            METHOD_NAMES[name.lower()] = name
        return function

    return register
