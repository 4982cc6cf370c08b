"""Knowing when everything has come to rest, without sleeping for luck."""

from __future__ import annotations

import asyncio


class Activity:
    """Counts Bot API calls in flight and wakes whoever waits for a change."""

    def __init__(self) -> None:
        self.calls_in_flight = 0
        self.beats = 0
        self._waiters: set[asyncio.Future[None]] = set()

    def beat(self) -> None:
        """Something happened."""
        self.beats += 1
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def changed(self, timeout: float) -> bool:
        """Wait for the next beat; False when none came within ``timeout`` seconds."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(timeout):
                await waiter
        except TimeoutError:
            return False
        finally:
            self._waiters.discard(waiter)
        return True
