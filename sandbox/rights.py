"""Administrator rights and member permissions, as Telegram names them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sandbox.model import Chat, Member, User

COMMON_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")
ALL_RIGHTS = (*COMMON_RIGHTS, *CHANNEL_RIGHTS, *GROUP_RIGHTS)

MEDIA_PERMISSIONS = (
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
)
PERMISSIONS = (
    "can_send_messages",
    *MEDIA_PERMISSIONS,
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
ADMINISTRATIVE_PERMISSIONS = (
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)

Rights = Literal["all"] | Iterable[str]


def rights_of_kind(chat: Chat) -> tuple[str, ...]:
    """The rights an administrator of this kind of chat can have."""
    return (*COMMON_RIGHTS, *(CHANNEL_RIGHTS if chat.is_channel else GROUP_RIGHTS))


def full_rights(chat: Chat, rights: Rights) -> dict[str, bool]:
    """Rights of an administrator as a complete map.

    ``"all"`` is every right but adding administrators and anonymity, which is what Telegram's
    own form ticks first. Short names (``"delete_messages"``) are accepted.
    """
    names = rights_of_kind(chat)
    if isinstance(rights, str):
        if rights != "all":
            raise ValueError(f'Rights are "all" or a list of names, not {rights!r}.')
        return {name: name != "can_promote_members" for name in names}
    wanted = {name if name.startswith(("can_", "is_")) else f"can_{name}" for name in rights}
    unknown = wanted - set(ALL_RIGHTS) - {"is_anonymous"}
    if unknown:
        raise ValueError(f"Telegram has no administrator right {sorted(unknown)[0]!r}.")
    return {name: name in wanted or name == "can_manage_chat" for name in names}


def default_permissions() -> dict[str, bool]:
    """What members of a new group may do."""
    return {name: name not in ("can_change_info", "can_manage_topics") for name in PERMISSIONS}


def has_right(member: Member | None, right: str) -> bool:
    """Whether an administrator (or owner) has the right."""
    if member is None:
        return False
    if member.status == "creator":
        return True
    return member.status == "administrator" and member.rights.get(right, False)


def may(chat: Chat, user: User, permission: str) -> bool:
    """Whether somebody inside a group may do what members' permissions govern."""
    member = chat.members.get(user.id)
    if member is None or not member.inside:
        return False
    if member.is_admin:
        # Administrators are above permissions, except for those that are rights as well.
        return permission not in ADMINISTRATIVE_PERMISSIONS or has_right(member, permission)
    if not chat.permissions.get(permission, False):
        return False
    return member.status != "restricted" or member.permissions.get(permission, False)
