"""The page in Russian: whatever is not somebody's own words must not be English."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from sandbox import BotHandle, ChatHandle, Person, Sandbox
from sandbox.seed import seed_demo
from tests import browser as chromium
from tests.browser import OpenPage
from tests.sandbox.stage import PRICE, PollingBot, become, staged, voice

pytestmark = pytest.mark.browser
browser, open_page = chromium.browser, chromium.open_page  # pytest finds fixtures among a module's names

OWN_NAMES = {"EUR", "Telegram", "Gatehouse", "Bot", "API", "JSON", "GIF", "EN"}
TO_ENGLISH = "In English"
"""What the language button is called, in the language it leads to."""
DATA = re.compile(
    r"https?://\S+|t\.me/\S*|@\w+|/\w+"  # addresses, usernames, commands
    r"|\b[a-z]+(?:[A-Z]\w*)+"  # methods of the Bot API
    r"|\d+ ms\b"
)
SEEN = """() => {
    const said = [];
    const seen = (node) => node.checkVisibility({ visibilityProperty: true });
    for (const node of document.querySelectorAll("body, body *")) {
        if (!seen(node) || node.closest("#calls details, code")) continue;
        for (const name of ["aria-label", "title", "placeholder", "alt"]) said.push(node.getAttribute(name));
        for (const child of node.childNodes) if (child.nodeType === Node.TEXT_NODE) said.push(child.data);
    }
    return [document.title, ...said.filter(Boolean)];
}"""


class RussianStage:
    """All people, chats and words are Russian, so that every Latin word left is the page's."""

    def __init__(self, tg: Sandbox) -> None:
        self.tg = tg
        self.url = f"{tg.url}/sandbox/"
        self.bot: BotHandle = tg.bot("echo_bot", name="Эхо")
        self.anna: Person = tg.user("Анна", stars=500)
        self.boris: Person = tg.user("Борис", stars=60)
        self.vera: Person = tg.user("Вера")
        self.club: ChatHandle = tg.group("Шахматы", owner=self.anna)

    async def play(self) -> None:
        """Let everything happen that the sandbox has words for."""
        link = await self.anna.create_link(self.club, name="Афиша", request=True, limit=5)
        open_link = await self.anna.create_link(self.club)
        await self.boris.join(self.club, via=open_link)
        await self.anna.add(self.bot, self.club, rights="all")
        await self.vera.request(self.club, via=link)
        photo = await self.boris.send(self.club, photo=True)
        await self.anna.pin(photo)
        await self.anna.pin(await self.boris.send(self.club, "Привет"))
        await self.anna.rename(self.club, "Клуб")
        await self.anna.kick(self.boris, self.club)
        forum = self.tg.group("Темы", owner=self.anna, forum=True)
        await self.anna.create_topic(forum, "Дебюты")
        self.tg.channel("Новости", owner=self.vera)


async def pay_for_everything(stage: RussianStage, bot: PollingBot) -> None:
    """A subscription that ended, one that goes on, a card payment, and money that went back."""
    bot.silent = True
    running = asyncio.get_running_loop().create_task(bot.run())
    period = {"subscription_period": 30 * 86_400}
    await stage.boris.pay(await bot.sell("Месяц", 50, **period))
    stage.tg.clock.advance(days=31)
    first = await stage.anna.pay(await bot.sell("Месяц", 50, **period))
    await stage.anna.pay(await bot.sell("Год", 1999, currency="EUR", provider_token="1:TEST:x"))
    await stage.tg.take_back(first)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def english(texts: list[str]) -> set[str]:
    """Latin words among texts that are nobody's data or name."""
    words = {word for text in texts for word in re.findall(r"[A-Za-z]{2,}", DATA.sub(" ", text))}
    return words - OWN_NAMES


async def seen(page: Page) -> list[str]:
    """Every text and label in sight."""
    found: list[str] = await page.evaluate(SEEN)
    assert TO_ENGLISH in found
    return [text for text in found if text != TO_ENGLISH]


async def test_no_pane_and_no_dialog_shows_an_english_word(open_page: OpenPage) -> None:
    async with Sandbox() as tg:
        stage = RussianStage(tg)
        await stage.play()
        async with voice(tg, stage.bot) as bot:
            await stage.anna.start(stage.bot)
            await bot.bill(stage.anna.id, "Месяц", "Тридцать дней")
            await bot.call("sendMessage", chat_id=1, text="Никому")
            await pay_for_everything(stage, bot)
        page = await open_page(stage.url, locale="ru-RU")
        for chat in ("Клуб", "Темы", "Эхо"):
            await become(page, "Анна", chat)
            await expect(page.locator("#messages")).not_to_be_empty()
            assert not english(await seen(page)), chat
        for pane in ("try", "calls", "money", "tools"):
            await page.locator(f".tabs [data-pane={pane}]").click()
            assert not english(await seen(page)), pane
        for opener in ("#details", "#open-link"):
            await become(page, "Анна", "Клуб")
            await page.locator(opener).click()
            assert not english(await page.get_by_role("dialog").all_inner_texts()), opener
            await page.get_by_role("button", name="Закрыть").click()
        await page.get_by_test_id("person-Борис").click()
        assert not english(await seen(page))


async def test_the_demos_list_is_russian_but_for_its_people(open_page: OpenPage) -> None:
    async with Sandbox() as tg:
        world = await seed_demo(tg)
        page = await open_page(f"{tg.url}/sandbox/", locale="ru-RU")
        words = " ".join(await page.locator(".try h3, .try p, .try b").all_inner_texts())
        people = {word for user in tg.world.users.values() for word in user.full_name.split()}
        assert english([words]) <= people | set(world.group.title.split()) | {"BotFather"}
        assert "Люди вступают, и их встречают" in words


async def test_a_refusal_is_russian(open_page: OpenPage) -> None:
    async with Sandbox() as tg:
        stage = RussianStage(tg)
        await stage.anna.start(stage.bot)
        tg.limits.pre_checkout_seconds = 0.05
        async with voice(tg, stage.bot) as bot:
            await bot.bill(stage.anna.id, "Месяц", "Тридцать дней")
        page = await open_page(stage.url, locale="ru-RU", forgive="status of 400")
        await become(page, "Анна", "Эхо")
        await page.get_by_test_id(f"button-Заплатить {PRICE} ⭐").click()
        bill = page.get_by_role("dialog")
        await bill.get_by_role("button", name="Заплатить").click()
        await expect(bill.get_by_role("alert")).to_have_text("Не оплачено: Бот не успел подтвердить оплату.")
        assert not english([await bill.inner_text()])


async def test_the_page_speaks_the_browsers_language_or_the_chosen_one(open_page: OpenPage) -> None:
    async with staged() as stage:
        page = await open_page(stage.url, locale="ru-RU")
        await expect(page.get_by_role("heading", name="Чаты")).to_be_visible()
        english_page = await open_page(f"{stage.url}?lang=en", locale="ru-RU")
        await expect(english_page.get_by_role("heading", name="Chats")).to_be_visible()
        await english_page.get_by_role("button", name="По-русски").click()
        await expect(english_page.get_by_role("heading", name="Чаты")).to_be_visible()
