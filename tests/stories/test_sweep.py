"""Updates were missed: the sweep finds who is inside though his time is over, and who is kept out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from storage import gates, projects
from tests.stories.membership import RIGHTS, Club, open_club


@pytest.fixture(autouse=True)
async def by_hand(app: App) -> None:
    """The stories sweep themselves."""
    await app.supervisor.stop("sweep")


@contextmanager
def unseen(club: Club) -> Iterator[None]:
    """What happens to members here never reaches the bot."""
    feed = club.bot.bot.feed
    before = feed.allowed
    feed.allow(["message", "callback_query", "my_chat_member"])
    try:
        yield
    finally:
        feed.allowed = before


async def member(tg: Sandbox, club: Club, name: str = "Ann") -> Any:
    """Somebody inside with a membership of two days."""
    await club.change_plan(duration="2 days")
    person = tg.user(name)
    await person.follow(await club.token(tg))
    await person.click("Join Chess club")
    assert club.chat.has(person)
    return person


async def pass_time(tg: Sandbox, club: Club, clock: Any, **delta: float) -> None:
    """Time passes at Telegram's, too, and what is due is done."""
    clock.advance(**delta)
    tg.clock.advance(**delta)
    await club.keep_time()
    await tg.settle()


async def sweep(tg: Sandbox, club: Club) -> int:
    """Look for everybody whose turn it is, then work off what was found; returns how many looks it took."""
    house, looks = club.app.house, 0
    while looked := await house.sweep.run(house.actor):
        looks += looked
    await club.keep_time()
    await tg.settle()
    return looks


async def ended(tg: Sandbox, club: Club, clock: Any) -> Any:
    """Somebody whose membership is over, and who was removed."""
    ann = await member(tg, club)
    await pass_time(tg, club, clock, days=2, minutes=1)
    assert not club.chat.has(ann)
    return ann


async def test_who_came_back_unseen_is_found_and_removed(tg: Sandbox, club: Club, clock) -> None:
    ann = await ended(tg, club, clock)
    link = await club.olga.create_link(club.chat)
    with unseen(club):
        await ann.join(via=link)
    assert club.chat.has(ann)
    await pass_time(tg, club, clock, days=1)
    await sweep(tg, club)
    assert not club.chat.has(ann)
    assert club.chat.status(ann) == "left"


async def test_each_person_is_looked_for_once_a_day(tg: Sandbox, club: Club, clock) -> None:
    for name in ("Ann", "Ben"):
        await member(tg, club, name)
    await pass_time(tg, club, clock, minutes=11)
    house, before = club.app.house, len(tg.calls_of("getChatMember"))
    assert await house.sweep.run(house.actor) <= 1, "one person in one run"
    await sweep(tg, club)
    await pass_time(tg, club, clock, hours=12)
    assert await sweep(tg, club) == 0
    assert len(tg.calls_of("getChatMember")) - before == 2
    await pass_time(tg, club, clock, hours=13)
    await sweep(tg, club)
    assert len(tg.calls_of("getChatMember")) - before == 4


async def test_an_administrators_guest_stays(tg: Sandbox, club: Club, clock) -> None:
    ann = await ended(tg, club, clock)
    await pass_time(tg, club, clock, minutes=1)
    await club.olga.add(ann, club.chat)
    await pass_time(tg, club, clock, days=1)
    await sweep(tg, club)
    assert club.chat.has(ann), "Olga added her after the end"


async def test_members_administrators_and_old_guests_are_left_in_peace(
    tg: Sandbox, club: Club, clock
) -> None:
    ben = tg.user("Ben")
    await ben.join(club.chat)
    ann = await member(tg, club)
    await club.olga.promote(ann, club.chat, ["pin_messages"])
    await club.change_plan(duration="1 year")
    cid = tg.user("Cid")
    await cid.follow(await club.token(tg))
    await cid.click("Join Chess club")
    await pass_time(tg, club, clock, days=3)
    await sweep(tg, club)
    assert club.chat.has(ann), "an administrator, though her time is over"
    assert club.chat.has(ben), "he came before the chat was guarded"
    assert club.chat.has(cid)
    assert tg.calls_of("unbanChatMember") == []


