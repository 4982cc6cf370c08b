"""Who may call the automation API, about which bot, and what the others hear."""

import logging
from typing import Any

import aiohttp
import pytest

from api.automation import AUTOMATION
from api.doorkeeper import CALLS_AT_ONCE
from bot.app import App
from sandbox import Sandbox
from storage import accounts
from tests.api.automation import Club, clubs
from tests.api.client import issue_key
from tests.api.conftest import Owner
from tests.clock import TestClock

__all__ = ["clubs"]
RULES, CONFIG = "/api/auto-replies", "/api/antispam/config"
NO_KEY, WRONG_KEY = "unauthorized", "Invalid or missing API key"


async def test_a_key_in_either_header(clubs: Club) -> None:
    key = clubs.api.key
    for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
        assert (await clubs.call("GET", RULES, key=None, headers=headers))[0] == 200
    both = {"X-API-Key": key, "Authorization": "Basic abc"}
    assert (await clubs.call("GET", RULES, key=None, headers=both))[0] == 200


async def test_no_key_and_what_is_none(clubs: Club) -> None:
    assert await clubs.refused("GET", RULES, 401, key=None) == NO_KEY
    for nonsense in ("x", "your_api_key_here", "gh_short", "gh_" + "x" * 40 + "!", "12345:abc"):
        assert await clubs.refused("GET", RULES, 401, key=nonsense) == NO_KEY, nonsense


async def test_an_unknown_key_and_an_ended_one(app: App, clubs: Club, him: Owner) -> None:
    assert await clubs.refused("GET", RULES, 401, key="gh_" + "x" * 43) == WRONG_KEY
    async with app.db.write() as tx:
        await accounts.expire_keys(tx, him.person.id, None, app.clock.now())
    assert await clubs.refused("GET", RULES, 401) == WRONG_KEY


async def test_the_key_of_one_bot_does_not_open_an_account(app: App, clubs: Club, him: Owner) -> None:
    key = await issue_key(app, him.person.id, "keeper", bot_id=clubs.bot_id)
    assert await clubs.refused("GET", RULES, 401, key=key) == WRONG_KEY


async def test_a_key_in_the_address_only_where_it_is_allowed(
    tg: Sandbox, clubs: Club, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = f"{RULES}?api_key={clubs.api.key}"
    assert await clubs.refused("GET", path, 401, key=None) == NO_KEY
    assert clubs.api.key not in caplog.text


async def test_a_key_in_the_address_where_it_is_allowed(
    start_app: Any,
    service: Any,
    olga: Any,
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever goes wrong, the key does not get into the log."""
    caplog.set_level(logging.DEBUG)
    async with start_app(bot_token=service.token, owner_ids=(olga.id,), api_key_in_url=True) as app:
        key = await issue_key(app, olga.id, "olga")

        async def status_of(path: str) -> tuple[int, str]:
            async with session.get(app.url + path) as response:
                return response.status, await response.text()

        assert (await status_of(f"{RULES}?api_key={key}"))[0] == 200
        assert await status_of(f"{RULES}?api_key=x") == (401, '{"error":"unauthorized"}')
        assert (await status_of(f"/api/bots/list.json?api_key={key}"))[
            1
        ] == '{"status":"error","error":"key"}'

        async def broken(*_: object) -> None:
            raise RuntimeError("the secret plan")

        monkeypatch.setattr(type(app.house.autoreplies), "all", broken)
        status, words = await status_of(f"{RULES}?api_key={key}")
        assert status == 500
        assert "secret" not in words
        assert key not in words
    assert "the secret plan" in caplog.text
    assert key not in caplog.text


async def test_somebody_elses_bot_is_forbidden_and_so_is_none(clubs: Club, her: Owner) -> None:
    key = her.api.key
    for number in (clubs.bot.id, clubs.bot_id, 987_654):
        for method, path in (("GET", RULES), ("GET", CONFIG), ("GET", "/api/antispam/banned")):
            words = await clubs.refused(method, path, 403, key=key, params={"bot_id": number})
            assert words == "forbidden"


async def test_who_may_own_no_bots_is_forbidden(app: App, clubs: Club) -> None:
    key = await issue_key(app, 999, "nobody")
    assert await clubs.refused("GET", RULES, 403, key=key) == "forbidden"


async def test_the_only_bot_is_meant_and_then_the_oldest_active_one(
    tg: Sandbox, app: App, clubs: Club, him: Owner
) -> None:
    await clubs.post(RULES, keyword="hello", response="Hi")
    second = tg.bot("boris_second_bot")
    number = (await him.api.post("/api/bots/add.json", token=second.token))["data"]["id"]
    assert (await clubs.get(RULES))["count"] == 1, "the first bot goes on being meant"
    assert (await clubs.get(RULES, bot_id=second.id))["count"] == 0
    assert (await clubs.get(RULES, bot_id=number))["count"] == 0, "our own id is as good"
    assert (await clubs.get(RULES, bot_id=clubs.bot.id))["count"] == 1
    await clubs.owner.demote(clubs.bot, clubs.chess)  # the first one is not well
    await tg.settle()
    assert (await clubs.get(RULES))["count"] == 0
    await him.api.post("/api/bots/del.json", id=number)
    assert (await clubs.get(RULES))["count"] == 1, "what is disconnected is not meant"


async def test_without_a_bot_there_is_nothing(clubs: Club, him: Owner) -> None:
    await him.api.post("/api/bots/del.json", id=clubs.bot_id)
    assert await clubs.refused("GET", RULES, 404) == "not found"


async def test_unknown_calls_and_wrong_methods(clubs: Club) -> None:
    for path in (
        "/api/auto-repliesx",
        "/api/auto-replies/",
        "/api/antispam/",
        "/api/antispam/x",
        "/api/welcome-messages/_default/x",
    ):
        assert await clubs.refused("GET", path, 404) == "not found", path
    status, body = await clubs.call("PATCH", RULES)
    assert status == 405
    assert body == {"error": "this address takes GET or POST"}


async def test_too_fast_is_told_how_long_to_wait(clubs: Club, clock: TestClock) -> None:
    clock.advance(minutes=1)
    clock.stand()
    for _ in range(CALLS_AT_ONCE):
        assert (await clubs.call("GET", RULES))[0] == 200
    headers = {"X-API-Key": clubs.api.key or ""}
    async with clubs.api.session.get(clubs.app.url + RULES, headers=headers) as response:
        assert response.status == 429
        assert response.headers["Retry-After"] == "1"
        assert await response.json() == {"error": "too many calls: try again in 1 s"}


def test_every_documented_code_is_one_the_contract_knows() -> None:
    codes = {code for row in AUTOMATION.endpoints for code in AUTOMATION.dialect.responses(row, None)}
    assert codes == {"200", "400", "401", "403", "404", "413", "429", "500"}
