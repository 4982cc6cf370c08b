"""Providers in trouble, for every gateway: nobody knows, nothing is said, nothing is done twice."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from domain.errors import GatewayError, GatewayUnreachable
from domain.gateways import Charge, Gateway
from tests.gateways.asking import charged, gateway_to, having, opened, paid, wanted
from tests.gateways.fakes import Fake
from tests.gateways.fakes.base import Trouble

UNSURE: list[Trouble] = ["error", "busy", "garbage", "cut", "moved"]


def everything(
    gateway: Gateway, fake: Fake, ref: str, charge: Charge
) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Every kind of question."""
    return {
        "verify": lambda: gateway.verify(fake.credentials),
        "checkout": lambda: gateway.checkout(fake.credentials, wanted(fake, "another-key")),
        "look": lambda: gateway.look(fake.credentials, ref),
        "notified": lambda: gateway.notified(fake.credentials, fake.notification()),
        **({"refund": lambda: gateway.refund(fake.credentials, charge)} if fake.refunds else {}),
    }


@pytest.mark.parametrize("kind", UNSURE)
async def test_without_an_answer_nobody_knows(fake: Fake, gateway: Gateway, kind: Trouble) -> None:
    ref, charge = await charged(gateway, fake)
    for what, ask in everything(gateway, fake, ref, charge).items():
        fake.trouble(kind, times=2)
        before = len(fake.calls)
        with pytest.raises(GatewayUnreachable):
            await ask()
        assert len(fake.calls) > before, f"{what} asked nobody"
        fake.calm()
    assert not fake.asked("elsewhere"), "redirects are not followed"


async def test_silence_ends(fake: Fake, session: aiohttp.ClientSession) -> None:
    ref, charge = await charged(gateway_to(fake, session), fake)
    impatient = gateway_to(fake, session, timeout=0.05)
    for ask in everything(impatient, fake, ref, charge).values():
        fake.trouble("silent")
        with pytest.raises(GatewayUnreachable):
            await ask()


async def test_refusals_never_repeat_secrets(fake: Fake, gateway: Gateway) -> None:
    ref, charge = await charged(gateway, fake)
    for what, ask in everything(gateway, fake, ref, charge).items():
        fake.trouble("echo")
        with pytest.raises(GatewayError) as caught:
            await ask()
        fake.calm()
        error: BaseException | None = caught.value
        while error is not None and not error.__suppress_context__:
            for name in fake.secrets:
                assert fake.credentials[name] not in f"{error} {error!r}", what
            error = error.__cause__
        assert "Not with" in caught.value.words or isinstance(caught.value, GatewayUnreachable), what


async def test_a_checkout_whose_answer_is_lost_can_be_asked_for_again(fake: Fake, gateway: Gateway) -> None:
    fake.trouble("cut", path=fake.opening, method="POST", done=True)
    with pytest.raises(GatewayUnreachable):
        await opened(gateway, fake)
    assert len(fake.checkouts()) == 1, "it was made"
    checkout = await opened(gateway, fake)
    assert len(fake.checkouts()) == (1 if fake.idempotent else 2)
    fake.pay(checkout.ref)
    assert len(paid(await gateway.look(fake.credentials, checkout.ref))) == 1


@having("refunds")
async def test_a_refund_whose_answer_is_lost_is_not_given_twice(fake: Fake, gateway: Gateway) -> None:
    _, charge = await charged(gateway, fake)
    fake.trouble("cut", path=fake.refunding, method="POST", done=True)
    with pytest.raises(GatewayUnreachable):
        await gateway.refund(fake.credentials, charge)
    await gateway.refund(fake.credentials, charge)
    assert fake.paid_back(charge.id) == fake.price
