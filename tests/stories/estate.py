"""All that Olga owns, and those who go after it: what the stories about isolation are played with.

What only she and her administrators may see says SECRET; what her bot offers to everybody does not.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.app import App
from delivery.pacing import BotPace, ChatPaces
from sandbox import Sandbox
from storage import affiliates, plans, projects
from tests.stories.membership import RIGHTS
from tests.stories.moderated import person

MARK = "SECRET"
SPAM = f"{MARK} https://t.me/+AbCdEf123456"


class Hurry(ChatPaces):
    """No pauses between the messages of a chat: these stories say a lot to a few."""

    def wait(self, chat_id: int, now: float) -> float:
        """Seconds until the chat may get its next message."""
        return 0.0


def hurry() -> tuple[BotPace, ChatPaces]:
    """Paces for `start_app`."""
    return BotPace(100_000), Hurry()


@dataclass
class Intruder:
    """Somebody with the bots he speaks to; `own` is our id of the one that is his."""

    person: Any
    doors: list[Any]
    own: int | None = None


@dataclass
class Estate:
    """Olga's bots, chats and papers. `ids` fill the placeholders of attempts."""

    tg: Sandbox
    app: App
    olga: Any
    service: Any
    bot: Any
    chat: Any
    ann: Any
    spam: Any
    ids: dict[str, Any]
    intruders: dict[str, Intruder] = field(default_factory=dict)

    def left_at(self, data: dict[str, Any]) -> dict[str, Any]:
        """What a conversation gathered, with the ids it is about."""
        return {
            key: self.ids[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value
            for key, value in data.items()
        }

    async def our_id(self, bot: Any) -> int:
        """Our id of a bot of the sandbox."""
        return next(one.id for one in await self.app.house.directory.all() if one.username == bot.username)


async def build(tg: Sandbox, app: App, olga: Any, boris: Any, service: Any) -> Estate:
    """Olga's estate, and the intruders at its fence."""
    bot = tg.bot("club_bot", name="Club")
    chat = tg.group(f"{MARK} club", olga)
    evenings = tg.group("Chess evenings", olga)
    ann = tg.user(f"{MARK} Ann")
    await olga.start(service)
    await olga.send(service, f"/connect {bot.token}")
    await olga.start(bot)
    for place in (chat, evenings):
        await olga.add(bot, place, rights=RIGHTS)
    await ann.join(chat)
    await ann.start(bot)
    estate = Estate(tg, app, olga, service, bot, chat, ann, None, {})
    bot_id = estate.ids["bot"] = await estate.our_id(bot)
    estate.ids |= {"service": await estate.our_id(service), "chat": chat.id, "evenings": evenings.id}
    estate.ids |= {"ann": ann.id, "olga": olga.id}
    await _lose_rights(estate)
    await _fill(estate, bot_id)
    await _let_loose(estate, boris)
    return estate


async def _lose_rights(estate: Estate) -> None:
    """A chat in which somebody else took the bot's rights away."""
    gus = estate.tg.user("Gus")
    lost = estate.tg.group(f"{MARK} lost", gus)
    await gus.add(estate.bot, lost, rights=RIGHTS)
    await gus.demote(estate.bot, lost)
    estate.ids["lost"] = lost.id


async def _fill(estate: Estate, bot_id: int) -> None:
    """Everything a route could be about."""
    house, olga = estate.app.house, person(estate.app, estate.olga)
    chat_id, ids = estate.chat.id, estate.ids
    rule = {"keyword": f"{MARK} word", "response": f"{MARK} answer"}
    ids["rule"] = (await house.autoreplies.create(olga, bot_id, chat_id, rule)).id
    private = {"keyword": f"{MARK} key", "response": f"{MARK} reply"}
    ids["private_rule"] = (await house.autoreplies.create(olga, bot_id, 0, private, True)).id
    await house.welcome.set(olga, bot_id, chat_id, {"welcome_texts": [f"{MARK} hello", "Hi"]})
    await house.welcome.set(olga, bot_id, ids["evenings"], {"rules_text": "Touch move."})
    await house.antispam.set(olga, bot_id, chat_id, {"mode": "observe"})
    async with estate.app.db.write() as tx:
        now = estate.app.clock.now()
        ids["project"] = await projects.create(tx, bot_id, "Chess", now)
        ids["hidden"] = await projects.create(tx, bot_id, f"{MARK} project", now)
        await projects.toggle_chat(tx, bot_id, ids["project"], ids["evenings"])
        values = {"duration": "1 month", "price": 999, "currency": "USD", "project_id": ids["project"]}
        ids["plan"] = await plans.create(tx, bot_id, values | {"name": "Gold", "trial": "1 day"}, now)
        draft = values | {"name": f"{MARK} draft", "enabled": False, "project_id": ids["hidden"]}
        ids["draft"] = await plans.create(tx, bot_id, draft, now)
        await affiliates.take_id(tx, bot_id, estate.ann.id, "anns", now)
    ids["secret"] = await house.tokens.create(olga, bot_id, ids["draft"], estate.ann.id)
    ids["token"] = (await house.tokens.listing(olga, bot_id, 0))[0][0].id
    await house.subscribers.give(olga, bot_id, estate.ann.id, ids["hidden"], 30)
    estate.spam = await estate.ann.send(estate.chat, SPAM)
    ids["unit"] = f"m{estate.spam.id}"


async def _let_loose(estate: Estate, boris: Any) -> None:
    """Everybody is an ordinary member of the club: its commands are within reach."""
    tg, bot, service = estate.tg, estate.bot, estate.service
    sid, dora, fred = tg.user("Sid"), tg.user("Dora"), tg.user("Fred")
    his = tg.bot("boris_bot", name="Boris's bot")
    await boris.start(service)
    await boris.send(service, f"/connect {his.token}")
    den = tg.group("Dora's den", dora)
    await dora.add(bot, den, rights="all")
    await estate.olga.add(fred, estate.chat, rights="all")
    await fred.start(bot, f"settings_{estate.chat.id}")
    await estate.olga.demote(fred, estate.chat)
    estate.intruders = {
        "stranger": Intruder(sid, [bot, service]),
        "owner": Intruder(boris, [his, bot, service], await estate.our_id(his)),
        "administrator": Intruder(dora, [bot]),
        "former": Intruder(fred, [bot]),
    }
    for one in estate.intruders.values():
        if not estate.chat.has(one.person):
            await one.person.join(estate.chat)
        for door in one.doors:
            await one.person.start(door)
    estate.ids["den"] = den.id


@pytest.fixture
async def boris(tg: Sandbox) -> Any:
    """The other owner."""
    return tg.user("Boris", id=4_200_777)


@pytest.fixture
async def estate(tg: Sandbox, start_app: Any, olga: Any, boris: Any, service: Any) -> AsyncIterator[Estate]:
    """What Olga owns, in an installation where Boris owns a bot, too."""
    owners = (olga.id, boris.id)
    async with start_app(paces=hurry, bot_token=service.token, owner_ids=owners) as app:
        built = await build(tg, app, olga, boris, service)
        tg.quiet = 0.002
        tg.redeliver_everything = False  # what changes nothing cannot do so twice; it halves the time
        yield built
        assert app.intake.metrics.outcomes["failed"] == app.intake.metrics.outcomes["poison"] == 0
