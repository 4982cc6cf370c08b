"""Reading members, banning, restricting, promoting."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.membership import change, standing, until_of
from sandbox.methods.targets import require_inside, require_right, target_chat, target_user
from sandbox.model import Chat, Json, Member, User
from sandbox.params import Call, method
from sandbox.render import member_json
from sandbox.rights import MEDIA_PERMISSIONS, PERMISSIONS, rights_of_kind

NO_RESTRICT = "not enough rights to restrict/unrestrict chat member"


@method("getChatMember")
def get_chat_member(call: Call) -> Json:
    chat = target_chat(call)
    user = target_user(call)
    if chat.is_private:
        return {"user": member_json(Member(user, "member"), chat)["user"], "status": "member"}
    if chat.is_channel and not require_inside(call.bot, chat).is_admin:
        raise bad_request("member list is inaccessible")
    return member_json(standing(call.world, chat, user), chat, call.bot)


@method("getChatAdministrators")
def get_chat_administrators(call: Call) -> list[Json]:
    chat = target_chat(call)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    with_bots = call.params.flag("return_bots")
    return [
        member_json(member, chat, call.bot)
        for member in chat.members.values()
        if member.is_admin and (with_bots or member.user is call.bot or not member.user.is_bot)
    ]


@method("getChatMemberCount")
def get_chat_member_count(call: Call) -> int:
    chat = target_chat(call)
    if chat.is_private:
        return 2
    return sum(1 for member in chat.members.values() if member.inside)


def _restrictable(call: Call, chat: Chat, user: User) -> Member:
    """The target's row when the bot may restrict it, in the order Telegram checks."""
    if user is call.bot:
        raise bad_request("can't restrict self")
    member = standing(call.world, chat, user)
    require_right(call, chat, "can_restrict_members", NO_RESTRICT)
    if member.status == "creator":
        raise bad_request("can't remove chat owner")
    if member.status == "administrator" and member.promoted_by != call.bot.id:
        raise bad_request("user is an administrator of the chat")
    return member


@method("banChatMember", "kickChatMember")
def ban_chat_member(call: Call) -> bool:
    chat = target_chat(call)
    if chat.is_private:
        raise bad_request("can't ban members in private chats")
    user = target_user(call)
    _restrictable(call, chat, user)
    until = until_of(call.world, call.params.integer("until_date") or 0)
    if chat.type == "group":
        until = 0
    change(call.world, chat, user, "kicked", actor=call.bot, until=until)
    # revoke_messages hides the history from the banned person only: their messages stay.
    return True


@method("unbanChatMember")
def unban_chat_member(call: Call) -> bool:
    chat = target_chat(call)
    if chat.type in ("private", "group"):
        raise bad_request("method is available for supergroup and channel chats only")
    user = target_user(call)
    member = standing(call.world, chat, user)
    if call.params.flag("only_if_banned") and member.status != "kicked":
        return True
    _restrictable(call, chat, user)
    if member.status != "left":
        change(call.world, chat, user, "left", actor=call.bot)
    return True


@method("restrictChatMember")
def restrict_chat_member(call: Call) -> bool:
    chat = target_chat(call)
    if chat.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    user = target_user(call)
    wanted = call.params.object("permissions")
    if wanted is None:
        raise bad_request("permissions is not specified")
    member = _restrictable(call, chat, user)
    permissions = expand(wanted, independent=call.params.flag("use_independent_chat_permissions"))
    until = until_of(call.world, call.params.integer("until_date") or 0)
    if member.status == "kicked":
        member.is_member = False
    if all(permissions.values()):
        change(call.world, chat, user, "member" if member.inside else "left", actor=call.bot)
    else:
        change(
            call.world,
            chat,
            user,
            "restricted",
            actor=call.bot,
            permissions=permissions,
            until=until,
        )
    return True


