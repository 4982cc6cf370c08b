"""Runs the measurements and prints them as tables and ratios."""

import argparse
import asyncio
import statistics
from collections.abc import Awaitable, Callable

from bench import webhook
from bench.webhook import Runs


def _ratios(results: dict[str, Runs], aims: dict[str, float]) -> None:
    """Ratios of updates per second, round by round, so that the machine's moods cancel out."""
    ours = results["(c) Gatehouse"]
    for name, aim in aims.items():
        other = results[name]
        rate = statistics.median(a / b for a, b in zip(ours.rate, other.rate, strict=True))
        cpu = statistics.median(b / a for a, b in zip(ours.cpu, other.cpu, strict=True))
        print(f"  Gatehouse carries {rate:.2f} × {name} (by CPU {cpu:.2f} ×), aim {aim} ×")


async def chatter(quick: bool) -> None:
    """Ordinary group chatter that concerns nobody."""
    results = await webhook.compare(answering=False, count=1000 if quick else 4000, rounds=3 if quick else 5)
    print("\nOrdinary chatter; Gatehouse with anti-spam, 100 automatic replies and counting on")
    print(webhook.HEAD, *(runs.row(name) for name, runs in results.items()), sep="\n")
    _ratios(results, {"(a) bare aiohttp": 0.5, "(b) plain aiogram": 4.0})


async def answered(quick: bool) -> None:
    """Every update is answered with a message."""
    results = await webhook.compare(answering=True, count=400 if quick else 2000, rounds=3 if quick else 5)
    print("\nEvery update answered with a message; Gatehouse commits each before it acknowledges")
    print(webhook.HEAD, *(runs.row(name) for name, runs in results.items()), sep="\n")
    _ratios(results, {"(b) plain aiogram": 1.8})


async def joins(quick: bool) -> None:
    """Joins with full bookkeeping."""
    runs = await webhook.joins(count=200 if quick else 1000, rounds=3)
    print("\nJoins with full bookkeeping, SQLite with synchronous=FULL (aim: 300 a second)")
    print(webhook.HEAD, runs.row("(c) Gatehouse"), sep="\n")


async def bots(quick: bool) -> None:
    """Many bots in one process."""
    count = 100 if quick else 1000
    figures = await webhook.many_bots(count)
    more = figures[f"memory {count}"] - figures["memory 1"]
    print(f"\nOne process with {count} bots beside one with a single bot")
    print(f"  start: {figures[f'start {count}']:.2f} s beside {figures['start 1']:.2f} s")
    print(f"  memory: {figures[f'memory {count}']:.0f} MiB beside {figures['memory 1']:.0f} MiB", end="")
    print(f" ({more / (count - 1) * 1024:.1f} KiB a bot)")


_ALL: dict[str, Callable[[bool], Awaitable[None]]] = {
    "chatter": chatter,
    "answered": answered,
    "joins": joins,
    "bots": bots,
}


async def _run(names: list[str], quick: bool) -> None:
    for name in names:
        await _ALL[name](quick)


def main(arguments: list[str]) -> int:
    """The command line of `run.py bench`."""
    parser = argparse.ArgumentParser(prog="run.py bench", description=__doc__)
    parser.add_argument("name", nargs="*", choices=[[], *_ALL], help="which (all of them by default)")
    parser.add_argument("--quick", action="store_true", help="fewer updates, for a first look")
    given = parser.parse_args(arguments)
    asyncio.run(_run(given.name or list(_ALL), given.quick))
    return 0
