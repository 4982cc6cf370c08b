"""A start and a join worked off at the same moment; links, tariffs and lists, on both engines."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.actor import Actor, Door
from domain.bots import Bot, BotStatus
from domain.campaigns import Campaign, CampaignStatus
from domain.creatives import Creative, MediaType
from domain.errors import TelegramUnreachable
from domain.leads import LeadStatus
from domain.movements import Movement, MovementKind
from services.leads import LeadService
from services.signals import Signals
from services.tracking import Tracking
from services.vault import Vault
from services.work import UnitOfWork, Work
from storage import campaigns, chat_moves, clicks, journal, leads, movements
from storage.clicks import Click
from storage.database import Database
from storage.leads import LeadFilter
from storage.movements import JournalFilter
from storage.tables.tracker import campaign as campaign_table
from tests.clock import TestClock

OLGA, BOT, CHAT = 4_200_001, 7, -1001
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SAID = Creative("Hi", "ref", MediaType.PHOTO)
TENANT = Bot(BOT, 700, OLGA, "x", "ads_bot", "Ads", BotStatus.ACTIVE, False, False, NOW)


class Silence:
    """Telegram does not answer."""

    async def ask(self, bot_id: int, method: str, **params: Any) -> Any:
        raise TelegramUnreachable(sent=False)


class Anybody:
    """Everybody may."""

    async def check(self, *demand: Any) -> None: ...


def words(message: str, /, **values: object) -> str:
    return message.format(**values)


async def make(db: Database, chat: int = CHAT, code: str = "goCode1234") -> Campaign:
    async with db.write() as tx:
        made = await campaigns.create(
            tx,
            OLGA,
            BOT,
            chat,
            code=code,
            name="Spring",
            creative=Creative("Hi", "ref", MediaType.PHOTO),
            now=NOW,
        )
    assert made is not None
    return made


def joined(user: int, update_id: int, kind: MovementKind = MovementKind.JOIN, **more: Any) -> Movement:
    values: dict[str, Any] = {"invite_link": None, "at": NOW} | more
    return Movement(
        bot_id=BOT, owner_id=OLGA, chat_id=CHAT, chat_type="channel", chat_title="Chess", user_id=user,
        name="Ann", username=None, language_code=None, is_bot=False, kind=kind, actor_id=user,
        source="", link_name=None, via_request=False, update_id=update_id, **values,
    )  # fmt: skip


class House:
    """Leads, and a unit of work for movements."""

    def __init__(self, db: Database, campaign: Campaign) -> None:
        self.db, self.campaign = db, campaign
        clock = TestClock()
        self.work = UnitOfWork(db, clock, Vault(bytes(32)), Signals())
        self.leads = LeadService(Anybody(), db, self.work, clock, Silence(), Tracking([]))  # type: ignore[arg-type]

    async def start(self, user: int) -> None:
        """Somebody presses Start with a click."""
        actor = Actor(user, words, "Ann", Door(BOT, user * 10, user))  # type: ignore[arg-type]
        assert await self.leads.started(actor, TENANT, f"{self.campaign.code}-c{user}", NOW)

    async def move(self, unit: Work, user: int) -> None:
        """He joins, within a unit of work."""
        movement = joined(user, user * 10 + 1)
        await journal.add(unit.tx, movement)
        await self.leads.moved(unit, movement)

    async def join(self, user: int) -> None:
        """He joins."""
        async with self.work() as unit:
            await self.move(unit, user)

    async def credited(self, user: int) -> bool:
        """Whether he is inside by his click."""
        async with self.db.read() as tx:
            lead = await leads.of_person(tx, self.campaign.id, user)
        assert lead is not None
        return (lead.status, lead.origin.click) == (LeadStatus.APPROVE, f"c{user}")


async def test_a_start_and_a_join_at_the_same_moment_see_each_other(db: Database) -> None:
    house = House(db, await make(db))
    people = range(100, 112)
    await asyncio.gather(*(one(user) for user in people for one in (house.start, house.join)))
    assert [user for user in people if not await house.credited(user)] == []


async def start_within_a_join(house: House, patience: float | None) -> None:
    """The start is worked off while the join is done, but not committed."""
    async with asyncio.TaskGroup() as tasks, house.work() as unit:
        await house.move(unit, 100)
        start = tasks.create_task(house.start(100))
        await asyncio.wait({start}, timeout=patience)


async def test_a_start_waits_for_a_join_that_is_not_committed(db: Database) -> None:
    house = House(db, await make(db))
    await start_within_a_join(house, 0.2)
    assert await house.credited(100)


async def test_without_holding_the_person_the_join_is_lost(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    if db.dialect == "sqlite":
        return  # it has one writer: nothing can be worked off within

    async def nobody(*_: Any) -> None: ...

    monkeypatch.setattr(leads, "hold_person", nobody)
    house = House(db, await make(db))
    await start_within_a_join(house, None)
    assert not await house.credited(100)


async def test_one_live_campaign_for_a_chat(db: Database) -> None:
    made = await make(db)
    async with db.write() as tx:
        assert (
            await campaigns.create(
                tx, OLGA, BOT, CHAT, code="goOther123", name="Twin", creative=Creative(), now=NOW
            )
            is None
        )
        live = (CampaignStatus.ACTIVE, CampaignStatus.PAUSED)
        gone = await campaigns.set_status(tx, OLGA, made.id, live, CampaignStatus.DELETED, NOW)
        assert gone is not None
        assert await campaigns.set_status(tx, OLGA, made.id, live, CampaignStatus.DELETED, NOW) is None
        assert await campaigns.get_live_by_chat(tx, BOT, CHAT) is None
        assert await campaigns.edit(tx, OLGA, made.id, {"name": "x"}) is None
    again = await make(db, code="goOther123")
    async with db.read() as tx:
        assert await campaigns.tracked(tx, BOT) == {CHAT}
        assert [one.id for one in await campaigns.listing(tx, OLGA)] == [again.id]
        assert len(await campaigns.listing(tx, OLGA, deleted=True)) == 2
        assert await campaigns.get(tx, OLGA + 1, again.id) is None
        assert await campaigns.count_live(tx, OLGA) == 1
    assert (again.creative.media, again.creative.media_type) == ("ref", MediaType.PHOTO)


async def test_links_are_found_after_they_are_revoked(db: Database) -> None:
    made = await make(db)
    async with db.write() as tx:
        await campaigns.add_link(tx, made, "https://t.me/+own", "", False, NOW)
        newer = await campaigns.add_link(tx, made, "https://t.me/+own2", "", True, NOW)
        blog = await campaigns.add_link(tx, made, "https://t.me/+blog", "blog", False, NOW)
        assert await campaigns.own_link(tx, made.id) == newer
        assert await campaigns.revoke_link(tx, made.id + 1, blog.id, NOW) is None
        assert await campaigns.revoke_link(tx, made.id, blog.id, NOW) is not None
        assert await campaigns.revoke_link(tx, made.id, blog.id, NOW) is None
        assert all(one.source == "" for one in await campaigns.links(tx, made.id))
        found = await campaigns.link_by_url(tx, BOT, "https://t.me/+blog")
        assert found is not None
        assert (found.source, found.revoked_at) == ("blog", NOW)


async def test_clicks_are_kept_for_their_campaign(db: Database) -> None:
    made = await make(db)
    one = Click("fb.1", {"sub1": "ü"}, 350_000)
    async with db.write() as tx:
        await clicks.put(tx, made.id, "token", one, NOW)
        await clicks.put(tx, made.id, "newer", one, NOW + timedelta(days=1))
        assert await clicks.get(tx, made.id, "token") == one
        assert await clicks.get(tx, made.id + 1, "token") is None
        assert await clicks.forget(tx, NOW + timedelta(hours=1), 100) == 1
        assert await clicks.get(tx, made.id, "token") is None
        assert await clicks.get(tx, made.id, "newer") == one


async def test_leads_are_filtered_and_counted(db: Database) -> None:
    first, second = await make(db), await make(db, chat=-1002, code="goOther123")
    async with db.write() as tx:
        for number, campaign in enumerate((first, first, second)):
            at = NOW + timedelta(hours=number)
            await leads.create(tx, OLGA, campaign.id, BOT, campaign.chat_id, 100 + number, at)
        again = await leads.create(tx, OLGA, first.id, BOT, CHAT, 100, NOW + timedelta(days=9))
        assert again.created_at == NOW, "the one there is"
    async with db.read() as tx:

        async def users(**wanted: Any) -> list[int]:
            found = await leads.listing(tx, OLGA, LeadFilter(**wanted), limit=10)
            assert await leads.count(tx, OLGA, LeadFilter(**(wanted | {"before": None}))) >= len(found)
            return [one.user_id for one in found]

        assert await users() == [102, 101, 100]
        assert await users(campaign_id=first.id) == [101, 100]
        assert await users(statuses=[LeadStatus.HOLD]) == []
        assert await users(created_from=NOW + timedelta(hours=1)) == [102, 101]
        assert await users(created_until=NOW + timedelta(hours=1)) == [100]
        assert await users(user_id=101) == [101]
        assert await leads.count_by_status(tx, OLGA, [first.id]) == {(first.id, LeadStatus.WAIT): 2}
        assert await leads.listing(tx, OLGA + 1, LeadFilter(), limit=10) == []


@pytest.mark.parametrize("off", [NOW, None])
async def test_who_wants_no_messages(db: Database, off: datetime | None) -> None:
    made = await make(db)
    async with db.write() as tx:
        await leads.create(tx, OLGA, made.id, BOT, CHAT, 100, NOW)
        found = await leads.unsubscribe(tx, made.id, 100, off)
        assert found is not None
        assert found.unsubscribed_at == off
        assert await leads.unsubscribe(tx, made.id, 101, off) is None


async def test_somebodys_movements_the_newest_first(db: Database) -> None:
    kinds = (MovementKind.JOIN, MovementKind.LEAVE, MovementKind.BAN)
    async with db.write() as tx:
        for number, kind in enumerate(kinds):
            await journal.add(tx, joined(100, number, kind, at=NOW + timedelta(hours=number)))
        await journal.add(tx, joined(101, 50))
        found = await movements.of_person(tx, BOT, CHAT, 100)
        assert [one.kind for one in found] == [*reversed(kinds)]
        assert len(await movements.of_person(tx, BOT, CHAT, 100, limit=1)) == 1
        assert await movements.listing(tx, OLGA, JournalFilter(), 10) == [], "the bot is nobody's here"


async def test_a_group_that_becomes_a_supergroup_takes_its_campaign_along(db: Database) -> None:
    """An old campaign of the supergroup is not in its way; a live one goes on instead."""
    gone = await make(db, chat=-1002, code="goOther123")
    async with db.write() as tx:
        live = (CampaignStatus.ACTIVE,)
        await campaigns.set_status(tx, OLGA, gone.id, live, CampaignStatus.DELETED, NOW)
    moved = await make(db)
    async with db.write() as tx:
        await leads.create(tx, OLGA, moved.id, BOT, CHAT, 100, NOW)
        for _ in range(2):  # Telegram says so twice
            await chat_moves.move(tx, BOT, CHAT, -1002, NOW)
        found = await campaigns.get_live_by_chat(tx, BOT, -1002)
        assert found is not None
        assert found.id == moved.id
        assert await campaigns.get(tx, OLGA, gone.id) is not None
        (lead,) = await leads.listing(tx, OLGA, LeadFilter(), limit=10)
        assert lead.chat_id == -1002
    older = await make(db, code="goThird123")
    async with db.write() as tx:
        await chat_moves.move(tx, BOT, CHAT, -1002, NOW)
        after = await campaigns.get(tx, OLGA, older.id)
        assert after is not None
        assert after.status is CampaignStatus.DELETED
        deleted_at = select(campaign_table.c.deleted_at).where(campaign_table.c.id == older.id)
        assert (await tx.execute(deleted_at)).scalar_one() == NOW, "as if its owner had deleted it"
        found = await campaigns.get_live_by_chat(tx, BOT, -1002)
        assert found is not None
        assert found.id == moved.id
