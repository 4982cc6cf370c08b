"""The webhook at its edges: what it refuses, what it keeps, what it gives up."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot import intake
from bot.app import App
from sandbox import Sandbox
from services.people import PeopleService
from storage.database import Database
from storage.tables.core import failed_update, processed_update

SECRET = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(slots=True)
class Telegram:
    """Telegram's side of the service bot's webhook."""

    session: aiohttp.ClientSession
    url: str
    secret: str

    async def post(
        self, body: Any, *, url: str = "", secret: str | None = None, **headers: str
    ) -> tuple[int, Any]:
        """Deliver a body; the status and the headers of the answer."""
        data = body if isinstance(body, bytes) or hasattr(body, "__aiter__") else json.dumps(body).encode()
        headers = {SECRET: self.secret if secret is None else secret, **headers}
        async with self.session.post(url or self.url, data=data, headers=headers) as response:
            return response.status, response.headers


@pytest.fixture
async def telegram(app: App, service: Any, session: aiohttp.ClientSession) -> Telegram:
    hook = service.bot.feed.webhook
    return Telegram(session, hook.url, hook.secret)


def said(number: int, text: str = "/help", **more: Any) -> dict[str, Any]:
    """A private message of Olga's."""
    person = {"id": 4_200_001, "is_bot": False, "first_name": "Olga", "language_code": "en"}
    chat = {"id": 4_200_001, "type": "private", "first_name": "Olga"}
    message = {"message_id": number, "date": 1_760_000_000, "from": person, "chat": chat, "text": text}
    return {"update_id": number, "message": message | more}


async def rows(app: App, table: Any, update_id: int) -> list[Any]:
    async with app.db.read() as tx:
        return list(await tx.execute(select(table).where(table.c.update_id == update_id)))


async def test_an_unknown_address(app: App, telegram: Telegram) -> None:
    for name in ("nobody", "%00", "%ff", "x" * 2000):
        assert (await telegram.post(said(1), url=f"{app.url}/tg/{name}"))[0] == 404


@pytest.mark.parametrize("secret", ["", "wrong", "секрет", "a\udcff"])
async def test_a_wrong_secret(telegram: Telegram, secret: str) -> None:
    assert (await telegram.post(said(1), secret=secret))[0] == 401


async def test_a_wrong_secret_is_refused_before_the_body_is_looked_at(telegram: Telegram) -> None:
    assert (await telegram.post(b"x" * 300 * 1024, secret="wrong"))[0] == 401


async def test_another_bots_secret_is_a_wrong_one(
    tg: Sandbox, telegram: Telegram, olga: Any, service: Any
) -> None:
    chess = tg.bot("chess_bot")
    await olga.start(service)
    await olga.send(service, f"/connect {chess.token}")
    assert (await telegram.post(said(1), secret=chess.bot.feed.webhook.secret))[0] == 401


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"7", b"{}", b'{"update_id": "one"}', b"\xff\xfe", b'{"update_id": -1}',
        b'{"update_id": 99999999999999999999999}', b'{"update_id": 1, "message": 7}',
        b'{"update_id": 1, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)  # fmt: skip
async def test_what_is_no_update(app: App, telegram: Telegram, body: bytes) -> None:
    assert (await telegram.post(body))[0] == 400
    assert (await telegram.post(said(2)))[0] == 200


async def test_a_body_that_is_not_packed_as_it_says(telegram: Telegram) -> None:
    assert (await telegram.post(said(1), **{"Content-Encoding": "gzip"}))[0] == 400


@pytest.mark.parametrize("told", [True, False], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("size", [257 * 1024, 300 * 1024, 900 * 1024])
async def test_a_body_that_is_too_large(telegram: Telegram, told: bool, size: int) -> None:
    body = json.dumps(said(1, "x" * size)).encode()

    async def in_chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 64 * 1024):
            yield body[start : start + 64 * 1024]

    try:
        status, _ = await telegram.post(body if told else in_chunks())
    except aiohttp.ClientOSError:  # it hung up while we were still sending
        return
    assert status == 413


async def test_a_large_update_below_the_limit(telegram: Telegram) -> None:
    assert (await telegram.post(said(1, "x" * 250 * 1024)))[0] == 200


