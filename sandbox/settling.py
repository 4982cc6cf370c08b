"""Waiting until all bots have come to rest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sandbox.activity import Activity
from sandbox.world import World

IdleHook = Callable[[], Awaitable[Any]]
SHOWN_UPDATES = 5
RECHECK = 0.2


class NotSettledError(AssertionError):
    """Something kept moving, or an update was never acknowledged."""


async def come_to_rest(
    world: World,
    activity: Activity,
    hooks: Sequence[IdleHook],
    quiet: float,
    limit: float,
    *,
    delivering: Callable[[], bool],
) -> None:
    """Return when nothing is pending and nothing has happened for ``quiet`` seconds.

    While ``delivering`` says no (Telegram is down), updates wait for later and do not count.

    Raises:
        NotSettledError: after ``limit`` seconds.
    """
    deadline = time.monotonic() + limit
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise NotSettledError(_unrest(world, activity, limit))
        if _busy(world, activity, delivering()):
            # A poller that went away makes no beat: look again now and then.
            await activity.changed(min(left, RECHECK))
            continue
        try:
            for hook in hooks:
                await asyncio.wait_for(hook(), left)
        except TimeoutError:
            raise NotSettledError(f"An idle hook took longer than {limit:g} s.") from None
        if not _busy(world, activity, delivering()) and not await activity.changed(quiet):
            return


def _busy(world: World, activity: Activity, delivering: bool) -> bool:
    if activity.calls_in_flight > 0:
        return True
    return delivering and any(bot.feed.pending_count and bot.feed.listening for bot in world.bots.values())


def _unrest(world: World, activity: Activity, seconds: float) -> str:
    lines = [f"Telegram did not come to rest within {seconds:g} s."]
    if activity.calls_in_flight:
        lines.append(f"{activity.calls_in_flight} Bot API calls are running.")
    for bot in world.bots.values():
        waiting = bot.feed.pending() if bot.feed.listening else []
        lines.extend(
            f"@{bot.username} has not acknowledged {update.kind} {update.update_id} "
            f"({update.attempts} attempts, last error: {update.last_error})."
            for update in waiting[:SHOWN_UPDATES]
        )
    return "\n".join(lines)
