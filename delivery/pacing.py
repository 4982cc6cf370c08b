"""When a bot may send: anchored to answers, so that it meets no 429 however Telegram counts.

Send *i* starts no earlier than answer(*i* − 30) − shortest round trip + 1 s (and a hair). An answer proves
that Telegram counted the send no later than that; a sliding second and a token bucket both agree with it.
"""

from collections import OrderedDict, deque

BOT_RATE = 30  # messages per second for one bot
PAID_RATE = 1000  # … of those that are paid for, https://core.telegram.org/bots/api#paid-broadcasts
MARGIN = 0.002  # seconds: the shortest round trip is never quite the shortest way there and back
GROUP_BURST, GROUP_WINDOW = 20, 60.0  # messages per minute into one group
CHAT_PAUSE = 1.0  # seconds between messages into one private chat, once its burst is used up
CHAT_BURST = 20

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this


class BotPace:
    """The message rate of one bot. Times are seconds of a monotonic clock."""

    def __init__(self, rate: int = BOT_RATE) -> None:
        self._answers: deque[float] = deque(maxlen=rate)
        self._in_flight = 0
        self.rate = rate
        self._shortest = float("inf")
        self.not_before = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next message may start; infinite until an answer comes in."""
        if now < self.not_before:
            return self.not_before - now
        free = self.rate - self._in_flight - len(self._answers)
        if free > 0:
            return 0.0
        if self._in_flight >= self.rate or not self._answers:
            return float("inf")
        # The oldest answers make room one after another: those in flight have taken the first of them.
        anchor = self._answers[0]
        return max(0.0, anchor - min(self._shortest, 1.0) + 1.0 + MARGIN - now)

    def started(self, now: float) -> None:
        """A message goes out."""
        if self._in_flight + len(self._answers) >= self.rate:
            self._answers.popleft()
        self._in_flight += 1

    def answered(self, began: float, now: float) -> None:
        """Its answer came, or all hope of one is gone."""
        self._in_flight -= 1
        self._shortest = min(self._shortest, now - began)
        self._answers.append(now)

    def hold(self, until: float) -> None:
        """Telegram said to wait."""
        self.not_before = max(self.not_before, until)


class ChatPaces:
    """The message rates of a bot's chats, the least recently used forgotten."""

    def __init__(self, most: int = 10_000) -> None:
        self._sent: OrderedDict[int, deque[float]] = OrderedDict()
        self._held: dict[int, float] = {}
        self._most = most

    def wait(self, chat_id: int, now: float) -> float:
        """Seconds until the chat may get its next message."""
        held = self._held.get(chat_id, 0.0)
        if held > now:
            return held - now
        self._held.pop(chat_id, None)
        sent = self._sent.get(chat_id)
        if not sent:
            return 0.0
        if chat_id < 0:
            if len(sent) < GROUP_BURST:
                return 0.0
            return max(0.0, sent[-GROUP_BURST] + GROUP_WINDOW - now)
        if len(sent) < CHAT_BURST or sent[-CHAT_BURST] <= now - CHAT_BURST * CHAT_PAUSE:
            return 0.0
        return max(0.0, sent[-1] + CHAT_PAUSE - now)

    def sent(self, chat_id: int, now: float) -> None:
        """A message goes to the chat."""
        times = self._sent.get(chat_id)
        if times is None:
            times = self._sent[chat_id] = deque(maxlen=GROUP_BURST if chat_id < 0 else CHAT_BURST)
            if len(self._sent) > self._most:
                self._sent.popitem(last=False)
        else:
            self._sent.move_to_end(chat_id)
        times.append(now)

    def hold(self, chat_id: int, until: float) -> None:
        """Telegram said to wait for this chat."""
        self._held[chat_id] = max(self._held.get(chat_id, 0.0), until)
