"""Stopping: what is in flight is finished, what comes meanwhile is kept by Telegram, and it ends in time."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import app as application
from sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PROMISED = 10.0  # seconds


def said(number: int, text: str) -> dict[str, Any]:
    """A private message of Olga's."""
    person = {"id": 4_200_001, "is_bot": False, "first_name": "Olga"}
    chat = {"id": 4_200_001, "type": "private", "first_name": "Olga"}
    message = {"message_id": number, "date": 1_760_000_000, "from": person, "chat": chat, "text": text}
    return {"update_id": number, "message": message}


async def deliver(session: aiohttp.ClientSession, hook: Any, update: dict[str, Any]) -> int:
    headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret}
    async with session.post(hook.url, json=update, headers=headers) as response:
        return response.status


async def test_an_update_in_flight_is_finished(tg: Sandbox, start_app: Any, service: Any, olga: Any) -> None:
    life = start_app(bot_token=service.token, owner_ids=frozenset({olga.id}))
    app = await life.__aenter__()
    await olga.start(service)
    hook, before = service.bot.feed.webhook, len(tg.messages(olga))
    tg.faults.slow(0.7, method="sendMessage")
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
        in_flight = tasks.create_task(deliver(session, hook, said(901, "/help")))
        while not app.intake.in_flight:
            await asyncio.sleep(0.005)
        stop = tasks.create_task(life.__aexit__(None, None, None))
        while app.intake.open:
            await asyncio.sleep(0.005)
        assert await deliver(session, hook, said(902, "/help")) == 503, "Telegram keeps what comes now"
        async with session.get(f"{app.url}/readyz") as response:
            assert (response.status, (await response.json())["problems"]) == (503, ["stopping"])
        assert not stop.done()
        assert await in_flight == 200
    assert len(tg.messages(olga)) == before + 1
    with pytest.raises(RuntimeError, match="closed"):  # the HTTP session for Telegram went last but one
        await app.client.ask_with(service.token, "getMe")


async def test_a_stop_does_not_wait_for_ever(
    tg: Sandbox, start_app: Any, service: Any, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STOP_IN_FLIGHT", "STOP_DELIVERY", "STOP_HTTP"):
        monkeypatch.setattr(application, name, 0.2)
    life = start_app(bot_token=service.token, owner_ids=frozenset({olga.id}))
    app = await life.__aenter__()
    await olga.start(service)
    hook = service.bot.feed.webhook
    tg.faults.hang(method="sendMessage", count=None)
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as session:
        read = loop.create_task(deliver(session, hook, said(911, "/help")))
        write = loop.create_task(deliver(session, hook, said(912, "/connect")))
        while not (app.intake.in_flight and write.done() and len(tg.calls_of("sendMessage")) >= 3):
            await asyncio.sleep(0.005)
        async with asyncio.timeout(60):  # they are never answered
            await life.__aexit__(None, None, None)
        outcomes = await asyncio.gather(read, write, return_exceptions=True)
    assert outcomes[0] != 200, "what was not finished is not acknowledged"
    assert outcomes[1] == 200, "what was committed is"
    tg.faults.clear()
    before = len(tg.messages(olga))
    async with start_app(bot_token=service.token, owner_ids=frozenset({olga.id})) as again:
        await again.settled()
        assert "token" in tg.last(olga).text.lower(), "the promised answer follows after the restart"
    assert len(tg.messages(olga)) == before + 1


def test_the_patience_of_all_steps_is_less_than_promised() -> None:
    steps = application.STOP_IN_FLIGHT + application.STOP_DELIVERY + application.STOP_HTTP
    assert steps < PROMISED


async def test_serve_stops_at_a_signal(
    tg: Sandbox, service: Any, olga: Any, tmp_path: Path, unused_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEHOUSE_")} | {
        "GATEHOUSE_BOT_TOKEN": service.token,
        "GATEHOUSE_OWNER_IDS": str(olga.id),
        "GATEHOUSE_PUBLIC_URL": url,
        "GATEHOUSE_TELEGRAM_API": tg.url,
        "GATEHOUSE_PORT": str(unused_port),
        "GATEHOUSE_DATA_DIR": str(tmp_path),
        "GATEHOUSE_LOG_FORMAT": "json",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "run.py", "serve", cwd=ROOT, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as session:
            async with asyncio.timeout(90):
                while not await _alive(session, f"{url}/healthz"):
                    assert process.returncode is None
                    await asyncio.sleep(0.05)
            with tg.no_settle():  # an application of another process cannot say when it is done
                await olga.start(service)
            async with asyncio.timeout(60):
                while "Hello" not in tg.last(olga).text:
                    await tg.wait_for_change(1)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    words = output.decode()
    assert process.returncode == 0, words
    assert "Gatehouse is up" in words
    assert "Traceback" not in words
    assert service.token.partition(":")[2] not in words


async def _alive(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False
