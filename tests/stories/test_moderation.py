"""Moderators say what is to be done, and get a clear answer."""

import pytest

from bot.app import App
from sandbox import Sandbox
from tests.stories import moderated
from tests.stories.moderated import log_of, said

ann, group, guarded = moderated.ann, moderated.group, moderated.guarded


async def test_warnings_add_up(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    said_ = await ann.send(group, "Something rude")
    await olga.send(group, "/warn rude words", reply_to=said_)
    assert "Ann: warned (1 of 3)." in tg.last(group).text
    assert "Reason: rude words" in tg.last(group).text
    await olga.send(group, "/warn @ann again")
    await olga.send(group, "/warns @ann")
    assert "2 of 3" in tg.last(group).text
    assert "rude words" in tg.last(group).text
    await olga.send(group, f"/unwarn {ann.id}")
    assert "1 is left" in tg.last(group).text
    await olga.send(group, "/warn @ann")
    await olga.send(group, "/warn @ann")
    assert "muted for 1 day" in tg.last(group).text
    assert "That was the last warning" in tg.last(group).text
    assert group.status(ann) == "restricted"
    await olga.send(group, "/unmute @ann")
    assert group.status(ann) == "member"
    await olga.send(group, "/unwarn @ann")
    assert "has no warnings" in tg.last(group).text


async def test_mute_kick_ban(tg: Sandbox, app: App, olga, group, ann) -> None:
    await ann.send(group, "hello")
    await olga.send(group, "/mute @ann 2h 30m for shouting")
    assert "muted for 150 minutes" in tg.last(group).text
    assert "for shouting" in tg.last(group).text
    until = group.member(ann).until
    assert 9_000 - 60 < until - tg.clock.time() <= 9_000
    await olga.send(group, "/unmute @ann")
    await olga.send(group, "/kick @ann")
    assert group.status(ann) == "left"
    await ann.join(group)
    await olga.send(group, "/ban @ann 1w")
    assert "banned for 7 days" in tg.last(group).text
    assert group.status(ann) == "kicked"
    await olga.send(group, f"/unban {ann.id}")
    assert group.status(ann) == "left"
    assert "may come back" in tg.last(group).text


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("/mute", "Whom do you mean?"),
        ("/mute @nobody_knows", "I do not know this person yet"),
        ("/mute 99999999999999999999", "I do not know this person yet"),
        ("/mute -100123", "I do not know this person yet"),
        ("/mute 999999", "I do not know this person yet"),
        ("/mute @ann 10x", "I do not understand the time"),
        ("/mute @ann 5s", "I do not understand the time"),
        ("/ban @ann 9999w", "I do not understand the time"),
        ("/mute @dora", "administrator of this chat"),
        ("/ban @gatehouse_bot", "That is me"),
        ("/del", "Reply with this command"),
        ("/spam", "Reply with this command"),
    ],
)
async def test_each_failure_is_told(
    tg: Sandbox, app: App, olga, service, group, ann, command: str, answer: str
) -> None:
    dora = tg.user("Dora", username="dora")
    await dora.join(group)
    await olga.promote(dora, group)
    for one in (ann, dora):
        await one.send(group, "hello")
    if "gatehouse_bot" in command:
        command = command.replace("@gatehouse_bot", str(service.id))
    await olga.send(group, command)
    assert answer in tg.last(group).text
    assert group.status(ann) == "member"


async def test_the_bot_lacks_the_right(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    await ann.send(group, "hello")
    await olga.promote(service, group, ["delete_messages"])
    await olga.send(group, "/ban @ann")
    assert "Give me the right “Ban users”" in tg.last(group).text


async def test_basic_groups_know_no_mute(tg: Sandbox, app: App, olga, service) -> None:
    family = tg.group("Family", olga, kind="group")
    await olga.add(service, family, rights="all")
    bob = tg.user("Bob")
    await olga.add(bob, family)
    hello = await bob.send(family, "hello")
    await olga.send(family, "/mute 1h", reply_to=hello)
    assert "in supergroups only" in tg.last(family).text
    await olga.send(family, "/kick", reply_to=hello)
    assert not family.has(bob)


async def test_members_are_refused_for_a_moment(
    tg: Sandbox, app: App, olga, service, group, ann, clock
) -> None:
    bob = tg.user("Bob")
    await bob.join(group)
    hello = await ann.send(group, "hello")
    for command in ("/ban", "/warn", "/mute 1h", "/kick", "/spam", "/ham", "/del", "/warns"):
        asked = await bob.send(group, command, reply_to=hello)
        answer = tg.last(group)
        assert "You may not do that here" in answer.text, command
    clock.advance(minutes=2)
    await tg.settle()
    while not answer.deleted:
        await tg.wait_for_change(2)
    await tg.settle()
    assert asked.deleted
    assert not hello.deleted
    assert group.status(ann) == "member"


async def test_an_anonymous_administrator_may(tg: Sandbox, app: App, olga, group, ann) -> None:
    hello = await ann.send(group, "hello")
    await olga.set_anonymous(group)
    await olga.send(group, "/warn", reply_to=hello)
    assert "Ann: warned (1 of 3)" in tg.last(group).text
    anonymous = await olga.send(group, "I speak for the group")
    await olga.send(group, "/ban", reply_to=anonymous)
    assert "administrator of this chat" in tg.last(group).text


async def test_spam_and_ham_by_command(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    """What an administrator says is done at once, even while the checks only observe."""
    advert = await ann.send(group, "Lovely carpets, cheap")
    await olga.send(group, "/spam", reply_to=advert)
    assert advert.deleted
    assert "Thank you. Ann: warned (1 of 3)" in tg.last(group).text
    entry = log_of(tg, olga, service)[-1]
    assert "Olga said that it is spam" in entry.text
    await olga.click(entry, "Not spam")
    assert "Lovely carpets" in tg.last(group).text
    hello = await ann.send(group, "hello")
    await olga.send(group, "/ham", reply_to=hello)
    assert "I leave Ann alone" in tg.last(group).text


async def test_members_report(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    bob = tg.user("Bob")
    await bob.join(group)
    rude = await ann.send(group, "You all are fools")
    await bob.send(group, "/report", reply_to=rude)
    assert "The administrators have been told" in tg.last(group).text
    entry = log_of(tg, olga, service)[-1]
    assert "Report from Chess Club" in entry.text
    assert "Bob asks you to look at it" in entry.text
    await bob.send(group, "/report", reply_to=rude)
    assert "know about this message already" in tg.last(group).text
    assert len(log_of(tg, olga, service)) == 1
    await olga.click(entry, "Ban")
    assert group.status(ann) == "kicked"
    assert rude.deleted


async def test_a_report_is_left_alone(tg: Sandbox, app: App, olga, service, guarded, ann) -> None:
    """Leaving a report alone says nothing about the author: she is checked like everybody."""
    bob = tg.user("Bob")
    await bob.join(guarded)
    harmless = await ann.send(guarded, "I disagree")
    await bob.send(guarded, "/report", reply_to=harmless)
    await olga.click(log_of(tg, olga, service)[-1], "Leave it")
    assert said(tg, guarded)[0] == "I disagree"
    assert (await ann.send(guarded, "https://t.me/+abcdefgh")).deleted


async def test_del(tg: Sandbox, app: App, olga, group, ann) -> None:
    wrong = await ann.send(group, "oops")
    command = await olga.send(group, "/del", reply_to=wrong)
    assert wrong.deleted
    assert command.deleted
