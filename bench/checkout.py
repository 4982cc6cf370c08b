"""Pre-checkout behind a backlog: Telegram waits ten seconds for the answer, then nobody can pay."""

import asyncio
import json
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import msgspec

from bench import updates
from bench.http import Load
from bench.processes import Server, server
from bench.references import SECRET

PATIENCE = 600.0  # seconds
LIMIT = 10.0  # seconds, https://core.telegram.org/bots/api#precheckoutquery


@dataclass(slots=True)
class Answers:
    """How long buyers waited, in ms from the update's POST to our answer at Telegram."""

    waits: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)  # ordinary updates, until their 200
    late: int = 0  # no yes, or one that came too late
    refused: int = 0
    seconds: float = 0.0
    count: int = 0

    def row(self, name: str) -> str:
        """One line of the table."""
        waits, others = sorted(self.waits) or [0.0], sorted(self.others) or [0.0]
        return (
            f"{name:<22}{self.count / self.seconds:>9.0f}/s{waits[len(waits) // 2]:>10.0f} ms"
            f"{waits[len(waits) * 99 // 100]:>10.0f} ms{waits[-1]:>10.0f} ms"
            f"{others[len(others) // 2]:>10.0f} ms{others[len(others) * 99 // 100]:>10.0f} ms"
            + (f"   {self.refused} told to come again" if self.refused else "")
            + (f"   {self.late} not answered in time!" if self.late else "")
        )


HEAD = f"{'':<22}{'updates':>11}{'asked p50':>13}{'p99':>13}{'worst':>13}{'other p50':>13}{'p99':>13}"


async def one_round(
    target: Server, path: str, far: Server, count: int, connections: int, seed: int, found: Answers
) -> None:
    """Send the backlog over so many connections, and see when each buyer was answered."""
    asked: dict[str, float] = {}

    def sent(body: bytes, at: float) -> None:
        if b'"pre_checkout_query"' in body:
            asked[json.loads(body)["pre_checkout_query"]["id"]] = at

    load = Load(target.port, path, {"X-Telegram-Bot-Api-Secret-Token": SECRET}, connections)
    load.sent = sent
    found.seconds += await load.run(updates.backlog(count, seed))
    await asyncio.sleep(0.5)
    answered = json.loads(await asyncio.to_thread(_fetch, f"http://127.0.0.1:{far.port}/answered"))
    waits = [(answered[key] - at) if key in answered else LIMIT + 1 for key, at in asked.items()]
    found.late += sum(one > LIMIT for one in waits)
    found.waits += [one * 1000 for one in waits]
    found.others += load.latencies
    found.refused += load.refused
    found.count += len(load.latencies)


async def polled(count: int) -> Answers:
    """Gatehouse fetching the backlog by long polling, where Telegram hands updates out in order."""
    found = Answers()
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(server("bench.references", "-", "-", name="telegram"))
        at = f"http://127.0.0.1:{far.port}"
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        await stack.enter_async_context(server("bench.gatehouse", at, "1", folder, "shop", "polling"))
        bodies = _in_order(updates.backlog(count, 1))
        asked = {number: key for number, key in map(_query, bodies) if key is not None}
        began = time.perf_counter()
        await asyncio.to_thread(_fetch, f"{at}/backlog", b"\n".join(bodies))
        answered: dict[str, float] = {}
        while len(answered) < len(asked) and time.perf_counter() < began + PATIENCE:
            await asyncio.sleep(1)
            answered = json.loads(await asyncio.to_thread(_fetch, f"{at}/answered"))
        handed = json.loads(await asyncio.to_thread(_fetch, f"{at}/handed"))
    waits = [answered[key] - handed[str(number)] for number, key in asked.items() if key in answered]
    found.waits = [one * 1000 for one in waits]
    found.late = len(asked) - sum(one <= LIMIT for one in waits)
    found.seconds = max(answered.values(), default=began + PATIENCE) - began
    found.count = len(handed)
    return found


def _in_order(bodies: Iterator[bytes]) -> list[bytes]:
    """The updates, numbered as they came."""
    numbered = (msgspec.json.decode(body) | {"update_id": number} for number, body in enumerate(bodies, 1))
    return [msgspec.json.encode(one) for one in numbered]


def _query(body: bytes) -> tuple[int, str | None]:
    update = msgspec.json.decode(body)
    return update["update_id"], update.get("pre_checkout_query", {}).get("id")


def _fetch(url: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(url, data=body, timeout=30) as answer:  # noqa: S310 - our own far end
        content: bytes = answer.read()
        return content


async def compare(count: int, connections: int, rounds: int) -> dict[str, Answers]:
    """Plain aiogram, which says yes to everybody and does nothing else, beside Gatehouse."""
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(server("bench.references", "-", "-", name="telegram"))
        telegram = f"http://127.0.0.1:{far.port}"
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        plain = await stack.enter_async_context(server("bench.references", telegram, "silent", name="plain"))
        ours = await stack.enter_async_context(server("bench.gatehouse", telegram, "1", folder, "shop"))
        targets = {"(b) plain aiogram": (plain, "/tg/bench"), "(c) Gatehouse": (ours, f"/tg/{ours.words[0]}")}
        results = {name: Answers() for name in targets}
        for turn in range(rounds + 1):
            for place, (name, (target, path)) in enumerate(targets.items()):
                seed = 1 + turn * len(targets) + place
                many = count if turn else min(count, 1000)  # the first round fills caches
                await one_round(
                    target, path, far, many, connections, seed, results[name] if turn else Answers()
                )
    return results
