"""Newcomers answer a question before they may write, and nobody is forgotten at the door."""

import re
from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from sandbox.errors import SandboxError
from storage import moderation
from tests.clock import TestClock
from tests.stories import newcomers
from tests.stories.membership import RIGHTS
from tests.stories.moderated import bot_id, group
from tests.stories.newcomers import (
    asked,
    greet,
    hurry,
    muted,
    questions,
    right,
    tick,
    verify,
    wrong,
)

__all__ = ["club", "group"]  # fixtures
club = newcomers.club
HUMAN = "I am no robot"


def hellos(tg: Sandbox, chat: Any) -> list[str]:
    return [m.text for m in tg.messages(chat) if m.text.startswith("Hi ")]


async def test_nobody_is_asked_before_somebody_wants_it(tg: Sandbox, club: Any) -> None:
    ann = tg.user("Ann")
    await ann.join(club)
    assert club.status(ann) == "member"
    assert not questions(tg, club)


async def test_a_newcomer_may_write_and_is_welcomed_after_the_button(
    tg: Sandbox, app: App, club: Any, olga: Any
) -> None:
    await verify(app, olga, club, method="button")
    await greet(app, olga, club)
    ann = tg.user("Ann")
    await ann.join(club)
    assert muted(club, ann)
    assert not hellos(tg, club), "the welcome waits"
    assert "Ann" in questions(tg, club)[0]
    with pytest.raises(SandboxError):
        await ann.send(club, "Buy my coins!")
    answer = await ann.click(HUMAN)
    assert answer.text == "✅ Right, thank you! You can write now."
    assert club.status(ann) == "member", "nothing is left of the restriction"
    assert not questions(tg, club)
    assert hellos(tg, club) == ["Hi Ann!"]
    await ann.send(club, "Good morning")


async def test_a_sum_has_to_be_right(tg: Sandbox, app: App, club: Any, olga: Any) -> None:
    await verify(app, olga, club, method="arithmetic")
    ann = tg.user("Ann")
    await ann.join(club)
    message = tg.last(club)
    a, sign, b = re.search(r"(\d+) ([+−]) (\d+)", message.text).groups()  # type: ignore[union-attr]
    result = int(a) + int(b) if sign == "+" else int(a) - int(b)
    labels = [label for row in message.buttons for label in row]
    assert len(labels) == 5
    other = next(label for label in labels if label != str(result))
    assert (await ann.click(message, other)).text == "That is not it. 2 more tries."
    assert muted(club, ann)
    await ann.click(message, str(result))
    assert club.status(ann) == "member"


async def test_who_cannot_read_the_letters_goes_and_may_come_back(
    tg: Sandbox, app: App, club: Any, olga: Any
) -> None:
    await verify(app, olga, club, method="picture")
    ann = tg.user("Ann")
    await ann.join(club)
    message, question = tg.last(club), await asked(app, club)
    assert (message.photo or b"").startswith(b"\x89PNG")
    assert right(question) not in message.text
    told = [(await ann.click(message, wrong(question, n))).text for n in range(3)]
    assert told == [
        "That is not it. 2 more tries.",
        "That is not it. 1 more try.",
        "That was the last try. You may come back and try again.",
    ]
    assert club.status(ann) == "left", "removed, not banned"
    assert message.deleted
    await ann.join(club)
    assert muted(club, ann)
    await ann.click(tg.last(club), right(await asked(app, club)))
    assert club.status(ann) == "member"


async def test_where_the_bot_may_a_newcomer_is_asked_alone(
    tg: Sandbox, app: App, group: Any, olga: Any
) -> None:
    await verify(app, olga, group, method="picture")
    ann, bob = tg.user("Ann"), tg.user("Bob")
    await ann.join(group)
    message = tg.last(group)
    assert message.only_for == "Ann"
    assert (message.photo or b"").startswith(b"\x89PNG")
    await bob.join(group)
    assert (await asked(app, group, ann)).nonce != (await asked(app, group, bob)).nonce
    await ann.click(message, right(await asked(app, group, ann)))
    assert group.status(ann) == "member"
    assert message.deleted
    assert muted(group, bob)


async def test_who_does_not_answer_is_removed_without_a_ban(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any
) -> None:
    await verify(app, olga, club, method="button", timeout_minutes=10)
    ann = tg.user("Ann")
    await ann.join(club)
    await hurry(tg, app, clock, minutes=9)
    assert muted(club, ann)
    await hurry(tg, app, clock, minutes=2)
    assert club.status(ann) == "left"
    assert not questions(tg, club)
    await ann.join(club)
    assert muted(club, ann)


async def test_who_has_passed_is_not_asked_again_for_a_day(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any
) -> None:
    await verify(app, olga, club, method="button")
    ann = tg.user("Ann")
    await ann.join(club)
    await ann.click(HUMAN)
    await ann.leave(club)
    await hurry(tg, app, clock, hours=23)
    await ann.join(club)
    assert club.status(ann) == "member"
    await ann.leave(club)
    await hurry(tg, app, clock, hours=2)
    await ann.join(club)
    assert muted(club, ann)


