"""Money on the page: the bill, the receipt, Stars, subscriptions, the ledger, and trouble with all that."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests import browser as chromium
from tests.browser import PHONE, OpenPage
from tests.sandbox.stage import PRICE, Stage, become, sideways, staged, write

pytestmark = pytest.mark.browser
browser, open_page = chromium.browser, chromium.open_page  # pytest finds fixtures among a module's names
MONTH = 30 * 86_400


async def at_the_shop(open_page: OpenPage, stage: Stage, button: str, link: str, **options: Any) -> Page:
    """The page, as Ann looks at a button of the bot that leads to an invoice."""
    await stage.ann.start(stage.bot)
    keyboard = {"inline_keyboard": [[{"text": button, "url": link}]]}
    await stage.voice.call("sendMessage", chat_id=stage.ann.id, text="Our plans", reply_markup=keyboard)
    page = await open_page(stage.url, **options)
    await become(page, "Ann", "Echo")
    await page.get_by_test_id(f"button-{button}").click()
    return page


async def money(page: Page, card: str) -> Locator:
    """A card of the Money pane."""
    await page.locator(".tabs").get_by_role("button", name="Money").click()
    return page.get_by_test_id(card)


async def test_an_invoice_is_paid_and_its_button_becomes_a_receipt(open_page: OpenPage) -> None:
    async with staged() as stage:
        await stage.ann.start(stage.bot)
        page = await open_page(stage.url)
        await become(page, "Ann", "Echo")
        await write(page, "/buy")
        await page.get_by_test_id(f"button-Pay {PRICE} ⭐").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Your balance: 120 ⭐")
        await expect(dialog).to_contain_text("Thirty days.")
        await dialog.get_by_role("button", name=f"Pay {PRICE} ⭐").click()
        await expect(page.get_by_test_id("message").last).to_have_text(f"Ann paid {PRICE} ⭐")
        await expect(dialog).to_have_count(0)
        assert stage.ann.stars == 120 - PRICE
        await page.locator(".inline").get_by_role("button", name="Receipt").click()
        await expect(dialog).to_contain_text("Paid to")
        await expect(dialog).not_to_contain_text("Went back")
        await dialog.get_by_role("button", name="Close").click()
        await stage.tg.take_back(stage.ann.payments_to(stage.bot)[0])
        await page.get_by_role("button", name=f"Ann paid {PRICE} ⭐").click()
        await expect(dialog).to_contain_text("Went back")


async def test_the_bill_says_why_the_bot_refuses(open_page: OpenPage) -> None:
    async with staged() as stage:
        stage.voice.no = "Only 10 places, <b>all</b> taken"
        link = await stage.voice.sell("Gold", PRICE)
        page = await at_the_shop(open_page, stage, "Gold", link, forgive="status of 400")
        bill = page.get_by_role("dialog")
        await bill.get_by_role("button", name="Pay").click()
        await expect(bill.get_by_role("alert")).to_have_text("Not paid: Only 10 places, <b>all</b> taken")
        assert stage.ann.stars == 120
        stage.voice.no = None
        await bill.get_by_role("button", name="Pay").click()
        await expect(page.get_by_test_id("message").last).to_have_text(f"Ann paid {PRICE} ⭐")


async def test_who_lacks_stars_gets_some_in_the_bill(open_page: OpenPage) -> None:
    async with staged() as stage:
        page = await at_the_shop(open_page, stage, "Gold", await stage.voice.sell("Gold", 300))
        bill = page.get_by_role("dialog")
        await expect(bill).to_contain_text("180 ⭐ are missing.")
        await expect(bill.get_by_role("button", name="Pay")).to_have_count(0)
        await bill.get_by_role("button", name="Add 100 ⭐").click()
        await expect(bill).to_contain_text("80 ⭐ are missing.")
        await bill.get_by_role("button", name="Add 100 ⭐").click()
        await bill.get_by_role("button", name="Pay 300 ⭐").click()
        await expect(page.get_by_test_id("message").last).to_have_text("Ann paid 300 ⭐")
        await expect(await money(page, "stars")).to_contain_text("Your balance: 20 ⭐")


async def test_a_card_pays_what_is_not_in_stars(open_page: OpenPage) -> None:
    async with staged() as stage:
        link = await stage.voice.sell("Silver", 1999, currency="EUR", provider_token="1:TEST:x")
        page = await at_the_shop(open_page, stage, "Silver", link)
        bill = page.get_by_role("dialog")
        await expect(bill).to_contain_text("Test card, no real money")
        await bill.get_by_role("button", name="Pay 19.99 EUR").click()
        await expect(page.get_by_test_id("message").last).to_have_text("Ann paid 19.99 EUR")
        ledger = await money(page, f"ledger-{stage.bot.id}")
        await expect(ledger).to_contain_text("Balance at Telegram: 0 ⭐")
        await expect(ledger.locator("li")).to_contain_text("test card")
        await expect(ledger.get_by_role("button")).to_have_count(0)
        assert stage.ann.stars == 120


async def test_a_subscription_is_canceled_restored_and_renewed_by_the_clock(open_page: OpenPage) -> None:
    async with staged() as stage:
        link = await stage.voice.sell("Gold", PRICE, subscription_period=MONTH)
        page = await at_the_shop(open_page, stage, "Gold", link)
        bill = page.get_by_role("dialog")
        await expect(bill).to_contain_text("Charged again every 30 days")
        await bill.get_by_role("button", name="Pay").click()
        stars = await money(page, "stars")
        await expect(stars).to_contain_text("renews on")
        await stars.get_by_role("button", name="Stop renewing").click()
        await expect(stars).to_contain_text("ends on")
        await stars.get_by_role("button", name="Restore").click()
        await expect(stars).to_contain_text("renews on")
        await page.locator(".tabs").get_by_role("button", name="Tools").click()
        await page.get_by_role("button", name="+30 days").click()
        await expect(page.get_by_test_id("message").last).to_have_text(
            f"Ann paid {PRICE} ⭐ for another period"
        )
        await page.get_by_role("button", name="+30 days").click()
        stars = await money(page, "stars")
        await expect(stars).to_contain_text("ended: too few Stars")
        await stars.get_by_role("button", name="Subscribe again").click()
        await expect(bill).to_contain_text("30 ⭐ are missing.")


async def test_telegram_takes_a_payment_back(open_page: OpenPage) -> None:
    async with staged() as stage:
        await stage.ann.pay(await stage.voice.sell("Gold", PRICE))
        page = await open_page(stage.url)
        await become(page, "Ann", "Echo")
        ledger = await money(page, f"ledger-{stage.bot.id}")
        await expect(ledger).to_contain_text(f"Balance at Telegram: {PRICE} ⭐")
        await ledger.get_by_role("button", name="Telegram takes it back").click()
        await expect(ledger.locator("li.back")).to_contain_text("back to Ann")
        await expect(ledger).to_contain_text("Balance at Telegram: 0 ⭐")
        await expect(ledger.get_by_role("button")).to_have_count(0)
        await expect(page.get_by_test_id("message").last).to_have_text(f"Ann got {PRICE} ⭐ back")


async def test_an_update_is_lost_on_demand(open_page: OpenPage) -> None:
    async with staged() as stage:
        await stage.ann.start(stage.bot)
        page = await open_page(stage.url)
        await page.locator(".tabs").get_by_role("button", name="Tools").click()
        await page.get_by_label("What happens").select_option("lose")
        await page.locator(".pair select").select_option("successful_payment")
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.locator(".fault")).to_contain_text("Lost update · successful_payment · 1×")
        await stage.ann.pay(await stage.voice.sell("Gold", PRICE))
        await expect(page.locator(".fault")).to_have_count(0)
        kinds = [key for update in stage.bot.updates for key in update.body.get("message", {})]
        assert "successful_payment" not in kinds
        assert stage.bot.stars == PRICE
        await page.get_by_label("What happens").select_option("delay")
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.locator(".fault")).to_contain_text("Update an hour late")
        await stage.ann.send(stage.bot, "Hello?")
        assert len(stage.tg.late) == 1
        await page.get_by_role("button", name="+1 hour").click()
        await expect(page.get_by_test_id("calls")).to_contain_text("sendMessage")


async def test_bills_and_the_ledger_fit_a_phone(open_page: OpenPage) -> None:
    async with staged() as stage:
        title, price = "A_title_of_thirty_two_characters", 100_000
        stage.ann.add_stars(price)
        long = {"description": "A_very_long_word_" * 14, "subscription_period": MONTH}
        link = await stage.voice.sell(title, 10_000, **long)
        await stage.ann.start(stage.bot)
        page = await open_page(f"{stage.url}?as={stage.ann.id}", size=PHONE)
        await page.get_by_role("button", name="Open a link").click()
        await page.get_by_label("Link or @username").fill(link)
        await page.get_by_role("button", name="Open", exact=True).click()
        bill = page.get_by_role("dialog")
        await expect(bill).to_contain_text("10000 ⭐")
        assert not await bill.evaluate("node => node.scrollWidth > node.clientWidth")
        await bill.get_by_role("button", name="Pay").click()
        await page.locator(".bar").get_by_role("button", name="Money", exact=True).click()
        await expect(page.get_by_test_id(f"subscription-{title}")).to_be_visible()
        assert not await sideways(page)
        assert not await page.locator("section[data-side=money]").evaluate(
            "node => node.scrollWidth > node.clientWidth"
        )
