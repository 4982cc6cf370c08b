"""Campaigns: their links and clicks, the people they brought, and every step each of those took."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, column

from storage.schema import metadata
from storage.types import Id, Instant, json_column, serial

_LIVE = column("status") != 2

campaign = Table(
    "campaign",
    metadata,
    serial(),
    Column("owner_id", BigInteger, nullable=False),
    Column("bot_id", Id, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("code", String(16), nullable=False, unique=True),  # names it in start links and /go/
    Column("name", String(128), nullable=False),
    Column("status", Integer, nullable=False),  # 0 active, 1 paused, 2 deleted
    Column("text", Text, nullable=False),  # what is said after /start, in Telegram Markdown
    Column("media", String(32), nullable=False),  # `media.ref`, or empty
    Column("media_type", Integer, nullable=False),  # 0 none, 1 photo, 2 video
    Column("button", String(64), nullable=False),
    Column("link", String(2048), nullable=False),  # of the button; empty: the campaign's own invite link
    Column("unsub_window", Integer, nullable=False),  # seconds after `approve`; 0 never closes
    Column("auto_approve", Boolean, nullable=False),  # join requests of its leads
    Column("cost_micros", BigInteger),  # all the money spent on it, in millionths; null: not said
    Column("currency", String(3), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Index("ix_campaign_owner", "owner_id", "id"),
    Index("uq_campaign_live", "bot_id", "chat_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
)

campaign_link = Table(
    "campaign_link",
    metadata,
    serial(),
    Column("campaign_id", Id, nullable=False),
    Column("bot_id", Id, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("invite_link", String(128), nullable=False),
    Column("source", String(64), nullable=False),  # empty: the campaign's own link, behind its button
    Column("asks", Boolean, nullable=False),  # whoever follows it asks to join
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index("uq_campaign_link", "bot_id", "invite_link", unique=True),
    Index("ix_campaign_link_campaign", "campaign_id", "id"),
)

click = Table(
    "click",
    metadata,
    serial(),
    Column("token", String(16), nullable=False, unique=True),
    Column("campaign_id", Id, nullable=False),
    Column("click", Text, nullable=False),
    json_column("subs"),  # sub1 … sub5, those that were given
    Column("cost_micros", BigInteger),
    Column("created_at", Instant, nullable=False, index=True),
)

lead = Table(
    "lead",
    metadata,
    serial(),
    Column("owner_id", BigInteger, nullable=False),
    Column("campaign_id", Id, nullable=False),
    Column("bot_id", Id, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("status", Integer, nullable=False),  # `domain.leads.LeadStatus`
    Column("entry", Integer, nullable=False),  # the number of the entry it stands in
    Column("click", Text, nullable=False),
    json_column("subs"),
    Column("cost_micros", BigInteger),
    Column("source", String(64), nullable=False),
    Column("invite", String(128), nullable=False),
    Column("already_member", Boolean, nullable=False),
    Column("unsubscribed_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("status_at", Instant, nullable=False),
    Column("approved_at", Instant),  # the first time
    Index("uq_lead_person", "campaign_id", "user_id", unique=True),
    Index("ix_lead_owner", "owner_id", "id"),
    Index("ix_lead_status", "campaign_id", "status", "id"),
    Index("ix_lead_user", "bot_id", "user_id"),
)

lead_fact = Table(
    "lead_fact",
    metadata,
    serial(),
    Column("campaign_id", Id, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("key", String(64), nullable=False),  # `domain.leads.Fact.key`: the same fact is told once
    Column("kind", String(10), nullable=False),
    Column("at", Instant, nullable=False),  # Telegram's date
    Column("update_id", BigInteger, nullable=False),
    Column("click", Text, nullable=False),
    json_column("subs"),
    Column("cost_micros", BigInteger),
    Column("source", String(64), nullable=False),
    Column("invite", String(128), nullable=False),
    Column("actor_id", BigInteger, nullable=False),
    Column("member", Boolean, nullable=False),  # of a start: was inside already
    Index("uq_lead_fact", "campaign_id", "user_id", "key", unique=True),
)

lead_entry = Table(
    "lead_entry",
    metadata,
    serial(),
    Column("lead_id", Id, nullable=False),
    Column("campaign_id", Id, nullable=False),
    Column("key", String(64), nullable=False),  # of the fact it came by
    Column("number", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("at", Instant, nullable=False),  # the fact's date
    Column("noted_at", Instant, nullable=False),  # when we heard of it
    Column("click", Text, nullable=False),
    Column("source", String(64), nullable=False),
    Column("actor_id", BigInteger, nullable=False),
    Column("told", Boolean, nullable=False),  # to postbacks and the like
    Column("stands", Boolean, nullable=False),  # follows from all that is known; others count nowhere
    Column("event_id", String(32), nullable=False),  # empty: noted while the campaign was paused
    Index("uq_lead_entry_fact", "lead_id", "key", unique=True),
    Index("uq_lead_entry_number", "lead_id", "number", unique=True),
    Index("ix_lead_entry_campaign", "campaign_id", "status", "at"),
)
