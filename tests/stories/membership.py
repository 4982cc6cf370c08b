"""What stories about paid access have in common."""

from dataclasses import dataclass
from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from storage import plans, projects

RIGHTS = ["invite_users", "restrict_members", "delete_messages"]


@dataclass
class Club:
    """A bot of Olga's that sells one plan for one chat."""

    app: App
    bot: Any
    bot_id: int
    olga: Any
    chat: Any
    project_id: int
    plan_id: int

    async def keep_time(self) -> None:
        """What the background does about every half minute."""
        await self.app.house.endings.run(self.app.house.actor)
        await self.app.house.access_tasks.run(self.app.house.actor)

    async def token(self, tg: Sandbox, args: str = "Gold") -> str:
        """An access token, as Olga makes it in the chat; returns its link."""
        await self.olga.send(self.bot, f"/token {args}")
        sent = tg.last(self.olga, bot=self.bot)
        return next(line for line in sent.text.splitlines() if line.startswith("https://t.me/"))

    async def change_plan(self, **values: Any) -> None:
        """Set columns of the plan."""
        async with self.app.db.write() as tx:
            await plans.change(tx, self.bot_id, self.plan_id, values)


async def open_club(
    tg: Sandbox, app: App, olga: Any, service: Any, name: str = "Club", title: str = "Chess club"
) -> Club:
    """Olga connects a bot, adds it to her group, and makes the plan Gold for it: a month for 9.99 USD."""
    bot = tg.bot("club_bot", name=name)
    chat = tg.group(title, olga)
    await olga.start(service)
    await olga.send(service, f"/connect {bot.token}")
    await olga.start(bot)
    await olga.add(bot, chat, rights=RIGHTS)
    connected = next(one for one in await app.house.directory.all() if one.username == bot.username)
    values = {"name": "Gold", "duration": "1 month", "price": 999, "currency": "USD"}
    async with app.db.write() as tx:
        now = app.clock.now()
        project_id = await projects.create(tx, connected.id, "Chess", now)
        await projects.toggle_chat(tx, connected.id, project_id, chat.id)
        plan_id = await plans.create(tx, connected.id, values | {"project_id": project_id}, now)
    return Club(app, bot, connected.id, olga, chat, project_id, plan_id)


@pytest.fixture
async def club(tg: Sandbox, app: App, olga: Any, service: Any) -> Club:
    """A club with its gate closed."""
    return await open_club(tg, app, olga, service)
