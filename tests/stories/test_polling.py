"""Without a public address: updates are asked for, and all is as with webhooks."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.app import App
from bot.dispatcher import Dispatch
from delivery.telegram import TelegramClient
from sandbox import Sandbox


@pytest.fixture
async def polled(start_app: Any, service: Any, olga: Any) -> AsyncIterator[App]:
    """A running application whose settings name a token and nothing else."""
    async with start_app(bot_token=service.token, owner_ids=frozenset({olga.id}), public_url="") as running:
        yield running


async def heard(tg: Sandbox, person: Any, bot: Any, count: int) -> str:
    """The newest of `count` messages in somebody's chat with a bot that may just have begun to listen."""
    async with asyncio.timeout(60):
        while len(tg.messages(person, bot=bot)) < count:
            await asyncio.sleep(0.02)
    return tg.last(person, bot=bot).text


async def test_a_newcomer_needs_only_a_token(tg: Sandbox, polled: App, olga: Any, service: Any) -> None:
    assert service.bot.feed.webhook is None
    club = tg.bot("club_bot", name="Club")
    await olga.start(service)
    await olga.send(service, f"/connect {club.token}")
    await olga.start(club)
    assert "Club" in await heard(tg, olga, club, 2)
    chat = tg.group("Chess club", olga)
    await olga.add(club, chat, rights="all")
    bot = next(one for one in await polled.house.directory.all() if one.username == "club_bot")
    assert [one.title for one in await polled.house.chats.mine(polled.house.actor, bot.id)] == ["Chess club"]
    await tg.user("Ann").join(chat)
    await olga.send(chat, "/joins")
    assert tg.last(chat).text != "/joins"


async def test_what_was_asked_for_twice_happens_once(
    tg: Sandbox, polled: App, olga: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer that confirms the last updates is lost: Telegram hands them out again."""
    await olga.start(service)
    post = TelegramClient.post
    lost: list[Any] = []

    async def forget(
        self: TelegramClient, token: str, method: str, params: Any, *rest: Any, **how: Any
    ) -> Any:
        answer = await post(self, token, method, params, *rest, **how)
        if method == "getUpdates" and answer and not lost:
            lost.extend(answer)
            return [*answer, *answer]
        return answer

    monkeypatch.setattr(TelegramClient, "post", forget)
    await olga.send(service, "/help")  # comes by the question that is being held open
    await olga.send(service, "/connect")
    assert lost
    asked = [message.text for message in tg.messages(olga, bot=service) if "BotFather" in message.text]
    assert len(asked) == 1, asked


async def test_from_webhooks_to_polling(tg: Sandbox, start_app: Any, olga: Any, service: Any) -> None:
    """The address is taken out of the settings: the webhooks of all bots go, not only the service bot's."""
    club = tg.bot("club_bot", name="Club")
    settings = {"bot_token": service.token, "owner_ids": frozenset({olga.id})}
    async with start_app(**settings):
        await olga.start(service)
        await olga.send(service, f"/connect {club.token}")
        assert club.bot.feed.webhook is not None
    async with start_app(**settings, public_url=""):
        await olga.start(club)
        assert "Club" in await heard(tg, olga, club, 2)
        assert club.bot.feed.webhook is None


async def test_poison_stops_nobody(
    tg: Sandbox, polled: App, olga: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, fed = Dispatch.feed, 0

    async def choke(self: Dispatch, tenant: Any, update: dict[str, Any]) -> None:
        nonlocal fed
        if update.get("message", {}).get("text") == "poison":
            fed += 1
            raise ZeroDivisionError
        await feed(self, tenant, update)

    monkeypatch.setattr(Dispatch, "feed", choke)
    monkeypatch.setattr("bot.polling.PAUSE", 0.05)
    await olga.start(service)
    await olga.send(service, "poison")
    await olga.send(service, "/help")
    assert fed == 3
    assert polled.intake.metrics.outcomes["poison"] == 1
    assert "/help" not in tg.last(olga, bot=service).text.splitlines()[:1]


async def test_what_is_no_update_stops_nobody(
    tg: Sandbox, polled: App, olga: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = TelegramClient.post

    async def odd(self: TelegramClient, token: str, method: str, params: Any, *rest: Any, **how: Any) -> Any:
        answer = await post(self, token, method, params, *rest, **how)
        if method == "getUpdates" and answer:
            first = int(answer[0]["update_id"]) - 1
            return [{"update_id": first, "message": {"message_id": "seven", "chat": {"id": 1}}}, *answer]
        return answer

    monkeypatch.setattr(TelegramClient, "post", odd)
    await olga.start(service)
    assert "Olga" in tg.last(olga, bot=service).text


async def test_a_chat_in_a_flood_stops_no_other(
    tg: Sandbox, polled: App, olga: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = tg.user("Ann")
    await ann.start(service)
    await olga.start(service)
    before = len(tg.messages(olga, bot=service))
    flood = tg.faults.flood(30, method="sendMessage", chat=ann.id, count=None)
    monkeypatch.setattr("bot.polling.PAUSE", 0.05)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ann.send(service, "/help"))
        while not flood.struck:
            await asyncio.sleep(0.01)
        tasks.create_task(olga.send(service, "/help"))
        async with asyncio.timeout(60):
            while len(tg.messages(olga, bot=service)) < before + 2:
                await asyncio.sleep(0.01)
        tg.faults.remove(flood)
    assert len(tg.messages(ann, bot=service)) == 4, "she hears when it has passed"


async def test_a_bot_that_comes_back_at_once_is_heard(
    tg: Sandbox, polled: App, olga: Any, service: Any
) -> None:
    club = tg.bot("club_bot", name="Club")
    await olga.start(service)
    await olga.send(service, f"/connect {club.token}")
    await olga.start(club)
    await heard(tg, olga, club, 2)
    bot = next(one for one in await polled.house.directory.all() if one.username == "club_bot")
    for _ in range(2):
        await polled.house.bots.disconnect(polled.house.actor, bot.id)
        await olga.send(service, f"/connect {club.token}")
    await olga.send(club, "/help")
    await heard(tg, olga, club, 4)
