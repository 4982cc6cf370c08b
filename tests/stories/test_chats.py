"""A bot is added to chats, promoted, demoted, removed; the cache of its chats follows."""

from typing import Any

import pytest

from bot.app import App
from bot.i18n import Languages
from domain import calls
from domain.actor import Actor
from domain.bots import AdminChat, BotStatus
from domain.errors import NotAllowed
from domain.page import Page
from sandbox import Sandbox
from storage import chats

NEEDED = ["delete_messages", "restrict_members", "invite_users"]


def person(who: Any) -> Actor:
    return Actor(who.id, Languages().translator())


async def titles(app: App, olga: Any) -> list[str]:
    """What chats.json shows."""
    bot = (await app.house.bots.list(person(olga)))[0]
    return [chat.title for chat in await app.house.chats.pickable(person(olga), bot.id)]


async def known(app: App, chat_id: int) -> AdminChat | None:
    async with app.db.read() as tx:
        return await chats.get(tx, (await app.house.directory.all())[0].id, chat_id)


async def status(app: App) -> BotStatus:
    return (await app.house.directory.all())[0].status


async def test_the_list_follows_promotion_demotion_and_removal(tg: Sandbox, app: App, olga, service) -> None:
    club, news = tg.group("Chess club", owner=olga), tg.channel("News", owner=olga)
    await olga.add(service, club)
    assert await titles(app, olga) == []
    await olga.promote(service, club)
    await olga.add(service, news)
    assert await titles(app, olga) == ["Chess club", "News"]
    await olga.demote(service, club)
    assert await titles(app, olga) == ["News"]
    await olga.ban(service, news)
    assert await titles(app, olga) == []


async def test_what_is_known_of_a_chat(tg: Sandbox, app: App, olga, service) -> None:
    talk = tg.group("Talk", owner=olga)
    news = tg.channel("News", owner=olga, discussion=talk)
    ann = tg.user("Ann")
    await ann.join(news)
    await olga.add(service, news)
    chat = await known(app, news.id)
    assert chat is not None
    assert (chat.type, chat.members, chat.linked_chat_id, chat.added_by) == ("channel", 3, talk.id, olga.id)
    await ann.leave(news)
    assert (await known(app, news.id)).members == 2
    await olga.rename(news, "<b>Newer</b>")
    assert await titles(app, olga) == ["<b>Newer</b>"]


async def test_the_checklist_ticks_itself_off_and_goes(tg: Sandbox, app: App, olga, service, clock) -> None:
    club = tg.group("Chess club", owner=olga)
    await olga.add(service, club)
    sheet = tg.last(club)
    assert sheet.text.count("❌") == 3
    await olga.promote(service, club, ["delete_messages", "invite_users"])
    assert (sheet.text.count("✅"), sheet.text.count("❌")) == (2, 1)
    await olga.promote(service, club, NEEDED)
    assert "all the rights" in sheet.text
    assert "/settings" in sheet.text
    assert len(tg.messages(club)) == 1
    clock.advance(minutes=11)
    await tg.settle()
    await _until(lambda: sheet.deleted)
    await olga.promote(service, club, ["invite_users"])
    assert tg.last(club).text.count("❌") == 2, "rights that go again are said to be missing"


