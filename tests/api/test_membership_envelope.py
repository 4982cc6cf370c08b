"""The membership API's envelope, keys and addresses; whose key opens what."""

import asyncio
from typing import Any

import pytest

from api.doorkeeper import CALLS_AT_ONCE
from api.membership import MEMBERSHIP
from api.membership.rows import BASE
from bot.app import App
from domain.errors import (
    Conflict,
    GatewayRefused,
    GatewayUnreachable,
    Invalid,
    NotFound,
    Refused,
    TelegramUnreachable,
)
from sandbox import Sandbox
from tests.api.client import Client, issue_key
from tests.api.conftest import Owner
from tests.api.membership import Shop
from tests.clock import TestClock
from tests.rules.test_logs import logging_as

READING = sorted(row.path.removeprefix(BASE) for row in MEMBERSHIP.endpoints if row.method == "GET")


async def raw(client: Client, method: str, path: str, **how: Any) -> tuple[int, Any, Any]:
    """Status, body and headers of a call without a key in its header."""
    async with client.session.request(method, client.app.url + path, **how) as response:
        return response.status, await response.json(), response.headers


@pytest.mark.parametrize("path", ["/PLANS", "/Plans", "/plans"])
async def test_the_key_stands_in_the_address_as_documented(shop: Shop, him: Owner, path: str) -> None:
    status, body, _ = await raw(him.api, "GET", f"/v1/bot{shop.bot.id}/{him.api.key}{path}?limit=1")
    assert status == body["code"] == 200
    assert list(body) == ["ok", "request_id", "method", "path", "code", "result"]
    assert (body["ok"], body["method"], body["path"]) == (True, "GET", "/plans?limit=1")
    assert body["request_id"].isdigit()


async def test_two_calls_have_two_numbers(shop: Shop) -> None:
    assert (await shop.get("plans"))["request_id"] != (await shop.get("plans"))["request_id"]


@pytest.mark.parametrize(
    "spelt", ["members/accessToken", "members/access_token", "Members/AccessToken", "MEMBERS/ACCESS_TOKEN"]
)
@pytest.mark.parametrize("in_path", [True, False])
async def test_both_spellings_are_one_method(shop: Shop, him: Owner, spelt: str, in_path: bool) -> None:
    path = f"/v1/bot{shop.bot.id}/{him.api.key}/{spelt}" if in_path else shop.path(spelt)
    headers = {} if in_path else {"X-API-Key": him.api.key or ""}
    how: Any = {"data": {"plan_id": str(shop.plan_id)}, "headers": headers}
    status, body, _ = await raw(him.api, "POST", path, **how)
    assert (status, body["path"]) == (201, "/members/access_token")
    status, body, answered = await raw(him.api, "GET", path, headers=headers)
    assert (status, body["path"], answered["Allow"]) == (405, "/members/access_token", "POST")


@pytest.mark.parametrize("method", READING)
async def test_a_wrong_key_opens_nothing(shop: Shop, him: Owner, stranger: Client, method: str) -> None:
    method = method.format(order_key="GH-1")
    base = f"/v1/bot{shop.bot.id}"
    for path in (f"{base}{method}", f"{base}/gh_wrong{method}", f"{base}/abcd123{method}"):
        status, body, headers = await raw(stranger, "GET", path)
        assert (status, body["ok"], body["code"]) == (401, False, 401)
        assert body["description"] == "The key is missing or wrong."
        assert body["path"] == method
        assert headers["WWW-Authenticate"] == "Bearer"


async def test_keys_open_their_own_bots_only(
    app: App, tg: Sandbox, shop: Shop, him: Owner, her: Owner
) -> None:
    other = tg.bot("boris_other_bot")
    added = await him.api.post("/api/bots/add.json", token=other.token)
    his = Client(app, him.api.session, await issue_key(app, him.person.id, "shop", bot_id=shop.bot_id))
    for client, bot, code in (
        (him.api, shop.bot.id, 200), (him.api, other.id, 200), (his, shop.bot.id, 200),
        (his, other.id, 403), (her.api, shop.bot.id, 403), (him.api, 987_654, 403), (her.api, 987_654, 403),
    ):  # fmt: skip
        body = await client.get(f"/v1/bot{bot}/plans")
        assert body["code"] == code
        if code == 403:
            assert body["description"] == "This key does not open this bot."
    await him.api.post("/api/bots/del.json", id=added["data"]["id"])
    assert (await him.api.get(f"/v1/bot{other.id}/plans"))["code"] == 403, "it is not connected any more"
    await him.api.post("/api/bots/add.json", token=other.token)
    assert (await him.api.get(f"/v1/bot{other.id}/plans"))["code"] == 200


