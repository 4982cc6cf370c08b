"""Two who change the same thing at the same moment: nothing of either is lost, and neither fails."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

from bot.i18n import Languages
from domain.actor import Actor
from domain.autoreplies import Rule
from domain.autoreply_fields import changed
from domain.bots import AdminChat
from services.access import Access
from services.autoreplies import AutoReplyService
from services.signals import Signals
from services.vault import Vault
from services.work import UnitOfWork
from storage import autoreplies, chats, settings
from storage.database import Database
from tests.clock import TestClock

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CHAT = AdminChat(-100, "supergroup", "Chess", None, True, True, frozenset(), False, None, None)


async def test_fields_of_one_settings_document(db: Database) -> None:
    async def change(number: int) -> None:
        async with db.write() as tx:
            await settings.change(tx, 1, -100, "welcome", {f"field{number}": number}, NOW)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(change(number) for number in range(8)))
    async with db.read() as tx:
        assert await settings.get(tx, 1, -100, "welcome") == {f"field{n}": n for n in range(8)}


async def test_variants_of_one_rule(db: Database) -> None:
    clock, languages, unused = TestClock(), Languages(["en"]), cast(Any, None)
    access = Access(db, clock, unused, unused, frozenset())
    work = UnitOfWork(db, clock, Vault(bytes(32)), Signals())
    service = AutoReplyService(access, db, work, clock, languages.translator)
    async with db.write() as tx:
        rule = changed(Rule(), {"keyword": "hi", "response": "first"})
        rule_id = await autoreplies.add(tx, 1, rule, 10, NOW)
    assert rule_id is not None
    house = Actor(0, languages.translator())
    names = [f"variant {number}" for number in range(6)]
    await asyncio.gather(*(service.add_variant(house, 1, 0, rule_id, {"response": name}) for name in names))
    async with db.read() as tx:
        saved = await autoreplies.get(tx, 1, 0, rule_id)
    assert saved is not None
    assert sorted(saved.responses) == ["first", *names]


async def test_administrators_fetched_by_many_at_once(db: Database) -> None:
    everybody = [(user, user == 1, frozenset({"can_manage_chat"})) for user in range(1, 20)]

    async def fetch(number: int) -> None:
        async with db.write() as tx:
            await asyncio.sleep(0.01)
            admins = everybody if number % 2 else list(reversed(everybody))
            await chats.put_admins(tx, 1, -100, admins, NOW)

    await asyncio.gather(*(fetch(number) for number in range(8)))
    async with db.write() as tx:
        await chats.put(tx, 1, CHAT, NOW)
    await asyncio.gather(*(fetch(number) for number in range(8)))
    async with db.read() as tx:
        known = await chats.admins(tx, 1, -100, NOW)
    assert known is not None
    assert set(known) == set(range(1, 20))


async def test_news_of_the_bots_standing_that_overtake_each_other(db: Database) -> None:
    """Whoever looks at a chat to change it holds it until it is changed."""
    async with db.write() as tx:
        await chats.put(tx, 1, CHAT, NOW)

    async def add_one() -> None:
        async with db.write() as tx:
            before = await chats.get(tx, 1, -100, lock=True)
            assert before is not None
            await asyncio.sleep(0.005)
            await chats.put(
                tx, 1, AdminChat(**{**_fields(before), "members": (before.members or 0) + 1}), NOW
            )

    await asyncio.gather(*(add_one() for _ in range(5)))
    async with db.read() as tx:
        after = await chats.get(tx, 1, -100)
    assert after is not None
    assert after.members == 5


def _fields(chat: AdminChat) -> dict[str, Any]:
    return {name: getattr(chat, name) for name in AdminChat.__dataclass_fields__}
