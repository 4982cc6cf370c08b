"""Affiliates earn, are told, and are paid; members have credit."""

from typing import Any

import pytest

from sandbox import Sandbox
from storage import credit, events, payments
from tests.stories.membership import Club


@pytest.fixture
async def ann(tg: Sandbox, club: Club) -> Any:
    """Ann invites; who pays 500 Stars for Gold brings her 20 %, then 10 %."""
    await club.change_plan(price=500, currency="XTR")
    await terms(club, "20 10")
    ann = tg.user("=Ann()")
    ann.add_stars(1_000)
    await ann.start(club.bot)
    return ann


async def terms(club: Club, percent: str) -> None:
    """Olga sets the share of the next level."""
    await club.olga.send(club.bot, "/affiliates")
    await club.olga.click("💰 Commissions")
    await club.olga.click("➕ Level")
    await club.olga.send(club.bot, percent)


async def invited(tg: Sandbox, club: Club, by: Any, name: str) -> Any:
    """Somebody comes by an affiliate's link."""
    await by.send(club.bot, "/affiliate")
    shown = tg.last(by, bot=club.bot).text
    friend = tg.user(name)
    friend.add_stars(5_000)
    await friend.follow(next(line for line in shown.splitlines() if line.startswith("https://t.me/")))
    return friend


async def buy(tg: Sandbox, club: Club, member: Any) -> Any:
    """Buy Gold with Stars; returns the payment."""
    await member.send(club.bot, "/plans")
    await member.click("Gold")
    await member.click("Pay ⭐ 500")
    return await member.pay()


async def tell(club: Club, tg: Sandbox) -> None:
    """What the background does every half minute."""
    await club.app.house.payouts.tell(club.app.house.actor)
    await tg.settle()


async def affiliate(tg: Sandbox, club: Club, member: Any) -> Any:
    """What /affiliate shows somebody."""
    await member.send(club.bot, "/affiliate")
    return tg.last(member, bot=club.bot)


async def test_from_a_friends_payment_to_the_payout(tg: Sandbox, club: Club, ann: Any, clock: Any) -> None:
    ben = await invited(tg, club, ann, "Ben")
    await buy(tg, club, ben)
    await tell(club, tg)
    told = tg.last(ann, bot=club.bot).text
    assert "Somebody you invited to Club has paid. You earn ⭐ 100." in told
    assert "Ben" not in told
    before = len(tg.messages(ann, bot=club.bot))
    await tell(club, tg)
    assert len(tg.messages(ann, bot=club.bot)) == before, "once"
    assert "On hold, while it can still be refunded: ⭐ 100" in (await affiliate(tg, club, ann)).text
    clock.advance(days=15)
    shown = await affiliate(tg, club, ann)
    assert "Ready for you: ⭐ 100" in shown.text
    await ann.click("💸 Ask for ⭐ 100")
    assert "You asked for ⭐ 100" in tg.last(ann, bot=club.bot).text
    asked = tg.last(club.olga, bot=club.bot)
    assert "=Ann() asks for a payout of ⭐ 100" in asked.text
    await club.olga.click("Open")
    await club.olga.click("✅ I have paid ⭐ 100")
    assert "✅ paid" in tg.last(club.olga, bot=club.bot).text
    assert "The owner of Club has paid you ⭐ 100" in tg.last(ann, bot=club.bot).text
    assert "Paid out: ⭐ 100" in (await affiliate(tg, club, ann)).text
    async with club.app.db.read() as tx:
        found = await events.of_owner(tx, club.olga.id)
    for kind in ("affiliate.earned", "affiliate.paid"):
        ((data),) = [data for name, data in found if name == kind]
        assert (data["affiliate"], data["amount"], data["currency"]) == (ann.id, "100", "XTR")


async def test_later_orders_and_levels(tg: Sandbox, club: Club, ann: Any) -> None:
    await terms(club, "5 0")
    ben = await invited(tg, club, ann, "Ben")
    cid = await invited(tg, club, ben, "Cid")
    await buy(tg, club, cid)
    await buy(tg, club, cid)
    assert "Earned: ⭐ 150" in (await affiliate(tg, club, ben)).text
    assert "Earned: ⭐ 25" in (await affiliate(tg, club, ann)).text


async def test_a_refund_takes_the_commission_back(tg: Sandbox, club: Club, ann: Any, clock: Any) -> None:
    ben = await invited(tg, club, ann, "Ben")
    payment = await buy(tg, club, ben)
    await club.app.house.payouts.tell(club.app.house.actor)  # not in the middle of what follows
    clock.advance(days=15)
    await affiliate(tg, club, ann)
    await ann.click("💳 ⭐ 100 as credit")
    assert "⭐ 100 are credit now" in tg.last(ann, bot=club.bot).text
    house = club.app.house
    async with club.app.db.read() as tx:
        found = await payments.by_charge(tx, club.bot_id, "telegram_stars", payment.charge_id)
    assert found is not None
    await house.refunds.refund(house.actor, club.bot_id, found.id)
    await house.refunds.run(house.actor)
    await tg.settle()
    shown = (await affiliate(tg, club, ann)).text
    assert "Paid out before a refund: ⭐ 100" in shown
    await buy(tg, club, ben)
    clock.advance(days=15)
    assert "💸" not in str((await affiliate(tg, club, ann)).buttons)


