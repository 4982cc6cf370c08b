"""Postbacks: which URL is called at which status, what is still to be called, and how each try went."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from storage.schema import metadata
from storage.types import Id, Instant, serial

postback_template = Table(
    "postback_template",
    metadata,
    Column("owner_id", BigInteger, primary_key=True),
    Column("campaign_id", Id, primary_key=True),  # 0: for all campaigns that have none of their own
    Column("status", Integer, primary_key=True),
    Column("url", String(2048), nullable=False),  # with macros
)

# A server that postbacks go to. Its health decides in which places they wait (`delivery.queues`).
postback_endpoint = Table(
    "postback_endpoint",
    metadata,
    serial(),
    Column("owner_id", BigInteger, nullable=False),
    Column("origin", String(300), nullable=False),  # scheme://host:port
    Column("failing_since", Instant),
    Column("failures", Integer, nullable=False),
    Column("paused_until", Instant, nullable=False),
    Column("slow", Boolean, nullable=False),
    Column("holder", String(32)),
    Column("held_until", Instant, nullable=False),
    Index("uq_postback_endpoint", "owner_id", "origin", unique=True),
)

postback = Table(
    "postback",
    metadata,
    serial(),
    Column("endpoint_id", Id, nullable=False),
    Column("owner_id", BigInteger, nullable=False),
    Column("campaign_id", Id, nullable=False),
    Column("lead_id", Id, nullable=False),  # 0: a test
    Column("entry", Integer, nullable=False),
    Column("status", Integer, nullable=False),  # the lead's
    Column("event_id", String(32), nullable=False, unique=True),
    Column("url", Text, nullable=False),  # macros filled in: the same at every try
    Column("state", String(10), nullable=False),  # waiting | delivered | dead
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    Index("ix_postback_queue", "endpoint_id", "state", "due_at"),
    Index("ix_postback_due", "state", "due_at"),
    Index("ix_postback_owner", "owner_id", "id"),
    Index("ix_postback_campaign", "campaign_id", "id"),
)

postback_attempt = Table(
    "postback_attempt",
    metadata,
    serial(),
    Column("postback_id", Id, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("status", Integer),  # of HTTP; null when no answer came
    Column("answer", LargeBinary),  # its first 4 KiB
    Column("error", String(16)),  # why no answer came: `domain.urls.NoAnswer.reason`
    Column("took_ms", Integer, nullable=False),
)
