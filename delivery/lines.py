"""The line of calls of one bot: in order within a chat, by priority between chats, at the permitted pace."""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from itertools import count

from delivery.pacing import BotPace, ChatPaces
from storage.outbox import Row

MOST_IN_FLIGHT = 40  # calls of one bot at a time
_FLOOD_MEMORY = 1.0  # seconds within which floods in two chats mean the bot as a whole


def is_message(method: str) -> bool:
    """Whether Telegram's message limits count this method."""
    return method.startswith(("send", "copy", "forward")) and method != "sendChatAction"


class BotLine:
    """Decides which call goes next. `start` is called with each row when its moment has come.

    The owner calls `finished`, `retry` or `moved` when the row's fate is known; until then the row's
    chat waits, so a chat never sees its messages in another order.
    """

    def __init__(self, start: Callable[[Row], None], pace: BotPace, chats: ChatPaces) -> None:
        self._start, self._pace, self._chats = start, pace, chats
        self._lanes: dict[int, deque[Row]] = {}
        self._ready: dict[bool, list[tuple[int, int, int]]] = {True: [], False: []}  # by is_message
        self._order = count()
        self._in_flight: dict[int, float] = {}  # row id → when it went out
        self._timer: asyncio.TimerHandle | None = None
        self._last_flood: tuple[float, int] = (-1e9, 0)

    def __len__(self) -> int:
        return sum(map(len, self._lanes.values()))

    def add(self, row: Row) -> None:
        """Put a row at the end of its chat's lane (rows come in the order of their ids)."""
        lane = self._lanes.get(row.chat_id)
        if lane is None:
            self._lanes[row.chat_id] = deque([row])
            self._push(row)
        else:
            lane.append(row)

    def pump(self) -> None:
        """Start every call whose moment has come."""
        now = asyncio.get_running_loop().time()
        others = self._ready[False]
        while others and len(self._in_flight) < MOST_IN_FLIGHT:
            self._go(self._lanes[heapq.heappop(others)[2]][0], now)
        messages = self._ready[True]
        while messages and len(self._in_flight) < MOST_IN_FLIGHT:
            if (wait := self._pace.wait(now)) > 0:
                if wait < float("inf"):
                    self._wake_in(wait)
                return
            row = self._lanes[heapq.heappop(messages)[2]][0]
            if (wait := self._chats.wait(row.chat_id, now)) > 0:
                self._push_later(row, wait)
                continue
            self._pace.started(now)
            self._chats.sent(row.chat_id, now)
            self._go(row, now)

    def finished(self, row: Row) -> None:
        """The row is done with, one way or the other: its chat's next may go."""
        self._answered(row)
        lane = self._lanes[row.chat_id]
        lane.popleft()
        if lane:
            self._push(lane[0])
        else:
            del self._lanes[row.chat_id]
        self.pump()

    def retry(self, row: Row, again: Row, seconds: float, flood: bool) -> None:
        """The row (as `again`, with its attempts counted) stays first of its chat and goes out later."""
        self._answered(row)
        self._lanes[row.chat_id][0] = again
        if flood:
            self._hold(row.chat_id, seconds)
        self._push_later(again, seconds)
        self.pump()

    def move(self, old: int, new: int) -> None:
        """A group got another id: its lane (whose head has just come back) moves there."""
        lane = self._lanes.pop(old)
        self._answered(lane[0])
        for row in lane:
            self.add(_with_chat(row, new))
        self.pump()

    def drop_waiting(self) -> list[Row]:
        """Forget every row that is not in flight, and return them: somebody else delivers them."""
        dropped: list[Row] = []
        for chat_id, lane in list(self._lanes.items()):
            kept = [row for row in lane if row.id in self._in_flight]
            dropped += [row for row in lane if row.id not in self._in_flight]
            if kept:
                self._lanes[chat_id] = deque(kept)
            else:
                del self._lanes[chat_id]
        self._ready = {True: [], False: []}
        return dropped

    def _hold(self, chat_id: int, seconds: float) -> None:
        # Telegram does not say whether the chat or the bot is too fast. One chat: it is the chat.
        now = asyncio.get_running_loop().time()
        self._chats.hold(chat_id, now + seconds)
        moment, other = self._last_flood
        if now - moment < _FLOOD_MEMORY and other != chat_id:
            self._pace.hold(now + seconds)
        self._last_flood = (now, chat_id)

    def _go(self, row: Row, now: float) -> None:
        self._in_flight[row.id] = now
        self._start(row)

    def _answered(self, row: Row) -> None:
        began = self._in_flight.pop(row.id)
        if is_message(row.method):
            self._pace.answered(began, asyncio.get_running_loop().time())

    def _push(self, row: Row) -> None:
        heapq.heappush(self._ready[is_message(row.method)], (row.priority, next(self._order), row.chat_id))

    def _push_later(self, row: Row, seconds: float) -> None:
        def push() -> None:
            if row.chat_id in self._lanes and self._lanes[row.chat_id][0] is row:
                self._push(row)
                self.pump()

        asyncio.get_running_loop().call_later(seconds, push)

    def _wake_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.pump)


def _with_chat(row: Row, chat_id: int) -> Row:
    return Row(
        row.id, row.bot_id, chat_id, row.method, row.payload, row.sealed, row.policy, row.priority,
        row.attempts, row.due_at,
    )  # fmt: skip
