"""People come to chats and go; the journal knows how."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from bot.app import App
from domain.movements import Movement
from sandbox import Sandbox
from services.work import Work


@pytest.fixture
async def club(tg: Sandbox, app: App, olga: Any, service: Any) -> Any:
    """Olga's group, with the bot as an administrator."""
    group = tg.group("Chess club", owner=olga)
    await olga.add(service, group, rights="all")
    return group


async def journal(app: App) -> list[tuple[Any, ...]]:
    """What is committed: (kind, source, by himself)."""
    async with app.db.read() as tx:
        rows = await tx.execute(text("SELECT kind, source, user_id = actor_id FROM journal ORDER BY id"))
        return [(row[0], row[1], bool(row[2])) for row in rows]


async def test_every_way_in_and_out_is_written_down_once(tg: Sandbox, app: App, olga, service, club) -> None:
    ann, bob, cem = tg.user("Ann"), tg.user("Bob"), tg.user("Cem")
    ads = await olga.create_link(club, name="Ads")
    plain = await olga.create_link(club)
    await ann.join(club, via=ads)
    await bob.join(club, via=plain)
    await olga.add(cem, club)
    await ann.leave(club)
    await olga.kick(bob, club)
    await olga.ban(cem, club)
    await olga.unban(cem, club)
    kinds = await journal(app)
    assert kinds[0] == ("join", "Ads", True)
    assert kinds[1][0] == "join"
    assert kinds[1][1].startswith("t.me/+")
    assert kinds[2:] == [
        ("join", "added", False),
        ("leave", "", True),
        ("kick", "", False),
        ("ban", "", False),
        ("unban", "", False),
    ]


async def test_asking_to_join_and_being_let_in(tg: Sandbox, app: App, olga, service, club) -> None:
    ann, bob = tg.user("Ann"), tg.user("Bob")
    link = await olga.create_link(club, name="Waiting room", request=True)
    await ann.request(club, via=link)
    assert await journal(app) == []
    await olga.approve(ann, club)
    club.chat.join_by_request = True
    await bob.request(club)
    await olga.approve(bob, club)
    assert await journal(app) == [("join", "Waiting room", False), ("join", "request", False)]
    async with app.db.read() as tx:
        assert set((await tx.execute(text("SELECT via_request FROM journal"))).scalars()) <= {1}


async def test_public_chats_and_links_called_like_a_way(tg: Sandbox, app: App, olga, service) -> None:
    club = tg.group("Chess club", owner=olga, username="chess_club")
    await olga.add(service, club, rights="all")
    tricky = await olga.create_link(club, name="added")
    await tg.user("Ann").join(club)
    await tg.user("Bob").join(club, via=tricky)
    sources = [source for _, source, _ in await journal(app)]
    assert sources[0] == "@chess_club"
    assert sources[1].startswith("t.me/+"), "a link's name does not pass for a way of ours"


async def test_the_restricted_come_and_go_by_is_member(tg: Sandbox, app: App, olga, service, club) -> None:
    ann = tg.user("Ann")
    await ann.join(club)
    await olga.restrict(ann, club)
    await ann.leave(club)
    await ann.join(club)
    await olga.unrestrict(ann, club)
    assert [kind for kind, _, _ in await journal(app)] == ["join", "leave", "join"]


async def test_banned_from_outside_is_no_leave(tg: Sandbox, app: App, olga, service, club) -> None:
    eve = tg.user("Eve")
    await olga.ban(eve, club)
    await olga.unban(eve, club)
    assert [kind for kind, _, _ in await journal(app)] == ["ban", "unban"]
    await olga.send(club, "/joins")
    assert "+0 joined · −0 left" in tg.last(club).text


