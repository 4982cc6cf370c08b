"""YooKassa on the wire: receipts, addresses, keys that make a request count once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_address, ip_network

import aiohttp
import pytest

from delivery.gateways.yookassa import YooKassaGateway, from_yookassa
from domain.errors import BadSignature, GatewayRefused, GatewayUnreachable
from domain.gateways import Charge, State
from domain.money import Money
from tests.gateways.asking import KEY, opened, paid, proofs, states, wanted
from tests.gateways.fakes import YooKassaFake
from tests.gateways.fakes.yookassa import PEER

CREDENTIALS = YooKassaFake.credentials
PLAIN = {**CREDENTIALS, "vat": "none"}
# https://yookassa.ru/developers/using-api/webhooks#ip
PUBLISHED = [
    "185.71.76.0/27",
    "185.71.77.0/27",
    "77.75.153.0/25",
    "77.75.156.11",
    "77.75.156.35",
    "77.75.154.128/25",
    "2a02:5180::/32",
]


@pytest.fixture
async def fake() -> AsyncIterator[YooKassaFake]:
    async with YooKassaFake() as fake:
        yield fake


@pytest.fixture
def gateway(fake: YooKassaFake, session: aiohttp.ClientSession) -> YooKassaGateway:
    return YooKassaGateway(session, fake.url)


async def charged(gateway: YooKassaGateway, fake: YooKassaFake) -> Charge:
    return Charge(fake.pay((await opened(gateway, fake)).ref), fake.price, "refund-1", 77)


@pytest.mark.parametrize("published", PUBLISHED)
def test_published_addresses_and_no_others_are_yookassas(published: str) -> None:
    network = ip_network(published)
    for inside in (network[0], network[-1]):
        assert from_yookassa(str(inside))
        assert inside.version == 6 or from_yookassa(f"::ffff:{inside}"), "as a dual-stack socket has it"
    for outside in (int(network[0]) - 1, int(network[-1]) + 1):
        address = ip_address(outside) if network.version == 4 else ip_address(outside.to_bytes(16))
        assert not from_yookassa(str(address))


@pytest.mark.parametrize("peer", ["", "unknown", "localhost", "127.0.0.1", "::1", f"{PEER}, 1.1.1.1", "0"])
async def test_what_comes_from_elsewhere_is_not_looked_at(
    gateway: YooKassaGateway, fake: YooKassaFake, peer: str
) -> None:
    fake.pay((await opened(gateway, fake)).ref)
    asked = len(fake.calls)
    with pytest.raises(BadSignature):
        await gateway.notified(CREDENTIALS, replace(fake.notification(), peer=peer))
    assert len(fake.calls) == asked


async def test_the_caller_s_word_about_his_address_is_not_taken(
    gateway: YooKassaGateway, fake: YooKassaFake
) -> None:
    fake.pay((await opened(gateway, fake)).ref)
    forged = replace(fake.notification(), peer="203.0.113.9", headers={"x-forwarded-for": PEER})
    with pytest.raises(BadSignature):
        await gateway.notified(CREDENTIALS, forged)


async def test_a_payment_as_it_is_asked_for(gateway: YooKassaGateway, fake: YooKassaFake) -> None:
    order = replace(wanted(fake), title="Золото " * 40, locale="ru")
    await gateway.checkout(CREDENTIALS, order)
    call = fake.calls[-1]
    assert call.headers["idempotence-key"] == KEY
    assert call.json["amount"] == {"value": "999.00", "currency": "RUB"}
    assert call.json["capture"] is True
    assert call.json["metadata"] == {"order": KEY}
    assert call.json["confirmation"] == {
        "type": "redirect",
        "return_url": order.return_url,
        "locale": "ru_RU",
    }
    assert len(call.json["description"]) == 128


@pytest.mark.parametrize("vat", [str(code) for code in range(1, 13)])
async def test_a_receipt_is_sent_with_every_rate(
    gateway: YooKassaGateway, fake: YooKassaFake, vat: str
) -> None:
    await gateway.checkout({**CREDENTIALS, "vat": vat}, wanted(fake))
    receipt = fake.calls[-1].json["receipt"]
    assert receipt["customer"] == {"email": "ann@example.org"}
    (line,) = receipt["items"]
    assert (line["amount"]["value"], line["vat_code"]) == ("999.00", int(vat))
    assert vat in next(one for one in gateway.traits.fields if one.name == "vat").choices


async def test_no_receipt_where_none_is_wanted(gateway: YooKassaGateway, fake: YooKassaFake) -> None:
    fake.receipts_needed = False
    await gateway.checkout(PLAIN, wanted(fake))
    assert "receipt" not in fake.calls[-1].json


async def test_a_receipt_needs_somebody_to_send_it_to(gateway: YooKassaGateway, fake: YooKassaFake) -> None:
    assert gateway.traits.requires_email
    with pytest.raises(GatewayRefused, match="email"):
        await gateway.checkout(CREDENTIALS, replace(wanted(fake), email=None))
    assert not fake.calls


async def test_a_shop_under_54_fz_is_not_installed_without_its_rate(
    gateway: YooKassaGateway, fake: YooKassaFake
) -> None:
    with pytest.raises(GatewayRefused, match="VAT"):
        await gateway.verify(PLAIN)
    fake.receipts_needed = False
    assert await gateway.verify(PLAIN) == "100500 (test)"


@pytest.mark.parametrize("amount", [Money(100, "GBP"), Money(5, "XTR"), Money(1, "BTC")], ids=str)
async def test_currencies_there_are_not(gateway: YooKassaGateway, fake: YooKassaFake, amount: Money) -> None:
    with pytest.raises(GatewayRefused):
        await gateway.checkout(CREDENTIALS, replace(wanted(fake), amount=amount))
    assert not fake.calls


async def test_a_checkout_that_ran_out_is_opened_anew(gateway: YooKassaGateway, fake: YooKassaFake) -> None:
    """YooKassa closes its page after an hour, and the same key would bring the closed one again."""
    first = await opened(gateway, fake)
    fake.expire(first.ref)
    second = await opened(gateway, fake)
    assert second.ref != first.ref
    assert await opened(gateway, fake) == second, "as long as it is open"
    fake.pay(second.ref)
    assert [one.order_key for one in paid(await gateway.look(CREDENTIALS, second.ref))] == [KEY]
    assert states(await gateway.look(CREDENTIALS, first.ref)) == {State.CLOSED}


async def test_a_paid_order_gets_no_further_checkout(gateway: YooKassaGateway, fake: YooKassaFake) -> None:
    fake.pay((await opened(gateway, fake)).ref)
    with pytest.raises(GatewayRefused, match="paid already"):
        await opened(gateway, fake)
    assert len(fake.checkouts()) == 1


async def test_checkouts_do_not_go_on_for_ever(gateway: YooKassaGateway, fake: YooKassaFake) -> None:
    for _ in range(5):
        fake.expire((await opened(gateway, fake)).ref)
    with pytest.raises(GatewayRefused, match="new order"):
        await opened(gateway, fake)
    assert len(fake.checkouts()) == 5


async def test_long_keys_are_shortened_and_stay_apart(gateway: YooKassaGateway, fake: YooKassaFake) -> None:
    first, second = [await opened(gateway, fake, "k" * 80 + end) for end in "ab"]
    assert first != second
    assert await opened(gateway, fake, "k" * 80 + "a") == first
    assert all(len(call.headers["idempotence-key"]) <= 64 for call in fake.calls)


async def test_held_money_is_not_paid(gateway: YooKassaGateway, fake: YooKassaFake) -> None:
    checkout = await opened(gateway, fake)
    fake.sales[checkout.ref].shown |= {"status": "waiting_for_capture", "paid": True}
    assert states(await gateway.look(CREDENTIALS, checkout.ref)) == {State.OPEN}


async def test_a_payment_of_another_program_is_none_of_ours(
    gateway: YooKassaGateway, fake: YooKassaFake
) -> None:
    checkout = await opened(gateway, fake)
    fake.sales[checkout.ref].shown["metadata"] = {"invoice": "7"}
    fake.pay(checkout.ref)
    assert not await gateway.notified(CREDENTIALS, fake.notification())


@pytest.mark.parametrize(
    "amount", [{"value": 999.0, "currency": "RUB"}, {"value": "999.001", "currency": "RUB"}]
)
async def test_sums_nobody_understands_prove_nothing(
    gateway: YooKassaGateway, fake: YooKassaFake, amount: dict[str, object]
) -> None:
    checkout = await opened(gateway, fake)
    fake.pay(checkout.ref)
    fake.sales[checkout.ref].shown["amount"] = amount
    if isinstance(amount["value"], float):  # read as an exact number
        assert paid(await gateway.look(CREDENTIALS, checkout.ref))[0].paid == fake.price
        return
    with pytest.raises(GatewayUnreachable):
        await gateway.look(CREDENTIALS, checkout.ref)


async def test_a_whole_refund_leaves_the_receipt_to_yookassa(
    gateway: YooKassaGateway, fake: YooKassaFake
) -> None:
    charge = await charged(gateway, fake)
    await gateway.refund(CREDENTIALS, charge)
    (call,) = [call for call in fake.asked("/refunds") if call.method == "POST"]
    assert call.json == {"payment_id": charge.id, "amount": {"value": "999.00", "currency": "RUB"}}
    assert call.headers["idempotence-key"] == "refund-1"


async def test_a_refund_under_way_is_not_done_and_not_begun_again(
    gateway: YooKassaGateway, fake: YooKassaFake
) -> None:
    charge = await charged(gateway, fake)
    fake.next_refund = "pending"
    for _ in range(3):
        with pytest.raises(GatewayUnreachable):
            await gateway.refund(CREDENTIALS, charge)
    sale = fake.sales[charge.id]
    assert len(sale.refunds) == 1
    assert not proofs(await gateway.look(CREDENTIALS, charge.id), State.REFUNDED)
    sale.refunds[0]["status"] = "succeeded"
    sale.shown["refunded_amount"] = sale.shown["amount"]
    await gateway.refund(CREDENTIALS, charge)
    assert len(sale.refunds) == 1


async def test_a_canceled_refund_can_be_tried_again(gateway: YooKassaGateway, fake: YooKassaFake) -> None:
    charge = await charged(gateway, fake)
    for _ in range(2):
        fake.next_refund = "canceled"
        with pytest.raises(GatewayRefused, match="insufficient_funds"):
            await gateway.refund(CREDENTIALS, charge)
    assert not fake.paid_back(charge.id).minor
    await gateway.refund(CREDENTIALS, charge)
    assert fake.paid_back(charge.id) == fake.price
