"""A Telegram that counts: who got how many messages, and how fast each bot was.

It refuses what is too fast, as a token bucket or as a sliding second (`python -m bench.far_end PORT WAY`):
nobody outside knows which of them Telegram uses. A call is counted when it arrives, its answer takes a while.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

RATE = 30  # messages per second of one bot; a bucket holds as many
THERE = BACK = (0.008, 0.012)  # seconds, from and to
FREE = "free"  # the way without a limit


@dataclass(slots=True)
class Book:
    """What one bot has done."""

    got: Counter[int] = field(default_factory=Counter)  # messages by chat
    at: list[float] = field(default_factory=list)  # when each was counted, by the machine's clock
    last_to: dict[int, float] = field(default_factory=dict)  # … and the last of each chat
    refused: int = 0
    level: float = RATE
    last: float = 0.0
    window: deque[float] = field(default_factory=deque)

    def permits(self, way: str, now: float) -> bool:
        """Whether the limit allows another message now."""
        if way == "bucket":
            self.level, self.last = min(RATE, self.level + (now - self.last) * RATE), now
            if self.level < 1:
                return False
            self.level -= 1
        elif way == "sliding":
            while self.window and self.window[0] <= now - 1:
                self.window.popleft()
            if len(self.window) >= RATE:
                return False
            self.window.append(now)
        return True


class FarEnd:
    """The server. `way`: `bucket`, `sliding` or `free`."""

    def __init__(self, way: str = FREE, seed: int = 1) -> None:
        self.way, self._chance = way, random.Random(seed)
        self.books: dict[str, Book] = {}
        self.counted = asyncio.Event()  # set at every message
        self.port = 0

    async def start(self, port: int = 0) -> "FarEnd":
        """Listen on a loopback port."""
        app = web.Application(client_max_size=32 * 1024**2)
        app.router.add_post("/bot{token}/{method}", self._call)
        app.router.add_get("/books", self._tell)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def close(self) -> None:
        """Stop."""
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """For Bot API clients."""
        return f"http://127.0.0.1:{self.port}"

    def book(self, bot: str) -> Book:
        """What the bot with this number in its token has done."""
        return self.books.setdefault(bot, Book())

    async def _call(self, request: web.Request) -> web.Response:
        book = self.book(request.match_info["token"].partition(":")[0])
        params: dict[str, Any] = json.loads(await request.read())
        await asyncio.sleep(self._chance.uniform(*THERE))
        now = time.monotonic()
        if not book.permits(self.way, now):
            book.refused += 1
            words = "Too Many Requests: retry after 1"
            answer = {"ok": False, "error_code": 429, "description": words, "parameters": {"retry_after": 1}}
            return web.json_response(answer, status=429)
        chat = int(params["chat_id"])
        book.got[chat] += 1
        book.at.append(now)
        book.last_to[chat] = now
        self.counted.set()
        await asyncio.sleep(self._chance.uniform(*BACK))
        message = {"message_id": len(book.at), "date": 0, "chat": {"id": chat, "type": "private"}}
        return web.json_response({"ok": True, "result": message})

    async def _tell(self, request: web.Request) -> web.Response:
        books = {
            bot: {"people": len(one.got), "refused": one.refused, "at": one.at, "last_to": one.last_to}
            for bot, one in self.books.items()
        }
        return web.json_response(books)


async def _main(port: int, way: str) -> None:
    await FarEnd(way).start(port)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_main(int(sys.argv[1]), sys.argv[2]))
