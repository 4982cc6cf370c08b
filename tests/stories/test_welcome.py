"""Newcomers are welcomed, leavers seen off, and neither drowns the chat."""

from dataclasses import replace

import pytest

from bot.app import App
from domain.welcome import Side
from sandbox import Sandbox
from tests.clock import TestClock

OVERRIDE = "\u202e"  # RIGHT-TO-LEFT OVERRIDE


@pytest.fixture
async def group(tg: Sandbox, app: App, olga, service):
    """Olga's chess club, with the bot as administrator."""
    club = tg.group("Chess Club", olga)
    await olga.add(service, club, rights="all")
    await olga.start(service)
    bot = (await app.house.directory.all())[0]
    # A crowd is a crowd here: raids have stories of their own.
    await app.house.verification.set(person(app, olga), bot.id, club.id, {"raid_mode": "off"})
    return club


@pytest.fixture
def greet(app: App, olga, group):
    """Set something up, as the API would."""

    async def greet(chat_id: int | None = None, **changes: object) -> None:
        actor = person(app, olga)
        bot = (await app.house.directory.all())[0]
        changes = {"welcome_enabled": True, **changes}
        await app.house.welcome.set(actor, bot.id, group.id if chat_id is None else chat_id, changes)

    return greet


def person(app: App, who):
    return replace(app.house.actor, user_id=who.id, name=who.name)


async def hurry(tg: Sandbox, app: App, clock: TestClock, seconds: float) -> None:
    """Time passes, and what waited for it happens."""
    clock.advance(seconds=seconds)
    await app.house.greeter.greet_waiting(app.house.actor)
    await tg.settle()


def said_hi(tg: Sandbox, group) -> list[str]:
    """Welcomes of the form "Hi …" that stand in the chat."""
    return [m.text for m in tg.messages(group) if m.text.startswith("Hi ")]


async def test_a_newcomer_is_welcomed_once_by_name(tg: Sandbox, app: App, group, greet) -> None:
    await greet(welcome_text="Hello {{mention}}, you are number {{count}} of <b>{{chat}}</b>.")
    ann = tg.user("Ann Lee")
    await ann.join(group)
    welcomes = [m for m in tg.messages(group) if "Hello" in m.text]
    assert [m.text for m in welcomes] == ["Hello Ann Lee, you are number 3 of Chess Club."]
    assert f'<a href="tg://user?id={ann.id}">Ann Lee</a>' in welcomes[0].html


async def test_nobody_is_welcomed_before_somebody_wants_it(tg: Sandbox, app: App, group) -> None:
    before = len(tg.calls_of("sendMessage"))
    await tg.user("Ann").join(group)
    assert len(tg.calls_of("sendMessage")) == before


async def test_a_chat_inherits_from_all_chats_field_by_field(tg: Sandbox, group, greet) -> None:
    await greet(0, welcome_text="General {{name}}", welcome_silent=True)
    await tg.user("Ann").join(group)
    assert "General Ann" in tg.last(group).text
    await greet(welcome_text="Special {{first}}|{{last}}")
    await tg.user("Bob van Dyke").join(group)
    assert tg.last(group).text == "Special Bob|van Dyke"
    assert tg.calls_of("sendMessage")[-1].params["disable_notification"] in (True, "true")


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("<b>Bob</b> & <script>", "Hi <b>Bob</b> & <script>!"),
        ("{{id}} {{chat}}", "Hi {{id}} {{chat}}!"),
        (f"evil{OVERRIDE}gpj.exe", "Hi evilgpj.exe!"),
        ("\u3164", "Hi Member 777!"),
        ("\u200b\u2060\u2800", "Hi Member 777!"),
        ("x" * 64 + " " + "y" * 64, "Hi " + "x" * 63 + "…!"),
        ("👨‍👩‍👧‍👦" * 30, None),
    ],
)
async def test_hostile_names_do_no_harm(tg: Sandbox, group, greet, name, seen) -> None:
    await greet(welcome_text="Hi {{mention}}!")
    await tg.user(name, id=777).join(group)
    text = tg.last(group).text
    assert text.startswith("Hi ")
    assert text.endswith("!")
    if seen is not None:
        assert text == seen


async def test_the_widest_names_still_fit_the_longest_text(tg: Sandbox, group, greet) -> None:
    await greet(welcome_text="{{mention}}" * 3 + "a" * (4096 - 3 * 64))
    await tg.user("👑" * 64 + " " + "W" * 64).join(group)
    assert tg.last(group).text.endswith("aaa")


