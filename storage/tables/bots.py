"""Bots, the chats they administer, who administers those, and who came and went."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from storage.schema import metadata
from storage.types import Id, Instant, json_column, serial

bot = Table(
    "bot",
    metadata,
    serial(),
    Column("telegram_id", BigInteger, nullable=False, unique=True),
    Column("owner_id", BigInteger, nullable=False, index=True),
    Column("public_id", String(32), nullable=False, unique=True),  # names the bot in webhook paths
    Column("username", String(64), nullable=False),
    Column("name", String(128), nullable=False),
    Column("token", LargeBinary, nullable=False),  # sealed
    Column("secret_digest", LargeBinary(32), nullable=False),  # of the webhook secret
    Column("status", Integer, nullable=False),  # 0 active, 1 warning, 3 deleted: as in the bots API
    Column("is_service", Boolean, nullable=False),
    Column("manages_bots", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("deleted_at", Instant),
)

admin_chat = Table(
    "admin_chat",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("type", String(16), nullable=False),
    Column("title", String(256), nullable=False),
    Column("username", String(64)),
    Column("present", Boolean, nullable=False),  # the bot is in the chat
    Column("admin", Boolean, nullable=False),  # … as an administrator
    json_column("rights"),  # names of the rights it has
    Column("lost_rights", Boolean, nullable=False),  # was an administrator, is not any more: status 1
    Column("members", Integer),  # as last told by Telegram, moved by joins and leaves
    Column("added_by", BigInteger),
    Column("linked_chat_id", BigInteger),
    Column("standing_at", Instant),  # Telegram's date of the newest news about the bot's own standing
    Column("checked_at", Instant, nullable=False),
    Column("admins_at", Instant),  # when `chat_admin` was last filled by getChatAdministrators
    Index("ix_admin_chat_chat", "chat_id"),
)

chat_admin = Table(
    "chat_admin",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("creator", Boolean, nullable=False),
    json_column("rights"),
)

journal = Table(
    "journal",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),  # join | leave | kick | ban | unban
    Column("change", Integer, nullable=False),  # of the member count: 1, -1, or 0 (banned from outside)
    Column("is_bot", Boolean, nullable=False),
    Column("actor_id", BigInteger, nullable=False),
    Column("source", String(64), nullable=False),  # link name, @username, request, added, unknown …
    Column("invite_link", String(128)),
    Column("link_name", String(64)),
    Column("via_request", Boolean, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_journal_chat_at", "bot_id", "chat_id", "at"),
    Index("ix_journal_user", "bot_id", "user_id", "at"),
    Index("uq_journal_update", "bot_id", "update_id", unique=True),
)

join_request = Table(
    "join_request",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("user_chat_id", BigInteger, nullable=False),
    Column("invite_link", String(128)),
    Column("link_name", String(64)),
    Column("state", String(16), nullable=False),  # waiting | approved | declined
    Column("requested_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Index("ix_join_request_waiting", "state", "requested_at"),
)

activity = Table(
    "activity",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("messages", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
)

activity_day = Table(
    "activity_day",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("day", Integer, primary_key=True),  # days since 1970, UTC
    Column("messages", Integer, nullable=False),
)
