"""Buying with Telegram Stars: from the list of plans to the chat, and what can go wrong on the way."""

from datetime import timedelta
from typing import Any

import pytest

from domain.actor import Actor
from sandbox import PaymentRefusedError, Sandbox
from storage import memberships, orders, payments
from tests.clock import TestClock
from tests.stories.membership import Club

PRICE = {"price": 500, "currency": "XTR"}


async def held(club: Club, member: Any) -> Any:
    async with club.app.db.read() as tx:
        return await memberships.get(tx, club.bot_id, member.id, club.project_id)


async def sales(club: Club) -> list[Any]:
    async with club.app.db.read() as tx:
        return [order for order, _ in await orders.listing(tx, club.bot_id, 0, 100)]


async def choose(tg: Sandbox, club: Club, member: Any, plan: str = "Gold") -> Any:
    """Go from /plans to the invoice."""
    await member.send(club.bot, "/plans")
    await member.click(plan)
    await member.click("Pay ⭐ 500")
    return tg.last(member, bot=club.bot)


@pytest.fixture
async def ann(tg: Sandbox, club: Club) -> Any:
    """Somebody with Stars to spend, and Gold costs some."""
    await club.change_plan(**PRICE)
    ann = tg.user("Ann")
    ann.add_stars(2_000)
    await ann.start(club.bot)
    return ann


async def test_paying_opens_the_chat(tg: Sandbox, club: Club, ann: Any) -> None:
    invoice = await choose(tg, club, ann)
    await ann.pay(invoice)
    told = tg.last(ann, bot=club.bot)
    assert "🎉 Paid, thank you! You have Gold, until" in told.text
    await ann.follow(told.url("Join Chess club"))
    assert club.chat.has(ann)
    assert [(order.status, order.kind, str(order.amount)) for order in await sales(club)] == [
        ("COMPLETED", 1, "500 XTR")
    ]
    assert "Ann paid ⭐ 500 for Gold" in tg.last(club.olga, bot=club.bot).text


async def test_paying_again_adds_a_month(tg: Sandbox, club: Club, ann: Any) -> None:
    await ann.pay(await choose(tg, club, ann))
    first = (await held(club, ann)).end_at
    await ann.pay(await choose(tg, club, ann))
    second = (await held(club, ann)).end_at
    assert timedelta(days=28) <= second - first <= timedelta(days=31)
    assert "Your membership goes on" in tg.last(ann, bot=club.bot).text
    assert [order.kind for order in await sales(club)] == [2, 1]


async def test_an_invoice_is_good_for_its_buyer_only(tg: Sandbox, club: Club, ann: Any) -> None:
    invoice = await choose(tg, club, ann)
    bob = tg.user("Bob")
    bob.add_stars(2_000)
    await bob.start(club.bot)
    with pytest.raises(PaymentRefusedError, match="somebody else's"):
        await bob.pay(invoice)
    assert await held(club, bob) is None
    assert bob.stars == 2_000


async def test_a_paid_invoice_is_not_paid_twice(tg: Sandbox, club: Club, ann: Any) -> None:
    invoice = await choose(tg, club, ann)
    await ann.pay(invoice)
    with pytest.raises(PaymentRefusedError, match="paid already"):
        await ann.pay(invoice)
    assert ann.stars == 1_500


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"price": 600}, "has changed"),
        ({"duration": "1 week"}, "has changed"),
        ({"enabled": False}, "not offered any more"),
        ({"token_only": True}, "access token only"),
        ({"newcomers": 2}, "members before"),
        ({"invitee_only": 1}, "invited"),
    ],
)
async def test_what_changed_since_is_found_out_before_money_moves(
    tg: Sandbox, club: Club, ann: Any, change: dict[str, Any], words: str
) -> None:
    invoice = await choose(tg, club, ann)
    await club.change_plan(**change)
    with pytest.raises(PaymentRefusedError, match=words):
        await ann.pay(invoice)
    assert await held(club, ann) is None
    assert ann.stars == 2_000


async def test_the_last_place_is_kept_for_who_pays(tg: Sandbox, club: Club, ann: Any) -> None:
    await club.change_plan(max_customers=1)
    bob = tg.user("Bob")
    bob.add_stars(2_000)
    await bob.start(club.bot)
    invoice = await choose(tg, club, ann)
    await bob.send(club.bot, "/plans")
    await bob.click("Gold")
    assert "All places of this plan are taken" in tg.last(bob, bot=club.bot).text
    await ann.pay(invoice)
    assert (await held(club, ann)) is not None


async def test_a_place_that_is_not_paid_for_is_free_again(
    tg: Sandbox, club: Club, ann: Any, clock: TestClock
) -> None:
    await club.change_plan(max_customers=1)
    bob = tg.user("Bob")
    bob.add_stars(2_000)
    await bob.start(club.bot)
    late = await choose(tg, club, ann)
    clock.advance(minutes=21)
    await bob.pay(await choose(tg, club, bob))
    with pytest.raises(PaymentRefusedError, match="All places"):
        await ann.pay(late)
    assert (await held(club, bob)) is not None
    assert (await held(club, ann)) is None


async def test_an_old_invoice_can_be_paid_while_nothing_has_changed(
    tg: Sandbox, club: Club, ann: Any, clock: TestClock
) -> None:
    invoice = await choose(tg, club, ann)
    clock.advance(days=3)
    await club.app.house.taking.expire(club.app.house.actor)
    assert [order.status for order in await sales(club)] == ["EXPIRED"]
    await ann.pay(invoice)
    assert [order.status for order in await sales(club)] == ["COMPLETED"]
    assert (await held(club, ann)).runs(clock.now())


async def test_a_refund_takes_back_what_was_given(tg: Sandbox, club: Club, ann: Any) -> None:
    await ann.pay(await choose(tg, club, ann))
    await ann.follow(tg.last(ann, bot=club.bot).url("Join Chess club"))
    assert club.chat.has(ann)
    async with club.app.db.read() as tx:
        [payment] = await payments.of_order(tx, club.bot_id, (await sales(club))[0].id)
    olga = Actor(club.olga.id, club.app.house.actor.t)
    await club.app.house.refunds.refund(olga, club.bot_id, payment.id)
    await club.app.house.refunds.run(club.app.house.actor)
    await club.keep_time()
    await tg.settle()
    assert ann.stars == 2_000
    assert not (await held(club, ann)).opens(club.app.clock.now())
    assert not club.chat.has(ann)
    assert [order.status for order in await sales(club)] == ["REFUNDED"]


async def test_a_subscription_renews_by_itself(tg: Sandbox, club: Club, ann: Any, clock: TestClock) -> None:
    await club.change_plan(duration="30 days", recurring=True)
    await ann.send(club.bot, "/plans")
    await ann.click("Gold")
    await ann.click("⭐ 500 every 30 days")
    payment = await ann.pay(tg.last(ann, bot=club.bot).url("💳 Pay ⭐ 500"))
    first = (await held(club, ann)).end_at
    assert timedelta(days=29, hours=23) < first - clock.now() <= timedelta(days=30)
    clock.advance(days=29, hours=23)
    await ann.renew(payment)
    assert (await held(club, ann)).end_at == first + timedelta(days=30)
    assert [order.kind for order in await sales(club)] == [3, 1]
