"""What administrators call spam, or not, counts at once in all chats of the bots' owner; and only there."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.app import App
from domain.errors import NotAllowed
from sandbox import Sandbox
from tests.clock import TestClock
from tests.stories import moderated
from tests.stories.moderated import bot_id, log_of, person, protect

ann, group, guarded = moderated.ann, moderated.group, moderated.guarded

CLUB = "Our chess club moves to the old library on Friday, bring your boards and some friends"
PADDED = "Good morning to all of you! " + CLUB.replace("friends", "people") + " Have a nice day, everybody"
OTHER = "Has anybody seen the keys of the library?"
OFFER = "Ищу людей в команду, удаленная работа, доход от 500$ в неделю, обучение бесплатно, пишите + в лс"
INVITE = "Come to our second group, it is the better one: https://t.me/+AbCdEf123456"


@pytest.fixture
async def boris(tg: Sandbox) -> Any:
    """Another owner."""
    return tg.user("Boris", id=4_200_777)


@pytest.fixture
async def app(start_app: Any, service: Any, olga: Any, boris: Any) -> AsyncIterator[App]:
    """An installation of two owners; the service bot is Olga's."""
    async with start_app(bot_token=service.token, owner_ids=(olga.id, boris.id)) as running:
        yield running


async def club_of(tg: Sandbox, app: App, owner: Any, service: Any, username: str) -> Any:
    """A guarded group of an owner's, kept by a new bot of his."""
    keeper = tg.bot(username, name=username)
    await owner.start(service)
    await owner.send(service, "/connect")
    await owner.send(service, keeper.token)
    club = tg.group(f"Club of {username}", owner)
    await owner.add(keeper, club, rights="all")
    bot = next(one for one in await app.house.directory.all() if one.username == username)
    await app.house.antispam.set(person(app, owner), bot.id, club.id, {"mode": "on"})
    return club


async def learned(app: App, olga: Any) -> tuple[int, ...]:
    """How much was learned: spam, not spam."""
    view = await app.house.antispam.get(person(app, olga), await bot_id(app), 0)
    return tuple(view.learned or ())


async def test_what_is_called_spam_goes_in_all_chats_of_the_owner_until_it_is_not(
    tg: Sandbox, app: App, olga, boris, service, guarded
) -> None:
    second = await club_of(tg, app, olga, service, "go_bot")
    foreign = await club_of(tg, app, boris, service, "boris_bot")
    eve, mallory = tg.user("Eve"), tg.user("Mallory")
    await eve.join(guarded)
    for club in (second, foreign):
        await mallory.join(club)
    first = await eve.send(guarded, CLUB)
    assert not (await mallory.send(second, CLUB)).deleted
    await olga.send(guarded, "/spam", reply_to=first)
    assert first.deleted
    assert (await mallory.send(second, PADDED)).deleted, "a near-duplicate, in a chat of another bot"
    assert not (await mallory.send(second, OTHER)).deleted
    assert not (await mallory.send(foreign, CLUB)).deleted, "another owner's chats know nothing of it"
    entry = next(m for m in log_of(tg, olga, service) if "Chess Club" in m.text)
    await olga.click(entry, "Not spam")
    assert guarded.status(eve) == "member"
    assert CLUB in tg.last(guarded).text
    again = await eve.send(guarded, CLUB)
    assert not again.deleted, "she is trusted"
    assert not (await mallory.send(second, CLUB)).deleted, "it passes everywhere, whoever writes it"
    assert not (await mallory.send(second, PADDED)).deleted, "nothing is left of the lesson"
    await olga.send(guarded, "/spam", reply_to=again)
    assert (await mallory.send(second, CLUB)).deleted, "the last word counts"
    assert await learned(app, olga) == (1, 0)


async def test_the_log_says_what_it_is_like_and_a_hidden_link_is_part_of_it(
    tg: Sandbox, app: App, olga, service, guarded, ann, clock: TestClock
) -> None:
    here, there = (f'<a href="https://{name}.example/">{CLUB}</a>' for name in ("here", "there"))
    await protect(app, olga, guarded, block_links=True, block_duplicates=False)
    assert (await ann.send(guarded, here, html=True)).deleted
    await olga.click(log_of(tg, olga, service)[-1], "Not spam")
    eve = tg.user("Eve")
    await eve.join(guarded)
    assert not (await eve.send(guarded, here, html=True)).deleted
    assert (await eve.send(guarded, there, html=True)).deleted, "this leads elsewhere"
    await olga.send(guarded, "/spam", reply_to=await eve.send(guarded, here, html=True))
    assert await learned(app, olga) == (1, 0), "it is the same message, by its hidden link, too"
    await protect(app, olga, guarded, block_links=False)
    clock.advance(minutes=2)
    assert (await eve.send(guarded, there, html=True)).deleted
    await olga.click(log_of(tg, olga, service)[-1], "Why")
    assert "like a message that was called spam here on" in log_of(tg, olga, service)[-1].text


async def test_ham_in_reply_lets_the_text_pass(tg: Sandbox, app: App, olga, service, guarded, ann) -> None:
    await protect(app, olga, guarded, mode="observe", block_duplicates=False)
    offer = await ann.send(guarded, OFFER)
    await protect(app, olga, guarded, mode="on")
    eve = tg.user("Eve")
    await eve.join(guarded)
    await olga.send(guarded, "/ham @ann", reply_to=offer)
    assert (await eve.send(guarded, OFFER)).deleted, "somebody was named: it is about her, not about the text"
    await olga.send(guarded, "/ham", reply_to=offer)
    assert not (await eve.send(guarded, OFFER)).deleted


