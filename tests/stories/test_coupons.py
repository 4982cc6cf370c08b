"""Coupons: made by the owner, entered by members, taken off the price."""

from typing import Any

import pytest

from sandbox import PaymentRefusedError, Sandbox
from storage import coupons, events, orders
from tests.stories.membership import Club


@pytest.fixture
async def ann(tg: Sandbox, club: Club) -> Any:
    """Somebody with Stars to spend; Gold costs 500 of them."""
    await club.change_plan(price=500, currency="XTR")
    ann = tg.user("Ann")
    ann.add_stars(2_000)
    await ann.start(club.bot)
    return ann


async def make(tg: Sandbox, club: Club, name: str = "SPRING", discount: str = "50%", uses: str = "1") -> str:
    """Olga makes a coupon by the conversation; returns its link."""
    olga = club.olga
    await olga.send(club.bot, "/coupons")
    await olga.click("➕ New coupon")
    for answer in (name, discount, uses):
        await olga.send(club.bot, answer)
    await olga.click("No end")
    shown = tg.last(olga, bot=club.bot).text
    assert f"The coupon {name} is there" in shown
    return next(line for line in shown.splitlines() if line.startswith("https://t.me/"))


async def panel(tg: Sandbox, club: Club, name: str = "SPRING") -> None:
    """Olga opens a coupon."""
    await club.olga.send(club.bot, "/coupons")
    await club.olga.click(name)


async def invoice(tg: Sandbox, club: Club, member: Any, pay: str) -> Any:
    """From /plans to the invoice, by the button that says so."""
    await member.send(club.bot, "/plans")
    await member.click("Gold")
    await member.click(pay)
    return tg.last(member, bot=club.bot)


async def kinds_of(club: Club) -> list[str]:
    async with club.app.db.read() as tx:
        return [kind for kind, _ in await events.of_owner(tx, club.olga.id)]


async def test_a_coupon_is_made_passed_on_and_paid_with(tg: Sandbox, club: Club, ann: Any) -> None:
    link = await make(tg, club)
    await ann.follow(link)
    shown = tg.last(ann, bot=club.bot)
    assert "The coupon SPRING is yours: 50% off" in shown.text
    assert "<s>⭐ 500</s> <b>⭐ 250</b>" in shown.html
    await ann.click("Gold · 1 month · ⭐ 250")
    await ann.click("Pay ⭐ 250")
    await ann.pay()
    assert ann.stars == 1_750
    assert "You have Gold" in tg.last(ann, bot=club.bot).text
    assert (await kinds_of(club)).count("coupon.used") == 1
    async with club.app.db.read() as tx:
        assert await coupons.in_hand(tx, club.bot_id, ann.id) is None
        ((order, _),) = await orders.listing(tx, club.bot_id, 0, 10)
    assert (str(order.price), str(order.amount), str(order.discount)) == ("500 XTR", "250 XTR", "250 XTR")
    await ann.send(club.bot, "/plans")
    assert "⭐ 500" in tg.last(ann, bot=club.bot).text
    await panel(tg, club)
    assert "Used: 1 of 1" in tg.last(club.olga, bot=club.bot).text


async def test_a_hundred_percent_needs_no_payment(tg: Sandbox, club: Club, ann: Any) -> None:
    await ann.follow(await make(tg, club, discount="100%"))
    await ann.click("Gold · 1 month · free")
    await ann.click("✅ Take it, free of charge")
    assert "You have Gold" in tg.last(ann, bot=club.bot).text
    assert ann.stars == 2_000
    ben = tg.user("Ben")
    await ben.start(club.bot, "coupon_SPRING")
    assert "used up" in tg.last(ben, bot=club.bot).text, "it could be used once"


async def test_it_is_typed_in_any_case_of_letters_and_put_away(tg: Sandbox, club: Club, ann: Any) -> None:
    await make(tg, club)
    await ann.send(club.bot, "/coupon spring")
    assert "The coupon SPRING is yours" in tg.last(ann, bot=club.bot).text
    await ann.click("✖️ Put it away")
    assert "Your hand is empty" in tg.last(ann, bot=club.bot).text
    await ann.send(club.bot, "/plans")
    assert "⭐ 250" not in tg.last(ann, bot=club.bot).text
    await ann.send(club.bot, "/coupon")
    await ann.send(club.bot, "SPRING")
    await ann.send(club.bot, "/coupon")
    assert "You have SPRING in hand: 50% off" in tg.last(ann, bot=club.bot).text


