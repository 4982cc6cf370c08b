"""Features that act when somebody joins or leaves: all in the join's own unit of work."""

from typing import Protocol

from domain.movements import Movement
from services.work import Work


class MovementListener(Protocol):
    """A feature that wants to know."""

    async def moved(self, work: Work, movement: Movement) -> None:
        """Do, within `work`, what the movement calls for. Telegram is never awaited here."""
        ...
