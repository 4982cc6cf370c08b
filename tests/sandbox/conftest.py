"""A sandbox of its own for each test, with raw access to its Bot API."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot as Client
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from sandbox import BotHandle, ChatHandle, Person, Sandbox
from tests.sandbox.tools import ALL_KINDS, Api, Cashier, Listener, Page


@pytest.fixture
async def tg() -> AsyncIterator[Sandbox]:
    """A plain sandbox: nothing is redelivered unless a test says so."""
    async with Sandbox(quiet=0.01) as sandbox:
        yield sandbox


@pytest.fixture
def bot(tg: Sandbox) -> BotHandle:
    return tg.bot("gate_bot", name="Gate", can_manage_bots=True)


@pytest.fixture
def ann(tg: Sandbox) -> Person:
    return tg.user("Ann Reed", username="ann")


@pytest.fixture
def bob(tg: Sandbox) -> Person:
    return tg.user("Bob", language="de", stars=100)


@pytest.fixture
async def group(tg: Sandbox, ann: Person, bot: BotHandle) -> ChatHandle:
    """Ann's supergroup; the bot is an administrator with all rights."""
    chat = tg.group("Chess", owner=ann)
    await ann.add(bot, chat, rights="all")
    return chat


@pytest.fixture
async def api(tg: Sandbox, bot: BotHandle) -> AsyncIterator[Api]:
    """Raw calls of the bot."""
    async with Api(tg, bot) as client:
        yield client


@pytest.fixture
async def client(tg: Sandbox, bot: BotHandle) -> AsyncIterator[Client]:
    """aiogram's client of the bot."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(tg.url))
    async with Client(bot.token, session=session) as made:
        yield made


@pytest.fixture
async def hook(tg: Sandbox, bot: BotHandle) -> AsyncIterator[Listener]:
    """A webhook of the bot that records updates."""
    async with Listener() as listener:
        yield listener
        listener.answers.clear()


@pytest.fixture
async def cashier(api: Api, hook: Listener) -> Cashier:
    """The bot listens at its webhook and takes payments."""
    await api("setWebhook", url=hook.url, allowed_updates=ALL_KINDS)
    return Cashier(hook)


@pytest.fixture
async def page(tg: Sandbox) -> AsyncIterator[Page]:
    """The page's API."""
    async with aiohttp.ClientSession() as session:
        yield Page(tg, session)
