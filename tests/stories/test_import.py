"""`/import`: members from before the bot came, from a file or out of a chat; and `/members` as a file."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from sandbox import Sandbox
from storage import memberships, plans, projects
from tests.clock import TestClock
from tests.stories.membership import RIGHTS, Club, open_club

HEADER = "member_id,username,until,plan,project\n"


async def held(club: Club, member_id: int, project_id: int | None = None) -> Any:
    wanted = club.project_id if project_id is None else project_id
    async with club.app.db.read() as tx:
        return await memberships.get(tx, club.bot_id, member_id, wanted)


async def work(club: Club, times: int = 3) -> None:
    """What the background does about imports."""
    for _ in range(times):
        await club.app.house.importing.run(club.app.house.actor)


async def upload(tg: Sandbox, club: Club, text: str | bytes, name: str = "members.csv") -> Any:
    """Olga sends a file; what she is shown."""
    await club.olga.send(club.bot, "/import")
    await club.olga.click("📄 From a file")
    data = text if isinstance(text, bytes) else text.encode()
    await club.olga.send(club.bot, document=(name, data))
    return tg.last(club.olga, bot=club.bot)


def report(message: Any) -> dict[str, str]:
    """The file of rows that were not taken: who → why."""
    assert message.document is not None
    rows = list(csv.reader(io.StringIO(message.document.decode("utf-8-sig"))))[1:]
    return {who: why for _, who, why in rows}


async def test_a_file_is_shown_first_and_then_taken_in(tg: Sandbox, club: Club, clock: TestClock) -> None:
    ann, bob = tg.user("Ann", username="anny"), tg.user("Bob")
    await ann.start(club.bot)
    shown = await upload(
        tg, club,
        f"{HEADER},@ANNY,30 days,Gold,\n{bob.id},,31.12.2030,,Chess\n777000111,,lifetime,Gold,\n"
        "@nobody,,30 days,Gold,\nx y,,30 days,Gold,\n5,,yesterday,Gold,\n6,,01.01.2020,Gold,\n"
        "7,,30 days,Silver,\n8,,30 days,,Tennis\n",
    )  # fmt: skip
    assert "3 memberships are given" in shown.text
    assert "1 · the bot does not know this username" in shown.text
    assert await held(club, ann.id) is None, "nothing happens before it is confirmed"
    await club.olga.click("✅ Give 3 memberships")
    assert "I am at it" in tg.last(club.olga, bot=club.bot).text
    await work(club)
    await tg.settle()
    month = (await held(club, ann.id)).end_at - clock.now()
    assert timedelta(days=29, hours=23) < month <= timedelta(days=30)
    assert (await held(club, ann.id)).plan_id == club.plan_id
    assert str((await held(club, bob.id)).end_at) == "2031-01-01 00:00:00+00:00"
    assert (await held(club, 777000111)).end_at is None, "an id is an id, met or not"
    assert "You were a member before I came" in tg.last(ann, bot=club.bot).text
    done = tg.last(club.olga, bot=club.bot)
    assert "3 memberships were given" in done.text
    assert report(done) == {
        "'@nobody": "the bot does not know this username: use the id, or ask them to start the bot",
        "x y": "no Telegram id and no username", "5": "no date and no duration", "6": "the end is over",
        "7": "there is no such plan, or more than one", "8": "there is no such project, or more than one",
    }  # fmt: skip
    await bob.start(club.bot)
    await bob.send(club.bot, "/memberships")
    await bob.click("🚪 Enter Chess")
    await bob.follow(tg.last(bob, bot=club.bot).url("Join Chess club"))
    assert club.chat.has(bob)


async def test_the_same_file_twice_gives_nothing_twice(tg: Sandbox, club: Club) -> None:
    text = "5,30 days,Gold\n6,31.12.2030,Gold\n"
    await upload(tg, club, text)
    await club.olga.click("✅ Give 2 memberships")
    await work(club)
    before = [(await held(club, one)).end_at for one in (5, 6)]
    shown = await upload(tg, club, text)
    assert "2 · has it already" in shown.text
    assert "✅ Give" not in str(shown.buttons)
    later = await upload(tg, club, "5,7 days,Gold\n6,01.01.2030,Gold\n6,01.01.2032,Gold\n")
    assert "1 membership is given" in later.text, "an import makes longer, never shorter"
    await club.olga.click("✅ Give 1 membership")
    await work(club)
    assert (await held(club, 5)).end_at == before[0]
    assert (await held(club, 6)).end_at.year == 2032


async def test_it_can_be_let_go_at_each_step(tg: Sandbox, club: Club) -> None:
    await club.olga.send(club.bot, "/import")
    await club.olga.click("📄 From a file")
    await club.olga.click("Cancel")
    await club.olga.send(club.bot, document=("members.csv", b"5,30 days,Gold\n"))
    assert tg.last(club.olga, bot=club.bot).document is not None, "nobody waits for a file any more"
    shown = await upload(tg, club, "5,30 days,Gold\n")
    await club.olga.click("Cancel")
    assert "Nothing was changed" in tg.last(club.olga, bot=club.bot).text
    answer = await club.olga.press_callback(shown, {"callback_data": "imports:go:1"})
    assert "let go of, already" in (answer.text or "")
    await work(club)
    assert await held(club, 5) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no rows"),
        (HEADER.encode(), "no rows"),
        (b"\xff\xfe\x00a", "no table I can read"),
        (b"1," + b"x" * (5 * 1024 * 1024), "larger than 5 MB"),
    ],
)
async def test_what_is_no_table_is_asked_for_again(
    tg: Sandbox, club: Club, content: bytes, words: str
) -> None:
    assert words in (await upload(tg, club, content)).text
    await club.olga.send(club.bot, "5,30 days,Gold")
    assert "as a file" in tg.last(club.olga, bot=club.bot).text
    await club.olga.send(club.bot, document=("members.csv", b"5,30 days,Gold\n"))
    assert "1 membership is given" in tg.last(club.olga, bot=club.bot).text


async def test_a_stop_in_the_middle_loses_nothing(
    tg: Sandbox, start_app: Any, olga: Any, service: Any
) -> None:
    setting = {"bot_token": service.token, "owner_ids": frozenset({olga.id})}
    async with start_app(**setting) as app:
        club = await open_club(tg, app, olga, service)
        await app.supervisor.stop("imports")
        await upload(tg, club, "".join(f"{number},30 days,Gold\n" for number in range(1_000, 1_230)))
        await olga.click("✅ Give 230 memberships")
        await work(club, 1)
        assert await held(club, 1_000) is not None
        assert await held(club, 1_229) is None, "in small steps"
    async with start_app(**setting) as app:
        club.app = app
        await work(club)
        await tg.settle()
        for number in (1_000, 1_100, 1_229):
            days = (await held(club, number)).end_at - app.clock.now()
            assert timedelta(days=29) < days <= timedelta(days=30)
    told = [m for m in tg.messages(olga, bot=club.bot) if "memberships were given" in m.text]
    assert [m.text.splitlines()[1] for m in told] == ["230 memberships were given."]


async def test_members_are_written_and_read_back(tg: Sandbox, club: Club, clock: TestClock) -> None:
    ann = tg.user("=cmd()", username="anny")
    await ann.start(club.bot)
    house, olga = club.app.house, club.olga
    async with club.app.db.write() as tx:
        other = await projects.create(tx, club.bot_id, "-Tennis", clock.now())
    await upload(
        tg, club, f"who,end,plan,project\n{ann.id},2027-03-04T05:06:07.000008+00:00,Gold,\n"
        f"{ann.id},lifetime,,-Tennis\n5,31.12.2030,,*\n".replace("who", "id"),
    )  # fmt: skip
    await olga.click("✅ Give 3 memberships")
    await work(club)
    await olga.send(club.bot, "/members")
    await olga.click("📄 CSV")
    written = tg.last(olga, bot=club.bot).document
    assert written is not None
    assert b"'=cmd()" in written
    before = {
        key: (await held(club, *key)).end_at for key in ((ann.id, club.project_id), (ann.id, other), (5, 0))
    }
    for member_id, project_id in before:
        await house.subscribers.end(house.actor, club.bot_id, member_id, project_id)
    clock.advance(seconds=1)
    await upload(tg, club, written)
    await olga.click("✅ Give 3 memberships")
    await work(club)
    assert {key: (await held(club, *key)).end_at for key in before} == before


async def begin(tg: Sandbox, club: Club, days: str = "14 days") -> Any:
    """Olga takes in everybody who is in the club; what she is shown before."""
    await club.olga.send(club.bot, "/import")
    await club.olga.click("👥 Everybody in a chat")
    await club.olga.click("Chess club")
    await club.olga.click(days)
    shown = tg.last(club.olga, bot=club.bot).text
    await club.olga.click("✅ Begin")
    return shown


async def test_everybody_who_is_in_may_stay_for_a_while(tg: Sandbox, club: Club, clock: TestClock) -> None:
    ann, bob, eve, gus = (tg.user(name) for name in ("Ann", "Bob", "Eve", "Gus"))
    for one in (ann, bob, eve, gus):
        await one.join(club.chat)
    await ann.start(club.bot)
    await club.olga.promote(eve, club.chat, rights=RIGHTS)
    await gus.leave(club.chat)
    paid = tg.user("Paid")
    await paid.join(club.chat)
    await club.app.house.subscribers.give(club.app.house.actor, club.bot_id, paid.id, club.project_id, 300)
    shown = await begin(tg, club)
    assert "Who is inside gets 14 days" in shown
    await work(club, 4)
    await tg.settle()
    for one in (ann, bob):
        left = (await held(club, one.id)).end_at - clock.now()
        assert timedelta(days=13, hours=23) < left <= timedelta(days=14)
    for one in (eve, gus, club.olga):
        assert await held(club, one.id) is None, f"{one} needs nothing"
    assert (await held(club, paid.id)).end_at - clock.now() > timedelta(days=299)
    assert "You were a member before I came" in tg.last(ann, bot=club.bot).text
    done = tg.last(club.olga, bot=club.bot)
    assert "2 memberships were given" in done.text
    assert "is not in the chat" in done.text
    clock.advance(days=15)
    await club.keep_time()
    clock.advance(minutes=11)
    await club.keep_time()
    await tg.settle()
    assert not club.chat.has(bob), "then it is over, as for everybody"
    assert club.chat.has(eve)


async def test_who_is_seen_later_gets_the_same_once(tg: Sandbox, club: Club, clock: TestClock) -> None:
    """Telegram tells nobody who is in a chat: a silent member is found when he writes, or starts the bot."""
    silent, lurker = tg.user("Silent"), tg.user("Lurker")
    for one in (silent, lurker):
        tg.faults.lose_update("chat_member", bot=club.bot)  # he came before the bot did
        await one.join(club.chat)
    await begin(tg, club)
    await work(club)
    assert await held(club, silent.id) is None
    assert club.chat.has(silent), "who is not known is let be"
    clock.advance(days=3)
    await silent.send(club.chat, "Hello again")
    await club.app.house.activity.flush()
    await lurker.start(club.bot)
    newcomer = tg.user("New")
    await newcomer.join(club.chat)
    await newcomer.send(club.chat, "Hi")
    await club.app.house.activity.flush()
    clock.advance(minutes=6)
    await work(club, 4)
    for one in (silent, lurker):
        left = (await held(club, one.id)).end_at - clock.now()
        assert timedelta(days=13, hours=23) < left <= timedelta(days=14)
    assert await held(club, newcomer.id) is None, "who came since is a newcomer"
    clock.advance(days=15)
    await club.keep_time()
    ended = (await held(club, silent.id)).end_at
    await silent.start(club.bot)
    clock.advance(minutes=6)
    await work(club, 2)
    assert (await held(club, silent.id)).end_at == ended, "once"


async def test_what_telegram_does_not_tell_is_asked_again(tg: Sandbox, club: Club, clock: TestClock) -> None:
    ann = tg.user("Ann")
    await ann.join(club.chat)
    await club.app.supervisor.stop("imports")
    await begin(tg, club, "7 days")
    tg.faults.error(400, method="getChatMember")
    await work(club)
    assert await held(club, ann.id) is None
    clock.advance(minutes=11)
    await work(club)
    assert await held(club, ann.id) is not None, "a no of Telegram's is not taken for his absence"


async def test_it_can_be_stopped(tg: Sandbox, club: Club, clock: TestClock) -> None:
    ann = tg.user("Ann")
    tg.faults.lose_update("chat_member", bot=club.bot)
    await ann.join(club.chat)
    await begin(tg, club, "7 days")
    await work(club)
    await club.olga.send(club.bot, "/import")
    assert "who is seen later gets the same" in tg.last(club.olga, bot=club.bot).text
    await club.olga.click("👥 Everybody in a chat")
    assert "Chess club" not in str(tg.last(club.olga, bot=club.bot).buttons), "it is being done"
    await club.olga.click("‹ Back")
    await club.olga.click("⏹ Stop Chess club")
    assert "Stopped" in tg.last(club.olga, bot=club.bot).text
    await ann.start(club.bot)
    clock.advance(minutes=11)
    await work(club)
    assert await held(club, ann.id) is None


async def test_days_are_a_number(tg: Sandbox, club: Club) -> None:
    await club.olga.send(club.bot, "/import")
    await club.olga.click("👥 Everybody in a chat")
    await club.olga.click("Chess club")
    await club.olga.click("Another number")
    for wrong in ("many", "0", "3651", "99999999"):
        await club.olga.send(club.bot, wrong)
        assert "a whole number from 1 to 3650" in tg.last(club.olga, bot=club.bot).text
    await club.olga.send(club.bot, "21")
    assert "gets 21 days" in tg.last(club.olga, bot=club.bot).text


async def test_names_of_plans_that_are_unclear_are_said(tg: Sandbox, club: Club) -> None:
    async with club.app.db.write() as tx:
        values = {"name": "gold", "duration": "1 month", "price": 1, "currency": "USD"}
        await plans.create(tx, club.bot_id, values, club.app.clock.now())
    shown = await upload(tg, club, "5,30 days,Gold\n")
    assert "no such plan, or more than one" in shown.text
    await club.olga.click("📄 What is not taken")
    assert report(tg.last(club.olga, bot=club.bot)) == {"5": "there is no such plan, or more than one"}