async def test_those_somebody_vouches_for_are_not_asked(tg: Sandbox, app: App, club: Any, olga: Any) -> None:
    await verify(app, olga, club, method="button")
    ann, bob, cleo = tg.user("Ann"), tg.user("Bob"), tg.user("Cleo")
    await olga.add(ann, club)
    assert club.status(ann) == "member"
    async with app.db.write() as tx:
        await moderation.approve(tx, await bot_id(app), club.id, bob.id, olga.id, app.clock.now())
    await bob.join(club)
    assert club.status(bob) == "member"
    helper = tg.bot("helper_bot", name="Helper")
    await olga.add(helper, club)
    assert club.status(helper) == "member"
    await ann.add(cleo, club)
    assert muted(club, cleo), "a member who brings somebody is no administrator"


async def test_verification_never_lifts_the_mute_of_a_moderator(
    tg: Sandbox, app: App, club: Any, olga: Any
) -> None:
    ann = tg.user("Ann")
    await ann.join(club)
    await olga.restrict(ann, club)
    await verify(app, olga, club, method="button")
    await ann.leave(club)
    await ann.join(club)
    assert not questions(tg, club)
    assert muted(club, ann)


async def test_nobody_answers_for_somebody_else(tg: Sandbox, app: App, club: Any, olga: Any) -> None:
    bob = tg.user("Bob")
    await bob.join(club)
    await verify(app, olga, club, method="button")
    ann = tg.user("Ann")
    await ann.join(club)
    for stranger in (bob, olga):
        answer = await stranger.click(tg.last(club), HUMAN)
        assert answer.alert
        assert "somebody who has just come" in (answer.text or "")
    assert muted(club, ann)


async def test_an_old_question_is_answered_no_more(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any
) -> None:
    await verify(app, olga, club, method="arithmetic")
    ann, bob = tg.user("Ann"), tg.user("Bob")
    await ann.join(club)
    old, question = tg.last(club), await asked(app, club)
    await hurry(tg, app, clock, seconds=61)
    await bob.join(club)
    assert old.deleted
    assert len(questions(tg, club)) == 1
    stale = f"verification:answer:{club.id}:{question.nonce}:{question.answer}"
    answer = await ann.press_callback(tg.last(club), {"callback_data": stale})
    assert "Please answer the newest" in (answer.text or "")
    assert muted(club, ann)
    await ann.click(tg.last(club), right(await asked(app, club)))
    assert club.status(ann) == "member"


async def test_several_newcomers_share_one_message(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any
) -> None:
    await verify(app, olga, club, method="button")
    people = [tg.user(name) for name in ("Ann", "Bob", "Cleo")]
    for one in people:
        await one.join(club)
    await hurry(tg, app, clock, seconds=6)
    (text,) = questions(tg, club)
    assert "Ann, Bob, Cleo" in text
    await people[0].click(HUMAN)
    await hurry(tg, app, clock, seconds=6)
    (text,) = questions(tg, club)
    assert "Bob, Cleo" in text
    assert "Ann" not in text
    await people[1].click(HUMAN)
    await people[2].click(HUMAN)
    assert not questions(tg, club)


async def test_who_leaves_before_answering_goes_unnoticed(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any
) -> None:
    await verify(app, olga, club, method="arithmetic")
    await greet(app, olga, club, goodbye_enabled=True, goodbye_text="Bye {{name}}!")
    ann = tg.user("Ann")
    await ann.join(club)
    await ann.click(tg.last(club), wrong(await asked(app, club)))
    await ann.leave(club)
    assert not questions(tg, club)
    assert not [m for m in tg.messages(club) if "Bye" in m.text]
    await ann.join(club)
    told = await ann.click(tg.last(club), wrong(await asked(app, club)))
    assert told.text == "That is not it. 1 more try.", "leaving wins no tries"
    await hurry(tg, app, clock, minutes=6)
    assert club.status(ann) == "left"


async def test_the_panel_sets_it_up(tg: Sandbox, app: App, club: Any, olga: Any, service: Any) -> None:
    await olga.send(service, "/settings")
    await olga.click("Chess Club")
    await olga.click("🧩 Newcomers")
    await olga.click("A sum")
    await olga.click("10")
    panel = tg.last(olga, bot=service)
    labels = [label for row in panel.buttons for label in row]
    assert "● A sum" in labels
    assert "● 10" in labels
    await olga.click(panel, "🚨 Raids")
    await olga.click("Protect")
    await olga.click(tg.last(olga, bot=service), "20")
    setup = (await app.house.verification.get(app.house.actor, await bot_id(app), club.id)).settings
    assert (setup.method, setup.timeout_minutes) == ("arithmetic", 10)
    assert (setup.raid_mode, setup.raid_limit) == ("on", 20)
    await olga.click("‹ Back")
    await olga.click("↩️ Use the settings of all chats")
    setup = (await app.house.verification.get(app.house.actor, await bot_id(app), club.id)).settings
    assert setup.method == "off"


async def test_in_a_basic_group_nobody_can_be_muted(tg: Sandbox, app: App, olga: Any, service: Any) -> None:
    await olga.start(service)
    small = tg.group("Small", olga, kind="group")
    await olga.add(service, small, rights=RIGHTS)
    await verify(app, olga, small, method="button")
    ann = tg.user("Ann")
    await ann.join(small)
    assert small.status(ann) == "member"
    assert not questions(tg, small)
    await tick(tg, app)
