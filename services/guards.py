"""The guards of chats in memory: compiled from settings and rules, dropped when those change."""

from domain.post import Post
from services.chatter import Guard, Reaction


class _Quiet:
    """A chat without checks and rules."""

    def examine(self, post: Post) -> Reaction | None:
        return None


class GuardCache:
    """Guards by bot and chat."""

    def __init__(self) -> None:
        self._guards: dict[tuple[int, int], Guard] = {}

    def get(self, bot_id: int, chat_id: int) -> Guard | None:
        return self._guards.get((bot_id, chat_id))

    async def load(self, bot_id: int, chat_id: int) -> Guard:
        guard = self._guards[bot_id, chat_id] = _Quiet()
        return guard
