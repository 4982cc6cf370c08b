"""What Telegram refuses for being too long, too wide or too fast."""

from __future__ import annotations

import math
import re
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Literal, get_args

from sandbox.clock import Clock
from sandbox.errors import bad_request, too_many_requests
from sandbox.model import Chat

TEXT_LENGTH = 4096
CAPTION_LENGTH = 1024
CALLBACK_DATA_BYTES = 64
ANSWER_LENGTH = 200
BUTTONS = 100
DEEP_LINK = re.compile(r"[A-Za-z0-9_-]{1,64}")
SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")
USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


def check_text(text: str) -> None:
    """Refuse an empty or over-long message text (after entity parsing)."""
    if not text.strip():
        raise bad_request("message text is empty")
    if utf16_length(text) > TEXT_LENGTH:
        raise bad_request("message is too long")


def check_caption(text: str) -> None:
    """Refuse an over-long caption."""
    if utf16_length(text) > CAPTION_LENGTH:
        raise bad_request("message caption is too long")


Counting = Literal["sliding", "bucket"]
COUNTINGS: tuple[str, ...] = get_args(Counting)


@dataclass
class _Counter:
    """What was sent under one limit: the moments of a sliding window, or what a bucket holds."""

    moments: deque[float] = field(default_factory=deque)
    level: float | None = None
    last: float = 0.0

    def wait(self, counting: Counting, count: int, seconds: float, now: float) -> float:
        """Seconds until another send is permitted."""
        if counting == "sliding":
            while self.moments and self.moments[0] <= now - seconds:
                self.moments.popleft()
            return self.moments[0] + seconds - now if len(self.moments) >= count else 0.0
        full = count if self.level is None else self.level + (now - self.last) * count / seconds
        self.level, self.last = min(float(count), full), now
        return 0.0 if self.level >= 1 else (1 - self.level) * seconds / count

    def take(self, now: float) -> None:
        """A send."""
        self.moments.append(now)
        if self.level is not None:
            self.level -= 1


@dataclass
class Limits:
    """Switches and sizes of the limits that depend on time.

    Flood limits are off until ``flood`` is set, since most stories are not about them. Each is
    (sends, seconds); Telegram publishes about 30 messages a second for a bot, 1 a second for a chat
    (short bursts pass) and 20 a minute for a group. How it counts, it does not say: ``counting`` is in a
    sliding window, or in a token bucket that holds as many as the limit has sends. Messages somebody pays
    for (``allow_paid_broadcast``) have a limit of their own. ``refused`` counts the sends that were too
    fast, by bot id.
    """

    clock: Clock
    flood: bool = False
    counting: Counting = "sliding"
    per_bot: tuple[int, float] = (30, 1.0)
    paid: tuple[int, float] = (1000, 1.0)
    per_chat: tuple[int, float] = (5, 5.0)
    per_group: tuple[int, float] = (20, 60.0)
    callback_seconds: float = 15.0
    pre_checkout_seconds: float = 10.0
    join_query_seconds: float = 10.0
    delete_hours: float = 48.0
    refused: Counter[int] = field(default_factory=Counter, repr=False)
    _sent: dict[tuple[str, str, int, int], _Counter] = field(default_factory=dict, repr=False)

    def count_send(self, bot_id: int, chat: Chat, *, paid: bool = False) -> None:
        """Count one message of a bot to a chat.

        Raises:
            TelegramError: 429 with ``retry_after`` when a limit is reached; the send is not
                counted then.
        """
        if not self.flood:
            return
        limits = [
            ("paid", 0, self.paid) if paid else ("bot", 0, self.per_bot),
            ("chat", chat.id, self.per_chat) if chat.is_private else ("group", chat.id, self.per_group),
        ]
        now = self.clock.time()
        counters = []
        for name, chat_id, (count, seconds) in limits:
            counter = self._sent.setdefault((self.counting, name, bot_id, chat_id), _Counter())
            counters.append(counter)
            if (wait := counter.wait(self.counting, count, seconds, now)) > 0:
                self.refused[bot_id] += 1
                raise too_many_requests(max(1, math.ceil(wait)))
        for counter in counters:
            counter.take(now)