async def test_nobody_guesses_codes(tg: Sandbox, club: Club, clock: Any) -> None:
    link = await make(tg, club)
    eve = tg.user("Eve")
    await eve.start(club.bot)
    for number in range(10):
        await eve.send(club.bot, f"/coupon GUESS-{number}")
        assert "I do not know this coupon" in tg.last(eve, bot=club.bot).text
    await eve.follow(link)
    assert "many wrong codes" in tg.last(eve, bot=club.bot).text
    clock.advance(minutes=61)
    await eve.follow(link)
    assert "is yours" in tg.last(eve, bot=club.bot).text


async def test_the_last_use_goes_to_who_orders_first(tg: Sandbox, club: Club, ann: Any) -> None:
    link = await make(tg, club)
    ben = tg.user("Ben")
    ben.add_stars(2_000)
    for member in (ann, ben):
        await member.follow(link)
    mine = await invoice(tg, club, ann, "Pay ⭐ 250")
    await ben.click("Gold")
    assert "Pay ⭐ 500" in str(tg.last(ben, bot=club.bot).buttons)
    told = (await ben.click("Pay ⭐ 500")).text or ""
    assert "used up" in told
    assert "put it away with /coupon" in told, "nobody pays more than he thinks"
    await ann.pay(mine)
    assert ann.stars == 1_750
    await ben.send(club.bot, "/coupon")
    await ben.click("✖️ Put it away")
    await ben.pay(await invoice(tg, club, ben, "Pay ⭐ 500"))
    assert ben.stars == 1_500


async def test_what_is_switched_off_meanwhile_is_found_out_before_money_moves(
    tg: Sandbox, club: Club, ann: Any
) -> None:
    await ann.follow(await make(tg, club))
    mine = await invoice(tg, club, ann, "Pay ⭐ 250")
    await panel(tg, club)
    await club.olga.click("⏸ Disable")
    with pytest.raises(PaymentRefusedError, match="coupon cannot be used any more"):
        await ann.pay(mine)
    assert ann.stars == 2_000
    await panel(tg, club)
    await club.olga.click("▶️ Enable")
    await ann.pay(mine)
    assert ann.stars == 1_750


async def test_two_invoices_with_a_coupon_that_counts_once(tg: Sandbox, club: Club, ann: Any) -> None:
    await ann.follow(await make(tg, club))
    first = await invoice(tg, club, ann, "Pay ⭐ 250")
    second = await invoice(tg, club, ann, "Pay ⭐ 250")
    await ann.pay(first)
    with pytest.raises(PaymentRefusedError, match="coupon cannot be used any more"):
        await ann.pay(second)
    assert ann.stars == 1_750


async def test_one_that_counts_by_itself(tg: Sandbox, club: Club, ann: Any) -> None:
    await make(tg, club, uses="0")
    await panel(tg, club)
    await club.olga.click("Counts: for whoever enters it")
    await ann.send(club.bot, "/plans")
    assert "<s>⭐ 500</s> <b>⭐ 250</b>" in tg.last(ann, bot=club.bot).html
    await ann.pay(await invoice(tg, club, ann, "Pay ⭐ 250"))
    await ann.pay(await invoice(tg, club, ann, "Pay ⭐ 250"))
    assert ann.stars == 1_500
    await panel(tg, club)
    await club.olga.click("For: everybody")
    assert ["For: newcomers only"] in tg.last(club.olga, bot=club.bot).buttons
    await ann.send(club.bot, "/plans")
    assert "⭐ 250" not in tg.last(ann, bot=club.bot).text
    ben = tg.user("Ben")
    await ben.start(club.bot)
    await ben.send(club.bot, "/plans")
    assert "⭐ 250" in tg.last(ben, bot=club.bot).text


async def test_narrowing_it_down(tg: Sandbox, club: Club, ann: Any) -> None:
    olga = club.olga
    await make(tg, club, uses="0")
    for button, wrong, right, words in (
        ("✏️ Discount", "0%", "10", "10 off · in the currency of the plan"),
        ("✏️ Uses", "many", "3", "Used: 0 of 3"),
        ("✏️ End", "soon", "31.12.2199", "Until: 1 Jan 2200"),
        ("✏️ Smallest order", "-1", "5", "at least 5"),
        ("✏️ Largest order", "1e5", "600", "at most 600"),
        ("✏️ Paid so far", "100", "below 100 XTR", "less than 100 XTR so far"),
    ):
        await panel(tg, club)
        await olga.click(button)
        await olga.send(club.bot, wrong)
        assert "Send" in tg.last(olga, bot=club.bot).text
        await olga.send(club.bot, right)
        assert words in tg.last(olga, bot=club.bot).text
    await olga.click("✏️ Plans")
    await olga.click("Gold")
    assert ["✅ Gold"] in tg.last(olga, bot=club.bot).buttons
    await olga.click("‹ Back")
    await olga.click("✏️ Ways to pay")
    await olga.click("Telegram Stars")
    await olga.click("‹ Back")
    shown = tg.last(olga, bot=club.bot).text
    assert "For the plans: Gold\nWhen paid by: Telegram Stars" in shown
    await ann.send(club.bot, "/coupon SPRING")
    assert "⭐ 490" in tg.last(ann, bot=club.bot).text
    await ann.pay(await invoice(tg, club, ann, "Pay ⭐ 490"))
    await ann.send(club.bot, "/coupon SPRING")
    assert "not for you right now" in tg.last(ann, bot=club.bot).text, "he has paid more than 100 by now"


