"""Newcomers who advertise in their names and bios."""

from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from tests.stories import moderated
from tests.stories.doubtful import doubtful_text
from tests.stories.moderated import bot_id, log_of, person, protect

group, guarded, ann = moderated.group, moderated.guarded, moderated.ann


@pytest.fixture
async def looked_at(app: App, olga: Any, guarded: Any) -> Any:
    """The club, where names and bios of newcomers are looked at."""
    await protect(app, olga, guarded, block_profiles=True)
    return guarded


async def test_listed_words_in_any_disguise(tg: Sandbox, app: App, olga, service, looked_at) -> None:
    await protect(app, olga, looked_at, profile_words=["crypto signals"])
    named, modest = tg.user("Сrypt0 Signаls"), tg.user("Eve", bio="Free c.r.y.p.t.o signals")
    for one in (named, modest):
        await one.join(looked_at)
        assert (await one.send(looked_at, "Good morning")).deleted
    entries = log_of(tg, olga, service)
    await olga.click(entries[-1], "Why")
    assert "a listed word in the bio: crypto signals — 100" in entries[-1].text
    assert "a listed word in the name" in entries[-2].text
    assert "what the author's profile says" in tg.last(looked_at).text
    assert "crypto" not in tg.last(looked_at).text.lower().split("removed")[1], "not repeated in the group"
    bob = tg.user("Bob @free_signals", bio="t.me/+AbCdEf123456")
    await bob.join(looked_at)
    assert not (await bob.send(looked_at, "Good morning")).deleted, "who lists words wants those found"


async def test_a_name_that_advertises_is_a_part_of_the_evidence(
    tg: Sandbox, app: App, olga, service, looked_at
) -> None:
    eve = tg.user("Eve t.me/eve_earns")
    await eve.join(looked_at)
    assert not (await eve.send(looked_at, "Good morning")).deleted, "not enough by itself"
    assert (await eve.send(looked_at, doubtful_text())).deleted
    await olga.click(entry := log_of(tg, olga, service)[-1], "Why")
    assert "a link in the name: t.me/eve_earns — 60" in entry.text
    both = tg.user("Ivy @ivy_earns", bio="Only today: t.me/+AbCdEf123456")
    await both.join(looked_at)
    assert (await both.send(looked_at, "Good morning")).deleted
    await olga.click(entry := log_of(tg, olga, service)[-1], "Why")
    assert "an invite link in the bio: t.me/+AbCdEf123456 — 40" in entry.text


async def test_telegram_is_asked_about_newcomers_only_and_once(
    tg: Sandbox, app: App, olga, looked_at, ann
) -> None:
    await ann.send(looked_at, "Good morning")
    eve = tg.user("Eve")
    await eve.join(looked_at)
    tg.faults.error(500, method="getChat", count=1)
    for _ in range(3):
        assert not (await eve.send(looked_at, "Good morning")).deleted
    asked = [call for call in tg.calls_of("getChat") if call.params.get("chat_id") in (ann.id, eve.id)]
    assert [call.params["chat_id"] for call in asked] == [eve.id] * 2, "once more after the failure"


async def test_it_is_off_until_an_administrator_wants_it(
    tg: Sandbox, app: App, olga, service, guarded
) -> None:
    eve = tg.user("Crypto Signals")
    await protect(app, olga, guarded, profile_words=["crypto"])
    await eve.join(guarded)
    assert not (await eve.send(guarded, "Good morning")).deleted
    await olga.start(service, f"antispam_{guarded.id}")
    panel = tg.last(olga, bot=service)
    await olga.click(panel, "Checks")
    await olga.click(panel, "⬜ Newcomers' names and bios")
    gear = {"text": "⚙️", "callback_data": f"antispam:panel:{guarded.id}:profile_words"}
    await olga.press_callback(panel, gear)
    assert "crypto" in panel.text
    await olga.click(panel, "Write anew")
    await olga.send(service, "signals\ncrypto*")
    view = await app.house.antispam.get(person(app, olga), await bot_id(app), guarded.id)
    assert view.settings.profile_words == ("signals", "crypto*")
    assert view.settings.banned_words == ()
    assert (await eve.send(guarded, "Good morning")).deleted
