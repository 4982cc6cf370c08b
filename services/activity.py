"""Counting who writes how much: in memory with every message, to the database about once a second."""

from datetime import datetime

from domain.clock import Clock
from domain.post import Post
from storage import activity
from storage.activity import Count
from storage.database import Database


class ActivityService:
    """Message counts per chat and person. At most a second of counts is lost with a crash: by design."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._counts: dict[tuple[int, int, int], Count] = {}

    def count(self, post: Post) -> None:
        """One more message of this person in this chat."""
        key = (post.bot_id, post.chat_id, post.user_id)
        count = self._counts.get(key)
        if count is None:
            self._counts[key] = Count(1, post.date, post.date)
        else:
            count.messages += 1
            count.last_at = post.date

    def waiting(self, bot_id: int, chat_id: int, user_id: int) -> int:
        """Messages counted but not written yet."""
        count = self._counts.get((bot_id, chat_id, user_id))
        return 0 if count is None else count.messages

    async def flush(self) -> int:
        """Write what was counted; returns the number of messages. Counts survive a failing write."""
        if not self._counts:
            return 0
        counts, self._counts = self._counts, {}
        try:
            async with self._db.write() as tx:
                await activity.add(tx, counts)
        except Exception:
            for key, count in counts.items():
                later = self._counts.setdefault(key, Count(0, count.first_at, count.last_at))
                later.messages += count.messages
                later.first_at = count.first_at
            raise
        return sum(count.messages for count in counts.values())

    async def messages(self, bot_id: int, chat_id: int, user_id: int) -> int:
        """All messages of a person in a chat that we have seen."""
        async with self._db.read() as tx:
            written = await activity.messages(tx, bot_id, chat_id, user_id)
        return written + self.waiting(bot_id, chat_id, user_id)

    async def per_day(self, bot_id: int, chat_id: int, since: datetime) -> dict[int, int]:
        """Messages in a chat per UTC day (days since 1970)."""
        async with self._db.read() as tx:
            return await activity.per_day(tx, bot_id, chat_id, since)