def expand(wanted: Json, *, independent: bool) -> dict[str, bool]:
    """Permissions as a full map.

    Unless they are independent, other messages imply all media, and any of them implies texts:
    ``use_independent_chat_permissions`` in the Bot API.
    """
    given = {name: bool(wanted.get(name)) for name in PERMISSIONS}
    for name in ("can_react_to_messages", "can_edit_tag"):
        given[name] = bool(wanted.get(name, wanted.get("can_send_messages")))
    given["can_manage_topics"] = bool(wanted.get("can_manage_topics", wanted.get("can_pin_messages")))
    if independent:
        return given
    if given["can_send_other_messages"] or given["can_add_web_page_previews"]:
        given |= dict.fromkeys((*MEDIA_PERMISSIONS, "can_send_messages"), True)
    if given["can_send_polls"] or any(given[name] for name in MEDIA_PERMISSIONS):
        given["can_send_messages"] = True
    return given


@method("promoteChatMember")
def promote_chat_member(call: Call) -> bool:
    chat = target_chat(call)
    if chat.is_private:
        raise bad_request("can't promote members in private chats")
    user = target_user(call)
    own = require_right(call, chat, "can_promote_members", "not enough rights")
    member = standing(call.world, chat, user)
    if member.status == "creator":
        raise bad_request("can't remove chat owner")
    if user is call.bot:
        raise bad_request("can't promote self")
    if member.status == "administrator" and member.promoted_by != call.bot.id:
        raise bad_request("CHAT_ADMIN_REQUIRED")
    if not member.inside:
        raise bad_request("USER_NOT_PARTICIPANT")
    rights = {name: call.params.flag(name) for name in rights_of_kind(chat)}
    if any(on and not own.rights.get(name) for name, on in rights.items()):
        raise bad_request("RIGHT_FORBIDDEN")
    if not any(rights.values()) and not call.params.flag("is_anonymous"):
        if member.status == "administrator":
            change(call.world, chat, user, "member", actor=call.bot)
        return True
    rights["can_manage_chat"] = True
    rights["is_anonymous"] = call.params.flag("is_anonymous")
    change(call.world, chat, user, "administrator", actor=call.bot, rights=rights)
    return True


@method("setChatAdministratorCustomTitle")
def set_chat_administrator_custom_title(call: Call) -> bool:
    chat = target_chat(call)
    if chat.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    user = target_user(call)
    title = call.params.text("custom_title") or ""
    member = standing(call.world, chat, user)
    if len(title) > 16:
        raise bad_request("ADMIN_RANK_INVALID")
    if member.status == "creator":
        raise bad_request("only creator can edit their custom title")
    if member.status != "administrator":
        raise bad_request("user is not an administrator")
    if member.promoted_by != call.bot.id:
        raise bad_request("not enough rights to change custom title of the user")
    member.title = title or None
    call.world.notify("chat", chat)
    return True


@method("setChatMemberTag")
def set_chat_member_tag(call: Call) -> bool:
    chat = target_chat(call)
    user = target_user(call)
    require_right(call, chat, "can_manage_tags", "not enough rights")
    tag = call.params.text("tag")
    if tag is not None and len(tag) > 16:
        raise bad_request("TAG_INVALID")
    standing(call.world, chat, user).tag = tag
    return True


@method("banChatSenderChat")
def ban_chat_sender_chat(call: Call) -> bool:
    chat = target_chat(call)
    require_right(call, chat, "can_restrict_members", NO_RESTRICT)
    sender_id = call.params.user_id("sender_chat_id")
    if sender_id not in call.world.chats:
        raise bad_request("chat not found")
    chat.banned_senders.add(sender_id)
    return True


@method("unbanChatSenderChat")
def unban_chat_sender_chat(call: Call) -> bool:
    chat = target_chat(call)
    require_right(call, chat, "can_restrict_members", NO_RESTRICT)
    chat.banned_senders.discard(call.params.user_id("sender_chat_id"))
    return True