async def test_a_plan_it_is_not_for(tg: Sandbox, club: Club, ann: Any) -> None:
    await make(tg, club)
    await panel(tg, club)
    await club.olga.click("✏️ Smallest order")
    await club.olga.send(club.bot, "501")
    await ann.send(club.bot, "/coupon SPRING")
    assert "none of the plans in the list" in tg.last(ann, bot=club.bot).text
    await ann.send(club.bot, "/plans")
    await ann.click("Gold")
    assert "bigger orders" in ((await ann.click("Pay ⭐ 500")).text or "")


async def test_deleting(tg: Sandbox, club: Club, ann: Any) -> None:
    await ann.follow(await make(tg, club))
    await make(tg, club, name="SPARE")
    mine = await invoice(tg, club, ann, "Pay ⭐ 250")
    await panel(tg, club)
    await club.olga.click("🗑 Delete")
    assert "stays for the record" in ((await club.olga.click("Yes, delete")).text or "")
    await panel(tg, club, "SPARE")
    await club.olga.click("🗑 Delete")
    await club.olga.click("Yes, delete")
    assert "SPARE" not in tg.last(club.olga, bot=club.bot).text
    await ann.pay(mine)
    assert ann.stars == 1_750


async def test_the_link_comes_with_its_picture(tg: Sandbox, club: Club) -> None:
    link = await make(tg, club)
    await club.olga.click("🔗 Link and QR code")
    sent = tg.last(club.olga, bot=club.bot)
    assert sent.photo is not None
    assert link in sent.text


async def test_the_conversation_takes_no_nonsense(tg: Sandbox, club: Club) -> None:
    olga = club.olga
    await make(tg, club)
    await olga.send(club.bot, "/coupons")
    await olga.click("➕ New coupon")
    for bad, words in (
        ("ab", "3 to 32 letters"), ("два слова", "3 to 32 letters"), ("spring", "of this code already"),
    ):  # fmt: skip
        await olga.send(club.bot, bad)
        assert words in tg.last(olga, bot=club.bot).text
    await olga.click("🎲 Make one up")
    await olga.send(club.bot, "101%")
    assert "Send the discount" in tg.last(olga, bot=club.bot).text
    await olga.click("20%")
    await olga.click("10")
    await olga.click("7 days")
    await olga.send(club.bot, "/coupons")
    shown = tg.last(olga, bot=club.bot).text
    assert "20% off · used 0/10" in shown
    assert "50% off · used 0/1" in shown
    await olga.click("➕ New coupon")
    await olga.send(club.bot, "/cancel")
    await olga.send(club.bot, "AUTUMN")
    async with club.app.db.read() as tx:
        assert await coupons.by_name(tx, club.bot_id, "AUTUMN") is None


async def test_the_list_as_the_api_shows_it(tg: Sandbox, club: Club) -> None:
    house = club.app.house
    await make(tg, club, name="discountcode", discount="10%", uses="0")
    await make(tg, club, name="HJTPS3", discount="2.50", uses="5")
    await panel(tg, club, "HJTPS3")
    await club.olga.click("✏️ Plans")
    await club.olga.click("Gold")
    await club.olga.click("‹ Back")
    await club.olga.click("✏️ Paid so far")
    await club.olga.send(club.bot, "above 10 USD")
    await club.olga.click("✏️ Ways to pay")
    await club.olga.click("Telegram Stars")
    common = {"used": 0, "newcomers": False, "singleuse": False, "invitee_only": False, "auto_apply": False,
              "min_amount": "0", "max_amount": "0", "enabled": True}  # fmt: skip
    assert await house.coupons.listing(house.actor, club.bot_id) == [
        common | {"name": "discountcode", "amount": "0", "percent": "10", "uses": 0, "plans": []},
        common
        | {
            "name": "HJTPS3", "amount": "2.5", "percent": "0", "uses": 5, "plans": [club.plan_id],
            "payment_gateways": ["telegram_stars"],
            "revenue": {"direction": "above", "amount": "10", "currency": "USD"},
        },
    ]  # fmt: skip
