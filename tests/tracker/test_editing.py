"""Several change a campaign at the same moment: nobody's change is lost, on both engines."""

import asyncio
from typing import Any

import pytest

from domain.actor import Actor
from domain.campaigns import Campaign
from domain.creatives import Creative
from domain.errors import NotFound
from services.campaigns import CampaignService
from services.signals import Signals
from services.vault import Vault
from services.work import UnitOfWork
from storage import campaigns
from storage.database import Database
from tests.clock import TestClock
from tests.tracker.test_together import OLGA, Anybody, make, words

ACTOR = Actor(OLGA, words)  # type: ignore[arg-type]
PARTS = {"text": "New text", "button": "Open", "link": "https://example.com/"}


@pytest.fixture
async def made(db: Database) -> Campaign:
    """A campaign without a file."""
    one = await make(db)
    async with db.write() as tx:
        await campaigns.edit(tx, OLGA, one.id, {"creative": Creative("Hi")})
    return one


@pytest.fixture
def service(db: Database, clock: TestClock) -> CampaignService:
    """The service, which neither makes links nor asks who may."""
    work = UnitOfWork(db, clock, Vault(bytes(32)), Signals())
    return CampaignService(Anybody(), db, work, None, "")  # type: ignore[arg-type]


async def creative_of(db: Database, one: Campaign) -> dict[str, Any]:
    """The parts of its creative that are said in this test."""
    async with db.read() as tx:
        found = await campaigns.get(tx, OLGA, one.id)
    assert found is not None
    return {name: getattr(found.creative, name) for name in PARTS}


async def test_of_changes_at_once_none_is_lost(
    db: Database, made: Campaign, service: CampaignService
) -> None:
    for turn in range(4):
        said = {"text": f"Text {turn}", "button": f"Open {turn}", "link": f"https://example.com/{turn}"}
        await asyncio.gather(*(service.edit(ACTOR, made.id, {name: said[name]}) for name in said))
        assert await creative_of(db, made) == said


async def test_who_reads_first_and_writes_later_loses_some(
    db: Database, made: Campaign, service: CampaignService
) -> None:
    """The control: the whole creative is made of what was read before."""
    read = asyncio.Barrier(len(PARTS))

    async def edit(name: str) -> None:
        before = await creative_of(db, made)
        await read.wait()
        await service.edit(ACTOR, made.id, before | {name: PARTS[name]})

    await asyncio.gather(*(edit(name) for name in PARTS))
    assert await creative_of(db, made) != PARTS


async def test_without_holding_the_campaign_changes_are_lost(
    db: Database, made: Campaign, service: CampaignService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    if db.dialect == "sqlite":
        return  # it has one writer: nobody reads while another one changes
    read, get = asyncio.Barrier(len(PARTS)), campaigns.get

    async def unheld(*which: Any, lock: bool) -> Campaign | None:
        found = await get(*which)
        await read.wait()
        return found

    monkeypatch.setattr(campaigns, "get", unheld)
    await asyncio.gather(*(service.edit(ACTOR, made.id, {name: PARTS[name]}) for name in PARTS))
    monkeypatch.undo()
    assert await creative_of(db, made) != PARTS


async def test_somebody_elses_campaign_is_not_there(made: Campaign, service: CampaignService) -> None:
    with pytest.raises(NotFound, match="campaign"):
        await service.edit(Actor(OLGA + 1, words), made.id, {"name": "x" * 500})  # type: ignore[arg-type]
