"""Those who ask to join answer in private first, so that bots never get in."""

from typing import Any

import pytest

from bot.app import App
from domain.leads import LeadStatus
from sandbox import Sandbox
from storage import projects
from tests.clock import TestClock
from tests.stories import newcomers
from tests.stories.membership import RIGHTS
from tests.stories.moderated import bot_id, person
from tests.stories.newcomers import asked, greet, hurry, muted, right, verify, wrong
from tests.stories.tracker import Ads, ads

__all__ = ["ads", "club"]  # fixtures
club = newcomers.club
WAIT, HOLD, APPROVE, *_ = LeadStatus


@pytest.fixture
async def door(app: App, club: Any, olga: Any) -> str:
    """A link to the club by which people ask to be let in, and are asked."""
    await verify(app, olga, club, method="request", question="arithmetic")
    link: str = await olga.create_link(club, request=True)
    return link


async def test_the_right_answer_lets_in(
    tg: Sandbox, app: App, club: Any, olga: Any, service: Any, door: str
) -> None:
    await greet(app, olga, club)
    ann = tg.user("Ann")
    await ann.request(club, via=door)
    message = tg.last(ann, bot=service)
    assert "You would like to join Chess Club" in message.text
    question = await asked(app, club, ann)
    told = await ann.click(message, wrong(question))
    assert told.text == "That is not it. 2 more tries."
    assert club.requests == ["Ann"]
    await ann.click(message, right(question))
    assert club.status(ann) == "member"
    assert message.text == "✅ Right, thank you! You are let in."
    assert [m.text for m in tg.messages(club) if m.text.startswith("Hi")] == ["Hi Ann!"]


async def test_wrong_answers_and_silence_are_declined(
    tg: Sandbox, app: App, clock: TestClock, club: Any, service: Any, door: str
) -> None:
    ann, bob = tg.user("Ann"), tg.user("Bob")
    await ann.request(club, via=door)
    await bob.request(club, via=door)
    for number in range(3):
        await ann.click(tg.last(ann, bot=service), wrong(await asked(app, club, ann), number))
    assert club.requests == ["Bob"]
    await hurry(tg, app, clock, minutes=6)
    assert club.requests == []
    assert not club.has(bob)
    await bob.request(club, via=door)
    await bob.click(tg.last(bob, bot=service), right(await asked(app, club, bob)))
    assert club.has(bob)


async def test_a_picture_is_asked_in_private_too(
    tg: Sandbox, app: App, club: Any, olga: Any, service: Any, door: str
) -> None:
    await verify(app, olga, club, question="picture")
    ann = tg.user("Ann")
    await ann.request(club, via=door)
    message = tg.last(ann, bot=service)
    assert (message.photo or b"").startswith(b"\x89PNG")
    await ann.click(message, right(await asked(app, club, ann)))
    assert club.has(ann)
    assert message.text == "✅ Right, thank you! You are let in."


async def test_whom_an_administrator_lets_in_has_nothing_to_answer(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any, door: str
) -> None:
    ann = tg.user("Ann")
    await ann.request(club, via=door)
    await olga.approve(ann, club)
    await hurry(tg, app, clock, minutes=6)
    assert club.status(ann) == "member"


async def test_who_came_another_way_is_not_asked(tg: Sandbox, club: Any, door: str) -> None:
    ann = tg.user("Ann")
    await ann.join(club)
    assert club.status(ann) == "member"


async def test_in_a_paid_chat_the_gate_decides(
    tg: Sandbox, app: App, club: Any, olga: Any, service: Any, door: str
) -> None:
    async with app.db.write() as tx:
        bot = await bot_id(app)
        project = await projects.create(tx, bot, "Chess", app.clock.now())
        await projects.toggle_chat(tx, bot, project, club.id)
    ann = tg.user("Ann")
    await ann.request(club, via=door)
    assert club.requests == ["Ann"]
    assert not [m for m in tg.messages(ann, bot=service) if "One question" in m.text]


async def test_switched_off_the_requests_are_the_administrators_again(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any, door: str
) -> None:
    ann = tg.user("Ann")
    await ann.request(club, via=door)
    await verify(app, olga, club, method="off")
    await hurry(tg, app, clock, minutes=6)
    assert club.requests == ["Ann"], "neither let in nor declined"


async def test_the_approval_of_a_campaign_waits_for_the_answer(
    tg: Sandbox, ads: Ads, clock: TestClock
) -> None:
    """Also in a channel, by the settings of all chats. The campaign hears what becomes of requests."""
    app, olga = ads.app, ads.olga
    await app.house.campaigns.replace_own_link(ads.actor, ads.campaign_id, asks=True)
    await ads.change(auto_approve=True)
    changes = {"method": "request", "question": "button"}
    await app.house.verification.set(person(app, olga), ads.bot_id, 0, changes)
    ann, ben, eve = tg.user("Ann"), tg.user("Ben"), tg.user("Eve")
    for one in (ann, ben, eve):
        await one.follow(ads.link("c"))
        await one.join(via=await ads.own_link())
    assert ads.chat.requests == ["Ann", "Ben", "Eve"]
    await ann.click("I am no robot")
    await olga.approve(eve, ads.chat)
    await hurry(tg, app, clock, minutes=6)
    assert (ads.chat.has(ann), ads.chat.has(ben), ads.chat.has(eve)) == (True, False, True)
    assert [status for status, _ in await ads.steps(ann)] == [WAIT, HOLD, APPROVE]
    assert APPROVE not in [status for status, _ in await ads.steps(ben)]
    assert [status for status, _ in await ads.steps(eve)] == [WAIT, HOLD, APPROVE]


async def test_a_question_moves_with_the_group(tg: Sandbox, app: App, olga: Any, service: Any) -> None:
    await olga.start(service)
    small = tg.group("Small", olga, kind="group")
    await olga.add(service, small, rights=RIGHTS)
    await verify(app, olga, small, method="request", question="button")
    link = await olga.create_link(small, request=True)
    ann = tg.user("Ann")
    await ann.request(small, via=link)
    message = tg.last(ann, bot=service)
    await olga.upgrade(small)
    await ann.click(message, "I am no robot")
    assert small.status(ann) == "member"
    bob = tg.user("Bob")
    await bob.join(small)
    assert not muted(small, bob), "the settings moved, too: only requests are asked"
