"""Webhook updates: a bare aiohttp handler, plain aiogram and Gatehouse, side by side in one run."""

import asyncio
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench import updates
from bench.http import Load
from bench.processes import Server, server
from bench.references import SECRET

CONNECTIONS = 16


@dataclass(slots=True)
class Runs:
    """What one server did, round by round."""

    rate: list[float] = field(default_factory=list)  # updates per second
    cpu: list[float] = field(default_factory=list)  # CPU microseconds per update
    latencies: list[float] = field(default_factory=list)  # milliseconds
    refused: int = 0

    def row(self, name: str) -> str:
        """One line of the table."""
        ordered = sorted(self.latencies)
        return (
            f"{name:<22}{statistics.median(self.rate):>9.0f}/s{statistics.median(self.cpu):>10.0f} µs"
            f"{ordered[len(ordered) // 2]:>10.2f} ms{ordered[len(ordered) * 99 // 100]:>10.2f} ms"
            + (f"   {self.refused} refused!" if self.refused else "")
        )


HEAD = f"{'':<22}{'updates':>11}{'CPU each':>13}{'p50':>13}{'p99':>13}"


async def one_round(target: Server, path: str, bodies: Iterator[bytes], count: int, runs: Runs) -> None:
    """Send `count` updates and note what they cost."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    load = Load(target.port, path, headers, CONNECTIONS)
    before = target.cpu()
    seconds = await load.run(bodies)
    await asyncio.sleep(0.3)  # what is done after the answer counts, too
    runs.rate.append(count / seconds)
    runs.cpu.append((target.cpu() - before) / count * 1e6)
    runs.latencies += load.latencies
    runs.refused += load.refused


async def compare(answering: bool, count: int, rounds: int) -> dict[str, Runs]:
    """Rounds of the three servers in turn, so that the machine's moods hit all of them."""
    way = "answering" if answering else "silent"
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(server("bench.references", "-", "-", name="telegram"))
        telegram = f"http://127.0.0.1:{far.port}"
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        bare = await stack.enter_async_context(server("bench.references", telegram, way, name="bare"))
        plain = await stack.enter_async_context(server("bench.references", telegram, way, name="plain"))
        ours = await stack.enter_async_context(server("bench.gatehouse", telegram, "1", folder))
        targets = {
            "(a) bare aiohttp": (bare, "/tg/bench"),
            "(b) plain aiogram": (plain, "/tg/bench"),
            "(c) Gatehouse": (ours, f"/tg/{ours.words[0]}"),
        }
        results = {name: Runs() for name in targets}
        for turn in range(rounds + 1):
            for name, (target, path) in targets.items():
                text = updates.QUESTION if answering else None
                bodies = updates.chatter(count, seed=turn + 1, text=text)
                warm = Runs()  # the first round fills caches and is not counted
                await one_round(target, path, bodies, count, results[name] if turn else warm)
    return results


async def joins(count: int, rounds: int) -> Runs:
    """Joins with full bookkeeping on SQLite with `synchronous=FULL`."""
    runs = Runs()
    with tempfile.TemporaryDirectory() as folder:
        async with (
            server("bench.references", "-", "-", name="telegram") as far,
            server("bench.gatehouse", f"http://127.0.0.1:{far.port}", "1", folder) as ours,
        ):
            for turn in range(rounds + 1):
                path = f"/tg/{ours.words[0]}"
                bodies = updates.joins(count, seed=turn + 1)
                await one_round(ours, path, bodies, count, runs if turn else Runs())
    return runs


async def many_bots(count: int) -> dict[str, float]:
    """One process with one bot and with `count`: seconds to start, memory in MiB."""
    figures: dict[str, float] = {}
    async with server("bench.references", "-", "-", name="telegram") as far:
        telegram = f"http://127.0.0.1:{far.port}"
        for bots in (1, count):
            with tempfile.TemporaryDirectory() as folder:
                async with server("bench.gatehouse", telegram, str(bots), folder):
                    pass
                async with server("bench.gatehouse", telegram, str(bots), folder) as again:
                    figures[f"start {bots}"] = float(again.words[1])
                    figures[f"memory {bots}"] = again.memory()
    return figures
