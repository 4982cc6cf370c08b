"""The pace of a bot, against the two ways Telegram may count."""

import heapq
import random
from collections import deque

import pytest

from delivery.pacing import BOT_RATE, CHAT_BURST, BotPace, ChatPaces


def simulate(pace: BotPace, seconds: float, seed: int, stall: float = 0.0) -> list[tuple[float, float]]:
    """Send as fast as the pace lets; returns (when Telegram counted it, when the answer came)."""
    chance = random.Random(seed)
    now, answers, sends = 0.0, [], []
    while now < seconds:
        while answers and answers[0][0] <= now:
            came, began = heapq.heappop(answers)
            pace.answered(began, came)
        wait = pace.wait(now)
        if wait <= 0:
            pace.started(now)
            there, back = chance.uniform(0.005, 0.08), chance.uniform(0.005, 0.08)
            heapq.heappush(answers, (now + there + back, now))
            sends.append((now + there, now + there + back))
            continue
        now = min(now + wait, answers[0][0] if answers else now + wait)
        if stall and chance.random() < 0.05:
            now += stall
    return sends


def most_in_a_second(moments: list[float]) -> int:
    window: deque[float] = deque()
    most = 0
    for moment in sorted(moments):
        window.append(moment)
        while window[0] <= moment - 1:
            window.popleft()
        most = max(most, len(window))
    return most


def bucket_overflows(moments: list[float]) -> int:
    level, last, over = float(BOT_RATE), 0.0, 0
    for moment in sorted(moments):
        level = min(BOT_RATE, level + (moment - last) * BOT_RATE)
        last = moment
        if level < 1:
            over += 1
        else:
            level -= 1
    return over


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("stall", [0.0, 0.03])
def test_neither_way_of_counting_is_offended(seed: int, stall: float) -> None:
    sends = [there for there, _ in simulate(BotPace(), 30, seed, stall)]
    assert most_in_a_second(sends) <= BOT_RATE
    assert bucket_overflows(sends) == 0
    assert len(sends) > 30 * BOT_RATE * 0.85


def test_an_even_pace_would_offend() -> None:
    """The control: what looks harmless on our side of the line is counted at the other."""
    chance = random.Random(1)
    moments = [number / 29.7 + chance.uniform(0.005, 0.08) for number in range(900)]
    assert most_in_a_second(moments) > BOT_RATE


def test_nothing_goes_out_while_telegram_said_to_wait() -> None:
    pace = BotPace()
    pace.hold(12.0)
    assert pace.wait(10.0) == pytest.approx(2.0)
    assert pace.wait(12.0) == 0.0


def test_a_group_gets_twenty_a_minute() -> None:
    chats = ChatPaces()
    for number in range(20):
        assert chats.wait(-100, number * 0.1) == 0.0
        chats.sent(-100, number * 0.1)
    assert chats.wait(-100, 2.0) == pytest.approx(58.0)
    assert chats.wait(-200, 2.0) == 0.0, "another group is not concerned"


def test_a_private_chat_gets_a_burst_then_one_a_second() -> None:
    chats = ChatPaces()
    for _ in range(CHAT_BURST):
        assert chats.wait(7, 0.0) == 0.0
        chats.sent(7, 0.0)
    assert chats.wait(7, 0.0) == pytest.approx(1.0)
    assert chats.wait(7, 2.0 * CHAT_BURST) == 0.0


def test_old_chats_are_forgotten() -> None:
    chats = ChatPaces(most=3)
    for chat in range(1, 6):
        chats.sent(chat, 0.0)
    assert len(chats._sent) == 3
