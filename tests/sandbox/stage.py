"""What page tests play on: a sandbox, a bot of a few lines, people and a group."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, FormData
from playwright.async_api import Page

from sandbox import BotHandle, ChatHandle, Person, Sandbox
from sandbox.filestore import tiny_png

KEYBOARD = [[{"text": "Rules", "callback_data": "rules"}, {"text": "Docs", "url": "https://example.org"}]]
PRICE = 50


class PollingBot:
    """Greets with formatting and buttons, answers presses and bills, knows three words, echoes the rest."""

    def __init__(self, base: str, session: ClientSession) -> None:
        self._base, self._session = base, session
        self.no: str | None = None
        """Why payments are refused; None takes them."""
        self.silent = False
        """Whether it says nothing, and only takes payments."""
        self._answers = {"/buy": self.bill, "/album": self.album, "/keys": self.keys}

    async def call(self, method: str, **params: Any) -> Any:
        """One Bot API call; its result."""
        async with self._session.post(f"{self._base}/{method}", json=params) as response:
            return (await response.json()).get("result")

    async def run(self) -> None:
        """Poll and answer until cancelled."""
        offset = 0
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=20) or []:
                offset = update["update_id"] + 1
                await self.answer(update)

    async def answer(self, update: dict[str, Any]) -> None:
        """What this bot does about one update."""
        if query := update.get("callback_query"):
            await self.call("answerCallbackQuery", callback_query_id=query["id"], text="Be kind.")
        elif query := update.get("pre_checkout_query"):
            verdict = {"ok": self.no is None, "error_message": self.no}
            await self.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], **verdict)
        elif not self.silent and (message := update.get("message")) and (text := message.get("text")):
            await self.reply(message["chat"]["id"], text)

    async def reply(self, chat: int, text: str) -> None:
        """What this bot says to one text."""
        if text.startswith("/start"):
            greeting = {"text": "<b>Welcome</b>, <i>friend</i>", "parse_mode": "HTML"}
            await self.call(
                "sendMessage", chat_id=chat, reply_markup={"inline_keyboard": KEYBOARD}, **greeting
            )
        elif text in self._answers:
            await self._answers[text](chat)
        else:
            await self.call("sendMessage", chat_id=chat, text=f"You said: {text}")

    async def sell(self, title: str, amount: int, *, currency: str = "XTR", **more: Any) -> str:
        """An invoice link."""
        prices = [{"label": title, "amount": amount}]
        bill = {"title": title, "description": title, "payload": title, "currency": currency} | more
        return str(await self.call("createInvoiceLink", **bill, prices=prices))

    async def bill(self, chat: int, title: str = "A month", description: str = "Thirty days.") -> None:
        """An invoice in Stars."""
        price = {"currency": "XTR", "prices": [{"label": title, "amount": PRICE}], "payload": "month"}
        await self.call("sendInvoice", chat_id=chat, title=title, description=description, **price)

    async def keys(self, chat: int) -> None:
        """A reply keyboard."""
        keyboard = {"keyboard": [[{"text": "White"}, {"text": "Black"}]], "one_time_keyboard": True}
        await self.call("sendMessage", chat_id=chat, text="Your colour?", reply_markup=keyboard)

    async def album(self, chat: int) -> None:
        """Three photos that belong together."""
        form = FormData()
        media = [{"type": "photo", "media": f"attach://photo{number}"} for number in range(3)]
        media[0]["caption"] = "Three evenings"
        form.add_field("chat_id", str(chat))
        form.add_field("media", json.dumps(media))
        for number in range(3):
            form.add_field(f"photo{number}", tiny_png(), filename="photo.png", content_type="image/png")
        async with self._session.post(f"{self._base}/sendMediaGroup", data=form) as response:
            assert response.status == 200, await response.text()


class Stage:
    """What a test needs at hand: the sandbox's page, a bot, people and a group."""

    def __init__(self, tg: Sandbox) -> None:
        self.tg = tg
        self.url = f"{tg.url}/sandbox/"
        self.bot: BotHandle = tg.bot("echo_bot", name="Echo")
        self.ann: Person = tg.user("Ann", stars=120)
        self.bob: Person = tg.user("Bob")
        self.club: ChatHandle = tg.group("Chess club", owner=self.ann)
        self.voice: PollingBot


@asynccontextmanager
async def voice(tg: Sandbox, bot: BotHandle) -> AsyncIterator[PollingBot]:
    """The bot, to be spoken through; it answers nobody until it runs."""
    async with ClientSession() as session:
        yield PollingBot(f"{tg.url}/bot{bot.token}", session)


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """A sandbox with the bot polling in the background."""
    async with Sandbox() as tg:
        stage = Stage(tg)
        async with voice(tg, stage.bot) as bot:
            stage.voice = bot
            polling = asyncio.get_running_loop().create_task(bot.run())
            try:
                yield stage
            finally:
                polling.cancel()
                await asyncio.gather(polling, return_exceptions=True)


async def become(page: Page, person: str, chat: str) -> None:
    """Switch to a person and one of their chats."""
    await page.get_by_test_id(f"person-{person}").click()
    await page.get_by_test_id(f"chat-{chat}").click()


async def write(page: Page, text: str) -> None:
    """Type into the composer and send."""
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("send").click()


async def sideways(page: Page) -> bool:
    """Whether the page can be scrolled horizontally."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > innerWidth"))
