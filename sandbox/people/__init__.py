"""People as stories hold them: everything a person can do in Telegram's client."""

from __future__ import annotations

from sandbox.people.administering import Administering
from sandbox.people.buttons import Buttons
from sandbox.people.joining import Joining


class Person(Buttons, Joining, Administering):
    """A person with a Telegram account.

    Every verb raises :class:`~sandbox.errors.SandboxError` when Telegram's client would not
    offer it, and returns once all bots have come to rest (see ``Sandbox.settle``).
    """


__all__ = ["Person"]
