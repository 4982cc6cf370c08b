"""Who is about to pay goes before everybody else, and keeps nobody waiting for long."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from bot import fastlane, intake
from bot.intake import Intake
from domain.bots import Bot
from services.recent import Recent

TENANT: Any = SimpleNamespace(id=1, username="club_bot")


class Desk:
    """Works updates off when it is told to."""

    routes = SimpleNamespace(commands={})

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.may_pay = asyncio.Event()

    async def feed(self, bot: Bot, update: dict[str, Any]) -> None:
        kind = "asked" if "pre_checkout_query" in update else "other"
        self.begun.append(kind)
        if kind == "asked":
            await self.may_pay.wait()


def taking(desk: Desk) -> tuple[Intake, Any]:
    """An intake, and how to put an update of a number in."""
    nothing: Any = None
    taker = Intake(nothing, nothing, nothing, desk, nothing, Recent())  # type: ignore[arg-type]

    async def put(number: int, **update: Any) -> None:
        body = json.dumps({"update_id": number, **update}).encode()
        await taker.take(TENANT, fastlane.decode(body), body)

    return taker, put


async def until_begun(desk: Desk, count: int) -> None:
    """Let everybody take his steps until so many are begun."""
    while len(desk.begun) < count:
        await asyncio.sleep(0)


async def test_others_begin_when_he_has_his_answer() -> None:
    desk = Desk()
    taker, put = taking(desk)
    async with asyncio.TaskGroup() as group:
        group.create_task(put(1, pre_checkout_query={"id": "q"}))
        await until_begun(desk, 1)
        group.create_task(put(2, my_chat_member={}))
        group.create_task(put(3, pre_checkout_query={"id": "r"}))
        await until_begun(desk, 2)
        for _ in range(20):
            await asyncio.sleep(0)
        assert desk.begun == ["asked", "asked"], "another who is about to pay does not wait"
        desk.may_pay.set()
    assert desk.begun == ["asked", "asked", "other"]
    await put(4, my_chat_member={})
    assert taker.in_flight == 0


async def test_one_who_gets_no_answer_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "LET_PASS", 0)
    desk = Desk()
    _, put = taking(desk)
    async with asyncio.TaskGroup() as group:
        group.create_task(put(1, pre_checkout_query={"id": "q"}))
        await until_begun(desk, 1)
        await put(2, my_chat_member={})
        assert desk.begun == ["asked", "other"]
        desk.may_pay.set()
