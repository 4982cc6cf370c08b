"""Newcomers who have a question to answer, and raids."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table

from storage.schema import metadata
from storage.types import Id, Instant, json_column

verification = Table(
    "verification",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("state", String(16), nullable=False),  # waiting | owed | passed | gone
    Column("private_id", BigInteger, nullable=False),  # of a join request: where he is asked; 0: in the chat
    Column("expected", Boolean, nullable=False),  # a campaign lets him in, once he has answered
    Column("alone", Boolean, nullable=False),  # has a question of his own; else that of the board
    Column("wrong", Integer, nullable=False),  # answers
    Column("name", String(256), nullable=False),
    Column("language_code", String(16)),
    json_column("challenge"),
    json_column("movement"),  # the join, for the welcome that waits
    Column("came_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),  # when to look at the row again
)

# The question in the group that several newcomers share.
verification_board = Table(
    "verification_board",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    json_column("challenge"),
    Column("posted_at", Instant, nullable=False),
    Column("due_at", Instant, index=True),  # when it is to be brought up to date
)

raid = Table(
    "raid",
    metadata,
    Column("bot_id", Id, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    json_column("recent"),  # joins by which a raid is told
    Column("since", Instant),  # of the newest raid
    Column("until", Instant),  # of the present lockdown
    Column("acts", Boolean, nullable=False),
    Index("ix_raid_until", "until"),
)
