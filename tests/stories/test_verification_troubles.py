"""What breaks, and what administrators decide: nobody stays muted for it, and nobody is let in by chance."""

from typing import Any

from bot.app import App
from sandbox import Sandbox
from tests.clock import TestClock
from tests.stories import newcomers
from tests.stories.membership import RIGHTS
from tests.stories.moderated import bot_id
from tests.stories.newcomers import (
    asked,
    greet,
    hurry,
    muted,
    questions,
    right,
    verify,
)

__all__ = ["club"]  # a fixture
club = newcomers.club
HUMAN = "I am no robot"


def hellos(tg: Sandbox, chat: Any) -> list[str]:
    return [m.text for m in tg.messages(chat) if m.text.startswith("Hi ")]


async def test_a_bot_without_rights_keeps_nobody_muted(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, method="button")
    ann, bob = tg.user("Ann"), tg.user("Bob")
    await ann.join(club)
    await bob.join(club)
    await olga.promote(service, club, ["delete_messages"])
    await ann.click(HUMAN)
    await hurry(tg, app, clock, minutes=6)
    assert muted(club, ann)
    assert muted(club, bob)
    await olga.promote(service, club, RIGHTS)
    await hurry(tg, app, clock, minutes=2)
    assert club.status(ann) == "member"
    assert club.status(bob) == "member", "he had nobody to answer to: nobody is removed for that"


async def test_the_mute_ends_by_itself_when_the_bot_is_gone(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, method="button")
    ann = tg.user("Ann")
    await ann.join(club)
    await olga.kick(service, club)
    await hurry(tg, app, clock, minutes=10)
    assert muted(club, ann)
    await hurry(tg, app, clock, hours=1)
    assert club.status(ann) == "member"


async def test_switching_it_off_lets_everybody_in(tg: Sandbox, app: App, club: Any, olga: Any) -> None:
    await verify(app, olga, None, method="button")
    await greet(app, olga, club)
    ann, bob = tg.user("Ann"), tg.user("Bob")
    await ann.join(club)
    await bob.join(club)
    assert muted(club, ann)
    await verify(app, olga, None, method="off")
    await tg.settle()
    assert (club.status(ann), club.status(bob)) == ("member", "member")
    assert not questions(tg, club)
    assert hellos(tg, club) == ["Hi Ann!", "Hi Bob!"]


async def test_an_administrator_lets_in_or_removes_from_the_log(
    tg: Sandbox, app: App, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, method="button")
    ann, bob = tg.user("Ann"), tg.user("Bob")
    await ann.join(club)
    entry = tg.last(olga, bot=service)
    assert "Ann came to Chess Club" in entry.text
    await olga.click(entry, "✅ Let in")
    assert club.status(ann) == "member"
    assert "was let in by Olga" in entry.text
    await bob.join(club)
    entry = tg.last(olga, bot=service)
    await olga.click(entry, "🚫 Remove")
    assert club.status(bob) == "left"
    await bob.join(club)
    await bob.click(HUMAN)
    gone = await olga.press_callback(
        entry, {"callback_data": f"verification:expel:{await bot_id(app)}:{club.id}:{bob.id}"}
    )
    assert "no question to answer any more" in (gone.text or "")
    assert club.status(bob) == "member"


async def test_a_demoted_administrator_decides_nothing(
    tg: Sandbox, app: App, club: Any, olga: Any, service: Any
) -> None:
    await verify(app, olga, club, method="button")
    mod, ann = tg.user("Mod"), tg.user("Ann")
    await mod.start(service)
    await mod.join(club)
    await mod.click(HUMAN)
    await olga.promote(mod, club, ["restrict_members"])
    await ann.join(club)
    data = {"callback_data": f"verification:letin:{await bot_id(app)}:{club.id}:{ann.id}"}
    await olga.demote(mod, club)
    assert "may not do that" in ((await mod.press_callback(tg.last(mod, bot=service), data)).text or "")
    assert muted(club, ann)
    await olga.promote(mod, club, ["restrict_members"])
    await mod.press_callback(tg.last(mod, bot=service), data)
    assert club.status(ann) == "member", "the control: with the right it works"


async def test_what_an_administrator_does_by_hand_counts(
    tg: Sandbox, app: App, clock: TestClock, club: Any, olga: Any
) -> None:
    await verify(app, olga, club, method="button")
    ann, bob, cleo = tg.user("Ann"), tg.user("Bob"), tg.user("Cleo")
    for one in (ann, bob, cleo):
        await one.join(club)
    await olga.unrestrict(ann, club)
    dan = tg.user("Dan")
    await dan.join(club)
    await olga.send(club, f"/unmute {dan.id}")
    eve = tg.user("Eve")
    await eve.join(club)
    await olga.send(club, f"/mute {eve.id} 2h")
    await olga.restrict(bob, club, until=clock.now().replace(year=2027))
    await hurry(tg, app, clock, minutes=6)
    assert (club.status(ann), club.status(dan)) == ("member", "member")
    assert muted(club, eve)
    assert muted(club, bob), "whom an administrator muted is neither removed nor released"
    assert club.status(cleo) == "left"


async def test_a_question_survives_a_restart(
    tg: Sandbox, start_app: Any, clock: TestClock, olga: Any, service: Any
) -> None:
    club = tg.group("Chess Club", olga)
    ann, bob = tg.user("Ann"), tg.user("Bob")
    settings = {"bot_token": service.token, "owner_ids": frozenset({olga.id})}
    async with start_app(**settings) as app:
        await olga.start(service)
        await olga.add(service, club, rights=RIGHTS)
        await verify(app, olga, club, method="arithmetic")
        await ann.join(club)
        await bob.join(club)
    async with start_app(**settings) as app:
        await ann.click(tg.last(club), right(await asked(app, club)))
        assert club.status(ann) == "member"
        await hurry(tg, app, clock, minutes=6)
        assert club.status(bob) == "left"
