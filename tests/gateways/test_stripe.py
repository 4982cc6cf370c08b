"""Stripe on the wire: what is asked, how it counts, and what its objects mean."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qsl

import aiohttp
import pytest

from delivery.gateways.stripe import EVENTS, StripeGateway
from domain.errors import BadSignature, GatewayRefused, GatewayUnreachable
from domain.gateways import Charge, HookMaker, Notification, State, SubscriptionNews
from tests.clock import TestClock
from tests.gateways.asking import KEY, charged, endings, opened, paid, proofs, states, wanted
from tests.gateways.fakes.stripe import StripeFake


@pytest.fixture
async def fake() -> AsyncIterator[StripeFake]:
    """Stripe."""
    async with StripeFake() as fake:
        yield fake


@pytest.fixture
def gateway(fake: StripeFake, session: aiohttp.ClientSession, clock: TestClock) -> StripeGateway:
    """The gateway, with a clock that can be moved."""
    return StripeGateway(session, clock, fake.url, 5.0)


def sent(fake: StripeFake, path: str) -> dict[str, str]:
    """The form of the last call to a path."""
    return dict(parse_qsl(fake.asked(path)[-1].body.decode()))


async def test_what_is_asked(fake: StripeFake, gateway: StripeGateway) -> None:
    await opened(gateway, fake)
    form, call = sent(fake, "/v1/checkout/sessions"), fake.calls[-1]
    assert call.headers["idempotency-key"] == KEY
    assert call.headers["authorization"] == f"Bearer {fake.credentials['secret_key']}"
    assert form["mode"] == "payment"
    assert form["line_items[0][price_data][unit_amount]"] == "999"
    assert form["line_items[0][price_data][currency]"] == "usd"
    assert form["metadata[gatehouse_order]"] == form["payment_intent_data[metadata][gatehouse_order]"] == KEY
    assert form["client_reference_id"] == KEY
    assert form["adaptive_pricing[enabled]"] == "false"
    assert form["customer_email"] == "ann@example.org"
    assert "expires_at" not in form, "a day is Stripe's own"
    assert "x-stripe-client-telemetry" not in call.headers
    assert "platform" not in json.loads(call.headers["x-stripe-client-user-agent"])


async def test_a_plan_that_renews_is_a_subscription(fake: StripeFake, gateway: StripeGateway) -> None:
    await opened(gateway, fake, months=3)
    form = sent(fake, "/v1/checkout/sessions")
    assert form["mode"] == "subscription"
    assert form["line_items[0][price_data][recurring][interval]"] == "month"
    assert form["line_items[0][price_data][recurring][interval_count]"] == "3"
    assert form["subscription_data[metadata][gatehouse_order]"] == KEY
    assert not [name for name in form if name.startswith("payment_intent_data")]
    await gateway.checkout(fake.credentials, replace(wanted(fake, "k"), every_days=14))
    assert sent(fake, "/v1/checkout/sessions")["line_items[0][price_data][recurring][interval]"] == "day"


async def test_a_shorter_checkout_is_the_same_when_it_is_asked_for_again(
    fake: StripeFake, gateway: StripeGateway, clock: TestClock
) -> None:
    clock.advance(minutes=-clock.now().minute, seconds=-clock.now().second + 5)
    asked = replace(wanted(fake), hours=2)
    first = await gateway.checkout(fake.credentials, asked)
    clock.advance(minutes=50)
    assert await gateway.checkout(fake.credentials, asked) == first
    ends = int(sent(fake, "/v1/checkout/sessions")["expires_at"]) - clock.now().timestamp()
    assert 3600 < ends <= 3 * 3600
    clock.advance(minutes=10)
    assert await gateway.checkout(fake.credentials, asked) != first, "and Stripe does not refuse it"


async def test_stripe_is_asked_once_and_not_again_by_the_sdk(
    fake: StripeFake, gateway: StripeGateway
) -> None:
    fake.trouble("error", times=3)
    with pytest.raises(GatewayUnreachable):
        await opened(gateway, fake)
    assert len(fake.calls) == 1


async def test_a_key_in_use_says_nothing_of_the_outcome(fake: StripeFake, gateway: StripeGateway) -> None:
    fake.key_in_use = True
    with pytest.raises(GatewayUnreachable):
        await opened(gateway, fake)


async def test_signatures_are_those_of_the_documentation(fake: StripeFake, gateway: StripeGateway) -> None:
    """Counted here by hand: HMAC-SHA256 over `time.body`; several may stand side by side while a secret is
    changed; other schemes count for nothing."""
    await charged(gateway, fake)
    body, now = fake.events[-1].body, int(time.time())
    secret = fake.credentials["webhook_secret"].encode()
    right = hmac.new(secret, f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    for header in (f"t={now},v1={right}", f"t={now},v1={'0' * 64},v1={right},v0=ff"):
        news = await gateway.notified(fake.credentials, Notification({"stripe-signature": header}, body))
        assert len(paid(news)) == 1
    wrong = [f"t={now},v0={right}", f"t={now - 301},v1={right}", f"v1={right}", right, f"t={now}", "t=,v1="]
    for header in wrong:
        with pytest.raises(BadSignature):
            await gateway.notified(fake.credentials, Notification({"stripe-signature": header}, body))


async def test_a_replayed_notification_is_too_old(fake: StripeFake, gateway: StripeGateway) -> None:
    await charged(gateway, fake)
    body = fake.events[-1].body
    for age in (301, 86_400):
        with pytest.raises(BadSignature):
            await gateway.notified(
                fake.credentials, fake.sign(body, fake.credentials, int(time.time()) - age)
            )
    late = fake.sign(body, fake.credentials, int(time.time()) - 200)
    assert len(paid(await gateway.notified(fake.credentials, late))) == 1


async def test_without_a_signing_secret_nothing_is_believed(fake: StripeFake, gateway: StripeGateway) -> None:
    await charged(gateway, fake)
    for secret in ({}, {"webhook_secret": ""}, {"webhook_secret": "  "}):
        known = {"secret_key": fake.credentials["secret_key"], **secret}
        with pytest.raises(BadSignature):
            await gateway.notified(known, fake.sign(fake.events[-1].body, {"webhook_secret": "", **secret}))


async def test_a_transfer_on_its_way_is_open_until_it_fails(fake: StripeFake, gateway: StripeGateway) -> None:
    ref = (await opened(gateway, fake)).ref
    intent = fake.store.intent(999, "usd", None, 1)
    session = fake.store.sessions[ref] | {"status": "complete", "payment_intent": intent["id"]}
    fake.store.sessions[ref] = session
    intent["status"] = "processing"
    assert states(await gateway.look(fake.credentials, ref)) == {State.OPEN}
    intent["status"] = "requires_payment_method"
    assert states(await gateway.look(fake.credentials, ref)) == {State.CLOSED}


@pytest.mark.parametrize(
    ("status", "holds"),
    [
        ("needs_response", True),
        ("under_review", True),
        ("lost", True),
        ("a word of tomorrow", True),
        ("won", False),
        ("warning_needs_response", False),
        ("warning_closed", False),
        ("prevented", False),
    ],
)
async def test_an_inquiry_holds_no_money(
    fake: StripeFake, gateway: StripeGateway, status: str, holds: bool
) -> None:
    ref, charge = await charged(gateway, fake)
    fake.dispute(charge.id)
    next(iter(fake.store.disputes.values()))["status"] = status
    assert (State.DISPUTED in states(await gateway.look(fake.credentials, ref))) is holds


@pytest.mark.parametrize(
    ("change", "active", "failed"),
    [
        ({"cancel_at_period_end": True}, False, False),
        ({"cancel_at": 1_900_000_000}, False, False),
        ({"status": "past_due"}, True, False),
        ({"status": "unpaid"}, False, True),
        ({"status": "paused"}, False, False),
        ({"status": "canceled", "cancellation_details": {"reason": "payment_disputed"}}, False, True),
    ],
)
async def test_how_a_subscription_stands(
    fake: StripeFake, gateway: StripeGateway, change: dict[str, object], active: bool, failed: bool
) -> None:
    ref = (await opened(gateway, fake, months=1)).ref
    fake.pay(ref)
    subscription = next(iter(fake.store.subscriptions))
    fake.store.subscriptions[subscription] |= change
    news = endings(await gateway.look(fake.credentials, ref))
    assert news == [SubscriptionNews(subscription, active=active, failed=failed)]


async def test_all_charges_are_found_over_many_pages(fake: StripeFake, gateway: StripeGateway) -> None:
    ref = (await opened(gateway, fake, months=1)).ref
    fake.pay(ref)
    subscription = next(iter(fake.store.subscriptions))
    for _ in range(6):
        fake.charge_again(subscription)
    news = paid(await gateway.look_subscription(fake.credentials, subscription))
    assert len({proof.charge_id for proof in news}) == 7
    assert [proof.recurring for proof in news].count(False) == 1


async def test_a_charge_counts_even_when_its_checkout_is_forgotten(
    fake: StripeFake, gateway: StripeGateway
) -> None:
    ref = (await opened(gateway, fake, months=1)).ref
    fake.pay(ref)
    subscription = next(iter(fake.store.subscriptions))
    second = fake.charge_again(subscription)
    letter = fake.notification()
    del fake.store.sessions[ref]
    (proof,) = paid(await gateway.notified(fake.credentials, letter))
    assert (proof.charge_id, proof.order_key, proof.ref) == (second, KEY, subscription)


async def test_the_owner_s_other_sales_are_none_of_ours(fake: StripeFake, gateway: StripeGateway) -> None:
    for months in (None, 1):
        ref = (await opened(gateway, fake, f"{KEY}{months}", months)).ref
        fake.pay(ref)
        fake.store.sessions[ref]["metadata"] = {"order_key": "of another shop"}
        for subscription in fake.store.subscriptions.values():
            subscription["metadata"] = {}
        for invoice in fake.store.invoices.values():
            invoice["parent"]["subscription_details"]["metadata"] = {}
        assert not await gateway.look(fake.credentials, ref)
    for index in range(len(fake.events)):
        assert not await gateway.notified(fake.credentials, fake.notification(index))


async def test_the_hook_is_made_by_us(fake: StripeFake, gateway: StripeGateway) -> None:
    assert isinstance(gateway, HookMaker)
    known = {"secret_key": fake.credentials["secret_key"]}
    made = await gateway.make_hook(known, "https://bots.example.org/pay/abc")
    assert made == fake.credentials
    await gateway.make_hook(known, "https://bots.example.org/pay/abc")
    await gateway.make_hook(known, "https://bots.example.org/pay/other")
    assert sorted(one["url"][-5:] for one in fake.endpoints.values()) == ["other", "y/abc"]
    assert next(iter(fake.endpoints.values()))["events"] == sorted(EVENTS)
    fake.trouble("echo", path="webhook_endpoints")
    with pytest.raises(GatewayRefused):
        await gateway.make_hook(known, "https://bots.example.org/pay/abc")


async def test_a_restricted_key_is_good_enough(fake: StripeFake, gateway: StripeGateway) -> None:
    assert await gateway.verify(fake.credentials) == "Olga's club (test)"
    fake.restricted = True
    assert await gateway.verify(fake.credentials) == "Stripe (test)"


async def test_a_mistyped_signing_secret_is_noticed(fake: StripeFake, gateway: StripeGateway) -> None:
    with pytest.raises(GatewayRefused, match="whsec_"):
        await gateway.verify({**fake.credentials, "webhook_secret": "sk_test_1234567890"})


@pytest.mark.parametrize("key", ["", "sk_test_a\r\nX-Evil: 1", "sk_тест", "sk_\x00"])
async def test_no_key_breaks_the_request(fake: StripeFake, gateway: StripeGateway, key: str) -> None:
    with pytest.raises(GatewayRefused):
        await gateway.verify({"secret_key": key})
    assert not fake.calls


async def test_a_refund_that_fails_at_once_is_no_refund(fake: StripeFake, gateway: StripeGateway) -> None:
    _, charge = await charged(gateway, fake)
    fake.refund_status = "failed"
    with pytest.raises(GatewayRefused, match="failed"):
        await gateway.refund(fake.credentials, charge)


async def test_a_refused_refund_can_be_asked_for_again(fake: StripeFake, gateway: StripeGateway) -> None:
    """A key would repeat the first answer for a day, though the owner has filled his balance since."""
    ref, charge = await charged(gateway, fake)
    fake.balance_is_empty = True
    with pytest.raises(GatewayRefused, match="balance"):
        await gateway.refund(fake.credentials, charge)
    fake.balance_is_empty = False
    await gateway.refund(fake.credentials, Charge(charge.id, charge.amount, charge.key))
    assert len(proofs(await gateway.look(fake.credentials, ref), State.REFUNDED)) == 1
