"""`kill -9` while people pay: each of them has exactly the month he paid for, on either engine."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.money import Money
from domain.orders import STARS, Kind, Status
from sandbox import Sandbox
from sandbox.paying import complete, new_invoice
from storage import orders, people, plans, projects
from storage.database import Database
from storage.people import Person
from storage.tables.bots import bot as bots
from storage.tables.membership import membership
from storage.tables.orders import payment
from tests.crash.test_kill import Application

BUYERS, KILLS = 75, 3
PRICE = Money(500, "XTR")


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    """Telegram, patient and without redelivery of what was acknowledged."""
    async with Sandbox(timeout=60) as sandbox:
        yield sandbox


async def _sell(database_url: str, buyers: list[Any]) -> None:
    """A plan for a month, and an open order of it for each buyer."""
    now = datetime.now(UTC)
    async with Database.open(database_url) as db, db.write() as tx:
        bot_id = (await tx.execute(select(bots.c.id))).scalar_one()
        project = await projects.create(tx, bot_id, "Chess", now)
        values = {"name": "Gold", "duration": "1 month", "price": PRICE.minor, "currency": PRICE.currency}
        plan_id = await plans.create(tx, bot_id, values | {"project_id": project}, now)
        for buyer in buyers:
            await people.remember(tx, bot_id, Person(buyer.id, buyer.name), now, started=True)
            await orders.create(
                tx, bot_id, f"GH-{buyer.id}", kind=Kind.NEW, status=Status.PENDING, member_id=buyer.id,
                plan_id=plan_id, plan_name="Gold", project_id=project, length="1 month", gateway=STARS,
                price=PRICE, amount=PRICE, now=now, expires_at=now + timedelta(minutes=20),
            )  # fmt: skip


@asynccontextmanager
async def buyers_in_a_crash(
    telegram: Sandbox, database_url: str, tmp_path: Path, port: int, **how: bool
) -> AsyncIterator[Counter[int]]:
    """75 people pay while the application is killed three times; the months each of them has in the end."""
    olga, service = telegram.user("Olga", id=4_200_001), telegram.bot("gatehouse_bot")
    settings = {
        "bot_token": service.token, "owner_ids": {olga.id}, "telegram_api": telegram.url,
        "public_url": f"http://127.0.0.1:{port}", "port": port, "data_dir": tmp_path,
        "database_url": database_url,
    }  # fmt: skip
    process = Application(settings, how.get("acknowledge_first", False), how.get("deaf", True))
    buyers = [telegram.user(f"Buyer {number}") for number in range(BUYERS)]
    await process.start()
    try:
        await process.kill()
        await _sell(database_url, buyers)
        await process.start()
        for burst in batched(buyers, BUYERS // KILLS):
            for buyer in burst:
                _pay(telegram, service, buyer)
            await _first_acknowledged(telegram, service)
            await process.kill()
            await process.start()
        await telegram.settle(timeout=60)
        if not how.get("deaf", True):
            while {buyer.id for buyer in buyers} - _written_to(telegram):
                assert await telegram.wait_for_change(30), "the list was not read to its end"
    finally:
        await process.kill()
    async with Database.open(database_url) as db, db.read() as tx:
        held = {row.member_id: row.months for row in await tx.execute(select(membership))}
        paid = Counter((await tx.execute(select(payment.c.member_id))).scalars())
    assert all(paid[who] == bool(months) for who, months in held.items())
    yield Counter(held.get(one.id, 0) for one in buyers)


def _written_to(telegram: Sandbox) -> set[int]:
    """Whom the application wrote to, which it does when a payment is committed."""
    return {int(call.params["chat_id"]) for call in telegram.calls_of("sendMessage")}


async def _first_acknowledged(telegram: Sandbox, service: Any) -> None:
    """Wait until the first of what is on its way is acknowledged: the others are being worked off."""
    waiting = service.bot.feed.pending_count
    while service.bot.feed.pending_count == waiting:
        assert await telegram.wait_for_change(60), "nothing was acknowledged"


def batched(everybody: list[Any], size: int) -> list[list[Any]]:
    """Everybody, so many at a time."""
    return [everybody[start : start + size] for start in range(0, len(everybody), size)]


def _pay(telegram: Sandbox, service: Any, buyer: Any) -> None:
    """Telegram has asked at pre-checkout and now moves the money."""
    world = telegram.world
    buyer.add_stars(PRICE.minor)
    invoice = new_invoice(
        world, service.bot, "Gold", "A month", f"GH-{buyer.id}", PRICE.currency, PRICE.minor
    )
    complete(world, invoice, buyer.user, world.private_chat(buyer.user, service.bot))


async def test_who_paid_has_his_month(
    telegram: Sandbox, database_url: str, tmp_path: Path, unused_port: int
) -> None:
    async with buyers_in_a_crash(telegram, database_url, tmp_path, unused_port) as months:
        assert months == {1: BUYERS}


async def test_acknowledging_first_would_leave_some_outside(
    telegram: Sandbox, database_url: str, tmp_path: Path, unused_port: int
) -> None:
    """The control."""
    async with buyers_in_a_crash(
        telegram, database_url, tmp_path, unused_port, acknowledge_first=True
    ) as months:
        assert months[0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_even_then_telegrams_list_of_payments_finds_them(
    telegram: Sandbox, database_url: str, tmp_path: Path, unused_port: int
) -> None:
    """The second net: what no update told of is read from the list."""
    async with buyers_in_a_crash(
        telegram, database_url, tmp_path, unused_port, acknowledge_first=True, deaf=False
    ) as months:
        assert months == {1: BUYERS}
