"""A group whose door is guarded, as the stories about newcomers and raids find it."""

from typing import Any

import pytest

from bot.app import App
from domain.verification import Challenge
from sandbox import Sandbox
from storage import verification
from tests.clock import TestClock
from tests.stories.membership import RIGHTS
from tests.stories.moderated import bot_id, person


@pytest.fixture
async def club(tg: Sandbox, app: App, olga: Any, service: Any) -> Any:
    """Olga's chess club. The bot may do all it needs, but not write to one newcomer alone."""
    await olga.start(service)
    club = tg.group("Chess Club", olga)
    await olga.add(service, club, rights=RIGHTS)
    return club


async def verify(app: App, who: Any, chat: Any, **changes: Any) -> None:
    """Set verification up, as the panel does. `chat` None: in all chats."""
    chat_id = chat.id if chat is not None else 0
    await app.house.verification.set(person(app, who), await bot_id(app), chat_id, changes)


async def hurry(tg: Sandbox, app: App, clock: TestClock, **time: float) -> None:
    """Time passes, and what waited for it happens."""
    clock.advance(**time)
    tg.clock.advance(**time)
    await tick(tg, app)


async def tick(tg: Sandbox, app: App) -> None:
    """What the background does about every second."""
    await app.house.raids.run(app.house.actor)
    await app.house.newcomers.run(app.house.actor)
    await app.house.greeter.greet_waiting(app.house.actor)
    await tg.settle()


async def greet(app: App, who: Any, chat: Any, **changes: Any) -> None:
    """Switch the welcome on."""
    changes = {"welcome_enabled": True, "welcome_text": "Hi {{name}}!", **changes}
    await app.house.welcome.set(person(app, who), await bot_id(app), chat.id, changes)


async def asked(app: App, chat: Any, who: Any | None = None) -> Challenge:
    """The question on a chat's board, or somebody's own."""
    async with app.db.read() as tx:
        bot = await bot_id(app)
        if who is None:
            found = await verification.question(tx, bot, chat.id)
        else:
            held = await verification.get(tx, bot, chat.id, who.id)
            found = held.challenge if held is not None else None
    assert found is not None
    return found


def right(question: Challenge) -> str:
    """The label of the right answer."""
    return question.choices[question.answer]


def wrong(question: Challenge, number: int = 0) -> str:
    """The label of a wrong answer."""
    return [one for one in question.choices if one != right(question)][number]


def muted(chat: Any, who: Any) -> bool:
    """Whether somebody is in the chat and may not write."""
    member = chat.member(who)
    return chat.status(who) == "restricted" and not member.permissions["can_send_messages"]


def questions(tg: Sandbox, chat: Any) -> list[str]:
    """Questions to newcomers that stand in the chat."""
    return [m.text for m in tg.messages(chat) if "one question before" in m.text]