async def test_added_with_all_rights_by_the_link(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    club, news = tg.group("Chess club", owner=olga), tg.channel("News", owner=olga)
    await olga.click("Add to a group", chat=club)
    assert any("all the rights" in message.text for message in tg.messages(club))
    await olga.click("Add to a channel", chat=news)
    assert tg.messages(news) == [], "a channel's readers are not bothered"
    assert "all the rights I need in News" in tg.last(olga).text


async def test_a_channel_checklist_is_ticked_off_in_private(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    news = tg.channel("News & <more>", owner=olga)
    await olga.add(service, news, rights=["post_messages"])
    sheet = tg.last(olga)
    assert "News & <more>" in sheet.text
    assert sheet.text.count("❌") == 2
    await olga.promote(service, news, ["invite_users", "restrict_members"])
    assert "all the rights" in sheet.text


async def test_the_owner_is_warned_once_until_the_rights_are_back(
    tg: Sandbox, app: App, olga, service
) -> None:
    await olga.start(service)
    bob = tg.user("Bob")
    club = tg.group("Chess <club>", owner=olga)
    await bob.join(club)
    await olga.promote(bob, club, ["promote_members", "restrict_members", "invite_users"])
    await bob.add(service, club, rights=["invite_users"])
    assert await status(app) is BotStatus.ACTIVE
    await bob.demote(service, club)
    warnings = [m for m in tg.messages(olga) if "no administrator of Chess <club>" in m.text]
    assert len(warnings) == 1
    assert await status(app) is BotStatus.WARNING
    await bob.kick(service, club)
    assert len([m for m in tg.messages(olga) if "Chess <club>" in m.text]) == 1
    assert await status(app) is BotStatus.WARNING
    await bob.add(service, club, rights=["invite_users"])
    assert await status(app) is BotStatus.ACTIVE


async def test_an_owner_who_removes_his_bot_needs_no_warning(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    club = tg.group("Chess club", owner=olga)
    await olga.add(service, club, rights=NEEDED)
    await olga.kick(service, club)
    assert await status(app) is BotStatus.ACTIVE
    assert not any("removed" in message.text for message in tg.messages(olga))


async def test_a_missed_removal_is_noticed_when_the_list_is_asked_for(
    tg: Sandbox, app: App, olga, service, clock
) -> None:
    club = tg.group("Chess club", owner=olga)
    await olga.add(service, club, rights=NEEDED)
    club.chat.members[service.id].status = "left"  # no update: it was lost with a dropped webhook
    assert await titles(app, olga) == ["Chess club"], "it is looked at once a minute"
    clock.advance(minutes=2)
    assert await titles(app, olga) == []
    assert await status(app) is BotStatus.WARNING
    looks = len(tg.calls_of("getChatMember"))
    await titles(app, olga)
    assert len(tg.calls_of("getChatMember")) == looks


async def test_an_outage_while_verifying_changes_nothing(tg: Sandbox, app: App, olga, service, clock) -> None:
    club = tg.group("Chess club", owner=olga)
    await olga.add(service, club, rights=NEEDED)
    clock.advance(minutes=2)
    fault = tg.faults.error(500, method="getChatMember", count=None)
    assert await titles(app, olga) == ["Chess club"]
    tg.faults.remove(fault)


async def test_a_chat_from_before_is_learnt_by_its_news(tg: Sandbox, start_app, olga, service) -> None:
    club = tg.group("Chess club", owner=olga)
    await olga.add(service, club, rights=NEEDED)
    service.bot.feed.drop_pending()
    async with start_app(bot_token=service.token, owner_ids=frozenset({olga.id})) as app:
        await tg.user("Ann").join(club)
        assert await titles(app, olga) == ["Chess club"]
        chat = await known(app, club.id)
        assert chat.members == 3
        assert chat.missing == ()


@pytest.mark.parametrize("first", ["from", "to"])
async def test_a_group_becomes_a_supergroup(tg: Sandbox, app: App, olga, service, first: str) -> None:
    club = tg.group("Chess club", owner=olga, kind="group")
    await olga.add(service, club, rights=["invite_users"])
    sheet, old = tg.last(club), club.id
    await tg.user("Ann").join(club)
    feed = service.bot.feed
    feed.allowed = feed.allowed - {"message"}
    await olga.upgrade(club)
    feed.allowed = feed.allowed | {"message"}
    await tg.user("Bob").join(club)  # news of the supergroup come before the news that it is one
    chat = {"id": club.id, "type": "supergroup", "title": "Chess club"}
    said = {"from": {"chat": chat, "migrate_from_chat_id": old}}
    said["to"] = {"chat": {**chat, "id": old, "type": "group"}, "migrate_to_chat_id": club.id}
    sender = {"id": olga.id, "is_bot": False, "first_name": "Olga"}
    for way in (first, *({"from", "to"} - {first})):
        await tg.inject(service, {"message": {"message_id": 99, "date": 1, "from": sender, **said[way]}})
    assert await known(app, old) is None
    found = await known(app, club.id)
    assert (found.type, found.admin, found.rights) == (
        "supergroup",
        True,
        {"can_invite_users", "can_manage_chat"},
    )
    assert found.added_by == olga.id
    assert await titles(app, olga) == ["Chess club"]
    await olga.promote(service, club, NEEDED)
    assert "❌" in sheet.text, "the old group's message is left alone"
    assert "all the rights" in tg.last(club).text


async def test_an_upgrade_learnt_from_a_refused_call(tg: Sandbox, app: App, olga, service) -> None:
    club = tg.group("Chess club", owner=olga, kind="group")
    await olga.add(service, club, rights=["invite_users"])
    old = club.id
    service.bot.feed.allowed = frozenset()
    await olga.upgrade(club)
    bot = (await app.house.directory.all())[0]
    async with app.house.chats._work() as work:
        work.send(bot.id, calls.delete(old, 1))
        work.send(bot.id, calls.send(old, Page("Hello")))
    await tg.settle()
    assert tg.last(club).text == "Hello"
    assert [call.params["chat_id"] for call in tg.calls_of("deleteMessage")] in ([], [old])
    assert (await known(app, club.id)).type == "supergroup"


async def test_chats_of_others_are_none_of_ones_business(tg: Sandbox, app: App, olga, service) -> None:
    eve = tg.user("Eve")
    bot = (await app.house.directory.all())[0]
    with pytest.raises(NotAllowed):
        await app.house.chats.administered(person(eve), bot.id)
    club = tg.group("Chess club", owner=olga)
    await olga.add(service, club, rights=NEEDED)
    assert await app.house.chats.mine(person(eve), bot.id) == []
    await eve.join(club)
    await olga.promote(eve, club, ["invite_users"])
    assert [chat.title for chat in await app.house.chats.mine(person(eve), bot.id)] == ["Chess club"]
    await olga.demote(eve, club)
    assert await app.house.chats.mine(person(eve), bot.id) == []


async def _until(true: Any, seconds: float = 60.0) -> None:
    import asyncio

    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


async def test_older_news_change_nothing(tg: Sandbox, app: App, olga, service) -> None:
    club = tg.group("Chess club", owner=olga)
    await olga.add(service, club, rights=NEEDED)
    late = next(u.body["my_chat_member"] for u in reversed(service.updates) if u.kind == "my_chat_member")
    left = {**late, "date": late["date"] - 60, "old_chat_member": late["new_chat_member"]}
    left["new_chat_member"] = {"user": late["new_chat_member"]["user"], "status": "left"}
    await tg.inject(service, {"my_chat_member": left})
    assert await titles(app, olga) == ["Chess club"]
    assert await status(app) is BotStatus.ACTIVE


@pytest.mark.parametrize("fault", [{"kind": "flood"}, {"kind": "error"}, {"kind": "error", "status": 400}])
async def test_telegram_fails_while_a_promotion_is_looked_into(
    tg: Sandbox, app: App, olga, service, fault: Any
) -> None:
    club = tg.group("Chess club", owner=olga)
    tg.faults.add(fault["kind"], status=fault.get("status", 500), method="getChat", count=2)
    await olga.add(service, club, rights=NEEDED)
    assert await titles(app, olga) == ["Chess club"]
    chat = await known(app, club.id)
    assert (chat.members, chat.missing) == (2, ())


async def test_removed_while_being_looked_at(tg: Sandbox, app: App, olga, service) -> None:
    club = tg.group("Chess club", owner=olga)
    with tg.no_settle():
        await olga.add(service, club, rights=NEEDED)
        await olga.kick(service, club)
    await tg.settle()
    assert await titles(app, olga) == []
    assert (await known(app, club.id)).present is False


async def test_news_come_after_a_call_was_refused(tg: Sandbox, app: App, olga, service) -> None:
    """The bot was thrown out unheard; the first call that is refused tells."""
    await olga.start(service)
    bob = tg.user("Bob")
    club = tg.group("Chess club", owner=bob)
    await bob.add(service, club, rights=NEEDED)
    club.chat.members[service.id].status = "kicked"
    bot = (await app.house.directory.all())[0]
    async with app.house.chats._work() as work:
        work.send(bot.id, calls.send(club.id, Page("Hello")))
        work.send(bot.id, calls.send(club.id, Page("Hello?")))
    await tg.settle()
    assert await status(app) is BotStatus.WARNING
    assert len([m for m in tg.messages(olga) if "was removed from Chess club" in m.text]) == 1


async def test_who_blocks_the_bot_is_not_written_to(tg: Sandbox, app: App, olga, service) -> None:
    await olga.start(service)
    bob = tg.user("Bob")
    club = tg.group("Chess club", owner=bob)
    await bob.add(service, club, rights=NEEDED)
    await olga.block(service)
    await bob.demote(service, club)
    assert not [call for call in tg.calls_of("sendMessage") if "administrator of" in call.params["text"]]
    await olga.start(service)
    await bob.promote(service, club, NEEDED)
    await bob.demote(service, club)
    assert "no administrator of Chess club" in tg.last(olga).text


async def test_a_warning_speaks_the_owners_language(tg: Sandbox, app: App, olga, service) -> None:
    """Whoever took the rights may speak another."""
    await olga.start(service)
    olena = tg.user("Олена", language="ru")
    club = tg.group("Клуб", owner=olena)
    await olena.add(service, club, rights=NEEDED)
    await olena.ban(service, club)
    assert "was removed from Клуб" in tg.last(olga).text
