"""Orders and payment methods at the membership API, with stand-ins for the providers."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from bot.app import App
from domain.orders import Status
from sandbox import Sandbox
from storage import coupons, gateway_accounts, people
from storage.people import Person
from tests.api.membership import Shop, turn_to
from tests.clock import TestClock
from tests.gateways.fakes.paystack import PaystackFake

NOBODY = 987_654_321
SITE = "https://example.com/thanks?from=bot#top"


@pytest.fixture
async def paystack() -> AsyncIterator[PaystackFake]:
    """Paystack."""
    async with PaystackFake() as fake:
        yield fake


@pytest.fixture
async def app(
    start_app: Any, service: Any, olga: Any, boris: Any, paystack: PaystackFake
) -> AsyncIterator[App]:
    """The application of these tests, which reaches the stand-in."""
    providers = {"paystack": paystack.url}
    async with start_app(
        bot_token=service.token, owner_ids=(olga.id, boris.id), providers=providers
    ) as running:
        yield running


async def install(shop: Shop, gateway: str, credentials: Any) -> None:
    """Install a gateway, as `/payments` does."""
    paying = shop.app.house.payment_methods._paying
    async with shop.app.db.write() as tx:
        await gateway_accounts.put(
            tx, shop.bot_id, gateway, paying.seal(credentials), "Boris", f"hook-{gateway}",
            shop.app.clock.now(),
        )  # fmt: skip


@pytest.fixture
async def naira(shop: Shop, paystack: PaystackFake) -> int:
    """A plan that is paid with Paystack; its id."""
    await install(shop, "paystack", paystack.credentials)
    return await shop.plan("Naira", plan_price="5000", plan_currency="NGN")


async def met(shop: Shop, tg: Sandbox, name: str) -> Any:
    """Somebody who has used the bot."""
    person = tg.user(name)
    await person.start(shop.bot)
    return person


async def test_methods_are_those_that_are_installed(shop: Shop, paystack: PaystackFake) -> None:
    stars = {"name": "telegram_stars", "display_name": "Telegram Stars", "supports_recurring": True,
             "requires_email": False}  # fmt: skip
    for spelt in ("paymentMethods", "payment_methods", "PAYMENTMETHODS"):
        body = await shop.get(spelt)
        assert (body["path"], body["result"]) == ("/payment_methods", [stars])
    await install(shop, "paystack", paystack.credentials)
    await install(shop, "cryptonokyc", {"url": "https://btcpay.example.com", "key": "k", "store": "s"})
    crypto, card, last = (await shop.get("paymentMethods"))["result"]
    assert (crypto["name"], crypto["tokens"][0]) == (
        "cryptonokyc", {"token": "BTC.LN", "display_name": "Bitcoin (Lightning)"},
    )  # fmt: skip
    assert (card["name"], card["requires_email"], last) == ("paystack", True, stars)
    assert "tokens" not in card
    async with shop.app.db.write() as tx:
        await gateway_accounts.switch(tx, shop.bot_id, "paystack", False)
    assert [one["name"] for one in (await shop.get("paymentMethods"))["result"]] == [
        "cryptonokyc", "telegram_stars",
    ]  # fmt: skip


async def test_what_was_earned_by_each_method(shop: Shop, clock: TestClock) -> None:
    turn_to(clock, "2024-07-18")
    await shop.sell("100 EUR", "2024-07-16", gateway="paystack")
    await shop.sell("2312.08 EUR", "2024-07-17", gateway="paystack")
    await shop.sell("5 EUR", "2024-07-17", gateway="gone_by_now")
    for spelt in ("paymentMethods/report", "payment_methods/report"):
        body = await shop.get(spelt)
        assert body["path"] == "/payment_methods/report"
    assert body["result"] == [
        {"name": "paystack", "display_name": "Paystack", "revenue": "2412.08", "currency": "EUR",
         "formatted": "2 412,08€", "sales": 2},
        {"name": "gone_by_now", "display_name": "gone_by_now", "revenue": "5", "currency": "EUR",
         "formatted": "5,00€", "sales": 1},
    ]  # fmt: skip


async def test_an_order_is_made_paid_and_seen(
    tg: Sandbox, shop: Shop, naira: int, paystack: PaystackFake
) -> None:
    ann = await met(shop, tg, "Ann")
    made = await shop.post(
        "orders", plan_id=str(naira), payment_gateway="PayStack", member_id=ann.id, email="ann@example.com",
        return_url=SITE, cancel_url=SITE,
    )  # fmt: skip
    assert made["code"] == 200
    order = made["result"]
    assert (order["amount"], order["currency"]) == ("5000", "NGN")
    assert order["checkout_url"].startswith(f"{paystack.url}/pay/")
    (asked,) = [call.json for call in paystack.calls if call.path.endswith("/initialize")]
    assert (asked["email"], asked["callback_url"]) == ("ann@example.com", SITE)
    one = await shop.get(f"orders/{order['order_key']}")
    assert one["path"] == f"/orders/{order['order_key']}"
    assert one["result"].pop("order_date") > 0
    assert one["result"] == {
        "order_key": order["order_key"], "member_id": ann.id, "member_name": "Ann",
        "member_email": "ann@example.com", "payment_gateway": "paystack", "order_status": "PENDING",
        "plan_id": naira, "project_id": 0,
    }  # fmt: skip
    (sale,) = paystack.sales
    paystack.pay(sale)
    hook = f"{shop.app.url}/pay/hook-paystack"
    assert await paystack.notify(hook) == 200
    assert (await shop.get(f"ORDERS/{order['order_key']}"))["result"]["order_status"] == "COMPLETED"
    (row,) = (await shop.get("members", member_id=ann.id))["result"]
    assert row["plan_id"] == naira
    assert (await shop.get("orders"))["result"][0]["payment_gateway"] == "Paystack"


async def test_an_order_in_stars_for_whoever_pays(tg: Sandbox, shop: Shop) -> None:
    stars = await shop.plan("Stars", plan_price="500", plan_currency="XTR")
    order = (await shop.post("orders", plan_id=stars, payment_gateway="telegram_stars"))["result"]
    assert (order["amount"], order["currency"]) == ("500", "XTR")
    ann = await met(shop, tg, "Ann")
    ann.add_stars(500)
    await ann.pay(order["checkout_url"])
    one = (await shop.get(f"orders/{order['order_key']}"))["result"]
    assert one["order_status"] == "COMPLETED"
    (row,) = (await shop.get("orders", currency="usd"))["result"]
    assert (row["payment_gateway"], row["amount"], row["formatted"]) == ("Telegram Stars", "6.5", "$6.50")


GOOD: dict[str, Any] = {"payment_gateway": "paystack", "email": "a@example.com"}


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"plan_id": NOBODY}, 404, "There is no plan with this id."),
        ({"plan_id": None}, 400, "plan_id: is required"),
        ({"payment_gateway": ""}, 400, "payment_gateway: is required"),
        ({"payment_gateway": "stripe"}, 400, "payment_gateway: must be an installed one: paystack, tele"),
        ({"payment_gateway": "../x"}, 400, "payment_gateway: must be"),
        ({"payment_gateway": "coupon"}, 400, "payment_gateway: must be"),
        ({"payment_gateway": "credit"}, 400, "member_id: is needed for an order that costs nothing"),
        ({"payment_gateway": "telegram_stars", "plan_id": "naira"}, 400, "plan_id: expected `int`"),
        ({"member_id": NOBODY}, 404, "The bot does not know this member"),
        ({"email": None}, 400, "email: must be an e-mail address; this payment method needs one"),
        ({"email": "nonsense"}, 400, "email: must be"), ({"email": "a@b\r\nc.com"}, 400, "email: must be"),
        ({"return_url": "javascript:alert(1)"}, 400, "return_url: must be an address"),
        ({"return_url": "https://"}, 400, "return_url: must"), ({"cancel_url": "/here"}, 400, "cancel_url: "),
        ({"cancel_url": "https://exa mple.com"}, 400, "cancel_url: must"),
        ({"return_url": "https://example.com/" + "x" * 2048}, 400, "return_url: must"),
    ],
)  # fmt: skip
async def test_what_is_no_order(
    shop: Shop, naira: int, paystack: PaystackFake, change: dict[str, Any], code: int, words: str
) -> None:
    body = await shop.post("orders", **GOOD | {"plan_id": naira} | change)
    assert body["code"] == code
    assert body["description"].startswith(words)
    assert (await shop.get("orders"))["result"] == []
    assert not paystack.sales, "and the provider was not asked"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"token_only": True}, "The plan is for access tokens only."),
        ({"credit_only": True}, "The plan can be paid with credit only."),
        ({"newcomers": 2}, "The plan is for members only who have or had a membership."),
        ({"singleuse": 2}, "The plan is only for members who hold a membership."),
        ({"invitee_only": 1}, "The plan is only for members an affiliate invited."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("known", [True, False], ids=["a member", "nobody yet"])
async def test_the_plans_rules_stand_at_this_door_too(
    tg: Sandbox, shop: Shop, naira: int, options: dict[str, Any], words: str, known: bool
) -> None:
    plan_id = await shop.plan("Ruled", plan_price="5000", plan_currency="NGN", options=options)
    who = {"member_id": (await met(shop, tg, "Ann")).id} if known else {}
    body = await shop.post("orders", **GOOD, plan_id=plan_id, **who)
    assert (body["code"], body["description"]) == (409, words)
    assert (await shop.get("orders"))["result"] == []


async def test_a_blocked_bot_and_a_coin_there_is_not(tg: Sandbox, shop: Shop, naira: int) -> None:
    ann = await met(shop, tg, "Ann")
    await ann.block(shop.bot)
    body = await shop.post("orders", **GOOD, plan_id=naira, member_id=ann.id)
    assert body["code"] == 404
    await install(shop, "cryptonokyc", {"url": "https://btcpay.example.com", "key": "k", "store": "s"})
    body = await shop.post("orders", plan_id=shop.plan_id, payment_gateway="CryptoNoKYC", token="USDT.MATIC")
    assert body["code"] == 400
    assert body["description"].startswith("token: must be one of BTC.LN")


async def test_a_provider_in_trouble_leaves_no_order(shop: Shop, naira: int, paystack: PaystackFake) -> None:
    paystack.trouble("error", path="initialize", times=9)
    body = await shop.post("orders", **GOOD, plan_id=naira)
    assert (body["code"], body["description"]) == (
        502, "The payment provider does not answer right now. Please try again in a minute.",
    )  # fmt: skip
    assert (await shop.get("orders"))["result"] == []


async def test_a_coupon_for_all_of_it_needs_no_provider(tg: Sandbox, shop: Shop, naira: int) -> None:
    ann = await met(shop, tg, "Ann")
    async with shop.app.db.write() as tx:
        values = {"percent": Decimal(100), "auto_apply": True}
        await coupons.create(tx, shop.bot_id, "ALLOFIT", values, shop.app.clock.now())
    assert (await shop.post("orders", **GOOD, plan_id=naira))["description"].startswith(
        "member_id: is needed"
    )
    made = await shop.post("orders", **GOOD, plan_id=naira, member_id=ann.id)
    assert (made["code"], made["result"]["amount"]) == (200, "0")
    assert made["result"]["checkout_url"].startswith("https://t.me/boris_shop_bot?start=order_")
    assert (await shop.get("members", member_id=ann.id))["result"][0]["plan_id"] == naira
    (coupon,) = (await shop.get("coupons"))["result"]
    assert coupon == {
        "name": "ALLOFIT", "amount": "0", "percent": "100", "min_amount": "0", "max_amount": "0", "uses": 0,
        "used": 1, "plans": [], "newcomers": False, "singleuse": False, "invitee_only": False,
        "auto_apply": True, "enabled": True,
    }  # fmt: skip


async def test_orders_are_found(shop: Shop, clock: TestClock) -> None:
    turn_to(clock, "2024-07-18")
    other = await shop.plan("Other")
    async with shop.app.db.write() as tx:
        await people.remember(tx, shop.bot_id, Person(77, "John", "Doe"), clock.now(), started=True)
    first = await shop.sell("1.23 EUR", "2024-07-17", member_id=77, gateway="paystack")
    second = await shop.sell("100.74 BRL", "2024-07-16", plan_id=other, status=Status.EXPIRED)
    new, old = (await shop.get("orders"))["result"]
    assert (new["order_key"], new["member_id"], new["member_name"]) == (second, 0, "")
    assert (new["order_status"], new["amount"], new["formatted"]) == ("EXPIRED", "100.74", "R$100,74")
    assert old == {
        "order_key": first, "order_type": 1, "order_date": 1_721_217_600, "order_status": "COMPLETED",
        "member_id": 77, "member_name": "John Doe", "plan_id": shop.plan_id, "plan_name": "Gold",
        "project_id": shop.project_id, "payment_gateway": "Paystack", "amount": "1.23", "currency": "EUR",
        "formatted": "1,23€",
    }  # fmt: skip
    in_dollars = await shop.get("orders", currency="usd")
    assert in_dollars["path"] == "/orders?currency=usd"
    assert [(row["amount"], row["currency"], row["formatted"]) for row in in_dollars["result"]][1] == (
        "1.344882", "USD", "$1.34",
    )  # fmt: skip
    latest = (await shop.get("orders", currency="USD", rates="latest", member_id=77))["result"]
    assert [row["amount"] for row in latest] == ["1.34439"]
    for query, found in (
        ({"member_id": 77}, [first]), ({"plan_id": other}, [second]), ({"order_status": "expired"}, [second]),
        ({"order_status": "PENDING"}, []), ({"project_id": NOBODY}, []), ({"limit": 1, "offset": 1}, [first]),
        ({"limit": 1}, [second]), ({"offset": 5}, []),
    ):  # fmt: skip
        rows = (await shop.get("orders", **query))["result"]
        assert [row["order_key"] for row in rows] == found
    body = await shop.get("orders", order_status="PAID")
    assert body["description"] == (
        "order_status: must be one of PENDING, COMPLETED, REFUNDED, EXPIRED, CANCELED, DISPUTED"
    )
    await shop.sell("1000 RUB", "2024-07-18", key="roubles")
    body = await shop.get("orders", currency="usd")
    assert (body["code"], "RUB" in body["description"]) == (409, True)


@pytest.mark.parametrize("key", ["GH-1", "x" * 49, "%00", "a%0Ab", "%F0%9F%99%82", "..%2F", "a'b"])
async def test_an_order_there_is_not(shop: Shop, session: aiohttp.ClientSession, key: str) -> None:
    url = aiohttp.client.URL(f"{shop.app.url}{shop.path('orders/')}{key}", encoded=True)
    async with session.get(url, headers={"X-API-Key": shop.api.key or ""}) as response:
        assert (response.status, (await response.json())["ok"]) == (404, False)
