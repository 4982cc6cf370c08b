"""Webhooks at the membership API, with a receiver that answers."""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app import App
from sandbox import Sandbox
from tests.api.conftest import Owner
from tests.api.membership import Shop


@dataclass
class Receiver:
    """Answers POSTs with `status`."""

    url: str = ""
    status: int = 200
    posts: list[Any] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """One POST."""
        self.posts.append(await request.json())
        return web.Response(status=self.status)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Somebody's website."""
    there, site = Receiver(), web.Application()
    site.router.add_post("/hook", there.take)
    async with TestServer(site) as server:
        there.url = str(server.make_url("/hook"))
        yield there


@pytest.fixture
async def app(start_app: Any, service: Any, olga: Any, boris: Any) -> AsyncIterator[App]:
    """The application of these tests, which may call this machine."""
    async with start_app(
        bot_token=service.token, owner_ids=(olga.id, boris.id), allow_private_urls=True
    ) as running:
        yield running


async def test_a_webhook_is_registered_and_removed(tg: Sandbox, shop: Shop, receiver: Receiver) -> None:
    made = await shop.post("webhook", url=receiver.url)
    assert (made["code"], made["path"]) == (201, "/webhook")
    (row,) = made["result"]
    assert (row["url"], row["secret"][:6]) == (receiver.url, "whsec_")
    assert [post["event"] for post in receiver.posts] == ["test"]
    assert (await shop.post("webhook", url=receiver.url))["result"] == [row], "the same, whoever asks again"
    assert len(receiver.posts) == 1

    ann = tg.user("Ann")
    await ann.start(shop.bot)
    token = await shop.post("members/accessToken", plan_id=shop.plan_id)
    await ann.follow(token["result"]["link"])
    await shop.app.settled()
    assert {"membership_started", "token_redeemed"} <= {post["event"] for post in receiver.posts}

    heard = len(receiver.posts)
    assert await shop.delete("webhook", url=receiver.url) == {"ok": True, "code": 204}
    await shop.post("affiliate", member_id=ann.id)
    await shop.app.settled()
    assert len(receiver.posts) == heard, "nothing is sent there any more"
    gone = await shop.delete("webhook", url=receiver.url)
    assert (gone["code"], gone["description"]) == (404, "The bot has no webhook with this URL.")


async def test_the_url_may_come_by_query_or_form(shop: Shop, receiver: Receiver) -> None:
    for how in ({"params": {"url": receiver.url}}, {"data": {"url": receiver.url}}):
        assert (await shop.post("webhook", url=receiver.url))["code"] == 201
        assert await shop.api.call("DELETE", shop.path("Webhook"), **how) == {"ok": True, "code": 204}


@pytest.mark.parametrize("status", [201, 204, 301, 404, 500])
async def test_the_test_must_be_answered_with_200(shop: Shop, receiver: Receiver, status: int) -> None:
    receiver.status = status
    body = await shop.post("webhook", url=receiver.url)
    assert (body["code"], body["description"]) == (
        400,
        f"url: answered the test with {status} instead of 200.",
    )
    assert (await shop.delete("webhook", url=receiver.url))["code"] == 404, "nothing was kept"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "url: is required"), ("ftp://example.com", "url: must begin with https://"),
        ("https://me:secret@example.com", "url: must not hold a user name"), ("nonsense", "url: must"),
        ("https://example.com/#x", "url: must not hold a #"), ("https://exa mple", "url: must be a valid"),
        ("https://example.com:22", "url: must have port"), ("http://127.0.0.1:9/", "url: must have port"),
        ("https://example.com/" + "x" * 2048, "url: must have at most 2048"),
    ],
)  # fmt: skip
async def test_what_is_no_webhook(shop: Shop, url: str, words: str) -> None:
    body = await shop.post("webhook", url=url)
    assert body["code"] == 400
    assert body["description"].startswith(words)


async def test_nobody_is_there(shop: Shop) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    body = await shop.post("webhook", url=f"http://127.0.0.1:{free}/")
    assert (body["code"], body["description"]) == (400, "url: did not answer the test (unreachable).")


async def test_a_webhook_is_its_own_bots_affair(
    tg: Sandbox, shop: Shop, receiver: Receiver, him: Owner
) -> None:
    other = tg.bot("boris_other_bot")
    await him.api.post("/api/bots/add.json", token=other.token)
    await shop.post("webhook", url=receiver.url)
    path = f"/v1/bot{other.id}/webhook"
    assert (await him.api.call("DELETE", path, json={"url": receiver.url}))["code"] == 404
    assert (await shop.delete("webhook", url=receiver.url))["code"] == 204
