"""Paystack on the wire: references, hundredths, refunds that fail."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from delivery.gateways.paystack import TRIES, PaystackGateway
from domain.errors import BadSignature, GatewayRefused, GatewayUnreachable
from domain.gateways import Notification, State
from domain.money import Money, money
from tests.gateways.asking import KEY, charged, opened, paid, proofs, some, states, wanted
from tests.gateways.fakes.paystack import PaystackFake


@pytest.fixture
async def fake() -> AsyncIterator[PaystackFake]:
    """Paystack."""
    async with PaystackFake() as fake:
        yield fake


@pytest.fixture
def gateway(fake: PaystackFake, session: aiohttp.ClientSession) -> PaystackGateway:
    """The gateway."""
    return PaystackGateway(session, fake.url, 5.0)


async def test_what_is_asked(fake: PaystackFake, gateway: PaystackGateway) -> None:
    await opened(gateway, fake)
    asked = fake.asked("initialize")[-1].json
    assert asked["amount"] == "500000", "hundredths, as digits"
    assert (asked["currency"], asked["email"], asked["reference"]) == ("NGN", "ann@example.org", KEY)
    assert asked["metadata"]["gatehouse_order"] == KEY


@pytest.mark.parametrize("currency", ["NGN", "GHS", "ZAR", "KES", "USD"])
async def test_every_currency_has_hundredths(
    fake: PaystackFake, gateway: PaystackGateway, currency: str
) -> None:
    asked = replace(wanted(fake), amount=money("12.34", currency))
    ref = (await gateway.checkout(fake.credentials, asked)).ref
    fake.pay(ref)
    (proof,) = paid(await gateway.look(fake.credentials, ref))
    assert proof.paid == Money(1234, currency)


async def test_no_address_is_paystack_s_to_refuse(fake: PaystackFake, gateway: PaystackGateway) -> None:
    with pytest.raises(GatewayRefused, match="Email"):
        await gateway.checkout(fake.credentials, replace(wanted(fake), email=None))


async def test_a_lost_page_is_replaced_by_another(fake: PaystackFake, gateway: PaystackGateway) -> None:
    refs = [(await opened(gateway, fake)).ref for _ in range(TRIES)]
    assert refs == [KEY, *(f"{KEY}.{number}" for number in range(2, TRIES + 1))]
    with pytest.raises(GatewayRefused):
        await opened(gateway, fake)
    fake.pay(refs[2])
    (proof,) = paid(await gateway.notified(fake.credentials, fake.notification()))
    assert (proof.ref, proof.order_key) == (refs[2], KEY)


async def test_a_transaction_that_only_claims_to_be_ours_is_not(
    fake: PaystackFake, gateway: PaystackGateway
) -> None:
    """Whoever may start transactions at this account can write what he likes into their metadata."""
    await gateway.checkout(fake.credentials, wanted(fake, "somebody-elses"))
    for metadata in ({"gatehouse_order": KEY}, {}, "", "no JSON", "[1]", 0, None, {"gatehouse_order": 5}):
        fake.sales["somebody-elses"].metadata = metadata
        fake.pay("somebody-elses")
        assert not await gateway.look(fake.credentials, "somebody-elses"), metadata


async def test_metadata_may_come_as_text(fake: PaystackFake, gateway: PaystackGateway) -> None:
    ref, _ = await charged(gateway, fake)
    fake.sales[ref].metadata = json.dumps(fake.sales[ref].metadata)
    (proof,) = paid(await gateway.look(fake.credentials, ref))
    assert proof.order_key == KEY


@pytest.mark.parametrize("status", ["ongoing", "pending", "processing", "queued", "abandoned", "a new word"])
async def test_only_success_is_success(fake: PaystackFake, gateway: PaystackGateway, status: str) -> None:
    ref, _ = await charged(gateway, fake)
    fake.sales[ref].state = status
    assert states(await gateway.look(fake.credentials, ref)) == {State.OPEN}


async def test_signatures_are_those_of_the_documentation(
    fake: PaystackFake, gateway: PaystackGateway
) -> None:
    """Counted here by hand: HMAC-SHA512 over the body under the secret key, in hex."""
    await charged(gateway, fake)
    body, key = fake.events[-1].body, fake.credentials["secret_key"].encode()
    right = hmac.new(key, body, hashlib.sha512).hexdigest()
    good = Notification({"x-paystack-signature": right}, body)
    assert len(paid(await gateway.notified(fake.credentials, good))) == 1
    for wrong in (right.upper(), right[:-1], right + "0", hmac.new(key, body, hashlib.sha256).hexdigest()):
        with pytest.raises(BadSignature):
            await gateway.notified(fake.credentials, replace(good, headers={"x-paystack-signature": wrong}))


async def test_a_failed_refund_is_back_with_the_owner(fake: PaystackFake, gateway: PaystackGateway) -> None:
    ref, charge = await charged(gateway, fake)
    fake.refund(charge.id, f"{some(charge.amount).amount:f}")
    fake.sales[ref].refunds[-1]["status"] = "failed"
    assert states(await gateway.look(fake.credentials, ref)) == {State.PAID}
    fake.sales[ref].refunds[-1] |= {"status": "pending", "amount": str(some(charge.amount).minor)}
    (proof,) = proofs(await gateway.look(fake.credentials, ref), State.REFUNDED)
    assert proof.paid == some(charge.amount), "digits count as well as a number"


async def test_other_people_s_refunds_do_not_count(fake: PaystackFake, gateway: PaystackGateway) -> None:
    first, charge = await charged(gateway, fake)
    await gateway.checkout(fake.credentials, wanted(fake, "second"))
    other = fake.pay("second")
    fake.refund(other, "100")
    assert states(await gateway.look(fake.credentials, first)) == {State.PAID}
    await gateway.refund(fake.credentials, charge)
    assert fake.paid_back(charge.id) == charge.amount
    assert fake.paid_back(other) == Money(10_000, "NGN")


async def test_a_reversed_transaction_has_gone_back_as_a_whole(
    fake: PaystackFake, gateway: PaystackGateway
) -> None:
    ref, charge = await charged(gateway, fake)
    fake.sales[ref].state = "reversed"
    (proof,) = proofs(await gateway.look(fake.credentials, ref), State.REFUNDED)
    assert proof.paid == charge.amount
    await gateway.refund(fake.credentials, charge)
    assert not [call for call in fake.asked("/refund") if call.method == "POST"]


@pytest.mark.parametrize("amount", [12.5, "5000", None, True, -5, 10**30])
async def test_an_amount_that_is_none_proves_nothing(
    fake: PaystackFake, gateway: PaystackGateway, amount: Any
) -> None:
    ref, _ = await charged(gateway, fake)
    fake.shown_amount = amount
    with pytest.raises(GatewayUnreachable):
        await gateway.look(fake.credentials, ref)


async def test_no_is_no_even_with_status_200(fake: PaystackFake, gateway: PaystackGateway) -> None:
    fake.says_no_politely = True
    with pytest.raises(GatewayRefused, match="politely"):
        await gateway.verify(fake.credentials)


async def test_the_account_is_named_by_mode_and_currencies(
    fake: PaystackFake, gateway: PaystackGateway
) -> None:
    assert await gateway.verify(fake.credentials) == "Paystack test (NGN)"
    assert not await gateway.look_subscription(fake.credentials, "SUB_x"), "there are none"
