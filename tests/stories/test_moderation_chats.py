"""What moderators do to whole chats: purges, pins, locks, and bans that count in all chats of an owner."""

from typing import Any

import pytest

from bot.app import App
from sandbox import Sandbox
from services.tidying import MOST_PURGED
from storage import federation, moderation
from tests.clock import TestClock
from tests.stories import moderated
from tests.stories.moderated import bot_id, log_of, person, protect, said

ann, group, guarded = moderated.ann, moderated.group, moderated.guarded


async def test_a_purge_goes_from_there_to_here(tg: Sandbox, app: App, olga, group, ann) -> None:
    before = await ann.send(group, "Before all that")
    chatter = [await ann.send(group, f"noise {number}") for number in range(5)]
    await olga.send(group, "/purge", reply_to=chatter[0])
    assert all(message.deleted for message in chatter)
    assert not before.deleted
    assert tg.last(group).text == "🧹 Deleted, from there to here."
    (call,) = {tuple(call.params["message_ids"]) for call in tg.calls_of("deleteMessages")}
    assert len(call) >= len(chatter)


async def test_a_purge_takes_a_hundred_at_once(tg: Sandbox, app: App, olga, group, ann) -> None:
    await protect(app, olga, group, mode="off")
    first = await ann.send(group, "noise")
    noise = [await ann.send(group, f"noise {number}") for number in range(MOST_PURGED + 5)]
    await olga.send(group, "/purge", reply_to=first)
    assert [message.deleted for message in (first, *noise)] == [True] * MOST_PURGED + [False] * 6
    assert "6 more are left: I delete 100 at once" in tg.last(group).text
    await olga.send(group, "/purge", reply_to=noise[-6])
    assert all(message.deleted for message in noise)


async def test_what_telegram_keeps_is_told(tg: Sandbox, app: App, olga, group, ann) -> None:
    """Telegram refuses the whole call for one message: the others go all the same."""
    noise = [await ann.send(group, f"noise {number}") for number in range(7)]
    kept = noise[3].message
    kept.service = "supergroup_chat_created"
    await olga.send(group, "/purge", reply_to=noise[0])
    assert [message.deleted for message in noise] == [True] * 3 + [False] + [True] * 3
    assert "1 message could not be deleted" in tg.last(group).text


