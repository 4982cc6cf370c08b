"""What a member does about renewing: by itself, by hand, not any more. And what plans may renew."""

from typing import Any

import pytest

from domain.subscriptions import Standing
from sandbox import Sandbox
from storage import events, memberships, plans, subscriptions
from tests.clock import TestClock
from tests.stories.membership import Club
from tests.stories.selling import STARRED, buy, rich, subscribe


@pytest.fixture
async def ann(tg: Sandbox, club: Club) -> Any:
    """Somebody with Stars to spend."""
    return await rich(tg, club)


async def held(club: Club, member: Any) -> Any:
    async with club.app.db.read() as tx:
        return await memberships.get(tx, club.bot_id, member.id, club.project_id)


async def agreements(club: Club, member: Any) -> list[Any]:
    async with club.app.db.read() as tx:
        return await subscriptions.of_member(tx, club.bot_id, member.id)


async def cancelled(club: Club) -> list[str]:
    """By whom subscriptions were ended, as the log has it."""
    async with club.app.db.read() as tx:
        found = await events.of_owner(tx, club.olga.id, "membership.cancelled")
    return [data["by"] for _, data in found]


async def test_a_member_stops_renewing_and_keeps_what_is_paid(
    tg: Sandbox, club: Club, ann: Any, clock: TestClock
) -> None:
    payment = await subscribe(tg, club, ann)
    end = (await held(club, ann)).end_at
    await ann.send(club.bot, "/memberships")
    assert "It renews by itself" in tg.last(ann, bot=club.bot).text
    await ann.click("✖️ Do not renew Gold")
    assert not payment.subscription.canceled, "it asks first"
    await ann.click("Yes, stop it")
    assert payment.subscription.canceled, "Telegram was told"
    assert "You keep access until" in tg.last(ann, bot=club.bot).text
    assert [one.state for one in await agreements(club, ann)] == [Standing.ENDING]
    assert (await held(club, ann)).end_at == end
    assert await cancelled(club) == ["member"], "once, however often Telegram delivers"
    await ann.click("My memberships")
    assert "does not renew by itself any more" in tg.last(ann, bot=club.bot).text
    clock.advance(days=31)
    await club.keep_time()
    assert not (await held(club, ann)).opens(clock.now())
    assert ann.stars == 1_500


async def test_a_member_thinks_better_of_it(tg: Sandbox, club: Club, ann: Any) -> None:
    payment = await subscribe(tg, club, ann)
    await ann.send(club.bot, "/memberships")
    await ann.click("✖️ Do not renew Gold")
    await ann.click("No")
    assert not payment.subscription.canceled
    assert "It renews by itself" in tg.last(ann, bot=club.bot).text


async def test_nobody_stops_what_is_somebody_elses(tg: Sandbox, club: Club, ann: Any) -> None:
    payment = await subscribe(tg, club, ann)
    bob = await rich(tg, club, "Bob")
    await ann.send(club.bot, "/memberships")
    [one] = await agreements(club, ann)
    for verb in ("cancel", "canceled"):
        await bob.press_callback(
            tg.last(bob, bot=club.bot), {"callback_data": f"memberships:{verb}:{one.id}"}
        )
    assert not payment.subscription.canceled
    assert (await agreements(club, ann))[0].state is Standing.ACTIVE


async def test_a_provider_that_does_not_listen_is_said_so(tg: Sandbox, club: Club, ann: Any) -> None:
    payment = await subscribe(tg, club, ann)
    await ann.send(club.bot, "/memberships")
    await ann.click("✖️ Do not renew Gold")
    asked = tg.last(ann, bot=club.bot)
    tg.world.subscriptions.pop(payment.charge_id)
    answer = await ann.click(asked, "Yes, stop it")
    assert "/paysupport" in (answer.text or "")
    assert (await agreements(club, ann))[0].state is Standing.ACTIVE, "we do not claim what is not so"
    assert not await cancelled(club)


async def test_what_is_paid_by_hand_is_renewed_by_hand(tg: Sandbox, club: Club, ann: Any) -> None:
    await club.change_plan(**STARRED)
    await buy(club, ann)
    await ann.send(club.bot, "/memberships")
    await ann.click("🔄 Renew Gold")
    assert "Pay ⭐ 500" in str(tg.last(ann, bot=club.bot).buttons)
    await club.change_plan(enabled=False)
    await ann.send(club.bot, "/memberships")
    await ann.click("🔄 Renew")
    assert "no plans to choose from" in tg.last(ann, bot=club.bot).text, "the plan is gone: to the list"


