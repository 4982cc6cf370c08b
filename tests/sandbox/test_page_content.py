"""What messages carry, as the page shows it: photos, albums, topics, keys; and lost streams."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from sandbox import Sandbox
from sandbox.filestore import tiny_png
from tests import browser as chromium
from tests.browser import OpenPage
from tests.sandbox.stage import Stage, become, staged, write

pytestmark = pytest.mark.browser
browser, open_page = chromium.browser, chromium.open_page  # pytest finds fixtures among a module's names


async def loaded(images: Locator) -> list[bool]:
    """Whether each image has arrived and could be read."""
    wait = "async image => { await image.decode(); return image.naturalWidth > 0 }"
    return [await image.evaluate(wait) for image in await images.all()]


async def test_a_persons_photo_is_shown_with_its_caption(open_page: OpenPage) -> None:
    async with staged() as stage:
        page = await open_page(stage.url)
        await become(page, "Ann", "Chess club")
        file = {"name": "board.png", "mimeType": "image/png", "buffer": tiny_png()}
        await page.locator("#photo").set_input_files(file)  # type: ignore[arg-type]
        await expect(page.locator("#replying")).to_contain_text("board.png")
        await write(page, "Our new board")
        bubble = page.get_by_test_id("message").last
        await expect(bubble).to_contain_text("Our new board")
        assert await loaded(bubble.locator("img")) == [True]


async def test_an_album_is_one_bubble(open_page: OpenPage) -> None:
    async with staged() as stage:
        await stage.ann.start(stage.bot)
        page = await open_page(stage.url)
        await become(page, "Ann", "Echo")
        await write(page, "/album")
        album = page.get_by_test_id("message").last
        await expect(album.locator(".album img")).to_have_count(3)
        await expect(album).to_contain_text("Three evenings")
        assert await loaded(album.locator("img")) == [True] * 3
        await album.hover()
        await album.get_by_role("button", name="Message actions").click()
        await page.get_by_role("button", name="Delete").click()
        await expect(page.locator(".album")).to_have_count(0)
        await expect(page.locator("#messages img")).to_have_count(0)


async def test_a_reply_keyboard_sends_its_words_and_folds_away(open_page: OpenPage) -> None:
    async with staged() as stage:
        await stage.ann.start(stage.bot)
        page = await open_page(stage.url)
        await become(page, "Ann", "Echo")
        await write(page, "/keys")
        await page.get_by_test_id("key-Black").click()
        await expect(page.get_by_test_id("message").last).to_contain_text("You said: Black")
        await expect(page.get_by_test_id("key-Black")).to_be_hidden()
        await page.get_by_role("button", name="Bot keyboard").click()
        await expect(page.get_by_test_id("key-Black")).to_be_visible()


async def test_a_forum_shows_one_topic_at_a_time_and_answers_go_there(open_page: OpenPage) -> None:
    async with staged() as stage:
        forum = stage.tg.group("Openings", owner=stage.ann, forum=True)
        sicilian = await stage.ann.create_topic(forum, "Sicilian")
        await stage.ann.send(forum, "1. e4 c5", topic=sicilian)
        await stage.ann.send(forum, "Hello everybody")
        page = await open_page(stage.url)
        await become(page, "Ann", "Openings")
        topics, messages = page.get_by_role("navigation", name="Topics"), page.locator("#messages")
        await topics.get_by_role("button", name="General").click()
        await expect(messages).not_to_contain_text("1. e4 c5")
        await topics.get_by_role("button", name="Sicilian").click()
        await expect(messages).not_to_contain_text("Hello everybody")
        await write(page, "2. Nf3")
        await expect(page.get_by_test_id("message").last).to_contain_text("2. Nf3")
        assert stage.tg.last(forum).message.thread_id == sicilian


async def test_an_admin_makes_a_link_from_the_chats_details(open_page: OpenPage) -> None:
    async with staged() as stage:
        page = await open_page(stage.url)
        await become(page, "Ann", "Chess club")
        await page.get_by_role("button", name="Details of Chess club").click()
        await page.get_by_role("button", name="New link").click()
        await page.get_by_label("Name").fill("Flyer")
        await page.get_by_role("button", name="Create").click()
        await expect(page.locator("#toasts")).to_contain_text("Copied: https://t.me/+")
        assert "Flyer" in [link.name for link in stage.club.chat.links.values()]


async def test_a_lost_stream_is_taken_up_again_and_nothing_is_missed(open_page: OpenPage) -> None:
    async with staged() as stage:
        page = await open_page(stage.url)
        await become(page, "Ann", "Chess club")
        stage.tg.view.close()
        await stage.ann.send(stage.club, "Said into the gap")
        await expect(page.get_by_test_id("message").last).to_contain_text("Said into the gap")
        await expect(page.locator("#offline")).to_be_hidden()
        await stage.ann.send(stage.club, "Said afterwards")
        await expect(page.get_by_test_id("message").last).to_contain_text("Said afterwards")


async def test_a_sandbox_that_starts_anew_brings_its_new_world(open_page: OpenPage) -> None:
    async with Sandbox() as tg:
        stage = Stage(tg)
        port = int(tg.url.rpartition(":")[2])
        page = await open_page(stage.url, forgive="net::ERR_")
        await become(page, "Ann", "Chess club")
        await write(page, "Before")
        await expect(page.get_by_test_id("message").last).to_contain_text("Before")
    await expect(page.locator("#offline")).to_be_visible()
    async with Sandbox(port=port) as tg:
        cem = tg.user("Cem")
        tg.group("Go club", owner=cem)
        await expect(page.get_by_test_id("chat-Go club")).to_be_visible(timeout=15_000)
        await expect(page.locator("#offline")).to_be_hidden()
        await expect(page.get_by_text("Before")).to_have_count(0)
