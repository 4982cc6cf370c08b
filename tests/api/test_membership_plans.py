"""Projects, plans, members, access tokens, affiliates and bots at the membership API."""

import re
from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from storage import plans, projects, settings
from tests.api.client import Client
from tests.api.conftest import Owner
from tests.api.membership import Shop
from tests.clock import TestClock

NOBODY = 987_654_321


async def test_projects_in_their_order(shop: Shop) -> None:
    tennis, golf = await shop.project("Tennis"), await shop.project("Golf")
    async with shop.app.db.write() as tx:
        await projects.hide(tx, shop.bot_id, golf, True)
    everything = (await shop.get("projects"))["result"]
    assert everything == [
        {"project_id": number, "project_name": name, "options": {"sort_order": 0, "is_hidden": hidden}}
        for number, name, hidden in (
            (shop.project_id, "Chess", False), (tennis, "Tennis", False), (golf, "Golf", True),
        )
    ]  # fmt: skip
    assert (await shop.get("projects", limit=1, offset=1))["result"] == everything[1:2]
    assert (await shop.get("projects", project_id=golf))["result"] == everything[2:]
    assert (await shop.get("projects", project_id=golf, offset=1))["result"] == []
    assert (await shop.get("projects", project_id=NOBODY))["result"] == []


async def test_plans_in_their_order(shop: Shop) -> None:
    silver = await shop.plan("Silver", plan_price="5", plan_currency="eur", plan_duration="2 days")
    async with shop.app.db.write() as tx:
        await plans.change(tx, shop.bot_id, silver, {"enabled": False, "sort_order": 2000})
    first, second = (await shop.get("plans"))["result"]
    assert first == {
        "plan_id": silver, "plan_name": "Silver", "duration": "2 days", "price": "5", "currency": "EUR",
        "options": {"recurring": False, "newcomers": 0, "singleuse": 0, "token_only": False,
                    "credit_only": False, "invitee_only": 0, "is_hidden": False},
        "max_customers": 0, "sort_order": 2000, "enabled": False,
    }  # fmt: skip
    assert (second["plan_name"], second["price"], second["enabled"]) == ("Gold", "9.99", True)
    assert (await shop.get("plans", offset="1"))["result"] == [second]
    assert (await shop.get("plans", plan_id=str(silver)))["result"] == [first]
    assert (await shop.get("plans", project_id=shop.project_id))["result"] == [second]
    assert (await shop.get("plans", plan_id=silver, project_id=shop.project_id))["result"] == []


@pytest.mark.parametrize(
    ("price", "currency", "shown"),
    [
        ("100", "USD", "100"), ("9.90", "usd", "9.9"), ("0", "EUR", "0"), ("0.00", "EUR", "0"),
        ("100", "XTR", "100"), ("0.00012345", "BTC", "0.00012345"), ("1.234", "KWD", "1.234"),
        ("1000", "JPY", "1000"),
    ],
)  # fmt: skip
async def test_prices_are_exact(shop: Shop, price: str, currency: str, shown: str) -> None:
    plan_id = await shop.plan("Silver", plan_price=price, plan_currency=currency)
    (row,) = (await shop.get("plans", plan_id=plan_id))["result"]
    assert (row["price"], row["currency"]) == (shown, currency.upper())


async def test_a_plan_with_everything(shop: Shop) -> None:
    options = {"recurring": True, "newcomers": 1, "singleuse": 3, "token_only": True, "credit_only": True,
               "invitee_only": 2, "is_hidden": True}  # fmt: skip
    made = await shop.post(
        "plans", plan_name="  Every   thing ", plan_duration="12 Months", plan_price="49.90",
        plan_currency="gbp", plan_trial="3 days", plan_project_id=str(shop.project_id), options=options,
    )  # fmt: skip
    assert made["code"] == 201
    row = made["result"]
    assert row == (await shop.get("plans", plan_id=row["plan_id"]))["result"][0]
    assert (row["plan_name"], row["duration"], row["price"]) == ("Every thing", "12 months", "49.9")
    assert row["options"] == options
    async with shop.app.db.read() as tx:
        plan = await plans.get(tx, shop.bot_id, row["plan_id"])
    assert plan is not None
    assert (str(plan.trial), plan.project_id) == ("3 days", shop.project_id)