async def test_listeners_hear_of_people_only_and_within_the_work(
    tg: Sandbox, app: App, olga, service, club
) -> None:
    heard: list[Movement] = []

    class Listener:
        async def moved(self, work: Work, movement: Movement) -> None:
            heard.append(movement)
            if movement.name == "Fails":
                raise RuntimeError("on purpose")

    app.house.joins._listeners = [Listener()]
    other = tg.bot("other_bot")
    ann = tg.user("Ann", language="ru", username="ann")
    await olga.add(other, club)
    await ann.join(club)
    await ann.leave(club)
    assert [(m.kind, m.name, m.username, m.language_code) for m in heard] == [
        ("join", "Ann", "ann", "ru"),
        ("leave", "Ann", "ann", "ru"),
    ]
    assert len(await journal(app)) == 3, "bots are journalled, too"
    await tg.user("Fails").join(club)
    assert len(await journal(app)) == 3, "what a listener breaks is undone as a whole"


async def test_joins_in_the_group_goes_after_ten_minutes(
    tg: Sandbox, app: App, olga, service, club, clock
) -> None:
    link = await olga.create_link(club, name="<b>Ads</b>")
    people = [tg.user(name) for name in ("Ann", "Bob", "Cem")]
    for one in people[:2]:
        await one.join(club, via=link)
    await olga.add(people[2], club)
    await people[0].leave(club)
    await olga.send(club, "/joins")
    answer = tg.last(club)
    assert answer.photo is not None
    assert answer.photo.startswith(b"\x89PNG")
    assert "+3 joined · −1 left · +2 net" in answer.text
    assert "🟦 <b>Ads</b>: 2" in answer.text
    assert "🟩 added by somebody: 1" in answer.text
    assert "🟥 left or removed: 1" in answer.text
    assert len([m for m in tg.messages(club) if m.photo]) == 1
    await olga.click("today")
    assert "Chess club: today" in tg.last(club).text
    assert len([m for m in tg.messages(club) if m.photo]) == 1, "the switch turns the picture itself"
    clock.advance(minutes=11)
    async with asyncio.timeout(60):
        while not answer.deleted:
            await asyncio.sleep(0.02)


async def test_joins_in_private(tg: Sandbox, app: App, olga, service, club) -> None:
    await tg.user("Ann").join(club)
    await olga.start(service)
    await olga.send(service, "/joins")
    await olga.click("Chess club")
    assert "+1 joined" in tg.last(olga).text
    await olga.click("30 days")
    assert "Chess club: 30 days" in tg.last(olga).text


async def test_joins_are_for_administrators(tg: Sandbox, app: App, olga, service, club) -> None:
    eve, bob = tg.user("Eve"), tg.user("Bob")
    await eve.join(club)
    await bob.join(club)
    await olga.promote(bob, club, ["invite_users"])
    await bob.send(club, "/joins")
    report = tg.last(club)
    assert "joined" in report.text
    refusal = await eve.click(report, "today")
    assert "may not" in (refusal.text or "")
    await olga.demote(bob, club)
    refusal = await bob.click(report, "30 days")
    assert "may not" in (refusal.text or ""), "a demoted administrator has no say from that moment on"
    await eve.send(club, "/joins")
    assert tg.last(club).photo is None
    await eve.start(service)
    await eve.send(service, "/joins")
    assert "no chat you administer" in tg.last(eve).text


async def test_garbage_in_buttons(tg: Sandbox, app: App, olga, service, club) -> None:
    await olga.send(club, "/joins")
    report = tg.last(club)
    for data in (
        "joins:show",
        "joins:show:x:7",
        f"joins:show:{club.id}:8",
        "joins:show:1:7",
        "joins:show:0:7",
    ):
        answer = await olga.press_callback(report, {"text": "?", "callback_data": data})
        assert answer.alert
        assert answer.text


async def test_joins_of_another_bot_are_not_shown(tg: Sandbox, app: App, olga, service, club) -> None:
    bob = tg.user("Bob")
    other = tg.group("Bob's", owner=bob)
    await bob.start(service)
    await bob.add(service, other, rights="all")
    await bob.send(other, "/joins")
    stolen = {"text": "?", "callback_data": f"joins:show:{club.id}:7"}
    answer = await bob.press_callback(tg.last(other), stolen)
    assert "may not" in (answer.text or "")
