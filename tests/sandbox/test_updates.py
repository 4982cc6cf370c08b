"""Which updates a bot gets, in which order, how often."""

import asyncio
import time

import pytest
from aiohttp import web

from sandbox import BotHandle, ChatHandle, NotSettledError, Person, Sandbox
from tests.sandbox.tools import ALL_KINDS, Api, Listener


async def test_webhook_with_secret(
    tg: Sandbox, api: Api, ann: Person, bot: BotHandle, hook: Listener
) -> None:
    await api("setWebhook", url=hook.url, secret_token="s3cret-_")
    await ann.start(bot, "abc")
    assert hook.texts() == ["/start abc"]
    assert hook.headers[0]["X-Telegram-Bot-Api-Secret-Token"] == "s3cret-_"
    assert bot.updates[0].status == "acknowledged"
    info = await api("getWebhookInfo")
    assert (info["url"], info["pending_update_count"]) == (hook.url, 0)


async def test_webhook_addresses_and_secrets_are_checked(api: Api) -> None:
    words = await api.error("setWebhook", url="http://example.org/x")
    assert words == "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    words = await api.error("setWebhook", url="https://example.org/x", secret_token="a b")
    assert words == "Bad Request: secret token contains unallowed characters"


async def test_polling_beside_a_webhook_conflicts(api: Api, hook: Listener) -> None:
    await api("setWebhook", url=hook.url)
    status, body = await api.answer("getUpdates")
    assert status == 409
    assert body["description"].startswith("Conflict: can't use getUpdates method while webhook is active")
    await api("deleteWebhook")
    assert await api("getUpdates") == []


async def test_polling(tg: Sandbox, api: Api, ann: Person, bot: BotHandle) -> None:
    waiting = asyncio.get_running_loop().create_task(api("getUpdates", timeout=20))
    await asyncio.sleep(0.02)
    with tg.no_settle():
        await ann.start(bot)
        await ann.send(bot, "second")
    first = await waiting
    assert first[0]["message"]["text"] == "/start"
    both = await api("getUpdates")
    assert [update["message"]["text"] for update in both] == ["/start", "second"]
    assert both[1]["update_id"] == both[0]["update_id"] + 1
    rest = await api("getUpdates", offset=both[1]["update_id"])
    assert [update["message"]["text"] for update in rest] == ["second"]


async def test_a_second_poll_ends_the_first(api: Api, bot: BotHandle) -> None:
    first = asyncio.get_running_loop().create_task(api.answer("getUpdates", timeout=20))
    while not bot.bot.feed.listening:
        await asyncio.sleep(0.001)
    assert await api("getUpdates") == []
    status, body = await first
    assert status == 409
    assert "terminated by other getUpdates request" in body["description"]


async def test_redelivery_until_2xx_keeps_the_order_of_a_chat(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle, hook: Listener
) -> None:
    await api("setWebhook", url=hook.url)
    hook.answers = [web.Response(status=500), web.Response(status=503)]
    with tg.no_settle():
        await ann.send(bot, "one")
        await ann.send(bot, "two")
        await ann.send(bot, "three")
    await tg.settle()
    assert hook.texts() == ["one", "one", "one", "two", "three"]
    assert [update.attempts for update in bot.updates] == [3, 1, 1]
    assert (await api("getWebhookInfo"))["last_error_message"] == ("Wrong response from the webhook: 503")


async def test_a_stuck_chat_does_not_hold_up_another(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle, hook: Listener
) -> None:
    await api("setWebhook", url=hook.url)
    released = asyncio.Event()

    async def react(update: dict[str, object]) -> web.Response:
        if "stuck" in str(update):
            await released.wait()
        return web.Response()

    hook.react = react
    with tg.no_settle():
        await ann.send(bot, "stuck")
        await ann.send(bot, "later")
        await bob.send(bot, "free")
    async with asyncio.timeout(60):
        while "free" not in hook.texts():
            await tg.wait_for_change(1)
    assert hook.texts() == ["stuck", "free"]
    released.set()
    await tg.settle()
    assert hook.texts() == ["stuck", "free", "later"]


async def test_retry_after_is_honoured(
    tg: Sandbox, api: Api, ann: Person, bot: BotHandle, hook: Listener
) -> None:
    await api("setWebhook", url=hook.url)
    hook.answers = [web.Response(status=503, headers={"Retry-After": "0.3"})]
    before = time.monotonic()
    await ann.send(bot, "x")
    assert time.monotonic() - before > 0.3


async def test_a_method_call_in_the_webhook_answer_is_executed(
    tg: Sandbox, api: Api, ann: Person, bot: BotHandle, hook: Listener
) -> None:
    await api("setWebhook", url=hook.url)
    hook.answers = [web.json_response({"method": "sendMessage", "chat_id": ann.id, "text": "pong"})]
    await ann.send(bot, "ping")
    assert tg.last(ann).text == "pong"


