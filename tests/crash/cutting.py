"""Cutting a coroutine off at its n-th suspension.

It is cancelled there, as if the process ended: what was not committed is rolled back, and a commit under way
may be made or not. (`test_kill.py` ends real processes, at moments nobody chooses.)
"""

import asyncio
from collections.abc import Coroutine, Generator
from contextlib import suppress
from typing import Any


class _Counted:
    """Awaits a coroutine and has its task cancelled at suspension number `at`."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], at: int) -> None:
        self._coroutine, self._at = coroutine, at
        self.reached = False

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._coroutine.__await__()
        answer: Any = None
        error: BaseException | None = None
        for count in range(1, 1_000_000):
            try:
                waiting = steps.send(answer) if error is None else steps.throw(error)
            except StopIteration as end:
                return end.value
            answer, error = None, None
            if count == self._at:
                self.reached = True
                task = asyncio.current_task()
                assert task is not None
                asyncio.get_running_loop().call_soon(task.cancel)
            try:
                answer = yield waiting
            except BaseException as thrown:
                error = thrown
        raise AssertionError("it never ends")


async def cut_off(coroutine: Coroutine[Any, Any, Any], at: int) -> bool:
    """Run it until it is cut off at suspension number `at`; False when it ended before."""
    counted = _Counted(coroutine, at)

    async def run() -> None:
        await counted

    with suppress(asyncio.CancelledError):
        await asyncio.get_running_loop().create_task(run())
    return counted.reached
