"""What waits in memory: so much of each bot, and the order of a chat is kept all the same."""

import asyncio
from typing import Any

import pytest

from delivery.outbox import Listeners, OutboxDelivery
from delivery.pacing import BotPace, ChatPaces
from domain import calls
from domain.page import page
from storage.database import Database
from tests.clock import TestClock
from tests.delivery.office import Post

WINDOW, CHATS, CALLS = 30, 5, 200


class Fast(BotPace):
    """No pace."""

    def wait(self, now: float) -> float:
        return 0.0


class FastChats(ChatPaces):
    """None either."""

    def wait(self, chat_id: int, now: float) -> float:
        return 0.0


@pytest.fixture
def office(db: Database, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> Post:
    monkeypatch.setattr("delivery.outbox.WINDOW", WINDOW)

    async def ignore(*news: Any) -> None:
        raise AssertionError("there is no news")

    office = Post(db, clock)
    office.delivery = OutboxDelivery(
        db, office.telegram, office.vault, clock, office.signals, Listeners(ignore, ignore),
        lambda: (Fast(), FastChats()),
    )  # fmt: skip
    return office


async def test_a_full_line_keeps_no_other_bot_waiting_and_its_own_order(office: Post) -> None:
    answer, ask = asyncio.Event(), office.telegram.ask

    async def slow(bot_id: int, method: str, /, **params: Any) -> Any:
        result = await ask(bot_id, method, **params)
        if bot_id == 1:
            await answer.wait()
        return result

    office.telegram.ask = slow  # type: ignore[method-assign]
    async with office.open():
        for start in range(0, CALLS, 20):
            async with office.work() as work:
                for number in range(start, start + 20):
                    work.send(1, calls.send(100 + number % CHATS, page(str(number))))
        await office.promise("quick", bot=2)
        async with asyncio.timeout(10):
            while "quick" not in office.telegram.texts:
                await asyncio.sleep(0.01)
        assert len(office.delivery._lines[1]) <= WINDOW
        await office.promise("last", chat=100)
        answer.set()
        async with asyncio.timeout(30):
            while not await office.delivery.idle():
                await asyncio.sleep(0.01)
    for chat in range(100, 100 + CHATS):
        told = [p["text"] for bot, _, p in office.telegram.made if bot == 1 and p["chat_id"] == chat]
        wanted = [str(number) for number in range(CALLS) if number % CHATS == chat - 100]
        assert told == wanted + (["last"] if chat == 100 else [])


async def test_all_bots_get_their_turn_when_memory_is_short(
    office: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.outbox.IN_MEMORY", 10)
    monkeypatch.setattr("delivery.outbox.NARROW", 4)
    for bot in range(1, 21):
        async with office.work() as work:
            for number in range(30):
                work.send(bot, calls.send(100 + number, page(f"{bot} {number}")))
    async with office.open():
        async with asyncio.timeout(30):
            while not await office.delivery.idle():
                await asyncio.sleep(0.01)
    assert len(office.telegram.made) == len(set(office.telegram.texts)) == 600
