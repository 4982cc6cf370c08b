"""The demo: what a newcomer sees in his first minutes, in a real browser, with the real application."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from sandbox import Sandbox
from sandbox.demo import play
from sandbox.seed import DemoWorld, seed_demo
from tests import browser as chromium
from tests.conftest import Start

browser, open_page = chromium.browser, chromium.open_page


@pytest.fixture
async def world(tg: Sandbox, start_app: Start) -> AsyncIterator[DemoWorld]:
    """The demo, set up as `make demo` does."""
    seeded = await seed_demo(tg)
    async with start_app(bot_token=seeded.service_bot.token, owner_ids=(seeded.olga.id,)):
        await play(tg, seeded)
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
    await step(page, 10)
    await step(page, 11)
    await said(page, "Invited: 1")
    await step(page, 12)
    await step(page, 13)
    await said(page, "@chess_gate_bot is connected")
    await step(page, 14)
    await said(page, "You have 2 bots.")
    assert "Dora Lima" in tg.members(world.masters)


async def test_the_demo_sets_itself_up_through_the_chat(tg: Sandbox, world: DemoWorld) -> None:
    """The control for machines without a browser: the same world, by the driver alone."""
    await world.dora.join(via=world.group_links["Poster"])
    assert "Welcome to Chess Club, Dora Lima!" in tg.last(world.group).text
    spam = await world.spike.join(via=world.group_links["Newsletter"])
    assert spam == "member"
