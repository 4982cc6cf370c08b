"""`/orders`: the owner looks through what was bought, and gives money back."""

import csv
import io
from typing import Any

import pytest

from sandbox import Sandbox
from storage import memberships, payments
from tests.stories.membership import Club
from tests.stories.selling import STARRED, buy, came, mismatch, refund_all, rich, sales


@pytest.fixture
async def ann(tg: Sandbox, club: Club) -> Any:
    """Somebody with Stars to spend, and Gold costs some."""
    await club.change_plan(**STARRED)
    return await rich(tg, club)


async def held(club: Club, member: Any) -> Any:
    async with club.app.db.read() as tx:
        return await memberships.get(tx, club.bot_id, member.id, club.project_id)


async def open_order(tg: Sandbox, club: Club, filtered: str = "") -> Any:
    """Olga opens the newest order of her list; the message with the panel."""
    await club.olga.send(club.bot, "/orders")
    if filtered:
        await club.olga.click(filtered)
    await club.olga.click("Gold")
    return tg.last(club.olga, bot=club.bot)


async def test_a_sale_is_found_and_given_back(tg: Sandbox, club: Club, ann: Any) -> None:
    olga, bot = club.olga, club.bot
    await buy(club, ann)
    panel = await open_order(tg, club, "Paid")
    [order] = await sales(club)
    [payment] = await came(club, order)
    for words in (
        order.key,
        payment.charge_id,
        "Ann",
        "Gold · 1 month",
        "⭐ 500 by Stars",
        "It gave access until",
    ):
        assert words in panel.text
    await olga.click("↩️ Refund ⭐ 500")
    assert ann.stars == 1_500, "it asks first"
    await olga.click("Yes, refund")
    assert "⭐ 500 goes back" in tg.last(olga, bot=bot).text
    await olga.click("‹ Back")
    assert "A refund is on its way" in tg.last(olga, bot=bot).text
    assert "Refund" not in str(tg.last(olga, bot=bot).buttons), "nothing is promised twice"
    await refund_all(tg, club)
    assert ann.stars == 2_000
    assert not (await held(club, ann)).opens(club.app.clock.now())
    panel = await open_order(tg, club)
    assert "went back" in panel.text
    assert "What it gave was taken back" in panel.text


async def test_a_refund_can_be_thought_better_of(tg: Sandbox, club: Club, ann: Any) -> None:
    await buy(club, ann)
    await open_order(tg, club)
    await club.olga.click("↩️ Refund ⭐ 500")
    await club.olga.click("No")
    await refund_all(tg, club)
    assert ann.stars == 1_500
    assert (await held(club, ann)).runs(club.app.clock.now())


async def test_too_little_money_waits_for_the_owner(tg: Sandbox, club: Club, ann: Any) -> None:
    await ann.send(club.bot, "/plans")
    await ann.click("Gold")
    await ann.click("Pay ⭐ 500")
    [order] = await sales(club)
    await mismatch(club, order)
    await tg.settle()
    assert await held(club, ann) is None
    assert "⭐ 500 was asked for" in tg.last(club.olga, bot=club.bot).text
    await club.olga.click("✅ Give access anyway")
    assert (await held(club, ann)).runs(club.app.clock.now())
    assert "Join Chess club" in str(tg.last(ann, bot=club.bot).buttons), "the way in comes with it"
    panel = await open_order(tg, club)
    assert "Give access" not in str(panel.buttons)
    await club.olga.send(club.bot, "/orders")
    await club.olga.click("Trouble")
    assert "There are no such orders" in tg.last(club.olga, bot=club.bot).text


async def test_what_goes_back_is_not_accepted_as_well(tg: Sandbox, club: Club, ann: Any) -> None:
    """Two taps on two devices: money and access must not both be given."""
    await club.app.supervisor.stop("orders")
    await ann.send(club.bot, "/plans")
    await ann.click("Gold")
    await ann.click("Pay ⭐ 500")
    await mismatch(club, (await sales(club))[0])
    await tg.settle()
    asked = tg.last(club.olga, bot=club.bot)
    await club.olga.click(asked, "↩️ Refund")
    await club.olga.click("Yes, refund")
    answer = await club.olga.press_callback(
        asked, {"callback_data": f"sales:accept:{(await came(club, (await sales(club))[0]))[0].id}"}
    )
    assert "settled already" in (answer.text or "")
    assert await held(club, ann) is None


async def test_a_refund_the_provider_refuses_is_made_by_hand(tg: Sandbox, club: Club, ann: Any) -> None:
    payment = await buy(club, ann)
    tg.world.payments.pop(payment.charge_id)  # Telegram does not know it any more
    await open_order(tg, club)
    await club.olga.click("↩️ Refund ⭐ 500")
    await club.olga.click("Yes, refund")
    await refund_all(tg, club)
    assert "was not possible" in tg.last(club.olga, bot=club.bot).text
    assert (await held(club, ann)).runs(club.app.clock.now()), "nothing went back, so nothing is taken"
    await club.olga.send(club.bot, "/orders")
    await club.olga.click("Trouble")
    assert "Gold" in tg.last(club.olga, bot=club.bot).text
    await club.olga.click("Gold")
    await club.olga.click("I gave it back myself")
    assert (await held(club, ann)).runs(club.app.clock.now()), "it asks first"
    await club.olga.click("Yes, I did")
    assert not (await held(club, ann)).opens(club.app.clock.now())
    await club.olga.send(club.bot, "/orders")
    await club.olga.click("Trouble")
    assert "There are no such orders" in tg.last(club.olga, bot=club.bot).text


