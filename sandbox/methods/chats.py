"""Chats as a whole: reading, leaving, title, description, photo, permissions."""

from __future__ import annotations

from sandbox.errors import bad_request
from sandbox.filestore import input_file, media_json
from sandbox.membership import leave
from sandbox.methods.members import expand
from sandbox.methods.targets import require_inside, target_chat, target_user
from sandbox.model import Chat, Json
from sandbox.params import Call, method
from sandbox.posting import post_service
from sandbox.render import full_chat_json
from sandbox.rights import has_right, may

RENAMES = "not enough rights to change chat title"


@method("getChat")
def get_chat(call: Call) -> Json:
    value = call.params.text("chat_id") or ""
    if value.startswith("@"):
        found = call.world.by_username(value)
        if isinstance(found, Chat):
            # Public chats can be looked at from outside.
            return full_chat_json(found, call.bot)
    return full_chat_json(target_chat(call), call.bot)


@method("leaveChat")
def leave_chat(call: Call) -> bool:
    chat = target_chat(call)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    leave(call.world, chat, call.bot)
    return True


@method("setChatTitle")
def set_chat_title(call: Call) -> bool:
    chat = _changeable(call, RENAMES)
    title = call.params.text("title") or ""
    if not 1 <= len(title.strip()) <= 128:
        raise bad_request("CHAT_TITLE_EMPTY" if not title.strip() else "title is too long")
    if title == chat.title:
        raise bad_request("CHAT_NOT_MODIFIED")
    chat.title = title
    post_service(call.world, chat, call.bot, "new_chat_title", {"new_chat_title": title})
    call.world.notify("chat", chat)
    return True


@method("setChatDescription")
def set_chat_description(call: Call) -> bool:
    chat = _changeable(call, "not enough rights to set chat description")
    description = call.params.text("description")
    if description is not None and len(description) > 255:
        raise bad_request("chat description is too long")
    if description == chat.description:
        raise bad_request("chat description is not modified")
    chat.description = description
    call.world.notify("chat", chat)
    return True


@method("setChatPhoto")
def set_chat_photo(call: Call) -> bool:
    chat = _changeable(call, "not enough rights to change chat photo")
    photo = media_json(input_file(call.world, call.params, "photo", call.params.raw("photo"), "photo"))
    post_service(call.world, chat, call.bot, "new_chat_photo", {"new_chat_photo": photo})
    return True


@method("deleteChatPhoto")
def delete_chat_photo(call: Call) -> bool:
    chat = _changeable(call, "not enough rights to change chat photo")
    post_service(call.world, chat, call.bot, "delete_chat_photo", {"delete_chat_photo": True})
    return True


@method("setChatPermissions")
def set_chat_permissions(call: Call) -> bool:
    chat = target_chat(call)
    if not chat.is_group:
        raise bad_request("can't change private chat permissions")
    if not has_right(require_inside(call.bot, chat), "can_restrict_members"):
        raise bad_request("not enough rights to change chat permissions")
    wanted = call.params.object("permissions")
    if wanted is None:
        raise bad_request("permissions is not specified")
    permissions = expand(wanted, independent=call.params.flag("use_independent_chat_permissions"))
    if permissions == chat.permissions:
        raise bad_request("CHAT_NOT_MODIFIED")
    chat.permissions = permissions
    call.world.notify("chat", chat)
    return True


def _changeable(call: Call, words: str) -> Chat:
    chat = target_chat(call)
    if chat.is_private:
        raise bad_request("can't change private chat title")
    member = require_inside(call.bot, chat)
    allowed = has_right(member, "can_change_info") or (
        chat.is_group and may(chat, call.bot, "can_change_info")
    )
    if not allowed:
        raise bad_request(words)
    return chat


@method("getUserProfilePhotos")
def get_user_profile_photos(call: Call) -> Json:
    target_user(call)
    return {"total_count": 0, "photos": []}
