"""Two owners: nobody sees or moves what is not his, whatever the call.

Every row of every table must have its way of trying: a new row without one fails here.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from api.systems import SYSTEMS
from api.table import Endpoint
from bot.app import App
from domain.broadcasts import Audience, BroadcastStatus
from domain.creatives import Creative
from domain.leads import LeadStatus
from domain.orders import Status
from domain.triggers import Block
from sandbox import Sandbox
from storage import broadcasts, campaigns, coupons, leads, people, postbacks, triggers, webhooks
from storage.database import Tx
from storage.people import Person
from tests.api.conftest import Owner
from tests.api.membership import Shop, open_shop
from tests.clock import TestClock
from tests.records import Records, difference

TITLE = "Olga's secret channel"
URL = "https://olga.example.com/hook"
ANN = 4_200_555
FREE_ID = 987_654  # of nothing


@dataclass(slots=True)
class Hers:
    """What Olga owns, and Boris goes after."""

    shop: Shop
    bot_id: int
    token: str
    order_key: str
    campaign_id: int
    postback_id: int
    channel_id: int
    link_id: int
    lead_id: int
    broadcast_id: int

    @property
    def bot(self) -> dict[str, Any]:
        """Her bot, as the membership API names it."""
        return {"bot_id": self.shop.bot.id}


PLAN = {"plan_name": "Silver", "plan_duration": "1 day", "plan_price": "1", "plan_currency": "USD"}
# How Boris tries to reach what is Olga's: the parameters of his call.
ATTEMPTS: dict[str, Callable[[Hers], dict[str, Any]]] = {
    "get_api_bots_list_json": lambda hers: {},
    "post_api_bots_add_json": lambda hers: {"token": hers.token},
    "get_api_bots_chats_json": lambda hers: {"id": hers.bot_id},
    "post_api_bots_del_json": lambda hers: {"id": hers.bot_id},
    "get_api_camp_broadcast_json": lambda hers: {"id": hers.campaign_id},
    "post_api_camp_broadcast_json": lambda hers: {"id": hers.campaign_id, "status": 0, "text": "Hi"},
    "post_api_camp_btest_json": lambda hers: {"id": hers.campaign_id, "status": 0},
    "get_api_broadcast_list_json": lambda hers: {},
    "get_api_broadcast_quota_json": lambda hers: {},
    "post_api_broadcast_add_json": lambda hers: {"name": "Mine"},
    "post_api_broadcast_edit_json": lambda hers: {"id": hers.broadcast_id, "text": "Hi"},
    "post_api_broadcast_unknown_json": lambda hers: {"id": hers.broadcast_id, "action": "skip"},
    **{
        f"{method}_api_broadcast_{call}_json": lambda hers: {"id": hers.broadcast_id}
        for method, call in (
            ("get", "get"), ("post", "start"), ("post", "pause"), ("post", "resume"), ("post", "cancel"),
            ("post", "reset"), ("post", "del"), ("post", "test"), ("post", "edit_sent"), ("post", "recall"),
        )
    },
    "post_api_media_upload_json": lambda hers: {},
    "get_api_camp_list_json": lambda hers: {"bot": hers.bot_id, "deleted": 1},
    "get_api_camp_get_json": lambda hers: {"id": hers.campaign_id},
    "post_api_camp_add_json": lambda hers: {"bot": hers.bot_id, "chat": hers.channel_id},
    "post_api_camp_edit_json": lambda hers: {"id": hers.campaign_id, "name": "his"},
    "post_api_camp_pause_json": lambda hers: {"id": hers.campaign_id},
    "post_api_camp_resume_json": lambda hers: {"id": hers.campaign_id},
    "post_api_camp_del_json": lambda hers: {"id": hers.campaign_id},
    "get_api_camp_links_json": lambda hers: {"id": hers.campaign_id},
    "post_api_camp_link_json": lambda hers: {"id": hers.campaign_id, "source": "his"},
    "post_api_camp_unlink_json": lambda hers: {"id": hers.campaign_id, "link": hers.link_id},
    "get_api_leads_list_json": lambda hers: {"campaign": hers.campaign_id},
    "get_api_leads_get_json": lambda hers: {"id": hers.lead_id},
    "get_api_journal_list_json": lambda hers: {"bot": hers.bot_id, "user": ANN},
    "get_api_camp_postbacks_json": lambda hers: {"id": hers.campaign_id},
    "post_api_camp_postbacks_json": lambda hers: {"id": hers.campaign_id, "status": 2, "url": URL},
    "get_api_postback_global_json": lambda hers: {},
    "post_api_postback_global_json": lambda hers: {"status": 2, "url": URL},
    "get_api_postback_log_json": lambda hers: {"campaign": hers.campaign_id},
    "get_api_postback_get_json": lambda hers: {"id": hers.postback_id},
    "post_api_postback_redeliver_json": lambda hers: {"id": hers.postback_id},
    "post_api_postback_test_json": lambda hers: {"campaign": hers.campaign_id, "status": 2},
    "get_api_postback_presets_json": lambda hers: {},
    "get_api_stats_summary_json": lambda hers: {"campaign": hers.campaign_id},
    "get_api_stats_days_json": lambda hers: {"campaign": hers.campaign_id},
    "get_api_stats_sources_json": lambda hers: {"campaign": hers.campaign_id},
    "get_api_stats_retention_json": lambda hers: {"campaign": hers.campaign_id},
    "get_v1_bot_bot_id_projects": lambda hers: hers.bot,
    "get_v1_bot_bot_id_plans": lambda hers: hers.bot,
    "post_v1_bot_bot_id_plans": lambda hers: {**hers.bot, **PLAN},
    "get_v1_bot_bot_id_plans_report": lambda hers: hers.bot,
    "get_v1_bot_bot_id_members": lambda hers: hers.bot,
    "post_v1_bot_bot_id_members_access_token": lambda hers: {**hers.bot, "plan_id": hers.shop.plan_id},
    "get_v1_bot_bot_id_orders": lambda hers: hers.bot,
    "get_v1_bot_bot_id_orders_order_key": lambda hers: {**hers.bot, "order_key": hers.order_key},
    "post_v1_bot_bot_id_orders": lambda hers: {
        **hers.bot, "plan_id": hers.shop.plan_id, "payment_gateway": "telegram_stars",
    },
    "get_v1_bot_bot_id_orders_count": lambda hers: hers.bot,
    "get_v1_bot_bot_id_payment_methods": lambda hers: hers.bot,
    "get_v1_bot_bot_id_payment_methods_report": lambda hers: hers.bot,
    "get_v1_bot_bot_id_revenue": lambda hers: hers.bot,
    "get_v1_bot_bot_id_users_count": lambda hers: hers.bot,
    "get_v1_bot_bot_id_coupons": lambda hers: hers.bot,
    "post_v1_bot_bot_id_affiliate": lambda hers: {**hers.bot, "member_id": ANN},
    "post_v1_bot_bot_id_bot": lambda hers: {**hers.bot, "bot_token": hers.token},
    "post_v1_bot_bot_id_webhook": lambda hers: {**hers.bot, "url": "https://boris.example.com"},
    "delete_v1_bot_bot_id_webhook": lambda hers: {**hers.bot, "url": URL},
    "get_api_auto_replies": lambda hers: hers.bot,
    "post_api_auto_replies": lambda hers: {**hers.bot, "keyword": "hello", "response": "Hi!"},
    "put_api_auto_replies_rule_id": lambda hers: {**hers.bot, "rule_id": 1, "enabled": "false"},
    "post_api_auto_replies_rule_id": lambda hers: {**hers.bot, "rule_id": 1, "enabled": "false"},
    "delete_api_auto_replies_rule_id": lambda hers: {**hers.bot, "rule_id": 1},
    "post_api_auto_replies_test": lambda hers: {**hers.bot, "text": "hello"},
    "get_api_welcome_messages": lambda hers: hers.bot,
    "post_api_welcome_messages": lambda hers: {**hers.bot, "welcome_text": "Hi!"},
    "delete_api_welcome_messages_group_id": lambda hers: {**hers.bot, "group_id": "_default"},
    "get_api_antispam_config": lambda hers: hers.bot,
    "post_api_antispam_config": lambda hers: {**hers.bot, "flood_limit": 5},
    "put_api_antispam_config": lambda hers: {**hers.bot, "flood_limit": 5},
    "post_api_antispam_check": lambda hers: {**hers.bot, "text": "buy followers cheap"},
    "get_api_antispam_banned": lambda hers: hers.bot,
    "post_api_antispam_banned": lambda hers: {**hers.bot, "user_id": ANN},
    "delete_api_antispam_banned_user_id": lambda hers: {**hers.bot, "user_id": ANN},
}  # fmt: skip
# What is hers, asked for at his own bot: the method, the parameters, and the code of the answer. 200 shows
# him nothing.
AT_HIS_OWN: list[tuple[str, str, Callable[[Hers, Shop], dict[str, Any]], int]] = [
    ("GET", "projects", lambda hers, his: {"project_id": hers.shop.project_id}, 200),
    ("GET", "plans", lambda hers, his: {"plan_id": hers.shop.plan_id}, 200),
    ("GET", "plans", lambda hers, his: {"project_id": hers.shop.project_id}, 200),
    ("POST", "plans", lambda hers, his: {**PLAN, "plan_project_id": hers.shop.project_id}, 404),
    ("GET", "members", lambda hers, his: {}, 200),
    ("GET", "members", lambda hers, his: {"member_id": ANN}, 200),
    ("POST", "members/access_token", lambda hers, his: {"plan_id": hers.shop.plan_id}, 404),
    ("POST", "members/access_token", lambda hers, his: {"plan_id": his.plan_id, "member_id": ANN}, 404),
    ("GET", "orders", lambda hers, his: {}, 200),
    ("GET", "orders", lambda hers, his: {"plan_id": hers.shop.plan_id}, 200),
    ("GET", "orders/{order_key}", lambda hers, his: {"order_key": hers.order_key}, 404),
    ("POST", "orders",
     lambda hers, his: {"plan_id": hers.shop.plan_id, "payment_gateway": "telegram_stars"}, 404),
    ("POST", "orders",
     lambda hers, his: {"plan_id": his.plan_id, "payment_gateway": "telegram_stars", "member_id": ANN}, 404),
    ("GET", "plans/report", lambda hers, his: {}, 200),
    ("GET", "payment_methods/report", lambda hers, his: {}, 200),
    ("GET", "coupons", lambda hers, his: {}, 200),
    ("POST", "affiliate", lambda hers, his: {"member_id": ANN}, 404),
    ("POST", "bot", lambda hers, his: {"bot_token": hers.token}, 409),
    ("DELETE", "webhook", lambda hers, his: {"url": URL}, 404),
]  # fmt: skip
# What is his own, or everybody's: such a call shows and changes nothing of hers, and need not be refused.
HIS_OWN = {
    "get_api_postback_global_json": frozenset[str](),
    "post_api_postback_global_json": frozenset({"postback_template"}),
    "get_api_postback_presets_json": frozenset[str](),
    "get_api_broadcast_quota_json": frozenset[str](),
    "post_api_broadcast_add_json": frozenset({"broadcast"}),
}
FORBIDDEN = {"error": "forbidden"}  # as the automation API says it
ROWS = [row for api in SYSTEMS for row in api.endpoints]
IDS = {"id", "bot_id"}


@pytest.fixture
async def hers(app: App, tg: Sandbox, her: Owner) -> Hers:
    """A bot of Olga's with everything a bot can have."""
    shop = await open_shop(tg, app, her.api, "olgas_chess_bot", "Olga's chess")
    channel = tg.channel(TITLE, her.person)
    await her.person.add(shop.bot, channel, rights="all")
    now = app.clock.now()
    async with app.db.write() as tx:
        await people.remember(tx, shop.bot_id, Person(ANN, "Ann of chess"), now, started=True)
        await coupons.create(tx, shop.bot_id, "CHESS10", {"auto_apply": True}, now)
    today = now.date().isoformat()
    await shop.sell("9.99 EUR", today, member_id=ANN)
    key = await shop.sell("9.99 EUR", today, key="GH-HERS", status=Status.PENDING)
    token = await shop.post("members/accessToken", plan_id=shop.plan_id)
    ann = tg.user("Ann", id=ANN)
    await ann.start(shop.bot)
    await ann.follow(token["result"]["link"])
    await app.settled()
    async with app.db.write() as tx:  # when nothing happens any more that it would be told
        await webhooks.put(tx, shop.bot_id, URL, hashlib.sha256(URL.encode()).digest(), b"sealed", now)
        campaign_id, postback_id = await open_campaign(tx, her.person.id, shop.bot_id, now)
        link_id, lead_id = await open_lead(tx, her.person.id, campaign_id, now)
        broadcast_id = await open_broadcast(tx, her.person.id, campaign_id, now)
    return Hers(
        shop, shop.bot_id, shop.bot.token, key, campaign_id, postback_id, channel.id, link_id, lead_id,
        broadcast_id,
    )  # fmt: skip


