"""Notifications nobody should believe, for every gateway."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from domain.errors import BadSignature, GatewayError
from domain.gateways import Gateway, Notification, State
from tests.gateways.asking import opened, paid, proofs, states
from tests.gateways.fakes import Fake

GARBAGE = [b"", b"null", b"[]", b"7", b'"x"', b"{", b"\xff\xfe\x00", b'{"a":NaN}', b"[" * 60_000]
STRANGE: list[Any] = [None, 7, "", "..", "../../v1/balance", "a b?c#d", [], {}, {"id": None}, True, "\ud800"]
HEADERS = ["", "t=,v1=", "t=1,v1=é", "x" * 70_000, "\x00", "t=9" + "9" * 5000 + ",v1=00", "🔥"]


async def test_a_lie_with_the_right_signature_proves_nothing(fake: Fake, gateway: Gateway) -> None:
    checkout = await opened(gateway, fake)
    news = await gateway.notified(fake.credentials, fake.sign(fake.lie(checkout.ref), fake.credentials))
    assert states(news) <= {State.OPEN, State.CLOSED}


async def test_forgeries_are_refused(fake: Fake, gateway: Gateway) -> None:
    fake.pay((await opened(gateway, fake)).ref)
    forged = fake.forgeries(fake.notification())
    assert forged
    for what, letter in forged.items():
        try:
            news = await gateway.notified(fake.credentials, letter)
        except BadSignature:
            continue
        pytest.fail(f"{what} was taken: {news}")


@pytest.mark.parametrize("body", GARBAGE, ids=lambda body: repr(body[:8]))
async def test_garbage_is_refused_even_signed(fake: Fake, gateway: Gateway, body: bytes) -> None:
    with pytest.raises(BadSignature):
        await gateway.notified(fake.credentials, fake.sign(body, fake.credentials))


async def test_strange_headers_are_refused(fake: Fake, gateway: Gateway) -> None:
    fake.pay((await opened(gateway, fake)).ref)
    true = fake.notification()
    for name in true.headers if fake.signed else ():
        if name in fake.unsigned_headers:
            continue
        for value in HEADERS:
            with pytest.raises(BadSignature):
                await gateway.notified(
                    fake.credentials, Notification({**true.headers, name: value}, true.body)
                )


async def test_strange_but_signed_events_are_survived(fake: Fake, gateway: Gateway) -> None:
    checkout = await opened(gateway, fake)
    fake.pay(checkout.ref)
    event = json.loads(fake.events[-1].body)
    for changed in _variants(event):
        letter = fake.sign(json.dumps(changed).encode(), fake.credentials)
        try:
            news = await gateway.notified(fake.credentials, letter)
        except GatewayError:
            continue
        assert states(news) <= {State.PAID}, changed
        assert all(proof.paid == fake.price for proof in paid(news)), changed


def _variants(value: Any) -> Iterator[Any]:
    """The event with one value after another replaced by each strange one."""
    yield from STRANGE
    if isinstance(value, dict):
        for name, inner in value.items():
            yield {key: one for key, one in value.items() if key != name}
            for changed in _variants(inner):
                yield {**value, name: changed}
    elif isinstance(value, list) and value:
        for changed in _variants(value[0]):
            yield [changed, *value[1:]]


async def test_news_of_somebody_else_s_are_none_of_ours(fake: Fake, gateway: Gateway) -> None:
    body = fake.stray()
    assert not proofs(await gateway.notified(fake.credentials, fake.sign(body, fake.credentials)))


async def test_news_in_any_order_end_in_the_same_truth(fake: Fake, gateway: Gateway) -> None:
    """The last notification to arrive is the oldest: it says what is true now, not then."""
    checkout = await opened(gateway, fake)
    fake.expire(checkout.ref)
    if fake.late:
        fake.pay(checkout.ref)
    truth = states(await gateway.look(fake.credentials, checkout.ref))
    for index in reversed(range(len(fake.events))):
        assert states(await gateway.notified(fake.credentials, fake.notification(index))) == truth