async def test_everything_twice_and_once_more(
    tg: Sandbox, api: Api, ann: Person, bot: BotHandle, hook: Listener
) -> None:
    await api("setWebhook", url=hook.url)
    tg.redeliver_everything = True
    await ann.send(bot, "x")
    assert len({update["update_id"] for update in hook.updates}) == 1
    assert len(hook.updates) == 2
    tg.redeliver_everything = False
    await tg.redeliver(bot.updates[0])
    assert len(hook.updates) == 3
    await tg.inject(bot, {"message": {"text": "by hand"}})
    assert hook.texts()[-1] == "by hand"


async def test_pending_updates_wait_for_the_webhook_or_are_dropped(
    tg: Sandbox, api: Api, ann: Person, bot: BotHandle, hook: Listener
) -> None:
    await ann.send(bot, "early")
    assert (await api("getWebhookInfo"))["pending_update_count"] == 1
    await api("setWebhook", url=hook.url)
    await tg.settle()
    assert hook.texts() == ["early"]
    await api("deleteWebhook")
    await ann.send(bot, "missed")
    await api("setWebhook", url=hook.url, drop_pending_updates=True)
    await tg.settle()
    assert hook.texts() == ["early"]


async def test_chat_member_comes_only_when_named_and_to_administrators(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle
) -> None:
    await api.updates()
    await bob.join(group)
    assert not any("chat_member" in update for update in await api.updates())
    await api("getUpdates", allowed_updates=ALL_KINDS)
    await bob.leave(group)
    assert any("chat_member" in update for update in await api.updates())
    await ann.demote(bot, group)
    await api.updates()
    await bob.join(group)
    assert not any("chat_member" in update for update in await api.updates())


async def test_my_chat_member(api: Api, ann: Person, bot: BotHandle) -> None:
    await ann.start(bot)
    await api.updates()
    await ann.block(bot)
    change = await api.update("my_chat_member")
    assert change["new_chat_member"]["status"] == "kicked"
    assert change["chat"]["type"] == "private"


async def test_privacy_mode(tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle) -> None:
    group = tg.group("Talk", owner=ann)
    await ann.add(bot, group)
    asked = await api("sendMessage", chat_id=group.id, text="Any questions?")
    other = tg.bot("other_bot")
    await ann.add(other, group)
    await api.updates()
    question = next(m for m in tg.messages(group) if m.id == asked["message_id"])
    await ann.send(group, "chatter")
    await ann.send(group, "/help@other_bot")
    await ann.send(group, "/help")
    await ann.send(group, "hey @gate_bot")
    await ann.send(group, "yes", reply_to=question)
    texts = [update["message"]["text"] for update in await api.updates()]
    assert texts == ["/help", "hey @gate_bot", "yes"]
    await ann.promote(bot, group)
    await api.updates()
    await ann.send(group, "chatter")
    assert (await api.update("message"))["text"] == "chatter"


async def test_bots_do_not_see_bots(tg: Sandbox, api: Api, ann: Person, group: ChatHandle) -> None:
    other = tg.bot("other_bot")
    await ann.add(other, group, rights="all")
    await api.updates()
    async with Api(tg, other) as another:
        await another("sendMessage", chat_id=group.id, text="beep")
    assert await api.updates() == []


async def test_edits_and_reactions(api: Api, ann: Person, bot: BotHandle, group: ChatHandle) -> None:
    await api.listen()
    message = await ann.send(group, "one")
    await ann.edit(message, "two")
    await ann.react(message, "👍")
    await ann.react(message, None)
    updates = await api.updates()
    assert next(u["edited_message"]["text"] for u in updates if "edited_message" in u) == "two"
    reactions = [u["message_reaction"] for u in updates if "message_reaction" in u]
    assert [r["new_reaction"] for r in reactions] == [[{"type": "emoji", "emoji": "👍"}], []]


async def test_settle_says_what_is_pending(
    tg: Sandbox, api: Api, ann: Person, bot: BotHandle, hook: Listener
) -> None:
    await api("setWebhook", url=hook.url)
    hook.answers = [web.Response(status=500)] * 50
    with tg.no_settle():
        await ann.send(bot, "x")
    with pytest.raises(NotSettledError, match=r"@gate_bot has not acknowledged message .*500"):
        await tg.settle(timeout=0.3)
    hook.answers.clear()


async def test_settle_does_not_wait_for_bots_nobody_listens_for(
    tg: Sandbox, ann: Person, bot: BotHandle
) -> None:
    await ann.send(bot, "x")  # it would raise NotSettledError
    assert bot.updates[0].status == "pending"


async def test_idle_hooks_are_awaited(tg: Sandbox, ann: Person, bot: BotHandle) -> None:
    calls = 0

    async def drained() -> None:
        nonlocal calls
        calls += 1

    tg.idle_hooks.append(drained)
    await ann.send(bot, "x")
    assert calls
