"""What exists in the sandbox's Telegram: accounts, chats, members, links, messages.

Money is in `sandbox.money`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.money import Invoice, Payment
    from sandbox.updates import UpdateFeed

Json = dict[str, Any]

GROUP_ANONYMOUS_BOT_ID = 1087968824
CHANNEL_BOT_ID = 136817688
TELEGRAM_ID = 777000


@dataclass(eq=False, slots=True)
class User:
    """A person's account; :class:`Bot` adds what only bots have."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_premium: bool = False
    is_bot: bool = False
    bio: str | None = None
    stars: int = 0
    deactivated: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}" if self.last_name else self.first_name


@dataclass(eq=False, slots=True)
class Bot(User):
    """A bot made with BotFather, or a managed bot made through ``manager``."""

    token: str = ""
    privacy: bool = True
    can_join_groups: bool = True
    can_manage_bots: bool = False
    supports_join_request_queries: bool = False
    owner: User | None = None
    manager: Bot | None = None
    access: Json | None = None
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    """(kind, language) -> wording, kind being name, description or short_description."""
    menu_buttons: dict[int, Json] = field(default_factory=dict)
    default_rights: dict[str, Json] = field(default_factory=dict)
    next_message_id: int = 1
    # Filled by World.add_bot; a bot without a feed never exists outside its constructor.
    feed: UpdateFeed = field(init=False)


@dataclass(eq=False, slots=True)
class Member:
    """One account's standing in one chat."""

    user: User
    status: str = "left"
    rights: dict[str, bool] = field(default_factory=dict)
    permissions: dict[str, bool] = field(default_factory=dict)
    until: int = 0
    title: str | None = None
    tag: str | None = None
    anonymous: bool = False
    is_member: bool = True
    promoted_by: int = 0
    joined_by: InviteLink | None = None
    paid_until: int = 0

    @property
    def inside(self) -> bool:
        """Whether the account is in the chat now."""
        if self.status == "restricted":
            return self.is_member
        return self.status in ("creator", "administrator", "member")

    @property
    def is_admin(self) -> bool:
        return self.status in ("creator", "administrator")


@dataclass(eq=False, slots=True)
class InviteLink:
    """A chat invite link."""

    url: str
    chat: Chat
    creator: User
    creates_join_request: bool = False
    primary: bool = False
    revoked: bool = False
    name: str | None = None
    expire_date: int = 0
    member_limit: int = 0
    subscription_period: int = 0
    subscription_price: int = 0
    used: int = 0


@dataclass(eq=False, slots=True)
class JoinRequest:
    """A person waiting to be let in."""

    user: User
    chat: Chat
    date: int
    link: InviteLink | None = None
    query_id: str | None = None


@dataclass(eq=False, slots=True)
class Topic:
    """A forum topic."""

    id: int
    name: str
    icon_color: int = 7322096
    closed: bool = False


@dataclass(eq=False, slots=True)
class Message:
    """One message. ``content`` holds its Bot API fields (text, photo, entities, …) as JSON."""

    uid: int
    chat: Chat
    id: int
    date: int
    sender: User | None
    content: Json
    sender_chat: Chat | None = None
    thread_id: int | None = None
    reply_to: Message | None = None
    forward_origin: Json | None = None
    is_automatic_forward: bool = False
    album: str | None = None
    signature: str | None = None
    edit_date: int | None = None
    inline_keyboard: Json | None = None
    reply_keyboard: Json | None = None
    reactions: dict[int, list[str]] = field(default_factory=dict)
    deleted: bool = False
    ephemeral_id: int | None = None
    receiver: User | None = None
    service: str | None = None
    protected: bool = False
    invoice: Invoice | None = None
    payments: list[Payment] = field(default_factory=list)
    """Charges the message is about: paid through it, or told of by it."""
    post: Bot | None = None
    """The bot whose call made the message, when ``sender`` does not show it (channels)."""

    @property
    def author_id(self) -> int | None:
        return self.sender.id if self.sender else None


@dataclass(eq=False, slots=True)
class Chat:
    """A private chat of a person with a bot, a group, a supergroup or a channel."""

    key: str
    id: int
    type: str
    title: str | None = None
    username: str | None = None
    description: str | None = None
    members: dict[int, Member] = field(default_factory=dict)
    links: dict[str, InviteLink] = field(default_factory=dict)
    requests: dict[int, JoinRequest] = field(default_factory=dict)
    history: list[Message] = field(default_factory=list)
    by_id: dict[int, Message] = field(default_factory=dict)
    next_message_id: int = 1
    next_ephemeral_id: int = 1
    permissions: dict[str, bool] = field(default_factory=dict)
    linked: Chat | None = None
    is_forum: bool = False
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[Message] = field(default_factory=list)
    banned_senders: set[int] = field(default_factory=set)
    signatures: bool = False
    join_by_request: bool = False
    guard_bot: Bot | None = None
    slow_mode_delay: int = 0
    gone: bool = False
    # Private chats only:
    person: User | None = None
    bot: Bot | None = None
    started: bool = False
    blocked: bool = False
    writable_until: float = 0.0
    """Until when the bot may write without /start, thanks to a join request (5 minutes)."""

    @property
    def is_private(self) -> bool:
        return self.type == "private"

    @property
    def is_group(self) -> bool:
        return self.type in ("group", "supergroup")

    @property
    def is_channel(self) -> bool:
        return self.type == "channel"

    def member(self, user_id: int) -> Member | None:
        """Standing of an account, or None when it was never here."""
        return self.members.get(user_id)

    def has(self, user: User) -> bool:
        """Whether the account is in the chat now."""
        if self.is_private:
            return user is self.person or user is self.bot
        member = self.members.get(user.id)
        return member is not None and member.inside


@dataclass(eq=False, slots=True)
class StoredFile:
    """A file on the sandbox's server."""

    file_id: str
    unique_id: str
    path: str
    name: str
    mime: str
    data: bytes
    kind: str
    info: Json = field(default_factory=dict)
    """The Bot API object (PhotoSize, Video, …) without the keys every file has."""


@dataclass(eq=False, slots=True)
class Query:
    """Something a bot must answer in time: callback, pre-checkout or join-request query."""

    id: str
    kind: str
    bot: Bot
    user: User
    created: float
    message: Message | None = None
    request: JoinRequest | None = None
    answer: Json | None = None
    """What the bot answered; None until then."""
