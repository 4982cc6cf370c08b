"""`/paysupport`, `/terms`, `/privacy`."""

from typing import Any

import pytest

from sandbox import Sandbox
from storage import dialogs
from tests.clock import TestClock
from tests.stories.membership import Club
from tests.stories.selling import STARRED, buy, rich, sales


@pytest.fixture
async def ann(tg: Sandbox, club: Club) -> Any:
    """Somebody who has bought Gold."""
    await club.change_plan(**STARRED)
    ann = await rich(tg, club, username="anny")
    await buy(club, ann)
    return ann


async def test_a_question_reaches_the_owner_and_his_answer_comes_back(
    tg: Sandbox, club: Club, ann: Any
) -> None:
    await ann.send(club.bot, "/paysupport")
    await ann.send(club.bot, "Where is <b>my</b> money?")
    assert "The owner has it" in tg.last(ann, bot=club.bot).text
    asked = [m for m in tg.messages(club.olga, bot=club.bot) if "asks about payments" in m.text]
    assert len(asked) == 1, "once, however often Telegram delivers"
    for words in ("Ann", "@anny", "Where is <b>my</b> money?", (await sales(club))[0].key, "⭐ 500 · paid"):
        assert words in asked[0].text
    await club.olga.click(asked[0], "✍️ Answer")
    await club.olga.send(club.bot, "It is on its way.")
    assert "Ann gets your answer" in tg.last(club.olga, bot=club.bot).text
    assert "The owner answers:\n\nIt is on its way." in tg.last(ann, bot=club.bot).text


async def test_nobody_floods_the_owner(tg: Sandbox, club: Club, ann: Any, clock: TestClock) -> None:
    for number in range(5):
        await ann.send(club.bot, f"/paysupport Question {number}")
    asked = [m for m in tg.messages(club.olga, bot=club.bot) if "asks about payments" in m.text]
    assert len(asked) == 3
    assert "Please wait for the answer" in tg.last(ann, bot=club.bot).text
    bob = await rich(tg, club, "Bob")
    await bob.send(club.bot, "/paysupport Hello")
    assert "The owner has it" in tg.last(bob, bot=club.bot).text, "one person's hurry is not another's"
    clock.advance(hours=1, minutes=1)
    await ann.send(club.bot, "/paysupport Still there?")
    assert "The owner has it" in tg.last(ann, bot=club.bot).text


@pytest.mark.parametrize("text", ["x" * 2_001, "   "])
async def test_a_question_has_a_length(tg: Sandbox, club: Club, ann: Any, text: str) -> None:
    await ann.send(club.bot, "/paysupport")
    await ann.send(club.bot, text)
    assert "in one message of 2000 characters" in tg.last(ann, bot=club.bot).text
    await ann.send(club.bot, "Short")
    assert "The owner has it" in tg.last(ann, bot=club.bot).text


async def test_it_can_be_cancelled_and_survives_a_photo(tg: Sandbox, club: Club, ann: Any) -> None:
    await ann.send(club.bot, "/paysupport")
    await ann.send(club.bot, photo=True)
    async with club.app.db.read() as tx:
        assert (await dialogs.get(tx, club.bot_id, ann.id, ann.id)) is not None, "a text is waited for"
    await ann.send(club.bot, "/cancel")
    await ann.send(club.bot, "Hello?")
    assert not [m for m in tg.messages(club.olga, bot=club.bot) if "asks about payments" in m.text]


async def test_an_owner_who_cannot_be_reached_is_said_so(
    tg: Sandbox, club: Club, ann: Any, service: Any
) -> None:
    await club.olga.block(club.bot)
    await ann.send(club.bot, "/paysupport Hello")
    assert "asks about payments in Club" in tg.last(club.olga, bot=service).text, "by the service bot, then"
    assert "Answer" not in str(tg.last(club.olga, bot=service).buttons)
    await club.olga.block(service)
    await tg.settle()
    await club.app.house.people.blocked(club.app.house.actor, 1, club.olga.id)
    await ann.send(club.bot, "/paysupport Hello")
    assert "cannot reach the owner" in tg.last(ann, bot=club.bot).text


async def test_terms_are_the_owners(tg: Sandbox, club: Club, ann: Any) -> None:
    await ann.send(club.bot, "/terms")
    usual = tg.last(ann, bot=club.bot)
    assert "/paysupport" in usual.text
    assert "✏️ Write my own" not in str(usual.buttons)
    await club.olga.send(club.bot, "/terms")
    await club.olga.click("✏️ Write my own")
    await club.olga.send(club.bot, "<b>No refunds</b> <i>ever")
    assert "<i>" in tg.last(club.olga, bot=club.bot).text, "the mistake is named"
    await club.olga.send(club.bot, "No refunds on Sundays.", html=True)
    await ann.send(club.bot, "/terms")
    assert tg.last(ann, bot=club.bot).text == "No refunds on Sundays."
    await club.olga.click("↺ The usual ones")
    await ann.send(club.bot, "/terms")
    assert "/paysupport" in tg.last(ann, bot=club.bot).text


async def test_privacy_speaks_of_payments(tg: Sandbox, club: Club, ann: Any) -> None:
    await ann.send(club.bot, "/privacy")
    assert "Card numbers never come here" in tg.last(ann, bot=club.bot).text
