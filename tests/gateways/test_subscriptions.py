"""Charges that come again, for every gateway that can do them."""

import pytest

from domain.gateways import Gateway, State, SubscriptionNews
from tests.gateways.asking import KEY, endings, having, opened, paid, proofs
from tests.gateways.fakes import Fake
from tests.gateways.fakes.abilities import Recurring, RefundsByHand


async def begun(gateway: Gateway, fake: Fake) -> tuple[str, str, str]:
    """A paid checkout of a monthly plan: its reference, its subscription, its first charge."""
    ref = (await opened(gateway, fake, months=1)).ref
    charge_id = fake.pay(ref)
    (proof,) = paid(await gateway.look(fake.credentials, ref))
    assert proof.subscription
    return ref, proof.subscription, charge_id


@having("recurring")
async def test_the_first_charge_names_the_subscription(fake: Fake, gateway: Gateway) -> None:
    checkout = await opened(gateway, fake, months=1)
    charge_id = fake.pay(checkout.ref)
    told = [await gateway.notified(fake.credentials, fake.notification(i)) for i in range(len(fake.events))]
    found = {proof for news in told for proof in paid(news)}
    assert len(found) == 1, "however many events tell of it"
    (proof,) = found
    assert (proof.ref, proof.order_key, proof.charge_id) == (checkout.ref, KEY, charge_id)
    assert proof.paid == fake.price
    assert proof.subscription
    assert not proof.recurring


@having("recurring", "idempotent")
async def test_asking_twice_makes_one_subscription(fake: Fake, gateway: Gateway) -> None:
    first = await opened(gateway, fake, months=1)
    assert await opened(gateway, fake, months=1) == first
    assert fake.checkouts() == [first.ref]


@having("recurring")
async def test_later_charges_are_recurring_ones(fake: Recurring, gateway: Gateway) -> None:
    ref, subscription, first = await begun(gateway, fake)
    second = fake.charge_again(subscription)
    (proof,) = paid(await gateway.notified(fake.credentials, fake.notification()))
    assert (proof.charge_id, proof.recurring) == (second, True)
    assert (proof.ref, proof.order_key, proof.subscription) == (ref, KEY, subscription)
    assert proof.paid == fake.price
    third = fake.charge_again(subscription)
    news = await gateway.look_subscription(fake.credentials, subscription)
    assert {(one.charge_id, one.recurring) for one in paid(news)} == {
        (first, False),
        (second, True),
        (third, True),
    }
    assert endings(news) == [SubscriptionNews(subscription, active=True)]


@having("recurring")
async def test_an_ended_subscription_charges_no_more(fake: Recurring, gateway: Gateway) -> None:
    _, subscription, first = await begun(gateway, fake)
    await gateway.end_subscription(fake.credentials, subscription, 77)
    assert not fake.active(subscription)
    await gateway.end_subscription(fake.credentials, subscription, 77)
    news = await gateway.look_subscription(fake.credentials, subscription)
    assert endings(news) == [SubscriptionNews(subscription, active=False)]
    assert [one.charge_id for one in paid(news)] == [first], "what is paid stays"
    assert not fake.paid_back(first).minor


@having("recurring")
@pytest.mark.parametrize("failed", [False, True], ids=["by its payer", "by failed charges"])
async def test_an_end_is_told(fake: Recurring, gateway: Gateway, failed: bool) -> None:
    _, subscription, _ = await begun(gateway, fake)
    fake.cancel(subscription, failed=failed)
    (news,) = endings(await gateway.notified(fake.credentials, fake.notification()))
    assert news == SubscriptionNews(subscription, active=False, failed=failed)


@having("recurring", "refunds")
async def test_a_later_charge_goes_back_alone(fake: Recurring, gateway: Gateway) -> None:
    _, subscription, first = await begun(gateway, fake)
    second = fake.charge_again(subscription)
    assert isinstance(fake, RefundsByHand)
    fake.refund(second)
    (proof,) = proofs(await gateway.notified(fake.credentials, fake.notification()), State.REFUNDED)
    assert (proof.charge_id, proof.paid, proof.subscription) == (second, fake.price, subscription)
    news = await gateway.look_subscription(fake.credentials, subscription)
    assert [one.charge_id for one in proofs(news, State.REFUNDED)] == [second]
    assert not fake.paid_back(first).minor


@having("recurring")
async def test_no_subscription_is_none_of_ours(fake: Fake, gateway: Gateway) -> None:
    for name in ("sub_unknown", "I-UNKNOWN", "..", "a/b"):
        assert not await gateway.look_subscription(fake.credentials, name)
