"""Features that act when somebody joins or leaves: all in the join's own unit of work."""

from typing import Protocol

from domain.bots import Bot
from domain.joins import MemberChange
from domain.movements import Movement
from services.work import Work


class MovementListener(Protocol):
    """A feature that wants to know."""

    async def moved(self, work: Work, movement: Movement) -> None:
        """Do, within `work`, what the movement calls for. Telegram is never awaited here."""
        ...


class StandingListener(Protocol):
    """A feature that wants to know when the standing of a member changes who neither came nor went."""

    async def changed(self, work: Work, tenant: Bot, change: MemberChange) -> None:
        """Do, within `work`, what the change calls for. Telegram is never awaited here."""
        ...
