"""The application as a process of its own, to be killed.

With `acknowledge_first` it answers 200 before it works an update off: the control, which must lose some. With
`deaf` it does not read Telegram's list of payments, so that it knows of money by updates only.
"""

import asyncio
import logging
from multiprocessing.connection import Connection
from typing import Any

from bot import app as application
from bot.intake import Intake
from bot.settings import Settings
from services.stars import StarService

THINKING = 0.03  # seconds before an update is worked off, so that every kill finds some in flight
_tasks: set[asyncio.Task[None]] = set()
_honest = Intake.take


async def _slowly(self: Intake, *update: Any) -> None:
    await asyncio.sleep(THINKING)
    await _honest(self, *update)


async def _acknowledge_first(self: Intake, *update: Any) -> None:
    """What aiogram's `handle_in_background` does."""
    task = asyncio.get_running_loop().create_task(_slowly(self, *update))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _no_list(self: StarService, actor: Any) -> int:
    return 0


async def _main(settings: dict[str, Any], ready: Connection) -> None:
    async with application.running(Settings(_env_file=None, **settings)):
        ready.send(True)
        await asyncio.Event().wait()


def serve(settings: dict[str, Any], acknowledge_first: bool, deaf: bool, ready: Connection) -> None:
    """Serve until killed, in a process of its own."""
    logging.basicConfig(level=logging.CRITICAL)
    Intake.take = _acknowledge_first if acknowledge_first else _slowly  # type: ignore[method-assign]
    if deaf:
        StarService.run = _no_list  # type: ignore[method-assign]
    asyncio.run(_main(settings, ready))
