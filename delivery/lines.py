"""The line of calls of one bot: in order within a chat, by priority between chats, at the permitted pace.

A call that must not be made twice, or that is looked up when it is made, is prepared a little ahead of its
moment: its intent is committed while others are on their way, so that the disk costs no time of the pace.
What was decided then holds for a moment only. A call whose turn does not come is given back, and prepared
anew in its turn: meanwhile its broadcast may have been paused, or begun anew.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from delivery.kinds import AHEAD, MOST_IN_FLIGHT, Kind, kind_of, needs_preparing
from delivery.pacing import BotPace, ChatPaces
from domain.calls import Priority
from storage.outbox import Row

# Messages nobody waits for go out over this part of a second, not all at its beginning: a reply that came a
# moment later would have to wait for the next one.
SPREAD = 0.3
PREPARED_LASTS = 1.0  # seconds a prepared call waits for its turn
_FLOOD_MEMORY = 1.0  # seconds within which floods in two chats mean the bot as a whole


def _rank(row: Row) -> int:
    """Replies and moderation keep their order in a chat, and overtake what nobody waits for."""
    return max(0, row.priority - Priority.MODERATION)


@dataclass(slots=True, eq=False)
class _Lane:
    """The calls of one chat. `ticket` is the number of the first one's place in line; `fixed`: that one is
    being prepared or made, and nothing goes before it."""

    rows: deque[Row] = field(default_factory=deque)
    ticket: int = -1
    fixed: bool = False


@dataclass(slots=True)
class _Ahead:
    """A row being prepared; prepared once `since` (of the loop's clock) is known."""

    row: Row
    kind: Kind
    since: float = float("inf")


_Places = dict[Kind, list[tuple[int, int, int]]]  # heaps of (priority, ticket, chat id)


class BotLine:
    """Decides which call goes next. `prepare` and `start` are called with each row when its moment has come,
    `give_back` with one that was prepared and whose turn did not come.

    The owner calls `prepared` for what he has prepared; `answered` for what he has started, as soon as the
    answer is there; and for each row `finished`, `retry` or `move` when its fate is known. Until then the
    row's chat waits, so a chat never sees its messages in another order.
    """

    def __init__(
        self,
        prepare: Callable[[Row], None],
        give_back: Callable[[Row], None],
        start: Callable[[Row], None],
        pace: BotPace,
        chats: ChatPaces,
        paid: BotPace,
    ) -> None:
        self._prepare, self._give_back, self._start = prepare, give_back, start
        self._chats = chats
        self._pace = {Kind.MESSAGE: pace, Kind.PAID: paid}
        self._lanes: dict[int, _Lane] = {}
        self._raw: _Places = {kind: [] for kind in Kind}  # to be prepared
        self._ready: _Places = {kind: [] for kind in Kind}  # to be started
        self._order = count()
        self._ahead: dict[int, _Ahead] = {}  # by row id, until they are started
        self._oldest: asyncio.TimerHandle | None = None  # looks at those that were prepared first
        self._in_flight: dict[int, float] = {}  # row id → when it went out
        self._flying = dict.fromkeys(Kind, 0)
        self._timers: dict[Kind, asyncio.TimerHandle] = {}
        self._last_flood: tuple[float, int] = (-1e9, 0)
        self._spread_until = 0.0  # before then, no message goes out that nobody waits for
        self._size = 0
        self.deferred = {False: 0, True: 0}  # deferred calls in line, by whether they are paid for

    def __len__(self) -> int:
        return self._size

    def add(self, row: Row) -> None:
        """Put a row into its chat's lane (rows come in the order of their ids)."""
        self._counted(row, 1)
        lane = self._lanes.setdefault(row.chat_id, _Lane())
        place = len(lane.rows)
        while place > lane.fixed and _rank(lane.rows[place - 1]) > _rank(row):
            place -= 1
        lane.rows.insert(place, row)
        if place == 0:
            self._place(lane)

    def pump(self) -> None:
        """Prepare and start every call whose moment has come."""
        now = asyncio.get_running_loop().time()
        for kind in Kind:
            self._prepare_some(kind, now)
        while (place := self._next(self._ready, Kind.OTHER)) is not None:
            self._go(place.rows[0], Kind.OTHER, now)
        self._start_messages(Kind.MESSAGE, now)
        self._start_messages(Kind.PAID, now)

    def prepared(self, row: Row) -> bool:
        """The row may be started; False when it is not here any more."""
        lane = self._lanes.get(row.chat_id)
        if lane is None or lane.rows[0] is not row or row.id not in self._ahead:
            self._ahead.pop(row.id, None)
            return False
        loop = asyncio.get_running_loop()
        self._ahead[row.id].since = loop.time()
        if self._oldest is None:
            self._oldest = loop.call_later(PREPARED_LASTS, self._give_back_old)
        self._place(lane)
        self.pump()
        return True

    def answered(self, row: Row) -> None:
        """The answer to a started row has come, or all hope of one is gone."""
        began = self._in_flight.pop(row.id)
        kind = kind_of(row)
        self._flying[kind] -= 1
        if kind in self._pace:
            self._pace[kind].answered(began, asyncio.get_running_loop().time())
        self.pump()

    def finished(self, row: Row) -> None:
        """The row is done with, one way or the other: its chat's next may go."""
        self._ahead.pop(row.id, None)
        lane = self._lanes.get(row.chat_id)
        if lane is None or lane.rows[0].id != row.id:
            return  # dropped meanwhile: somebody else delivers for the bot
        self._counted(lane.rows.popleft(), -1)
        if lane.rows:
            lane.fixed = False
            self._place(lane)
        else:
            del self._lanes[row.chat_id]
        self.pump()

    def retry(self, row: Row, again: Row, seconds: float, flood: bool) -> None:
        """The row (as `again`, with its attempts counted) stays first of its chat and goes out later."""
        self._ahead.pop(row.id, None)
        lane = self._lanes.get(row.chat_id)
        if lane is None or lane.rows[0].id != row.id:
            return
        lane.rows[0], lane.fixed = again, False
        if flood:
            self._hold(row.chat_id, seconds)
        self._place_later(lane, seconds)
        self.pump()

    def move(self, old: int, new: int) -> None:
        """A group got another id: its lane (whose head has just come back) moves there."""
        lane = self._lanes.pop(old, _Lane())
        for row in lane.rows:
            self._counted(row, -1)
            self.add(replace(row, chat_id=new))
        self.pump()

    def drop_waiting(self) -> list[Row]:
        """Forget every row that is not in flight, and return them: somebody else delivers them."""
        dropped: list[Row] = []
        for chat_id, lane in list(self._lanes.items()):
            gone = [row for row in lane.rows if row.id not in self._in_flight]
            dropped += gone
            if len(gone) == len(lane.rows):
                del self._lanes[chat_id]
            else:
                lane.rows = deque([lane.rows[0]])
        for row in dropped:
            self._counted(row, -1)
            self._ahead.pop(row.id, None)
        for kind in Kind:
            self._raw[kind].clear()
            self._ready[kind].clear()
        return dropped

    def _give_back_old(self) -> None:
        """Calls that were prepared too long ago are prepared anew in their turn."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for one in list(self._ahead.values()):
            if now - one.since >= PREPARED_LASTS:
                del self._ahead[one.row.id]
                self._give_back(one.row)
                lane = self._lanes[one.row.chat_id]
                lane.fixed = False
                self._place(lane)
        since = min((one.since for one in self._ahead.values()), default=float("inf"))
        waits = since < float("inf")
        self._oldest = loop.call_at(since + PREPARED_LASTS, self._give_back_old) if waits else None
        self.pump()

    def _prepare_some(self, kind: Kind, now: float) -> None:
        if kind in self._pace and (held := self._pace[kind].not_before - now) > 0:
            if self._raw[kind]:  # what is decided now would not hold until then
                self._wake_in(kind, held)
            return
        room = AHEAD[kind] - sum(one.kind is kind for one in self._ahead.values())
        while room > 0 and (lane := self._next(self._raw, kind)) is not None:
            row = lane.rows[0]
            if kind is not Kind.OTHER and (wait := self._chats.wait(row.chat_id, now)) > 0:
                self._place_later(lane, wait)
                continue
            lane.fixed = True
            self._ahead[row.id] = _Ahead(row, kind)
            room -= 1
            self._prepare(row)

    def _start_messages(self, kind: Kind, now: float) -> None:
        pace = self._pace[kind]
        while self._flying[kind] < MOST_IN_FLIGHT[kind] and self._ready[kind]:
            bulk = kind is Kind.MESSAGE and self._ready[kind][0][0] >= Priority.BULK
            if (wait := max(pace.wait(now), self._spread_until - now if bulk else 0.0)) > 0:
                if wait < float("inf"):
                    self._wake_in(kind, wait)
                return
            if (lane := self._next(self._ready, kind)) is None:
                return
            row = lane.rows[0]
            if (wait := self._chats.wait(row.chat_id, now)) > 0:
                self._place_later(lane, wait)
                continue
            if bulk:
                self._spread_until = now + SPREAD / pace.rate
            pace.started(now)
            self._chats.sent(row.chat_id, now)
            self._go(row, kind, now)

    def _next(self, places: _Places, kind: Kind) -> _Lane | None:
        """The lane whose first row comes next; places that were given up are thrown away."""
        if self._flying[kind] >= MOST_IN_FLIGHT[kind]:
            return None
        while places[kind]:
            _, ticket, chat_id = heapq.heappop(places[kind])
            lane = self._lanes.get(chat_id)
            if lane is not None and lane.ticket == ticket:
                return lane
        return None

    def _go(self, row: Row, kind: Kind, now: float) -> None:
        self._lanes[row.chat_id].fixed = True
        self._ahead.pop(row.id, None)
        self._in_flight[row.id] = now
        self._flying[kind] += 1
        self._start(row)

    def _place(self, lane: _Lane) -> None:
        """Give the lane's first row a place in line."""
        row, lane.ticket = lane.rows[0], next(self._order)
        ready = not needs_preparing(row) or row.id in self._ahead
        places = self._ready if ready else self._raw
        heapq.heappush(places[kind_of(row)], (row.priority, lane.ticket, row.chat_id))

    def _place_later(self, lane: _Lane, seconds: float) -> None:
        ticket = lane.ticket = next(self._order)

        def place() -> None:
            if lane.ticket == ticket and lane.rows and self._lanes.get(lane.rows[0].chat_id) is lane:
                self._place(lane)
                self.pump()

        asyncio.get_running_loop().call_later(seconds, place)

    def _hold(self, chat_id: int, seconds: float) -> None:
        # Telegram does not say whether the chat or the bot is too fast. One chat: it is the chat.
        now = asyncio.get_running_loop().time()
        self._chats.hold(chat_id, now + seconds)
        moment, other = self._last_flood
        if now - moment < _FLOOD_MEMORY and other != chat_id:
            for pace in self._pace.values():
                pace.hold(now + seconds)
        self._last_flood = (now, chat_id)

    def _counted(self, row: Row, change: int) -> None:
        self._size += change
        if row.source is not None:
            self.deferred[row.priority == Priority.PAID] += change

    def _wake_in(self, kind: Kind, seconds: float) -> None:
        if kind in self._timers:
            self._timers[kind].cancel()
        self._timers[kind] = asyncio.get_running_loop().call_later(seconds, self.pump)