GOOD: dict[str, Any] = {
    "plan_name": "Silver", "plan_duration": "1 week", "plan_price": "100", "plan_currency": "USD",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        *(({name: ""}, f"{name}: is required") for name in GOOD),
        *(({name: None}, f"{name}: is required") for name in GOOD),
        ({"plan_name": "ab"}, "plan_name: must have 3 to 24"), ({"plan_name": "x" * 25}, "plan_name: must"),
        ({"plan_name": "1st plan"}, "plan_name: must"), ({"plan_name": "_abc"}, "plan_name: must"),
        ({"plan_name": "a\x00b"}, "plan_name: must"), ({"plan_name": 777}, "plan_name: expected `str`"),
        ({"plan_duration": "1 fortnight"}, "plan_duration: must be a duration"),
        ({"plan_duration": "0 days"}, "plan_duration: must"), ({"plan_duration": "-1 day"}, "plan_dur"),
        ({"plan_duration": "31.12.2001"}, "plan_duration: is a day that is over"),
        ({"plan_price": "-1"}, "plan_price: must be a decimal"), ({"plan_price": "9,99"}, "plan_price: must"),
        ({"plan_price": "9.99 USD"}, "plan_price: must"), ({"plan_price": "1e3"}, "plan_price: must"),
        ({"plan_price": "NaN"}, "plan_price: must"), ({"plan_price": "9" * 17}, "plan_price: must"),
        ({"plan_price": 9.99}, "plan_price: expected `str`, got `float`"),
        ({"plan_price": "9.999"}, "plan_price: has more digits after the point than USD has, which is 2"),
        ({"plan_price": "1.5", "plan_currency": "JPY"}, "plan_price: has more digits after the point"),
        ({"plan_price": "0.5", "plan_currency": "XTR"}, "plan_price: has more digits after the point"),
        ({"plan_currency": "ABC"}, "plan_currency: is not a currency"),
        ({"plan_trial": "lifetime"}, "plan_trial: must"), ({"plan_trial": "soon"}, "plan_trial: must"),
        ({"plan_project_id": 0}, "plan_project_id: expected `int` >= 1"),
        ({"plan_project_id": -7}, "plan_project_id: expected `int` >= 1"),
        ({"options": {"newcomers": 3}}, "options.newcomers: expected `int` <= 2"),
        ({"options": {"singleuse": -1}}, "options.singleuse: expected `int` >= 0"),
        ({"options": {"invitee_only": "x"}}, "options.invitee_only: expected `int`"),
        ({"options": {"recurring": "perhaps"}}, "options.recurring: expected `bool`"),
        ({"options": []}, "options: expected `object"), ({"options": "x"}, "options: expected `object"),
        ({"options": {"recurring": True}, "plan_duration": "lifetime"}, "recurring: needs a plan"),
        ({"options": {"recurring": True}, "plan_currency": "XTR"}, "recurring: needs a duration of exactly"),
        ({"options": {"recurring": True}, "plan_price": "0"}, "recurring: needs a plan with a price"),
    ],
)  # fmt: skip
async def test_what_is_no_plan(shop: Shop, change: dict[str, Any], words: str) -> None:
    body = await shop.post("plans", **GOOD | change)
    assert body["code"] == 400
    assert body["description"].startswith(words)
    assert [row["plan_name"] for row in (await shop.get("plans"))["result"]] == ["Gold"]


async def test_a_plan_of_a_project_that_is_none_of_this_bot(shop: Shop, tg: Sandbox, app: App) -> None:
    async with app.db.write() as tx:
        elsewhere = await projects.create(tx, shop.bot_id + 1, "Elsewhere", app.clock.now())
    for project_id in (elsewhere, NOBODY):
        body = await shop.post("plans", **GOOD, plan_project_id=project_id)
        assert (body["code"], body["description"]) == (404, "There is no project with this id.")


async def test_a_plan_by_a_form(shop: Shop) -> None:
    form = {**GOOD, "options[recurring]": "true", "options[newcomers]": "2", "unknown": "ignored"}
    made = await shop.api.call("POST", shop.path("plans"), data=form)
    assert made["code"] == 201
    assert (made["result"]["options"]["recurring"], made["result"]["options"]["newcomers"]) == (True, 2)


