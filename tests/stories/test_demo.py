"""The demo: what a newcomer sees in his first minutes, in a real browser, with the real application."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from sandbox import Sandbox
from sandbox.clock import Clock
from sandbox.demo import follow_clock, play
from sandbox.seed import DemoWorld, seed_demo
from tests import browser as chromium
from tests.conftest import Start

browser, open_page = chromium.browser, chromium.open_page


@pytest.fixture
def clock(tg: Sandbox) -> Clock:
    """The application goes by the sandbox's clock."""
    return tg.clock


@pytest.fixture
async def world(tg: Sandbox, start_app: Start) -> AsyncIterator[DemoWorld]:
    """The demo, set up as `make demo` does."""
    seeded = await seed_demo(tg)
    async with start_app(bot_token=seeded.service_bot.token, owner_ids=(seeded.olga.id,)) as running:
        await play(tg, seeded)
        running.supervisor.start("clock", lambda: follow_clock(tg, running.catch_up))
        yield seeded


async def step(page: Page, number: int) -> None:
    """Take a step of the "Try this" list, and do what it prepared."""
    await page.get_by_test_id(f"try-{number}").click()
    join = page.get_by_role("button", name="Join", exact=True)
    start = page.get_by_role("button", name="Start", exact=True)
    composer = page.get_by_test_id("composer")
    await expect(join.or_(start).or_(composer).first).to_be_visible()
    if await join.count():
        await join.click()
    elif await start.count() and await start.is_visible():
        await start.click()
    elif await composer.input_value():
        await page.get_by_test_id("send").click()


async def said(page: Page, words: str) -> None:
    """The newest messages of the open chat hold these words."""
    await expect(page.get_by_test_id("message").filter(has_text=words).last).to_be_visible()


async def press(page: Page, *captions: str) -> None:
    """Press buttons of the bot, one after the other."""
    for caption in captions:
        await page.get_by_test_id(f"button-{caption}").last.click()


async def buy(page: Page) -> None:
    """Ann buys a week with Stars: the walk of steps 10 and 11."""
    await step(page, 10)
    await press(page, "Visitor · 1 week · ⭐ 100", "Pay ⭐ 100", "Pay 100 ⭐")
    await page.get_by_role("dialog").get_by_role("button", name="Pay 100 ⭐").click()
    await said(page, "Paid, thank you! You have Visitor")
    await expect(page.get_by_test_id("button-Pay 100 ⭐")).to_have_text("Receipt")
    await step(page, 11)
    await said(page, "Masters")


async def subscribe(page: Page) -> None:
    """Bob subscribes, and a month goes by: the walk of steps 12 and 13."""
    await step(page, 12)
    await press(page, "Regular · 30 days · ⭐ 250", "⭐ 250 every 30 days", "💳 Pay ⭐ 250")
    bill = page.get_by_role("dialog")
    await expect(bill).to_contain_text("Charged again every 30 days")
    await bill.get_by_role("button", name="Pay 250 ⭐").click()
    await said(page, "You have Regular, until")
    await page.locator(".tabs").get_by_role("button", name="Tools").click()
    await page.get_by_role("button", name="+30 days").click()
    await said(page, "Bob Stone paid 250 ⭐ for another period")
    await page.locator(".tabs").get_by_role("button", name="Try this").click()
    await step(page, 13)
    await said(page, "Regular")


async def advertise(page: Page) -> None:
    """Cem comes by an ad, and Olga writes to whoever came like that: the walk of steps 21 to 24."""
    await step(page, 21)
    await said(page, "Hi Cem! One puzzle a day")
    await press(page, "➡️ Join")
    await page.get_by_role("button", name="Join", exact=True).click()
    await step(page, 22)
    await expect(page.get_by_test_id("button-✅ Cem Aydın").last).to_be_visible()
    await step(page, 23)
    await said(page, "1 came in")
    await step(page, 24)
    await press(page, "Next ›")
    await said(page, "Now send me the message")
    await page.get_by_test_id("composer").fill("Tonight, {first_name}: *mate in two*")
    await page.get_by_test_id("send").click()
    await press(page, "No button", "🚀 Start")
    await said(page, "Going out")


@pytest.mark.browser
async def test_the_list_of_things_to_try_works_step_by_step(
    tg: Sandbox, world: DemoWorld, open_page: Any
) -> None:
    page = await open_page(f"{tg.url}/sandbox/?lang=en")
    await step(page, 1)
    await said(page, "Welcome to Chess Club, Dora Lima! You are number 6.")
    await step(page, 2)
    await said(page, "Welcome to Chess Club, Spike!")
    await step(page, 3)
    await said(page, "Poster: 1")
    await step(page, 4)
    await said(page, "Ann, we meet every Friday at 19:00")
    await step(page, 5)
    await said(page, "A message of Spike was removed: an invite to another chat")
    await step(page, 6)
    await said(page, "Spam in Chess Club")
    await page.get_by_test_id("button-✅ Not spam").last.click()
    await said(page, "Not spam, says Olga Kern")
    await step(page, 7)
    await said(page, "You have Masters")
    await page.get_by_test_id("button-Join Chess Masters").click()
    await page.get_by_role("button", name="Ask to join").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await step(page, 8)
    await said(page, "Enter Masters")
    await step(page, 9)
    await said(page, "used already")
    assert "Dora Lima" in tg.members(world.masters)
    await buy(page)
    await subscribe(page)
    await step(page, 14)
    await step(page, 15)
    await said(page, "Invited: 1")
    await step(page, 16)
    await step(page, 17)
    await said(page, "@chess_gate_bot is connected")
    await step(page, 18)
    await said(page, "You have 2 bots.")
    await advertise(page)
    await tg.settle()
    assert tg.last(world.cem, bot=world.service_bot).text == "Tonight, Cem: mate in two"


async def test_the_demo_sets_itself_up_through_the_chat(tg: Sandbox, world: DemoWorld) -> None:
    """The control for machines without a browser: the same world, by the driver alone."""
    await world.dora.join(via=world.group_links["Poster"])
    assert "Welcome to Chess Club, Dora Lima!" in tg.last(world.group).text
    spam = await world.spike.join(via=world.group_links["Newsletter"])
    assert spam == "member"


async def test_a_month_of_the_demo_is_one_press(tg: Sandbox, world: DemoWorld) -> None:
    ann, bob, bot = world.ann, world.bob, world.service_bot
    await bob.start(bot)
    for person, plan, pay in ((ann, "Visitor", "Pay ⭐ 100"), (bob, "Regular", "⭐ 250 every 30 days")):
        await person.send(bot, "/plans")
        await person.click(plan)
        await person.click(pay)
    await ann.pay(tg.last(ann, bot=bot))
    subscription = await bob.pay(tg.last(bob, bot=bot).url("Pay ⭐ 250"))
    told = len(tg.messages(ann, bot=bot))
    tg.clock.advance(days=30)
    async with asyncio.timeout(90):
        while len(tg.messages(ann, bot=bot)) == told:
            await tg.wait_for_change(10)
    await tg.settle()
    assert "has ended" in tg.last(ann, bot=bot).text
    assert "has ended" not in tg.last(bob, bot=bot).text, "he paid in the same minute"
    assert len(bob.payments_to(bot)) == 2
    assert subscription.subscription is not None
    assert subscription.subscription.state(tg.clock.time()) == "active"
