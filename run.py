"""Gatehouse: serve | demo | migrate | check | openapi | bench."""

import argparse
import asyncio
import logging
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
            app.calm_garbage_collector()
            print(await app.greeting(running), file=sys.stderr)
            await _until_stopped()

    _run(serve())
    return 0


def _demo(rest: list[str]) -> int:
    """Run on the local stand-in for Telegram, with a world to try things in."""
    import shutil
    from pathlib import Path

    from bot import app, logs, settings
    from sandbox import Sandbox
    from sandbox.demo import follow_clock, play
    from sandbox.seed import seed_demo

    parser = argparse.ArgumentParser(prog="run.py demo")
    parser.add_argument("--port", type=int, default=8080, help="of the application")
    parser.add_argument("--sandbox-port", type=int, default=8081, help="of the stand-in for Telegram")
    ports = parser.parse_args(rest)
    data = Path("data/demo")
    shutil.rmtree(data, ignore_errors=True)  # a demo begins anew
    logs.configure("console", level=logging.WARNING)

    async def demo() -> None:
        async with Sandbox(port=ports.sandbox_port) as telegram:
            world = await seed_demo(telegram)
            wanted = settings.Settings(
                _env_file=None,
                bot_token=world.service_bot.token,
                public_url=f"http://127.0.0.1:{ports.port}",
                telegram_api=telegram.url,
                port=ports.port,
                data_dir=data,
                owner_ids=(world.olga.id,),
                spammer_lists=(),  # nobody real is here
            )
            async with app.running(wanted, clock=telegram.clock) as running:
                app.calm_garbage_collector()
                telegram.idle_hooks.append(running.settled)
                await play(telegram, world)
                running.supervisor.start("clock", lambda: follow_clock(telegram, running.catch_up))
                print(f"\nOpen {telegram.url}/sandbox/ and be whoever you like. Stop with Ctrl+C.\n")
                await _until_stopped()

    try:
        _run(demo())
    except OSError as error:
        print(f"{error.strerror or error}. Other ports: run.py demo --port 9080 --sandbox-port 9081")
        return 1
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

    findings = asyncio.run(checkup.examine())
    print(*findings, sep="\n")
    return 0 if checkup.healthy(findings) else 1


def _bench(rest: list[str]) -> int:
    """Measure, side by side with the reference."""
    from bench import report

    return report.main(rest)


def _openapi(_: list[str]) -> int:
    """Print the OpenAPI document of all HTTP APIs."""
    import msgspec

    from api.openapi import document
    from api.systems import SYSTEMS

    print(msgspec.json.format(msgspec.json.encode(document(SYSTEMS))).decode())
    return 0


_COMMANDS = {
    "serve": _serve,
    "migrate": _migrate,
    "check": _check,
    "openapi": _openapi,
    "bench": _bench,
    "demo": _demo,
}


if __name__ == "__main__":
    raise SystemExit(main())
