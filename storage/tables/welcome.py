"""Who has just come to a chat, so that many at once are greeted together."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from storage.schema import metadata
from storage.types import Id, Instant

greeting = Table(
    "greeting",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("due_at", Instant),  # when those who wait are greeted together
    Column("farewell_at", Instant),  # begin of the present run of goodbyes
    Column("farewells", Integer, nullable=False),
    Index("ix_greeting_due", "due_at"),
)

newcomer = Table(
    "newcomer",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("name", String(256), nullable=False),
    Column("username", String(64)),
    Column("language_code", String(16)),
    Column("joined_at", Instant, nullable=False),
    Column("greeted_at", Instant),  # null: waits to be greeted with the others
)
