"""What can go wrong, on demand."""

import asyncio
import time

import aiohttp
import pytest

from sandbox import BotHandle, ChatHandle, Person, Sandbox
from tests.sandbox.tools import Api, Listener


@pytest.fixture
async def chat(ann: Person, bot: BotHandle) -> int:
    await ann.start(bot)
    return ann.id


async def test_flood_once(tg: Sandbox, api: Api, chat: int) -> None:
    tg.faults.flood(retry_after=7, method="sendMessage")
    status, body = await api.answer("sendMessage", chat_id=chat, text="x")
    assert (status, body["parameters"]) == (429, {"retry_after": 7})
    await api("sendMessage", chat_id=chat, text="x")
    assert [record.fault for record in tg.calls_of("sendMessage")] == ["flood", None]


async def test_server_error_by_chat_and_count(tg: Sandbox, api: Api, chat: int, group: ChatHandle) -> None:
    fault = tg.faults.error(502, chat=group, count=None)
    await api("sendMessage", chat_id=chat, text="x")
    for _ in range(3):
        status, body = await api.answer("sendMessage", chat_id=group.id, text="x")
        assert (status, body["description"]) == (502, "Bad Gateway")
    tg.faults.remove(fault)
    await api("sendMessage", chat_id=group.id, text="x")


async def test_lost_answer(tg: Sandbox, api: Api, ann: Person, chat: int) -> None:
    tg.faults.lost_answer(method="sendMessage")
    with pytest.raises(aiohttp.ClientError):
        await api("sendMessage", chat_id=chat, text="arrived")
    assert tg.last(ann).text == "arrived"


async def test_broken_json(tg: Sandbox, api: Api, chat: int) -> None:
    tg.faults.broken_json()
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
        await api("sendMessage", chat_id=chat, text="x")


async def test_hanging_and_slow_answers(tg: Sandbox, api: Api, ann: Person, chat: int) -> None:
    tg.faults.hang(method="sendMessage")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await api("sendMessage", chat_id=chat, text="never")
    assert tg.last(ann).text == "/start"
    tg.faults.slow(0.1)
    before = time.monotonic()
    await api("sendMessage", chat_id=chat, text="late")
    assert time.monotonic() - before > 0.1


async def test_downtime(
    tg: Sandbox, api: Api, ann: Person, bot: BotHandle, hook: Listener, chat: int
) -> None:
    await api("setWebhook", url=hook.url, drop_pending_updates=True)
    tg.faults.down = True
    assert (await api.answer("getMe"))[0] == 502
    await ann.send(bot, "during")
    assert hook.texts() == []
    tg.faults.down = False
    await tg.settle()
    assert hook.texts() == ["during"]


async def test_unknown_fault(tg: Sandbox) -> None:
    with pytest.raises(ValueError, match="no fault 'gremlin'"):
        tg.faults.add("gremlin")  # type: ignore[arg-type]


async def test_the_log_of_calls(tg: Sandbox, api: Api, bot: BotHandle, chat: int) -> None:
    await api("sendMessage", chat_id=chat, text="x")
    await api.error("sendMessage", chat_id=chat, text="")
    good, bad = tg.calls_of("sendMessage", bot=bot)
    assert good.ok
    assert good.params["text"] == "x"
    assert good.result["text"] == "x"
    assert not bad.ok
    assert str(bad.error) == "400 Bad Request: message text is empty"


async def test_trouble_with_updates_strikes_no_calls_and_the_other_way_round(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle, chat: int
) -> None:
    fault = tg.faults.lose_update(count=None)
    await api("sendMessage", chat_id=chat, text="x")
    await ann.send(bot, "lost")
    await ann.block(bot)
    assert (fault.struck, [update.kind for update in bot.updates]) == (2, ["message"]), "only /start came"
    tg.faults.clear()
    tg.faults.lose_update("edited_message")
    tg.faults.error(count=None)
    await bob.start(bot)
    assert bot.updates[-1].body["message"]["text"] == "/start"
    assert tg.last(bob).text == "/start"
    assert [one.kind for one in tg.faults.active] == ["lose", "error"]
