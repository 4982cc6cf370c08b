"""Automatic replies, and what was done about spam."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from storage.schema import metadata
from storage.types import Id, Instant, json_column, serial

auto_reply = Table(
    "auto_reply",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("chat_id", BigInteger, nullable=False),  # 0: all groups
    Column("private", Boolean, nullable=False),  # answers in the chat with the bot
    Column("enabled", Boolean, nullable=False),
    json_column("rule"),
    Column("created_at", Instant, nullable=False),
    Index("ix_auto_reply_chat", "bot_id", "chat_id"),
)

auto_reply_pause = Table(
    "auto_reply_pause",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("rule_id", Id, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("until", Instant, nullable=False, index=True),
)

guarded_chat = Table(
    "guarded_chat",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("since", Instant, nullable=False),
)

spam_hit = Table(
    "spam_hit",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("unit", String(32), primary_key=True),  # m<message id>, or a<media group id>: an album is one
    Column("message_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("author_id", BigInteger, nullable=False),  # a person, or (negative) a chat that speaks
    Column("name", String(160), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    json_column("links", server_default="[]"),  # addresses in it, also those behind words
    json_column("evidence"),
    Column("action", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # observed | acted | reported | restored | banned
    Column("at", Instant, nullable=False, index=True),
    Column("decided_by", String(160)),
    Index("ix_spam_hit_author", "bot_id", "chat_id", "author_id", "at"),
)

warned = Table(
    "warned",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    json_column("notes"),
    Column("changed_at", Instant, nullable=False),
)

approved = Table(
    "approved",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("by", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
)

banned = Table(
    "banned",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),  # 0: in all chats of the bot
    Column("user_id", BigInteger, primary_key=True),
    Column("name", String(160), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("by", BigInteger, nullable=False),
    Column("until", Instant),
    Column("at", Instant, nullable=False),
)

chat_lock = Table(
    "chat_lock",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    json_column("taken"),  # permissions of the chat that `/lock` took, to be given back
    json_column("given"),  # those that the last `/unlock` gave back: Telegram may not know yet
    Column("changed_at", Instant, nullable=False),
)

federation = Table(
    "federation",
    metadata,
    Column("owner_id", BigInteger, primary_key=True),  # bans count in all chats of this owner
    Column("since", Instant, nullable=False),
)

lesson = Table(
    "lesson",
    metadata,
    Column("owner_id", BigInteger, primary_key=True),
    Column("key", String(32), primary_key=True),  # hashes of a text's letters and of its addresses
    Column("spam", Boolean, nullable=False),  # what an administrator called it the last time
    json_column("mark"),  # hashes by which it is known again; the text itself is not kept
    Column("at", Instant, nullable=False),
    Index("ix_lesson_newest", "owner_id", "at", "key"),
)
