"""What stories about campaigns have in common."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.app import App
from domain.campaigns import Campaign, CampaignLink
from domain.creatives import Creative
from domain.leads import Lead, LeadStatus, Noted
from sandbox import Sandbox
from services.campaign_making import NewCampaign
from storage import campaigns, leads
from storage.leads import LeadFilter
from tests.stories.membership import RIGHTS


@dataclass
class Ads:
    """A bot of Olga's with a campaign for her channel."""

    app: App
    tg: Sandbox
    bot: Any
    bot_id: int
    olga: Any
    chat: Any
    campaign_id: int
    code: str

    def link(self, click: str = "") -> str:
        """The campaign's start link as an ad shows it."""
        return str(self.bot.link(f"{self.code}-{click}" if click else self.code))

    async def campaign(self) -> Campaign:
        """The campaign as it is now."""
        async with self.app.db.read() as tx:
            found = await campaigns.get(tx, self.olga.id, self.campaign_id)
        assert found is not None
        return found

    async def own_link(self) -> str:
        """The invite link behind its button."""
        async with self.app.db.read() as tx:
            found = await campaigns.own_link(tx, self.campaign_id)
        assert found is not None
        return found.invite_link

    async def source(self, name: str, *, asks: bool = False) -> CampaignLink:
        """A named link."""
        return await self.app.house.campaigns.add_link(self.actor, self.campaign_id, name, asks=asks)

    async def change(self, **changes: Any) -> None:
        """Set fields of the campaign."""
        await self.app.house.campaigns.edit(self.actor, self.campaign_id, changes)

    async def lead(self, person: Any) -> Lead | None:
        """Somebody's lead."""
        async with self.app.db.read() as tx:
            return await leads.of_person(tx, self.campaign_id, person.id)

    async def status(self, person: Any) -> LeadStatus | None:
        """Where somebody stands."""
        found = await self.lead(person)
        return found.status if found is not None else None

    async def steps(self, person: Any) -> list[tuple[LeadStatus, bool]]:
        """The steps of somebody that stand: (status, told)."""
        return [(one.entry.status, one.entry.told) for one in await self.history(person)]

    async def history(self, person: Any) -> list[Noted]:
        """The steps of somebody that stand."""
        found = await self.lead(person)
        if found is None:
            return []
        async with self.app.db.read() as tx:
            return await leads.history(tx, found.id)

    async def all_leads(self) -> list[Lead]:
        """Every lead of the campaign."""
        async with self.app.db.read() as tx:
            return await leads.listing(tx, self.olga.id, LeadFilter(campaign_id=self.campaign_id), limit=1000)

    @property
    def actor(self) -> Any:
        """Olga, by no door."""
        return actor_of(self.app, self.olga)


def actor_of(app: App, person: Any) -> Any:
    """Somebody as the services know him, by no door."""
    return replace(app.house.actor, user_id=person.id)


async def open_ads(
    tg: Sandbox,
    app: App,
    olga: Any,
    service: Any,
    *,
    username: str = "ads_bot",
    title: str = "News of chess",
    public: bool = False,
    **fields: Any,
) -> Ads:
    """Olga connects a bot, adds it to her channel, and makes a campaign for it."""
    bot = tg.bot(username)
    chat = tg.channel(title, olga)
    await olga.start(service)
    await olga.send(service, f"/connect {bot.token}")
    await olga.start(bot)
    await olga.add(bot, chat, rights=RIGHTS)
    connected = next(one for one in await app.house.directory.all() if one.username == username)
    creative = fields.pop("creative", Creative())
    made = await app.house.campaigns.add(
        actor_of(app, olga), NewCampaign(connected.id, chat.id, "Spring", creative, **fields)
    )
    return Ads(app, tg, bot, connected.id, olga, chat, made.id, made.code)


@pytest.fixture
async def ads(tg: Sandbox, app: App, olga: Any, service: Any) -> Ads:
    """A campaign of Olga's."""
    return await open_ads(tg, app, olga, service)