async def member(tg: Sandbox, shop: Shop, name: str) -> Any:
    """Somebody who has used the bot."""
    person = tg.user(name)
    await person.start(shop.bot)
    return person


async def test_members_with_their_terms(tg: Sandbox, shop: Shop, clock: TestClock) -> None:
    forever = await shop.plan("Forever", plan_duration="lifetime")
    ann, ben = await member(tg, shop, "Ann"), await member(tg, shop, "Ben")
    first = int(clock.now().timestamp())
    for person, plan_id in ((ann, shop.plan_id), (ben, shop.plan_id), (ann, forever)):
        token = await shop.post("members/accessToken", plan_id=plan_id)
        await person.follow(token["result"]["link"])
        clock.advance(minutes=1)
    everybody = (await shop.get("members"))["result"]
    assert [(row["member_id"], row["plan_id"], row["project_id"]) for row in everybody] == [
        (ann.id, shop.plan_id, shop.project_id), (ben.id, shop.plan_id, shop.project_id),
        (ann.id, forever, 0),
    ]  # fmt: skip
    start, end = everybody[0]["membership"].values()
    assert first <= start < clock.now().timestamp()
    assert 28 * 86_400 <= end - start <= 31 * 86_400
    assert everybody[2]["membership"]["start"] >= start + 120
    assert everybody[2]["membership"]["end"] is None
    assert (await shop.get("members", member_id=ann.id))["result"] == [everybody[0], everybody[2]]
    assert (await shop.get("members", plan_id=shop.plan_id, limit=1, offset=1))["result"] == [everybody[1]]
    assert (await shop.get("members", project_id=shop.project_id))["result"] == everybody[:2]
    assert (await shop.get("members", member_id=NOBODY))["result"] == []
    clock.advance(days=32)
    assert (await shop.get("members"))["result"] == [everybody[2]], "what is over is not listed"


async def test_an_access_token_opens_the_plan_once(tg: Sandbox, shop: Shop) -> None:
    ann, ben = await member(tg, shop, "Ann"), await member(tg, shop, "Ben")
    made = await shop.post("members/accessToken", plan_id=str(shop.plan_id), member_id=str(ann.id))
    assert made["code"] == 201
    token, link = made["result"]["access_token"], made["result"]["link"]
    assert made["result"]["bot_username"] == "boris_shop_bot"
    assert link == f"https://t.me/boris_shop_bot?start=accesstoken_{token}"
    await ben.follow(link)
    assert (await shop.get("members", member_id=ben.id))["result"] == []
    await ann.follow(link)
    await ann.follow(link)
    assert len((await shop.get("members", member_id=ann.id))["result"]) == 1


async def test_an_access_token_for_nobody(tg: Sandbox, shop: Shop) -> None:
    ann, met = await member(tg, shop, "Ann"), tg.user("Met in a group")
    group = tg.group("Chess", ann)
    await ann.add(shop.bot, group, rights="all")
    await met.join(group)
    await met.send(group, "hello")
    body = await shop.post("members/accessToken", plan_id=NOBODY)
    assert (body["code"], body["description"]) == (404, "There is no plan with this id.")
    await ann.block(shop.bot)
    for who in (NOBODY, met.id, ann.id):
        body = await shop.post("members/accessToken", plan_id=shop.plan_id, member_id=who)
        assert (body["code"], body["description"]) == (
            404, "The bot does not know this member, or the member has blocked it.",
        )  # fmt: skip
    assert (await shop.post("members/accessToken"))["description"] == "plan_id: is required"


async def test_affiliates(tg: Sandbox, shop: Shop) -> None:
    ann, ben = await member(tg, shop, "Ann"), await member(tg, shop, "Ben")
    made = await shop.post("affiliate", member_id=str(ann.id), affiliate_id="Queen1")
    assert (made["code"], made["result"]) == (
        200, {"affiliate_id": "Queen1", "affiliate_link": "https://t.me/boris_shop_bot?start=r_Queen1"},
    )  # fmt: skip
    assert (await shop.post("affiliate", member_id=ann.id))["result"] == made["result"], "he keeps it"
    taken = await shop.post("affiliate", member_id=ben.id, affiliate_id="qUEEN1")
    assert (taken["code"], taken["description"]) == (409, "Somebody has this affiliate_id already.")
    own = (await shop.post("affiliate", member_id=ben.id))["result"]["affiliate_id"]
    assert re.fullmatch(r"[a-z][a-z0-9]{2,11}", own)
    assert (await shop.post("affiliate", member_id=ann.id, affiliate_id="King"))["code"] == 200
    assert (await shop.post("affiliate", member_id=ben.id, affiliate_id="queen1"))["code"] == 200, (
        "it is free"
    )


