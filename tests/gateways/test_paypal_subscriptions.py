"""PayPal's subscriptions: shared plans, lists that lag, news of later charges."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from delivery.gateways.paypal import PayPalGateway
from domain.clock import SystemClock
from domain.errors import GatewayUnreachable
from domain.gateways import State, SubscriptionNews
from domain.money import Money
from tests.gateways.asking import endings, opened, paid, proofs, some, states, wanted
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


async def test_subscriptions_alike_share_a_plan(fake: PayPalFake, gateway: PayPalGateway) -> None:
    for key in ("a", "b"):
        await opened(gateway, fake, key, 1)
    assert (len(fake.products), len(fake.plans)) == (1, 1)
    dearer = replace(wanted(fake, "c", 1), amount=Money(1999, "USD"))
    for asked in (dearer, wanted(fake, "d", 12), replace(wanted(fake, "e"), every_days=10)):
        await gateway.checkout(fake.credentials, asked)
    assert len(fake.plans) == 4
    cycles = [one["billing_cycles"][0]["frequency"] for one in fake.plans.values()]
    assert [(one["interval_unit"], one["interval_count"]) for one in cycles] == [
        ("MONTH", 1), ("MONTH", 1), ("YEAR", 1), ("DAY", 10),
    ]  # fmt: skip
    assert all(one["payment_preferences"]["auto_bill_outstanding"] is False for one in fake.plans.values())


async def test_a_plan_the_owner_switched_off_is_made_anew(fake: PayPalFake, gateway: PayPalGateway) -> None:
    await opened(gateway, fake, "a", 1)
    next(iter(fake.plans.values()))["status"] = "INACTIVE"
    fake.done.clear()
    await opened(gateway, fake, "b", 1)
    assert [one["status"] for one in fake.plans.values()] == ["INACTIVE", "ACTIVE"]


async def test_news_before_the_list_has_them_are_sent_again(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref = (await opened(gateway, fake, months=1)).ref
    charge_id = fake.pay(ref)
    fake.lagging.add(charge_id)
    with pytest.raises(GatewayUnreachable):
        await gateway.notified(fake.credentials, fake.notification())
    assert not paid(await gateway.look(fake.credentials, ref))
    fake.lagging.clear()
    assert len(paid(await gateway.notified(fake.credentials, fake.notification()))) == 1


async def test_all_charges_are_found_over_many_pages(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref = (await opened(gateway, fake, months=1)).ref
    first = fake.pay(ref)
    for _ in range(6):
        fake.charge_again(ref)
    news = paid(await gateway.look_subscription(fake.credentials, ref))
    assert len({proof.charge_id for proof in news}) == 7
    assert [proof.charge_id for proof in news if not proof.recurring] == [first]


async def test_a_part_of_a_later_charge_goes_back(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref = (await opened(gateway, fake, months=1)).ref
    fake.pay(ref)
    later = fake.charge_again(ref)
    fake.refund(later, f"{some(fake.price).amount:f}")
    (proof,) = proofs(await gateway.notified(fake.credentials, fake.notification()), State.REFUNDED)
    assert (proof.charge_id, proof.paid) == (later, some(fake.price))
    assert State.REFUNDED not in states(await gateway.look(fake.credentials, ref)), "the list does not say"


async def test_a_dispute_about_a_later_charge(fake: PayPalFake, gateway: PayPalGateway) -> None:
    ref = (await opened(gateway, fake, months=1)).ref
    fake.pay(ref)
    later = fake.charge_again(ref)
    fake.dispute(later)
    (proof,) = proofs(await gateway.notified(fake.credentials, fake.notification()), State.DISPUTED)
    assert (proof.charge_id, proof.subscription, proof.recurring) == (later, ref, True)


async def test_a_subscription_canceled_before_any_money_is_closed(
    fake: PayPalFake, gateway: PayPalGateway
) -> None:
    ref = (await opened(gateway, fake, months=1)).ref
    assert states(await gateway.look(fake.credentials, ref)) == {State.OPEN}
    fake.agreements[ref].status = "CANCELLED"
    news = await gateway.look(fake.credentials, ref)
    assert states(news) == {State.CLOSED}
    assert endings(news) == [SubscriptionNews(ref, active=False)]
