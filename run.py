"""Gatehouse: serve | demo | migrate | check | openapi | bench."""

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine
from typing import Any


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="run.py", description="Gatehouse, for people who run communities.")
    parser.add_argument("command", choices=sorted(_COMMANDS), help="what to do")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    return _COMMANDS[arguments.command](arguments.rest)


def _run(work: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


async def _until_stopped() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def _serve(_: list[str]) -> int:
    """Run on Telegram: webhooks where PUBLIC_URL is set, long polling otherwise."""
    from bot import app, logs, settings

    try:
        wanted = settings.load()
        settings.require_bot(wanted)
    except settings.SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    logs.configure(wanted.log_format)

    async def serve() -> None:
        async with app.running(wanted) as running:
            print(app.greeting(running), file=sys.stderr)
            await _until_stopped()

    _run(serve())
    return 0


def _migrate(_: list[str]) -> int:
    """Bring the database up to date."""
    from bot import logs, settings
    from storage import migrate

    wanted = settings.load()
    logs.configure(wanted.log_format)
    wanted.data_dir.mkdir(parents=True, exist_ok=True)
    _run(migrate.upgrade(wanted.database))
    print("The database is up to date.")
    return 0


def _check(_: list[str]) -> int:
    """Say in plain words what is wrong with the settings."""
    from bot import checkup

    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(checkup.report())
    return 130


def _bench(rest: list[str]) -> int:
    """Measure, side by side with the reference."""
    from bench import report

    return report.main(rest)


_COMMANDS = {"serve": _serve, "migrate": _migrate, "check": _check, "bench": _bench}


if __name__ == "__main__":
    raise SystemExit(main())
