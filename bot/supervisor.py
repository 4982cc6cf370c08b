"""The one owner of background tasks: named, restarted with backoff, visible, stopped in order."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType

log = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # seconds


@dataclass(slots=True)
class TaskState:
    """How a background task is doing."""

    running: bool = True
    restarts: int = 0
    error: str = ""


class Supervisor:
    """Keeps background tasks running. A task that fails is started again after a growing pause."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.states: dict[str, TaskState] = {}

    async def __aenter__(self) -> "Supervisor":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in reversed(list(self._tasks)):
            await self.stop(name)

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run `run()` under `name` until it returns or is stopped."""
        if name in self._tasks:
            raise ValueError(f"a background task named {name!r} is running already")
        self.states[name] = TaskState()
        self._tasks[name] = asyncio.create_task(self._keep(name, run), name=name)  # noqa: TID251 - this is the owner

    async def stop(self, name: str) -> None:
        """Cancel a task and wait for its end; nothing for one that is not there."""
        task = self._tasks.pop(name, None)
        self.states.pop(name, None)
        if task is None:
            return
        task.cancel()
        await asyncio.wait([task])

    @property
    def names(self) -> list[str]:
        """The running tasks."""
        return list(self._tasks)

    async def _keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        state, pause = self.states[name], FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await run()
                state.running = False
                return
            except Exception as error:
                state.error = f"{type(error).__name__}: {error}"
                log.exception("background task failed, it is started again", extra={"task": name})
            if loop.time() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            state.running = False
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(pause * 2, LONGEST_PAUSE)
            state.restarts += 1
            state.running = True