async def test_only_decisions_teach(tg: Sandbox, app: App, olga, service, guarded, ann) -> None:
    await ann.send(guarded, CLUB)
    await ann.send(guarded, INVITE)
    await olga.click(log_of(tg, olga, service)[-1], "Ban")
    eve = tg.user("Eve")
    await eve.join(guarded)
    await eve.send(guarded, "/report", reply_to=await eve.send(guarded, OTHER))
    await olga.click(log_of(tg, olga, service)[-1], "Leave it")
    await olga.send(guarded, "/spam", reply_to=await eve.send(guarded, "ok then"))
    assert await learned(app, olga) == (0, 0)
    await eve.start(service)
    await eve.send(service, "/privacy")
    assert "Nothing is learned by listening" in tg.last(eve, bot=service).text


async def test_mistakes_about_one_author_are_undone_together(
    tg: Sandbox, app: App, olga, service, guarded, ann
) -> None:
    for text in (CLUB, OTHER):
        await olga.send(guarded, "/spam", reply_to=await ann.send(guarded, text))
    assert await learned(app, olga) == (2, 0)
    await olga.click(log_of(tg, olga, service)[-1], "Not spam")
    assert await learned(app, olga) == (0, 1), "the other one is not said to be innocent, but forgotten"


async def test_spam_that_was_noted_before_is_undone_as_a_whole(
    tg: Sandbox, app: App, olga, service, guarded, ann, clock: TestClock
) -> None:
    await protect(app, olga, guarded, action="mute", block_duplicates=False)
    eve = tg.user("Eve")
    await eve.join(guarded)
    message = await ann.send(guarded, OTHER)
    await eve.send(guarded, "/report", reply_to=message)
    await ann.edit(message, CLUB)
    for one in (clock, tg.clock):
        one.advance(hours=30)
    await olga.send(guarded, "/spam", reply_to=message)
    assert guarded.status(ann) == "restricted"
    await olga.click(log_of(tg, olga, service)[-1], "Not spam")
    assert guarded.status(ann) == "member", "the report did nothing to her, the command did"
    assert CLUB in tg.last(guarded).text, "what was called spam, not what was reported"
    assert await learned(app, olga) == (0, 1)
    assert not (await eve.send(guarded, CLUB)).deleted


async def test_who_was_caught_by_a_lesson_does_not_take_it_along(
    tg: Sandbox, app: App, olga, service, guarded, ann
) -> None:
    await protect(app, olga, guarded, block_duplicates=False)
    eve, bob = tg.user("Eve"), tg.user("Bob")
    for one in (eve, bob):
        await one.join(guarded)
    await olga.send(guarded, "/spam", reply_to=await eve.send(guarded, CLUB))
    assert (await bob.send(guarded, CLUB)).deleted
    await olga.send(guarded, "/spam", reply_to=await bob.send(guarded, OTHER))
    await olga.click(log_of(tg, olga, service)[-1], "Not spam")
    assert (await ann.send(guarded, CLUB)).deleted, "Bob did not teach it"


async def test_what_anybody_may_write_is_spam_only_of_newcomers(
    tg: Sandbox, app: App, olga, service, guarded, ann
) -> None:
    await protect(app, olga, guarded, block_duplicates=False, block_newcomers=False)
    eve, bob = tg.user("Eve"), tg.user("Bob")
    for one in (eve, bob):
        await one.join(guarded)
    for text in ("Good morning!", f"{OTHER} Write to @casino_bot"):
        await olga.send(guarded, "/spam", reply_to=await eve.send(guarded, text))
    for text in ("Good morning", OTHER):
        assert not (await ann.send(guarded, text)).deleted, "she is no newcomer"
        assert (await bob.send(guarded, text)).deleted
    assert (await ann.send(guarded, f"{OTHER} Write to @gambling_bot")).deleted, "it leads somewhere"


async def test_a_familiar_author_is_asked_about_it_and_an_approved_one_is_not(
    tg: Sandbox, app: App, olga, service, guarded, ann
) -> None:
    await protect(app, olga, guarded, block_flood=False)
    for number in range(11):
        await ann.send(guarded, f"{OTHER} I asked {number} times")
    bob, eve = tg.user("Bob", username="bob"), tg.user("Eve")
    for one in (bob, eve):
        await one.join(guarded)
    await olga.send(guarded, "/ham @bob")
    await olga.send(guarded, "/spam", reply_to=await eve.send(guarded, CLUB))
    assert (await ann.send(guarded, CLUB)).deleted
    assert not (await bob.send(guarded, CLUB)).deleted


async def test_trying_a_text_and_forgetting(
    tg: Sandbox, app: App, olga, boris, service, guarded, ann
) -> None:
    await olga.send(guarded, "/spam", reply_to=await ann.send(guarded, CLUB))
    bot = await bot_id(app)
    assert (await app.house.antispam.check(person(app, olga), bot, guarded.id, PADDED)).spam
    for intruder in (boris, ann):
        with pytest.raises(NotAllowed):
            await app.house.lessons.forget(person(app, intruder), bot)
    await olga.start(service, payload="antispam_0")
    panel = tg.last(olga, bot=service)
    assert "Learned from you and your administrators: 1 spam message, 0 that are no spam." in panel.text
    await olga.click(panel, "Forget what was learned")
    assert (await ann.send(guarded, PADDED)).deleted, "she only looked at the question"
    await olga.click(panel, "Yes, forget all of it")
    assert "Forgotten" in panel.text
    assert not (await ann.send(guarded, CLUB)).deleted
    await olga.click(panel, "‹ Back")
    assert "Learned" not in panel.text
