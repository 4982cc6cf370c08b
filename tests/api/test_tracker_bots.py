"""The tracker's bots API, call by call and code by code."""

import json
import re

import msgspec
import pytest

from api.tracker import dialect
from api.tracker.bots import BOTS
from bot.app import App
from sandbox import Sandbox
from storage import accounts
from tests.api.client import Client, issue_key
from tests.api.conftest import Owner

LIST, ADD, CHATS, DEL = (f"/api/bots/{name}.json" for name in ("list", "add", "chats", "del"))
FALSE_TOKEN = "123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def error(code: str) -> dict[str, str]:
    return {"status": "error", "error": code}


async def test_a_bot_is_connected_listed_and_let_go(tg: Sandbox, him: Owner) -> None:
    chess = tg.bot("chess_bot", name="Chess & <b>Co</b>")
    added = await him.api.post(ADD, token=chess.token)
    number = added["data"]["id"]
    assert added == {
        "status": "ok",
        "data": {"id": number, "username": "chess_bot", "name": "Chess & <b>Co</b>"},
    }
    hook = tg.calls_of("setWebhook")[-1]
    assert hook.bot.username == "chess_bot"
    assert "chat_member" in hook.params["allowed_updates"]

    listed = await him.api.get(LIST)
    (row,) = listed["data"]
    created = row.pop("created")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", created)
    assert listed == {
        "status": "ok",
        "data": [{"id": number, "tg": chess.id, "username": "chess_bot", "name": "Chess & <b>Co</b>",
                  "status": 0}],
    }  # fmt: skip

    assert await him.api.post(DEL, id=number) == {"status": "ok"}, "no data key when there is no data"
    assert tg.calls_of("deleteWebhook")[-1].bot.username == "chess_bot"
    (row,) = (await him.api.get(LIST))["data"]
    assert (row["id"], row["status"], row["created"]) == (number, 3, created)
    assert await him.api.post(DEL, id=number) == error("access")
    assert await him.api.get(CHATS, id=number) == error("access")

    again = await him.api.post(ADD, token=chess.token)
    assert again["data"]["id"] == number, "the old row comes back"
    assert [(row["id"], row["status"]) for row in (await him.api.get(LIST))["data"]] == [(number, 0)]


async def test_chats_are_those_the_bot_administers(app: App, tg: Sandbox, him: Owner) -> None:
    chess, boris = tg.bot("chess_bot"), him.person
    number = (await him.api.post(ADD, token=chess.token))["data"]["id"]
    assert await him.api.get(CHATS, id=number) == {"status": "ok", "data": []}
    channel, group = tg.channel("My Channel", boris), tg.group("Chess & friends", boris)
    await boris.add(chess, channel, rights="all")
    await boris.add(chess, group)
    in_channel = {"id": channel.id, "title": "My Channel", "type": "channel"}
    assert await him.api.get(CHATS, id=number) == {"status": "ok", "data": [in_channel]}
    await boris.promote(chess, group)
    in_group = {"id": group.id, "title": "Chess & friends", "type": "supergroup"}
    assert await him.api.get(CHATS, id=number) == {"status": "ok", "data": [in_group, in_channel]}
    await boris.demote(chess, channel)
    assert await him.api.get(CHATS, id=number) == {"status": "ok", "data": [in_group]}
    (row,) = (await him.api.get(LIST))["data"]
    assert row["status"] == 1, "a bot that lost its rights somewhere has a warning"


async def test_the_key_is_taken_from_both_headers(him: Owner, stranger: Client) -> None:
    key = him.api.key or ""
    for headers in ({"X-API-Key": key}, {"Authorization": f"bearer {key}"}):
        assert (await stranger.call("GET", LIST, headers=headers))["status"] == "ok"
    assert await stranger.call("GET", LIST, params={"id": key, "key": key}) == error("key")


@pytest.mark.parametrize("key", ["", "wrong", "gh_" + "a" * 43, "ключ", "k" * 5000, "a\udcff"])
async def test_without_a_right_key_nothing_opens(him: Owner, stranger: Client, key: str) -> None:
    for method, path in (("GET", LIST), ("POST", ADD), ("GET", CHATS), ("POST", DEL)):
        assert await stranger.call(method, path, headers={"X-API-Key": key}) == error("key")


async def test_a_bots_key_does_not_open_an_account(app: App, tg: Sandbox, him: Owner) -> None:
    number = (await him.api.post(ADD, token=tg.bot("chess_bot").token))["data"]["id"]
    key = await issue_key(app, him.person.id, "chess", bot_id=number)
    assert await Client(app, him.api.session, key).get(LIST) == error("key")


async def test_an_ended_key_is_wrong(app: App, him: Owner) -> None:
    assert (await him.api.get(LIST))["status"] == "ok"
    async with app.db.write() as tx:
        await accounts.expire_keys(tx, him.person.id, None, app.clock.now())
    assert await him.api.get(LIST) == error("key")


