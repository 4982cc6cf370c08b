"""Members, rights, links, join requests."""

from datetime import timedelta

import pytest

from sandbox import BotHandle, ChatHandle, Person, Sandbox, SandboxError
from tests.sandbox.tools import Api


async def test_joining_by_a_named_link(tg: Sandbox, api: Api, bob: Person, group: ChatHandle) -> None:
    link = await api("createChatInviteLink", chat_id=group.id, name="Ads")
    await api.listen()
    await bob.join(group, via=link["invite_link"])
    updates = await api.updates()
    change = next(update["chat_member"] for update in updates if "chat_member" in update)
    assert change["invite_link"]["name"] == "Ads"
    assert change["invite_link"]["invite_link"] == link["invite_link"]
    assert change["old_chat_member"]["status"] == "left"
    assert change["new_chat_member"]["status"] == "member"
    service = next(update["message"] for update in updates if "message" in update)
    assert service["new_chat_members"][0]["id"] == bob.id
    assert tg.members(group) == ["Ann Reed", "Gate", "Bob"]


async def test_links_of_others_are_shortened(api: Api, ann: Person, bob: Person, group: ChatHandle) -> None:
    await api.listen()
    url = await ann.create_link(group, name="Hers")
    await bob.join(via=url)
    change = await api.update("chat_member")
    assert change["invite_link"]["invite_link"].endswith("...")
    assert change["invite_link"]["name"] == "Hers"


async def test_links_expire_fill_up_and_are_revoked(
    tg: Sandbox, api: Api, ann: Person, bob: Person, group: ChatHandle
) -> None:
    cem = tg.user("Cem")
    once = (await api("createChatInviteLink", chat_id=group.id, member_limit=1))["invite_link"]
    await bob.join(via=once)
    with pytest.raises(SandboxError, match="expired"):
        await cem.join(via=once)
    await bob.leave(group)
    await cem.join(via=once)
    soon = int(tg.clock.time()) + 60
    short = (await api("createChatInviteLink", chat_id=group.id, expire_date=soon))["invite_link"]
    tg.clock.advance(minutes=2)
    with pytest.raises(SandboxError, match="expired"):
        await bob.join(via=short)
    link = (await api("createChatInviteLink", chat_id=group.id))["invite_link"]
    revoked = await api("revokeChatInviteLink", chat_id=group.id, invite_link=link)
    assert revoked["is_revoked"]
    with pytest.raises(SandboxError, match="expired"):
        await bob.join(via=link)
    words = await api.error(
        "createChatInviteLink", chat_id=group.id, member_limit=1, creates_join_request=True
    )
    assert words == (
        "Bad Request: member limit can't be specified for links requiring administrator approval"
    )


async def test_join_requests(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle
) -> None:
    made = await api("createChatInviteLink", chat_id=group.id, creates_join_request=True, name="Gate")
    link = made["invite_link"]
    assert await api.error("approveChatJoinRequest", chat_id=group.id, user_id=bob.id) == (
        "Bad Request: HIDE_REQUESTER_MISSING"
    )
    await api.listen()
    await bob.request(group, via=link)
    request = await api.update("chat_join_request")
    assert request["user_chat_id"] == bob.id
    assert request["invite_link"]["pending_join_request_count"] == 1
    await api("sendMessage", chat_id=bob.id, text="Wait a moment")
    tg.clock.advance(minutes=6)
    assert await api.error("sendMessage", chat_id=bob.id, text="x") == (
        "Forbidden: bot can't initiate conversation with a user"
    )
    await api("approveChatJoinRequest", chat_id=group.id, user_id=bob.id)
    assert group.has(bob)
    assert await api.error("approveChatJoinRequest", chat_id=group.id, user_id=bob.id) == (
        "Bad Request: USER_ALREADY_PARTICIPANT"
    )
    cem = tg.user("Cem")
    await cem.join(group, via=link)
    await ann.decline(cem, group)
    assert not group.requests


async def test_join_request_queries_are_answered_within_ten_seconds(
    tg: Sandbox, ann: Person, bob: Person
) -> None:
    guard = tg.bot("guard_bot", supports_join_request_queries=True)
    group = tg.group("Club", owner=ann, join_by_request=True)
    await ann.add(guard, group, rights="all")
    await ann.set_guard(group, guard)
    async with Api(tg, guard) as api:
        await bob.request(group)
        query = (await api.update("chat_join_request"))["query_id"]
        await api("answerChatJoinRequestQuery", chat_join_request_query_id=query, result="approve")
        assert group.has(bob)
        cem = tg.user("Cem")
        await cem.request(group)
        query = (await api.update("chat_join_request"))["query_id"]
        tg.clock.advance(seconds=11)
        words = await api.error(
            "answerChatJoinRequestQuery", chat_join_request_query_id=query, result="decline"
        )
        assert words.startswith("Bad Request: query is too old")


