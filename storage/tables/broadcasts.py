"""Writing to leads: triggered blocks, broadcasts with their recipients, media, and what a tariff allows."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, column

from storage.schema import metadata
from storage.types import Id, Instant, serial

_FOLLOWED = column("follow_up").is_not(None)  # few rows, and looked for again and again
_TRIED = column("error").is_not(None)  # few of those who wait

campaign_block = Table(
    "campaign_block",
    metadata,
    Column("campaign_id", Id, primary_key=True),
    Column("status", Integer, primary_key=True),
    Column("on", Boolean, nullable=False),
    Column("delay", Integer, nullable=False),  # seconds after the lead entered the status
    Column("text", Text, nullable=False),
    Column("media", String(32), nullable=False),
    Column("media_type", Integer, nullable=False),
    Column("button", String(64), nullable=False),
    Column("link", String(2048), nullable=False),
)

triggered_job = Table(
    "triggered_job",
    metadata,
    serial(),
    Column("owner_id", BigInteger, nullable=False),
    Column("campaign_id", Id, nullable=False),
    Column("lead_id", Id, nullable=False),
    Column("bot_id", Id, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("status", Integer, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(10), nullable=False),  # queued | sending | sent | failed | skipped | unknown
    Column("error", String(300)),
    Column("message_id", BigInteger),
    Column("state_at", Instant, nullable=False),
    Index("uq_triggered_job", "lead_id", "status", "entry", unique=True),
    Index("ix_triggered_job_due", "state", "due_at"),
    Index("ix_triggered_job_bot", "bot_id", "state", "due_at"),
    Index("ix_triggered_job_campaign", "campaign_id", "state"),
    Index("ix_triggered_job_owner", "owner_id", "state", "due_at"),
    sqlite_autoincrement=True,  # calls in flight mean jobs by id
)

broadcast = Table(
    "broadcast",
    metadata,
    serial(),
    Column("owner_id", BigInteger, nullable=False),
    Column("name", String(128), nullable=False),
    Column("status", Integer, nullable=False),  # 0 draft, 1 running, 2 done, 3 cancelled, 4 paused
    Column("statuses", Integer, nullable=False),  # bits of lead statuses
    Column("created_from", Instant),
    Column("created_to", Instant),
    Column("status_from", Instant),
    Column("status_to", Instant),
    Column("text", Text, nullable=False),
    Column("media", String(32), nullable=False),
    Column("media_type", Integer, nullable=False),
    Column("button", String(64), nullable=False),
    Column("link", String(2048), nullable=False),
    Column("paid", Boolean, nullable=False),  # faster, for Stars (`allow_paid_broadcast`)
    Column("reason", String(300)),  # why it paused by itself, in Telegram's words
    Column("board_bot_id", Id),  # where its progress is shown …
    Column("board_chat_id", BigInteger),  # … to whom
    Column("started_at", Instant),
    Column("created_at", Instant, nullable=False),
    Index("ix_broadcast_owner", "owner_id", "id"),
    Index("ix_broadcast_status", "status"),
    sqlite_autoincrement=True,  # the id of a deleted one must not be another's: old messages have its buttons
)

broadcast_scope = Table(
    "broadcast_scope",
    metadata,
    Column("broadcast_id", Id, primary_key=True),
    Column("campaign_id", Id, primary_key=True),
)

broadcast_recipient = Table(
    "broadcast_recipient",
    metadata,
    serial(),
    Column("broadcast_id", Id, nullable=False),
    Column("lead_id", Id, nullable=False),
    Column("bot_id", Id, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),  # queued | sending | sent | failed | skipped | unknown
    Column("error", String(300)),
    Column("message_id", BigInteger),
    Column("state_at", Instant, nullable=False),
    Column("follow_up", String(8)),  # edit | recall: still to be done with the sent message
    Index("uq_broadcast_recipient_lead", "broadcast_id", "lead_id", unique=True),
    Index("uq_broadcast_recipient_person", "broadcast_id", "bot_id", "user_id", unique=True),
    Index("ix_broadcast_recipient_state", "broadcast_id", "state", "bot_id", "id"),
    Index(
        "ix_broadcast_recipient_follow_up", "bot_id", "id", sqlite_where=_FOLLOWED, postgresql_where=_FOLLOWED
    ),
    Index(
        "ix_broadcast_recipient_tried", "broadcast_id", "state", sqlite_where=_TRIED, postgresql_where=_TRIED
    ),
    # Calls in flight mean recipients by id: after a reset or a stop, the id must not be somebody else's.
    sqlite_autoincrement=True,
)

# Manual messages on their way or sent, by UTC day: what the daily cap of a tariff counts.
broadcast_usage = Table(
    "broadcast_usage",
    metadata,
    Column("owner_id", BigInteger, primary_key=True),
    Column("day", Integer, primary_key=True),  # days since 1970
    Column("used", Integer, nullable=False),
)

media = Table(
    "media",
    metadata,
    Column("ref", String(32), primary_key=True),
    Column("owner_id", BigInteger, nullable=False, index=True),
    Column("type", Integer, nullable=False),  # 1 photo, 2 video
    Column("name", String(128), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("uq_media_content", "owner_id", "digest", unique=True),
)

# A file is uploaded once by each bot; after that its id at Telegram is enough.
media_file = Table(
    "media_file",
    metadata,
    Column("ref", String(32), primary_key=True),
    Column("bot_id", Id, primary_key=True),
    Column("file_id", String(256), nullable=False),
)

tariff = Table(
    "tariff",
    metadata,
    Column("owner_id", BigInteger, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("campaigns", Integer, nullable=False),  # live ones at most; 0 unlimited
    Column("broadcasts", Boolean, nullable=False),
    Column("daily_cap", Integer, nullable=False),  # manual messages a UTC day; 0 unlimited
    Column("paid_until", Instant),  # null: for ever
)
