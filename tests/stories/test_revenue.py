"""What the owner sees of his sales: the picture, the figures, and the word in the morning."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.app import App
from domain.rates import Rate
from sandbox import Sandbox
from storage import plans, rates, settings
from tests.conftest import Start
from tests.sales import Sale, enter
from tests.stories.membership import Club, open_club

# The packaged rates end some day; the stories play on one they know: a Tuesday, at half past three.
TUESDAY = datetime(2024, 7, 16, 15, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def then(clock: Any) -> None:
    clock.advance(seconds=(TUESDAY - clock.now()).total_seconds())


async def sell(club: Club, *sales: Sale) -> None:
    async with club.app.db.write() as tx:
        await enter(tx, club.bot_id, *sales)


def gold(club: Club, ago: timedelta = timedelta(0), **values: Any) -> Sale:
    return Sale(TUESDAY - ago, plan_id=club.plan_id, **values)


def until(clock: Any, hour: int, minute: int = 0, days: int = 1) -> None:
    """Move to a time of a later day."""
    at = clock.now()
    wanted = at.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)
    clock.advance(seconds=(wanted - at).total_seconds())


async def tell(app: App, tg: Sandbox) -> None:
    """What the background does about every minute."""
    await app.house.revenue.tell_daily(app.house.actor)
    await tg.settle()


async def test_figures_with_a_picture(tg: Sandbox, club: Club) -> None:
    olga, day = club.olga, timedelta(days=1)
    async with club.app.db.write() as tx:
        values = {"name": "<b>Silver", "duration": "1 month", "price": 500, "currency": "EUR"}
        silver = await plans.create(tx, club.bot_id, values | {"project_id": 0}, club.app.clock.now())
    await sell(
        club,
        gold(club, amount="10", currency="EUR"),
        gold(club, day, amount="5", currency="EUR"),
        Sale(TUESDAY, "5", "EUR", silver, "<b>Silver", "telegram_stars"),
        gold(club, 20 * day, amount="100", currency="EUR", gateway="paypal"),
        gold(club, 400 * day, amount="1000", currency="EUR"),
        gold(club, amount="77", currency="EUR", refunded="77"),
    )
    await olga.send(club.bot, "/revenue")
    answer = tg.last(olga, bot=club.bot)
    assert answer.photo is not None
    assert answer.photo.startswith(b"\x89PNG")
    for line in (
        "Today: €15.00 · 2 sales", "This month: €20.00 · 3 sales",
        "Last month: €100.00 · 1 sale", "All time: €1,120.00 · 5 sales",
        "🟦 Gold: €115.00 · 3 sales", "🟩 <b>Silver: €5.00 · 1 sale",
        "• PayPal: €100.00 · 1 sale", "• Telegram Stars: €5.00 · 1 sale",
    ):  # fmt: skip
        assert line in answer.text.splitlines(), answer.text
    await olga.click("Years")
    turned = tg.last(olga, bot=club.bot)
    assert turned.id == answer.id, "the picture itself is turned"
    assert "🟦 Gold: €1,115.00 · 4 sales" in turned.text
    await olga.click("💱 EUR")
    await olga.click("USD")
    shown = tg.last(olga, bot=club.bot)
    assert "Revenue, counted in USD" in shown.text
    # 2024-07-16: 1.0902; the day before: 1.0907 dollars for a euro.
    assert "Today: $16.35 · 2 sales" in shown.text
    assert "This month: $21.81 · 3 sales" in shown.text
    await olga.send(club.bot, "/revenue")
    assert "counted in EUR" in tg.last(olga, bot=club.bot).text, "looking once sets nothing"


async def test_many_plans_fit_below_the_picture(tg: Sandbox, club: Club) -> None:
    names = [f"Plan {'W' * 27}{number}" for number in range(9)]
    await sell(
        club,
        *(
            Sale(TUESDAY, str(10 + number), "EUR", 100 + number, name, f"gateway_{number}_{'w' * 12}")
            for number, name in enumerate(names)
        ),
    )
    await club.olga.send(club.bot, "/revenue")
    text = tg.last(club.olga, bot=club.bot).text
    assert "⬛ all other plans: €46.00 · 4 sales" in text, text
    assert len(text) <= 1024


async def test_without_sales(tg: Sandbox, club: Club) -> None:
    await club.olga.send(club.bot, "/revenue")
    answer = tg.last(club.olga, bot=club.bot)
    assert answer.photo is not None
    assert "No sales yet" in answer.text
    assert "All time: €0.00 · 0 sales" in answer.text


async def test_what_can_be_set(tg: Sandbox, club: Club) -> None:
    olga = club.olga
    await sell(club, gold(club, amount="100", currency="XTR"))
    await olga.send(club.bot, "/revenue")
    assert "Today: €1.19" in tg.last(olga, bot=club.bot).text
    await olga.click("⚙️ Settings")
    await olga.click("💱 Currency: EUR")
    await olga.click("USD")
    assert "counted in USD" in tg.last(olga, bot=club.bot).text
    await olga.click("⭐ Price of a Star")
    await olga.send(club.bot, "a lot")
    assert "at most 1, for example 0.013" in tg.last(olga, bot=club.bot).text
    await olga.send(club.bot, "0,02")
    assert "One Star counts as 0.02 USD" in tg.last(olga, bot=club.bot).text
    await olga.click("📊 Figures")
    assert "Today: $2.00" in tg.last(olga, bot=club.bot).text


async def test_a_rate_that_is_too_old_is_said_with_ways_on(tg: Sandbox, club: Club) -> None:
    olga = club.olga
    await sell(club, gold(club, amount="1000", currency="RUB"))
    async with club.app.db.write() as tx:
        day = (TUESDAY - timedelta(days=60)).date()
        await rates.put(tx, [Rate("RUB", day, Decimal(100), "cbr")])
    await olga.send(club.bot, "/revenue")
    answer = tg.last(olga, bot=club.bot)
    assert "exchange rate of RUB is of 17 May 2024" in answer.text
    await olga.click("RUB")
    assert "Today: RUB1,000.00" in tg.last(olga, bot=club.bot).text.replace("\xa0", "")
    await olga.click(answer, "⚙️ Settings")
    await olga.click("120 days")
    await olga.send(club.bot, "/revenue")
    assert "Today: €10.00" in tg.last(olga, bot=club.bot).text


async def switch_on(tg: Sandbox, club: Club) -> None:
    await club.olga.send(club.bot, "/revenue")
    await club.olga.click("⚙️ Settings")
    await club.olga.click("🔔 Tell me each morning")
    assert "Each morning at 09:00 UTC" in tg.last(club.olga, bot=club.bot).text


def words(tg: Sandbox, club: Club) -> list[str]:
    """What the owner has been told in the mornings."""
    return [one.text for one in tg.messages(club.olga, bot=club.bot) if "The month so far" in one.text]


async def test_a_word_each_morning_there_is_something_to_tell(tg: Sandbox, club: Club, clock: Any) -> None:
    await sell(club, gold(club, timedelta(days=1), amount="7", currency="EUR"))
    await switch_on(tg, club)
    await tell(club.app, tg)
    assert words(tg, club) == [], "this morning is over"
    await sell(club, gold(club, amount="10", currency="EUR"), gold(club, amount="5", currency="EUR"))
    until(clock, 8, 59)
    await tell(club.app, tg)
    assert words(tg, club) == []
    until(clock, 9, 0, days=0)
    for _ in range(3):
        await tell(club.app, tg)
    (word,) = words(tg, club)
    assert word.splitlines()[:3] == [
        "Club, 16 Jul 2024:", "€15.00 · 2 sales", "• Gold: €15.00 · 2 sales"
    ]  # fmt: skip
    assert "The month so far: €22.00 · 3 sales" in word
    until(clock, 9, 30)
    await tell(club.app, tg)
    assert len(words(tg, club)) == 1, "nothing was sold on the 17th"
    refunded = gold(club, amount="9", currency="EUR", refunded="9", refunded_at=clock.now())
    await sell(club, refunded)
    until(clock, 23, 59)
    await tell(club.app, tg)
    assert "1 payment was given back." in words(tg, club)[-1], "late, but told"
    await club.olga.send(club.bot, "/revenue")
    await club.olga.click("⚙️ Settings")
    await club.olga.click("🔕 No word in the morning")
    await sell(club, Sale(clock.now(), "5", "EUR"))
    until(clock, 9, 1)
    await tell(club.app, tg)
    assert len(words(tg, club)) == 2


async def test_a_restart_tells_nobody_twice(
    tg: Sandbox, start_app: Start, olga: Any, service: Any, clock: Any
) -> None:
    given: dict[str, Any] = {"bot_token": service.token, "owner_ids": frozenset({olga.id})}
    async with start_app(**given) as app:
        club = await open_club(tg, app, olga, service)
        await switch_on(tg, club)
        await sell(club, gold(club, amount="10", currency="EUR"))
        until(clock, 9, 5)
        run: Callable[[], Any] = lambda: app.house.revenue.tell_daily(app.house.actor)  # noqa: E731
        await asyncio.gather(run(), run(), run())
        await tg.settle()
        assert len(words(tg, club)) == 1
    async with start_app(**given) as again:
        await tell(again, tg)
        await tell(again, tg)
        assert len(words(tg, club)) == 1
        assert again.house.revenue._told is not None


async def test_one_that_fails_keeps_no_other_waiting(
    tg: Sandbox, club: Club, service: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await switch_on(tg, club)
    other = tg.bot("other_bot", name="Other")
    await club.olga.send(service, f"/connect {other.token}")
    await club.olga.start(other)
    connected = next(one for one in await club.app.house.directory.all() if one.username == "other_bot")
    async with club.app.db.write() as tx:
        await settings.put(tx, connected.id, 0, "revenue", {"daily": True}, TUESDAY)
        await enter(tx, connected.id, Sale(TUESDAY, "3", "EUR"))
    await sell(club, gold(club, amount="10", currency="EUR"))
    mailbox = club.app.house.revenue._reach.mailbox

    async def fails(bot_id: int, *who: int | None) -> Any:
        if bot_id == club.bot_id:
            raise RuntimeError("on purpose")
        return await mailbox(bot_id, *who)

    monkeypatch.setattr(club.app.house.revenue._reach, "mailbox", fails)
    until(clock, 9, 5)
    await tell(club.app, tg)
    assert words(tg, club) == []
    assert "€3.00" in tg.last(club.olga, bot=other).text
    monkeypatch.setattr(club.app.house.revenue._reach, "mailbox", mailbox)
    await tell(club.app, tg)
    assert len(words(tg, club)) == 1
    assert sum("€3.00" in one.text for one in tg.messages(club.olga, bot=other)) == 1


async def test_figures_are_the_owners_alone(tg: Sandbox, club: Club) -> None:
    await sell(club, gold(club, amount="10", currency="EUR"))
    await club.olga.send(club.bot, "/revenue")
    panel = tg.last(club.olga, bot=club.bot)
    eve = tg.user("Eve")
    await eve.start(club.bot)
    await eve.send(club.bot, "/revenue")
    assert "may not" in tg.last(eve, bot=club.bot).text
    for action in (
        "show:day:EUR",
        "currencies:day",
        "settings",
        "default",
        "currency:USD",
        "daily:1",
        "age:7",
    ):
        refusal = await eve.press_callback(panel, {"text": "?", "callback_data": f"revenue:{action}"})
        assert "may not" in (refusal.text or ""), action
    for action in (
        "show",
        "show:week:EUR",
        "show:day:XTR",
        "show:day:",
        "currency:x",
        "age:8",
        "age:x",
        "daily",
    ):
        answer = await club.olga.press_callback(panel, {"text": "?", "callback_data": f"revenue:{action}"})
        assert answer.text, action
