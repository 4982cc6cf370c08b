"""PayPal on the wire: tokens, taking the money, and whose events are whose."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from delivery.gateways.paypal import EVENTS, PayPalGateway
from domain.clock import SystemClock
from domain.errors import BadSignature, GatewayRefused, GatewayUnreachable
from domain.gateways import HookMaker, State
from domain.money import money
from tests.gateways.asking import KEY, charged, opened, paid, proofs, states, wanted
from tests.gateways.fakes.paypal import PayPalFake


@pytest.fixture
async def fake() -> AsyncIterator[PayPalFake]:
    """PayPal."""
    async with PayPalFake() as fake:
        yield fake


@pytest.fixture
def gateway(fake: PayPalFake, session: aiohttp.ClientSession) -> PayPalGateway:
    """The gateway."""
    return PayPalGateway(session, SystemClock(), fake.url, fake.url, 5.0)


@pytest.mark.parametrize(
    ("amount", "currency", "value"),
    [("9.99", "USD", "9.99"), ("10", "EUR", "10.00"), ("500", "JPY", "500"), ("700", "HUF", "700")],
)
async def test_amounts_are_written_as_paypal_wants_them(
    fake: PayPalFake, gateway: PayPalGateway, amount: str, currency: str, value: str
) -> None:
    checkout = await gateway.checkout(fake.credentials, replace(wanted(fake), amount=money(amount, currency)))
    unit = fake.asked("/v2/checkout/orders")[-1].json["purchase_units"][0]
    assert unit["amount"] == {"currency_code": currency, "value": value}
    fake.pay(checkout.ref)
    (proof,) = paid(await gateway.look(fake.credentials, checkout.ref))
    assert proof.paid == money(amount, currency)


async def test_a_fraction_that_paypal_does_not_take_is_refused(
    fake: PayPalFake, gateway: PayPalGateway
) -> None:
    with pytest.raises(GatewayRefused):
        await gateway.checkout(fake.credentials, replace(wanted(fake), amount=money("700.50", "HUF")))
    assert not fake.asked("orders")


async def test_what_is_asked(fake: PayPalFake, gateway: PayPalGateway) -> None:
    await opened(gateway, fake)
    call = fake.asked("/v2/checkout/orders")[-1]
    unit = call.json["purchase_units"][0]
    assert call.json["intent"] == "CAPTURE"
    assert call.headers["paypal-request-id"] == KEY
    assert (unit["custom_id"], unit["invoice_id"]) == (f"gatehouse:{KEY}", KEY)
    context = call.json["payment_source"]["paypal"]["experience_context"]
    assert (context["user_action"], context["shipping_preference"]) == ("PAY_NOW", "NO_SHIPPING")


async def test_a_token_serves_many_calls_and_one_account(fake: PayPalFake, gateway: PayPalGateway) -> None:
    for number in range(3):
        await gateway.checkout(fake.credentials, wanted(fake, f"a{number}"))
        await gateway.checkout(fake.other, wanted(fake, f"b{number}"))
    assert len(fake.asked("oauth2")) == 2
    assert [fake.account_of(ref) for ref in fake.checkouts()] == [fake.credentials, fake.other] * 3
    await gateway.checkout({**fake.credentials, "mode": "live"}, wanted(fake, "c"))
    assert len(fake.asked("oauth2")) == 3, "live and sandbox have tokens of their own"


async def test_a_token_that_ended_early_is_replaced(fake: PayPalFake, gateway: PayPalGateway) -> None:
    await gateway.verify(fake.credentials)
    fake.tokens.clear()
    await gateway.verify(fake.credentials)
    assert len(fake.asked("oauth2")) == 2
    fake.trouble("echo", path="webhooks", times=5)
    with pytest.raises(GatewayRefused):
        await gateway.verify(fake.credentials)
    assert len(fake.asked("oauth2")) == 2, "a refusal is none of the token's"


@pytest.mark.parametrize("mode", ["", "LIVE", "production"])
async def test_there_are_two_modes(fake: PayPalFake, gateway: PayPalGateway, mode: str) -> None:
    with pytest.raises(GatewayRefused):
        await gateway.verify({**fake.credentials, "mode": mode})
    assert not fake.calls


@pytest.mark.parametrize("name", ["a:b", "a\r\nb"])
async def test_no_name_breaks_the_request(fake: PayPalFake, gateway: PayPalGateway, name: str) -> None:
    with pytest.raises(GatewayRefused):
        await gateway.verify({**fake.credentials, "client_id": name})


async def test_money_is_taken_when_the_payer_has_approved(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref = (await opened(gateway, fake)).ref
    await gateway.look(fake.credentials, ref)
    assert not fake.asked("capture")
    fake.pay(ref)
    assert fake.orders[ref].capture is None
    assert len(paid(await gateway.notified(fake.credentials, fake.notification(0)))) == 1
    assert len(fake.asked("/capture")) == 1


async def test_two_who_look_at_once_take_it_once(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref = (await opened(gateway, fake)).ref
    fake.pay(ref)
    looks = await asyncio.gather(*(gateway.look(fake.credentials, ref) for _ in range(4)))
    assert {proof.charge_id for news in looks for proof in paid(news)} == {f"CAP{ref}"}
    assert all(paid(news) for news in looks)


async def test_money_taken_without_an_answer_is_found(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref = (await opened(gateway, fake)).ref
    fake.pay(ref)
    fake.trouble("cut", path="/capture", method="POST", done=True)
    with pytest.raises(GatewayUnreachable):
        await gateway.look(fake.credentials, ref)
    assert len(paid(await gateway.look(fake.credentials, ref))) == 1


async def test_nothing_is_taken_of_orders_that_are_not_ours(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref = (await opened(gateway, fake)).ref
    fake.orders[ref].unit["custom_id"] = KEY
    fake.pay(ref)
    assert not await gateway.look(fake.credentials, ref)
    assert not await gateway.notified(fake.credentials, fake.notification())
    assert not fake.asked("/capture")


async def test_a_declined_card_leaves_the_order_open(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref = (await opened(gateway, fake)).ref
    fake.pay(ref)
    fake.orders[ref].decline = "INSTRUMENT_DECLINED"
    assert states(await gateway.look(fake.credentials, ref)) == {State.OPEN}
    fake.orders[ref].decline = ""
    assert len(paid(await gateway.look(fake.credentials, ref))) == 1


async def test_a_restricted_shop_is_told_so(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref = (await opened(gateway, fake)).ref
    fake.pay(ref)
    fake.orders[ref].decline = "PAYEE_ACCOUNT_RESTRICTED"
    with pytest.raises(GatewayRefused, match="PAYEE_ACCOUNT_RESTRICTED"):
        await gateway.look(fake.credentials, ref)


async def test_one_order_of_ours_is_paid_once_even_after_paypal_forgot_its_key(
    fake: PayPalFake, gateway: PayPalGateway
) -> None:
    first = (await opened(gateway, fake)).ref
    fake.done.clear()
    second = (await opened(gateway, fake)).ref
    assert first != second
    fake.pay(first)
    fake.pay(second)
    assert len(paid(await gateway.look(fake.credentials, first))) == 1
    with pytest.raises(GatewayRefused, match="DUPLICATE_INVOICE_ID"):
        await gateway.look(fake.credentials, second)


async def test_a_capture_that_waits_proves_nothing(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref, _ = await charged(gateway, fake)
    capture = fake.orders[ref].capture
    assert capture is not None
    for status, state in (("PENDING", State.OPEN), ("DECLINED", State.CLOSED), ("FAILED", State.CLOSED)):
        capture["status"] = status
        assert states(await gateway.look(fake.credentials, ref)) == {state}


async def test_money_that_was_reversed_has_gone_back(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref, charge = await charged(gateway, fake)
    capture = fake.orders[ref].capture
    assert capture is not None
    capture["status"] = "REFUNDED"  # and no refund is listed
    (proof,) = proofs(await gateway.look(fake.credentials, ref), State.REFUNDED)
    assert (proof.charge_id, proof.paid) == (charge.id, charge.amount)


async def test_the_bytes_are_checked_that_came(fake: PayPalFake, gateway: PayPalGateway) -> None:
    """Written anew, 1.10 would be 1.1, and the signature wrong."""
    ref, _ = await charged(gateway, fake)
    told = json.dumps({"id": ref, "note": "é"}, ensure_ascii=False)
    body = f'{{ "event_type":"CHECKOUT.ORDER.APPROVED",\n "resource" : {told}, "x":1.10, "x":1.1e2}}'.encode()
    news = await gateway.notified(fake.credentials, fake.sign(body, fake.credentials))
    assert len(paid(news)) == 1
    assert body in fake.asked("verify-webhook-signature")[-1].body


async def test_a_body_cannot_break_out_of_the_question(fake: PayPalFake, gateway: PayPalGateway) -> None:
    await charged(gateway, fake)
    true = fake.notification()
    for more in (b',"webhook_id":"9XL90610J3647323C"', b'}, "webhook_event": {', b" {}", b"\x00"):
        with pytest.raises(BadSignature):
            await gateway.notified(fake.credentials, replace(true, body=true.body + more))
    assert not fake.asked("verify-webhook-signature"), "and PayPal is not even asked"


async def test_without_a_webhook_id_nothing_is_believed(fake: PayPalFake, gateway: PayPalGateway) -> None:
    await charged(gateway, fake)
    known = {name: value for name, value in fake.credentials.items() if name != "webhook_id"}
    for bare in (known, {**known, "webhook_id": ""}):
        with pytest.raises(BadSignature):
            await gateway.notified(bare, fake.notification())


async def test_an_inquiry_holds_no_money(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref, charge = await charged(gateway, fake)
    fake.dispute(charge.id)
    dispute = next(iter(fake.disputes_by_id.values()))
    dispute["dispute_life_cycle_stage"] = "INQUIRY"
    assert states(await gateway.notified(fake.credentials, fake.notification())) == {State.PAID}
    dispute["dispute_life_cycle_stage"] = "PRE_ARBITRATION"
    assert State.DISPUTED in states(await gateway.look(fake.credentials, ref))


async def test_disputes_nobody_may_read_stop_nothing(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref, charge = await charged(gateway, fake)
    fake.dispute(charge.id)
    fake.sees_disputes = False
    assert states(await gateway.look(fake.credentials, ref)) == {State.PAID}


async def test_the_hook_is_made_by_us(fake: PayPalFake, gateway: PayPalGateway) -> None:
    assert isinstance(gateway, HookMaker)
    made = await gateway.make_hook(fake.credentials, "https://bots.example.org/pay/abc")
    again = await gateway.make_hook(made, "https://bots.example.org/pay/abc")
    await gateway.make_hook(made, "https://bots.example.org/pay/other")
    assert made["webhook_id"] != again["webhook_id"]
    assert again["webhook_id"] in fake.hooks
    assert len(fake.hooks) == 2
    assert [one["name"] for one in fake.hooks[again["webhook_id"]]["event_types"]] == list(EVENTS)
