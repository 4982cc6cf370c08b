"""The web page, used by hands in a real browser: person, chat, words, buttons, links, phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests import browser as chromium
from tests.browser import PHONE, OpenPage
from tests.sandbox.stage import become, sideways, staged, write

pytestmark = pytest.mark.browser
browser, open_page = chromium.browser, chromium.open_page  # pytest finds fixtures among a module's names

HOSTILE = '<img src=x onerror="document.title=1"> javascript:alert(1)'


async def test_a_person_starts_a_bot_writes_and_sees_the_answer(open_page: OpenPage) -> None:
    async with staged() as stage:
        page = await open_page(stage.url)
        await become(page, "Ann", "Echo")
        await page.get_by_role("button", name="Start", exact=True).click()
        greeting = page.get_by_test_id("message").last
        await expect(greeting).to_contain_text("Welcome, friend")
        await expect(greeting.locator("b")).to_have_text("Welcome")
        await write(page, "Good morning")
        await expect(page.get_by_test_id("message").last).to_contain_text("You said: Good morning")
        await expect(page.get_by_test_id("composer")).to_have_value("")


async def test_an_inline_button_brings_the_bots_answer_as_a_toast(open_page: OpenPage) -> None:
    async with staged() as stage:
        await stage.ann.start(stage.bot)
        page = await open_page(stage.url)
        await become(page, "Ann", "Echo")
        await page.get_by_role("button", name="Rules").click()
        await expect(page.locator("#toasts")).to_contain_text("Be kind.")
        await page.get_by_role("button", name="Calls").first.click()
        await expect(page.get_by_test_id("calls")).to_contain_text("answerCallbackQuery")


async def test_a_stranger_joins_by_link_and_everybody_sees_it(open_page: OpenPage) -> None:
    async with staged() as stage:
        link = await stage.ann.create_link(stage.club, name="Ads")
        page = await open_page(stage.url)
        await page.get_by_test_id("person-Bob").click()
        await expect(page.get_by_test_id("chat-Chess club")).to_have_count(0)
        await page.get_by_role("button", name="Open a link").click()
        await page.get_by_label("Link or @username").fill(str(link))
        await page.get_by_role("button", name="Open", exact=True).click()
        await page.get_by_role("button", name="Join", exact=True).click()
        await expect(page.get_by_test_id("message").last).to_contain_text("Bob joined")
        await write(page, "Hello, club")
        await become(page, "Ann", "Chess club")
        await expect(page.get_by_test_id("message").last).to_contain_text("Hello, club")


async def test_messages_elsewhere_leave_an_unread_mark(open_page: OpenPage) -> None:
    async with staged() as stage:
        page = await open_page(stage.url)
        await become(page, "Bob", "Echo")
        await stage.ann.start(stage.bot)
        await expect(page.get_by_test_id("person-Ann").locator(".badge")).to_have_text("1")
        await become(page, "Ann", "Echo")
        await expect(page.get_by_test_id("person-Ann").locator(".badge")).to_have_count(0)


async def test_what_people_write_is_never_markup(open_page: OpenPage) -> None:
    async with staged() as stage:
        page = await open_page(stage.url)
        await become(page, "Ann", "Chess club")
        await write(page, HOSTILE)
        bubble = page.get_by_test_id("message").last
        await expect(bubble).to_contain_text(HOSTILE)
        await expect(bubble.locator("img")).to_have_count(0)
        assert await page.title() == "Gatehouse sandbox"


async def test_trouble_is_switched_on_and_shown_among_the_calls(open_page: OpenPage) -> None:
    async with staged() as stage:
        await stage.ann.start(stage.bot)
        page = await open_page(stage.url)
        await become(page, "Ann", "Echo")
        await page.get_by_role("button", name="Tools").first.click()
        await page.get_by_label("Method").select_option("sendMessage")
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.locator(".fault")).to_contain_text("sendMessage")
        await write(page, "Anybody here?")
        await page.get_by_role("button", name="Calls").first.click()
        await expect(page.locator("#calls .error")).to_contain_text("Too Many Requests")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_shows_one_pane_at_a_time_and_never_scrolls_sideways(
    open_page: OpenPage, scheme: Any
) -> None:
    async with staged() as stage:
        await stage.ann.start(stage.bot)
        await stage.ann.send(stage.bot, "A_very_long_word_without_any_space_" * 8)
        page = await open_page(stage.url, size=PHONE, scheme=scheme)
        await become(page, "Ann", "Echo")
        await expect(page.get_by_test_id("composer")).to_be_visible()
        await expect(page.get_by_test_id("person-Ann")).to_be_hidden()
        for pane in ("People", "Chat", "Try this", "Calls", "Money", "Tools"):
            await page.locator(".bar").get_by_role("button", name=pane, exact=True).click()
            assert not await sideways(page), pane


async def test_words_from_right_to_left_stand_right_to_left(open_page: OpenPage) -> None:
    async with staged() as stage:
        page = await open_page(stage.url)
        await become(page, "Ann", "Chess club")
        await write(page, "سلام دوستان")
        text = page.get_by_test_id("message").last.locator(".text")
        assert await text.evaluate("node => getComputedStyle(node).direction") == "rtl"


async def test_an_admin_lets_somebody_in_from_the_chats_details(open_page: OpenPage) -> None:
    async with staged() as stage:
        link = await stage.ann.create_link(stage.club, name="Ads", request=True)
        await stage.bob.request(stage.club, via=link)
        page = await open_page(stage.url)
        await become(page, "Ann", "Chess club")
        await page.get_by_role("button", name="Details of Chess club").click()
        await page.get_by_role("button", name="Approve").click()
        await expect(page.get_by_test_id("message").last).to_contain_text("Bob")
        await become(page, "Bob", "Chess club")
        await expect(page.get_by_test_id("composer")).to_be_visible()


async def test_a_try_step_brings_person_chat_and_words(open_page: OpenPage) -> None:
    async with staged() as stage:
        await stage.ann.start(stage.bot)
        key = stage.ann.chat_with(stage.bot).key
        step = {"text": "Ask", "as": stage.ann.id, "chat": key, "open": None, "fill": "What now?"}
        stage.tg.view.set_tries([{"title": "Talk", "text": "", "steps": [step]}])
        page = await open_page(stage.url)
        await page.get_by_test_id("person-Bob").click()
        await page.get_by_test_id("try-1").click()
        await expect(page.get_by_test_id("person-Ann")).to_have_attribute("aria-pressed", "true")
        await expect(page.get_by_test_id("composer")).to_have_value("What now?")


async def test_half_written_words_stay_with_their_writer(open_page: OpenPage) -> None:
    async with staged() as stage:
        await stage.bob.join(stage.club, via=await stage.ann.create_link(stage.club))
        page = await open_page(stage.url)
        await become(page, "Ann", "Chess club")
        await page.get_by_test_id("composer").fill("Dear Bob")
        await become(page, "Bob", "Chess club")
        await expect(page.get_by_test_id("composer")).to_have_value("")
        await become(page, "Ann", "Chess club")
        await expect(page.get_by_test_id("composer")).to_have_value("Dear Bob")