async def test_a_crowd_is_greeted_together(tg: Sandbox, app: App, clock, group, greet) -> None:
    await greet(welcome_text="Hi {{name}}!")
    people = [tg.user(f"P{n}") for n in range(20)]
    for one in people:
        await one.join(group)
    assert said_hi(tg, group) == ["Hi P0!", "Hi P1!", "Hi P2!"]
    await people[3].leave(group)
    await hurry(tg, app, clock, 11)
    names = ", ".join(f"P{n}" for n in range(4, 14))
    assert said_hi(tg, group)[3:] == [f"Hi {names} and 6 more!"]
    await hurry(tg, app, clock, 1)
    await tg.user("Late").join(group)
    assert len(said_hi(tg, group)) == 4, "right after a crowd nobody is greeted alone"
    await hurry(tg, app, clock, 11)
    assert said_hi(tg, group)[4:] == ["Hi Late!"]
    await hurry(tg, app, clock, 11)
    await tg.user("Calm").join(group)
    assert said_hi(tg, group)[5:] == ["Hi Calm!"]


async def test_a_crowd_survives_a_restart(tg: Sandbox, start_app, clock, olga, service) -> None:
    club = tg.group("Chess Club", olga)
    settings = {"bot_token": service.token, "owner_ids": frozenset({olga.id})}
    async with start_app(**settings) as app:
        await olga.add(service, club, rights="all")
        bot = (await app.house.directory.all())[0]
        changes = {"welcome_enabled": True, "welcome_text": "Hi {{name}}!"}
        await app.house.welcome.set(person(app, olga), bot.id, club.id, changes)
        for n in range(5):
            await tg.user(f"P{n}").join(club)
    async with start_app(**settings) as app:
        await hurry(tg, app, clock, 11)
        await hurry(tg, app, clock, 11)
    assert said_hi(tg, club) == ["Hi P0!", "Hi P1!", "Hi P2!", "Hi P3, P4!"]


async def test_the_previous_welcome_goes_when_the_next_comes(tg: Sandbox, group, greet) -> None:
    await greet(welcome_text="Hi {{name}}!", welcome_delete_previous=True)
    await tg.user("Ann").join(group)
    await tg.user("Bob").join(group)
    assert said_hi(tg, group) == ["Hi Bob!"]


async def test_the_previous_welcome_goes_also_when_two_come_at_once(tg: Sandbox, group, greet) -> None:
    await greet(welcome_text="Hi {{name}}!", welcome_delete_previous=True)
    with tg.no_settle():
        await tg.user("Ann").join(group)
        await tg.user("Bob").join(group)
    await tg.settle()
    assert len(said_hi(tg, group)) == 1


async def test_a_welcome_is_deleted_after_a_while(tg: Sandbox, app: App, clock, group, greet) -> None:
    await greet(welcome_text="Hi {{name}}!", welcome_delete_after=60)
    await tg.user("Ann").join(group)
    assert said_hi(tg, group) == ["Hi Ann!"]
    clock.advance(seconds=61)
    with tg.no_settle():
        await tg.wait_for_change(3)
    await tg.settle()
    assert said_hi(tg, group) == []


async def test_returners_get_words_of_their_own(tg: Sandbox, group, greet) -> None:
    await greet(welcome_text="Hi {{name}}!", welcome_back_text="Back again, {{name}}?")
    ann = tg.user("Ann")
    await ann.join(group)
    await ann.leave(group)
    await ann.join(group)
    assert [m.text for m in tg.messages(group)][-1] == "Back again, Ann?"


async def test_goodbye_is_for_those_who_leave_by_themselves(tg: Sandbox, app, olga, group, greet) -> None:
    await greet(goodbye_enabled=True, goodbye_text="Bye {{name}}!", welcome_enabled=False)
    ann, bob = tg.user("Ann"), tg.user("Bob")
    await ann.join(group)
    await bob.join(group)
    await ann.leave(group)
    await olga.ban(bob, group)
    assert [m.text for m in tg.messages(group) if "Bye" in m.text] == ["Bye Ann!"]


