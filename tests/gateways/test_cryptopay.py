"""Crypto Pay on the wire. `aiosend`, a client by others, is the judge of requests, answers and signatures."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiosend import CryptoPay
from aiosend.types import Invoice, Transfer

from delivery.gateways.cryptopay import CryptoPayGateway
from domain.errors import BadSignature, GatewayRefused, GatewayUnreachable
from domain.gateways import Charge, Notification, State
from domain.money import Money
from tests.gateways.asking import KEY, opened, paid, states, wanted
from tests.gateways.fakes import CryptoPayFake

CREDENTIALS = CryptoPayFake.credentials


@pytest.fixture
async def fake() -> AsyncIterator[CryptoPayFake]:
    async with CryptoPayFake() as fake:
        yield fake


@pytest.fixture
def gateway(fake: CryptoPayFake, session: aiohttp.ClientSession) -> CryptoPayGateway:
    return CryptoPayGateway(session, fake.url, "http://127.0.0.1:1")


async def refunded(gateway: CryptoPayGateway, fake: CryptoPayFake, member_id: int | None = 77) -> Charge:
    charge = Charge(fake.pay((await opened(gateway, fake)).ref), fake.price, "refund-1", member_id)
    await gateway.refund(CREDENTIALS, charge)
    return charge


async def test_requests_are_what_another_client_would_send(
    gateway: CryptoPayGateway, fake: CryptoPayFake
) -> None:
    await opened(gateway, fake)
    sent = fake.calls[-1].json
    unused = dict.fromkeys(("asset", "swap_to", "hidden_message", "allow_anonymous"))
    theirs = json.loads(
        CryptoPay.CreateInvoiceMethod(**unused, **sent | {"accepted_assets": ["USDT"]}).model_dump_json(
            exclude_none=True
        )
    )
    assert theirs.pop("amount") == pytest.approx(9.99), "a float there"
    assert sent.pop("amount") == "9.99", "exact here"
    assert sent == theirs
    assert (sent["fiat"], sent["payload"], sent["accepted_assets"]) == ("USD", KEY, "USDT")
    assert (sent["paid_btn_name"], sent["expires_in"]) == ("openBot", 86_400)


async def test_the_stand_in_answers_what_another_client_understands(
    gateway: CryptoPayGateway, fake: CryptoPayFake
) -> None:
    charge = await refunded(gateway, fake)
    invoice = Invoice.model_validate(fake.sales[charge.id].shown, context={"client": None})
    assert (invoice.status, invoice.paid_asset, invoice.payload) == ("paid", "USDT", KEY)
    Transfer.model_validate(fake.transfers[0][1], context={"client": None})


@pytest.mark.parametrize("body", [b'{"update_id":1}', "«ё»".encode(), b"", b"\x00\xff"])
def test_signatures_of_the_stand_in_are_those_of_another_client(body: bytes) -> None:
    oracle: Any = CryptoPay._check_signature
    token = SimpleNamespace(_token=CREDENTIALS["token"])
    signed = CryptoPayFake().sign(body, CREDENTIALS)
    assert oracle(token, body, signed.headers)
    assert not oracle(token, body + b" ", signed.headers)


async def test_a_late_notification_is_believed(gateway: CryptoPayGateway, fake: CryptoPayFake) -> None:
    """Crypto Pay tries for three days; what an update says does not matter, only what is true now."""
    checkout = await opened(gateway, fake)
    fake.pay(checkout.ref)
    event = json.loads(fake.events[-1].body) | {"request_date": "2020-01-01T00:00:00.000Z"}
    old = fake.sign(json.dumps(event).encode(), CREDENTIALS)
    assert len(paid(await gateway.notified(CREDENTIALS, old))) == 1


async def test_a_signature_by_the_bare_token_is_refused(
    gateway: CryptoPayGateway, fake: CryptoPayFake
) -> None:
    fake.pay((await opened(gateway, fake)).ref)
    body = fake.events[-1].body
    wrong = hmac.new(CREDENTIALS["token"].encode(), body, hashlib.sha256).hexdigest()
    with pytest.raises(BadSignature):
        await gateway.notified(CREDENTIALS, Notification({"crypto-pay-api-signature": wrong}, body))


async def test_other_updates_bring_no_news(gateway: CryptoPayGateway, fake: CryptoPayFake) -> None:
    fake.pay((await opened(gateway, fake)).ref)
    event = json.loads(fake.events[-1].body) | {"update_type": "invoice_created"}
    assert not await gateway.notified(CREDENTIALS, fake.sign(json.dumps(event).encode(), CREDENTIALS))


async def test_an_invoice_of_another_program_is_none_of_ours(
    gateway: CryptoPayGateway, fake: CryptoPayFake
) -> None:
    ref = (await opened(gateway, fake)).ref
    del fake.sales[ref].shown["payload"]
    fake.pay(ref)
    assert not await gateway.look(CREDENTIALS, ref)


async def test_the_test_network_is_another_address(session: aiohttp.ClientSession) -> None:
    async with CryptoPayFake() as real, CryptoPayFake() as play:
        gateway = CryptoPayGateway(session, real.url, play.url)
        playing = {**CREDENTIALS, "network": "testnet"}
        assert "testnet" in await gateway.verify(playing)
        assert "testnet" not in await gateway.verify(CREDENTIALS)
        await gateway.checkout(playing, wanted(play))
        assert (len(real.calls), len(play.calls)) == (1, 2)
        assert not real.checkouts(), "play money buys nothing in the real network"


async def test_a_price_in_bitcoin_is_an_invoice_in_bitcoin(
    gateway: CryptoPayGateway, fake: CryptoPayFake
) -> None:
    order = replace(wanted(fake), amount=Money(1, "BTC"), coin=None)
    checkout = await gateway.checkout(CREDENTIALS, order)
    sent = fake.calls[-1].json
    assert (sent["currency_type"], sent["asset"], sent["amount"]) == ("crypto", "BTC", "0.00000001")
    fake.pay(checkout.ref)
    (proof,) = paid(await gateway.look(CREDENTIALS, checkout.ref))
    assert proof.paid == Money(1, "BTC")
    await gateway.refund(CREDENTIALS, Charge(checkout.ref, order.amount, "refund-1", 77))
    assert fake.transfers[0][1]["amount"] == "0.00000001"


@pytest.mark.parametrize(
    "change",
    [
        {"coin": "DOGE"},
        {"amount": Money(999, "JPY")},
        {"amount": Money(5, "XTR")},
        {"amount": Money(100_000, "BTC"), "coin": "USDT"},
    ],
    ids=str,
)
async def test_what_there_is_not_is_refused_without_asking(
    gateway: CryptoPayGateway, fake: CryptoPayFake, change: dict[str, Any]
) -> None:
    with pytest.raises(GatewayRefused):
        await gateway.checkout(CREDENTIALS, replace(wanted(fake), **change))
    assert not fake.calls


async def test_long_words_and_times_are_cut(gateway: CryptoPayGateway, fake: CryptoPayFake) -> None:
    await gateway.checkout(CREDENTIALS, replace(wanted(fake), title="é" * 2000, hours=10_000))
    assert len(fake.calls[-1].json["description"]) == 1024
    assert fake.calls[-1].json["expires_in"] == 2_678_400


async def test_a_no_with_status_200_is_a_no(gateway: CryptoPayGateway, fake: CryptoPayFake) -> None:
    for code, error in ((400, GatewayRefused), (429, GatewayUnreachable), (500, GatewayUnreachable)):
        body = {"ok": False, "error": {"code": code, "name": f"NO {CREDENTIALS['token']}"}}
        fake.refusal = lambda words, status=400, body=body: aiohttp.web.json_response(body)
        fake.trouble("echo")
        with pytest.raises(error) as caught:
            await gateway.verify(CREDENTIALS)
        assert caught.value.words == "NO …"


async def test_what_came_goes_back_in_the_same_coin(gateway: CryptoPayGateway, fake: CryptoPayFake) -> None:
    charge = await refunded(gateway, fake)
    ((whose, sent),) = fake.transfers
    came = fake.sales[charge.id].shown
    assert whose == CREDENTIALS
    assert (sent["user_id"], sent["asset"]) == (77, "USDT")
    assert Decimal(sent["amount"]) == Decimal(came["paid_amount"])
    assert states(await gateway.look(CREDENTIALS, charge.id)) == {State.PAID, State.REFUNDED}


async def test_nothing_goes_back_to_nobody(gateway: CryptoPayGateway, fake: CryptoPayFake) -> None:
    with pytest.raises(GatewayRefused, match="by hand"):
        await refunded(gateway, fake, member_id=None)
    assert not fake.transfers


async def test_the_same_charge_goes_back_once_under_any_key(
    gateway: CryptoPayGateway, fake: CryptoPayFake
) -> None:
    charge = await refunded(gateway, fake)
    await gateway.refund(CREDENTIALS, replace(charge, key="refund-2", member_id=78))
    assert len(fake.transfers) == 1


async def test_an_unpaid_invoice_is_not_refunded(gateway: CryptoPayGateway, fake: CryptoPayFake) -> None:
    ref = (await opened(gateway, fake)).ref
    with pytest.raises(GatewayRefused):
        await gateway.refund(CREDENTIALS, Charge(ref, fake.price, "refund-1", 77))
    assert not fake.transfers


async def test_transfers_switched_off_are_said_to_be(gateway: CryptoPayGateway, fake: CryptoPayFake) -> None:
    fake.transfers_allowed = False
    with pytest.raises(GatewayRefused) as caught:
        await refunded(gateway, fake)
    assert caught.value.words == "METHOD_DISABLED"


async def test_transfers_of_others_are_not_taken_for_this_one(
    gateway: CryptoPayGateway, fake: CryptoPayFake
) -> None:
    """Before its version 1.5 the API had no filter by `spend_id`, and answers all transfers."""
    fake.filters_transfers = False
    first = await refunded(gateway, fake)
    second = await refunded(gateway, fake)
    assert len(fake.transfers) == 2, "the first is not the second's"
    third = fake.pay((await opened(gateway, fake)).ref)
    assert states(await gateway.look(CREDENTIALS, third)) == {State.PAID}
    for charge in (first, second):
        assert states(await gateway.look(CREDENTIALS, charge.id)) == {State.PAID, State.REFUNDED}
