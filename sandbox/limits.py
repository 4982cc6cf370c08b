"""What Telegram refuses for being too long, too wide or too fast."""

from __future__ import annotations

import math
import re
from collections import deque
from dataclasses import dataclass, field

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


@dataclass
class Limits:
    """Switches and sizes of the limits that depend on time.

    Flood limits are off until ``flood`` is set, since most stories are not about them. Each is
    (sends, seconds) in a sliding window; Telegram publishes about 30 messages a second for a
    bot, 1 a second for a chat (short bursts pass) and 20 a minute for a group.
    """

    clock: Clock
    flood: bool = False
    per_bot: tuple[int, float] = (30, 1.0)
    per_chat: tuple[int, float] = (5, 5.0)
    per_group: tuple[int, float] = (20, 60.0)
    callback_seconds: float = 15.0
    pre_checkout_seconds: float = 10.0
    join_query_seconds: float = 10.0
    delete_hours: float = 48.0
    _sent: dict[tuple[str, int, int], deque[float]] = field(default_factory=dict, repr=False)

    def count_send(self, bot_id: int, chat: Chat) -> None:
        """Count one message of a bot to a chat.

        Raises:
            TelegramError: 429 with ``retry_after`` when a limit is reached; the send is not
                counted then.
        """
        if not self.flood:
            return
        rows = [(("bot", bot_id, 0), self.per_bot), (("chat", bot_id, chat.id), self.per_chat)]
        if not chat.is_private:
            rows[1] = (("group", bot_id, chat.id), self.per_group)
        now = self.clock.time()
        queues = [self._window(key, limit[1], now) for key, limit in rows]
        for queue, (_, (count, seconds)) in zip(queues, rows, strict=True):
            if len(queue) >= count:
                raise too_many_requests(max(1, math.ceil(queue[0] + seconds - now)))
        for queue in queues:
            queue.append(now)

    def _window(self, key: tuple[str, int, int], seconds: float, now: float) -> deque[float]:
        queue = self._sent.setdefault(key, deque())
        while queue and queue[0] <= now - seconds:
            queue.popleft()
        return queue
