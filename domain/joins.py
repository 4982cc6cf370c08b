"""Somebody's standing in a chat changed: what kind of movement that is, and where a join came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.actor import Right
from domain.movements import MovementKind

FOLDER, REQUEST, ADDED, UNKNOWN = "folder", "request", "added", "unknown"
WAYS = frozenset({FOLDER, REQUEST, ADDED, UNKNOWN})


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account is in a chat. `inside` follows `is_member` for the restricted.

    `rights` are the names of its administrator rights, all of them for the creator. `restricted`: it may
    not do all that the chat allows its members.
    """

    inside: bool
    admin: bool = False
    creator: bool = False
    banned: bool = False
    rights: frozenset[str] = frozenset()
    restricted: bool = False


def standing_of(member: Mapping[str, Any]) -> Standing:
    """The standing a Bot API `ChatMember` describes."""
    match member["status"]:
        case "creator":
            return Standing(inside=True, admin=True, creator=True, rights=frozenset(Right))
        case "administrator":
            rights = (name for name, on in member.items() if name.startswith("can_") and on is True)
            return Standing(inside=True, admin=True, rights=frozenset(rights))
        case "member":
            return Standing(inside=True)
        case "restricted":
            return Standing(inside=bool(member.get("is_member")), restricted=True)
        case "kicked":
            return Standing(inside=False, banned=True)
        case _:
            return Standing(inside=False)


@dataclass(frozen=True, slots=True)
class ChatName:
    """A chat as updates name it. `type` is Telegram's: private, group, supergroup or channel."""

    id: int
    type: str
    title: str
    username: str | None = None


@dataclass(frozen=True, slots=True)
class MemberChange:
    """`chat_member` or `my_chat_member`: the standing of an account changed, by the doing of `actor_id`.

    `invite_link` and its name come with joins by link; `link_asks` is set when that link lets people in
    by request. `via_request` is Telegram's `via_join_request`: a request without any link.
    """

    chat: ChatName
    user_id: int
    first_name: str
    last_name: str | None
    username: str | None
    language_code: str | None
    is_bot: bool
    actor_id: int
    old: Standing
    new: Standing
    at: datetime
    update_id: int
    invite_link: str | None = None
    link_name: str | None = None
    link_asks: bool = False
    via_request: bool = False
    via_folder: bool = False

    @property
    def name(self) -> str:
        """First and last name, as Telegram shows them."""
        return f"{self.first_name} {self.last_name}" if self.last_name else self.first_name


def movement_of(old: Standing, new: Standing, *, by_self: bool) -> MovementKind | None:
    """What happened, seen from the chat; None when nobody came or went.

    Only the actor tells leaving from being removed: both end as `left`.
    """
    if new.inside:
        return None if old.inside else MovementKind.JOIN
    if new.banned:
        return None if old.banned else MovementKind.BAN
    if old.banned:
        return MovementKind.UNBAN
    if old.inside:
        return MovementKind.LEAVE if by_self else MovementKind.KICK
    return None


def source_of(change: MemberChange) -> str:
    """Where a join came from, in at most 64 characters.

    The name of the invite link, else the link, else the way: `folder`, `request` (without a link),
    `added` (by somebody), `@username` of a public chat, `unknown`. A link that is called like one of
    these ways counts under its address, so that the two are never mixed up.
    """
    if change.invite_link is not None:
        name = (change.link_name or "").strip()
        if name and name not in WAYS and not name.startswith("@"):
            return name[:64]
        return change.invite_link.removeprefix("https://")[:64]
    if change.via_folder:
        return FOLDER
    if change.via_request:
        return REQUEST
    if change.actor_id != change.user_id:
        return ADDED
    if change.chat.username:
        return f"@{change.chat.username}"
    return UNKNOWN