async def test_an_owner_who_ends_a_membership_ends_the_charges(tg: Sandbox, club: Club, ann: Any) -> None:
    payment = await subscribe(tg, club, ann)
    await club.olga.send(club.bot, f"/members {ann.id}")
    await club.olga.click("⛔️ End")
    await club.olga.click("Yes, end it")
    assert payment.subscription.canceled
    assert not (await held(club, ann)).opens(club.app.clock.now())
    assert await cancelled(club) == ["owner"]


async def test_a_member_sees_his_payments(tg: Sandbox, club: Club, ann: Any) -> None:
    await club.change_plan(**STARRED)
    payment = await buy(club, ann)
    await ann.send(club.bot, "/memberships")
    await ann.click("🧾 My payments")
    assert "Gold · ⭐ 500 · paid" in tg.last(ann, bot=club.bot).text
    await ann.click("✅ Gold · ⭐ 500")
    assert payment.charge_id in tg.last(ann, bot=club.bot).text
    bob = await rich(tg, club, "Bob")
    await bob.send(club.bot, "/memberships")
    await bob.click("🧾 My payments")
    assert "not bought anything" in tg.last(bob, bot=club.bot).text


async def stored(club: Club) -> plans.Plan:
    async with club.app.db.read() as tx:
        found = await plans.get(tx, club.bot_id, club.plan_id)
    assert found is not None
    return found


async def test_a_plan_in_stars_renews_every_30_days_or_not_at_all(tg: Sandbox, club: Club) -> None:
    olga, bot = club.olga, club.bot
    await club.change_plan(**STARRED)
    await olga.send(bot, "/plans")
    await olga.click("Gold")
    answer = await olga.click("Renews: when the member pays again")
    assert "exactly 30 days" in (answer.text or "")
    await olga.click("✏️ Duration")
    await olga.send(bot, "30 days")
    await olga.click("Renews: when the member pays again")
    assert (await stored(club)).options.recurring
    assert "Renews: by itself" in str(tg.last(olga, bot=bot).buttons)
    for button, text in (("✏️ Duration", "1 month"), ("✏️ Duration", "lifetime"), ("✏️ Price", "0 XTR")):
        await olga.send(bot, "/plans")
        await olga.click("Gold")
        await olga.click(button)
        await olga.send(bot, text)
        assert "by itself" in tg.last(olga, bot=bot).text
        assert (str((await stored(club)).duration), (await stored(club)).price.minor) == ("30 days", 500)
    await olga.send(bot, "9.99 EUR")
    assert str((await stored(club)).price) == "9.99 EUR", "what is not paid in Stars may renew otherwise"
    await olga.send(bot, "/plans")
    await olga.click("Gold")
    await olga.click("✏️ Duration")
    await olga.send(bot, "1 month")
    assert str((await stored(club)).duration) == "1 month"


async def test_a_new_plan_is_held_to_it_as_well(tg: Sandbox, club: Club) -> None:
    olga, bot = club.olga, club.bot
    await olga.send(bot, "/newplan")
    for text in ("Silver", "1 month", "100 XTR"):
        await olga.send(bot, text)
    await olga.click("🌐 All paid chats")
    answer = await olga.click("Renews: when the member pays again")
    assert "exactly 30 days" in (answer.text or "")
    await olga.click("✅ Create the plan")
    async with club.app.db.read() as tx:
        made = (await plans.of_bot(tx, club.bot_id))[-1]
    assert (made.name, made.options.recurring) == ("Silver", False)


async def test_the_price_stays_while_somebody_is_charged(tg: Sandbox, club: Club, ann: Any) -> None:
    olga, bot = club.olga, club.bot
    payment = await subscribe(tg, club, ann)
    await olga.send(bot, "/plans")
    await olga.click("Gold")
    await olga.click("✏️ Price")
    await olga.send(bot, "600 XTR")
    assert "its price cannot change" in tg.last(olga, bot=bot).text
    await olga.send(bot, "500 XTR")
    assert (await stored(club)).price.minor == 500, "the same price is no change"
    await ann.cancel_subscription(payment)
    await olga.click("✏️ Price")
    await olga.send(bot, "600 XTR")
    assert (await stored(club)).price.minor == 600, "nobody is charged any more"
