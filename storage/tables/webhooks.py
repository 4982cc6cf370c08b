"""Webhooks of owners: where events are sent, what is still to be sent, and how each try went."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table

from storage.schema import metadata
from storage.types import Id, Instant, serial

webhook = Table(
    "webhook",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("url", String(2048), nullable=False),
    Column("url_digest", LargeBinary(32), nullable=False),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("old_secret", LargeBinary),  # sealed; signs, too, until `old_until`
    Column("old_until", Instant),
    Column("enabled", Boolean, nullable=False),
    Column("why_disabled", String(16)),  # gone | failing
    Column("failing_since", Instant),  # nothing arrived since then
    Column("failures", Integer, nullable=False),  # in a row
    Column("paused_until", Instant, nullable=False),  # the circuit breaker: nothing is sent before
    Column("slow", Boolean, nullable=False),  # its last answer took long
    Column("holder", String(32)),  # the process that sends to it, one delivery after the other …
    Column("held_until", Instant, nullable=False),  # … until then at most
    Column("created_at", Instant, nullable=False),
    Index("uq_webhook_url", "bot_id", "url_digest", unique=True),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    serial(),
    Column("webhook_id", Id, nullable=False),
    Column("bot_id", Id, nullable=False),
    Column("event_id", String(32), nullable=False),
    Column("kind", String(64), nullable=False),  # the event's public name
    Column("body", LargeBinary, nullable=False),  # the same bytes at every try
    Column("state", String(10), nullable=False),  # waiting | delivered | dead
    Column("attempts", Integer, nullable=False),  # since it was last put into the queue
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    Index("uq_webhook_delivery", "webhook_id", "event_id", unique=True),
    Index("ix_webhook_delivery_queue", "webhook_id", "state", "due_at"),
    Index("ix_webhook_delivery_due", "state", "due_at"),
    Index("ix_webhook_delivery_list", "webhook_id", "id"),
)

webhook_attempt = Table(
    "webhook_attempt",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("delivery_id", Id, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("status", Integer),  # of HTTP; null when no answer came
    Column("answer", LargeBinary),  # its first 4 KiB
    Column("error", String(16)),  # why no answer came: `domain.urls.NoAnswer.reason`
    Column("took_ms", Integer, nullable=False),
)
