"""What affiliates earn, what is paid out to them, and the credit members can spend."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from storage.schema import metadata
from storage.types import Id, Instant, serial

commission = Table(
    "commission",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("affiliate_member_id", BigInteger, nullable=False),
    Column("invitee_id", BigInteger, nullable=False),
    Column("payment_id", Id, nullable=False),
    Column("level", Integer, nullable=False),  # 1: brought the payer himself
    Column("percent", String(8), nullable=False),
    Column("amount", BigInteger, nullable=False),  # minor units
    Column("currency", String(8), nullable=False),
    Column("at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),  # after the refund window
    Column("reversed_at", Instant),  # the money went back
    Column("told_at", Instant),  # when the affiliate was told
    Index("uq_commission_payment", "payment_id", "level", unique=True),
    Index("ix_commission_affiliate", "bot_id", "affiliate_member_id"),
    Index("ix_commission_told", "told_at"),
)

# What affiliates were paid or ask for. What is due to one is the sum of his commissions less these.
payout = Table(
    "payout",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),  # minor units
    Column("currency", String(8), nullable=False),
    Column("state", String(10), nullable=False),  # requested | paid | declined
    Column("how", String(16), nullable=False),  # owner | credit
    Column("note", String(200)),
    Column("at", Instant, nullable=False),
    Column("settled_at", Instant),
    Index("ix_payout_list", "bot_id", "state", "id"),
    Index("ix_payout_member", "bot_id", "member_id"),
)

# Credit a member can pay with. The sum of his entries of a currency is what he has.
credit_entry = Table(
    "credit_entry",
    metadata,
    serial(),
    Column("bot_id", Id, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),  # minor units; negative when spent
    Column("currency", String(8), nullable=False),
    Column("reason", String(16), nullable=False),  # gift | payout | order | refund
    Column("source_id", Id),  # of the reason's kind; with it, unique. A gift has none
    Column("at", Instant, nullable=False),
    Index("uq_credit_entry", "bot_id", "member_id", "reason", "source_id", unique=True),
)
