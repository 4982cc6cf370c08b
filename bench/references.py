"""What Gatehouse is compared with, each in a process of its own: `python -m bench.references NAME PORT …`."""

import asyncio
import sys

import uvloop
from aiohttp import ClientSession, web

SECRET = "bench-secret"  # noqa: S105 - known to nobody but the bench


def token(number: int = 0) -> str:
    """The token of the n-th bot."""
    return f"{1_000_000 + number}:{'A' * 35}"


async def _listen(app: web.Application, port: int) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()


async def bare(port: int, telegram: str, answering: bool) -> None:
    """(a) a bare aiohttp handler that parses JSON, and answers with one plain HTTP call."""
    session = ClientSession()
    url = f"{telegram}/bot{token()}/sendMessage"

    async def handle(request: web.Request) -> web.Response:
        update = await request.json()
        if answering:
            body = {"chat_id": update["message"]["chat"]["id"], "text": "Here is what you asked for."}
            async with session.post(url, json=body) as response:
                await response.json()
        return web.Response()

    app = web.Application()
    app.router.add_post("/tg/bench", handle)
    await _listen(app, port)


async def plain(port: int, telegram: str, answering: bool) -> None:
    """(b) plain aiogram behind its own webhook handler, with an empty handler or one that answers."""
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message, PreCheckoutQuery
    from aiogram.webhook.aiohttp_server import SimpleRequestHandler

    dispatcher = Dispatcher()

    @dispatcher.message()
    async def answer(message: Message) -> None:
        if answering:
            await message.answer("Here is what you asked for.")

    @dispatcher.pre_checkout_query()
    async def agree(query: PreCheckoutQuery) -> None:
        await query.answer(ok=True)

    bot = Bot(token(), session=AiohttpSession(api=TelegramAPIServer.from_base(telegram)))
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=SECRET).register(
        app, path="/tg/bench"
    )
    await _listen(app, port)


async def telegram(port: int) -> None:
    """The far end."""
    from bench.telegram import serve

    await serve(port)


async def main(name: str, port: int, far_end: str, answering: bool) -> None:
    """Serve until killed; a line on stdout says when the first request may come."""
    if name == "telegram":
        await telegram(port)
    else:
        await {"bare": bare, "plain": plain}[name](port, far_end, answering)
    print("ready bench", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    # The references run as their own documentation starts them, on asyncio's loop; uvloop is part of what
    # Gatehouse does. The far end is nobody's merit and as fast as can be.
    run = uvloop.run if sys.argv[1] in ("telegram", "uvloop") else asyncio.run
    run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4] == "answering"))
