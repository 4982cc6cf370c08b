"""What stories about messages to leads have in common."""

from dataclasses import dataclass
from typing import Any

import pytest

from bot.app import App
from domain.broadcasts import BroadcastStatus, Counts
from domain.leads import LeadStatus
from domain.tariffs import Tariff
from sandbox import Sandbox
from services.deferred import DEFERRED
from storage import broadcasts, recipients, tariffs, triggers
from tests.clock import TestClock
from tests.stories.estate import hurry
from tests.stories.tracker import Ads, open_ads

TEXT = "Hello {first_name}, *come back*!"


@dataclass
class Mail:
    """A campaign with people in it, and Olga who writes to them."""

    ads: Ads
    people: list[Any]

    @property
    def app(self) -> App:
        """The application."""
        return self.ads.app

    @property
    def olga(self) -> Any:
        """The owner."""
        return self.ads.olga

    @property
    def bot(self) -> Any:
        """The bot the people know."""
        return self.ads.bot

    @property
    def tg(self) -> Sandbox:
        """Telegram."""
        return self.ads.tg

    async def write(self, text: str = TEXT, button: str | None = None) -> int:
        """Olga writes a broadcast by the conversation, to everybody; the id. It is not started."""
        olga, bot = self.olga, self.bot
        await olga.send(bot, "/broadcast")
        await olga.click("⬜ 👋 pressed Start")
        await olga.click("Next ›")
        await olga.send(bot, text)
        if button is None:
            await olga.click("No button")
        else:
            await olga.send(bot, button)
        async with self.app.db.read() as tx:
            return (await broadcasts.listing(tx, olga.id))[0].id

    async def status(self, broadcast_id: int) -> BroadcastStatus:
        """Where a broadcast is."""
        async with self.app.db.read() as tx:
            found = await broadcasts.get(tx, self.olga.id, broadcast_id)
        assert found is not None
        return found.status

    async def counts(self, broadcast_id: int) -> Counts:
        """How far it is."""
        async with self.app.db.read() as tx:
            return (await recipients.counts(tx, [broadcast_id]))[broadcast_id]

    async def boards(self) -> str:
        """The boards are brought up to date; what Olga's newest message says then."""
        await self.app.house.boards.run(self.app.house.actor)
        await self.tg.settle()
        return str(self.tg.last(self.olga, bot=self.bot).text)

    async def later(self, clock: TestClock, **delta: float) -> None:
        """Time passes, here and at Telegram."""
        self.tg.clock.advance(**delta)
        clock.advance(**delta)
        await self.on_the_clock()

    async def on_the_clock(self) -> None:
        """What is due by now goes out."""
        self.app.signals.dispatch(DEFERRED, None)
        await self.tg.settle()

    async def tariff(self, **values: Any) -> None:
        """Olga has a tariff."""
        async with self.app.db.write() as tx:
            await tariffs.put(tx, self.olga.id, Tariff("Small", **values))

    def got(self, person: Any) -> list[str]:
        """What the bot has written to somebody, without the greeting."""
        return [
            one.text for one in self.tg.messages(person, bot=self.bot)
            if not one.text.startswith("/start") and "Welcome" not in one.text
        ]  # fmt: skip

    async def jobs(self, status: LeadStatus) -> dict[str, int]:
        """What became of triggered messages of a status."""
        async with self.app.db.read() as tx:
            found = await triggers.counts(tx, self.ads.campaign_id)
        return {state.value: number for (where, state), number in found.items() if where is status}


async def open_mail(tg: Sandbox, app: App, olga: Any, service: Any, people: int) -> Mail:
    """A campaign of Olga's and people who have pressed Start."""
    ads = await open_ads(tg, app, olga, service)
    crowd = [tg.user(f"Reader{number}") for number in range(people)]
    for number, person in enumerate(crowd):
        await person.follow(ads.link(f"c{number}"))
    return Mail(ads, crowd)


@pytest.fixture
async def mail(tg: Sandbox, start_app: Any, olga: Any, service: Any) -> Any:
    """Three readers. The pace is no matter here."""
    async with start_app(bot_token=service.token, owner_ids=frozenset({olga.id}), paces=hurry) as app:
        yield await open_mail(tg, app, olga, service, 3)