async def test_banning(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle
) -> None:
    async def error(method: str, who: int) -> str:
        return await api.error(method, chat_id=group.id, user_id=who)

    assert await error("banChatMember", ann.id) == "Bad Request: can't remove chat owner"
    assert await error("banChatMember", bot.id) == "Bad Request: can't restrict self"
    assert await error("banChatMember", 4711) == "Bad Request: user not found"
    await bob.join(group)
    await ann.promote(bob, group)
    assert await error("banChatMember", bob.id) == ("Bad Request: user is an administrator of the chat")
    await ann.demote(bob, group)
    await bob.send(group, "spam")
    until = int(tg.clock.time()) + 3600
    await api("banChatMember", chat_id=group.id, user_id=bob.id, until_date=until)
    assert group.status(bob) == "kicked"
    assert tg.last(group).text == "spam"
    with pytest.raises(SandboxError, match="banned"):
        await bob.join(group)
    tg.clock.advance(hours=2)
    assert group.status(bob) == "left"
    await bob.join(group)
    await api("unbanChatMember", chat_id=group.id, user_id=bob.id, only_if_banned=True)
    assert group.has(bob)
    await api("unbanChatMember", chat_id=group.id, user_id=bob.id)
    assert group.status(bob) == "left"
    await ann.promote(bot, group, ["delete_messages"])
    assert await error("banChatMember", bob.id) == (
        "Bad Request: not enough rights to restrict/unrestrict chat member"
    )


async def test_restricting(tg: Sandbox, api: Api, bob: Person, group: ChatHandle) -> None:
    await bob.join(group)
    muted = {"chat_id": group.id, "user_id": bob.id, "permissions": {}}
    await api("restrictChatMember", **muted)
    assert group.status(bob) == "restricted"
    await bob.leave(group)
    await bob.join(group)
    assert group.status(bob) == "restricted"
    words = {"can_send_messages": True}
    await api("restrictChatMember", **{**muted, "permissions": words})
    await bob.send(group, "I may talk")
    with pytest.raises(SandboxError, match="may not write"):
        await bob.send(group, photo=True)
    member = await api("getChatMember", chat_id=group.id, user_id=bob.id)
    assert member["status"] == "restricted"
    assert member["can_send_photos"] is False


async def test_restricting_works_in_supergroups_only(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle
) -> None:
    small = tg.group("Small", owner=ann, kind="group")
    await ann.add(bot, small, rights="all")
    words = await api.error("restrictChatMember", chat_id=small.id, user_id=bob.id, permissions={})
    assert words == "Bad Request: method is available only for supergroups"


async def test_promoting(api: Api, ann: Person, bob: Person, bot: BotHandle, group: ChatHandle) -> None:
    await bob.join(group)
    here = {"chat_id": group.id, "user_id": bob.id}
    assert await api.error("promoteChatMember", **here, can_delete_messages=True) == (
        "Bad Request: not enough rights"
    )
    await ann.promote(bot, group, ["promote_members", "delete_messages"])
    await api("promoteChatMember", **here, can_delete_messages=True)
    await api("setChatAdministratorCustomTitle", **here, custom_title="Mod")
    admins = await api("getChatAdministrators", chat_id=group.id)
    assert [admin["user"]["id"] for admin in admins] == [ann.id, bot.id, bob.id]
    assert admins[2]["custom_title"] == "Mod"
    assert await api.error("promoteChatMember", **here, can_pin_messages=True) == (
        "Bad Request: RIGHT_FORBIDDEN"
    )
    await api("promoteChatMember", **here)
    assert group.status(bob) == "member"


