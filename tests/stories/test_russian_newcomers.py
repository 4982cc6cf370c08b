"""Newcomers are asked in their language; where we do not speak it, in the owner's."""

from typing import Any

from bot.app import App
from sandbox import Sandbox
from tests.clock import TestClock
from tests.stories import newcomers
from tests.stories.newcomers import asked, hurry, right, verify, wrong

__all__ = ["club"]  # a fixture
club = newcomers.club


async def test_a_newcomer_is_asked_in_russian(tg: Sandbox, app: App, club: Any, olga: Any) -> None:
    await verify(app, olga, club, method="arithmetic")
    anna = tg.user("Анна", language="ru")
    await anna.join(club)
    message, question = tg.last(club), await asked(app, club)
    assert message.text.startswith("👋 Анна, один вопрос")
    assert "Сколько будет" in message.text
    assert "У вас 5 минут." in message.text
    told = await anna.click(message, wrong(question))
    assert told.text == "Не то. Ещё 2 попытки."
    told = await anna.click(message, right(question))
    assert told.text == "✅ Верно, спасибо! Теперь можно писать."
    assert club.status(anna) == "member"


async def test_those_who_share_no_language_are_asked_in_the_owners(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, method="button")
    await tg.user("Анна", language="ru").join(club)
    await tg.user("Ben", language="en").join(club)
    await hurry(tg, app, clock, seconds=6)
    assert "one question before" in tg.last(club).text, "Olga speaks English"
    await olga.send(service, "/language")
    await olga.click("Русский")
    await tg.user("Zulu", language="zu").join(club)
    await hurry(tg, app, clock, seconds=61)
    await tg.user("Late", language="zu").join(club)
    assert "один вопрос" in tg.last(club).text


async def test_the_panel_and_the_log_speak_russian(
    tg: Sandbox, app: App, club: Any, olga: Any, service: Any
) -> None:
    await olga.send(service, "/language")
    await olga.click("Русский")
    await olga.send(service, "/settings")
    await olga.click("Chess Club")
    await olga.click("🧩 Новички")
    await olga.click("Картинка с буквами")
    await olga.click("🚨 Набеги")
    await olga.click("Защита")
    await olga.click("5")
    people = [tg.user(f"P{n}") for n in range(6)]
    await people[0].join(club)
    assert "бот ждёт ответа" in tg.last(olga, bot=service).text
    for one in people[1:]:
        await one.join(club)
    alarm = next(m for m in tg.messages(olga, bot=service) if "Набег на" in m.text)
    await olga.click(alarm, "🧹 Удалить пришедших")
    assert "Удалено 6 человек" in alarm.text
    assert not any(club.has(one) for one in people)