async def test_who_may_own_no_bots_is_told_access(app: App, stranger: Client, tg: Sandbox) -> None:
    key = await issue_key(app, 999, "nobody")
    nobody = Client(app, stranger.session, key)
    assert await nobody.get(LIST) == error("access")
    assert await nobody.post(ADD, token=tg.bot("chess_bot").token) == error("access")
    assert not [call for call in tg.calls if call.bot.username == "chess_bot"]


@pytest.mark.parametrize("token", ["nonsense", FALSE_TOKEN, "\x00", "1:2/../getMe"])
async def test_a_wrong_token(him: Owner, token: str) -> None:
    body = json.dumps({"token": token})
    headers = {"Content-Type": "application/json"}
    assert await him.api.call("POST", ADD, data=body, headers=headers) == error("token")


async def test_a_bot_of_somebody_else_exists(tg: Sandbox, him: Owner, her: Owner) -> None:
    chess = tg.bot("chess_bot")
    number = (await her.api.post(ADD, token=chess.token))["data"]["id"]
    hooks = len(tg.calls_of("setWebhook"))
    assert await him.api.post(ADD, token=chess.token) == error("exists")
    await her.api.post(DEL, id=number)
    assert await him.api.post(ADD, token=chess.token) == error("exists"), "its history stays with her"
    assert len(tg.calls_of("setWebhook")) == hooks


@pytest.mark.parametrize(
    ("fault", "how"),
    [("error", {"status": 400}), ("error", {"status": 502}), ("flood", {"retry_after": 7}), ("lost", {}),
     ("broken", {})],
)  # fmt: skip
async def test_a_webhook_that_is_not_set_leaves_nothing_behind(
    tg: Sandbox, him: Owner, fault: str, how: dict[str, int]
) -> None:
    chess = tg.bot("chess_bot")
    tg.faults.add(fault, method="setWebhook", bot=chess, **how)
    assert await him.api.post(ADD, token=chess.token) == error("webhook")
    assert await him.api.get(LIST) == {"status": "ok", "data": []}
    assert not chess.bot.feed.webhook
    assert (await him.api.post(ADD, token=chess.token))["status"] == "ok", "and it may be tried again"


async def test_telegram_out_of_reach_is_not_a_wrong_token(tg: Sandbox, him: Owner) -> None:
    tg.faults.error(502, method="getMe")
    assert await him.api.post(ADD, token=tg.bot("chess_bot").token) == error("db")


async def test_the_service_bot_stays(her: Owner) -> None:
    (service,) = (await her.api.get(LIST))["data"]
    assert await her.api.post(DEL, id=service["id"]) == error("state")


@pytest.mark.parametrize("given", [{}, {"id": ""}, {"id": "x"}, {"id": "1.5"}, {"id": "0"}, {"id": "-7"},
                                   {"id": str(2**63)}, {"id": "٣"}])  # fmt: skip
async def test_a_missing_or_impossible_id(him: Owner, given: dict[str, str]) -> None:
    assert await him.api.get(CHATS, **given) == error("func")
    assert await him.api.post(DEL, **given) == error("func")


async def test_ids_come_as_numbers_or_as_text(tg: Sandbox, him: Owner) -> None:
    number = (await him.api.call("POST", ADD, json={"token": tg.bot("chess_bot").token}))["data"]["id"]
    assert (await him.api.get(CHATS, id=number, unknown="ignored"))["status"] == "ok"
    assert await him.api.call("POST", DEL, json={"id": True}) == error("func")
    assert await him.api.call("POST", DEL, json={"id": str(number)}) == {"status": "ok"}


@pytest.mark.parametrize("call", ["", "get.json", "list", "list.json/", "LIST.json"])
async def test_an_unknown_call(him: Owner, call: str) -> None:
    assert await him.api.get(f"/api/bots/{call}") == error("func")


async def test_the_wrong_method(him: Owner) -> None:
    for method, path in (("POST", LIST), ("GET", ADD), ("POST", CHATS), ("GET", DEL), ("PATCH", LIST)):
        assert await him.api.call(method, path) == error("func")


async def test_a_crash_says_nothing_of_itself(
    app: App, him: Owner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the secret plan")

    monkeypatch.setattr(type(app.house.accounts), "whose", broken)
    assert await him.api.get(LIST) == error("db")
    assert "the secret plan" in caplog.text, "the log gets the rest"
    assert him.api.key not in caplog.text


def test_the_documented_codes_are_the_ones_given() -> None:
    codes = {code for endpoint in BOTS for code in endpoint.errors} | set(dialect.COMMON)
    assert codes == {"key", "func", "access", "state", "token", "exists", "webhook", "limit", "db"}


def test_examples_are_what_the_contract_shows() -> None:
    shown = {row.path: msgspec.to_builtins(row.example) for row in BOTS}
    assert shown == {
        LIST: [{"id": 7, "tg": 7123456789, "username": "mytrackbot", "name": "My Tracking Bot", "status": 0,
                "created": "2026-05-01 12:00:00"}],
        ADD: {"id": 7, "username": "mytrackbot", "name": "My Tracking Bot"},
        CHATS: [{"id": -1001234567890, "title": "My Channel", "type": "channel"}],
        DEL: None,
    }  # fmt: skip
