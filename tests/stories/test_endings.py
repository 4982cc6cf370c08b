"""How memberships end: reminders, the end, the removal, and who is never removed."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox import Sandbox
from services import access_tasks
from storage import memberships, people
from storage.people import Person
from tests.stories.membership import RIGHTS, Club


async def member(tg: Sandbox, club: Club, name: str = "Ann", plan: str = "2 days") -> Any:
    """Somebody inside with a membership of so long."""
    await club.change_plan(duration=plan)
    person = tg.user(name)
    await person.follow(await club.token(tg))
    await person.click("Join Chess club")
    assert club.chat.has(person)
    return person


async def later(tg: Sandbox, club: Club, clock: Any, **delta: float) -> None:
    clock.advance(**delta)
    await club.keep_time()
    await tg.settle()


def said(tg: Sandbox, club: Club, who: Any, words: str) -> int:
    return sum(words in message.text for message in tg.messages(who, bot=club.bot))


async def test_the_end_comes_on_time_with_one_call(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club)
    link = tg.last(ann, bot=club.bot).url("Join Chess club")
    await later(tg, club, clock, days=1, hours=23, minutes=58)
    assert club.chat.has(ann), "not a minute too early"
    await later(tg, club, clock, minutes=3)
    assert not club.chat.has(ann)
    assert club.chat.status(ann) == "left", "free to return"
    assert len(tg.calls_of("unbanChatMember")) == 1
    assert tg.calls_of("banChatMember") == []
    assert said(tg, club, ann, "has ended") == 1
    await ann.join(via=link)
    assert not club.chat.has(ann), "and is not let in again"
    assert said(tg, club, ann, "is for members") == 1
    await ann.follow(await club.token(tg))
    assert club.chat.has(ann), "until there is a new membership"


async def test_reminders_come_once_each(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club, plan="30 days")
    for passed, reminders in (
        ({"days": 26}, 0),
        ({"days": 1, "minutes": 1}, 1),
        ({"days": 2}, 2),
        ({"hours": 22}, 3),
    ):
        clock.advance(**passed)
        for _ in range(3):
            await club.keep_time()
        await tg.settle()
        assert said(tg, club, ann, "⏰ Your membership of Chess ends") == reminders
    assert said(tg, club, ann, "has ended") == 0
    for _ in range(3):
        await later(tg, club, clock, hours=2)
    assert said(tg, club, ann, "⏰ Your membership of Chess ends") == 3
    assert said(tg, club, ann, "has ended") == 1


async def test_who_renews_is_reminded_of_the_new_end(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club, plan="10 days")
    await later(tg, club, clock, days=7, minutes=1)
    await ann.follow(await club.token(tg))
    await later(tg, club, clock, days=3)
    assert club.chat.has(ann)
    assert said(tg, club, ann, "⏰") == 1
    await later(tg, club, clock, days=7)
    assert said(tg, club, ann, "⏰") == 2


async def test_after_a_long_stop_people_are_told_before_they_are_removed(
    tg: Sandbox, club: Club, clock
) -> None:
    ann = await member(tg, club)
    await later(tg, club, clock, days=20)
    assert said(tg, club, ann, "has ended") == 1
    assert said(tg, club, ann, "⏰") == 0, "reminders are not made up for"
    assert club.chat.has(ann)
    await later(tg, club, clock, minutes=11)
    assert not club.chat.has(ann)


async def test_removals_per_run_are_capped(
    tg: Sandbox, club: Club, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_tasks, "MOST_PER_RUN", 2)
    people_ = [await member(tg, club, name) for name in ("Ann", "Ben", "Cid")]
    clock.advance(days=2, minutes=1)
    await club.keep_time()
    assert sum(club.chat.has(one) for one in people_) == 1
    await club.keep_time()
    assert sum(club.chat.has(one) for one in people_) == 0


async def test_owners_administrators_and_bots_are_never_removed(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club)
    await club.olga.promote(ann, club.chat, ["pin_messages"])
    await club.olga.follow(await club.token(tg))
    helper = tg.bot("helper_bot", name="Helper")
    await club.olga.add(helper, club.chat)
    async with club.app.db.write() as tx:
        await people.remember(tx, club.bot_id, Person(helper.id, "Helper"), clock.now(), started=False)
    house = club.app.house
    await house.subscribers.give(house.actor, club.bot_id, helper.id, club.project_id, 1)
    await later(tg, club, clock, days=2, minutes=1)
    await later(tg, club, clock, minutes=11)
    assert club.chat.has(ann)
    assert club.chat.has(club.olga)
    assert club.chat.has(helper)
    assert tg.calls_of("unbanChatMember") == []


async def test_another_membership_keeps_the_chat_open(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club)
    house = club.app.house
    await house.subscribers.give(house.actor, club.bot_id, ann.id, 0, 30)
    await later(tg, club, clock, days=2, minutes=1)
    assert said(tg, club, ann, "has ended") == 1
    assert club.chat.has(ann)
    assert tg.calls_of("unbanChatMember") == []


async def test_who_renews_before_the_removal_stays(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club)
    clock.advance(days=2, minutes=1)
    await club.app.house.endings.run(club.app.house.actor)
    await ann.follow(await club.token(tg))
    await later(tg, club, clock, minutes=1)
    assert club.chat.has(ann)
    assert tg.calls_of("unbanChatMember") == []


async def test_a_grace_period_keeps_the_door_open(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club)
    await club.olga.send(club.bot, "/members")
    await club.olga.click("⚙️ Settings")
    await club.olga.click("3")
    assert ["0", "1", "✅ 3", "7"] in tg.last(club.olga, bot=club.bot).buttons
    await later(tg, club, clock, days=2, minutes=1)
    assert said(tg, club, ann, "You keep access until") == 1
    assert club.chat.has(ann)
    await later(tg, club, clock, days=3)
    assert not club.chat.has(ann)
    assert said(tg, club, ann, "has ended") == 1, "nothing is said twice"


async def test_a_bot_without_rights_removes_when_they_return(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club)
    await club.olga.promote(club.bot, club.chat, ["invite_users"])
    await later(tg, club, clock, days=2, minutes=1)
    for _ in range(4):
        await later(tg, club, clock, hours=7)
    assert club.chat.has(ann)
    assert said(tg, club, club.olga, "cannot look after Chess club") == 1
    await club.olga.promote(club.bot, club.chat, RIGHTS)
    await club.keep_time()
    assert not club.chat.has(ann)
    assert len(tg.calls_of("unbanChatMember")) == 1


@pytest.mark.parametrize("how", ["demoted", "removed"])
async def test_lost_rights_are_told_once(tg: Sandbox, club: Club, clock, how: str) -> None:
    ann = await member(tg, club)
    ben = tg.user("Ben")
    await club.olga.add(ben, club.chat, rights="all")
    before = len(tg.messages(club.olga, bot=club.bot))
    await (club.olga.demote if how == "demoted" else ben.kick)(club.bot, club.chat)
    for _ in range(3):
        await later(tg, club, clock, days=1)
    told = tg.messages(club.olga, bot=club.bot)[before:]
    assert len(told) == 1, [message.text for message in told]
    assert "people whose membership ended stay inside" in told[0].text
    back = club.olga.promote if how == "demoted" else club.olga.add
    await back(club.bot, club.chat, rights=RIGHTS)
    await later(tg, club, clock, minutes=1)
    assert not club.chat.has(ann), "what waited is done by itself"


async def test_a_removal_nobody_told_us_of_is_noticed_at_the_gate(tg: Sandbox, club: Club, clock) -> None:
    await member(tg, club)
    club.bot.bot.feed.allow(["message"])
    ben = tg.user("Ben")
    await club.olga.add(ben, club.chat, rights="all")
    await ben.kick(club.bot, club.chat)
    before = len(tg.messages(club.olga, bot=club.bot))
    for _ in range(3):
        await later(tg, club, clock, days=1)
    told = tg.messages(club.olga, bot=club.bot)[before:]
    assert len(told) == 1, [message.text for message in told]
    assert "was removed from Chess club" in told[0].text


async def test_telegrams_silence_only_delays_a_removal(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club)
    tg.faults.error(500, method="unbanChatMember")
    await later(tg, club, clock, days=2, minutes=1)
    await later(tg, club, clock, minutes=6)
    assert not club.chat.has(ann)


async def test_one_who_left_by_himself_is_not_touched(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club)
    ben = await member(tg, club, "Ben")
    await ann.leave(club.chat)
    await club.olga.ban(ben, club.chat)
    await later(tg, club, clock, days=2, minutes=1)
    assert tg.calls_of("unbanChatMember") == [], "and a ban of the owner is not lifted"
    assert club.chat.status(ben) == "kicked"


async def test_a_membership_for_life_never_ends(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club, plan="lifetime")
    await later(tg, club, clock, days=365 * 40)
    assert club.chat.has(ann)
    assert said(tg, club, ann, "ended") == 0
    await ann.follow(await club.token(tg))
    assert "You have this for life already" in tg.last(ann, bot=club.bot).text


async def test_the_owner_finds_gives_and_ends(tg: Sandbox, club: Club, clock) -> None:
    ann = tg.user("Ann <b>", username="ann")
    await ann.start(club.bot)
    olga = club.olga
    await olga.send(club.bot, "/members")
    await olga.click("🔎 Find somebody")
    await olga.send(club.bot, "@ann")
    await olga.click("🎁 Chess")
    await olga.click("30 days")
    assert "✅ until" in tg.last(olga, bot=club.bot).text
    assert "The owner gave you a membership of Chess" in tg.last(ann, bot=club.bot).text
    await ann.click("🚪 Enter")
    await ann.click("Join Chess club")
    assert club.chat.has(ann)
    await olga.send(club.bot, f"/members {ann.id}")
    await olga.click("🎁 Chess")
    await olga.click("Another number")
    await olga.send(club.bot, "-5")
    assert "a whole number from 1 to 3650" in tg.last(olga, bot=club.bot).text
    await olga.send(club.bot, "10")
    async with club.app.db.read() as tx:
        held = await memberships.get(tx, club.bot_id, ann.id, club.project_id)
    assert held is not None
    assert held.end_at is not None
    assert timedelta(0) <= clock.now() + timedelta(days=40) - held.end_at < timedelta(minutes=10)
    await olga.send(club.bot, "/members")
    assert "Ann <b>" in tg.last(olga, bot=club.bot).text
    await olga.click("Ann <b>")
    await olga.click("⛔️ End")
    await olga.click("Yes, end it")
    await club.keep_time()
    assert not club.chat.has(ann)
    assert said(tg, club, ann, "has ended") == 1
    await club.keep_time()
    await tg.settle()
    assert said(tg, club, ann, "has ended") == 1


async def test_the_owner_chooses_the_reminders(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club, plan="10 days")
    ben = await member(tg, club, "Ben", plan="5 days")
    await club.olga.send(club.bot, "/members")
    await club.olga.click("⚙️ Settings")
    await club.olga.click("7 days")
    await club.olga.click("✅ 3 days")
    await club.olga.click("✅ 1 day")
    assert ["✅ 7 days", "3 days", "1 day", "✅ 2 hours"] in tg.last(club.olga, bot=club.bot).buttons
    await later(tg, club, clock, minutes=1)
    assert said(tg, club, ann, "⏰") == said(tg, club, ben, "⏰") == 0, "five days need no word about seven"
    await later(tg, club, clock, days=3)
    assert (said(tg, club, ann, "⏰"), said(tg, club, ben, "⏰")) == (1, 0)
    await later(tg, club, clock, days=1, hours=23)
    assert (said(tg, club, ann, "⏰"), said(tg, club, ben, "⏰")) == (1, 1)
