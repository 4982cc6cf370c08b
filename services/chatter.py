"""What happens to group chatter: looked at with the chat's compiled checks, acted on only where needed."""

from typing import Protocol

from domain.bots import Bot
from domain.post import Post
from services.activity import ActivityService
from services.recent import Recent


class Reaction(Protocol):
    """Something a post calls for. `react` does it, in one unit of work claimed for the post's update."""

    async def react(self, tenant: Bot, post: Post) -> None: ...


class Guard(Protocol):
    """A chat's checks and rules, compiled. `examine` is quick and does nothing but look."""

    def examine(self, post: Post) -> Reaction | None: ...


class Guards(Protocol):
    """Finds the guard of a chat; None when it is not in memory and `load` must fetch it."""

    def get(self, bot_id: int, chat_id: int) -> Guard | None: ...

    async def load(self, bot_id: int, chat_id: int) -> Guard: ...


class Chatter:
    """Hears every message of every group."""

    def __init__(self, guards: Guards, activity: ActivityService) -> None:
        self._guards, self._activity = guards, activity
        self._recent = Recent()

    async def hear(self, tenant: Bot, post: Post) -> None:
        """Count the post, and do what the chat's checks and rules demand.

        What `react` commits is claimed in the database; only the count relies on memory.
        """
        key = (post.bot_id, post.update_id)
        if key in self._recent:
            return
        guard = self._guards.get(post.bot_id, post.chat_id)
        if guard is None:
            guard = await self._guards.load(post.bot_id, post.chat_id)
        reaction = guard.examine(post)
        if reaction is not None:
            await reaction.react(tenant, post)
        self._recent.add(key)
        if not post.edited:
            self._activity.count(post)
