"""The sandbox's objects as Bot API JSON."""

from __future__ import annotations

from sandbox.model import Bot, Chat, InviteLink, Json, Member, Message, User
from sandbox.rights import PERMISSIONS, rights_of_kind

LINK_PREFIX = "https://t.me/+"


def user_json(user: User) -> Json:
    """``User`` as seen in updates."""
    body: Json = {"id": user.id, "is_bot": user.is_bot, "first_name": user.first_name}
    if user.last_name:
        body["last_name"] = user.last_name
    if user.username:
        body["username"] = user.username
    if user.language_code and not user.is_bot:
        body["language_code"] = user.language_code
    if user.is_premium:
        body["is_premium"] = True
    return body


def me_json(bot: Bot) -> Json:
    """``User`` as ``getMe`` returns it."""
    return {
        **user_json(bot),
        "can_join_groups": bot.can_join_groups,
        "can_read_all_group_messages": not bot.privacy,
        "supports_inline_queries": False,
        "supports_guest_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": bot.can_manage_bots,
        "supports_join_request_queries": bot.supports_join_request_queries,
    }


def chat_json(chat: Chat) -> Json:
    """``Chat``."""
    body: Json = {"id": chat.id, "type": chat.type}
    if chat.person is not None:
        body["first_name"] = chat.person.first_name
        if chat.person.last_name:
            body["last_name"] = chat.person.last_name
        if chat.person.username:
            body["username"] = chat.person.username
        return body
    body["title"] = chat.title
    if chat.username:
        body["username"] = chat.username
    if chat.is_forum:
        body["is_forum"] = True
    if chat.type == "group":
        body["all_members_are_administrators"] = False
    return body


def full_chat_json(chat: Chat, bot: Bot) -> Json:
    """``ChatFullInfo`` as ``bot`` sees it."""
    body = chat_json(chat)
    body |= {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            chat.is_private,
        ),
    }
    if chat.username:
        body["active_usernames"] = [chat.username]
    if chat.person is not None and chat.person.bio:
        body["bio"] = chat.person.bio
    if chat.description:
        body["description"] = chat.description
    if chat.is_group:
        body["permissions"] = {name: chat.permissions.get(name, False) for name in PERMISSIONS}
        body["join_to_send_messages"] = chat.type == "supergroup"
    if chat.join_by_request:
        body["join_by_request"] = True
    if chat.guard_bot is not None:
        body["guard_bot"] = user_json(chat.guard_bot)
    if chat.slow_mode_delay:
        body["slow_mode_delay"] = chat.slow_mode_delay
    if chat.linked is not None:
        body["linked_chat_id"] = chat.linked.id
    pinned = [message for message in chat.pinned if not message.deleted]
    if pinned:
        body["pinned_message"] = message_json(pinned[-1])
    for link in chat.links.values():
        if link.primary and not link.revoked and link.creator is bot:
            body["invite_link"] = link.url
    return body


def member_json(member: Member, chat: Chat, viewer: Bot | None = None) -> Json:
    """``ChatMember``; ``viewer`` decides ``can_be_edited``."""
    body: Json = {"user": user_json(member.user), "status": member.status}
    if member.status == "creator":
        body["is_anonymous"] = member.anonymous
        if member.title:
            body["custom_title"] = member.title
    elif member.status == "administrator":
        body["can_be_edited"] = viewer is not None and member.promoted_by == viewer.id
        body["is_anonymous"] = member.anonymous
        body |= {name: member.rights.get(name, False) for name in rights_of_kind(chat)}
        if member.title:
            body["custom_title"] = member.title
    elif member.status == "restricted":
        body["is_member"] = member.is_member
        body |= {name: member.permissions.get(name, False) for name in PERMISSIONS}
        body["until_date"] = member.until
    elif member.status == "kicked":
        body["until_date"] = member.until
    elif member.status == "member" and member.paid_until:
        body["until_date"] = member.paid_until
    if member.tag and member.status in ("member", "restricted"):
        body["tag"] = member.tag
    return body


def link_json(link: InviteLink) -> Json:
    """``ChatInviteLink``."""
    body: Json = {
        "invite_link": link.url,
        "creator": user_json(link.creator),
        "creates_join_request": link.creates_join_request,
        "is_primary": link.primary,
        "is_revoked": link.revoked,
    }
    for name in (
        "name",
        "expire_date",
        "member_limit",
        "subscription_period",
        "subscription_price",
    ):
        if value := getattr(link, name):
            body[name] = value
    pending = sum(1 for request in link.chat.requests.values() if request.link is link)
    if pending:
        body["pending_join_request_count"] = pending
    return body


def shortened_link_json(link: InviteLink, viewer: Bot) -> Json:
    """``ChatInviteLink`` in updates: links of other administrators come with ``...`` at the end."""
    body = link_json(link)
    if link.creator is not viewer:
        body["invite_link"] = f"{link.url[: len(LINK_PREFIX) + 8]}..."
    return body


def message_json(message: Message, *, with_reply: bool = True) -> Json:
    """``Message``."""
    body: Json = {"message_id": message.id}
    if message.sender is not None:
        body["from"] = user_json(message.sender)
    if message.sender_chat is not None:
        body["sender_chat"] = chat_json(message.sender_chat)
    body |= {"date": message.date, "chat": chat_json(message.chat)}
    if message.thread_id is not None:
        body["message_thread_id"] = message.thread_id
        if message.chat.is_forum:
            body["is_topic_message"] = True
    if with_reply and message.reply_to is not None and not message.reply_to.deleted:
        body["reply_to_message"] = message_json(message.reply_to, with_reply=False)
    optional = {
        "edit_date": message.edit_date,
        "media_group_id": message.album,
        "author_signature": message.signature,
        "has_protected_content": message.protected or None,
        "forward_origin": message.forward_origin,
        "is_automatic_forward": message.is_automatic_forward or None,
    }
    body |= {name: value for name, value in optional.items() if value is not None}
    if message.ephemeral_id is not None and message.receiver is not None:
        body["ephemeral_message_id"] = message.ephemeral_id
        body["receiver_user"] = user_json(message.receiver)
    body |= message.content
    if message.inline_keyboard is not None:
        body["reply_markup"] = message.inline_keyboard
    return body
