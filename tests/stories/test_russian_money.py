"""A Russian owner and a Russian member with money between them: nobody shows them an English word."""

from datetime import timedelta
from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from storage import plans, projects
from tests.clock import TestClock
from tests.stories.membership import Club, open_club
from tests.stories.selling import STARRED, buy, mismatch, refund_all, sales
from tests.stories.test_russian import all_of_it, anna, olga

__all__ = ["all_of_it", "anna", "olga"]


@pytest.fixture
async def shop(tg: Sandbox, app: App, olga: Any, service: Any) -> Club:
    """A club with Russian names, its plan for Stars."""
    club = await open_club(tg, app, olga, service, "Клуб", "Шахматы")
    async with club.app.db.write() as tx:
        await projects.rename(tx, club.bot_id, club.project_id, "Шахматы")
        await plans.change(tx, club.bot_id, club.plan_id, {"name": "Золото", **STARRED})
    return club


@pytest.fixture
async def buyer(shop: Club, anna: Any) -> Any:
    """Anna with Stars to spend."""
    anna.add_stars(5_000)
    await anna.start(shop.bot)
    return anna


async def test_a_sale_and_its_refund(tg: Sandbox, shop: Club, buyer: Any) -> None:
    bot = shop.bot
    await buy(shop, buyer, "Золото")
    assert "Золото" in tg.last(buyer, bot=bot).text
    await buyer.send(bot, "/memberships")
    await buyer.click("🧾")
    await buyer.click("✅ Золото")
    await shop.olga.send(bot, "/orders")
    await shop.olga.click("📄 CSV")
    assert "1 строка" in tg.last(shop.olga, bot=bot).text
    await shop.olga.send(bot, "/orders")
    await shop.olga.click("Золото")
    panel = tg.last(shop.olga, bot=bot).text
    assert "1 месяц" in panel
    assert "⭐ 500" in panel
    for button in ("↩️", "Да", "‹"):
        await shop.olga.click(button)
    await refund_all(tg, shop)
    await buyer.send(bot, "/plans")
    await buyer.click("Золото")
    await buyer.click("⭐")
    await mismatch(shop, (await sales(shop))[0])
    await tg.settle()
    assert "⭐ 1" in tg.last(shop.olga, bot=bot).text
    await shop.olga.click("✅")
    assert "Золото" in tg.last(buyer, bot=bot).text


async def test_renewing_by_itself(tg: Sandbox, shop: Club, buyer: Any, clock: TestClock) -> None:
    bot = shop.bot
    await shop.olga.send(bot, "/plans")
    await shop.olga.click("Золото")
    answer = await shop.olga.click("Продл")
    assert "30 дней" in (answer.text or "")
    await shop.change_plan(duration="30 days", recurring=True)
    await buyer.send(bot, "/plans")
    await buyer.click("Золото")
    await buyer.click("⭐ 500")
    await buyer.pay(tg.last(buyer, bot=bot).url("⭐ 500"))
    await buyer.send(bot, "/memberships")
    await buyer.click("✖️")
    await buyer.click("Да")
    said = tg.last(buyer, bot=bot).text
    end = clock.now() + timedelta(days=30)
    assert f"{end.day} " in said
    assert str(end.year) in said


async def test_questions_and_terms(tg: Sandbox, shop: Club, buyer: Any) -> None:
    bot = shop.bot
    await buyer.send(bot, "/terms")
    await buyer.send(bot, "/privacy")
    await buyer.send(bot, "/paysupport")
    await buyer.send(bot, "Где деньги?")
    await shop.olga.click("✍️")
    await shop.olga.send(bot, "Уже идут.")
    assert "Уже идут." in tg.last(buyer, bot=bot).text
    await shop.olga.send(bot, "/terms")
    await shop.olga.click("✏️")
    await shop.olga.send(bot, "Возврат в течение дня.")


@pytest.mark.parametrize(("people", "given"), [(1, "1 подписка"), (2, "2 подписки"), (5, "5 подписок")])
async def test_taking_members_in(tg: Sandbox, shop: Club, clock: TestClock, people: int, given: str) -> None:
    bot, house = shop.bot, shop.app.house
    await shop.olga.send(bot, "/import")
    await shop.olga.click("📄")
    rows = "".join(f"{1_000 + number};30 дней;Золото\n" for number in range(people))
    table = f"участник;до;тариф\n{rows}сто;;Золото\n"
    await shop.olga.send(bot, document=("участники", table.encode("cp1251")))
    await shop.olga.click("✅")
    await house.importing.run(house.actor)
    await tg.settle()
    assert given in tg.last(shop.olga, bot=bot).text
    await shop.olga.send(bot, "/members")
    await shop.olga.click("📄 CSV")
    assert given in tg.last(shop.olga, bot=bot).text


async def test_everybody_of_a_chat(tg: Sandbox, shop: Club, buyer: Any) -> None:
    bot, house = shop.bot, shop.app.house
    await buyer.join(shop.chat)
    await shop.olga.send(bot, "/import")
    for button in ("👥", "Шахматы", "14 дней"):
        await shop.olga.click(button)
    assert "14 дней" in tg.last(shop.olga, bot=bot).text
    await shop.olga.click("✅")
    for _ in range(3):
        await house.importing.run(house.actor)
    await tg.settle()
    assert "Шахматы" in tg.last(buyer, bot=bot).text
    await shop.olga.send(bot, "/import")
    await shop.olga.click("⏹")


async def test_ways_to_pay(tg: Sandbox, shop: Club) -> None:
    await shop.olga.send(shop.bot, "/payments")
    await shop.olga.click("✅ Зв")
    await shop.olga.click("⏸")
    await shop.olga.click("‹")
    assert "никто не может заплатить" in tg.last(shop.olga, bot=shop.bot).text
    await shop.olga.click("🔔")
    assert "🔕" in str(tg.last(shop.olga, bot=shop.bot).buttons)
