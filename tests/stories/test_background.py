"""Background work goes on: one chat that fails keeps no other waiting, and who pays in between gets in."""

from typing import Any

import pytest

from bot.app import App
from domain.plans import Origin
from domain.welcome import Side
from sandbox import Sandbox
from services.grants import give_plan
from services.greeter import Greeter
from tests.stories.membership import Club
from tests.stories.test_endings import later, member


async def test_a_removal_that_fails_keeps_no_other_waiting(
    tg: Sandbox, club: Club, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = await member(tg, club, "Ann"), await member(tg, club, "Ben")
    ask = club.app.client.ask

    async def nonsense(bot_id: int, method: str, /, **params: Any) -> Any:
        if method == "getChatMember" and params["user_id"] == ann.id:
            return {}
        return await ask(bot_id, method, **params)

    monkeypatch.setattr(club.app.client, "ask", nonsense)
    await later(tg, club, clock, days=2, minutes=1)
    assert club.chat.has(ann)
    assert not club.chat.has(ben)
    monkeypatch.setattr(club.app.client, "ask", ask)
    await later(tg, club, clock, minutes=10)
    assert not club.chat.has(ann)


async def test_who_pays_while_he_is_being_removed_gets_back_in(
    tg: Sandbox, club: Club, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at his membership and the removal he redeems a token."""
    ann = await member(tg, club)
    link = await club.token(tg)
    ask = club.app.client.ask
    paid = False

    async def pay_first(bot_id: int, method: str, /, **params: Any) -> Any:
        nonlocal paid
        if method == "unbanChatMember" and not paid:
            paid = True
            bot = await club.app.house.directory.get(club.bot_id)
            assert bot is not None
            async with club.app.house.gate._work() as work:
                await give_plan(work, bot, ann.id, club.plan_id, Origin.GIFT)
        return await ask(bot_id, method, **params)

    monkeypatch.setattr(club.app.client, "ask", pay_first)
    before = len(tg.messages(ann, bot=club.bot))
    await later(tg, club, clock, days=2, minutes=1)
    assert paid, link
    assert not club.chat.has(ann)
    await club.keep_time()
    await tg.settle()
    assert len(tg.messages(ann, bot=club.bot)) > before + 1, "the end was told, and then the way back in"
    await ann.click("Join Chess club")
    assert club.chat.has(ann)


async def test_a_crowd_that_cannot_be_greeted_keeps_no_other_waiting(
    tg: Sandbox, app: App, olga: Any, service: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chats = [tg.group(name, olga) for name in ("Cursed", "Fine")]
    (bot,) = await app.house.directory.all()
    for chat in chats:
        await olga.add(service, chat, rights="all")
        changes = {"welcome_enabled": True, "welcome_text": "Hi {{name}}!"}
        await app.house.welcome.set(app.house.actor, bot.id, chat.id, changes, Side.WELCOME)
        for number in range(6):
            await tg.user(f"P{number}").join(chat)
    greet = Greeter._greet_crowd

    async def fail(self: Greeter, work: Any, bot_id: int, chat_id: int, guests: Any) -> None:
        if chat_id == chats[0].id:
            raise ZeroDivisionError
        await greet(self, work, bot_id, chat_id, guests)

    def greeted(chat: Any) -> int:
        return sum("Hi" in message.text for message in tg.messages(chat))

    monkeypatch.setattr(Greeter, "_greet_crowd", fail)
    alone = greeted(chats[0])
    clock.advance(seconds=11)
    await app.house.greeter.greet_waiting(app.house.actor)
    await tg.settle()
    assert (greeted(chats[0]), greeted(chats[1])) == (alone, alone + 1)
    monkeypatch.setattr(Greeter, "_greet_crowd", greet)
    clock.advance(minutes=6)
    await app.house.greeter.greet_waiting(app.house.actor)
    await tg.settle()
    assert greeted(chats[0]) == alone + 1, "they are greeted when it works again"