@pytest.mark.parametrize(
    "media",
    [
        {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}], "caption": "Look"},
        {"text": "Look", "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "x"}},
        {
            "text": "Look",
            "reply_markup": {"inline_keyboard": [[{"text": "x", "url": "https://example.com"}]]},
        },
        {"text": "Look", "via_bot": {"id": 5, "is_bot": True, "first_name": "gif"}},
    ],
    ids=["photo", "forward", "buttons", "via bot"],
)
async def test_every_kind_of_message_in_a_group_is_taken(telegram: Telegram, media: dict[str, Any]) -> None:
    group = {"id": -1001, "type": "supergroup", "title": "Chess"}
    update = said(7)
    del update["message"]["text"]
    update["message"] |= {"chat": group, **media}
    assert (await telegram.post(update))[0] == 200


async def test_overload_asks_telegram_to_come_again(
    tg: Sandbox, app: App, telegram: Telegram, olga: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await olga.start(service)
    with monkeypatch.context() as patch:
        patch.setattr(intake, "MOST_IN_FLIGHT", 0)
        status, headers = await telegram.post(said(70))
        assert (status, headers["Retry-After"]) == (503, "2")
    before = len(tg.messages(olga))
    assert (await telegram.post(said(70)))[0] == 200
    assert len(tg.messages(olga)) == before + 1
    assert app.intake.in_flight == 0


@asynccontextmanager
async def _broken(self: Database) -> AsyncIterator[None]:
    raise OperationalError("INSERT", None, sqlite3.OperationalError("disk I/O error"))
    yield


async def test_with_the_database_down_telegram_keeps_the_update(
    app: App, telegram: Telegram, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", _broken)
        patch.setattr(Database, "read", _broken)
        for _ in range(intake.POISON_AFTER + 1):  # an outage is no failure of the update's
            status, headers = await telegram.post(said(71, "/connect"))
            assert (status, headers["Retry-After"]) == (503, "2")
        async with session.get(f"{app.url}/readyz") as response:
            assert response.status == 503
            assert (await response.json())["problems"] == ["database: OperationalError"]
        async with session.get(f"{app.url}/healthz") as response:
            assert response.status == 200, "a restart would not help"
    assert not await rows(app, failed_update, 71)
    assert (await telegram.post(said(71, "/connect")))[0] == 200
    assert await rows(app, processed_update, 71)


async def test_poison_is_given_up_after_three_failures(
    tg: Sandbox, app: App, telegram: Telegram, olga: Any, service: Any,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    await olga.start(service)

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"a bug of ours with {service.token}")

    with monkeypatch.context() as patch:
        patch.setattr(PeopleService, "meet", broken)
        assert [(await telegram.post(said(72)))[0] for _ in range(4)] == [500, 500, 200, 200]
    (failure,) = await rows(app, failed_update, 72)
    number = service.token.partition(":")[0]
    assert (failure.attempts, failure.error) == (3, f"RuntimeError: a bug of ours with {number}:***")
    assert await rows(app, processed_update, 72)
    assert "a bug of ours" in caplog.text
    before = len(tg.messages(olga))
    assert (await telegram.post(said(73)))[0] == 200, "it blocks nothing"
    assert len(tg.messages(olga)) == before + 1


async def test_a_failure_that_passes_is_forgotten(
    tg: Sandbox, app: App, telegram: Telegram, olga: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await olga.start(service)

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("once")

    with monkeypatch.context() as patch:
        patch.setattr(PeopleService, "meet", broken)
        assert (await telegram.post(said(74, "/connect")))[0] == 500
    before = len(tg.messages(olga))
    assert (await telegram.post(said(74, "/connect")))[0] == 200
    await app.settled()
    assert len(tg.messages(olga)) == before + 1


async def test_health_readiness_and_metrics(
    app: App, telegram: Telegram, session: aiohttp.ClientSession
) -> None:
    await telegram.post(said(75))
    async with session.get(f"{app.url}/healthz") as response:
        assert await response.json() == {"status": "ok"}
    async with session.get(f"{app.url}/readyz") as response:
        ready = await response.json()
    assert (ready["status"], ready["problems"]) == ("ok", [])
    assert ready["tasks"]["delivery"] == {"running": True, "restarts": 0}
    async with session.get(f"{app.url}/metrics") as response:
        assert response.content_type == "text/plain"
        metrics = await response.text()
    assert 'gatehouse_updates_total{outcome="done"}' in metrics
    assert "gatehouse_update_seconds_bucket" in metrics