async def test_an_order_nobody_pays_is_let_go_and_late_money_counts(
    tg: Sandbox, club: Club, ann: Any
) -> None:
    await ann.send(club.bot, "/plans")
    await ann.click("Gold")
    await ann.click("Pay ⭐ 500")
    await open_order(tg, club, "Waiting")
    old = tg.last(club.olga, bot=club.bot)
    await club.olga.click("✖️ Cancel the order")
    assert [order.status for order in await sales(club)] == ["CANCELED"]
    answer = await club.olga.press_callback(
        old, {"callback_data": f"sales:cancel:{(await sales(club))[0].id}"}
    )
    assert "Nobody is to pay" in (answer.text or "")
    await ann.pay()
    assert [order.status for order in await sales(club)] == ["COMPLETED"]
    assert (await held(club, ann)).runs(club.app.clock.now())


async def test_orders_are_looked_for(tg: Sandbox, club: Club, ann: Any) -> None:
    olga, bot = club.olga, club.bot
    bob = await rich(tg, club, "Bob", username="bobby")
    await buy(club, ann)
    await buy(club, bob)
    his, hers = await sales(club)
    await olga.send(bot, f"/orders {hers.key.lower()}")
    assert "Ann" in tg.last(olga, bot=bot).text
    await olga.send(bot, "/orders @bobby")
    found = tg.last(olga, bot=bot)
    assert "Bob" in found.text
    assert "Ann" not in found.text
    await olga.send(bot, "/orders")
    await olga.click("🔎 Find")
    await olga.send(bot, "GH-20260101-NOTHING")
    assert "no such order" in tg.last(olga, bot=bot).text
    await olga.send(bot, str(ann.id))
    assert "Ann" in tg.last(olga, bot=bot).text
    await olga.send(bot, f"/members {ann.id}")
    await olga.click("🧾 Orders")
    assert "Bob" not in tg.last(olga, bot=bot).text
    await olga.start(bot, f"sale_{his.id}")
    assert his.key in tg.last(olga, bot=bot).text


async def test_the_file_runs_no_formulas(tg: Sandbox, club: Club) -> None:
    await club.change_plan(**STARRED)
    evil = await rich(tg, club, '=HYPERLINK("http://evil")')
    payment = await buy(club, evil)
    await club.olga.send(club.bot, "/orders")
    await club.olga.click("📄 CSV")
    sent = tg.last(club.olga, bot=club.bot)
    assert sent.document is not None
    rows = list(csv.DictReader(io.StringIO(sent.document.decode("utf-8-sig"))))
    assert [row["name"][:2] for row in rows] == ["'="]
    assert [(row["paid"], row["paid_currency"], row["state"]) for row in rows] == [
        ("500", "XTR", "completed")
    ]
    assert rows[0]["charge_id"] == payment.charge_id


async def test_the_list_is_long(tg: Sandbox, club: Club, ann: Any) -> None:
    ann.add_stars(10_000)
    for _ in range(9):
        await club.app.house.orders.make(
            club.app.house.actor, club.bot_id, club.plan_id, "telegram_stars", member_id=ann.id
        )
    await club.olga.send(club.bot, "/orders")
    assert tg.last(club.olga, bot=club.bot).text.count("Gold") == 8
    await club.olga.click("▶️")
    assert tg.last(club.olga, bot=club.bot).text.count("Gold") == 1
    assert "◀️" in str(tg.last(club.olga, bot=club.bot).buttons)


async def test_an_owner_told_by_the_service_bot_gets_a_link(tg: Sandbox, club: Club, ann: Any) -> None:
    """A button of the service bot would speak of its own orders."""
    await club.olga.block(club.bot)
    await ann.send(club.bot, "/plans")
    await ann.click("Gold")
    await ann.click("Pay ⭐ 500")
    [order] = await sales(club)
    await mismatch(club, order)
    await tg.settle()
    service = next(one for one in await club.app.house.directory.all() if one.is_service)
    told = next(m for m in tg.messages(club.olga) if "was asked for" in m.text)
    assert told.url("The order") == f"https://t.me/club_bot?start=sale_{order.id}"
    assert service.username == "gatehouse_bot"


async def test_the_panel_speaks_russian(tg: Sandbox, club: Club, ann: Any) -> None:
    await buy(club, ann)
    await club.olga.send(club.bot, "/language")
    await club.olga.click("Русский")
    panel = await open_order(tg, club)
    async with club.app.db.read() as tx:
        [payment] = await payments.of_order(tx, club.bot_id, (await sales(club))[0].id)
    assert payment.charge_id in panel.text
    assert "1 месяц" in panel.text