async def test_a_purge_in_a_topic_leaves_the_others_alone(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    forum = tg.group("Forum", olga, forum=True)
    await olga.add(service, forum, rights="all")
    openings, endgames = [await olga.create_topic(forum, name) for name in ("Openings", "Endgames")]
    ann = tg.user("Ann")
    await ann.join(forum)
    first = await ann.send(forum, "e4?", topic=openings)
    elsewhere = await ann.send(forum, "Lucena!", topic=endgames)
    general = await ann.send(forum, "hello all")
    second = await ann.send(forum, "e5?", topic=openings)
    await olga.send(forum, "/purge", reply_to=first, topic=openings)
    assert (first.deleted, second.deleted) == (True, True)
    assert (elsewhere.deleted, general.deleted) == (False, False)
    assert tg.last(forum).topic == openings
    assert "In a topic I delete only what I have seen there" in tg.last(forum).text
    await olga.send(forum, "/purge", reply_to=general)
    assert (general.deleted, elsewhere.deleted) == (True, False), "the main topic is one, too"


async def test_a_purge_without_the_right(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    noise = await ann.send(group, "noise")
    await olga.promote(service, group, ["restrict_members"])
    await olga.send(group, "/purge", reply_to=noise)
    assert "Give me the right “Delete messages”" in tg.last(group).text
    assert not noise.deleted


async def test_pins_are_quiet_unless_told_otherwise(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    first, second = await ann.send(group, "Rules"), await ann.send(group, "Party!")
    await olga.send(group, "/pin", reply_to=first)
    command = await olga.send(group, "/pin loud", reply_to=second)
    assert (first.pinned, second.pinned, command.deleted) == (True, True, True)
    quiet = {call.params["message_id"]: call.params["disable_notification"]
             for call in tg.calls_of("pinChatMessage")}  # fmt: skip
    assert quiet == {first.id: True, second.id: False}
    await olga.promote(service, group, ["delete_messages"])
    await olga.send(group, "/pin", reply_to=first)
    assert "Give me the right “Pin messages”" in tg.last(group).text


async def test_unlocking_gives_back_what_locking_took(tg: Sandbox, app: App, olga, group, ann) -> None:
    rights = group.chat.permissions
    rights["can_send_videos"] = False  # so the owner wants it, whatever is locked
    before = dict(rights)
    await olga.send(group, "/lock media, polls")
    assert "🔒 Locked: photos, videos, music, files and voice messages; polls." in tg.last(group).text
    now = group.chat.permissions
    assert not any(now[name] for name in ("can_send_photos", "can_send_videos", "can_send_polls"))
    assert now["can_send_messages"]
    await olga.send(group, "/unlock media")
    assert group.chat.permissions == {**before, "can_send_polls": False}
    await olga.send(group, "/unlock")
    assert group.chat.permissions == before


async def test_locks_in_a_row_do_not_forget_each_other(tg: Sandbox, app: App, olga, group, ann) -> None:
    """Telegram may be asked before it has heard of the command before: what was taken counts all the same."""
    before = dict(group.chat.permissions)
    tg.faults.add("flood", method="setChatPermissions", retry_after=1)
    await olga.send(group, "/lock photos")
    await olga.send(group, "/lock polls")
    await olga.send(group, "/unlock photos")
    await olga.send(group, "/lock stickers")
    await tg.settle()
    changed = {name for name, value in group.chat.permissions.items() if before[name] != value}
    assert changed == {"can_send_polls", "can_send_other_messages"}
    await olga.send(group, "/unlock")
    await tg.settle()
    assert group.chat.permissions == before


async def test_what_was_opened_by_hand_can_be_locked_again(
    tg: Sandbox, app: App, olga, group, ann, clock: TestClock
) -> None:
    await olga.send(group, "/lock")
    assert not group.chat.permissions["can_send_messages"]
    group.chat.permissions = {**group.chat.permissions, "can_send_messages": True}  # in Telegram's own menu
    clock.advance(minutes=2)
    await olga.send(group, "/lock text")
    assert "🔒 Locked: text" in tg.last(group).text
    assert not group.chat.permissions["can_send_messages"]


async def test_a_lock_in_russian(tg: Sandbox, app: App, olga, group, ann) -> None:
    await olga.send(group, "/lock Опросы")
    assert not group.chat.permissions["can_send_polls"]


@pytest.fixture
async def empire(tg: Sandbox, app: App, group: Any, olga: Any, service: Any) -> dict[str, Any]:
    """Two groups of the service bot and one of Olga's other bot; a stranger's bot keeps a fourth."""
    second = tg.group("Go Club", olga)
    await olga.add(service, second, rights="all")
    other = tg.bot("olgas_other_bot")
    await olga.send(service, f"/connect {other.token}")
    third = tg.group("Shogi Club", olga)
    await olga.add(other, third, rights="all")
    weak = tg.group("Weak Club", olga)
    await olga.add(other, weak, rights=["delete_messages"])
    spike = tg.user("Spike", username="spike")
    for chat in (group, second, third, weak):
        await spike.join(chat)
    await spike.send(group, "hello")
    return {"second": second, "third": third, "weak": weak, "spike": spike}


def standings(group: Any, empire: dict[str, Any]) -> list[str]:
    """How Spike stands in the four groups."""
    spike = empire["spike"]
    return [chat.status(spike) for chat in (group, empire["second"], empire["third"], empire["weak"])]


async def federate(tg: Sandbox, olga: Any, service: Any) -> Any:
    """Olga presses the switch on the page for all chats."""
    await olga.send(service, "/antispam")
    for caption in ("All chats", "Anti-spam", "Bans count in all my chats"):
        await olga.click(tg.last(olga, bot=service), caption)
    return tg.last(olga, bot=service)


async def test_a_ban_counts_in_one_chat_unless_the_owner_wants_more(
    tg: Sandbox, app: App, olga, service, group, empire
) -> None:
    await olga.send(group, "/ban @spike")
    await tg.settle()
    assert standings(group, empire) == ["kicked", "member", "member", "member"]
    await olga.send(group, f"/unban {empire['spike'].id}")
    assert "more chat" not in tg.last(group).text


async def test_bans_count_in_all_chats_of_the_owner(
    tg: Sandbox, app: App, olga, service, group, empire
) -> None:
    panel = await federate(tg, olga, service)
    assert "Whoever is banned in one of your chats is banned in all of them." in panel.text
    await olga.send(group, "/ban @spike 1d shouting")
    assert "So it is in 2 more chats." in tg.last(group).text
    await tg.settle()
    assert standings(group, empire) == ["kicked", "kicked", "kicked", "member"]
    bans = await app.house.bans.all(person(app, olga), await bot_id(app))
    assert {ban.chat_id for ban in bans} == {group.id, empire["second"].id}
    await olga.send(empire["third"], f"/unban {empire['spike'].id}")
    await tg.settle()
    assert standings(group, empire) == ["left", "left", "left", "member"]
    assert await app.house.bans.all(person(app, olga), await bot_id(app)) == []


async def test_spam_bans_and_their_undoing_count_everywhere(
    tg: Sandbox, app: App, olga, service, group, empire
) -> None:
    """The switch may be off again when the mistake is found: what one decision did is undone as a whole."""
    await federate(tg, olga, service)
    await protect(app, olga, group, mode="on", action="ban", banned_words=["carpets"])
    await empire["spike"].send(group, "Lovely carpets")
    await tg.settle()
    assert standings(group, empire) == ["kicked", "kicked", "kicked", "member"]
    await app.house.bans.federate(person(app, olga), await bot_id(app), False)
    await olga.click(log_of(tg, olga, service)[-1], "Not spam")
    await tg.settle()
    assert standings(group, empire) == ["left", "left", "left", "member"]
    assert said(tg, group)


async def test_administrators_elsewhere_stay(tg: Sandbox, app: App, olga, service, group, empire) -> None:
    await federate(tg, olga, service)
    await olga.promote(empire["spike"], empire["third"])
    await tg.settle()
    await olga.send(group, "/ban @spike")
    await tg.settle()
    assert standings(group, empire) == ["kicked", "kicked", "administrator", "member"]


async def test_bans_by_the_api_count_everywhere(tg: Sandbox, app: App, olga, service, group, empire) -> None:
    await federate(tg, olga, service)
    actor, bot, spike = person(app, olga), await bot_id(app), empire["spike"]
    await app.house.bans.ban(actor, bot, 0, spike.id)
    await tg.settle()
    assert standings(group, empire) == ["kicked", "kicked", "kicked", "member"]
    await app.house.bans.unban(actor, bot, 0, spike.id)
    await tg.settle()
    assert standings(group, empire) == ["left", "left", "left", "member"]


async def test_nobody_else_throws_the_switch(tg: Sandbox, app: App, olga, service, group, ann) -> None:
    """Neither an administrator of a group, nor a stranger; and nobody's chats count but the owner's."""
    eve = tg.user("Eve", username="eve")
    await eve.join(group)
    await olga.promote(eve, group)
    await eve.start(service)
    answer = await eve.press_callback(
        tg.last(eve, bot=service), {"text": "?", "callback_data": "antispam:federate:1"}
    )
    assert "You may not do that here" in (answer.text or "")
    async with app.db.read() as tx:
        assert not await federation.is_on(tx, await bot_id(app))
        assert await moderation.bans(tx, await bot_id(app), None, app.clock.now()) == []
