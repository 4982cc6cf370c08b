"""A raid is told by its pace, and met without drowning the chat or losing those who are honest."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.app import App
from domain.joins import ChatName, MemberChange, Standing
from sandbox import Sandbox
from tests.clock import TestClock
from tests.stories import newcomers
from tests.stories.estate import hurry as no_pauses
from tests.stories.membership import RIGHTS
from tests.stories.moderated import bot_id
from tests.stories.newcomers import greet, hurry, muted, questions, verify

__all__ = ["club"]  # a fixture
club = newcomers.club
HUMAN = "I am no robot"


async def invade(tg: Sandbox, club: Any, number: int, first: int = 0) -> list[Any]:
    """Many come at once."""
    people = [tg.user(f"P{n}") for n in range(first, first + number)]
    for one in people:
        await one.join(club)
    return people


def alarms(tg: Sandbox, who: Any, service: Any) -> list[Any]:
    return [m for m in tg.messages(who, bot=service) if "A raid on" in m.text]


async def test_a_raid_locks_the_chat_and_ends_by_itself(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, raid_mode="on", raid_limit=5, raid_minutes=10)
    await greet(app, olga, club)
    raiders = await invade(tg, club, 7)
    assert all(muted(club, one) for one in raiders), "those before the alarm, too"
    assert len(questions(tg, club)) == 1
    assert not [m for m in tg.messages(club) if m.text.startswith("Hi")], "welcomes were taken back"
    assert len(alarms(tg, olga, service)) == 1
    told = {m.from_ for m in tg.messages(club, service=True) if m.service == "new_chat_members"}
    assert "P0" in told
    assert not {"P5", "P6"} & told, "during a lockdown Telegram's own words about joins go, too"
    await raiders[0].click(HUMAN)
    await raiders[6].click(HUMAN)
    assert (club.status(raiders[0]), club.status(raiders[6])) == ("member", "member")
    await hurry(tg, app, clock, minutes=6)
    assert [one.name for one in raiders if club.has(one)] == ["P0", "P6"]
    await hurry(tg, app, clock, minutes=5)
    assert [m.text for m in tg.messages(club) if m.text.startswith("Hi")] == ["Hi P0, P6!"]
    (late,) = await invade(tg, club, 1, first=7)
    assert club.status(late) == "member"
    assert not questions(tg, club)
    assert len(alarms(tg, olga, service)) == 1


async def test_a_calm_chat_is_never_locked(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, raid_mode="on", raid_limit=5, raid_seconds=10)
    for n in range(3):
        people = await invade(tg, club, 4, first=4 * n)
        assert not any(muted(club, one) for one in people)
        await hurry(tg, app, clock, seconds=11)
    assert not alarms(tg, olga, service)


async def test_who_left_before_the_alarm_is_not_asked(
    tg: Sandbox, app: App, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, raid_mode="on", raid_limit=5)
    people = await invade(tg, club, 4)
    await people[0].leave(club)
    (fifth,) = await invade(tg, club, 1, first=4)
    assert not muted(club, fifth), "only four are there"
    (sixth,) = await invade(tg, club, 1, first=5)
    assert muted(club, sixth)
    assert club.status(people[0]) == "left"


async def test_a_new_chat_is_only_observed(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, raid_limit=5)
    await greet(app, olga, club)
    people = await invade(tg, club, 8)
    assert not any(muted(club, one) for one in people)
    (alarm,) = alarms(tg, olga, service)
    assert "I only observe here" in alarm.text
    await hurry(tg, app, clock, seconds=61)
    hellos = [m.text for m in tg.messages(club) if m.text.startswith("Hi")]
    assert hellos == ["Hi P0, P1, P2, P3, P4, P5, P6, P7!"], "greeted, all together"
    await hurry(tg, app, clock, days=1)
    assert all(muted(club, one) for one in await invade(tg, club, 5, first=8)), "from now on I protect"


async def test_administrators_end_it_and_remove_those_who_came(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, raid_mode="on", raid_limit=5)
    member = tg.user("Member")
    await member.join(club)
    await hurry(tg, app, clock, minutes=1)
    people = await invade(tg, club, 6)
    await people[0].click(HUMAN)
    (alarm,) = alarms(tg, olga, service)
    await olga.click(alarm, "🧹 Remove those who came")
    assert "5 people who had not answered were removed" in alarm.text
    assert [one.name for one in (member, *people) if club.has(one)] == ["Member", "P0"]
    (seventh,) = await invade(tg, club, 1, first=6)
    assert muted(club, seventh), "it goes on until it is ended"
    await olga.click(alarm, "🔓 End now")
    assert "has ended the lockdown" in alarm.text
    assert club.status(seventh) == "member", "it was no raid: nobody has to answer any more"
    assert not questions(tg, club)
    data = {"callback_data": f"verification:calm:{await bot_id(app)}:{club.id}"}
    assert "not locked down any more" in ((await olga.press_callback(alarm, data)).text or "")


async def test_ended_where_verification_is_on_the_question_stays(
    tg: Sandbox, app: App, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, method="button", raid_mode="on", raid_limit=5)
    people = await invade(tg, club, 6)
    await olga.click(alarms(tg, olga, service)[0], "🔓 End now")
    assert all(muted(club, one) for one in people)


async def test_only_administrators_of_the_chat_decide_about_a_raid(
    tg: Sandbox, app: App, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, raid_mode="on", raid_limit=5)
    mod, other = tg.user("Mod"), tg.user("Other")
    elsewhere = tg.group("Go Club", other)
    await other.add(service, elsewhere, rights="all")
    for one in (mod, other):
        await one.start(service)
    people = await invade(tg, club, 6)
    await olga.add(mod, club, rights=["restrict_members"])
    await olga.demote(mod, club)
    for verb in ("calm", "sweep"):
        data = {"callback_data": f"verification:{verb}:{await bot_id(app)}:{club.id}"}
        for one in (mod, other, people[0]):
            await one.start(service)
            answer = await one.press_callback(tg.last(one, bot=service), data)
            assert "may not do that" in (answer.text or "")
    assert all(muted(club, one) for one in people)


async def test_join_requests_wait_until_it_is_over(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any, service: Any
) -> None:
    await verify(
        app, olga, club, method="request", question="button", raid_mode="on", raid_limit=5, raid_minutes=10
    )
    link = await olga.create_link(club, request=True)
    await invade(tg, club, 5)
    ann, bob = tg.user("Ann"), tg.user("Bob")
    for one in (ann, bob):
        await one.request(club, via=link)
    await ann.click(tg.last(ann, bot=service), HUMAN)
    assert club.requests == ["Ann", "Bob"]
    await hurry(tg, app, clock, minutes=6)
    assert club.requests == ["Ann"], "who has answered is not lost"
    await hurry(tg, app, clock, minutes=5)
    assert club.status(ann) == "member"


async def test_a_backlog_is_no_raid(tg: Sandbox, app: App, club: Any, olga: Any) -> None:
    """Joins of an hour that Telegram tells all at once after we were away."""
    await verify(app, olga, club, raid_mode="on", raid_limit=5)
    with tg.no_settle():
        for one in [tg.user(f"P{n}") for n in range(8)]:
            await one.join(club)
            tg.clock.advance(minutes=7)
    await tg.settle()
    assert not questions(tg, club)


async def test_a_lockdown_survives_a_restart(
    tg: Sandbox, start_app: Any, clock: TestClock, olga: Any, service: Any
) -> None:
    club = tg.group("Chess Club", olga)
    settings = {"bot_token": service.token, "owner_ids": frozenset({olga.id})}
    async with start_app(**settings) as app:
        await olga.start(service)
        await olga.add(service, club, rights=RIGHTS)
        await verify(app, olga, club, raid_mode="on", raid_limit=5)
        await invade(tg, club, 5)
    async with start_app(**settings) as app:
        (late,) = await invade(tg, club, 1, first=5)
        assert muted(club, late)
        await late.click(HUMAN)
        assert club.status(late) == "member"
        await hurry(tg, app, clock, minutes=11)
        (calm,) = await invade(tg, club, 1, first=6)
        assert club.status(calm) == "member"


@pytest.fixture
async def quick(start_app: Any, service: Any, olga: Any) -> Any:
    """An application that makes no pauses between calls."""
    settings = {"bot_token": service.token, "owner_ids": frozenset({olga.id}), "paces": no_pauses}
    async with start_app(**settings) as app:
        yield app


def coming(chat: Any, number: int, at: datetime) -> MemberChange:
    """Somebody follows a link into the chat, as the update says."""
    who = 9_000_000 + number
    return MemberChange(
        ChatName(chat.id, "supergroup", chat.title), who, f"R{number}", None, None, "en", False, who,
        Standing(False), Standing(True), at, 500_000 + number,
    )  # fmt: skip


async def test_a_thousand_joins_in_a_minute_make_one_message(
    tg: Sandbox, quick: App, clock: TestClock, olga: Any, service: Any
) -> None:
    """Most of them come by the service, as the dispatcher has them; the honest ones press their buttons."""
    app, club = quick, tg.group("Chess Club", olga)
    await olga.start(service)
    await olga.add(service, club, rights=RIGHTS)
    await verify(app, olga, club, raid_mode="on")
    await greet(app, olga, club)
    said, tenant = len(tg.messages(club)), (await app.house.directory.all())[0]
    honest, begin = [tg.user(f"P{n}") for n in range(20)], tg.clock.now()
    for n in range(980):
        if n % 49 == 0:
            await honest[n // 49].join(club)
        at = begin + timedelta(seconds=n * 0.06)
        await app.house.joins.moved(app.house.actor, tenant, coming(club, n, at))
    await tg.settle(timeout=120)
    assert len(tg.messages(club)) - said == 1
    assert all(muted(club, one) for one in honest)
    for one in honest:
        await one.click(HUMAN)
    assert all(club.status(one) == "member" for one in honest)
    await hurry(tg, app, clock, seconds=50)
    assert len(tg.messages(club)) - said == 1
    assert f"{980 - 10} more" in tg.messages(club)[-1].text
    for minutes in (9, 1, 1):
        await hurry(tg, app, clock, minutes=minutes)
    assert all(club.status(one) == "member" for one in honest), "nobody who has passed is lost"
    (greeting,) = [m.text for m in tg.messages(club) if m.text.startswith("Hi")]
    assert greeting.endswith("and 10 more!")
