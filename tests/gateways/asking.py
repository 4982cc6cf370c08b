"""Short words for what tests of gateways do again and again."""

from collections.abc import Iterable

import aiohttp
import pytest

from delivery.gateways import all_gateways
from delivery.guard import GuardedSession
from domain.clock import SystemClock
from domain.gateways import Charge, Checkout, Gateway, News, Proof, State, SubscriptionNews, Wanted
from domain.money import Money
from tests.gateways.fakes import FAKES, Fake

KEY = "GH-20260105-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PATIENCE = 5.0  # seconds; where silence is tested, a shorter one


def gateway_to(fake: Fake, session: aiohttp.ClientSession, timeout: float = PATIENCE) -> Gateway:
    """The product's gateway, pointed at a stand-in."""
    guarded = GuardedSession(session, private=True)
    return all_gateways(session, SystemClock(), {fake.name: fake.url}, timeout, guarded=guarded)[fake.name]


def having(*traits: str) -> pytest.MarkDecorator:
    """Run a test against the stand-ins of providers that can do all this."""
    able = [kind for kind in FAKES if all(getattr(kind, trait) for trait in traits)]
    return pytest.mark.parametrize("fake", able, indirect=True, ids=lambda kind: kind.name)


def wanted(fake: Fake, key: str = KEY, months: int | None = None) -> Wanted:
    """An order for the stand-in's price."""
    return Wanted(
        key=key,
        amount=fake.price,
        title="Gold",
        description="Gold · 1 month · Chess club",
        return_url="https://t.me/chess_bot?start=order_1",
        cancel_url="https://t.me/chess_bot",
        notify_url="https://bots.example.org/hooks/abc",
        member_id=77,
        email="ann@example.org",
        coin=fake.coin,
        every_months=months,
    )


async def opened(gateway: Gateway, fake: Fake, key: str = KEY, months: int | None = None) -> Checkout:
    """A checkout."""
    return await gateway.checkout(fake.credentials, wanted(fake, key, months))


async def charged(gateway: Gateway, fake: Fake) -> tuple[str, Charge]:
    """A paid checkout that was noticed: its reference, and its charge to be given back."""
    ref = (await opened(gateway, fake)).ref
    fake.pay(ref)
    (proof,) = paid(await gateway.look(fake.credentials, ref))
    assert proof.charge_id is not None
    assert proof.paid is not None
    return ref, Charge(proof.charge_id, proof.paid, "refund-1", 77)


def some(money: Money, part: int = 3) -> Money:
    """A part of a sum."""
    return Money(money.minor // part, money.currency)


def proofs(news: Iterable[News], *states: State) -> list[Proof]:
    """The proofs of these states (none given: all)."""
    return [one for one in news if isinstance(one, Proof) and (not states or one.state in states)]


def paid(news: Iterable[News]) -> list[Proof]:
    """The proofs that money came."""
    return proofs(news, State.PAID)


def states(news: Iterable[News]) -> set[State]:
    """What all of it says."""
    return {one.state for one in proofs(news)}


def endings(news: Iterable[News]) -> list[SubscriptionNews]:
    """What it says of subscriptions."""
    return [one for one in news if isinstance(one, SubscriptionNews)]