async def test_who_cannot_be_an_affiliate(tg: Sandbox, shop: Shop) -> None:
    ann = await member(tg, shop, "Ann")
    for bad in ("ab", "1abc", "a b c", "a" * 13, "äbc", "abc_"):
        body = await shop.post("affiliate", member_id=ann.id, affiliate_id=bad)
        assert body["code"] == 400
        assert body["description"].startswith("affiliate_id: must begin with a letter")
    assert (await shop.post("affiliate", affiliate_id="abc"))["description"] == "member_id: is required"
    assert (await shop.post("affiliate", member_id=NOBODY))["code"] == 404
    await ann.block(shop.bot)
    assert (await shop.post("affiliate", member_id=ann.id))["code"] == 404
    async with shop.app.db.write() as tx:
        off, now = {"affiliates": False}, shop.app.clock.now()
        await settings.change(tx, shop.bot_id, settings.DEFAULT_CHAT, "membership", off, now)
    body = await shop.post("affiliate", member_id=ann.id)
    assert (body["code"], body["description"]) == (400, "Affiliates are switched off in this bot.")


async def test_one_more_bot(app: App, tg: Sandbox, shop: Shop, him: Owner) -> None:
    chess = tg.bot("chess_bot")
    made = await shop.post("bot", bot_token=chess.token)
    assert made["code"] == 201
    key = made["result"].pop("api_key")
    assert made["result"] == {"bot_id": chess.id, "bot_username": "chess_bot"}
    its = Client(app, him.api.session, key)
    assert (await its.get(f"/v1/bot{chess.id}/plans"))["result"] == []
    assert (await its.get(shop.path("plans")))["code"] == 403, "the key is for that bot alone"
    assert tg.calls_of("setWebhook")[-1].bot.username == "chess_bot"
    listed = (await him.api.get("/api/bots/list.json"))["data"]
    assert {row["username"] for row in listed} == {"boris_shop_bot", "chess_bot"}

    again = await its.call("POST", f"/v1/bot{chess.id}/bot", json={"bot_token": shop.bot.token})
    assert again["code"] == 201, "a bot's own key may bring its sisters"
    second = await shop.post("bot", bot_token=chess.token)
    assert second["result"]["api_key"] != key
    for one in (key, second["result"]["api_key"]):
        client = Client(app, him.api.session, one)
        assert (await client.get(f"/v1/bot{chess.id}/plans"))["code"] == 200, "keys in use stay good"


async def test_a_bot_that_cannot_be_had(tg: Sandbox, shop: Shop, her: Owner) -> None:
    chess = tg.bot("chess_bot")
    await her.api.post("/api/bots/add.json", token=chess.token)
    body = await shop.post("bot", bot_token=chess.token)
    assert (body["code"], body["description"]) == (409, "This bot is connected to somebody else's account.")
    for token in ("nonsense", "123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\x00"):
        body = await shop.post("bot", bot_token=token)
        assert (body["code"], body["description"]) == (400, "bot_token: is not a token Telegram knows")
    tg.faults.error(502, method="getMe")
    assert (await shop.post("bot", bot_token=tg.bot("other_bot").token))["code"] == 502
    tg.faults.add("error", method="setWebhook", status=400)
    assert (await shop.post("bot", bot_token=tg.bot("third_bot").token))["code"] == 502


async def test_the_service_bot_stays_one_when_it_is_connected_again(
    tg: Sandbox, her: Owner, service: Any, app: App
) -> None:
    body = await her.api.call("POST", f"/v1/bot{service.id}/bot", json={"bot_token": service.token})
    assert body["code"] == 201
    found = await app.house.directory.by_telegram_id(service.id)
    assert found is not None
    assert found.is_service