async def test_a_declined_request_stays_due(tg: Sandbox, club: Club, ann: Any, clock: Any) -> None:
    ben = await invited(tg, club, ann, "Ben")
    await buy(tg, club, ben)
    clock.advance(days=15)
    await affiliate(tg, club, ann)
    await ann.click("💸 Ask for ⭐ 100")
    olga = club.olga
    await olga.send(club.bot, "/payouts")
    await olga.click("=Ann()")
    await olga.click("✖️ Decline")
    await olga.send(club.bot, "Please send your wallet <first>")
    told = tg.last(ann, bot=club.bot).text
    assert "did not pay out the ⭐ 100" in told
    assert "Why: Please send your wallet <first>" in told
    assert "Ready for you: ⭐ 100" in (await affiliate(tg, club, ann)).text
    await ann.click("💸 Ask for ⭐ 100")
    await olga.click("Open")
    await olga.click("✖️ Decline")
    await olga.click("Decline without a reason")
    assert "Why" not in tg.last(ann, bot=club.bot).text
    await olga.send(club.bot, "/payouts")
    await olga.click("📄 CSV document")
    rows = (tg.last(olga, bot=club.bot).document or b"").decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert ",'=Ann()," in rows[1], "a name is no formula"
    assert ",100,XTR,declined,owner," in rows[1]


async def test_an_old_button_pays_nothing_twice(tg: Sandbox, club: Club, ann: Any, clock: Any) -> None:
    ben = await invited(tg, club, ann, "Ben")
    await buy(tg, club, ben)
    clock.advance(days=15)
    shown = await affiliate(tg, club, ann)
    button = {"callback_data": "payouts:request:XTR"}
    await ann.press_callback(shown, button)
    assert "asked for a payout already" in ((await ann.press_callback(shown, button)).text or "")
    credit_button = {"callback_data": "payouts:credit:XTR"}
    assert "nothing to pay out yet" in ((await ann.press_callback(shown, credit_button)).text or "")


async def test_the_smallest_payout_adds_up(tg: Sandbox, club: Club, ann: Any, clock: Any) -> None:
    olga = club.olga
    await olga.send(club.bot, "/affiliates")
    await olga.click("💰 Commissions")
    await olga.click("✏️ Smallest payout")
    await olga.send(club.bot, "150 XTR")
    assert "Smallest payout: ⭐ 150" in tg.last(olga, bot=club.bot).text
    ben = await invited(tg, club, ann, "Ben")
    await buy(tg, club, ben)
    clock.advance(days=15)
    assert "💸" not in str((await affiliate(tg, club, ann)).buttons)
    await buy(tg, club, ben)
    clock.advance(days=15)
    await affiliate(tg, club, ann)
    await ann.click("💸 Ask for ⭐ 150")
    assert "You asked for ⭐ 150" in tg.last(ann, bot=club.bot).text


async def test_what_was_earned_outlives_the_switch(tg: Sandbox, club: Club, ann: Any, clock: Any) -> None:
    ben = await invited(tg, club, ann, "Ben")
    await buy(tg, club, ben)
    clock.advance(days=15)
    await club.olga.send(club.bot, "/affiliates")
    await club.olga.click("⏸ Switch off")
    shown = await affiliate(tg, club, ann)
    assert "What you earned stays yours" in shown.text
    assert "start=r_" not in shown.text
    await buy(tg, club, ben)
    assert "Earned: ⭐ 100" in (await affiliate(tg, club, ann)).text, "switched off is switched off"
    await ann.click("💸 Ask for ⭐ 100")
    assert "You asked for ⭐ 100" in tg.last(ann, bot=club.bot).text


async def test_the_terms_take_no_nonsense(tg: Sandbox, club: Club) -> None:
    olga = club.olga
    await olga.send(club.bot, "/affiliates")
    await olga.click("💰 Commissions")
    assert "Affiliates earn nothing so far" in tg.last(olga, bot=club.bot).text
    await olga.click("➕ Level")
    for bad in ("", "a lot", "-5", "101", "20 10 5"):
        await olga.send(club.bot, bad or "?")
        assert "Send one or two numbers" in tg.last(olga, bot=club.bot).text
    await olga.send(club.bot, "60")
    await olga.click("➕ Level")
    await olga.send(club.bot, "41")
    assert "at most 100 percent" in tg.last(olga, bot=club.bot).text
    await olga.send(club.bot, "40 0")
    assert "Level 2: 40% of first orders, 0% of later ones" in tg.last(olga, bot=club.bot).text
    await olga.click("30")
    assert "held for 30 days" in tg.last(olga, bot=club.bot).text
    await olga.click("➖ Last level")
    assert "Level 2" not in tg.last(olga, bot=club.bot).text


async def test_credit_is_given_paid_with_and_taken_back(tg: Sandbox, club: Club) -> None:
    olga, ann = club.olga, tg.user("Ann", username="ann")
    await ann.start(club.bot)
    for text, words in (
        ("ten", "I did not understand the price"), ("0 USD", "Send an amount"), ("-1 USD", "less credit"),
        ("12 USD", "Ann has $12.00 more"), ("-0.50 USD", "You took $0.50 back from Ann"),
    ):  # fmt: skip
        await olga.send(club.bot, "/members @ann")
        await olga.click("💳 Give credit")
        await olga.send(club.bot, text)
        assert words in tg.last(olga, bot=club.bot).text
        await olga.send(club.bot, "/cancel")
    assert "has taken $0.50 of your credit back" in tg.last(ann, bot=club.bot).text
    await ann.send(club.bot, "/memberships")
    assert "Credit for plans: $11.50" in tg.last(ann, bot=club.bot).text
    await ann.send(club.bot, "/plans")
    await ann.click("Gold")
    await ann.click("My credit · $9.99")
    assert "You have Gold" in tg.last(ann, bot=club.bot).text
    async with club.app.db.read() as tx:
        assert [str(one) for one in await credit.balance(tx, club.bot_id, ann.id)] == ["1.51 USD"]
    await ann.send(club.bot, "/plans")
    await ann.click("Gold")
    assert "My credit" not in str(tg.last(ann, bot=club.bot).buttons)