async def open_campaign(tx: Tx, owner_id: int, bot_id: int, now: datetime) -> tuple[int, int]:
    """A campaign and a postback of it, which no server will ever take."""
    made = await campaigns.create(
        tx, owner_id, bot_id, -100, code="gochess", name="Chess ads", creative=Creative(), now=now
    )
    assert made is not None
    where = "https://chess.example.com"
    await postbacks.put_template(tx, owner_id, made.id, LeadStatus.APPROVE, where)
    told = await postbacks.write(
        tx, owner_id, where, where, "e1", now + timedelta(days=365), campaign_id=made.id,
        status=LeadStatus.APPROVE,
    )  # fmt: skip
    assert told is not None
    return made.id, told


async def open_broadcast(tx: Tx, owner_id: int, campaign_id: int, now: datetime) -> int:
    """A broadcast that is done, and a triggered block."""
    said = Creative("Chess is fun")
    made = await broadcasts.create(tx, owner_id, "", now)
    await broadcasts.edit(tx, owner_id, made, "Chess news", Audience(31, (campaign_id,)), said, False)
    await broadcasts.move(tx, owner_id, made, {BroadcastStatus.DRAFT}, BroadcastStatus.DONE)
    await triggers.put_block(tx, campaign_id, Block(LeadStatus.WAIT, True, 60, said))
    return made


