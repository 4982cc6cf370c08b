"""What can go wrong between a bot and Telegram, switched on by stories and by the page."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sandbox.model import Json

FaultKind = Literal["flood", "error", "lost", "hang", "slow", "broken", "lose", "delay"]
KINDS: tuple[str, ...] = get_args(FaultKind)
OF_UPDATES = frozenset({"lose", "delay"})
"""Kinds that strike what a bot is told; the others strike what it asks."""


@dataclass(eq=False, slots=True)
class Fault:
    """One switched-on fault and the calls (or updates) it strikes.

    Kinds of calls: ``flood`` answers 429 with ``retry_after``; ``error`` answers ``status`` without doing
    anything; ``lost`` does the call and closes the connection; ``hang`` does nothing and keeps
    silent for ``seconds``; ``slow`` does the call after ``seconds``; ``broken`` does the call
    and answers half a JSON.

    Kinds of updates: ``lose`` never delivers it; ``delay`` delivers it when the sandbox's clock has
    moved on by ``seconds``. What happened has happened all the same.
    """

    id: int
    kind: FaultKind
    method: str | None = None
    """The Bot API method; of an update its kind, or what a message carries (``successful_payment``)."""
    bot: int | None = None
    chat: int | None = None
    count: int | None = 1
    """Calls or updates left to strike; None is every one."""
    status: int = 500
    retry_after: int = 1
    seconds: float = 1.0
    struck: int = 0

    def hits(self, bot_id: int, names: Collection[str], chat_id: int | None) -> bool:
        """Whether a call or an update that goes by these names is one this fault waits for."""
        return (
            self.count != 0
            and (self.method is None or self.method in names)
            and self.bot in (None, bot_id)
            and self.chat in (None, chat_id)
        )


class Faults:
    """All faults now switched on. Each verb returns its fault, for :meth:`remove`."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.active: list[Fault] = []
        self._changed = changed
        self._next_id = 1
        self._down = False

    @property
    def down(self) -> bool:
        """Telegram does not answer at all and delivers nothing."""
        return self._down

    @down.setter
    def down(self, value: bool) -> None:
        self._down = value
        self._changed()

    def add(
        self,
        kind: FaultKind,
        *,
        method: str | None = None,
        bot: Any = None,
        chat: Any = None,
        count: int | None = 1,
        status: int = 500,
        retry_after: int = 1,
        seconds: float = 1.0,
    ) -> Fault:
        """Switch on a fault; ``bot`` and ``chat`` are ids or handles that have one."""
        if kind not in KINDS:
            raise ValueError(f"There is no fault {kind!r}; choose from {', '.join(KINDS)}.")
        fault = Fault(
            self._next_id,
            kind,
            method.lower() if method else None,
            getattr(bot, "id", bot),
            getattr(chat, "id", chat),
            count,
            status,
            retry_after,
            seconds,
        )
        self._next_id += 1
        self.active.append(fault)
        self._changed()
        return fault

    def flood(self, retry_after: int = 1, **where: Any) -> Fault:
        """429 with ``retry_after`` seconds."""
        return self.add("flood", retry_after=retry_after, **where)

    def error(self, status: int = 500, **where: Any) -> Fault:
        """A server error; nothing happens."""
        return self.add("error", status=status, **where)

    def lost_answer(self, **where: Any) -> Fault:
        """The call takes effect, but the connection closes before the answer."""
        return self.add("lost", **where)

    def hang(self, seconds: float = 3600.0, **where: Any) -> Fault:
        """No effect, no answer."""
        return self.add("hang", seconds=seconds, **where)

    def slow(self, seconds: float, **where: Any) -> Fault:
        """The call takes ``seconds`` longer."""
        return self.add("slow", seconds=seconds, **where)

    def broken_json(self, **where: Any) -> Fault:
        """The call takes effect, but the answer is no JSON."""
        return self.add("broken", **where)

    def lose_update(self, what: str | None = None, *, bot: Any = None, count: int | None = 1) -> Fault:
        """The next update of a kind never comes; ``what`` as in :attr:`Fault.method`."""
        return self.add("lose", method=what, bot=bot, count=count)

    def delay_update(
        self, what: str | None = None, *, seconds: float, bot: Any = None, count: int | None = 1
    ) -> Fault:
        """The next update of a kind comes when the sandbox's clock has moved on by ``seconds``."""
        return self.add("delay", method=what, seconds=seconds, bot=bot, count=count)

    def remove(self, fault: Fault | int) -> None:
        """Switch one off."""
        number = fault if isinstance(fault, int) else fault.id
        self.active = [kept for kept in self.active if kept.id != number]
        self._changed()

    def clear(self) -> None:
        """Switch everything off."""
        self.active, self._down = [], False
        self._changed()

    def strike(self, bot_id: int, method: str, chat_id: int | None) -> Fault | None:
        """The fault that hits this call, used up by one."""
        waiting = [fault for fault in self.active if fault.kind not in OF_UPDATES]
        return self._strike(waiting, bot_id, (method.lower(),), chat_id)

    def strike_update(self, bot_id: int, kind: str, payload: Json) -> Fault | None:
        """The fault that hits this update, used up by one."""
        waiting = [fault for fault in self.active if fault.kind in OF_UPDATES]
        chat_id = (payload.get("chat") or {}).get("id")
        return self._strike(waiting, bot_id, (kind, *payload), chat_id)

    def _strike(
        self, waiting: list[Fault], bot_id: int, names: Collection[str], chat_id: int | None
    ) -> Fault | None:
        fault = next((one for one in waiting if one.hits(bot_id, names, chat_id)), None)
        if fault is None:
            return None
        fault.struck += 1
        if fault.count is not None:
            fault.count -= 1
            if fault.count == 0:
                self.active.remove(fault)
                self._changed()
        return fault
