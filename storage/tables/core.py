"""Tables every feature shares: updates, outbox, events, settings, dialogs, people, accounts."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from storage.schema import metadata
from storage.types import Id, Instant, json_column, serial

processed_update = Table(
    "processed_update",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("update_id", BigInteger, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
)

failed_update = Table(
    "failed_update",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("update_id", BigInteger, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)

outbox = Table(
    "outbox",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("method", String(64), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("policy", String(16), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # queued | sending | unknown | failed; sent rows are gone
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("error", Text),
    # A call whose content is looked up when it is made, and whose fate is told to whoever asked for it:
    # `source` names him (`services.deferred`), `ref` is his row.
    Column("source", String(16)),
    Column("ref", BigInteger),
    # Taken in the order of ids, those of full lines left out without a look at the rows themselves.
    Index("ix_outbox_due", "state", "id", "due_at", "bot_id"),
    Index("uq_outbox_ref", "source", "ref", unique=True),
    # Delivery knows calls by id while it has them in line: when one is taken out of the table meanwhile (its
    # broadcast was stopped), its id must not become another's.
    sqlite_autoincrement=True,
)

kept_message = Table(
    "kept_message",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("message_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
)

event = Table(
    "event",
    metadata,
    serial(),
    Column("event_id", String(32), nullable=False, unique=True),
    Column("owner_id", BigInteger, nullable=False),
    Column("bot_id", Id),
    Column("kind", String(64), nullable=False),
    json_column("data"),
    Column("at", Instant, nullable=False),
    Index("ix_event_owner_at", "owner_id", "at"),
)

setting = Table(
    "setting",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),  # 0 is `_default`
    Column("feature", String(32), primary_key=True),
    json_column("data"),
    Column("changed_at", Instant, nullable=False),
)

dialog = Table(
    "dialog",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("step", String(64), nullable=False),
    json_column("data"),
    Column("changed_at", Instant, nullable=False),
)

person = Table(
    "person",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("first_name", String(128), nullable=False),
    Column("last_name", String(128)),
    Column("username", String(64)),
    Column("language_code", String(16)),
    Column("language", String(16)),  # chosen by the person; wins over `language_code`
    Column("started_at", Instant),  # first private message: the bot may write to them
    Column("blocked_at", Instant),
    Column("seen_at", Instant, nullable=False),
    Index("ix_person_username", "bot_id", "username"),
)

account = Table(
    "account",
    metadata,
    Column("owner_id", BigInteger, primary_key=True),  # the owner's Telegram id
    Column("created_at", Instant, nullable=False),
    Column("service_bot_id", Id),  # the bot that can write to the owner
)

api_key = Table(
    "api_key",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("owner_id", BigInteger, nullable=False, index=True),
    Column("bot_id", Id),  # set: the key opens this bot's membership API only
    Column("last4", String(4), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", Instant, nullable=False),
)

__all__ = [
    "account",
    "api_key",
    "dialog",
    "event",
    "failed_update",
    "kept_message",
    "lease",
    "outbox",
    "person",
    "processed_update",
    "setting",
]