async def open_lead(tx: Tx, owner_id: int, campaign_id: int, now: datetime) -> tuple[int, int]:
    """A link of the campaign, and a lead who came by it."""
    of = await campaigns.get(tx, owner_id, campaign_id)
    assert of is not None
    link = await campaigns.add_link(tx, of, "https://t.me/+chess", "chess blog", False, now)
    lead = await leads.create(tx, owner_id, of.id, of.bot_id, of.chat_id, ANN, now)
    return link.id, lead.id


@pytest.fixture
def records(app: App) -> Iterator[Records]:
    """What is in the database."""
    with closing(Records(app.db.url)) as reader:
        yield reader


async def call(him: Owner, row: Endpoint, given: dict[str, Any]) -> Any:
    """Boris's call of a row; the answer without its number."""
    rest = {name: value for name, value in given.items() if f"{{{name}}}" not in row.path}
    how = {"data": rest} if row.has_body else {"params": rest}
    answer = await him.api.call(row.method, row.path.format(**given), **how)
    answer.pop("request_id", None)
    return answer


def test_every_row_is_tried() -> None:
    missing = {row.operation_id for row in ROWS} ^ ATTEMPTS.keys()
    assert not missing, f"say in ATTEMPTS how a stranger would try: {missing}"


async def what_he_reaches(him: Owner, tg: Sandbox, records: Records, row: Endpoint, hers: Hers) -> list[str]:
    """What is wrong about the outcome of one of Boris's attempts."""
    before, calls = records.everything(), len(tg.calls)
    answer = await call(him, row, ATTEMPTS[row.operation_id](hers))
    told = msgspec.json.encode(answer).decode().lower()
    wrong = [f"tells of {words!r}" for words in (TITLE.lower(), "chess") if words in told]
    refused = answer.get("status") == "error" or answer.get("code") == 403 or answer == FORBIDDEN
    own = HIS_OWN.get(row.operation_id)
    if own is None and not refused and answer != {"status": "ok", "data": []}:
        wrong.append(f"shows {answer}, though he has nothing")
    if _slowed_down(answer):
        wrong.append("is only slowed down")
    changes = difference(before, records.everything()).keys() - (own or frozenset())
    wrong += [f"changes {table}" for table in changes]
    moved = [one.method for one in tg.calls[calls:] if not one.method.lower().startswith("get")]
    wrong += [f"makes her bot call {method}" for method in moved]
    return [f"{row.operation_id} {trouble}" for trouble in wrong]


