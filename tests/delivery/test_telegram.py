"""What comes over the wire from Telegram, and what we make of it."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aresponses import ResponsesMockServer

from delivery.telegram import TelegramClient, new_session
from domain.errors import TelegramFlood, TelegramRefused, TelegramUnreachable

TOKEN = "123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


class OneToken:
    async def token(self, bot_id: int) -> str:
        return TOKEN


@pytest.fixture
async def client(aresponses: ResponsesMockServer) -> AsyncIterator[TelegramClient]:
    async with new_session("http://127.0.0.1") as session:
        yield TelegramClient(session, "http://api.telegram.org", OneToken())


def answer(aresponses: ResponsesMockServer, status: int, text: str, kind: str = "application/json") -> None:
    response = aresponses.Response(status=status, text=text, headers={"Content-Type": kind})
    aresponses.add("api.telegram.org", f"/bot{TOKEN}/sendMessage", "POST", response)


async def test_a_result_is_returned(aresponses: Any, client: TelegramClient) -> None:
    answer(aresponses, 200, '{"ok":true,"result":{"message_id":5}}')
    assert await client.ask(1, "sendMessage", chat_id=7, text="hi") == {"message_id": 5}


async def test_the_body_is_json(aresponses: Any, client: TelegramClient) -> None:
    answer(aresponses, 200, '{"ok":true,"result":true}')
    await client.ask(1, "sendMessage", chat_id=7, text="привет")
    request = aresponses.history[0].request
    assert request.content_type == "application/json"


async def test_files_go_as_a_form(aresponses: Any, client: TelegramClient) -> None:
    answer(aresponses, 200, '{"ok":true,"result":true}')
    await client.ask_with_files(1, "sendMessage", {"chat_id": 7}, {"photo": ("a.png", b"123")})
    assert aresponses.history[0].request.content_type == "multipart/form-data"


async def test_flood_says_how_long(aresponses: Any, client: TelegramClient) -> None:
    answer(
        aresponses,
        429,
        '{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}',
    )
    with pytest.raises(TelegramFlood) as caught:
        await client.ask(1, "sendMessage")
    assert caught.value.retry_after == 7


async def test_a_refusal_keeps_telegrams_words(aresponses: Any, client: TelegramClient) -> None:
    answer(aresponses, 400, '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}')
    with pytest.raises(TelegramRefused) as caught:
        await client.ask(1, "sendMessage")
    assert (caught.value.status, caught.value.description) == (400, "Bad Request: chat not found")


async def test_a_migration_names_the_new_chat(aresponses: Any, client: TelegramClient) -> None:
    answer(
        aresponses,
        400,
        '{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-1005}}',
    )
    with pytest.raises(TelegramRefused) as caught:
        await client.ask(1, "sendMessage")
    assert caught.value.migrate_to_chat_id == -1005


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (502, "<html>Bad Gateway</html>", "text/html"),
        (200, '{"ok":tru', "application/json"),
        (200, "", "application/json"),
        (500, '{"ok":false,"error_code":500,"description":"Internal Server Error"}', "application/json"),
    ],
)
async def test_a_broken_answer_may_have_been_a_success(
    aresponses: Any, client: TelegramClient, status: int, text: str, kind: str
) -> None:
    answer(aresponses, status, text, kind)
    with pytest.raises(TelegramUnreachable) as caught:
        await client.ask(1, "sendMessage")
    assert caught.value.sent


async def test_a_refused_connection_was_surely_no_success(unused_port: int) -> None:
    async with new_session("http://127.0.0.1") as session:
        client = TelegramClient(session, f"http://127.0.0.1:{unused_port}", OneToken())
        with pytest.raises(TelegramUnreachable) as caught:
            await client.ask(1, "sendMessage")
    assert not caught.value.sent
    assert TOKEN not in str(caught.value)


async def test_silence_ends_after_the_time_given(aresponses: Any, client: TelegramClient) -> None:
    async def hang(request: aiohttp.web.Request) -> Any:
        import asyncio

        await asyncio.sleep(3)

    aresponses.add("api.telegram.org", f"/bot{TOKEN}/getUpdates", "POST", hang)
    with pytest.raises(TelegramUnreachable) as caught:
        await client.post(TOKEN, "getUpdates", {}, timeout=0.5)
    assert caught.value.sent


def offer_file(aresponses: Any, content: bytes, said: int, status: int = 200) -> None:
    """A file of which Telegram says that it has so many bytes."""
    about = f'{{"ok":true,"result":{{"file_id":"f","file_path":"documents/a.csv","file_size":{said}}}}}'
    found = aresponses.Response(text=about, headers={"Content-Type": "application/json"})
    aresponses.add("api.telegram.org", f"/bot{TOKEN}/getFile", "POST", found)
    aresponses.add(
        "api.telegram.org", f"/file/bot{TOKEN}/documents/a.csv", "GET",
        aresponses.Response(body=content, status=status),
    )  # fmt: skip


async def test_a_file_is_fetched(aresponses: Any, client: TelegramClient) -> None:
    offer_file(aresponses, b"a,b\n" * 5_000, 20_000)
    assert await client.download(1, "f", 20_000) == b"a,b\n" * 5_000


@pytest.mark.parametrize(("content", "said"), [(b"x" * 11, 11), (b"x" * 5_000, 3)])
async def test_a_file_that_is_too_large_is_not_read(
    aresponses: Any, client: TelegramClient, content: bytes, said: int
) -> None:
    offer_file(aresponses, content, said)
    with pytest.raises(TelegramRefused):
        await client.download(1, "f", 10)


async def test_a_file_that_does_not_come_may_come_later(aresponses: Any, client: TelegramClient) -> None:
    offer_file(aresponses, b"", 5, status=502)
    with pytest.raises(TelegramUnreachable) as caught:
        await client.download(1, "f", 10)
    assert TOKEN not in str(caught.value)
