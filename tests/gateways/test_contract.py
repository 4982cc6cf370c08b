"""What holds for every gateway: checkouts, proofs, refunds, disputes.

Each test runs against the stand-in of every provider in `tests.gateways.fakes.FAKES` that can do it.
"""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import BadSignature, GatewayRefused
from domain.gateways import Charge, Gateway, State
from domain.money import Money
from tests.gateways.asking import KEY, charged, having, opened, paid, proofs, some, states, wanted
from tests.gateways.fakes import Fake
from tests.gateways.fakes.abilities import Disputing, RefundsByHand

WRONG = "sk_test_wrong0123456789abcdef"


async def test_good_credentials_have_a_name(fake: Fake, gateway: Gateway) -> None:
    assert gateway.traits.name == fake.name
    assert set(fake.credentials) == {field.name for field in gateway.traits.fields}
    name = await gateway.verify(fake.credentials)
    assert 0 < len(name) <= 128, "fits its column"
    assert not any(fake.credentials[one.name] in name for one in gateway.traits.fields if one.secret)


async def test_wrong_credentials_are_refused(fake: Fake, gateway: Gateway) -> None:
    wrong = {**fake.credentials, **dict.fromkeys(fake.secrets, WRONG)}
    with pytest.raises(GatewayRefused) as caught:
        await gateway.verify(wrong)
    assert WRONG not in str(caught.value), "no secret in an error"
    with pytest.raises(GatewayRefused):
        await gateway.checkout(wrong, wanted(fake))
    assert not fake.checkouts()


async def test_a_new_checkout_is_not_paid(fake: Fake, gateway: Gateway) -> None:
    checkout = await opened(gateway, fake)
    assert checkout.url.startswith("http")
    assert 0 < len(checkout.ref) <= 255, "fits its column"
    assert fake.checkouts() == [checkout.ref]
    assert states(await gateway.look(fake.credentials, checkout.ref)) <= {State.OPEN}


async def test_asking_twice_makes_one_checkout_where_the_provider_can(fake: Fake, gateway: Gateway) -> None:
    first, second = await opened(gateway, fake), await opened(gateway, fake)
    assert (first == second) is fake.idempotent
    assert len(fake.checkouts()) == (1 if fake.idempotent else 2)
    assert await opened(gateway, fake, KEY + "2") not in (first, second)


async def test_paid_money_is_proven(fake: Fake, gateway: Gateway) -> None:
    checkout = await opened(gateway, fake)
    charge_id = fake.pay(checkout.ref)
    (proof,) = paid(await gateway.notified(fake.credentials, fake.notification()))
    assert (proof.ref, proof.order_key) == (checkout.ref, KEY)
    assert (proof.charge_id, proof.paid) == (charge_id, fake.price)
    assert not proof.recurring
    assert proof.at is not None
    assert abs(proof.at - fake.clock.now()) < timedelta(hours=1)
    assert paid(await gateway.look(fake.credentials, checkout.ref)) == [proof], "asking says the same"


async def test_one_charge_is_one_however_often_it_is_told(fake: Fake, gateway: Gateway) -> None:
    checkout = await opened(gateway, fake)
    fake.pay(checkout.ref)
    found = set()
    for index in (*range(len(fake.events)), *reversed(range(len(fake.events)))):
        news = await gateway.notified(fake.credentials, fake.notification(index))
        found |= {proof.charge_id for proof in paid(news)}
    assert len(found) == 1


@having("other_sum")
async def test_less_money_is_said_to_be_less(fake: Fake, gateway: Gateway) -> None:
    checkout = await opened(gateway, fake)
    fake.pay(checkout.ref, f"{some(fake.price).amount:f}")
    found = paid(await gateway.look(fake.credentials, checkout.ref))
    assert [proof.paid for proof in found] in ([], [some(fake.price)]), "never what was asked for"


@having("other_currency")
async def test_another_currency_is_said_to_be_another(fake: Fake, gateway: Gateway) -> None:
    checkout = await opened(gateway, fake)
    fake.pay(checkout.ref, currency=fake.second_currency)
    (proof,) = paid(await gateway.notified(fake.credentials, fake.notification()))
    assert proof.paid is not None
    assert proof.paid.currency == fake.second_currency


async def test_an_end_without_money_is_said(fake: Fake, gateway: Gateway) -> None:
    checkout = await opened(gateway, fake)
    fake.expire(checkout.ref)
    assert states(await gateway.look(fake.credentials, checkout.ref)) == {State.CLOSED}


@having("late")
async def test_late_money_is_proven_after_the_end(fake: Fake, gateway: Gateway) -> None:
    checkout = await opened(gateway, fake)
    fake.expire(checkout.ref)
    fake.pay(checkout.ref)
    assert len(paid(await gateway.notified(fake.credentials, fake.notification()))) == 1