@pytest.mark.parametrize("bot_id", ["abc", "0", "-1", "1.5", str(2**63), "%00", "٣"])
async def test_what_is_no_bot(him: Owner, bot_id: str) -> None:
    body = await him.api.get(f"/v1/bot{bot_id}/plans")
    assert body["code"] == 400
    assert body["description"].startswith("bot_id: ")


async def test_unknown_methods_and_wrong_ones(shop: Shop) -> None:
    body = await shop.get("plan")
    assert (body["code"], body["description"]) == (404, "There is no such method.")
    body = await shop.delete("plans")
    assert (body["code"], body["description"]) == (405, "This method is called with GET or POST.")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"limit": "0"}, "limit: expected `int` >= 1"), ({"limit": "101"}, "limit: expected `int` <= 100"),
        ({"limit": "x"}, "limit: expected `int`, got `str`"), ({"limit": "1.5"}, "limit: expected"),
        ({"offset": "-1"}, "offset: expected `int` >= 0"), ({"plan_id": "0"}, "plan_id: expected `int` >= 1"),
        ({"plan_id": str(2**63)}, "plan_id: expected `int` <= "),
        ({"offset": str(2**63)}, "offset: expected `int` <= "),
    ],
)  # fmt: skip
async def test_limits_are_those_of_the_document(shop: Shop, query: dict[str, str], words: str) -> None:
    body = await shop.get("plans", **query)
    assert body["code"] == 400
    assert body["description"].startswith(words)


async def test_members_may_be_a_thousand(shop: Shop) -> None:
    assert (await shop.get("members", limit=1000))["code"] == 200
    assert (await shop.get("members", limit=1001))["code"] == 400
    assert (await shop.get("plans", limit=100, plan_id="", unknown="ignored"))["code"] == 200


async def test_a_huge_body(shop: Shop) -> None:
    assert (await shop.post("plans", plan_name="x" * 300_000))["code"] == 413


async def test_a_fast_caller(shop: Shop, clock: TestClock) -> None:
    clock.stand()
    for _ in range(CALLS_AT_ONCE):
        await raw(shop.api, "GET", f"/v1/bot1/{shop.api.key}/plans")
    status, body, headers = await raw(shop.api, "GET", f"/v1/bot1/{shop.api.key}/plans")
    assert (status, body["code"]) == (429, 429)
    assert f"try again in {headers['Retry-After']} s" in body["description"]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (RuntimeError("the secret"), 500, "Something went wrong on our side. Please try again."),
        (Invalid("duration", "duration"), 400, "duration: must be a duration"),
        (Conflict("nobody words this"), 409, "That is not possible right now"),
        (Refused("plan_once"), 409, ""), (NotFound("nobody words this"), 404, ""),
        (GatewayRefused("stripe", "Your card is odd"), 409, "The payment provider refused: Your card is odd"),
        (GatewayUnreachable("stripe"), 502, "The payment provider does not answer"),
        (TelegramUnreachable(False), 502, "Telegram does not answer"),
    ],
)  # fmt: skip
async def test_whatever_a_service_says_has_an_answer(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, words: str
) -> None:
    async def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(type(shop.app.house.plans), "page", broken)
    status, body, _ = await raw(shop.api, "GET", f"/v1/bot{shop.bot.id}/{shop.api.key}/plans")
    assert (status, body["code"], body["ok"]) == (code, code, False)
    assert body["description"].startswith(words)
    assert "secret" not in str(body)


@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_no_key_reaches_the_log(shop: Shop, monkeypatch: pytest.MonkeyPatch, log_format: str) -> None:
    async def broken(_: object, __: object, ___: object, given: Any, *____: object) -> None:
        raise RuntimeError(f"while {shop.api.key} asked for it at /V1/bot1/hunter2/plans")

    monkeypatch.setattr(type(shop.app.house.plans), "page", broken)
    key = shop.api.key or ""
    with logging_as(log_format) as lines:
        status, body, _ = await raw(shop.api, "GET", f"/v1/bot{shop.bot.id}/{key}/plans?key={key}")
        await raw(shop.api, "GET", f"/v1/bot{shop.bot.id}/{key}/none")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(shop.app.url.rpartition(":")[2]))
        writer.write(f"GET /v1/bot1/{key}/plans HTTP/1.1\r\nContent-Length: x\r\n\r\n".encode())
        await writer.drain()
        await reader.read()
        writer.close()
        logged = lines.getvalue()
    assert status == 500
    assert body["request_id"] in logged, "the answer's number finds the line in the log"
    assert "get_v1_bot_bot_id_plans" in logged
    for secret in (key, key[3:], "hunter2"):
        assert secret not in logged
        assert secret not in str(body)
