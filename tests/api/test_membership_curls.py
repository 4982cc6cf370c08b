"""Every call of the membership API's document as it is printed there; ours answers in the same shape."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from api.membership import MEMBERSHIP
from api.membership.rows import BASE
from api.serving import Calls
from bot.app import App
from domain.coupons import Direction, Revenue
from domain.orders import Status
from sandbox import Sandbox
from storage import coupons, people
from storage.people import Person
from tests.api.client import check_answer
from tests.api.document import REMOVED, SAMPLES
from tests.api.membership import Shop, turn_to
from tests.clock import TestClock

ANN = 1_111_111_111


async def here(_: web.Request) -> web.Response:
    """What answers the test of a webhook."""
    return web.Response()


@pytest.fixture
async def website() -> AsyncIterator[str]:
    """The address of somebody's website."""
    site = web.Application()
    site.router.add_post("/", here)
    async with TestServer(site) as server:
        yield str(server.make_url("/"))


@pytest.fixture
async def app(start_app: Any, service: Any, olga: Any, boris: Any, clock: TestClock) -> AsyncIterator[App]:
    """The application in the summer of the document."""
    turn_to(clock, "2024-07-18")
    async with start_app(
        bot_token=service.token, owner_ids=(olga.id, boris.id), allow_private_urls=True
    ) as running:
        yield running


@pytest.fixture
async def bodies(tg: Sandbox, shop: Shop, website: str) -> dict[str, dict[str, Any]]:
    """A shop in which there is something of everything; what the calls with a body send."""
    now = shop.app.clock.now()
    async with shop.app.db.write() as tx:
        await people.remember(tx, shop.bot_id, Person(ANN, "John", "Doe"), now, started=True)
        rules: dict[str, Any] = {"percent": Decimal(10), "plans": frozenset([shop.plan_id])}
        await coupons.create(tx, shop.bot_id, "discountcode", rules, now)
        rules |= {"gateways": frozenset(["paypal"]), "revenue": Revenue(Direction.ABOVE, Decimal(10), "USD")}
        await coupons.create(tx, shop.bot_id, "HJTPS3", rules, now)
    stars = await shop.plan("Stars", plan_price="3", plan_currency="XTR")
    await shop.sell("1.23 EUR", "2024-07-16", member_id=ANN)
    await shop.sell("99.99 USD", "2023-05-01", gateway="paypal")
    await shop.sell("9.99 USD", "2024-07-16", key="ABCD123", status=Status.PENDING)
    ann = tg.user("Ann")
    await ann.start(shop.bot)
    token = await shop.post("members/accessToken", plan_id=shop.plan_id)
    await ann.follow(token["result"]["link"])
    return {
        "/affiliate": {"member_id": ANN, "affiliate_id": "abcd123"},
        "/bot": {"bot_token": tg.bot("one_more_bot").token},
        "/members/access_token": {"plan_id": shop.plan_id, "member_id": ANN},
        "/orders": {"plan_id": stars, "payment_gateway": "telegram_stars", "member_id": ANN},
        "/plans": {"plan_name": "Name of the plan", "plan_duration": "1 week", "plan_price": "100",
                   "plan_currency": "USD"},
        "/webhook": {"url": website},
    }  # fmt: skip


def same_shape(ours: Any, shown: Any, where: str = "result") -> None:
    """Ours has the types of the document's and its keys: all that always stand there, and no others."""
    assert type(ours) is type(shown), where
    if isinstance(shown, dict):
        assert ours.keys() == shown.keys(), where
        for name, value in shown.items():
            same_shape(ours[name], value, f"{where}.{name}")
    elif isinstance(shown, list):
        assert ours, f"{where}: there is something to compare"
        for one in ours:
            candidates = [
                other for other in shown if not isinstance(other, dict) or one.keys() == other.keys()
            ]
            same_shape(one, (candidates or shown)[0], where)


async def as_printed(shop: Shop, method: str, path: str, **how: Any) -> tuple[int, Any]:
    """Status and body of a call written like in the document."""
    path = path.replace("{{BOT_ID}}", str(shop.bot.id)).replace("{{API_KEY}}", shop.api.key or "")
    async with shop.api.session.request(method, shop.app.url + path, **how) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("method", "path", "shown", "code", "result", "way"),
    [
        pytest.param(*one, way, id=f"{one[0]} {one[2].partition('?')[0]} {way}")
        for one in SAMPLES
        for way in ("json", "data")[: 2 if one[0] == "POST" else 1]
    ],
)
async def test_the_answer_has_the_documents_shape(
    shop: Shop, bodies: Any, method: str, path: str, shown: str, code: int, result: Any, way: str
) -> None:
    how = {way: bodies[shown]} if method == "POST" else {}
    status, body = await as_printed(shop, method, path, **how)
    assert status == code, body
    number = body.pop("request_id")
    assert isinstance(number, str)
    ours = body.pop("result")
    assert body == {"ok": True, "method": method, "path": shown, "code": code}
    same_shape(ours, result)
    canonical = BASE + shown.partition("?")[0].replace("ABCD123", "{order_key}")
    check_answer(method, canonical, status, body | {"request_id": number, "result": ours})


async def test_a_removed_webhook_is_answered_as_printed(shop: Shop, bodies: Any) -> None:
    await shop.post("webhook", **bodies["/webhook"])
    method, path, answer = REMOVED
    assert await as_printed(shop, method, path, json=bodies["/webhook"]) == (200, answer)


def test_every_call_of_the_table_is_in_the_document() -> None:
    printed = {(method, BASE + shown.partition("?")[0].replace("ABCD123", "{order_key}"))
               for method, _, shown, _, _ in SAMPLES} | {("DELETE", f"{BASE}/webhook")}  # fmt: skip
    assert printed == {(row.method, row.path) for row in MEMBERSHIP.endpoints}
    assert Calls(MEMBERSHIP)


def test_a_wrong_shape_would_be_noticed() -> None:
    """The test above relies on it."""
    shown = [{"a": 1, "b": {"c": "x"}}]
    same_shape([{"a": 2, "b": {"c": "y"}}], shown)
    for wrong in ([], {}, [{"a": 1}], [{"a": "1", "b": {"c": "x"}}], [{"a": 1, "b": {"c": "x", "d": 1}}],
                  [{"a": True, "b": {"c": "x"}}]):  # fmt: skip
        with pytest.raises(AssertionError):
            same_shape(wrong, shown)
