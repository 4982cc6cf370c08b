"""The gate of paid chats: who is let in, who is shown the plans, who is removed."""

from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.errors import SandboxError
from storage import events, memberships, projects
from tests.stories.membership import RIGHTS, Club


async def admitted(tg: Sandbox, club: Club, name: str = "Ann") -> tuple[Any, str]:
    """Somebody with a membership, and the link he got."""
    person = tg.user(name)
    await person.follow(await club.token(tg))
    return person, tg.last(person, bot=club.bot).url("Join Chess club")


async def use_one_use_links(club: Club) -> None:
    await club.olga.send(club.bot, "/projects")
    await club.olga.click("📁 Chess")
    await club.olga.click("🙋")


async def test_a_leaked_link_opens_nothing_but_the_plans(tg: Sandbox, club: Club) -> None:
    _, link = await admitted(tg, club)
    eve = tg.user("Eve")
    await eve.join(via=link)
    assert not club.chat.has(eve)
    shown = tg.last(eve, bot=club.bot)
    assert "Chess club is for members. Your request waits" in shown.text
    assert "Gold · 1 month" in shown.text
    assert len([m for m in tg.messages(eve, bot=club.bot) if "is for members" in m.text]) == 1


async def test_who_waits_at_the_gate_is_let_in_by_his_token(tg: Sandbox, club: Club) -> None:
    _, link = await admitted(tg, club)
    ben = tg.user("Ben")
    await ben.join(via=link)
    await ben.follow(await club.token(tg))
    assert club.chat.has(ben)
    assert club.chat.requests == []


async def test_requests_by_other_links_are_left_to_the_administrators(tg: Sandbox, club: Club) -> None:
    ann, _ = await admitted(tg, club)
    link = await club.olga.create_link(club.chat, request=True)
    eve = tg.user("Eve")
    await eve.join(via=link)
    assert club.chat.requests == ["Eve"]
    assert tg.messages(eve, bot=club.bot) == []
    await ann.join(via=link)
    assert club.chat.has(ann), "whoever is entitled is let in by any door"
    await club.olga.approve(eve, club.chat)
    await club.keep_time()
    assert club.chat.has(eve), "the administrator has decided"


async def test_chats_that_are_not_paid_are_none_of_its_business(tg: Sandbox, club: Club) -> None:
    other = tg.group("Open house", club.olga, join_by_request=True)
    await club.olga.add(club.bot, other, rights=RIGHTS)
    eve = tg.user("Eve")
    await eve.request(other)
    assert other.requests == ["Eve"]
    assert tg.messages(eve, bot=club.bot) == []


async def test_who_waited_for_a_day_may_ask_again(tg: Sandbox, club: Club, clock) -> None:
    _, link = await admitted(tg, club)
    eve = tg.user("Eve")
    await eve.join(via=link)
    await club.keep_time()
    assert club.chat.requests == ["Eve"]
    clock.advance(days=1, minutes=5)
    await club.keep_time()
    await tg.settle()
    assert club.chat.requests == []
    await eve.join(via=link)
    assert len([m for m in tg.messages(eve, bot=club.bot) if "is for members" in m.text]) == 2


@pytest.mark.parametrize("entitled", [True, False])
async def test_queries_are_answered_in_time(tg: Sandbox, club: Club, entitled: bool) -> None:
    ann, link = await admitted(tg, club)
    club.bot.bot.supports_join_request_queries = True
    await club.olga.set_guard(club.chat, club.bot)
    who = ann if entitled else tg.user("Eve")
    await who.join(via=link)
    assert club.chat.has(who) is entitled
    assert tg.calls_of("answerChatJoinRequestQuery")
    # A query that comes again may find its time over, so then the ordinary way is tried, too.
    assert all(call.error for call in tg.calls_of("approveChatJoinRequest"))
    assert club.chat.requests == ([] if entitled else ["Eve"])


async def test_a_query_that_cannot_be_answered_is_approved_the_ordinary_way(tg: Sandbox, club: Club) -> None:
    ann, link = await admitted(tg, club)
    club.bot.bot.supports_join_request_queries = True
    await club.olga.set_guard(club.chat, club.bot)
    tg.limits.join_query_seconds = -1
    await ann.join(via=link)
    assert club.chat.has(ann)


