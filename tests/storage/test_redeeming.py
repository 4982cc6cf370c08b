"""Redeeming at the same moment, through the services, on both engines."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

import pytest

from bot.i18n import Languages
from domain.actor import Actor
from domain.errors import Refused
from services.access import Access
from services.directory import BotDirectory
from services.grants import Given
from services.people import PeopleService
from services.signals import Signals
from services.tokens import TokenService
from services.vault import Vault
from services.ways import Ways
from services.work import UnitOfWork
from storage import bots, memberships, people, plans, projects
from storage.database import Database
from storage.people import Person
from tests.clock import TestClock

CHAT = -1001
CROWD = range(501, 507)


class Links:
    """A Telegram that makes links."""

    made = 0

    async def ask(self, bot_id: int, method: str, /, **params: Any) -> Any:
        self.made += 1
        return {"invite_link": f"https://t.me/+{self.made}"}

    async def ask_with(self, token: str, method: str, /, **params: Any) -> Any:
        raise NotImplementedError

    async def ask_with_files(
        self, bot_id: int, method: str, params: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]
    ) -> Any:
        raise NotImplementedError


class Shop:
    """A bot with a plan, its services, and a crowd."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock, signals = db, TestClock(), Signals()
        vault = Vault(bytes(32))
        self.directory = BotDirectory(db, signals, vault)
        telegram = Links()
        access = Access(db, self.clock, telegram, self.directory, frozenset())
        work = UnitOfWork(db, self.clock, vault, signals)
        people_ = PeopleService(access, db, work, self.clock, signals)
        ways = Ways(db, work, self.clock, telegram, self.directory)
        self.tokens = TokenService(access, db, work, self.directory, people_, ways)
        self.t = Languages().translator()
        self.owner = Actor(1, self.t)

    async def open(self, **plan: Any) -> None:
        now = self.clock.now()
        async with self.db.write() as tx:
            bot = await bots.connect(
                tx, telegram_id=77, owner_id=1, public_id="shop", username="shop_bot", name="Shop",
                token=b"", secret_digest=b"", is_service=False, manages_bots=False, now=now,
            )  # fmt: skip
            assert bot is not None
            self.bot_id = bot.id
            for who in CROWD:
                await people.remember(tx, bot.id, Person(who, f"P{who}"), now, started=True)
            await projects.toggle_chat(tx, bot.id, 0, CHAT)
            values = {"name": "Gold", "duration": "1 month", "price": 0, "currency": "USD"} | plan
            self.plan_id = await plans.create(tx, bot.id, values, now)
        await self.directory.load()

    async def token(self) -> str:
        return await self.tokens.create(self.owner, self.bot_id, self.plan_id)

    async def redeem(self, who: int, secret: str) -> Given | None:
        try:
            return await self.tokens.redeem(Actor(who, self.t), self.bot_id, secret)
        except Refused:
            return None


@pytest.fixture
async def shop(db: Database) -> Shop:
    return Shop(db)


async def test_one_of_a_crowd_wins(shop: Shop) -> None:
    await shop.open()
    secret = await shop.token()
    given = await asyncio.gather(*(shop.redeem(who, secret) for who in CROWD))
    assert sum(one is not None for one in given) == 1
    async with shop.db.read() as tx:
        assert len(await memberships.listing(tx, shop.bot_id, shop.clock.now(), 0, 10)) == 1


async def test_the_last_places_go_to_as_many(shop: Shop) -> None:
    await shop.open(max_customers=2)
    codes = [await shop.token() for _ in CROWD]
    given = await asyncio.gather(*(shop.redeem(w, s) for w, s in zip(CROWD, codes, strict=True)))
    assert sum(one is not None for one in given) == 2
    holder = next(who for who, one in zip(CROWD, given, strict=True) if one is not None)
    assert await shop.redeem(holder, await shop.token()) is not None, "who has a place may renew"


async def test_once_per_person_is_once_however_quick(shop: Shop) -> None:
    await shop.open(singleuse=1)
    codes = [await shop.token() for _ in range(4)]
    given = await asyncio.gather(*(shop.redeem(CROWD[0], secret) for secret in codes))
    assert sum(one is not None for one in given) == 1


async def test_two_tokens_at_once_give_two_months(shop: Shop) -> None:
    await shop.open()
    codes = [await shop.token() for _ in range(3)]
    given = await asyncio.gather(*(shop.redeem(CROWD[0], secret) for secret in codes))
    assert sorted(one.membership.months for one in given if one is not None) == [1, 2, 3]


async def test_guesses_open_nothing(shop: Shop) -> None:
    await shop.open()
    for _ in range(12):
        assert await shop.redeem(CROWD[0], secrets.token_urlsafe(18)) is None
    assert await shop.redeem(CROWD[0], await shop.token()) is None, "he has to wait now"
    assert await shop.redeem(CROWD[1], await shop.token()) is not None