async def test_many_goodbyes_stop_by_themselves(tg: Sandbox, group, greet) -> None:
    await greet(goodbye_enabled=True, goodbye_text="Bye {{name}}!", welcome_enabled=False)
    people = [tg.user(f"P{n}") for n in range(6)]
    for one in people:
        await one.join(group)
    for one in people:
        await one.leave(group)
    assert len([m for m in tg.messages(group) if "Bye" in m.text]) == 3


async def test_service_messages_are_cleaned_where_wanted(tg: Sandbox, group, greet) -> None:
    ann, bob = tg.user("Ann"), tg.user("Bob")
    await ann.join(group)
    kinds = [m.service for m in tg.messages(group, service=True)]
    assert "new_chat_members" in kinds
    before = kinds.count("new_chat_members")
    await greet(clean_service=True)
    await bob.join(group)
    await bob.leave(group)
    kinds = [m.service for m in tg.messages(group, service=True)]
    assert kinds.count("new_chat_members") == before
    assert "left_chat_member" not in kinds


async def test_who_added_whom_is_told(tg: Sandbox, olga, group, greet) -> None:
    await greet(welcome_text="{{name}}, invited by {{inviter}}")
    await olga.add(tg.user("Ann"), group)
    assert tg.last(group).text == "Ann, invited by Olga"


async def test_bots_are_not_greeted(tg: Sandbox, olga, group, greet) -> None:
    await greet(welcome_text="Hi {{name}}!")
    await olga.add(tg.bot("other_bot"), group)
    assert said_hi(tg, group) == []


async def test_only_the_newcomer_sees_it(tg: Sandbox, group, greet) -> None:
    await greet(welcome_text="Hi {{name}}!", welcome_only_newcomer=True)
    ann = tg.user("Ann")
    await ann.join(group)
    assert tg.last(group).only_for == "Ann"


async def test_without_the_right_to_whisper_everybody_sees_it(
    tg: Sandbox, olga, service, group, greet
) -> None:
    await greet(welcome_text="Hi {{name}}!", welcome_only_newcomer=True)
    await olga.promote(service, group, rights=["can_delete_messages", "can_invite_users"])
    await tg.user("Ann").join(group)
    assert tg.last(group).only_for is None
    assert said_hi(tg, group) == ["Hi Ann!"]


async def test_a_whispered_crowd_is_greeted_one_by_one(tg: Sandbox, app, clock, group, greet) -> None:
    await greet(welcome_text="Hi {{name}}!", welcome_only_newcomer=True)
    for n in range(6):
        await tg.user(f"P{n}").join(group)
    await hurry(tg, app, clock, 11)
    assert [m.only_for for m in tg.messages(group) if "Hi" in m.text] == [f"P{n}" for n in range(6)]


async def test_rules_are_a_button_away(tg: Sandbox, service, group, greet) -> None:
    await greet(welcome_text="Hi {{name}}!\n{{rules}}", rules_text="1. Be <b>kind</b> in {{chat}}.")
    ann = tg.user("Ann")
    await ann.join(group)
    assert tg.last(group).text == "Hi Ann!\n1. Be kind in Chess Club."
    await ann.click("Rules")
    assert "Be kind in Chess Club" in tg.last(ann, bot=service).text
    await ann.send(group, "/rules")
    assert "Be kind" in tg.last(group).text


async def test_a_welcome_goes_to_its_topic(tg: Sandbox, app: App, olga, service) -> None:
    forum = tg.group("Forum", olga, forum=True)
    await olga.add(service, forum, rights="all")
    topic = await olga.create_topic(forum, "Newcomers")
    await olga.send(forum, "/welcome here", topic=topic)
    bot = (await app.house.directory.all())[0]
    changes = {"welcome_enabled": True, "welcome_text": "Hi {{name}}!"}
    await app.house.welcome.set(person(app, olga), bot.id, forum.id, changes, Side.WELCOME)
    await tg.user("Ann").join(forum)
    assert tg.last(forum).text == "Hi Ann!"
    assert tg.last(forum).topic == topic


async def test_two_tenants_do_not_mix(tg: Sandbox, app: App, olga, service, group, greet) -> None:
    other = tg.bot("other_bot", name="Other")
    await olga.send(service, "/connect")
    await olga.send(service, other.token)
    await greet(0, welcome_text="Hi {{name}}!")
    elsewhere = tg.group("Elsewhere", olga)
    await olga.add(other, elsewhere, rights="all")
    await tg.user("Ann").join(elsewhere)
    assert said_hi(tg, elsewhere) == []