def _slowed_down(answer: Any) -> bool:
    slow = answer.get("error") == "limit" or answer.get("code") == 429
    return slow or str(answer.get("error", "")).startswith("too many calls")


async def test_nobody_reaches_what_is_not_his(
    app: App, tg: Sandbox, hers: Hers, him: Owner, records: Records, clock: TestClock
) -> None:
    await app.house.activity.flush()
    wrong = []
    for row in ROWS:
        wrong += await what_he_reaches(him, tg, records, row, hers)
        clock.advance(seconds=1)  # nobody calls faster than he may
    assert not wrong, "\n".join(wrong)


async def test_nothing_of_hers_is_at_his_own_bot(
    app: App, hers: Hers, shop: Shop, records: Records, clock: TestClock
) -> None:
    await app.settled()  # the menus of his bot, which is new
    await app.house.activity.flush()
    before = records.everything()
    for method, path, given, code in AT_HIS_OWN:
        params = given(hers, shop)
        how = {"params": params} if method == "GET" else {"data": params}
        answer = await shop.api.call(method, shop.path(path.format(**params)), **how)
        tried = f"{method} {path} with {params}"
        assert answer["code"] == code, tried
        assert "chess" not in msgspec.json.encode(answer).decode().lower(), tried
        assert code != 200 or answer["result"] == [], tried
        assert difference(before, records.everything()) == {}, tried
        clock.advance(seconds=1)


async def test_all_of_that_is_shown_at_hers(hers: Hers) -> None:
    """The test above would pass over an empty shop."""
    for _, path, given, code in AT_HIS_OWN:
        if code == 200:
            answer = await hers.shop.get(path, **given(hers, hers.shop))
            assert answer["code"] == 200, path
            assert answer["result"] != [], path


async def test_an_id_of_hers_looks_like_one_that_does_not_exist(
    hers: Hers, him: Owner, clock: TestClock
) -> None:
    for row in ROWS:
        if row.input is None or not IDS & set(row.input.__struct_fields__):
            continue
        given = ATTEMPTS[row.operation_id](hers)
        taken = await call(him, row, given)
        free = await call(him, row, given | dict.fromkeys(IDS & given.keys(), FREE_ID))
        assert taken == free, row.operation_id
        assert not _slowed_down(taken), row.operation_id
        clock.advance(seconds=1)
