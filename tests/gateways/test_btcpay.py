"""BTCPay Server on the wire: invoices that are paid in coins, in parts, late, and given back by a page."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from delivery.gateways.btcpay import BTCPayGateway
from delivery.guard import GuardedSession
from domain.errors import BadSignature, GatewayRefused, GatewayUnreachable
from domain.gateways import Charge, Credentials, Notification, Proof, State
from domain.money import Money
from tests.gateways.asking import KEY, opened, paid, proofs, some, states, wanted
from tests.gateways.fakes import BTCPayFake


@pytest.fixture
async def fake() -> AsyncIterator[BTCPayFake]:
    async with BTCPayFake() as fake:
        yield fake


@pytest.fixture
def gateway(session: aiohttp.ClientSession) -> BTCPayGateway:
    return BTCPayGateway(GuardedSession(session, private=True))


async def charged(gateway: BTCPayGateway, fake: BTCPayFake) -> Charge:
    return Charge(fake.pay((await opened(gateway, fake)).ref), fake.price, "refund-1", 77)


async def seen(gateway: BTCPayGateway, fake: BTCPayFake, ref: str) -> list[Proof]:
    """What the last notification brings, which is what asking brings."""
    news = await gateway.notified(fake.credentials, fake.notification())
    assert news == await gateway.look(fake.credentials, ref)
    return proofs(news)


async def test_an_invoice_as_it_is_asked_for(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    await gateway.checkout(fake.credentials, wanted(fake))
    call = fake.calls[-1]
    assert call.headers["authorization"] == f"token {fake.credentials['key']}"
    assert (call.json["amount"], call.json["currency"]) == ("9.99", "USD")
    assert call.json["metadata"]["orderId"] == KEY
    checkout = call.json["checkout"]
    assert (checkout["paymentMethods"], checkout["paymentTolerance"]) == (["BTC-LN"], 0)
    assert checkout["expirationMinutes"] == 60, "a rate is not to bet on for a day"


@pytest.mark.parametrize(
    ("coin", "methods"),
    [("BTC.LN", ["BTC-LN"]), ("BTC.BTC", ["BTC-CHAIN"]), ("LTC.LTC", ["LTC-CHAIN"]), (None, None)],
)
async def test_coins_are_payment_methods(
    gateway: BTCPayGateway, fake: BTCPayFake, coin: str | None, methods: list[str] | None
) -> None:
    await gateway.checkout(fake.credentials, replace(wanted(fake), coin=coin))
    assert fake.calls[-1].json["checkout"].get("paymentMethods") == methods


async def test_coins_there_are_not(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    for coin in ("USDT.MATIC", "BTC", "BTC.", "BTC-LN", "btc.ln"):
        with pytest.raises(GatewayRefused):
            await gateway.checkout(fake.credentials, replace(wanted(fake), coin=coin))
    assert not fake.calls
    with pytest.raises(GatewayRefused, match="paymentMethods"):  # the server has none
        await gateway.checkout(fake.credentials, replace(wanted(fake), coin="XMR.XMR"))


async def test_an_open_invoice_is_found_again_only_for_the_same(
    gateway: BTCPayGateway, fake: BTCPayFake
) -> None:
    first = await opened(gateway, fake)
    assert await opened(gateway, fake) == first
    others = [
        await gateway.checkout(fake.credentials, replace(wanted(fake), **change))
        for change in ({"coin": "BTC.BTC"}, {"amount": Money(500, "USD")}, {"amount": Money(999, "EUR")})
    ]
    assert len({first.ref, *(one.ref for one in others)}) == 4
    fake.expire(first.ref)
    assert (await opened(gateway, fake)).ref not in fake.checkouts()[:4], "one that ran out is no use"


async def test_money_the_network_has_not_settled_is_not_paid(
    gateway: BTCPayGateway, fake: BTCPayFake
) -> None:
    fake.unconfirmed = True
    checkout = await opened(gateway, fake)
    fake.pay(checkout.ref)
    assert states(await seen(gateway, fake, checkout.ref)) == {State.OPEN}
    fake.confirm(checkout.ref)
    (proof,) = await seen(gateway, fake, checkout.ref)
    assert (proof.state, proof.paid) == (State.PAID, fake.price)


async def test_late_money_counts_when_it_is_settled(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    fake.unconfirmed = True
    checkout = await opened(gateway, fake)
    fake.expire(checkout.ref)
    fake.pay(checkout.ref)
    assert states(await seen(gateway, fake, checkout.ref)) == {State.CLOSED}
    fake.confirm(checkout.ref)
    (proof,) = await seen(gateway, fake, checkout.ref)
    assert (proof.state, proof.charge_id, proof.paid) == (State.PAID, checkout.ref, fake.price)


async def test_a_part_is_said_when_the_time_is_over_and_the_whole_when_the_rest_comes(
    gateway: BTCPayGateway, fake: BTCPayFake
) -> None:
    checkout = await opened(gateway, fake)
    third = some(fake.price)
    fake.pay(checkout.ref, f"{third.amount:f}")
    assert states(await seen(gateway, fake, checkout.ref)) == {State.OPEN}, "the rest may come"
    fake.expire(checkout.ref)
    (part,) = paid(await seen(gateway, fake, checkout.ref))
    assert part.paid == third, "what came, not what was asked for"
    assert states(await seen(gateway, fake, checkout.ref)) == {State.PAID, State.CLOSED}
    fake.pay(checkout.ref, "6.66")
    (whole,) = await seen(gateway, fake, checkout.ref)
    assert (whole.state, whole.paid) == (State.PAID, fake.price)
    assert whole.charge_id != part.charge_id, "or the order would never be paid"


async def test_an_unsettled_rest_is_waited_for(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    checkout = await opened(gateway, fake)
    fake.pay(checkout.ref, "3.33")
    fake.expire(checkout.ref)
    fake.unconfirmed = True
    fake.pay(checkout.ref, "6.66")
    assert states(await seen(gateway, fake, checkout.ref)) == {State.CLOSED}


async def test_too_much_is_said_to_be_more(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    checkout = await opened(gateway, fake)
    fake.pay(checkout.ref, "15.00")
    (proof,) = await seen(gateway, fake, checkout.ref)
    assert (proof.state, proof.paid) == (State.PAID, Money(1500, "USD"))


async def test_the_owner_s_mark_counts(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    checkout = await opened(gateway, fake)
    fake.mark(checkout.ref, "Settled")
    (proof,) = await seen(gateway, fake, checkout.ref)
    assert (proof.state, proof.paid, proof.at) == (State.PAID, fake.price, None)
    with pytest.raises(GatewayRefused, match="No coins"):
        await gateway.refund(fake.credentials, Charge(checkout.ref, fake.price, "refund-1"))
    fake.mark(checkout.ref, "Invalid")
    assert states(await seen(gateway, fake, checkout.ref)) == {State.CLOSED}


async def test_a_refund_is_a_page_for_the_payer(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    charge = await charged(gateway, fake)
    page = await gateway.refund(fake.credentials, charge)
    assert page == await gateway.refund(fake.credentials, charge), "the same at every try"
    (call,) = fake.asked("/refund")
    assert (call.json["refundVariant"], call.json["payoutMethodId"]) == ("RateThen", "BTC-LN")
    assert page == fake.pulls[0]["viewLink"]
    (proof,) = proofs(await gateway.look(fake.credentials, charge.id), State.REFUNDED)
    assert proof.collect == page


async def test_tries_at_once_make_one_refund(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    charge = await charged(gateway, fake)
    pages = await asyncio.gather(*(gateway.refund(fake.credentials, charge) for _ in range(5)))
    assert len(set(pages)) == 1
    assert len(fake.pulls) == 1
    assert not gateway._refunding, "nothing is kept of it"


async def test_a_part_that_came_can_be_given_back(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    checkout = await opened(gateway, fake)
    fake.pay(checkout.ref, "3.33")
    fake.expire(checkout.ref)
    (part,) = paid(await gateway.look(fake.credentials, checkout.ref))
    assert part.charge_id is not None
    await gateway.refund(fake.credentials, Charge(part.charge_id, Money(333, "USD"), "refund-1"))
    (back,) = proofs(await gateway.look(fake.credentials, checkout.ref), State.REFUNDED)
    assert (back.charge_id, back.paid) == (part.charge_id, Money(333, "USD"))


async def test_a_surplus_given_back_is_no_whole_refund(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    checkout = await opened(gateway, fake)
    fake.pay(checkout.ref, "15.00")
    fake.refund(checkout.ref, "0.00007780")  # the 5.01 too many
    (back,) = proofs(await gateway.look(fake.credentials, checkout.ref), State.REFUNDED)
    assert back.paid == Money(500, "USD"), "rounded down"
    with pytest.raises(GatewayRefused, match="the rest there"):
        await gateway.refund(fake.credentials, Charge(checkout.ref, Money(1500, "USD"), "refund-1"))


async def test_a_refund_that_was_put_away_is_not_made_again(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    charge = await charged(gateway, fake)
    await gateway.refund(fake.credentials, charge)
    fake.pulls[0]["archived"] = True
    with pytest.raises(GatewayRefused, match="put this refund away"):
        await gateway.refund(fake.credentials, charge)
    assert len(fake.pulls) == 1
    assert states(await gateway.look(fake.credentials, charge.id)) == {State.PAID}


async def test_a_key_that_may_not_see_refunds_makes_none(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    charge = await charged(gateway, fake)
    fake.may_see_refunds = False
    assert states(await gateway.look(fake.credentials, charge.id)) == {State.PAID}, "but it takes money"
    with pytest.raises(GatewayRefused, match="Insufficient API Permissions"):
        await gateway.refund(fake.credentials, charge)
    assert not fake.pulls


def test_the_signature_is_made_as_githubs(gateway: BTCPayGateway) -> None:
    """BTCPay's reference says: like GitHub, whose documents have a secret, a text and its signature."""
    vector = Notification(
        {"btcpay-sig": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
        b"Hello, World!",
    )
    account = {"secret": "It's a Secret to Everybody"}
    with pytest.raises(BadSignature, match="no JSON"):  # signed well, but no event
        asyncio.run(gateway.notified(account, vector))
    with pytest.raises(BadSignature, match="wrong signature"):
        asyncio.run(gateway.notified(account, replace(vector, body=b"Hello, World")))


async def test_events_of_no_invoice_of_the_store_bring_no_news(
    gateway: BTCPayGateway, fake: BTCPayFake
) -> None:
    charge = await charged(gateway, fake)
    asked = len(fake.calls)
    event = json.loads(fake.events[-1].body)
    for change in (
        {"invoiceId": "__test__" + charge.id},  # BTCPay's button "send a test event"
        {"storeId": fake.other["store"]},
        {"type": "PayoutCreated", "invoiceId": None},
    ):
        letter = fake.sign(json.dumps(event | change).encode(), fake.credentials)
        assert not await gateway.notified(fake.credentials, letter)
    assert len(fake.calls) == asked


@pytest.mark.parametrize(
    "url",
    ["", "btcpay.example.org", "ftp://btcpay.example.org", "https://me:pw@btcpay.example.org",
     "https://btcpay.example.org/?x=", "https://btcpay.example.org/#x", "https://btcpay.example.org:22", "https://"],
)  # fmt: skip
async def test_addresses_that_are_none(gateway: BTCPayGateway, fake: BTCPayFake, url: str) -> None:
    with pytest.raises(GatewayRefused, match="address"):
        await gateway.verify({**fake.credentials, "url": url})
    with pytest.raises(GatewayRefused):
        await gateway.verify({**fake.credentials, "store": ".."})
    assert not fake.calls


@pytest.mark.parametrize(
    "url", ["{url}", "https://127.0.0.1:{port}", "https://[::1]:{port}", "https://169.254.169.254"]
)
async def test_nothing_of_ours_is_called_for_an_owner(fake: BTCPayFake, url: str) -> None:
    port = fake.url.rpartition(":")[2]
    async with GuardedSession.open() as guarded:
        gateway = BTCPayGateway(guarded)
        account: Credentials = {**fake.credentials, "url": url.format(url=fake.url, port=port)}
        for ask in (gateway.verify(account), gateway.look(account, "Inv1"), opened(gateway, fake)):
            with pytest.raises(GatewayRefused):
                await ask
    assert not fake.calls


async def test_pages_that_are_no_addresses_are_not_passed_on(
    gateway: BTCPayGateway, fake: BTCPayFake
) -> None:
    fake.url = "javascript:alert(1)//"
    with pytest.raises(GatewayRefused, match="proxy"):
        await opened(gateway, fake)


async def test_a_key_that_may_not_make_invoices_is_not_installed(
    gateway: BTCPayGateway, fake: BTCPayFake
) -> None:
    name = await gateway.verify(fake.credentials)
    assert name == fake.url.removeprefix("http://")
    assert not fake.checkouts(), "trying it makes none"
    fake.trouble("echo", path="/invoices", method="POST")
    fake.refusal = lambda words: aiohttp.web.json_response({"code": "missing-permission"}, status=403)
    with pytest.raises(GatewayRefused, match="missing-permission"):
        await gateway.verify(fake.credentials)


async def test_endless_answers_are_cut_off(gateway: BTCPayGateway, fake: BTCPayFake) -> None:
    checkout = await opened(gateway, fake)
    fake.sales[checkout.ref].asked["metadata"]["itemDesc"] = "x" * 5_000_000
    with pytest.raises(GatewayUnreachable, match="too long"):
        await gateway.look(fake.credentials, checkout.ref)