async def test_accounts_do_not_mix(fake: Fake, gateway: Gateway) -> None:
    accounts = [fake.credentials, fake.other] * 5
    keys = [f"{KEY}{number}" for number in range(len(accounts))]
    made = await asyncio.gather(
        *(gateway.checkout(account, wanted(fake, key)) for account, key in zip(accounts, keys, strict=True))
    )
    assert [fake.account_of(checkout.ref) for checkout in made] == accounts
    fake.pay(made[1].ref)
    assert not paid(await gateway.look(fake.credentials, made[1].ref)), "not ours to see"
    assert len(paid(await gateway.look(fake.other, made[1].ref))) == 1
    if fake.signed:
        with pytest.raises(BadSignature):
            await gateway.notified(fake.credentials, fake.notification())
    else:
        assert not paid(await gateway.notified(fake.credentials, fake.notification()))


async def test_what_is_not_there_is_none_of_ours(fake: Fake, gateway: Gateway) -> None:
    for ref in ("unknown-ref", "..", "../x", "a/b?c=d#e", "ё", "x" * 255):
        assert not proofs(await gateway.look(fake.credentials, ref)), ref


@having("refunds")
async def test_a_charge_goes_back_once(fake: Fake, gateway: Gateway) -> None:
    ref, charge = await charged(gateway, fake)
    await gateway.refund(fake.credentials, charge)
    await gateway.refund(fake.credentials, charge)
    assert fake.paid_back(charge.id) == fake.price
    found = await gateway.look(fake.credentials, ref)
    (proof,) = proofs(found, State.REFUNDED)
    assert (proof.charge_id, proof.paid, proof.order_key) == (charge.id, fake.price, KEY)
    assert len(paid(found)) == 1, "that it was paid is said as well"


@having("refunds")
async def test_two_refunds_at_once_are_one(fake: Fake, gateway: Gateway) -> None:
    _, charge = await charged(gateway, fake)
    tries = (gateway.refund(fake.credentials, charge) for _ in range(4))
    await asyncio.gather(*tries, return_exceptions=True)
    assert fake.paid_back(charge.id) == fake.price


@having("refunds", "partial_refunds")
async def test_what_is_left_goes_back(fake: RefundsByHand, gateway: Gateway) -> None:
    _, charge = await charged(gateway, fake)
    fake.refund(charge.id, f"{some(fake.price).amount:f}")
    (proof,) = proofs(await gateway.notified(fake.credentials, fake.notification()), State.REFUNDED)
    assert (proof.charge_id, proof.paid) == (charge.id, some(fake.price))
    await gateway.refund(fake.credentials, charge)
    assert fake.paid_back(charge.id) == fake.price


@having("refunds", "by_hand")
async def test_what_the_owner_gave_back_by_hand_is_done(fake: RefundsByHand, gateway: Gateway) -> None:
    _, charge = await charged(gateway, fake)
    fake.refund(charge.id)
    await gateway.refund(fake.credentials, charge)
    assert fake.paid_back(charge.id) == fake.price
    (proof,) = proofs(await gateway.notified(fake.credentials, fake.notification()), State.REFUNDED)
    assert (proof.charge_id, proof.paid) == (charge.id, fake.price)


@having("refunds")
async def test_an_unknown_charge_cannot_be_refunded(fake: Fake, gateway: Gateway) -> None:
    with pytest.raises(GatewayRefused):
        await gateway.refund(fake.credentials, Charge("12345", Money(100, fake.price.currency), "refund-1"))


@having("refunds")
async def test_nobody_refunds_with_another_account(fake: Fake, gateway: Gateway) -> None:
    _, charge = await charged(gateway, fake)
    with pytest.raises(GatewayRefused):
        await gateway.refund(fake.other, charge)
    assert fake.paid_back(charge.id).minor == 0


@having("disputes")
@pytest.mark.parametrize("won", [True, False], ids=["won", "lost"])
async def test_a_dispute_and_its_end(fake: Disputing, gateway: Gateway, won: bool) -> None:
    checkout = await opened(gateway, fake)
    charge_id = fake.pay(checkout.ref)
    fake.dispute(charge_id)
    (proof,) = proofs(await gateway.notified(fake.credentials, fake.notification()), State.DISPUTED)
    assert (proof.charge_id, proof.ref, proof.order_key) == (charge_id, checkout.ref, KEY)
    fake.settle(charge_id, won=won)
    after = {State.PAID} if won else {State.PAID, State.DISPUTED}
    assert states(await gateway.notified(fake.credentials, fake.notification())) == after
    assert states(await gateway.look(fake.credentials, checkout.ref)) == after