async def test_the_way_back_in_and_a_revoked_link(tg: Sandbox, club: Club) -> None:
    ann, link = await admitted(tg, club)
    await ann.join(via=link)
    await ann.leave(club.chat)
    with pytest.raises(SandboxError):
        await club.olga.revoke_link(club.chat, "https://t.me/+unknown")
    await club.olga.revoke_link(club.chat, link)
    await ann.send(club.bot, "/memberships")
    assert "✅ until" in tg.last(ann, bot=club.bot).text
    await ann.click("🚪 Enter Chess")
    again = tg.last(ann, bot=club.bot).url("Join Chess club")
    assert again != link
    await ann.join(via=again)
    assert club.chat.has(ann)


async def test_one_gate_per_chat_and_project(tg: Sandbox, club: Club) -> None:
    links = {(await admitted(tg, club, name))[1] for name in ("Ann", "Ben", "Cid")}
    assert len(links) == 1
    (made,) = [link for link in club.chat.links if link["creator"] == club.bot.id]
    assert (made["name"], made["request"]) == ("Chess", True)


async def test_a_one_use_link_lets_in_its_member_only(tg: Sandbox, club: Club) -> None:
    await use_one_use_links(club)
    ann, link = await admitted(tg, club)
    shown = tg.last(ann, bot=club.bot)
    assert "🔑 Chess club\nA link marked 🔑 works once" in shown.text
    assert ["🔑 Join Chess club"] in shown.buttons
    await ann.join(via=link)
    await club.keep_time()
    assert club.chat.has(ann)
    assert next(one for one in club.chat.links if one["url"] == link)["revoked"]
    eve = tg.user("Eve")
    with pytest.raises(SandboxError):
        await eve.join(via=link)


async def test_a_stranger_with_a_one_use_link_is_removed(tg: Sandbox, club: Club) -> None:
    await use_one_use_links(club)
    ann, link = await admitted(tg, club)
    eve = tg.user("Eve")
    await eve.join(via=link)
    await club.keep_time()
    assert not club.chat.has(eve)
    assert club.chat.status(eve) == "left", "she is removed, not banned"
    await ann.send(club.bot, "/memberships")
    await ann.click("🚪 Enter Chess")
    await ann.join(via=tg.last(ann, bot=club.bot).url("Join Chess club"))
    assert club.chat.has(ann)


async def test_people_let_in_by_administrators_stay(tg: Sandbox, club: Club) -> None:
    await use_one_use_links(club)
    ben = tg.user("Ben")
    await club.olga.add(ben, club.chat)
    await club.keep_time()
    assert club.chat.has(ben)
    eve = tg.user("Eve")
    await eve.join(club.chat)
    await club.keep_time()
    assert not club.chat.has(eve), "she let herself in"


async def test_a_bot_without_rights_owes_the_way_in(tg: Sandbox, club: Club) -> None:
    await club.olga.promote(club.bot, club.chat, ["restrict_members"])
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    assert "The door to Chess club is stuck" in tg.last(ann, bot=club.bot).text
    for _ in range(3):
        await club.keep_time()
    await tg.settle()
    told = [m for m in tg.messages(club.olga, bot=club.bot) if "cannot look after" in m.text]
    assert len(told) == 1
    await club.olga.promote(club.bot, club.chat, RIGHTS)
    await club.keep_time()
    await tg.settle()
    await ann.join(via=tg.last(ann, bot=club.bot).url("Join Chess club"))
    assert club.chat.has(ann)


async def test_a_plan_without_project_opens_every_paid_chat(tg: Sandbox, club: Club) -> None:
    channel = tg.channel("Chess news", club.olga)
    await club.olga.add(club.bot, channel)
    async with club.app.db.write() as tx:
        await projects.toggle_chat(tx, club.bot_id, 0, channel.id)
    await club.change_plan(project_id=0)
    ann = tg.user("Ann")
    await ann.follow(await club.token(tg))
    await ann.click("Join Chess club")
    await ann.click("Join Chess news")
    assert club.chat.has(ann)
    assert channel.has(ann)
    async with club.app.db.read() as tx:
        assert [one.project_id for one in await memberships.of_member(tx, club.bot_id, ann.id)] == [0]
        kinds = [kind for kind, _ in await events.of_owner(tx, club.olga.id)]
    assert kinds.count("membership.started") == 1
