"""Runs the measurements and prints them as tables and ratios."""

import argparse
import asyncio
import statistics
from collections.abc import Awaitable, Callable

from bench import antispam, autoreplies, broadcast, checkout, far_end, postbacks, webhook
from bench.kill_broadcast import KILLS, PEOPLE
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


async def checkouts(quick: bool) -> None:
    """Pre-checkout behind a backlog."""
    count = 2000 if quick else 10_000
    for connections in (100, 500):
        results = await checkout.compare(count, connections, rounds=1 if quick else 3)
        print(f"\nPre-checkout behind {count} other updates over {connections} connections (aim: p99 2 s)")
        print(
            "Gatehouse commits joins and commands, asks the plan's rules and holds the place; plain aiogram"
        )
        print("does nothing but say yes. Asked: from the update's POST to the answer at Telegram.")
        print(checkout.HEAD, *(found.row(name) for name, found in results.items()), sep="\n")
    found = await checkout.polled(count)
    print(
        f"\nThe same {count} updates by long polling: Telegram hands them out in order, 100 at a time, so a"
    )
    print("buyer waits for all that came before him. Asked: from being handed out to the answer.")
    print(checkout.HEAD, found.row("(c) Gatehouse"), sep="\n")
    print(f"  A buyer behind all of it waits {found.seconds:.1f} s; Telegram gives up after 10 s.")


async def postbacks_beside_the_dead(quick: bool) -> None:
    """A healthy tracker beside dead ones."""
    dead = 90
    results = await postbacks.compare(count=100 if quick else 400, rounds=2 if quick else 5, dead=dead)
    print(f"\nPostbacks to a healthy tracker, alone and beside {dead} dead ones (aim: p99 below 2 × alone)")
    print("From the commit to the arrival. A third of the dead take no connections, the others never answer;")
    print(f"each is owed a postback a second, and they took {results['tried']} connections meanwhile.")
    p99 = {}
    for name in ("alone", "beside"):
        times = results[name]
        p99[name] = times[len(times) * 99 // 100]
        print(f"  {name:<8} p50 {times[len(times) // 2]:7.2f} ms   p99 {p99[name]:7.2f} ms")
    print(f"  ratio of p99: {p99['beside'] / p99['alone']:.2f}")


async def broadcasts(quick: bool) -> None:
    """Broadcasts under limits, long queues, steering, crashes."""
    people = 300 if quick else 2000
    print(f"\nA broadcast to {people} people, three senders side by side against {far_end.RATE} messages a")
    print("second of a bot (aim: 98 % without a 429). A message and its answer take 8 to 12 ms each.")
    print(broadcast.HEAD, *(one.row() for one in await broadcast.pace(people)), sep="\n")
    queue = await broadcast.enqueue(10_000 if quick else 100_000)
    print(f"\n{queue.people} recipients queued in {queue.seconds:.2f} s (aim: 5 s for 100 000), with")
    print(
        f"  {queue.memory:.0f} MiB more memory; others who wrote waited {queue.wait:.2f} s at most (aim: 1 s)"
    )
    steered = await broadcast.steer()
    replies = sorted(steered.replies)
    print("\nDuring a broadcast at full pace")
    print(f"  replies reached Telegram after {statistics.median(replies) * 1000:.0f} ms (worst ", end="")
    print(f"{replies[-1] * 1000:.0f} ms, aim 1 s); after a pause the last message came ", end="")
    print(f"{steered.pause * 1000:.0f} ms later (aim 1 s)")
    trials = await broadcast.kills(10 if quick else 100)
    print(f"\nkill -9 {KILLS} times during a broadcast to {PEOPLE} people, seeded")
    for policy, verdicts in trials.items():
        print(
            f"  {policy:<12}{len(verdicts):>4} trials: {sum(one.lost for one in verdicts)} lost, "
            f"{sum(one.twice for one in verdicts)} twice, {sum(one.unknown for one in verdicts)} unknown "
            f"(at most {max(one.unknown for one in verdicts) / KILLS:.1f} a kill), "
            f"{sum(one.open for one in verdicts)} left"
        )


async def spam(quick: bool) -> None:
    """The anti-spam: what it finds, what it finds wrongly, what a message costs."""
    antispam.report(quick)


async def replies(quick: bool) -> None:
    """Automatic replies: a thousand rules beside ten."""
    autoreplies.report(quick)


_ALL: dict[str, Callable[[bool], Awaitable[None]]] = {
    "chatter": chatter,
    "answered": answered,
    "joins": joins,
    "bots": bots,
    "checkout": checkouts,
    "antispam": spam,
    "autoreplies": replies,
    "broadcast": broadcasts,
    "postbacks": postbacks_beside_the_dead,
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
