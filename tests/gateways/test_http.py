"""The way out to providers: bounds, exact numbers, no secrets, no surprises on the way."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from delivery.gateways import http
from delivery.gateways.http import Refusal, Wire, kept_quiet, path, proxy_for
from domain.errors import GatewayRefused, GatewayUnreachable

SECRET = "sk_live_0123456789"


@pytest.fixture
async def answers() -> AsyncIterator[dict[str, Any]]:
    """A server; what it answers and what it was asked."""
    said: dict[str, Any] = {"response": lambda: web.json_response({"fine": True}), "asked": []}

    async def answer(request: web.Request) -> web.Response:
        said["asked"].append((request.method, request.raw_path, dict(request.headers), await request.read()))
        return said["response"]()  # type: ignore[no-any-return]

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    said["url"] = f"http://127.0.0.1:{runner.addresses[0][1]}/base/"
    yield said
    await runner.cleanup()


@pytest.fixture
def wire(answers: dict[str, Any], session: aiohttp.ClientSession) -> Wire:
    """The way to it."""
    return Wire(session, "somebody", answers["url"], words=lambda body: body["words"], timeout=5)


async def ask(wire: Wire, method: str = "GET", where: str = "/x", **more: Any) -> Any:
    """Ask with a secret."""
    return await wire.ask(method, where, secrets=[SECRET], **more)


def raw(answers: dict[str, Any], status: int, body: bytes | str, **headers: str) -> None:
    """Let the server answer this."""
    content = body.encode() if isinstance(body, str) else body
    answers["response"] = lambda: web.Response(status=status, body=content, headers=headers)


async def test_numbers_stay_exact(answers: dict[str, Any], wire: Wire) -> None:
    raw(answers, 200, '{"a": 0.1, "b": 12345678901234567890, "c": 1e2, "d": 9.999999999999999999}')
    found = await ask(wire)
    assert found == {"a": Decimal("0.1"), "b": 12345678901234567890, "c": Decimal(100), "d": found["d"]}
    assert str(found["d"]) == "9.999999999999999999"
    assert not any(isinstance(value, float) for value in found.values())


@pytest.mark.parametrize("body", ["", "   ", "<html>", '{"a": NaN}', '{"a": Infinity}', "{", "[" * 90_000])
async def test_what_is_no_json_is_no_answer(answers: dict[str, Any], wire: Wire, body: str) -> None:
    raw(answers, 200, body)
    if not body.strip():
        assert await ask(wire) is None
        return
    with pytest.raises(GatewayUnreachable):
        await ask(wire)


@pytest.mark.parametrize("status", [201, 204])
async def test_other_successes_are_successes(answers: dict[str, Any], wire: Wire, status: int) -> None:
    raw(answers, status, "")
    assert await ask(wire, "POST") is None


@pytest.mark.parametrize("status", [301, 302, 307, 308, 408, 425, 429, 500, 502, 503, 504, 520])
async def test_after_these_nobody_knows(answers: dict[str, Any], wire: Wire, status: int) -> None:
    raw(answers, status, '{"words": "no"}', Location="/elsewhere")
    with pytest.raises(GatewayUnreachable):
        await ask(wire)
    assert len(answers["asked"]) == 1, "no redirect is followed"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 410, 413, 422, 451])
async def test_a_no_comes_with_the_provider_s_words(answers: dict[str, Any], wire: Wire, status: int) -> None:
    raw(answers, status, f'{{"words": "Not with\\n{SECRET}\\u202e!", "code": 7}}')
    with pytest.raises(Refusal) as caught:
        await ask(wire)
    assert isinstance(caught.value, GatewayRefused)
    assert (caught.value.words, caught.value.status) == ("Not with…!".replace("…", " …"), status)
    assert caught.value.body["code"] == 7
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("body", ["[]", "null", "7", '{"words": null}', '{"words": {}}', "<html>", ""])
async def test_a_no_without_words_says_its_status(answers: dict[str, Any], wire: Wire, body: str) -> None:
    raw(answers, 404, body)
    with pytest.raises(Refusal, match="HTTP 404"):
        await ask(wire)


async def test_too_long_an_answer_is_not_read(
    answers: dict[str, Any], wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST", 1000)
    raw(answers, 200, '{"a": "' + "x" * 900 + '"}')
    assert await ask(wire)
    for status in (200, 400):
        raw(answers, status, '{"a": "' + "x" * 1100 + '"}')
        with pytest.raises(GatewayUnreachable, match="too long"):
            await ask(wire)


async def test_nothing_is_remembered_between_owners(
    answers: dict[str, Any], session: aiohttp.ClientSession
) -> None:
    named = answers["url"].replace("127.0.0.1", "localhost")  # a jar would take no cookies of an address
    wire = Wire(session, "somebody", named, words=str, timeout=5)
    raw(answers, 200, "{}", **{"Set-Cookie": "session=of-the-first; Path=/"})
    await ask(wire)
    await ask(wire)
    assert "Cookie" not in answers["asked"][-1][2]


async def test_names_stay_names(answers: dict[str, Any], wire: Wire) -> None:
    await ask(wire, where=path("v1", "a/b", "c?d=e#f", "%2e%2e", "ё ё", "a:b@c"))
    assert answers["asked"][-1][1] == "/base/v1/a%2Fb/c%3Fd%3De%23f/%252e%252e/%D1%91%20%D1%91/a%3Ab%40c"
    for name in ("", ".", ".."):
        with pytest.raises(ValueError, match="name"):
            path("v1", name)


async def test_a_query_is_written_safely(answers: dict[str, Any], wire: Wire) -> None:
    await ask(wire, query={"id": "a&b=c", "more": "d e"})
    assert answers["asked"][-1][1] in ("/base/x?id=a%26b%3Dc&more=d+e", "/base/x?id=a%26b=c&more=d+e")


async def test_no_key_breaks_the_request(answers: dict[str, Any], wire: Wire) -> None:
    with pytest.raises(GatewayRefused):
        await ask(wire, headers={"Authorization": "Bearer a\r\nX: 1"})
    with pytest.raises(GatewayRefused):
        await ask(wire, auth=("a", "b\n"))
    assert not answers["asked"]


async def test_nobody_there_is_nobody_knows(session: aiohttp.ClientSession, unused_port: int) -> None:
    wire = Wire(session, "somebody", f"http://127.0.0.1:{unused_port}/{SECRET}", words=str, timeout=5)
    with pytest.raises(GatewayUnreachable) as caught:
        await ask(wire)
    assert SECRET not in f"{caught.value!r}{caught.value}"
    assert caught.value.__suppress_context__, "nor in what is logged with it"


def test_words_are_short_and_quiet() -> None:
    assert kept_quiet("a\tb\n\x00c", []) == "a b c"
    assert len(kept_quiet("x" * 5000, [])) == http.WORDS
    assert kept_quiet("keys abcdef and abcdefghi", ["abcdef", "abcdefghi"]) == "keys … and …"
    assert kept_quiet("live at 5", ["5", ""]) == "live at 5", "what is that short is no secret"


def test_the_environment_s_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "no_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    proxy_for.cache_clear()
    try:
        assert proxy_for("https://api.example.com") == "http://proxy.example:3128"
        assert proxy_for("https://inside.example") is None
        assert proxy_for("http://api.example.com") is None
    finally:
        proxy_for.cache_clear()