async def test_upgrading_a_group(tg: Sandbox, api: Api, ann: Person, bot: BotHandle) -> None:
    group = tg.group("Old", owner=ann, kind="group")
    await ann.add(bot, group)
    old = group.id
    await api.listen()
    await ann.upgrade(group)
    messages = [update["message"] for update in await api.updates() if "message" in update]
    assert [m.get("migrate_to_chat_id", m.get("migrate_from_chat_id")) for m in messages] == [
        group.id,
        old,
    ]
    status, body = await api.answer("sendMessage", chat_id=old, text="x")
    assert status == 400
    assert body["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert body["parameters"] == {"migrate_to_chat_id": group.id}
    await api("sendMessage", chat_id=group.id, text="x")


async def test_channels_take_posts_from_administrators(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle
) -> None:
    talk = tg.group("Talk", owner=ann)
    channel = tg.channel("News", owner=ann, username="the_news", discussion=talk)
    await ann.add(bot, channel, rights=["post_messages"])
    await ann.add(bot, talk, rights="all")
    await api.listen()
    await ann.post(channel, "Hello")
    updates = await api.updates()
    post = next(update["channel_post"] for update in updates if "channel_post" in update)
    assert post["sender_chat"]["id"] == channel.id
    assert "from" not in post
    forwarded = next(u["message"] for u in updates if u.get("message", {}).get("is_automatic_forward"))
    assert forwarded["from"]["id"] == 777000
    assert forwarded["forward_origin"]["message_id"] == post["message_id"]
    await api("sendMessage", chat_id="@the_news", text="from the bot")
    assert not any("channel_post" in update for update in await api.updates())
    await bob.join(via="https://t.me/the_news")
    with pytest.raises(SandboxError, match="may not post"):
        await bob.post(channel, "me too")
    await ann.promote(bot, channel, ["invite_users"])
    assert await api.error("sendMessage", chat_id=channel.id, text="x") == (
        "Bad Request: need administrator rights in the channel chat"
    )


async def test_anonymous_administrators_and_channel_senders(
    tg: Sandbox, api: Api, ann: Person, bob: Person, group: ChatHandle
) -> None:
    await ann.set_anonymous(group)
    await api.listen()
    await ann.send(group, "who am I")
    message = await api.update("message")
    assert message["from"]["username"] == "GroupAnonymousBot"
    assert message["sender_chat"]["id"] == group.id
    await bob.join(group)
    blog = tg.channel("Blog", owner=bob)
    await api.updates()
    await bob.send(group, "as my channel", as_channel=blog)
    assert (await api.update("message"))["sender_chat"]["id"] == blog.id
    await api("banChatSenderChat", chat_id=group.id, sender_chat_id=blog.id)
    with pytest.raises(SandboxError, match="Blog is banned"):
        await bob.send(group, "again", as_channel=blog)


async def test_forum_topics(tg: Sandbox, api: Api, ann: Person, bot: BotHandle) -> None:
    forum = tg.group("Forum", owner=ann, forum=True)
    await ann.add(bot, forum, rights="all")
    topic = await api("createForumTopic", chat_id=forum.id, name="Openings")
    thread = topic["message_thread_id"]
    await api("sendMessage", chat_id=forum.id, message_thread_id=thread, text="e4")
    assert tg.last(forum).topic == thread
    assert tg.last(forum).json["is_topic_message"] is True
    await api("closeForumTopic", chat_id=forum.id, message_thread_id=thread)
    words = await api.error("sendMessage", chat_id=forum.id, message_thread_id=thread, text="e5")
    assert words == "Bad Request: TOPIC_CLOSED"
    words = await api.error("sendMessage", chat_id=forum.id, message_thread_id=4711, text="e5")
    assert words == "Bad Request: message thread not found"


async def test_bans_of_a_day(tg: Sandbox, ann: Person, bob: Person, group: ChatHandle) -> None:
    await bob.join(group)
    await ann.ban(bob, group, until=timedelta(days=1))
    tg.clock.advance(days=1, seconds=1)
    await bob.join(group)
    assert group.has(bob)


async def test_subscription_links_cost_stars(
    tg: Sandbox, api: Api, ann: Person, bob: Person, bot: BotHandle
) -> None:
    channel = tg.channel("News", owner=ann)
    await ann.add(bot, channel)
    made = await api(
        "createChatSubscriptionInviteLink",
        chat_id=channel.id,
        subscription_period=2_592_000,
        subscription_price=60,
    )
    await bob.join(via=made["invite_link"])
    assert bob.stars == 40
    member = await api("getChatMember", chat_id=channel.id, user_id=bob.id)
    assert member["until_date"] > tg.clock.time()
    poor = tg.user("Cem", stars=3)
    with pytest.raises(SandboxError, match="not enough Stars"):
        await poor.join(via=made["invite_link"])