async def test_a_stranger_under_one_use_links_is_found(tg: Sandbox, club: Club, clock) -> None:
    async with club.app.db.write() as tx:
        await gates.set_one_use(tx, club.bot_id, club.chat.id, True, clock.now())
    await pass_time(tg, club, clock, minutes=1)
    eve, guest = tg.user("Eve"), tg.user("Guest")
    link = await club.olga.create_link(club.chat)
    await eve.join(via=link)
    await club.olga.add(guest, club.chat)
    await pass_time(tg, club, clock, minutes=1)
    assert not club.chat.has(eve)
    with unseen(club):
        await eve.join(via=link)
    await pass_time(tg, club, clock, days=1)
    await sweep(tg, club)
    assert not club.chat.has(eve)
    assert club.chat.has(guest)


@pytest.mark.parametrize("fault", ["flood", "error", "lost", "refusal"])
async def test_what_telegram_does_not_answer_changes_nothing(
    tg: Sandbox, club: Club, clock, fault: str
) -> None:
    ann = await ended(tg, club, clock)
    with unseen(club):
        await ann.join(via=await club.olga.create_link(club.chat))
    await pass_time(tg, club, clock, days=1)
    match fault:
        case "flood":
            tg.faults.flood(30, method="getChatMember")
        case "error":
            tg.faults.error(500, method="getChatMember")
        case "lost":
            tg.faults.lost_answer(method="getChatMember")
        case _:
            tg.faults.error(400, method="getChatMember")
    assert await sweep(tg, club) == (1 if fault == "refusal" else 0)
    assert club.chat.has(ann)
    await pass_time(tg, club, clock, days=1, minutes=11)
    await sweep(tg, club)
    assert not club.chat.has(ann), "it is tried again"


async def test_a_ban_of_ours_that_outlasted_the_basic_group_is_lifted(
    tg: Sandbox, app: App, olga: Any, service: Any, clock
) -> None:
    club = await open_club(tg, app, olga, service)
    place = tg.group("Old group", olga, kind="group")
    await olga.add(club.bot, place, rights=RIGHTS)
    async with app.db.write() as tx:
        await projects.toggle_chat(tx, club.bot_id, club.project_id, place.id)
    club.chat = place
    await club.change_plan(duration="2 days")
    ann, ben, cid = (tg.user(name) for name in ("Ann", "Ben", "Cid"))
    for person in (ann, ben, cid):
        await person.follow(await club.token(tg))
        await person.click("Join Old group")
    await pass_time(tg, club, clock, days=2, minutes=1)
    assert place.status(ann) == place.status(ben) == "kicked"
    await olga.upgrade(place)
    await olga.unban(ben, place)
    await olga.ban(ben, place)
    for person in (ann, ben):
        await person.follow(await club.token(tg))
    await tg.settle()
    assert place.status(ann) == "left", "lifted with the new membership"
    await ann.click("Join Old group")
    assert place.has(ann)
    assert place.status(ben) == "kicked", "Olga has decided about him since"
    tg.faults.error(400, method="unbanChatMember")
    await cid.follow(await club.token(tg))
    assert place.status(cid) == "kicked"
    await pass_time(tg, club, clock, days=1)
    await sweep(tg, club)
    assert place.status(cid) == "left", "what did not work at once is made up for"
    assert place.status(ben) == "kicked"


async def test_who_waits_at_a_chat_that_became_paid_is_let_in(tg: Sandbox, club: Club, clock) -> None:
    ann = await member(tg, club)
    other = tg.group("Openings", club.olga, join_by_request=True)
    await club.olga.add(club.bot, other, rights=RIGHTS)
    await ann.request(other)
    async with club.app.db.write() as tx:
        await projects.toggle_chat(tx, club.bot_id, club.project_id, other.id)
    await pass_time(tg, club, clock, hours=1)
    await sweep(tg, club)
    assert other.has(ann)
