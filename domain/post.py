"""A message in a group, reduced to what checks and automatic answers look at."""

import msgspec


class Post(msgspec.Struct, frozen=True, gc=False):
    """One message (or its edited form). `text` is the text or the caption; `date` is in unix seconds.

    `links` are the addresses in it, also those behind words; `mentions` the @usernames. `kind` names what
    it carries besides text (`text`, `photo`, `story`, `contact` …). `sender_chat_id` is set when a chat
    speaks instead of a person, `automatic` for posts that came over from the linked channel.
    """

    bot_id: int
    update_id: int
    chat_id: int
    message_id: int
    user_id: int
    name: str
    username: str | None
    is_bot: bool
    text: str
    date: int
    kind: str = "text"
    edited: bool = False
    links: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    emojis: int = 0  # custom emojis, which are entities
    media_group_id: str | None = None
    forwarded: bool = False
    via_bot: bool = False
    buttons: bool = False
    sender_chat_id: int | None = None
    automatic: bool = False
    thread_id: int | None = None
    reply_to_user: int | None = None
    language_code: str | None = None

    @property
    def author_id(self) -> int:
        """Who answers for it: the person, or the chat that speaks."""
        return self.sender_chat_id or self.user_id

    @property
    def anonymous_admin(self) -> bool:
        """An administrator who speaks as the group itself."""
        return self.sender_chat_id == self.chat_id
