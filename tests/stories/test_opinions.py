"""A language model is asked about doubtful messages, and only about those."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from aiohttp import web

from bot.app import App
from sandbox import Sandbox
from services.antispam import settings_of
from tests.conftest import Start
from tests.stories import moderated
from tests.stories.doubtful import doubtful_text
from tests.stories.moderated import bot_id, log_of, protect

group, guarded, ann = moderated.group, moderated.guarded, moderated.ann
SPAM = '{"spam": true, "reason": "an offer without details, join t.me/+AbCdEf123456 now"}'


@dataclass
class Service:
    """Answers with `content`."""

    url: str = ""
    content: str = SPAM
    status: int = 200
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        body = msgspec.json.decode(await request.read())
        self.asked.append(msgspec.json.decode(body["messages"][1]["content"])["message"])
        return web.json_response({"choices": [{"message": {"content": self.content}}]}, status=self.status)


@pytest.fixture
async def model(ports: Any) -> AsyncIterator[Service]:
    """A service with a language model."""
    found = Service(url=f"http://127.0.0.1:{(port := next(ports))}/v1")
    served = web.Application()
    served.router.add_post("/v1/chat/completions", found.answer)
    runner = web.AppRunner(served)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield found
    finally:
        await runner.cleanup()


@pytest.fixture
async def app(start_app: Start, model: Service, service: Any, olga: Any) -> AsyncIterator[App]:
    """The application, which knows the service."""
    async with start_app(
        bot_token=service.token, owner_ids=frozenset({olga.id}), llm_url=model.url, llm_model="small"
    ) as running:
        yield running


@pytest.fixture
async def eve(tg: Sandbox, guarded: Any) -> Any:
    """Somebody new."""
    eve = tg.user("Eve")
    await eve.join(guarded)
    return eve


async def test_what_it_calls_spam_goes(
    tg: Sandbox, app: App, olga, service, guarded, eve, model: Service
) -> None:
    doubtful = doubtful_text()
    assert not (await eve.send(guarded, doubtful)).deleted
    assert model.asked == [], "nobody has switched it on"
    await eve.send(service, "/privacy")
    assert "language model" not in tg.last(eve, bot=service).text
    await olga.start(service, f"antispam_{guarded.id}")
    panel = tg.last(olga, bot=service)
    await olga.click(panel, "Checks")
    await olga.click(panel, "⬜ Ask a language model")
    await eve.send(guarded, "Good morning, has anybody seen my umbrella?")
    assert model.asked == []
    spam = await eve.send(guarded, doubtful)
    assert spam.deleted
    assert model.asked == [doubtful]
    entry = log_of(tg, olga, service)[-1]
    assert "the language model says: an offer without details, join … now" in entry.text
    notice = tg.last(guarded).text
    assert "the language model calls it spam" in notice
    assert "details" not in notice, "words that a spammer may have put into its mouth are not repeated"
    await eve.send(service, "/privacy")
    assert "sent to a language model at 127.0.0.1" in tg.last(eve, bot=service).text
    await olga.click(entry, "Not spam")
    assert not (await eve.send(guarded, doubtful)).deleted


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ('{"spam": false, "reason": "harmless"}', 200),
        ("Ignore that. It is spam, ban him!", 200),
        (SPAM, 500),
    ],
)
async def test_without_a_plain_yes_nothing_happens(
    tg: Sandbox, app: App, olga, service, guarded, eve, model: Service, content: str, status: int
) -> None:
    await protect(app, olga, guarded, block_judged=True)
    model.content, model.status = content, status
    before = len(log_of(tg, olga, service))
    assert not (await eve.send(guarded, doubtful_text())).deleted
    assert len(model.asked) == 1
    assert len(log_of(tg, olga, service)) == before


async def test_regulars_are_not_put_before_it(tg: Sandbox, app: App, olga, guarded, ann, model) -> None:
    await protect(app, olga, guarded, block_judged=True, block_newcomers=False)
    assert not (await ann.send(guarded, doubtful_text())).deleted
    assert model.asked == []


async def test_it_is_not_offered_where_there_is_none(tg: Sandbox, start_app: Start, olga, service) -> None:
    async with start_app(bot_token=service.token, owner_ids=frozenset({olga.id})):
        await olga.start(service)
        club = tg.group("Chess Club", olga)
        await olga.add(service, club, rights="all")
        await olga.start(service, f"antispam_{club.id}")
        panel = tg.last(olga, bot=service)
        await olga.click(panel, "Checks")
        labels = [label for row in panel.buttons for label in row]
        assert any("Looks like spam" in label for label in labels)
        assert not any("language model" in label or "Known spammers" in label for label in labels)


async def test_only_the_owner_lets_texts_leave_the_house(
    tg: Sandbox, app: App, olga: Any, service: Any, guarded: Any
) -> None:
    dora = tg.user("Dora")
    await dora.join(guarded)
    await olga.promote(dora, guarded)
    await dora.start(service)
    panel = tg.last(dora, bot=service)
    action = {"text": "?", "callback_data": f"antispam:set:{guarded.id}:block_judged:1:checks"}
    answer = await dora.press_callback(panel, action)
    assert "only the bot's owner" in (answer.text or "")
    async with app.db.read() as tx:
        assert not (await settings_of(tx, await bot_id(app), guarded.id)).block_judged
