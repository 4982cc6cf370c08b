"""The page's JSON shapes; ``page_api.md`` describes them."""

from __future__ import annotations

from sandbox.faults import Fault, Faults
from sandbox.gateway import CallRecord
from sandbox.limits import Limits
from sandbox.membership import standing
from sandbox.methods.bots import bot_text
from sandbox.model import Bot, Chat, InviteLink, Json, Member, User
from sandbox.world import World

SHOWN_RESULT = 2_000
"""Characters of a call's result that the page gets."""


def person_shape(user: User) -> Json:
    """Person."""
    return {
        "id": user.id,
        "name": user.full_name,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "username": user.username,
        "language": user.language_code,
        "premium": user.is_premium,
        "stars": user.stars,
        "color": user.id % 7,
    }


def bot_shape(bot: Bot) -> Json:
    """Bot."""
    webhook = bot.feed.webhook
    return {
        "id": bot.id,
        "name": bot.first_name,
        "username": bot.username,
        "color": bot.id % 7,
        "about": bot_text(bot, "short_description", ""),
        "description": bot_text(bot, "description", ""),
        "commands": {
            "private": commands_for(bot, "private", "", 0, 0, False),
            "group": commands_for(bot, "group", "", 0, 0, False),
        },
        "listening": bot.feed.listening,
        "pending": bot.feed.pending_count,
        "last_error": webhook.last_error_message if webhook else None,
    }


def commands_for(bot: Bot, kind: str, language: str, chat_id: int, user_id: int, admin: bool) -> list[Json]:
    """The commands a person is offered, by Telegram's order of scopes and languages."""
    scopes = [f"chat_member:{chat_id}:{user_id}"] if kind == "group" else []
    if kind == "group" and admin:
        scopes.append(f"chat_administrators:{chat_id}")
    scopes.append(f"chat:{chat_id}")
    if kind == "group":
        scopes += ["all_chat_administrators"] if admin else []
        scopes.append("all_group_chats")
    else:
        scopes.append("all_private_chats")
    for scope in (*scopes, "default"):
        for code in dict.fromkeys((language, "")):
            if commands := bot.commands.get((scope, code)):
                return commands
    return []


def chat_shape(world: World, chat: Chat) -> Json:
    """Chat."""
    body: Json = {
        "key": chat.key,
        "id": chat.id,
        "type": chat.type,
        "title": chat.title,
        "username": chat.username,
        "color": abs(chat.id) % 7,
        "forum": chat.is_forum,
        "topics": [{"id": topic.id, "name": topic.name} for topic in chat.topics.values()],
        "linked": chat.linked.key if chat.linked else None,
        "pinned": [message.uid for message in chat.pinned if not message.deleted],
        "gone": chat.gone,
    }
    if chat.person is not None and chat.bot is not None:
        return body | {
            "title": chat.bot.first_name,
            "username": chat.bot.username,
            "person": chat.person.id,
            "bot": chat.bot.id,
            "blocked": chat.blocked,
            "started": chat.started,
        }
    owner = next((m.user.id for m in chat.members.values() if m.status == "creator"), None)
    return body | {
        "owner": owner,
        "members": [_member_shape(standing(world, chat, m.user)) for m in list(chat.members.values())],
        "requests": [
            {
                "user": request.user.id,
                "bio": request.user.bio,
                "link": request.link.name if request.link else None,
            }
            for request in chat.requests.values()
        ],
        "links": [_link_shape(link) for link in chat.links.values()],
        "permissions": chat.permissions,
    }


def _member_shape(member: Member) -> Json:
    granted = member.permissions if member.status == "restricted" else member.rights
    return {
        "user": member.user.id,
        "status": member.status,
        "is_member": member.inside,
        "title": member.title,
        "anonymous": member.anonymous,
        "rights": [name for name, on in granted.items() if on],
        "until": member.until or None,
    }


def _link_shape(link: InviteLink) -> Json:
    return {
        "url": link.url,
        "name": link.name,
        "request": link.creates_join_request,
        "limit": link.member_limit or None,
        "expires": link.expire_date or None,
        "used": link.used,
        "revoked": link.revoked,
        "primary": link.primary,
        "creator": link.creator.id,
        "price": link.subscription_price or None,
    }


def call_shape(record: CallRecord) -> Json:
    """Call."""
    result = record.result
    if isinstance(result, dict | list) and len(str(result)) > SHOWN_RESULT:
        result = f"{str(result)[:SHOWN_RESULT]}…"
    error = f"{record.error.code} {record.error.description}" if record.error else None
    return {
        "n": record.number,
        "time": record.time,
        "bot": record.bot.id,
        "username": record.bot.username,
        "method": record.method,
        "params": record.params,
        "ok": record.ok,
        "result": result,
        "error": error,
        "fault": record.fault,
        "ms": round(record.seconds * 1000, 1),
    }


def faults_shape(faults: Faults, limits: Limits, *, duplicates: bool) -> Json:
    """Faults."""
    return {
        "active": [_fault_shape(fault) for fault in faults.active],
        "down": faults.down,
        "duplicates": duplicates,
        "flood": limits.flood,
        "counting": limits.counting,
        "refused": limits.refused.total(),
    }


def _fault_shape(fault: Fault) -> Json:
    return {
        "id": fault.id,
        "kind": fault.kind,
        "method": fault.method,
        "bot": fault.bot,
        "chat": fault.chat,
        "count": fault.count,
        "status": fault.status,
        "retry_after": fault.retry_after,
        "seconds": fault.seconds,
    }
