"""Star subscriptions: charged by the clock, canceled, restored, ended by the bot or by too few Stars."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox import BotHandle, Person, Sandbox, SandboxError
from sandbox.money import Payment
from tests.sandbox.tools import Api, Cashier, Page

PERIOD = 2_592_000
DAY = 86_400


@pytest.fixture
async def link(api: Api, cashier: Cashier) -> str:
    """An invoice link for Gold: 40 Stars every 30 days."""
    invoice = {"title": "Gold", "description": "Monthly", "payload": "sub-1", "currency": "XTR"}
    prices = [{"label": "Gold", "amount": 40}]
    return str(await api("createInvoiceLink", **invoice, prices=prices, subscription_period=PERIOD))


@pytest.fixture
def rich(tg: Sandbox) -> Person:
    return tg.user("Rita", stars=1000)


def edit(payment: Payment, canceled: bool) -> dict[str, Any]:
    charge = {"user_id": payment.user.id, "telegram_payment_charge_id": payment.charge_id}
    return charge | {"is_canceled": canceled}


async def test_a_renewal_comes_when_the_period_ends_and_not_before(
    tg: Sandbox, link: str, cashier: Cashier, rich: Person, bot: BotHandle
) -> None:
    first = await rich.pay(link)
    assert first.expires == first.date + PERIOD
    tg.clock.advance(seconds=PERIOD - 60)
    assert len(rich.payments_to(bot)) == 1
    tg.clock.advance(seconds=61)
    await tg.settle()
    _, second = rich.payments_to(bot)
    told = cashier.told("successful_payment")
    assert [one["telegram_payment_charge_id"] for one in told] == [first.charge_id, second.charge_id]
    assert [one.get("is_first_recurring") for one in told] == [True, None]
    assert [one["is_recurring"] for one in told] == [True, True]
    assert [one["subscription_expiration_date"] for one in told] == [first.expires, first.expires + PERIOD]
    assert (rich.stars, bot.stars) == (920, 80)


@pytest.mark.parametrize("steps", [[90], [30, 30, 30], [1] * 90, [45, 45], [89.9, 0.1]])
async def test_however_the_clock_goes_the_same_charges_come(
    tg: Sandbox, link: str, rich: Person, bot: BotHandle, steps: list[float]
) -> None:
    tg.clock.freeze()
    first = await rich.pay(link)
    for days in steps:
        tg.clock.advance(days=days)
    dates = [row.date - first.date for row in tg.transactions(bot)]
    assert dates == [0, PERIOD, 2 * PERIOD, 3 * PERIOD], "each at its own moment"
    assert rich.subscriptions[0].expires == first.date + 4 * PERIOD


async def test_the_clock_set_back_charges_nobody(tg: Sandbox, link: str, rich: Person) -> None:
    await rich.pay(link)
    tg.clock.advance(days=31)
    tg.clock.reset()
    tg.clock.advance(days=31)
    assert rich.stars == 920, "that period is paid"
    tg.clock.set(tg.clock.now() + timedelta(days=30))
    assert rich.stars == 880


async def test_too_few_stars_end_it_and_the_bot_is_told_once(
    tg: Sandbox, link: str, cashier: Cashier, bob: Person, bot: BotHandle
) -> None:
    await bob.pay(link)
    tg.clock.advance(days=200)
    await tg.settle()
    assert (bob.stars, bot.stars) == (20, 80), "one renewal was covered, the next was not"
    assert cashier.states == ["failed"]
    bob.add_stars(500)
    tg.clock.advance(days=200)
    await tg.settle()
    assert (bob.stars, cashier.states) == (520, ["failed"])
    again = await bob.pay(link)
    assert [one.state(tg.clock.time()) for one in bob.subscriptions] == ["failed", "active"]
    assert cashier.told("successful_payment")[-1]["is_first_recurring"]
    assert again.subscription is bob.subscriptions[1]


async def test_canceled_stays_paid_for_and_can_be_restored_until_it_ends(
    tg: Sandbox, link: str, cashier: Cashier, rich: Person
) -> None:
    payment = await rich.pay(link)
    with pytest.raises(SandboxError, match="renews already"):
        await rich.restore_subscription(payment)
    await rich.cancel_subscription(payment)
    with pytest.raises(SandboxError, match="does not renew"):
        await rich.cancel_subscription(payment)
    tg.clock.advance(days=29)
    assert payment.subscription is not None
    assert payment.subscription.state(tg.clock.time()) == "canceled"
    await rich.restore_subscription(payment)
    tg.clock.advance(days=2)
    assert rich.stars == 920
    await rich.cancel_subscription(payment)
    tg.clock.advance(days=31)
    assert (rich.stars, payment.subscription.state(tg.clock.time())) == (920, "ended")
    with pytest.raises(SandboxError, match="is over"):
        await rich.restore_subscription(payment)
    assert cashier.states == ["canceled", "active", "canceled"]


async def test_what_the_bot_canceled_the_person_restores_when_the_bot_allows_it(
    tg: Sandbox, api: Api, link: str, cashier: Cashier, rich: Person
) -> None:
    payment = await rich.pay(link)
    await api("editUserStarSubscription", **edit(payment, True))
    await api("editUserStarSubscription", **edit(payment, True))
    with pytest.raises(SandboxError, match="The bot canceled"):
        await rich.restore_subscription(payment)
    await api("editUserStarSubscription", **edit(payment, False))
    assert payment.canceled, "allowed, but not yet restored"
    await rich.restore_subscription(payment)
    await api("editUserStarSubscription", **edit(payment, True))
    tg.clock.advance(days=31)
    await tg.settle()
    assert rich.stars == 960
    assert cashier.states == ["active"], "a bot is not told what it did itself"


async def test_a_subscription_goes_by_its_first_charge(
    tg: Sandbox, api: Api, link: str, ann: Person, rich: Person, bot: BotHandle
) -> None:
    first = await rich.pay(link)
    tg.clock.advance(days=30, seconds=1)
    _, renewal = rich.payments_to(bot)
    once = {"title": "T", "description": "D", "payload": "p", "currency": "XTR"}
    single = await rich.pay(await api("createInvoiceLink", **once, prices=[{"label": "x", "amount": 5}]))
    for wrong in (edit(renewal, True), edit(single, True), edit(first, True) | {"user_id": ann.id}):
        assert await api.error("editUserStarSubscription", **wrong) == "Bad Request: CHARGE_ID_INVALID"
    nobody = edit(first, True) | {"user_id": 12}
    assert await api.error("editUserStarSubscription", **nobody) == "Bad Request: USER_ID_INVALID"
    vague = edit(first, True) | {"is_canceled": None}
    assert "is_canceled" in await api.error("editUserStarSubscription", **vague)
    assert not first.canceled
    await api("editUserStarSubscription", **edit(first, True))
    assert renewal.canceled, "both charges belong to it"


async def test_two_subscriptions_of_one_person_live_apart(
    tg: Sandbox, link: str, rich: Person, bot: BotHandle
) -> None:
    first = await rich.pay(link)
    tg.clock.advance(days=10)
    second = await rich.pay(link)
    await rich.cancel_subscription(first)
    tg.clock.advance(days=31)
    assert [one.subscription for one in rich.payments_to(bot)] == [
        first.subscription,
        second.subscription,
        second.subscription,
    ]


async def test_renewing_by_hand_pays_for_the_time_after_what_is_paid(
    tg: Sandbox, api: Api, link: str, bob: Person
) -> None:
    first = await bob.pay(link)
    second = await bob.renew(first)
    assert second.expires == first.expires + PERIOD
    with pytest.raises(SandboxError, match="not enough Stars"):
        await bob.renew(second)
    bob.add_stars(100)
    third = await bob.renew(second)
    assert (third.expires, third.canceled) == (second.expires + PERIOD, False)
    await bob.cancel_subscription(third)
    with pytest.raises(SandboxError, match="canceled"):
        await bob.renew(third)


async def test_the_page_shows_subscriptions_and_changes_ones_own(
    tg: Sandbox, page: Page, link: str, bob: Person, rich: Person
) -> None:
    opened = await page.act(rich, "open", url=link)
    assert (opened["period"], opened["card"]) == (PERIOD, False)
    charge = (await page.act(rich, "pay", link=link))["receipt"]["charge"]
    shown = (await page.state())["subscriptions"]
    assert [(one["id"], one["state"], one["charges"], one["link"]) for one in shown] == [
        (charge, "active", 1, link)
    ]
    assert "no such subscription" in await page.refused(bob, "cancel_subscription", subscription=charge)
    await page.act(rich, "cancel_subscription", subscription=charge)
    assert (await page.state())["subscriptions"][0]["state"] == "canceled"
    await page.act(rich, "restore_subscription", subscription=charge)
    await page.post("clock", advance=30 * DAY + 5)
    renewed = (await page.state())["subscriptions"][0]
    assert (renewed["state"], renewed["charges"]) == ("active", 2)
