"""Which updates this process has seen lately: for what leaves no mark in the database."""

from collections import deque


class Recent:
    """The newest `most` updates, as (bot id, update id). What is committed is claimed in the database."""

    def __init__(self, most: int = 50_000) -> None:
        self._order: deque[tuple[int, int]] = deque()
        self._seen: set[tuple[int, int]] = set()
        self._most = most

    def __contains__(self, key: tuple[int, int]) -> bool:
        return key in self._seen

    def add(self, key: tuple[int, int]) -> None:
        """Remember an update, and forget the oldest when there are too many."""
        self._seen.add(key)
        self._order.append(key)
        if len(self._order) > self._most:
            self._seen.discard(self._order.popleft())
