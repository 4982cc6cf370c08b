"""What can go wrong between a bot and Telegram, switched on by stories and by the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

FaultKind = Literal["flood", "error", "lost", "hang", "slow", "broken"]
KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(eq=False, slots=True)
class Fault:
    """One switched-on fault and the calls it strikes.

    Kinds: ``flood`` answers 429 with ``retry_after``; ``error`` answers ``status`` without doing
    anything; ``lost`` does the call and closes the connection; ``hang`` does nothing and keeps
    silent for ``seconds``; ``slow`` does the call after ``seconds``; ``broken`` does the call
    and answers half a JSON.
    """

    id: int
    kind: FaultKind
    method: str | None = None
    bot: int | None = None
    chat: int | None = None
    count: int | None = 1
    """Calls left to strike; None is every call."""
    status: int = 500
    retry_after: int = 1
    seconds: float = 1.0
    struck: int = 0

    def hits(self, bot_id: int, method: str, chat_id: int | None) -> bool:
        """Whether a call is one this fault waits for."""
        return (
            self.count != 0
            and self.method in (None, method.lower())
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
        for fault in self.active:
            if fault.hits(bot_id, method, chat_id):
                fault.struck += 1
                if fault.count is not None:
                    fault.count -= 1
                    if fault.count == 0:
                        self.active.remove(fault)
                        self._changed()
                return fault
        return None
